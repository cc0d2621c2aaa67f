import { expect, test } from 'vitest';
import { NOW_MS } from '../core/exchange.fixture.ts';
import { candleSpan } from './ws-calendar.ts';
import { TradingDay } from './ws-day.ts';

const HOUR_MS = 3_600_000;

function dayOf(trades: readonly (readonly [hour: number, priceTicks: number])[]): TradingDay {
	const day = new TradingDay();
	for (const [hour, priceTicks] of trades) {
		const trade = {
			tradeId: '1',
			symbol: 'BTCUSDT',
			priceTicks,
			qtyLots: 1,
			takerSide: 'buy',
			atMs: NOW_MS + hour * HOUR_MS,
		} as const;
		day.apply(trade, BigInt(priceTicks));
	}
	return day;
}

test('a day knows its extremes, its sums and the prices of an hour and a day ago', () => {
	const day = dayOf([
		[0, 100],
		[10, 130],
		[20, 90],
		[23, 110],
	]);
	expect(day.view(NOW_MS + 23.5 * HOUR_MS)).toEqual({
		highTicks: 130,
		lowTicks: 90,
		dayAgoTicks: 100,
		hourAgoTicks: 90,
		volumeLots: 4,
		turnoverAtoms: 430n,
	});
});

test('what is older than a day counts only as the price it left behind', () => {
	const day = dayOf([
		[0, 500],
		[1, 100],
		[20, 120],
	]);
	expect(day.view(NOW_MS + 30 * HOUR_MS)).toMatchObject({ highTicks: 120, lowTicks: 120, dayAgoTicks: 100, volumeLots: 1 });
	expect(day.view(NOW_MS + 60 * HOUR_MS)).toMatchObject({ highTicks: 120, lowTicks: 120, dayAgoTicks: 120, volumeLots: 0 });
});

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
