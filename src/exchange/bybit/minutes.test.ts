import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOW_MS } from '../core/exchange.fixture.ts';
import { candleSpan } from './calendar.ts';
import { type Candle, Minutes } from './minutes.ts';

const HOUR_MS = 3_600_000;

interface Print {
	readonly atMs: number;
	readonly priceTicks: number;
	readonly qtyLots: number;
}

function minutesOf(prints: readonly Print[]): Minutes {
	const minutes = new Minutes();
	for (const print of prints) addTo(minutes, print);
	return minutes;
}

function addTo(minutes: Minutes, { atMs, priceTicks, qtyLots }: Print): void {
	const trade = { tradeId: '1', symbol: 'BTCUSDT', priceTicks, qtyLots, takerSide: 'buy', atMs } as const;
	minutes.add(trade, BigInt(priceTicks * qtyLots));
}

function dayOf(trades: readonly (readonly [hour: number, priceTicks: number])[]): Minutes {
	return minutesOf(trades.map(([hour, priceTicks]) => ({ atMs: NOW_MS + hour * HOUR_MS, priceTicks, qtyLots: 1 })));
}

test('a day knows its extremes, its sums and the prices of an hour and a day ago', () => {
	const minutes = dayOf([
		[0, 100],
		[10, 130],
		[20, 90],
		[23, 110],
	]);
	expect(minutes.day(NOW_MS + 23.5 * HOUR_MS)).toEqual({
		highTicks: 130,
		lowTicks: 90,
		dayAgoTicks: 100,
		hourAgoTicks: 90,
		volumeLots: 4,
		turnoverAtoms: 430n,
	});
});

test('what is older than a day counts only as the price it left behind', () => {
	const minutes = dayOf([
		[0, 500],
		[1, 100],
		[20, 120],
	]);
	const figures = (hour: number): object => minutes.day(NOW_MS + hour * HOUR_MS);
	expect(figures(30)).toMatchObject({ highTicks: 120, lowTicks: 120, dayAgoTicks: 100, hourAgoTicks: 120, volumeLots: 1 });
	expect(figures(60)).toMatchObject({ highTicks: 120, lowTicks: 120, dayAgoTicks: 120, hourAgoTicks: 120, volumeLots: 0 });
	expect(figures(1.5)).toMatchObject({ hourAgoTicks: 500 });
});

test('a day that is looked at after every trade is the day that whoever looks once sees', () => {
	const steps = fc.array(
		fc.record({
			laterMs: fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 20 * HOUR_MS })),
			priceTicks: fc.integer({ min: 1, max: 500 }),
			qtyLots: fc.integer({ min: 1, max: 9 }),
			looksAfterMs: fc.integer({ min: 0, max: 26 * HOUR_MS }),
		}),
		{ maxLength: 30 },
	);
	fc.assert(
		fc.property(steps, (all) => {
			const looked = new Minutes();
			const prints: Print[] = [];
			let atMs = NOW_MS;
			for (const { laterMs, priceTicks, qtyLots, looksAfterMs } of all) {
				atMs += laterMs;
				prints.push({ atMs, priceTicks, qtyLots });
				addTo(looked, { atMs, priceTicks, qtyLots });
				for (const nowMs of [atMs, atMs + looksAfterMs]) expect(looked.day(nowMs)).toEqual(minutesOf(prints).day(nowMs));
			}
		}),
	);
});

test('a trade counts at once, however short after the last look', () => {
	const minutes = dayOf([[0, 100]]);
	expect(minutes.day(NOW_MS)).toMatchObject({ highTicks: 100, volumeLots: 1 });
	minutes.add({ tradeId: '2', symbol: 'BTCUSDT', priceTicks: 140, qtyLots: 2, takerSide: 'buy', atMs: NOW_MS }, 280n);
	expect(minutes.day(NOW_MS)).toMatchObject({ highTicks: 140, volumeLots: 3, turnoverAtoms: 380n });
});

