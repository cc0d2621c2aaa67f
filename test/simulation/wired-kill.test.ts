/**
 * A kill while 160 orders stand and the venue's limits are real (I10, I16): all of its cancel budget is spent, the most
 * dangerous orders go first, nothing is refused and nothing new leaves.
 */
import { describe, expect, test } from 'vitest';
import type { Instrument } from '../../src/domain/instrument.ts';
import { lots, ticks } from '../../src/domain/units.ts';
import { changeOf } from '../../src/engine/changes.ts';
import { ENGINE_SETTINGS } from '../../src/engine/settings.ts';
import { LADDER_DEFAULTS, ladder } from '../../src/strategy/index.ts';
import { openSession, type Session, type SessionOptions, WIRED_SYMBOLS } from '../fixtures/wired.ts';

/** A symbol's quotes, and what the desk has beside them: forty in all, which is the limit of ours for a symbol. */
const LEVELS = 16;
const BY_HAND = 8;
const COUNT = WIRED_SYMBOLS.length * (2 * LEVELS + BY_HAND);
/** What Bybit grants everybody for cancels. */
const PER_SEC = 10;
const IDEAL_MS = ((COUNT - PER_SEC) / PER_SEC) * 1_000;

const WIDE = ladder({
	...LADDER_DEFAULTS,
	levels: { count: LEVELS, halfSpreadBps: 5, stepBps: 6 },
	size: { unit: 'notional', perLevel: 300, curve: { kind: 'flat' } },
	inventory: { unit: 'notional', limit: 12_000, skewBps: 0, sizeSkew: 0 },
	edge: { minEdgeBps: -10, holdingHours: 0.1, fundingIntervalHours: 8 },
});

async function standing(options: SessionOptions) {
	const session = await openSession(1, {
		...options,
		symbols: WIRED_SYMBOLS,
		market: 'quiet',
		engine: ENGINE_SETTINGS,
		quoting: [{ strategy: WIDE, symbols: WIRED_SYMBOLS.map(({ symbol }) => symbol) }],
	});
	await session.run(45_000);
	for (const instrument of session.world.app.instruments) {
		for (let at = 0; at < BY_HAND; at += 1) await placeByHand(session, instrument, at);
	}
	await session.run(3_000);
	return session;
}

async function placeByHand({ world, run }: Session, instrument: Instrument, at: number): Promise<void> {
	const { engine, runtime } = world.app;
	const midTicks = (engine.market(instrument.index)?.book.midTwiceTicks ?? 0) / 2;
	const result = runtime.control({
		...{ kind: 'placeOrder', instrument: instrument.index, side: 'buy', orderType: 'limit', timeInForce: 'postOnly' },
		...{
			reduceOnly: false,
			priceTicks: ticks(Math.floor(midTicks * (0.987 - at * 0.0005))),
			qtyLots: lots(Math.ceil(300 / (midTicks * instrument.tickLotNumber))),
		},
	});
	expect(result).toMatchObject({ kind: 'placed' });
	await run(150);
}

describe.each([{ orderEntry: 'ws' }, { orderEntry: 'rest' }] as const)('a kill over $orderEntry', (options) => {
	test(`takes ${COUNT} orders out within 1.1 × a token bucket of the venue's, and none is refused`, async () => {
		const session = await standing(options);
		const { world, clock, judge } = session;
		expect(world.openAtVenue().length).toBe(COUNT);
		const { runtime, engine } = world.app;
		const placed = engine.getStats().coalesce_stats.place.sent;
		const killedAtMono = clock.monotonicMs();
		runtime.control({ kind: 'shutGate', reason: 'test' });
		await session.run(1_000);
		expect(COUNT - world.openAtVenue().length, 'within one second').toBe(PER_SEC);
		await world.runWhile(() => world.openAtVenue().length > 0 && clock.monotonicMs() - killedAtMono < 60_000);
		const tookMs = clock.monotonicMs() - killedAtMono;
		expect(world.openAtVenue()).toEqual([]);
		expect(tookMs / IDEAL_MS).toBeLessThanOrEqual(1.1);
		expect(judge.rateRefusals).toBe(0);
		runtime.control(changeOf({ kind: 'setLimits', limits: ENGINE_SETTINGS.limits }));
		await session.run(5_000);
		expect(engine.getStats().coalesce_stats.place.sent).toBe(placed);
		expect(world.openAtVenue()).toEqual([]);
	});
});
