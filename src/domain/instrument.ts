/**
 * An instrument: what one symbol of one venue is, in our units. Made once from the venue's own strings and never
 * changed; when a venue changes a filter, a new version takes its place and open quotes are planned anew. Numbers that
 * come from outside become ticks and lots here and nowhere else.
 */
import { countSteps, type Grid, type GridRefusal, gridOf, printSteps, type Rounding, stepsToNumber } from './grid.ts';
import { MONEY_SCALE, type Money, moneyOf, parseMoney } from './money.ts';
import type { Lots, SignedLots, Ticks, TimeMs } from './units.ts';

declare const index: unique symbol;
/** Position of an instrument in the engine's own list, so that per-instrument state sits in arrays. */
export type InstrumentIndex = number & { readonly [index]: 'InstrumentIndex' };

export type Category = 'spot' | 'linear' | 'inverse';
export type InstrumentStatus = 'trading' | 'cancelOnly' | 'halted' | 'delisting';

export interface Instrument {
	readonly index: InstrumentIndex;
	/** `venue:category:symbol`, for example `bybit:linear:BTCUSDT`. */
	readonly id: string;
	readonly venue: string;
	readonly category: Category;
	readonly symbol: string;
	readonly baseCurrency: string;
	readonly quoteCurrency: string;
	/** The coin that profits, losses and margin are counted in. */
	readonly settleCurrency: string;
	/** Rises by one with each change of a filter. */
	readonly version: number;
	readonly status: InstrumentStatus;
	readonly refreshedAtMs: TimeMs;
	readonly priceGrid: Grid;
	readonly qtyGrid: Grid;
	readonly priceTicksMin: Ticks;
	readonly priceTicksMax: Ticks;
	readonly qtyLotsMin: Lots;
	readonly qtyLotsMax: Lots;
	readonly notionalMin: Money;
	/** Whether the venue lets an order that only reduces a position pass below `notionalMin`. */
	readonly reduceOnlySkipsNotionalMin: boolean;
	/** Fee rates in 10^-8 of the notional; a rebate is negative. */
	readonly makerFeeE8: number;
	readonly takerFeeE8: number;
	/** What one tick times one lot is worth, exact; and the same as a float for models. */
	readonly tickLotValue: Money;
	readonly tickLotNumber: number;
	/** `notionalMin` as the least whole product of ticks and lots that satisfies it. */
	readonly notionalTickLotsMin: number;
}

/** What a venue says about a symbol, in the venue's own decimal strings. */
export interface InstrumentSpec {
	readonly venue: string;
	readonly category: Category;
	readonly symbol: string;
	readonly baseCurrency: string;
	readonly quoteCurrency: string;
	readonly settleCurrency: string;
	readonly status: InstrumentStatus;
	readonly tickSize: string;
	readonly lotSize: string;
	readonly priceMin: string;
	readonly priceMax: string;
	readonly qtyMin: string;
	readonly qtyMax: string;
	readonly notionalMin: string;
	readonly reduceOnlySkipsNotionalMin: boolean;
	readonly makerFeeRate: string;
	readonly takerFeeRate: string;
}

export type InstrumentMade =
	| { readonly kind: 'made'; readonly instrument: Instrument }
	| { readonly kind: 'refused'; readonly field: keyof InstrumentSpec; readonly found: string; readonly expected: string };

export type Converted<Unit> =
	| { readonly kind: 'ok'; readonly value: Unit }
	| { readonly kind: 'refused'; readonly reason: GridRefusal };