test('a candle opens where the one before it closed, and is flat where nothing traded', () => {
	const minutes = minutesOf([
		{ atMs: 60_000, priceTicks: 100, qtyLots: 1 },
		{ atMs: 70_000, priceTicks: 130, qtyLots: 2 },
		{ atMs: 180_000, priceTicks: 120, qtyLots: 3 },
	]);
	const prices = ({ openTicks, highTicks, lowTicks, closeTicks, volumeLots, atMs }: Candle): number[] => [
		...[openTicks, highTicks, lowTicks, closeTicks],
		...[volumeLots, atMs],
	];
	const rows = minutes.list('1', { fromMs: 0, toMs: 240_000, limit: 10 });
	expect(rows.map(prices)).toEqual([
		[120, 120, 120, 120, 0, 240_000],
		[130, 130, 120, 120, 3, 180_000],
		[130, 130, 130, 130, 0, 120_000],
		[100, 130, 100, 130, 3, 70_000],
	]);
	expect(minutes.candle(candleSpan('1', 0))).toBeNull();
});

test('candles of any length are what their trades say, asked for at once or one by one', () => {
	const print = fc.record({
		waitMs: fc.oneof(fc.nat(30_000), fc.nat(4 * HOUR_MS)),
		priceTicks: fc.integer({ min: 1, max: 9 }),
		qtyLots: fc.integer({ min: 1, max: 5 }),
	});
	fc.assert(
		fc.property(
			fc.array(print, { minLength: 1, maxLength: 40 }),
			fc.constantFrom('1', '3', '60', '240', 'D', 'W'),
			(steps, interval) => {
				let atMs = NOW_MS;
				const prints = steps.map(({ waitMs, ...rest }) => {
					atMs += waitMs;
					return { ...rest, atMs };
				});
				const minutes = minutesOf(prints);
				const rows = minutes.list(interval, { fromMs: 0, toMs: atMs, limit: 200 });
				if (rows.length < 200) expect(sumLots(rows)).toBe(sumLots(prints.map(({ qtyLots }) => ({ volumeLots: qtyLots }))));
				for (const row of rows) {
					const span = candleSpan(interval, row.startMs);
					expect(minutes.candle(span)).toEqual(row);
					expect(row).toMatchObject(plain(prints, span));
				}
			},
		),
	);
});

function sumLots(rows: readonly { readonly volumeLots: number }[]): number {
	return rows.reduce((sum, { volumeLots }) => sum + volumeLots, 0);
}

/** The candle from all trades there ever were. */
function plain(prints: readonly Print[], { startMs, nextMs }: { readonly startMs: number; readonly nextMs: number }): object {
	const inside = prints.filter(({ atMs }) => atMs >= startMs && atMs < nextMs);
	const openTicks = prints.findLast(({ atMs }) => atMs < startMs)?.priceTicks ?? inside[0]?.priceTicks ?? 0;
	const prices = [openTicks, ...inside.map(({ priceTicks }) => priceTicks)];
	return {
		startMs,
		openTicks,
		highTicks: Math.max(...prices),
		lowTicks: Math.min(...prices),
		closeTicks: prices.at(-1),
		volumeLots: inside.reduce((sum, { qtyLots }) => sum + qtyLots, 0),
		turnoverAtoms: BigInt(inside.reduce((sum, { qtyLots, priceTicks }) => sum + qtyLots * priceTicks, 0)),
		atMs: inside.at(-1)?.atMs ?? startMs,
	};
}

test('months end where the calendar says, leap years included', () => {
	const month = (year: number, index: number): number => Date.UTC(year, index);
	for (let year = 1999; year < 2105; year += 1) {
		for (let index = 0; index < 12; index += 1) {
			const span = { startMs: month(year, index), nextMs: month(year, index + 1) };
			expect(candleSpan('M', span.startMs)).toEqual(span);
			expect(candleSpan('M', span.nextMs - 1)).toEqual(span);
		}
	}
});
