/** Candles out of the streams `<symbol>@kline_<interval>`, in their combined form. */
import type { Instrument } from '../../../domain/instrument.ts';
import { isObject, wholeNumber } from '../../wire/plain-values.ts';
import { type KlineMembers, readKlineRow, type StreamKline } from '../../wire/stream-kline.ts';
import type { BadFrame } from './frames.ts';
import { bad, fault } from './plain.ts';

/** Those of both markets, as the venue spells them; the last one is a month. */
export const KLINE_INTERVALS = [
	...['1m', '3m', '5m', '15m', '30m'],
	...['1h', '2h', '4h', '6h', '8h', '12h'],
	...['1d', '3d', '1w', '1M'],
] as const;
export type KlineInterval = (typeof KLINE_INTERVALS)[number];

export interface LiveKline extends StreamKline<KlineInterval> {
	readonly tradeCount: number;
}

const MEMBERS: KlineMembers = {
	...{ interval: 'i', start: 't', end: 'T' },
	...{ open: 'o', high: 'h', low: 'l', close: 'c' },
	...{ volume: 'v', turnover: 'q', isClosed: 'x' },
};
const STREAM = /^[^@]+@kline_[^@]+$/;

export function klineStream(symbol: string, interval: KlineInterval): string {
	return `${symbol.toLowerCase()}@kline_${interval}`;
}

/** The stream that a frame is of; undefined when it is no candle's. */
export function klineStreamOf(message: unknown): string | undefined {
	if (!isObject(message) || typeof message['stream'] !== 'string') return undefined;
	return STREAM.test(message['stream']) ? message['stream'] : undefined;
}

/** For a frame of that interval and instrument. */
export function readKlines(message: unknown, interval: KlineInterval, instrument: Instrument): readonly LiveKline[] | BadFrame {
	const wrong = (reason: BadFrame['reason'], where: string): BadFrame => bad(fault(reason, where), { instrument });
	if (!isObject(message) || !isObject(message['data'])) return wrong('missing', 'data');
	const { data } = { data: message['data'] };
	if (data['e'] !== 'kline') return wrong('unknown-word', 'data.e');
	if (data['s'] !== instrument.symbol) return wrong('wrong-symbol', 'data.s');
	const row = data['k'];
	if (!isObject(row)) return wrong('missing', 'data.k');
	const kline = readKlineRow(row, MEMBERS, { interval, instrument });
	if ('reason' in kline) return wrong(kline.reason, `data.k.${kline.member}`);
	const tradeCount = wholeNumber(row['n']);
	if (typeof tradeCount === 'string') return wrong(tradeCount, 'data.k.n');
	return [{ ...kline, tradeCount }];
}
