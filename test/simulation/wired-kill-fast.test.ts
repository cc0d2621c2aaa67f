/**
 * A kill of as many orders as one second's cancels (I10), 100 ms from the venue and at its own limits: all are gone
 * within three round trips, and nothing but cancels has left since the call.
 */
import { expect, test } from 'vitest';
import { ENGINE_SETTINGS } from '../../src/engine/settings.ts';
import { LADDER_DEFAULTS, ladder } from '../../src/strategy/index.ts';
import { wordsOf } from '../fixtures/wire-words.ts';
import { openSession, WIRED_SYMBOLS } from '../fixtures/wired.ts';

const SYMBOLS = WIRED_SYMBOLS.slice(0, 1);
const LEVELS = 5;
const COUNT = SYMBOLS.length * LEVELS * 2;
/** Who has no coins yet can sell none. */
const COUNT_ON_SPOT = COUNT / 2;
const ONE_WAY_MS = 50;
const ROUND_TRIPS_MAX = 3;
const LOOK_MS = 1;

const CALM = ladder({
	...LADDER_DEFAULTS,
	levels: { count: LEVELS, halfSpreadBps: 8, stepBps: 6 },
	size: { unit: 'notional', perLevel: 300, curve: { kind: 'flat' } },
	inventory: { unit: 'notional', limit: 12_000, skewBps: 0, sizeSkew: 0 },
	edge: { minEdgeBps: -10, holdingHours: 0.1, fundingIntervalHours: 8 },
});

test.each([
	{ trades: 'bybit', orderEntry: 'ws', seed: 1 },
	{ trades: 'bybit', orderEntry: 'ws', seed: 2 },
	{ trades: 'bybit', orderEntry: 'rest', seed: 3 },
	{ trades: 'bybit', orderEntry: 'rest', seed: 4 },
	{ trades: 'binance-futures', orderEntry: 'ws', seed: 1 },
	{ trades: 'binance-futures', orderEntry: 'rest', seed: 2 },
	{ trades: 'binance-spot', orderEntry: 'ws', seed: 3 },
	{ trades: 'binance-spot', orderEntry: 'rest', seed: 4 },
] as const)('$trades over $orderEntry, seed $seed: within three round trips', async ({ trades, orderEntry, seed }) => {
	const left: string[] = [];
	let isKilled = false;
	const session = await openSession(seed, {
		...{ trades, orderEntry, symbols: SYMBOLS, market: 'quiet', engine: ENGINE_SETTINGS },
		quoting: [{ strategy: CALM, symbols: SYMBOLS.map(({ symbol }) => symbol) }],
		link: { requestMs: ONE_WAY_MS, replyMs: ONE_WAY_MS },
		listener: (passing) => {
			const words = wordsOf(passing);
			if (!isKilled || words.orderCall(passing) === undefined) return;
			left.push(words.orders(passing).length > 0 ? 'an order' : 'cancel');
		},
	});
	const { world, clock } = session;
	await session.run(15_000 + seed * 37);
	expect(world.openAtVenue().length).toBe(trades === 'binance-spot' ? COUNT_ON_SPOT : COUNT);
	const killedAtMono = clock.monotonicMs();
	isKilled = true;
	world.app.runtime.control({ kind: 'shutGate', reason: 'test' });
	expect(left.length, 'the first bytes leave in the same turn').toBeGreaterThan(0);
	while (world.openAtVenue().length > 0 && clock.monotonicMs() - killedAtMono < 5_000) await session.run(LOOK_MS);
	expect(clock.monotonicMs() - killedAtMono).toBeLessThanOrEqual(ROUND_TRIPS_MAX * ONE_WAY_MS * 2);
	await session.run(20_000);
	expect(new Set(left)).toEqual(new Set(['cancel']));
	expect(world.openAtVenue()).toEqual([]);
	expect(session.judge.rateRefusals).toBe(0);
});
