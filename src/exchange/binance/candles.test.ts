/** Candles of every length against a plain sum over all trades, and where they begin and end. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PublicTrade } from '../core/views.ts';
import { type Candle, Candles, candleSpan, isCandleInterval } from './candles.ts';

const VALUE_PER_LOT = 100n;
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 1, 13, 16, 26, 40, 123);

function trade(atMs: number, priceTicks: number, qtyLots: number, takerSide: 'buy' | 'sell', count: number): PublicTrade {
	return { tradeId: String(count), symbol: 'X', priceTicks, qtyLots, takerSide, atMs };
}

function valueOf({ priceTicks, qtyLots }: PublicTrade): bigint {
	return BigInt(priceTicks) * BigInt(qtyLots) * VALUE_PER_LOT;
}

function filled(trades: readonly PublicTrade[]): Candles {
	const candles = new Candles();
	for (const each of trades) candles.add(each, valueOf(each));
	return candles;
}

const anyTrades = fc
	.array(
		fc.record({
			gapMs: fc.integer({ min: 0, max: 200_000 }),
			ticks: fc.integer({ min: 1, max: 50 }),
			lots: fc.integer({ min: 1, max: 9 }),
			buys: fc.boolean(),
		}),
		{ minLength: 1, maxLength: 40 },
	)
	.map((steps) => {
		let atMs = START_MS;
		return steps.map(({ gapMs, ticks, lots, buys }, index) => {
			atMs += gapMs;
			return trade(atMs, ticks, lots, buys ? 'buy' : 'sell', index + 1);
		});
	});

describe('a candle', () => {
	test('is the plain sum of its trades, whatever its length', () => {
		fc.assert(
			fc.property(anyTrades, fc.constantFrom('1m', '3m', '15m', '1h', '1d', '1w', '1M'), fc.nat(), (trades, interval, pick) => {
				const at = trades[pick % trades.length]?.atMs ?? START_MS;
				const { startMs, endMs } = candleSpan(interval, at);
				const within = trades.filter(({ atMs }) => atMs >= startMs && atMs <= endMs);
				const bought = within.filter(({ takerSide }) => takerSide === 'buy');
				const lots = (list: readonly PublicTrade[]): number => list.reduce((sum, { qtyLots }) => sum + qtyLots, 0);
				const value = (list: readonly PublicTrade[]): bigint => list.reduce((sum, each) => sum + valueOf(each), 0n);
				const ticks = within.map(({ priceTicks }) => priceTicks);
				expect(filled(trades).at(interval, at)).toEqual({
					startMs,
					endMs,
					openTicks: ticks[0],
					highTicks: Math.max(...ticks),
					lowTicks: Math.min(...ticks),
					closeTicks: ticks.at(-1),
					volumeLots: lots(within),
					turnoverAtoms: value(within),
					tradeCount: within.length,
					takerBuyLots: lots(bought),
					takerBuyAtoms: value(bought),
					firstTradeId: within[0]?.tradeId,
					lastTradeId: within.at(-1)?.tradeId,
				} satisfies Record<keyof Candle, unknown>);
			}),
		);
	});

	test('without a trade is flat at the price before it, and before the first there is none', () => {
		const candles = filled([trade(START_MS, 7, 1, 'buy', 1)]);
		expect(candles.at('1m', START_MS + 60_000)).toMatchObject({
			openTicks: 7,
			highTicks: 7,
			closeTicks: 7,
			volumeLots: 0,
			tradeCount: 0,
		});
		expect(candles.at('1m', START_MS - 60_000)).toBeNull();
		expect(new Candles().day(START_MS)).toBeNull();
	});

	test('of a second is kept for an hour of trading', () => {
		const trades = Array.from({ length: 8_000 }, (_, index) => trade(START_MS + index * 1_000, 5, 1, 'buy', index + 1));
		const candles = filled(trades);
		expect(candles.at('1s', START_MS + 7_999_000)).toMatchObject({ tradeCount: 1 });
		expect(candles.at('1s', START_MS + 4_500_000)).toMatchObject({ tradeCount: 1 });
		expect(candles.at('1s', START_MS)).toBeNull();
	});
});

describe('a list of candles', () => {
	const trades = [0, 1, 2, 5].map((minute, index) => trade(START_MS + minute * 60_000, 10 + minute, 1, 'buy', index + 1));
	const candles = filled(trades);
	const closes = (span: { fromMs?: number; toMs?: number; limit?: number }): number[] =>
		candles
			.list('1m', { fromMs: span.fromMs, toMs: span.toMs ?? START_MS + 5 * 60_000, limit: span.limit ?? 500 })
			.map(({ closeTicks }) => closeTicks);

	test('is oldest first and has no holes', () => {
		expect(closes({})).toEqual([10, 11, 12, 12, 12, 15]);
	});

	test('has the last ones, or the first ones from an instant on', () => {
		expect(closes({ limit: 2 })).toEqual([12, 15]);
		expect(closes({ fromMs: START_MS - 60_000, limit: 2 })).toEqual([10, 11]);
		expect(closes({ fromMs: candleSpan('1m', START_MS).startMs, limit: 2 })).toEqual([10, 11]);
		expect(closes({ fromMs: START_MS, limit: 2 })).toEqual([11, 12]);
		expect(closes({ toMs: START_MS + 60_000 })).toEqual([10, 11]);
	});
});

describe('where a candle begins and ends', () => {
	test.each([
		['1s', '2026-02-13T16:26:40.000Z', '2026-02-13T16:26:40.999Z'],
		['1m', '2026-02-13T16:26:00.000Z', '2026-02-13T16:26:59.999Z'],
		['4h', '2026-02-13T16:00:00.000Z', '2026-02-13T19:59:59.999Z'],
		['1d', '2026-02-13T00:00:00.000Z', '2026-02-13T23:59:59.999Z'],
		['1w', '2026-02-09T00:00:00.000Z', '2026-02-15T23:59:59.999Z'],
		['1M', '2026-02-01T00:00:00.000Z', '2026-02-28T23:59:59.999Z'],
	])('%s', (interval, start, end) => {
		expect(isCandleInterval(interval)).toBe(true);
		const { startMs, endMs } = candleSpan(interval, START_MS);
		expect([new Date(startMs).toISOString(), new Date(endMs).toISOString()]).toEqual([start, end]);
	});

	test('months follow the calendar, leap years included', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 50 * 365 }), (day) => {
				const { startMs, endMs } = candleSpan('1M', day * DAY_MS);
				const date = new Date(day * DAY_MS);
				expect(startMs).toBe(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));
				expect(endMs + 1).toBe(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1));
			}),
		);
	});

	test('other words are no interval', () => {
		for (const text of ['1', '7m', '1D', 'toString', '']) expect(isCandleInterval(text)).toBe(false);
	});
});
