import { Big } from 'big.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestExecution, money } from '../../test/fixtures/executions.ts';
import { BTCUSDT, ETHUSDT, PEPEUSDT, SOLUSDT_SPOT } from '../../test/fixtures/instruments.ts';
import type { Execution } from '../domain/execution.ts';
import { type Instrument, printPrice, printQty } from '../domain/instrument.ts';
import { moneyOf, printMoney } from '../domain/money.ts';
import type { Side } from '../domain/side.ts';
import { lots, ticks } from '../domain/units.ts';
import {
	applyTrade,
	averagePrice,
	averageTicks,
	FLAT,
	type Position,
	type Trade,
	tickSizeOf,
	tradeOf,
	unrealisedAt,
	valueAt,
} from './position.ts';

interface Fill {
	readonly side: Side;
	readonly priceTicks: number;
	readonly qtyLots: number;
}

const anyInstrument = fc.constantFrom(BTCUSDT, ETHUSDT, SOLUSDT_SPOT, PEPEUSDT);
/** Few sizes and nearby prices, so that positions often become exactly flat, cross zero and divide unevenly. */
const anyFill: fc.Arbitrary<Fill> = fc.record({
	side: fc.constantFrom<Side>('buy', 'sell'),
	priceTicks: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 10_000_000 })),
	qtyLots: fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 1_000_000 })),
});
const anyFills = fc.array(anyFill, { maxLength: 40 });
/** Between ticks and with far more digits than any tick has. */
const anyMark = fc.bigInt({ min: 1n, max: 10n ** 24n }).map(moneyOf);

function executionOf(instrument: Instrument, { side, priceTicks, qtyLots }: Fill): Execution {
	return {
		...makeTestExecution({ instrument, qty: '1000', price: '1' }),
		side,
		priceTicks: ticks(priceTicks),
		qtyLots: lots(qtyLots),
	};
}

function fold(trades: readonly Trade[], start: Position = FLAT): Position {
	return trades.reduce(applyTrade, start);
}

function tradesOf(instrument: Instrument, fills: readonly Fill[]): Trade[] {
	return fills.map((fill) => tradeOf(executionOf(instrument, fill)));
}

function sumOf(amounts: readonly bigint[]): bigint {
	return amounts.reduce((sum, amount) => sum + amount, 0n);
}

function trade(side: Side, qty: string, price: string): Trade {
	return tradeOf(makeTestExecution({ side, qty, price }));
}

