/**
 * The market streams of futures, by name. The venue splits them over the paths `/public` and `/market`; here every path
 * has them all. Changes of a book name the update before: their numbers leave gaps.
 */
import type { PublicTrade, TradeExecution } from '../core/views.ts';
import { Pace } from '../pace.ts';
import { isCandleInterval } from './candles.ts';
import {
	aggTradeEvent,
	bookTicker,
	dayTicker,
	depthUpdate,
	forceOrder,
	klineEvent,
	markPrice,
	miniTicker,
	partialDepth,
	tradeEvent,
} from './futures-stream-views.ts';
import type { Tape } from './tape.ts';
import { BestLevels, BestPrices, bestOf, DepthChanges, type Figures, Kline, Repeated, RepeatedAll } from './tape-streams.ts';
import type { BinanceVenue } from './venue.ts';
import type { FoundStream, MarketStream, Say } from './ws-stream.ts';

const SECOND_MS = 1_000;
const DEPTH_MS = 250;
const KLINE_MS = 250;
const TICKER_MS = 2_000;
const ALL_BOOK_TICKERS_MS = 5_000;
const MARK_PRICE_MS = 3_000;

const SYMBOL = /^[A-Za-z0-9_]{1,40}$/;
const DEPTH = /^depth(5|10|20)?(?:@(100|250|500)ms)?$/;
/** Streams that the venue has and the box has nothing to say on. */
const SILENT = /^(?:rpiDepth@500ms|continuousKline_\w{1,3}|compositeIndex|assetIndex)$/;
const ALL_SILENT = new Set(['!contractInfo', '!assetIndex@arr', 'tradingSession']);

export function findFuturesStream(venue: BinanceVenue, name: string): FoundStream | 'silent' | null {
	if (ALL_SILENT.has(name)) return 'silent';
	const all = ALL.get(name);
	if (all !== undefined) {
		const tapes = venue.symbolsOf('futures').map((symbol) => venue.tapes.of(symbol));
		return { tapes, open: (say) => all(tapes, say) };
	}
	const at = name.indexOf('@');
	const [symbol, stream] = [name.slice(0, at), name.slice(at + 1)];
	if (at === -1 || !SYMBOL.test(symbol)) return null;
	const open = streamOf(stream);
	if (open === null || open === 'silent') return open;
	// Names are in small letters; in others there is nothing, and no complaint.
	const shown = symbol === symbol.toLowerCase() ? venue.find('futures', symbol.toUpperCase()) : undefined;
	if (shown === undefined) return 'silent';
	const tape = venue.tapes.of(shown);
	return { tapes: [tape], open: (say) => open(tape, say) };
}

type Open = (tape: Tape, say: Say) => MarketStream;
type OpenAll = (tapes: readonly Tape[], say: Say) => MarketStream;

function streamOf(stream: string): Open | 'silent' | null {
	const simple = SIMPLE.get(stream);
	if (simple !== undefined) return simple;
	if (SILENT.test(stream)) return 'silent';
	const depth = DEPTH.exec(stream);
	if (depth !== null) {
		const intervalMs = depth[2] === undefined ? DEPTH_MS : Number(depth[2]);
		return depth[1] === undefined ? depthChanges(intervalMs) : bestLevels(Number(depth[1]), intervalMs);
	}
	const interval = stream.startsWith('kline_') ? stream.slice('kline_'.length) : '';
	return isCandleInterval(interval) && interval !== '1s' ? kline(interval) : null;
}

const SIMPLE: ReadonlyMap<string, Open> = new Map<string, Open>([
	['bookTicker', (tape, say) => new BestPrices(tape, say, (best, atMs) => bookTicker(tape, best, atMs))],
	['trade', (tape, say) => ({ trade: (trade: PublicTrade) => say(tradeEvent(tape, trade)) })],
	['aggTrade', (tape, say) => ({ trade: (trade: PublicTrade) => say(aggTradeEvent(tape, trade)) })],
	['markPrice', (tape, say) => new MarkPrice([tape], say, { intervalMs: MARK_PRICE_MS, form: 'bare' })],
	['markPrice@1s', (tape, say) => new MarkPrice([tape], say, { intervalMs: SECOND_MS, form: 'bare' })],
	['ticker', (tape, say) => new Repeated(tickerFigures(tape), say)],
	['miniTicker', (tape, say) => new Repeated(miniTickerFigures(tape), say)],
	['forceOrder', (_tape, say) => new ForceOrders(say)],
]);

