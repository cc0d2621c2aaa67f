import { Big } from 'big.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BTCUSDT, BTCUSDT_SPEC, ETHUSDT, makeTestInstrument, PEPEUSDT, SOLUSDT_SPOT } from '../../test/fixtures/instruments.ts';
import { NOT_DECIMALS } from '../../test/fixtures/numbers.ts';
import {
	type InstrumentMade,
	type InstrumentSpec,
	instrumentIndex,
	makeInstrument,
	notionalNumber,
	notionalOf,
	parsePrice,
	parseQty,
	priceToNumber,
	printPrice,
	printQty,
} from './instrument.ts';
import { printMoney } from './money.ts';
import { lots, signedLots, ticks, timeMs } from './units.ts';

const ALL = [BTCUSDT, ETHUSDT, SOLUSDT_SPOT, PEPEUSDT];

function make(spec: Partial<InstrumentSpec>): InstrumentMade {
	const place = { index: instrumentIndex(7), version: 3, refreshedAtMs: timeMs(1_767_225_600_000) };
	return makeInstrument({ ...BTCUSDT_SPEC, ...spec }, place);
}

describe('making an instrument', () => {
	test('a venue spec in decimal text becomes ticks, lots and money', () => {
		expect(make({})).toEqual({
			kind: 'made',
			instrument: {
				index: 7,
				id: 'bybit:linear:BTCUSDT',
				venue: 'bybit',
				category: 'linear',
				symbol: 'BTCUSDT',
				baseCurrency: 'BTC',
				quoteCurrency: 'USDT',
				settleCurrency: 'USDT',
				version: 3,
				status: 'trading',
				refreshedAtMs: 1_767_225_600_000,
				priceGrid: { step: '0.1', stepUnits: 1, scale: 1 },
				qtyGrid: { step: '0.001', stepUnits: 1, scale: 3 },
				priceTicksMin: 1,
				priceTicksMax: 20_000_000,
				qtyLotsMin: 1,
				qtyLotsMax: 1_000_000,
				notionalMin: 5n * 10n ** 18n,
				reduceOnlySkipsNotionalMin: true,
				makerFeeE8: 20_000,
				takerFeeE8: 55_000,
				tickLotValue: 10n ** 14n,
				tickLotNumber: 0.0001,
				notionalTickLotsMin: 50_000,
			},
		});
	});

	const REFUSED: readonly (readonly [keyof InstrumentSpec, string])[] = [
		...(['tickSize', 'lotSize'] as const).flatMap((field) =>
			['0', '-0.1', '0.0000000000000000001'].map((text) => [field, text] as const),
		),
		['lotSize', '0.000000000000000001'], // 18 decimals and the tick's one: money cannot hold their product
		['priceMin', '-0.1'],
		['priceMax', '-1'],
		['priceMax', '0.09'], // below priceMin
		['priceMax', '99999999999999999999'],
		['qtyMin', '-1'],
		['qtyMax', '0.0009'], // below qtyMin
		['qtyMax', '-1'],
		['notionalMin', '-5'],
		['makerFeeRate', '0.000000001'],
		['makerFeeRate', '1'],
		['takerFeeRate', '-1'],
		['takerFeeRate', '0.000000001'],
	];
	const NUMBERS = [
		'tickSize',
		'lotSize',
		'priceMin',
		'priceMax',
		'qtyMin',
		'qtyMax',
		'notionalMin',
		'makerFeeRate',
		'takerFeeRate',
	] as const;

	test.each(REFUSED)('%s of %s is refused by name', (field, found) => {
		expect(make({ [field]: found })).toMatchObject({ kind: 'refused', field, found });
	});

	test.each(NUMBERS)('%s is refused when it is not plain decimal text', (field) => {
		for (const text of NOT_DECIMALS) expect(make({ [field]: text }), text).toMatchObject({ kind: 'refused', field, found: text });
	});

	test('limits that no order could meet are refused, also where the lower one is zero', () => {
		// Binance writes 0 for "no limit"; its adapter must say so in figures
		expect(make({ priceMin: '0', priceMax: '0' })).toMatchObject({ kind: 'refused', field: 'priceMax' });
		expect(make({ qtyMin: '0', qtyMax: '0' })).toMatchObject({ kind: 'refused', field: 'qtyMax' });
		expect(make({ qtyMin: '0', qtyMax: '0.0005' })).toMatchObject({ kind: 'refused', field: 'qtyMax' });
	});

	test('limits off the grid move inwards, and the lowest order is one tick and one lot', () => {
		const odd = makeTestInstrument({ priceMin: '0.15', priceMax: '99.99', qtyMin: '0.0011', qtyMax: '5.0009' });
		expect([odd.priceTicksMin, odd.priceTicksMax, odd.qtyLotsMin, odd.qtyLotsMax]).toEqual([2, 999, 2, 5000]);
		const open = makeTestInstrument({ priceMin: '0', qtyMin: '0' });
		expect([open.priceTicksMin, open.qtyLotsMin]).toEqual([1, 1]);
	});

	test('a rebate is a fee rate below zero', () => {
		expect(makeTestInstrument({ makerFeeRate: '-0.00005' }).makerFeeE8).toBe(-5000);
	});

	test('the least notional in ticks times lots is enough, and one less is not', () => {
		const sizes = fc.constantFrom('0.1', '0.25', '5', '0.001', '0.00000001');
		fc.assert(
			fc.property(sizes, sizes, fc.integer({ min: 1, max: 1_000_000 }), (tickSize, lotSize, cents) => {
				const notionalMin = (cents / 100).toFixed(2);
				const made = make({ tickSize, lotSize, notionalMin, priceMin: '0', qtyMin: '0', priceMax: '900000', qtyMax: '900000' });
				if (made.kind === 'refused') throw new Error(`${made.field} ${made.found}`);
				const { notionalTickLotsMin, tickLotValue } = made.instrument;
				if (!Number.isSafeInteger(notionalTickLotsMin)) return;
				expect(BigInt(notionalTickLotsMin) * tickLotValue >= made.instrument.notionalMin).toBe(true);
				expect(BigInt(notionalTickLotsMin - 1) * tickLotValue < made.instrument.notionalMin).toBe(true);
			}),
		);
	});
});

