/**
 * I26 in the whole stack: faults strike, the engine stops what has to stop, and within five seconds somebody is told of it
 * with the right code; when it is over, that is told as well.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { Alarm } from '../../src/app/alerts/alarm.ts';
import type { AlertMessage } from '../../src/app/alerts/alert-message.ts';
import { WIRED_ACCOUNT } from '../../src/app/wired-world.ts';
import type { FaultName } from '../../src/exchange/faults/catalogue.ts';
import { ok } from '../../src/network/result.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import type { Alert } from '../../src/telemetry/alerts/alert-book.ts';
import type { AlertCode } from '../../src/telemetry/alerts/alert-codes.ts';
import { openSession, type Session, type SessionOptions, untilStanding } from '../fixtures/wired.ts';

const WITHIN_MS = 5_000;

interface Sent {
	readonly atMono: number;
	/** What stood at the venue then. */
	readonly openCount: number;
	readonly message: AlertMessage;
}

interface Watched {
	readonly session: Session;
	readonly sent: Sent[];
	/** When each cause was first and last there, for the account or for a symbol. */
	readonly stopped: Map<string, { readonly firstMono: number; lastMono: number }>;
	run(durationMs: number): Promise<void>;
}

const ended: AsyncDisposable[] = [];
afterEach(async () => {
	for (const each of ended.splice(0)) await each[Symbol.asyncDispose]();
});

async function watched(options: SessionOptions = {}): Promise<Watched> {
	const session = await openSession(1, { limitFactor: Number.POSITIVE_INFINITY, ...options });
	const { world, clock } = session;
	const sent: Sent[] = [];
	const send = async (message: AlertMessage) => {
		sent.push({ atMono: clock.monotonicMs(), openCount: world.openAtVenue().length, message });
		return ok(undefined);
	};
	const alarm = new Alarm({
		...{ clock, rng: seededRng(2), instance: 'x', least: 'info', bundleMs: 2_000, perMinuteMax: 60 },
		sinks: [{ name: 'one', send }],
	});
	ended.push(alarm);
	alarm.watch(world.app);
	const stopped: Watched['stopped'] = new Map();
	const look = (): void => {
		const { levels } = world.app.engine;
		const now = world.app.runtime.now();
		const held = world.app.instruments.flatMap(({ index, id }) =>
			levels.holdsOf(index, now.monoMs).map(({ cause }) => `${id} ${cause}`),
		);
		const latch = levels.latch === undefined ? [] : [levels.latch.reason];
		for (const cause of [...latch, ...levels.pauses().map((pause) => pause.cause), ...held]) {
			const known = stopped.get(cause);
			if (known === undefined) stopped.set(cause, { firstMono: now.monoMs, lastMono: now.monoMs });
			else known.lastMono = now.monoMs;
		}
	};
	const run = async (durationMs: number): Promise<void> => {
		for (let passed = 0; passed < durationMs; passed += 250) {
			await session.run(250);
			look();
		}
	};
	await untilStanding(session, 4);
	return { session, sent, stopped, run };
}

function inject({ world }: Session, name: FaultName, parameters: Readonly<Record<string, unknown>>): void {
	const injected = world.faults.inject(name, parameters);
	if (injected.kind !== 'injected') throw new Error(injected.message);
}

const codesOf = ({ sent }: Watched): readonly string[] => [
	...new Set(sent.flatMap(({ message }) => message.alerts.map(({ alert }) => alert.code))),
];

function causeOf({ symbol, subject, sentence }: Alert): string {
	return [symbol, subject ?? sentence].filter((part) => part !== undefined).join(' ');
}

/** Whatever stood for long enough that nobody can have overlooked it. */
function expectTold({ sent, stopped }: Watched): void {
	const lasting = [...stopped].filter(([, { firstMono, lastMono }]) => lastMono - firstMono >= WITHIN_MS);
	expect(lasting.length).toBeGreaterThan(0);
	for (const [cause, { firstMono }] of lasting) {
		const told = sent.find(({ message }) => message.alerts.some(({ alert }) => causeOf(alert) === cause));
		expect((told?.atMono ?? Number.POSITIVE_INFINITY) - firstMono, cause).toBeLessThanOrEqual(WITHIN_MS);
	}
}