describe('a position by example', () => {
	const CASES = [
		{ name: 'a buy opens a long', trades: [trade('buy', '0.010', '65000')], base: '0.01', cost: '650', realised: '0' },
		{ name: 'a sell opens a short', trades: [trade('sell', '0.010', '65000')], base: '-0.01', cost: '-650', realised: '0' },
		{
			name: 'a second buy averages',
			trades: [trade('buy', '0.010', '65000'), trade('buy', '0.030', '65002')],
			base: '0.04',
			cost: '2600.06',
			realised: '0',
		},
		{
			name: 'selling a part realises its share of the cost',
			trades: [trade('buy', '0.010', '65000'), trade('buy', '0.030', '65002'), trade('sell', '0.020', '65010')],
			base: '0.02',
			cost: '1300.03',
			realised: '0.17',
		},
		{
			name: 'buying a short back lower is a profit',
			trades: [trade('sell', '0.010', '65000'), trade('buy', '0.004', '64900')],
			base: '-0.006',
			cost: '-390',
			realised: '0.4',
		},
		{
			name: 'closing realises everything and leaves no cost',
			trades: [trade('buy', '0.010', '65000'), trade('sell', '0.010', '64990')],
			base: '0',
			cost: '0',
			realised: '-0.1',
		},
		{
			name: 'a sell through zero closes the long and opens a short at its own price',
			trades: [trade('buy', '0.010', '65000'), trade('sell', '0.025', '65100')],
			base: '-0.015',
			cost: '-976.5',
			realised: '1',
		},
		{
			name: 'a buy through zero closes the short and opens a long at its own price',
			trades: [trade('sell', '0.010', '65000'), trade('buy', '0.025', '65100')],
			base: '0.015',
			cost: '976.5',
			realised: '-1',
		},
	];

	test.each(CASES)('$name', ({ trades, base, cost, realised }) => {
		expect(fold(trades)).toEqual({ baseSigned: money(base), costSigned: money(cost), realised: money(realised) });
	});

	test('a share of the cost that does not divide is rounded up, and what is left over stays in the position', () => {
		const parts = (base: bigint, cash: bigint): Trade => ({ baseSigned: moneyOf(base), cashSigned: moneyOf(cash) });
		expect(fold([parts(3n, -10n), parts(-1n, 5n)])).toEqual({ baseSigned: 2n, costSigned: 6n, realised: 1n });
		expect(fold([parts(3n, -10n), parts(-1n, 5n), parts(-2n, 5n)])).toEqual({ baseSigned: 0n, costSigned: 0n, realised: 0n });
		// a short of 10 received: a third is 3.33, rounded up to -3, so its profit is rounded down too
		expect(fold([parts(-3n, 10n), parts(1n, -1n)])).toEqual({ baseSigned: -2n, costSigned: -7n, realised: 2n });
	});

	test('a dust position from a finer lot size is crossed without losing a part', () => {
		const dust: Trade = { baseSigned: moneyOf(7n), cashSigned: moneyOf(-3n) };
		const crossing: Trade = { baseSigned: moneyOf(-10n), cashSigned: moneyOf(11n) };
		// 7 of the 10 sold bring 7.7, rounded down to 7; the other 3 open the short with the 4 that remain
		expect(fold([dust, crossing])).toEqual({ baseSigned: -3n, costSigned: -4n, realised: 4n });
	});

	test('the average price is exact as a fraction, rounded down for people, a float in ticks for models', () => {
		const long = fold([trade('buy', '0.010', '65000'), trade('buy', '0.020', '65001')]);
		expect(printMoney(averagePrice(long) ?? money('0'))).toBe('65000.666666666666666666');
		expect(averageTicks(long, tickSizeOf(BTCUSDT))).toBeCloseTo(650_006.666_666_666, 6);
		const short = fold([trade('sell', '0.007', '65000.1')]);
		expect(averageTicks(short, tickSizeOf(BTCUSDT))).toBe(650_001);
		expect(averagePrice(FLAT)).toBeUndefined();
		expect(averageTicks(FLAT, tickSizeOf(BTCUSDT))).toBe(0);
	});

	test('a mark may lie between ticks', () => {
		expect(printMoney(unrealisedAt(fold([trade('buy', '0.010', '65000')]), money('65000.1234')))).toBe('0.001234');
		expect(printMoney(unrealisedAt(fold([trade('sell', '0.010', '65000')]), money('65000.1234')))).toBe('-0.001234');
	});

	test('a value that needs more than 18 decimals is rounded down, for a short away from zero', () => {
		expect(valueAt(1n, money('1.5'))).toBe(1n);
		expect(valueAt(-1n, money('1.5'))).toBe(-2n);
		expect(valueAt(-2n, money('1.5'))).toBe(-3n);
	});
});

