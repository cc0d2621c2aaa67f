/**
 * Candles out of the kline topic. Their decoder is plain: a topic speaks once a second at most, and no order waits for
 * it. A frame is whole or bad; what is bad tells nothing.
 */
import { parseDecimal } from '../../../domain/decimal.ts';
import { countSteps, type Grid } from '../../../domain/grid.ts';
import type { Instrument, InstrumentIndex } from '../../../domain/instrument.ts';
import type { TimeMs } from '../../../domain/units.ts';
import { type BadFrame, type BadReason, ITEMS_MAX } from './frames.ts';
import { bad, isObject, type JsonObject, wholeNumber } from './plain.ts';

/** Minutes, then day, week and month, as the venue spells them. */
export const KLINE_INTERVALS = ['1', '3', '5', '15', '30', '60', '120', '240', '360', '720', 'D', 'W', 'M'] as const;
export type KlineInterval = (typeof KLINE_INTERVALS)[number];

/** For models and screens. A candle can be older than the tick or lot of today, so its figures may lie between them. */
export interface Kline {
	readonly instrument: InstrumentIndex;
	readonly interval: KlineInterval;
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
	readonly lastTradeAtMs: TimeMs;
}

export interface KlineTopic {
	readonly interval: KlineInterval;
	readonly symbol: string;
}

const TOPIC = /^kline\.([^.]+)\.([^.]+)$/;

export function klineTopic({ interval, symbol }: KlineTopic): string {
	return `kline.${interval}.${symbol}`;
}

/** What a frame is about; undefined when it is no candle's. */
export function klineTopicOf(message: unknown): KlineTopic | undefined {
	if (!isObject(message) || typeof message['topic'] !== 'string') return undefined;
	const [, word, symbol] = TOPIC.exec(message['topic']) ?? [];
	const interval = KLINE_INTERVALS.find((each) => each === word);
	return interval === undefined || symbol === undefined ? undefined : { interval, symbol };
}

/** For a frame of that interval and instrument. */
export function readKlines(message: unknown, interval: KlineInterval, instrument: Instrument): readonly Kline[] | BadFrame {
	if (!isObject(message)) return bad('not-an-object', 'frame', { instrument });
	if (message['type'] !== 'snapshot') return bad('unknown-word', 'type', { instrument });
	const { data } = message;
	if (!Array.isArray(data)) return bad('missing', 'data', { instrument });
	if (data.length > ITEMS_MAX) return bad('too-many', 'data', { instrument });
	const klines: Kline[] = [];
	for (const [index, row] of (data as readonly unknown[]).entries()) {
		if (!isObject(row)) return bad('missing', `data[${index}]`, { instrument });
		const kline = readKline(row, interval, instrument);
		if ('reason' in kline) return bad(kline.reason, `data[${index}].${kline.member}`, { instrument });
		klines.push(kline);
	}
	return klines;
}

interface Fault {
	readonly reason: BadReason;
	readonly member: string;
}

function readKline(row: JsonObject, interval: KlineInterval, instrument: Instrument): Kline | Fault {
	if (row['interval'] !== interval) return { reason: 'unknown-word', member: 'interval' };
	if (typeof row['confirm'] !== 'boolean') return { reason: 'missing', member: 'confirm' };
	const { priceGrid, qtyGrid } = instrument;
	let fault: Fault | undefined;
	const read = (member: string, value: number | BadReason): number => {
		if (typeof value === 'number') return value;
		fault ??= { reason: value, member };
		return 0;
	};
	const at = (member: string): TimeMs => read(member, wholeNumber(row[member])) as TimeMs;
	const price = (member: string): number => read(member, aboveZero(steps(row[member], priceGrid)));
	const kline: Kline = {
		instrument: instrument.index,
		interval,
		startAtMs: at('start'),
		endAtMs: at('end'),
		openTicks: price('open'),
		highTicks: price('high'),
		lowTicks: price('low'),
		closeTicks: price('close'),
		volumeLots: read('volume', steps(row['volume'], qtyGrid)),
		turnover: read('turnover', decimalNumber(row['turnover'])),
		isClosed: row['confirm'],
		lastTradeAtMs: at('timestamp'),
	};
	return fault ?? contradictionOf(kline) ?? kline;
}

/** A candle that cannot be, whatever was traded. */
function contradictionOf({ startAtMs, endAtMs, openTicks, highTicks, lowTicks, closeTicks }: Kline): Fault | undefined {
	if (endAtMs < startAtMs) return { reason: 'contradiction', member: 'end' };
	if (highTicks < Math.max(openTicks, closeTicks)) return { reason: 'contradiction', member: 'high' };
	if (lowTicks > Math.min(openTicks, closeTicks)) return { reason: 'contradiction', member: 'low' };
	return undefined;
}

/** Exact where the figure is on the grid, which is nearly always. */
function steps(value: unknown, grid: Grid): number | BadReason {
	const counted = typeof value === 'string' ? countSteps(grid, value) : undefined;
	if (counted?.kind === 'ok') return counted.count;
	const number = decimalNumber(value);
	return typeof number === 'number' ? (number * 10 ** grid.scale) / grid.stepUnits : number;
}

function aboveZero(value: number | BadReason): number | BadReason {
	return value === 0 ? 'zero' : value;
}

function decimalNumber(value: unknown): number | BadReason {
	if (typeof value !== 'string') return 'missing';
	const parsed = parseDecimal(value);
	if (parsed === undefined) return 'not-a-decimal';
	return parsed.units < 0n ? 'negative' : Number(value);
}
