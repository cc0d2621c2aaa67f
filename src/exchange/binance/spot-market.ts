/** Spot's market data for whoever asks: books, trades, candles and the figures of the last day. */
import type { Level } from '../core/book.ts';
import { formatAtoms } from '../core/money.ts';
import type { PublicTrade } from '../core/views.ts';
import { type Candle, isCandleInterval } from './candles.ts';
import { ownTradeCount, shownTradeId, shownUpdateId } from './ids.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { INTERVAL_WRONG, invalidParameter, missing, Refusal, SYMBOL_WRONG } from './refusal.ts';
import type { Visitor } from './rest-route.ts';
import { chooseSymbols } from './spot-info.ts';
import { readSpan } from './spot-orders.ts';
import { averagePrice, bookTickerObject, candleRow, dayObject, priceObject, windowObject } from './spot-ticker-views.ts';
import { spotPrice, spotQty } from './spot-views.ts';
import type { Tape } from './tape.ts';

const DEPTH_LIMIT = { preset: 100, most: 5_000 };
const WINDOWS: ReadonlyMap<string, { readonly unitMs: number; readonly most: number }> = new Map([
	['m', { unitMs: 60_000, most: 59 }],
	['h', { unitMs: 3_600_000, most: 23 }],
	['d', { unitMs: 86_400_000, most: 7 }],
]);
const WINDOW_WRONG = invalidParameter('windowSize');
const TRADES_LIMIT = { preset: 500, most: 1_000 };

export function depth({ venue }: Visitor, given: Params): Json | Refusal {
	const tape = oneTape(venue, given);
	if (tape instanceof Refusal) return tape;
	const limit = given.limit(DEPTH_LIMIT.preset, DEPTH_LIMIT.most);
	if (limit instanceof Refusal) return limit;
	const book = venue.exchange.book(tape.shown.exchangeKey, limit);
	const rows = (levels: readonly Level[] = []): string[][] =>
		levels.map(({ priceTicks, qtyLots }) => [spotPrice(tape.listing, priceTicks), spotQty(tape.listing, qtyLots)]);
	return { lastUpdateId: shownUpdateId('spot', book?.bookSeq ?? 0), bids: rows(book?.bids), asks: rows(book?.asks) };
}

/** Newest last. */
export function recentTrades({ venue }: Visitor, given: Params): Json | Refusal {
	const tape = oneTape(venue, given);
	if (tape instanceof Refusal) return tape;
	const limit = given.limit(TRADES_LIMIT.preset, TRADES_LIMIT.most);
	if (limit instanceof Refusal) return limit;
	const fromId = given.id('fromId');
	if (fromId instanceof Refusal) return fromId;
	const all = venue.exchange.trades(tape.shown.exchangeKey);
	const chosen = fromId === undefined ? all.slice(-limit) : tradesFrom(all, fromId).slice(0, limit);
	return chosen.map((trade) => tradeObject(tape, trade));
}

/** Each trade is one of its own here. */
export function aggregateTrades({ venue }: Visitor, given: Params): Json | Refusal {
	const tape = oneTape(venue, given);
	if (tape instanceof Refusal) return tape;
	const limit = given.limit(TRADES_LIMIT.preset, TRADES_LIMIT.most);
	if (limit instanceof Refusal) return limit;
	const fromId = given.id('fromId');
	if (fromId instanceof Refusal) return fromId;
	const span = readSpan(given);
	if (span instanceof Refusal) return span;
	const all = venue.exchange.trades(tape.shown.exchangeKey);
	const within = (fromId === undefined ? all : tradesFrom(all, fromId)).filter(
		({ atMs }) => atMs >= span.fromMs && atMs <= span.toMs,
	);
	const isForward = fromId !== undefined || given.has('startTime');
	return (isForward ? within.slice(0, limit) : within.slice(-limit)).map((trade) => aggregateObject(tape, trade));
}