describe('prices and quantities of an instrument', () => {
	test('text becomes ticks and lots exactly, or is refused with the reason', () => {
		expect(parsePrice(BTCUSDT, '65000.10')).toEqual({ kind: 'ok', value: 650_001 });
		expect(parsePrice(BTCUSDT, '65000.15')).toEqual({ kind: 'refused', reason: 'off-grid' });
		expect(parseQty(BTCUSDT, '0.010')).toEqual({ kind: 'ok', value: 10 });
		expect(parseQty(BTCUSDT, '-0.010')).toEqual({ kind: 'refused', reason: 'negative' });
		expect(parsePrice(PEPEUSDT, '8e-7')).toEqual({ kind: 'refused', reason: 'not-a-decimal' });
	});

	test('rounding has a name: bids down, asks up, quantities down', () => {
		expect(parsePrice(BTCUSDT, '65000.19', 'down')).toEqual({ kind: 'ok', value: 650_001 });
		expect(parsePrice(BTCUSDT, '65000.11', 'up')).toEqual({ kind: 'ok', value: 650_002 });
		expect(parseQty(BTCUSDT, '0.0019', 'down')).toEqual({ kind: 'ok', value: 1 });
	});

	test('what is printed reads back, on every grid', () => {
		fc.assert(
			fc.property(fc.constantFrom(...ALL), fc.maxSafeNat(), (instrument, count) => {
				expect(parsePrice(instrument, printPrice(instrument, ticks(count)))).toEqual({ kind: 'ok', value: count });
				expect(parseQty(instrument, printQty(instrument, lots(count)))).toEqual({ kind: 'ok', value: count });
			}),
			{ numRuns: 2_000 },
		);
	});

	test('small prices print in full', () => {
		expect(printPrice(PEPEUSDT, ticks(80))).toBe('0.00000080');
		expect(printQty(PEPEUSDT, lots(3))).toBe('300');
		expect(printQty(BTCUSDT, signedLots(-5))).toBe('-0.005');
		expect(priceToNumber(PEPEUSDT, 80)).toBe(8e-7);
	});

	test('notional is price times quantity to the last digit, and nearly so as a float', () => {
		const price = fc.integer({ min: 1, max: 2 ** 40 });
		const qty = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
		fc.assert(
			fc.property(fc.constantFrom(...ALL), price, qty, (instrument, priceTicks, qtyLots) => {
				const oracle = new Big(printPrice(instrument, ticks(priceTicks))).times(printQty(instrument, signedLots(qtyLots)));
				expect(printMoney(notionalOf(instrument, ticks(priceTicks), signedLots(qtyLots)))).toBe(oracle.plus(0).toFixed());
				const float = notionalNumber(instrument, priceTicks, qtyLots);
				expect(Math.abs(float - oracle.toNumber())).toBeLessThanOrEqual(Math.abs(float) * 4 * Number.EPSILON);
			}),
			{ numRuns: 2_000 },
		);
	});
});
