import { describe, expect, test } from 'vitest';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { Tapes as BinanceTapes } from '../binance/tape.ts';
import { Exchange } from '../core/exchange.ts';
import { pastTrades } from './past.ts';
import { FOUR_MARKETS, FOUR_PERPETUALS, TWO_SPOT_MARKETS, TWO_SPOTS } from './preset.ts';

const NOW_MS = Date.UTC(2026, 0, 5, 12);
const HOUR_MS = 3_600_000;
const exchange = new Exchange({ listings: [...FOUR_PERPETUALS, ...TWO_SPOTS] });
const markets = [...FOUR_MARKETS, ...TWO_SPOT_MARKETS];

function past(seed: number, hours = 4) {
	const listingOf = (symbol: string) => exchange.listing(symbol);
	return pastTrades({ rng: seededRng(seed), markets, listingOf, nowMs: NOW_MS, forMs: hours * HOUR_MS });
}

describe('the past of a market', () => {
	test('is four trades a minute of every symbol, in order, up to the moment before it begins', () => {
		const trades = past(1);
		expect([...trades.keys()]).toEqual(markets.map(({ symbol }) => symbol));
		for (const each of trades.values()) {
			expect(each).toHaveLength(4 * 60 * 4);
			expect(each.at(-1)?.atMs).toBe(NOW_MS - 1);
			expect(each[0]?.atMs).toBeGreaterThanOrEqual(NOW_MS - 4 * HOUR_MS);
			const times = each.map(({ atMs }) => atMs);
			expect(times).toEqual(times.toSorted((one, other) => one - other));
		}
	});

	test('ends where the market begins, and has moved by what its volatility says', () => {
		// One day of 55 % a year is 2.9 %; over many seeds the root of the mean square comes near it.
		const spec = FOUR_MARKETS[0];
		if (spec === undefined) throw new Error('there is a first market');
		const tick = Number(FOUR_PERPETUALS[0]?.tickSize);
		const moves = Array.from({ length: 60 }, (_, seed) => {
			const trades = past(seed, 24).get(spec.symbol) ?? [];
			expect((trades.at(-1)?.priceTicks ?? 0) * tick).toBeCloseTo(Number(spec.startPrice), 0);
			return Math.log((trades.at(-1)?.priceTicks ?? 1) / (trades[0]?.priceTicks ?? 1));
		});
		const deviation = Math.sqrt(moves.reduce((sum, move) => sum + move * move, 0) / moves.length);
		const expected = spec.volatilityPerYear / Math.sqrt(365);
		expect(deviation).toBeGreaterThan(expected * 0.7);
		expect(deviation).toBeLessThan(expected * 1.3);
	});

	test('is the same for the same seed and another for another', () => {
		expect(past(3)).toEqual(past(3));
		expect(past(4).get('BTCUSDT')).not.toEqual(past(3).get('BTCUSDT'));
	});

	test('of a symbol that follows another is the same path', () => {
		const follower = TWO_SPOT_MARKETS.find(({ latentOf }) => latentOf !== undefined);
		const trades = past(5);
		const ratio = (symbol: string): number => {
			const each = trades.get(symbol) ?? [];
			return (each[0]?.priceTicks ?? 0) / (each.at(-1)?.priceTicks ?? 1);
		};
		expect(ratio(follower?.symbol ?? '')).toBeCloseTo(ratio(follower?.latentOf ?? ''), 4);
	});

	test('fills the candles', () => {
		const shown = { market: 'futures', symbol: 'BTCUSDT', exchangeKey: 'BTCUSDT' } as const;
		const { candles } = new BinanceTapes(exchange, [shown], past(1)).of(shown);
		const list = candles.list('1m', { fromMs: undefined, toMs: NOW_MS - 1, limit: 500 });
		expect(list).toHaveLength(240);
		expect(list.every(({ volumeLots, tradeCount }) => volumeLots > 0 && tradeCount === 4)).toBe(true);
	});
});