export function candles({ venue, nowMs }: Visitor, given: Params): Json | Refusal {
	const tape = oneTape(venue, given);
	if (tape instanceof Refusal) return tape;
	const interval = given.mustText('interval');
	if (interval instanceof Refusal) return interval;
	if (!isCandleInterval(interval)) return INTERVAL_WRONG;
	const limit = given.limit(TRADES_LIMIT.preset, TRADES_LIMIT.most);
	if (limit instanceof Refusal) return limit;
	const span = readSpan(given);
	if (span instanceof Refusal) return span;
	const fromMs = given.has('startTime') ? span.fromMs : undefined;
	const rows = tape.candles.list(interval, { fromMs, toMs: Math.min(span.toMs, nowMs), limit });
	return rows.map((row: Candle) => candleRow(tape.listing, row));
}

export function average({ venue, nowMs }: Visitor, given: Params): Json | Refusal {
	const tape = oneTape(venue, given);
	return tape instanceof Refusal ? tape : averagePrice(tape, nowMs);
}

export function bookTicker(visitor: Visitor, given: Params): Json | Refusal {
	return eachTape(visitor, given, bookTickerObject);
}

export function priceTicker(visitor: Visitor, given: Params): Json | Refusal {
	return eachTape(visitor, given, priceObject);
}

export function dayTicker(visitor: Visitor, given: Params): Json | Refusal {
	const isShort = given.raw('type') === 'MINI';
	return eachTape(visitor, given, (tape) => dayObject(tape, visitor.nowMs, isShort ? 'short' : 'full'));
}

/** Of the last minutes, hours or days; a day unless said. */
export function windowTicker(visitor: Visitor, given: Params): Json | Refusal {
	const lengthMs = readWindow(given.raw('windowSize') ?? '1d');
	if (lengthMs === null) return WINDOW_WRONG;
	if (symbolCount(given) === Number.POSITIVE_INFINITY) return missing('symbol');
	const form = given.raw('type') === 'MINI' ? 'short' : 'full';
	return eachTape(visitor, given, (tape) => windowObject(tape, lengthMs, visitor.nowMs, form));
}

/** Null for a length that there is not. */
function readWindow(text: string): number | null {
	const [, count = '', unit = ''] = /^([1-9]\d?)([mhd])$/.exec(text) ?? [];
	const { unitMs, most } = WINDOWS.get(unit) ?? { unitMs: 0, most: 0 };
	return count !== '' && Number(count) <= most ? Number(count) * unitMs : null;
}

/** How many symbols a call is about, for what it weighs. */
export function symbolCount(given: Params): number {
	if (given.raw('symbol') !== undefined) return 1;
	const list = given.raw('symbols');
	return list === undefined ? Number.POSITIVE_INFINITY : list.split(',').length;
}

/** One object for one symbol that is named, else a list. */
function eachTape({ venue }: Visitor, given: Params, show: (tape: Tape) => Json): Json | Refusal {
	const chosen = chooseSymbols(venue, given);
	if (chosen instanceof Refusal) return chosen;
	const shown = chosen.map((symbol) => show(venue.tapes.of(symbol)));
	return given.has('symbol') ? (shown[0] ?? SYMBOL_WRONG) : shown;
}

function oneTape(venue: Visitor['venue'], given: Params): Tape | Refusal {
	const symbol = given.symbol(venue, 'spot');
	return symbol instanceof Refusal ? symbol : venue.tapes.of(symbol);
}

function tradesFrom(trades: readonly PublicTrade[], shownId: string): readonly PublicTrade[] {
	const first = ownTradeCount('spot', shownId);
	return trades.filter(({ tradeId }) => BigInt(tradeId) >= first);
}

function tradeObject({ listing }: Tape, { tradeId, priceTicks, qtyLots, takerSide, atMs }: PublicTrade): Json {
	return {
		id: shownTradeId('spot', tradeId),
		price: spotPrice(listing, priceTicks),
		qty: spotQty(listing, qtyLots),
		quoteQty: formatAtoms(listing.valueAtoms(priceTicks, qtyLots)),
		time: atMs,
		isBuyerMaker: takerSide === 'sell',
		isBestMatch: true,
	};
}

function aggregateObject({ listing }: Tape, { tradeId, priceTicks, qtyLots, takerSide, atMs }: PublicTrade): Json {
	const id = shownTradeId('spot', tradeId);
	const sizes = { p: spotPrice(listing, priceTicks), q: spotQty(listing, qtyLots) };
	return { a: id, ...sizes, f: id, l: id, T: atMs, m: takerSide === 'sell', M: true };
}