type Fault = readonly [name: FaultName, parameters: Readonly<Record<string, unknown>>];

const BAN: Fault = ['ban', { forMs: 20_000, violations: 0, count: 1 }];
const MUTED = { channel: 'ws-public', topic: 'orderbook', forMs: 8_000, count: 1 };
const HEDGED = { form: 'hedge', account: WIRED_ACCOUNT, forMs: 50_000, everyMs: 60_000 };

const CASES: readonly {
	readonly code: AlertCode;
	readonly faults: readonly Fault[];
	readonly options?: SessionOptions;
	readonly faultMs?: number;
}[] = [
	{ code: 'book-stale', faults: [['mute-topic', MUTED]] },
	{
		code: 'orders-unheard',
		faults: [
			['refuse-connection', { channel: 'ws-private', probability: 1 }],
			['cut-socket', { channel: 'ws-private', count: 1 }],
		],
		faultMs: 20_000,
	},
	{ code: 'clock-off', faults: [['venue-clock', { offsetMs: 1_200 }]], faultMs: 35_000 },
	{ code: 'not-trading', faults: [['symbol-mode', { mode: 'halted', forMs: 8_000, everyMs: 60_000 }]] },
	{ code: 'account-mode', faults: [['account-mode', HEDGED]], faultMs: 35_000 },
	{ code: 'killed', faults: [['revoke-key', { reason: 'expired' }]] },
	{ code: 'price-outlier', faults: [['price-spike', { bps: 500, forMs: 3_000, everyMs: 60_000 }]] },
	{ code: 'banned', faults: [BAN], options: { orderEntry: 'rest' } },
	{ code: 'comparing', faults: [BAN], options: { orderEntry: 'rest' }, faultMs: 40_000 },
	{
		code: 'orders-in-doubt',
		faults: [
			['drop-request', { channel: 'ws-trade', probability: 1 }],
			['drop-request', { channel: 'rest', probability: 1 }],
		],
	},
	{ code: 'throttled', faults: [['rate-limit', { form: 'venue', probability: 1, retryAfterMs: 1_000 }]] },
];

describe('a fault', () => {
	test.each(CASES)('is told of as $code', async ({ code, faults, options = {}, faultMs = 12_000 }) => {
		const watch = await watched(options);
		for (const [name, parameters] of faults) inject(watch.session, name, parameters);
		await watch.run(faultMs);
		expect(codesOf(watch)).toContain(code);
		expectTold(watch);
	});
});

describe('what a person asked for', () => {
	test('as a kill has cancelled everything before anybody is told of it', async () => {
		const { session, sent, run } = await watched();
		expect(session.world.openAtVenue().length).toBeGreaterThan(0);
		const atMono = session.clock.monotonicMs();
		session.world.app.runtime.control({ kind: 'shutGate', reason: 'asked for' });
		await run(WITHIN_MS);
		const told = sent.find(({ message }) => message.alerts.some(({ alert }) => alert.code === 'killed'));
		expect(told?.message.text).toContain('[critical] killed: asked for');
		expect(told?.openCount).toBe(0);
		expect((told?.atMono ?? Number.POSITIVE_INFINITY) - atMono).toBeLessThanOrEqual(WITHIN_MS);
	});

	test('as a pause is told of, and its end', async () => {
		const watch = await watched();
		const { runtime } = watch.session.world.app;
		runtime.control({ kind: 'pause', scope: { kind: 'all' }, reason: 'lunch' });
		await watch.run(WITHIN_MS);
		runtime.control({ kind: 'resume', scope: { kind: 'all' } });
		await watch.run(WITHIN_MS);
		const lines = watch.sent.flatMap(({ message }) => message.text.split('\n'));
		expect(lines.filter((line) => line.includes('paused-by-operator')).map((line) => line.replace('x: ', ''))).toEqual([
			'[warning] paused-by-operator: lunch',
			'[over] paused-by-operator: lunch',
		]);
	});
});

describe('our own machine', () => {
	test('with a disk that takes nothing is told of', async () => {
		const watch = await watched();
		const { disk } = watch.session.world;
		disk.behaviour = { ...disk.behaviour, failure: () => 'full' };
		await watch.run(8_000);
		expect(codesOf(watch)).toContain('journal-refused');
	});
});
