/**
 * A session over the wire is a function of its seed, to the last byte: ids, timestamps and signatures, what the venue
 * says and when. Each session is run three times, and another seed differs.
 */
import { describe, expect, test } from 'vitest';
import { WIRED_TRADES } from '../../src/app/wired-places.ts';
import { openSession, type SessionOptions, tradingAt } from '../fixtures/wired.ts';
import { type Fault, strike } from '../fixtures/wired-faults.ts';

interface Case {
	readonly name: string;
	readonly options: SessionOptions;
	readonly faults?: readonly Fault[];
}

/** What was drawn for the road and for the venue, once more at each other place. */
const ELSEWHERE = WIRED_TRADES.filter((trades) => trades !== 'bybit');
const JITTER = { fromMs: 1, toMs: 20 };
const AT_BYBIT: readonly Case[] = [
	{ name: 'order entry over WS', options: { orderEntry: 'ws' } },
	{ name: 'order entry over REST, every request signed', options: { orderEntry: 'rest' } },
	{
		name: 'delays and breaks that are drawn',
		options: {
			limitFactor: 20,
			link: { requestMs: JITTER, replyMs: JITTER, faults: { loseReply: 0.02, resetAfterRequest: 0.02, cutSocket: 0.0005 } },
		},
	},
	{
		name: 'a venue with faults of many kinds',
		options: { limitFactor: 20 },
		faults: [
			{ name: 'drop-reply', parameters: { operation: 'order.', probability: 0.1 } },
			{ name: 'delay-request', parameters: { probability: 0.1, delayMs: 300, tailMs: 200 } },
			{ name: 'partial-batch', parameters: { form: 'scattered', probability: 0.2 } },
			{ name: 'reorder-frames', parameters: { channel: 'ws-private', probability: 0.2, window: 5 } },
			{ name: 'break-sequence', parameters: { form: 'gap', probability: 0.02 } },
			{ name: 'cut-socket', parameters: { skip: 2, count: 1 } },
		],
	},
];
const CASES: readonly Case[] = [
	...AT_BYBIT,
	...ELSEWHERE.map((trades, at) => ({
		name: `at ${trades}, with delays, breaks and faults`,
		options: {
			...tradingAt(trades),
			limitFactor: 20,
			orderEntry: at % 2 === 0 ? ('ws' as const) : ('rest' as const),
			link: { requestMs: JITTER, replyMs: JITTER, faults: { resetAfterRequest: 0.02, cutSocket: 0.0002 } },
		},
		faults: [
			{ name: 'drop-reply' as const, parameters: { operation: 'order.', probability: 0.1 } },
			{ name: 'delay-request' as const, parameters: { probability: 0.1, delayMs: 300, tailMs: 200 } },
		],
	})),
];
const DURATION_MS = 3_000;

/** The wire, what the engine took and decided, and the exchange that is left, as one text. */
async function fingerprint(seed: number, { options, faults = [] }: Case): Promise<string> {
	const session = await openSession(seed, options);
	strike(session, faults);
	await session.run(DURATION_MS);
	const { world, tap, trace, judge } = session;
	await world.stop();
	expect(judge.createdCount, 'a session that sends little proves little').toBeGreaterThan(10);
	for (const { name } of faults) expect(session.struck(name), name).toBeGreaterThan(0);
	return `${tap.passedCount} ${tap.digest()} ${trace.digest()} ${world.exchange.stateHash()}`;
}

describe('the same seed, the same bytes (T8, I17)', () => {
	test.each(CASES)('$name', async (session) => {
		const first = await fingerprint(7, session);
		expect([await fingerprint(7, session), await fingerprint(7, session)]).toEqual([first, first]);
		expect(await fingerprint(8, session)).not.toBe(first);
	});
});