const ALL: ReadonlyMap<string, OpenAll> = new Map<string, OpenAll>([
	['!bookTicker', (tapes, say) => new AllBestPrices(tapes, say)],
	['!markPrice@arr', (tapes, say) => new MarkPrice(tapes, say, { intervalMs: MARK_PRICE_MS, form: 'list' })],
	['!markPrice@arr@1s', (tapes, say) => new MarkPrice(tapes, say, { intervalMs: SECOND_MS, form: 'list' })],
	['!ticker@arr', (tapes, say) => new RepeatedAll(tapes.map(tickerFigures), say, SECOND_MS)],
	['!miniTicker@arr', (tapes, say) => new RepeatedAll(tapes.map(miniTickerFigures), say, SECOND_MS)],
	// A list by its name only: each order comes alone.
	['!forceOrder@arr', (_tapes, say) => new ForceOrders(say)],
]);

function depthChanges(intervalMs: number): Open {
	return (tape, say) => new DepthChanges(tape, say, { intervalMs, print: (changed, nowMs) => depthUpdate(tape, changed, nowMs) });
}

function bestLevels(depth: number, intervalMs: number): Open {
	return (tape, say) =>
		new BestLevels(tape, say, { intervalMs, print: (since, nowMs) => partialDepth(tape, { since, depth, nowMs }) });
}

function kline(interval: string): Open {
	return (tape, say) =>
		new Kline(tape, say, { interval, intervalMs: KLINE_MS, print: (candle, told) => klineEvent(tape, candle, told) });
}

function tickerFigures(tape: Tape): Figures {
	return { event: '24hrTicker', intervalMs: TICKER_MS, of: (nowMs) => dayTicker(tape, nowMs) };
}

function miniTickerFigures(tape: Tape): Figures {
	return { event: '24hrMiniTicker', intervalMs: TICKER_MS, of: (nowMs) => miniTicker(tape, nowMs) };
}

/** Again and again, whether it has changed or not. */
class MarkPrice implements MarketStream {
	readonly #tapes: readonly Tape[];
	readonly #say: Say;
	readonly #pace: Pace;
	readonly #form: 'bare' | 'list';

	constructor(
		tapes: readonly Tape[],
		say: Say,
		{ intervalMs, form }: { readonly intervalMs: number; readonly form: 'bare' | 'list' },
	) {
		this.#tapes = tapes;
		this.#say = say;
		this.#pace = new Pace(intervalMs);
		this.#form = form;
	}

	tick(nowMs: number): void {
		if (!this.#pace.reached(nowMs)) return;
		const texts = this.#tapes.map((tape) => markPrice(tape, nowMs)).filter((text) => text !== null);
		if (texts.length > 0) this.#say(this.#form === 'list' ? `[${texts.join(',')}]` : texts.join(''));
	}
}

/** Every few seconds, a frame for each symbol whose book has changed; all of them for whoever has just come. */
class AllBestPrices implements MarketStream {
	readonly #tapes: readonly Tape[];
	readonly #say: Say;
	readonly #pace = new Pace(ALL_BOOK_TICKERS_MS);
	readonly #changed = new Set<Tape>();

	constructor(tapes: readonly Tape[], say: Say) {
		this.#tapes = tapes;
		this.#say = say;
	}

	start(): void {
		for (const tape of this.#tapes) this.#changed.add(tape);
	}

	level(_change: unknown, tape: Tape): void {
		this.#changed.add(tape);
	}

	tick(nowMs: number): void {
		if (!this.#pace.reached(nowMs)) return;
		for (const tape of this.#changed) this.#say(bookTicker(tape, bestOf(tape), nowMs));
		this.#changed.clear();
	}
}

/** The last forced order of each symbol, once a second. */
class ForceOrders implements MarketStream {
	readonly #say: Say;
	readonly #pace = new Pace(SECOND_MS);
	readonly #latest = new Map<Tape, TradeExecution>();

	constructor(say: Say) {
		this.#say = say;
	}

	start(_nowMs: number, isFirst: boolean): void {
		if (isFirst) this.#latest.clear();
	}

	liquidation(fill: TradeExecution, tape: Tape): void {
		this.#latest.set(tape, fill);
	}

	tick(nowMs: number): void {
		if (!this.#pace.reached(nowMs)) return;
		for (const [tape, fill] of this.#latest) this.#say(forceOrder(tape, fill, nowMs));
		this.#latest.clear();
	}
}