describe('for any sequence of fills', () => {
	test('the position is the sum of the signed fills', () => {
		fc.assert(
			fc.property(anyInstrument, anyFills, (instrument, fills) => {
				const { baseSigned } = fold(tradesOf(instrument, fills));
				const oracle = fills.reduce(
					(sum, { side, qtyLots }) => sum.plus(new Big(side === 'buy' ? qtyLots : -qtyLots)),
					new Big(0),
				);
				expect(printMoney(baseSigned)).toBe(oracle.times(printQty(instrument, lots(1))).toFixed());
			}),
		);
	});

	test('realised and unrealised PnL together are the cash that moved and the value at the mark, to the last digit', () => {
		fc.assert(
			fc.property(anyInstrument, anyFills, anyMark, (instrument, fills, mark) => {
				const trades = tradesOf(instrument, fills);
				const position = fold(trades);
				const cash = sumOf(trades.map(({ cashSigned }) => cashSigned));
				const base = sumOf(trades.map(({ baseSigned }) => baseSigned));
				expect(position.realised + unrealisedAt(position, mark)).toBe(cash + valueAt(base, mark));
			}),
			{ numRuns: 1_000 },
		);
	});

	test('a long has cost something, a short has brought something, and flat has neither', () => {
		fc.assert(
			fc.property(anyInstrument, anyFills, (instrument, fills) => {
				let position = FLAT;
				for (const next of tradesOf(instrument, fills)) {
					position = applyTrade(position, next);
					const { baseSigned, costSigned } = position;
					const isRight = baseSigned > 0n ? costSigned >= 0n : baseSigned < 0n ? costSigned <= 0n : costSigned === 0n;
					expect(isRight, `${baseSigned} cost ${costSigned}`).toBe(true);
				}
			}),
		);
	});

	test('a fill in pieces comes to the same total, and to the same realised PnL once flat', () => {
		const inPieces = fc.array(fc.tuple(anyFill, fc.integer({ min: 1, max: 5 })), { maxLength: 20 });
		fc.assert(
			fc.property(anyInstrument, inPieces, (instrument, fills) => {
				const pieces = fills.flatMap(([fill, count]) => splitUp(fill, count));
				const whole = tradesOf(
					instrument,
					fills.map(([fill]) => fill),
				);
				const [once, piecewise] = [fold(whole), fold(tradesOf(instrument, pieces))];
				expect(piecewise.baseSigned).toBe(once.baseSigned);
				expect(piecewise.realised - piecewise.costSigned).toBe(once.realised - once.costSigned);
				const closing = { baseSigned: moneyOf(-once.baseSigned), cashSigned: money('1') };
				expect(applyTrade(piecewise, closing)).toEqual(applyTrade(once, closing));
			}),
		);
	});

	test('realised PnL and cost stay within a part a fill of average-cost accounting in an independent library', () => {
		fc.assert(
			fc.property(anyInstrument, anyFills, (instrument, fills) => {
				const position = fold(tradesOf(instrument, fills));
				const oracle = averageCost(instrument, fills);
				const allowed = new Big('0.000000000000000001').times(fills.length + 1);
				expect(new Big(printMoney(position.realised)).minus(oracle.realised).abs().lte(allowed)).toBe(true);
				expect(new Big(printMoney(position.costSigned)).minus(oracle.cost).abs().lte(allowed)).toBe(true);
			}),
		);
	});

	test('the float average lies with the exact one', () => {
		fc.assert(
			fc.property(anyInstrument, anyFills, (instrument, fills) => {
				const position = fold(tradesOf(instrument, fills));
				fc.pre(position.baseSigned !== 0n);
				const tickSize = tickSizeOf(instrument);
				const exact = new Big(position.costSigned.toString()).div(position.baseSigned.toString()).div(printMoney(tickSize));
				expect(averageTicks(position, tickSize)).toBeCloseTo(exact.toNumber(), 4);
			}),
		);
	});
});

function splitUp(fill: Fill, count: number): Fill[] {
	const pieces: Fill[] = [];
	let left = fill.qtyLots;
	for (let i = 1; i < count && left > 1; i += 1) {
		const qtyLots = Math.max(1, Math.floor(left / 3));
		pieces.push({ ...fill, qtyLots });
		left -= qtyLots;
	}
	return [...pieces, { ...fill, qtyLots: left }];
}

const Wide = Big();
Wide.DP = 60;

/** Average-cost accounting from the textbook, on decimals and prices: no cost pool, no parts, no sign tricks. */
function averageCost(instrument: Instrument, fills: readonly Fill[]): { realised: Big; cost: Big } {
	let [qty, average, realised] = [new Wide(0), new Wide(0), new Wide(0)];
	for (const { side, priceTicks, qtyLots } of fills) {
		const price = new Wide(printPrice(instrument, ticks(priceTicks)));
		const change = new Wide(printQty(instrument, lots(qtyLots))).times(side === 'buy' ? 1 : -1);
		const isSameWay = qty.eq(0) || qty.gt(0) === change.gt(0);
		if (isSameWay) {
			average = qty.times(average).plus(change.times(price)).div(qty.plus(change));
		} else {
			const closed = change.abs().lt(qty.abs()) ? change.abs() : qty.abs();
			realised = realised.plus(
				price
					.minus(average)
					.times(closed)
					.times(qty.gt(0) ? 1 : -1),
			);
			if (change.abs().gt(qty.abs())) average = price;
		}
		qty = qty.plus(change);
	}
	return { realised, cost: qty.times(average) };
}

/** The oracle must itself be able to disagree. */
test('the textbook accounting of this file gets a known case right', () => {
	const fills: Fill[] = [
		{ side: 'buy', priceTicks: 650_000, qtyLots: 10 },
		{ side: 'buy', priceTicks: 650_020, qtyLots: 30 },
		{ side: 'sell', priceTicks: 650_100, qtyLots: 20 },
	];
	const { realised, cost } = averageCost(BTCUSDT, fills);
	expect([realised.toFixed(), cost.toFixed()]).toEqual(['0.17', '1300.03']);
});
