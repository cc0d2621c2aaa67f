/**
 * The market streams of spot, by name: books as changes or as their best levels, best prices, trades, candles, figures of
 * the last day. Changes of a book are numbered one by one: each frame begins where the one before it ended.
 */
import type { PublicTrade } from '../core/views.ts';
import { isCandleInterval } from './candles.ts';
import type { Json } from './numbers.ts';
import {
	aggTradeEvent,
	avgPrice,
	bookTicker,
	dayTicker,
	depthUpdate,
	klineEvent,
	miniTicker,
	type Printed,
	partialDepth,
	printed,
	tradeEvent,
} from './spot-stream-views.ts';
import type { Tape } from './tape.ts';
import { BestLevels, BestPrices, DepthChanges, type Figures, Kline, Repeated, RepeatedAll } from './tape-streams.ts';
import type { BinanceVenue } from './venue.ts';
import type { FoundStream, MarketStream, Say } from './ws-stream.ts';

const SECOND_MS = 1_000;
const FAST_MS = 100;
const KLINE_MS = 2_000;
const SYMBOL = /^[A-Za-z0-9]{1,20}$/;
const PARTIAL = /^depth(5|10|20)(@100ms)?$/;
const ALL_MINI_TICKERS = '!miniTicker@arr';
/** Streams that the venue has, or had, and the box has nothing to say on. */
const SILENT = /^(?:referencePrice|ticker_(?:1h|4h|1d))$/;
const ALL_SILENT = /^!ticker(?:_(?:1h|4h|1d))?@arr$/;

export function findSpotStream(venue: BinanceVenue, name: string): FoundStream | 'silent' | null {
	if (name === ALL_MINI_TICKERS) {
		const tapes = venue.symbolsOf('spot').map((symbol) => venue.tapes.of(symbol));
		return { tapes, open: (say) => new RepeatedAll(tapes.map(miniTickers), say, SECOND_MS) };
	}
	if (ALL_SILENT.test(name)) return 'silent';
	const at = name.indexOf('@');
	const [symbol, stream] = [name.slice(0, at), name.slice(at + 1)];
	if (at === -1 || !SYMBOL.test(symbol)) return null;
	const open = streamOf(stream);
	if (open === null || open === 'silent') return open;
	// Names are in small letters; in others there is nothing, and no complaint.
	const shown = symbol === symbol.toLowerCase() ? venue.find('spot', symbol.toUpperCase()) : undefined;
	if (shown === undefined) return 'silent';
	const tape = venue.tapes.of(shown);
	return { tapes: [tape], open: (say) => open(printed(tape), say) };
}

type Open = (of: Printed, say: Say) => MarketStream;

function streamOf(stream: string): Open | 'silent' | null {
	const simple = SIMPLE.get(stream);
	if (simple !== undefined) return simple;
	if (SILENT.test(stream)) return 'silent';
	const partial = PARTIAL.exec(stream);
	if (partial !== null) {
		const intervalMs = partial[2] === undefined ? SECOND_MS : FAST_MS;
		const depth = Number(partial[1]);
		return (of, say) => new BestLevels(of.tape, say, { intervalMs, print: () => partialDepth(of, depth) });
	}
	const interval = stream.startsWith('kline_') ? stream.slice('kline_'.length) : '';
	return isCandleInterval(interval) ? kline(interval) : null;
}

const SIMPLE: ReadonlyMap<string, Open> = new Map<string, Open>([
	['depth', depthChanges(SECOND_MS)],
	['depth@100ms', depthChanges(FAST_MS)],
	['bookTicker', (of, say) => new BestPrices(of.tape, say, (best) => bookTicker(of, best))],
	['trade', (of, say) => ({ trade: (trade: PublicTrade) => say(tradeEvent(of, trade)) })],
	['aggTrade', (of, say) => ({ trade: (trade: PublicTrade) => say(aggTradeEvent(of, trade)) })],
	[
		'miniTicker',
		(of, say) =>
			new Repeated(
				figures('24hrMiniTicker', (nowMs) => miniTicker(of, nowMs)),
				say,
			),
	],
	[
		'ticker',
		(of, say) =>
			new Repeated(
				figures('24hrTicker', (nowMs) => dayTicker(of, nowMs)),
				say,
			),
	],
	[
		'avgPrice',
		(of, say) =>
			new Repeated(
				figures('avgPrice', (nowMs) => avgPrice(of, nowMs)),
				say,
			),
	],
]);

function depthChanges(intervalMs: number): Open {
	return (of, say) => new DepthChanges(of.tape, say, { intervalMs, print: (changed, nowMs) => depthUpdate(of, changed, nowMs) });
}

function kline(interval: string): Open {
	const intervalMs = interval === '1s' ? SECOND_MS : KLINE_MS;
	return (of, say) => new Kline(of.tape, say, { interval, intervalMs, print: (candle, told) => klineEvent(of, candle, told) });
}

/** Told once a second while they change. */
function figures(event: string, of: (nowMs: number) => Json | null): Figures {
	return { event, intervalMs: SECOND_MS, of };
}

function miniTickers(tape: Tape): Figures {
	const of = printed(tape);
	return figures('24hrMiniTicker', (nowMs) => miniTicker(of, nowMs));
}
