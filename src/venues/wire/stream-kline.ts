/**
 * Candles as streams tell them, read by plain checks: a stream of them speaks once a second at most, and no order waits
 * for it. A candle is whole or bad.
 */
import { parseDecimal } from '../../domain/decimal.ts';
import { countSteps, type Grid } from '../../domain/grid.ts';
import type { Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import type { TimeMs } from '../../domain/units.ts';
import { type BadValue, type JsonObject, wholeNumber } from './plain-values.ts';

/** For models and screens. A candle can be older than the tick or lot of today, so its figures may lie between them. */
export interface StreamKline<Interval extends string> {
	readonly instrument: InstrumentIndex;
	readonly interval: Interval;
	readonly startAtMs: TimeMs;
	/** Its last millisecond. */
	readonly endAtMs: TimeMs;
	readonly openTicks: number;
	readonly highTicks: number;
	readonly lowTicks: number;
	readonly closeTicks: number;
	readonly volumeLots: number;
	/** In the quote currency; of inverse contracts in the base currency. */
	readonly turnover: number;
	/** It will not change any more. */
	readonly isClosed: boolean;
}

/** What the venue calls them. */
export interface KlineMembers {
	readonly interval: string;
	readonly start: string;
	readonly end: string;
	readonly open: string;
	readonly high: string;
	readonly low: string;
	readonly close: string;
	readonly volume: string;
	readonly turnover: string;
	readonly isClosed: string;
}

export interface KlineFault {
	readonly reason: BadValue | 'unknown-word' | 'contradiction';
	readonly member: string;
}

export function readKlineRow<Interval extends string>(
	row: JsonObject,
	names: KlineMembers,
	{ interval, instrument }: { readonly interval: Interval; readonly instrument: Instrument },
): StreamKline<Interval> | KlineFault {
	if (row[names.interval] !== interval) return { reason: 'unknown-word', member: names.interval };
	const isClosed = row[names.isClosed];
	if (typeof isClosed !== 'boolean') return { reason: 'missing', member: names.isClosed };
	const { priceGrid, qtyGrid } = instrument;
	let fault: KlineFault | undefined;
	const read = (member: string, value: number | BadValue): number => {
		if (typeof value === 'number') return value;
		fault ??= { reason: value, member };
		return 0;
	};
	const at = (member: string): TimeMs => read(member, wholeNumber(row[member])) as TimeMs;
	const price = (member: string): number => read(member, aboveZero(steps(row[member], priceGrid)));
	const kline: StreamKline<Interval> = {
		instrument: instrument.index,
		interval,
		startAtMs: at(names.start),
		endAtMs: at(names.end),
		openTicks: price(names.open),
		highTicks: price(names.high),
		lowTicks: price(names.low),
		closeTicks: price(names.close),
		volumeLots: read(names.volume, steps(row[names.volume], qtyGrid)),
		turnover: read(names.turnover, decimalNumber(row[names.turnover])),
		isClosed,
	};
	return fault ?? contradictionOf(kline, names) ?? kline;
}

/** A candle that cannot be, whatever was traded. */
function contradictionOf(
	{ startAtMs, endAtMs, openTicks, highTicks, lowTicks, closeTicks }: StreamKline<string>,
	names: KlineMembers,
): KlineFault | undefined {
	if (endAtMs < startAtMs) return { reason: 'contradiction', member: names.end };
	if (highTicks < Math.max(openTicks, closeTicks)) return { reason: 'contradiction', member: names.high };
	if (lowTicks > Math.min(openTicks, closeTicks)) return { reason: 'contradiction', member: names.low };
	return undefined;
}

/** Exact where the figure is on the grid, which is nearly always. */
function steps(value: unknown, grid: Grid): number | BadValue {
	const counted = typeof value === 'string' ? countSteps(grid, value) : undefined;
	if (counted?.kind === 'ok') return counted.count;
	const number = decimalNumber(value);
	return typeof number === 'number' ? (number * 10 ** grid.scale) / grid.stepUnits : number;
}

function aboveZero(value: number | BadValue): number | BadValue {
	return value === 0 ? 'zero' : value;
}

function decimalNumber(value: unknown): number | BadValue {
	if (typeof value !== 'string') return 'missing';
	const parsed = parseDecimal(value);
	if (parsed === undefined) return 'not-a-decimal';
	return parsed.units < 0n ? 'negative' : Number(value);
}
