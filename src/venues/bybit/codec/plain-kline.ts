/**
 * Candles out of the kline topic. Their decoder is plain: a topic speaks once a second at most, and no order waits for
 * it. A frame is whole or bad; what is bad tells nothing.
 */
import type { Instrument } from '../../../domain/instrument.ts';
import type { TimeMs } from '../../../domain/units.ts';
import { isObject, wholeNumber } from '../../wire/plain-values.ts';
import { type KlineMembers, readKlineRow, type StreamKline } from '../../wire/stream-kline.ts';
import { type BadFrame, ITEMS_MAX } from './frames.ts';
import { bad } from './plain.ts';

/** Minutes, then day, week and month, as the venue spells them. */
export const KLINE_INTERVALS = ['1', '3', '5', '15', '30', '60', '120', '240', '360', '720', 'D', 'W', 'M'] as const;
export type KlineInterval = (typeof KLINE_INTERVALS)[number];

export interface Kline extends StreamKline<KlineInterval> {
	readonly lastTradeAtMs: TimeMs;
}

const MEMBERS: KlineMembers = {
	...{ interval: 'interval', start: 'start', end: 'end' },
	...{ open: 'open', high: 'high', low: 'low', close: 'close' },
	...{ volume: 'volume', turnover: 'turnover', isClosed: 'confirm' },
};

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
		const kline = readKlineRow(row, MEMBERS, { interval, instrument });
		if ('reason' in kline) return bad(kline.reason, `data[${index}].${kline.member}`, { instrument });
		const lastTradeAtMs = wholeNumber(row['timestamp']);
		if (typeof lastTradeAtMs === 'string') return bad(lastTradeAtMs, `data[${index}].timestamp`, { instrument });
		klines.push({ ...kline, lastTradeAtMs: lastTradeAtMs as TimeMs });
	}
	return klines;
}