export function makeInstrument(
	spec: InstrumentSpec,
	place: { index: InstrumentIndex; version: number; refreshedAtMs: TimeMs },
): InstrumentMade {
	const priceGrid = gridOf(spec.tickSize);
	if (priceGrid === undefined) return refused(spec, 'tickSize', 'a positive decimal step');
	const qtyGrid = gridOf(spec.lotSize);
	if (qtyGrid === undefined) return refused(spec, 'lotSize', 'a positive decimal step');
	const spareScale = MONEY_SCALE - priceGrid.scale - qtyGrid.scale;
	if (spareScale < 0) return refused(spec, 'lotSize', `at most ${MONEY_SCALE} decimals together with the tick size`);
	const priceMin = countSteps(priceGrid, spec.priceMin, 'up');
	if (priceMin.kind === 'refused') return refused(spec, 'priceMin', 'a decimal from 0 up');
	const priceMax = countSteps(priceGrid, spec.priceMax, 'down');
	const priceCountMin = Math.max(priceMin.count, 1);
	if (priceMax.kind === 'refused' || priceMax.count < priceCountMin) {
		return refused(spec, 'priceMax', 'a decimal from priceMin and one tick up');
	}
	const qtyMin = countSteps(qtyGrid, spec.qtyMin, 'up');
	if (qtyMin.kind === 'refused') return refused(spec, 'qtyMin', 'a decimal from 0 up');
	const qtyMax = countSteps(qtyGrid, spec.qtyMax, 'down');
	const qtyCountMin = Math.max(qtyMin.count, 1);
	if (qtyMax.kind === 'refused' || qtyMax.count < qtyCountMin) {
		return refused(spec, 'qtyMax', 'a decimal from qtyMin and one lot up');
	}
	const notionalMin = parseMoney(spec.notionalMin);
	if (notionalMin === undefined || notionalMin < 0n) return refused(spec, 'notionalMin', 'an amount from 0 up');
	const makerFeeE8 = feeRateE8(spec.makerFeeRate);
	if (makerFeeE8 === undefined) return refused(spec, 'makerFeeRate', 'a decimal rate with at most 8 digits, like 0.0002');
	const takerFeeE8 = feeRateE8(spec.takerFeeRate);
	if (takerFeeE8 === undefined) return refused(spec, 'takerFeeRate', 'a decimal rate with at most 8 digits, like 0.00055');
	const tickLotValue = moneyOf(BigInt(priceGrid.stepUnits) * BigInt(qtyGrid.stepUnits) * 10n ** BigInt(spareScale));
	return {
		kind: 'made',
		instrument: {
			index: place.index,
			id: `${spec.venue}:${spec.category}:${spec.symbol}`,
			venue: spec.venue,
			category: spec.category,
			symbol: spec.symbol,
			baseCurrency: spec.baseCurrency,
			quoteCurrency: spec.quoteCurrency,
			settleCurrency: spec.settleCurrency,
			version: place.version,
			status: spec.status,
			refreshedAtMs: place.refreshedAtMs,
			priceGrid,
			qtyGrid,
			priceTicksMin: priceCountMin as Ticks,
			priceTicksMax: priceMax.count as Ticks,
			qtyLotsMin: qtyCountMin as Lots,
			qtyLotsMax: qtyMax.count as Lots,
			notionalMin,
			reduceOnlySkipsNotionalMin: spec.reduceOnlySkipsNotionalMin,
			makerFeeE8,
			takerFeeE8,
			tickLotValue,
			tickLotNumber: Number(tickLotValue) / 1e18,
			notionalTickLotsMin: Number((notionalMin + tickLotValue - 1n) / tickLotValue),
		},
	};
}

export function instrumentIndex(value: number): InstrumentIndex {
	return value as InstrumentIndex;
}

export function parsePrice(instrument: Instrument, text: string, rounding: Rounding = 'exact'): Converted<Ticks> {
	const on = countSteps(instrument.priceGrid, text, rounding);
	return on.kind === 'ok' ? { kind: 'ok', value: on.count as Ticks } : on;
}

export function parseQty(instrument: Instrument, text: string, rounding: Rounding = 'exact'): Converted<Lots> {
	const on = countSteps(instrument.qtyGrid, text, rounding);
	return on.kind === 'ok' ? { kind: 'ok', value: on.count as Lots } : on;
}

export function printPrice(instrument: Instrument, price: Ticks): string {
	return printSteps(instrument.priceGrid, price);
}

export function printQty(instrument: Instrument, qty: Lots | SignedLots): string {
	return printSteps(instrument.qtyGrid, qty);
}

export function priceToNumber(instrument: Instrument, price: number): number {
	return stepsToNumber(instrument.priceGrid, price);
}

/** Whether counts of ticks and lots of the two versions mean the same prices and quantities. */
export function isSameGrid(a: Instrument, b: Instrument): boolean {
	return a === b || (a.priceGrid.step === b.priceGrid.step && a.qtyGrid.step === b.qtyGrid.step);
}

/** Exact value of a quantity at a price, in the quote currency. */
export function notionalOf(instrument: Instrument, price: Ticks, qty: Lots | SignedLots): Money {
	return moneyOf(BigInt(price) * BigInt(qty) * instrument.tickLotValue);
}

/** The same as a float, for limits and models. */
export function notionalNumber(instrument: Instrument, price: number, qty: number): number {
	return price * qty * instrument.tickLotNumber;
}

function feeRateE8(text: string): number | undefined {
	const rate = parseMoney(text);
	if (rate === undefined || rate % 10n ** 10n !== 0n) return undefined;
	const e8 = Number(rate / 10n ** 10n);
	return Math.abs(e8) < 1e8 ? e8 : undefined;
}

function refused(spec: InstrumentSpec, field: keyof InstrumentSpec, expected: string): InstrumentMade {
	return { kind: 'refused', field, found: String(spec[field]), expected };
}
