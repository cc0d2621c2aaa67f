/**
 * The venue's real limits switched on: nothing is refused for being one too many, what has to be sent is sent about as
 * fast as our share of the limits allows, and where nothing moves nothing is sent. Ten minutes of it in
 * `wired-limits.long.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import { BUSY, openSession, type SessionOptions, WIRED_SYMBOLS } from '../fixtures/wired.ts';
import { CallWatch } from '../fixtures/wired-calls.ts';
import { spellsOfScarcity } from '../fixtures/wired-scarcity.ts';

const BOTH: readonly { readonly title: string; readonly options: SessionOptions }[] = [
	{ title: 'WS', options: { orderEntry: 'ws' } },
	{ title: 'REST', options: { orderEntry: 'rest' } },
];

describe('the limits of the venue are real (PT13, I16)', () => {
	test('a session that wants more than it may is refused nothing; without a budget it is', async () => {
		const refusals = async (isEnabled: boolean): Promise<number> => {
			const engine = { ...BUSY, budget: { ...BUSY.budget, isEnabled } };
			const session = await openSession(1, { symbols: WIRED_SYMBOLS, engine });
			await session.run(15_000);
			return session.judge.rateRefusals;
		};
		expect(await refusals(true)).toBe(0);
		expect(await refusals(false)).toBeGreaterThan(10);
	});

	test.each(BOTH)('over $title, 120 places, amends and cancels each take 1.05 × a token bucket at most', async ({ options }) => {
		const { spells, session } = await spellsOfScarcity(options);
		expect(spells.map(({ verb, count }) => `${count} ${verb}`)).toEqual(['120 place', '120 amend', '120 cancel']);
		for (const { verb, tookMs, idealMs } of spells) expect(tookMs / idealMs, verb).toBeLessThanOrEqual(1.05);
		expect(session.judge.rateRefusals).toBe(0);
		session.judge.whenQuiet();
	});

	test('one call at a time keeps quoting as well: what is not sent in time costs no budget', async () => {
		const engine = { ...BUSY, bus: { ...BUSY.bus, parallel: false } };
		const session = await openSession(3, { symbols: WIRED_SYMBOLS, engine, link: { requestMs: 20, replyMs: 20 } });
		let standing = 0;
		const looks = 20;
		for (let look = 0; look < looks; look += 1) {
			await session.run(1_000);
			standing += session.world.openAtVenue().length;
		}
		expect(standing / looks).toBeGreaterThan(16);
		expect(session.judge.rateRefusals).toBe(0);
	});

	test('a pause by hand takes all quotes out without a refusal, about as fast as the limits allow', async () => {
		const session = await openSession(1, { symbols: WIRED_SYMBOLS });
		const { world, clock, judge } = session;
		await session.run(15_000);
		const standing = world.openAtVenue().length;
		expect(standing).toBeGreaterThan(24);
		const pausedAtMono = clock.monotonicMs();
		world.app.runtime.control({ kind: 'pause', scope: { kind: 'all' }, reason: 'test' });
		await world.runWhile(() => !world.app.isFlat);
		const oursPerMs = (10 * BUSY.budget.share) / 1_000;
		// The first ones find a budget that the quotes before have drawn on.
		expect(clock.monotonicMs() - pausedAtMono).toBeLessThan(1.1 * (standing / oursPerMs));
		expect(judge.rateRefusals).toBe(0);
	});
});

describe('a market in which nothing moves', () => {
	const LINKS = [
		{ title: 'near', trades: 'bybit', standing: 32, requestMs: 2, replyMs: 2 },
		{
			title: 'far and uneven',
			trades: 'bybit',
			standing: 32,
			requestMs: { fromMs: 5, toMs: 150 },
			replyMs: { fromMs: 5, toMs: 150 },
		},
		{ title: 'Binance futures', trades: 'binance-futures', standing: 32, requestMs: 2, replyMs: 2 },
		// Who has no coins yet can sell none.
		{ title: 'Binance spot', trades: 'binance-spot', standing: 16, requestMs: 2, replyMs: 2 },
	] as const;

	test.each(LINKS)(
		'costs not a single call about orders in a minute: $title',
		async ({ trades, standing, requestMs, replyMs }) => {
			const watch = new CallWatch();
			const session = await openSession(1, {
				symbols: WIRED_SYMBOLS,
				trades,
				market: 'quiet',
				link: { requestMs, replyMs },
				listener: (passing) => watch.passes(passing),
			});
			await session.run(20_000);
			expect(session.world.openAtVenue().length, 'all quotes stand').toBe(standing);
			const before = watch.callCount;
			await session.run(60_000);
			expect(watch.callCount - before).toBe(0);
			expect(session.world.openAtVenue().length).toBe(standing);
		},
	);
});
