/**
 * What anybody can ask about the market of a contract: books, trades, candles, prices, the last day. All of it is read
 * from the exchange and from the tapes that the streams read too.
 */
import { formatScaled } from '../core/decimal.ts';
import { ATOM_DECIMALS } from '../core/money.ts';
import type { PublicTrade } from '../core/views.ts';
import { type Candle, isCandleInterval } from './candles.ts';
import { DEPTH_LIMIT_WRONG } from './futures-refusals.ts';
import { averagePrice, futuresMoney, type JsonObject, quotient } from './futures-views.ts';
import { ownTradeCount, shownTradeId, shownUpdateId } from './ids.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { INTERVAL_WRONG, Refusal, SYMBOL_WRONG } from './refusal.ts';
import type { Visitor } from './rest-route.ts';
import type { Tape } from './tape.ts';
import type { BinanceSymbol } from './venue.ts';

const DEPTH_LIMITS = [5, 10, 20, 50, 100, 500, 1_000];
const DEPTH_PRESET = 500;
const TRADE_PAGE = { preset: 500, most: 1_000 };
const CANDLE_PAGE = { preset: 500, most: 1_500 };
const PERCENT_DECIMALS = 3;
const INTEREST_RATE = '0.00010000';
const DAY_MS = 86_400_000;

export function ping(): Json {
	return {};
}

export function time({ nowMs }: Visitor): Json {
	return { serverTime: nowMs };
}

export function depth({ venue, nowMs }: Visitor, given: Params): Json | Refusal {
	const symbol = given.symbol(venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	const limit = given.whole('limit') ?? DEPTH_PRESET;
	if (limit instanceof Refusal) return limit;
	if (!DEPTH_LIMITS.includes(limit)) return DEPTH_LIMIT_WRONG;
	const { price, qty } = venue.listing(symbol);
	const book = venue.exchange.book(symbol.exchangeKey, limit);
	const rows = (levels: readonly { readonly priceTicks: number; readonly qtyLots: number }[] = []): string[][] =>
		levels.map(({ priceTicks, qtyLots }) => [price.format(priceTicks), qty.format(qtyLots)]);
	return {
		lastUpdateId: shownUpdateId('futures', book?.bookSeq ?? 0),
		E: nowMs,
		T: venue.tapes.of(symbol).bookAtMs || nowMs,
		bids: rows(book?.bids),
		asks: rows(book?.asks),
	};
}

export function trades({ venue }: Visitor, given: Params): Json | Refusal {
	const symbol = given.symbol(venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	const limit = given.limit(TRADE_PAGE.preset, TRADE_PAGE.most);
	if (limit instanceof Refusal) return limit;
	const fromId = given.id('fromId');
	if (fromId instanceof Refusal) return fromId;
	const found = fromId === undefined ? venue.exchange.trades(symbol.exchangeKey) : tradesFrom({ venue, symbol }, fromId);
	const listing = venue.listing(symbol);
	return (fromId === undefined ? found.slice(-limit) : found.slice(0, limit)).map((trade) => ({
		id: shownTradeId('futures', trade.tradeId),
		price: listing.price.format(trade.priceTicks),
		qty: listing.qty.format(trade.qtyLots),
		quoteQty: futuresMoney(listing.valueAtoms(trade.priceTicks, trade.qtyLots)),
		time: trade.atMs,
		isBuyerMaker: trade.takerSide === 'sell',
		isRPITrade: false,
	}));
}

/** Each trade is an aggregate of its own here. */
export function aggregateTrades({ venue }: Visitor, given: Params): Json | Refusal {
	const symbol = given.symbol(venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	const limit = given.limit(TRADE_PAGE.preset, TRADE_PAGE.most);
	if (limit instanceof Refusal) return limit;
	const fromId = given.id('fromId');
	if (fromId instanceof Refusal) return fromId;
	const fromMs = given.whole('startTime');
	if (fromMs instanceof Refusal) return fromMs;
	const toMs = given.whole('endTime');
	if (toMs instanceof Refusal) return toMs;
	const all = fromId === undefined ? venue.exchange.trades(symbol.exchangeKey) : tradesFrom({ venue, symbol }, fromId);
	const found = all.filter(({ atMs }) => atMs >= (fromMs ?? 0) && atMs <= (toMs ?? Number.POSITIVE_INFINITY));
	const isFromStart = fromId !== undefined || fromMs !== undefined;
	const { price, qty } = venue.listing(symbol);
	return (isFromStart ? found.slice(0, limit) : found.slice(-limit)).map((trade) => {
		const id = shownTradeId('futures', trade.tradeId);
		const quantity = qty.format(trade.qtyLots);
		const isBuyerMaker = trade.takerSide === 'sell';
		return { a: id, p: price.format(trade.priceTicks), q: quantity, nq: quantity, f: id, l: id, T: trade.atMs, m: isBuyerMaker };
	});
}

export function klines({ venue, nowMs }: Visitor, given: Params): Json | Refusal {
	const symbol = given.symbol(venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	const interval = given.mustText('interval');
	if (interval instanceof Refusal) return interval;
	if (!isCandleInterval(interval) || interval === '1s') return INTERVAL_WRONG;
	const fromMs = given.whole('startTime');
	if (fromMs instanceof Refusal) return fromMs;
	const toMs = given.whole('endTime');
	if (toMs instanceof Refusal) return toMs;
	const limit = given.limit(CANDLE_PAGE.preset, CANDLE_PAGE.most);
	if (limit instanceof Refusal) return limit;
	const tape = venue.tapes.of(symbol);
	return tape.candles
		.list(interval, { fromMs, toMs: Math.min(toMs ?? nowMs, nowMs), limit })
		.map((candle) => candleRow(tape, candle));
}

export function premiumIndex(visitor: Visitor, given: Params): Json | Refusal {
	return ofSymbols(visitor, given, (tape) => {
		const ticker = tape.ticker();
		const mark = tape.listing.price.format(ticker?.markTicks ?? 0);
		return {
			symbol: tape.shown.symbol,
			markPrice: mark,
			indexPrice: mark,
			estimatedSettlePrice: mark,
			lastFundingRate: formatScaled(BigInt(ticker?.fundingRateE8 ?? 0), ATOM_DECIMALS),
			interestRate: INTEREST_RATE,
			nextFundingTime: ticker?.nextFundingAtMs ?? 0,
			time: visitor.nowMs,
		};
	});
}

export function bookTicker(visitor: Visitor, given: Params): Json | Refusal {
	return ofSymbols(visitor, given, ({ exchange, shown, listing: { price, qty }, bookAtMs }) => {
		const book = exchange.book(shown.exchangeKey, 1);
		const [bid, ask] = [book?.bids[0], book?.asks[0]];
		return {
			symbol: shown.symbol,
			bidPrice: price.format(bid?.priceTicks ?? 0),
			bidQty: qty.format(bid?.qtyLots ?? 0),
			askPrice: price.format(ask?.priceTicks ?? 0),
			askQty: qty.format(ask?.qtyLots ?? 0),
			time: bookAtMs || visitor.nowMs,
			lastUpdateId: shownUpdateId('futures', book?.bookSeq ?? 0),
		};
	});
}

export function priceTicker(visitor: Visitor, given: Params): Json | Refusal {
	return ofSymbols(visitor, given, (tape) => ({
		symbol: tape.shown.symbol,
		price: tape.listing.price.format(lastTicks(tape)),
		time: lastTrade(tape)?.atMs ?? visitor.nowMs,
	}));
}

export function dayTicker(visitor: Visitor, given: Params): Json | Refusal {
	return ofSymbols(visitor, given, (tape) => dayObject(tape, visitor.nowMs));
}

/** One object for a symbol that is named, a list of all without. */
function ofSymbols({ venue }: Visitor, given: Params, show: (tape: Tape) => JsonObject): Json | Refusal {
	const name = given.raw('symbol');
	if (name === undefined) return venue.symbolsOf('futures').map((symbol) => show(venue.tapes.of(symbol)));
	const symbol = venue.find('futures', name);
	return symbol === undefined ? SYMBOL_WRONG : show(venue.tapes.of(symbol));
}

/** Before the first trade the mark price stands in for every price. */
function dayObject(tape: Tape, nowMs: number): JsonObject {
	const { shown, listing } = tape;
	const { price, qty } = listing;
	const day = tape.candles.day(nowMs);
	const last = lastTicks(tape);
	const openTicks = day?.openTicks || last;
	const { volumeLots, turnoverAtoms } = day ?? { volumeLots: 0, turnoverAtoms: 0n };
	const latest = lastTrade(tape);
	return {
		symbol: shown.symbol,
		priceChange: price.format(last - openTicks),
		priceChangePercent:
			openTicks === 0 ? '0.000' : quotient(100n * BigInt(last - openTicks), BigInt(openTicks), PERCENT_DECIMALS),
		weightedAvgPrice: averagePrice(listing, turnoverAtoms, volumeLots),
		lastPrice: price.format(last),
		lastQty: qty.format(latest?.qtyLots ?? 0),
		openPrice: price.format(openTicks),
		highPrice: price.format(day?.highTicks || last),
		lowPrice: price.format(day?.lowTicks || last),
		volume: qty.format(volumeLots),
		quoteVolume: futuresMoney(turnoverAtoms),
		openTime: day?.startMs ?? nowMs - DAY_MS,
		closeTime: nowMs,
		firstId: tradeIdOf(day?.firstTradeId),
		lastId: tradeIdOf(day?.lastTradeId),
		count: day?.tradeCount ?? 0,
	};
}

function candleRow({ listing: { price, qty } }: Tape, candle: Candle): Json {
	const ticks = [candle.openTicks, candle.highTicks, candle.lowTicks, candle.closeTicks].map((each) => price.format(each));
	return [
		candle.startMs,
		...ticks,
		qty.format(candle.volumeLots),
		candle.endMs,
		futuresMoney(candle.turnoverAtoms),
		candle.tradeCount,
		qty.format(candle.takerBuyLots),
		futuresMoney(candle.takerBuyAtoms),
		'0',
	];
}

function lastTicks(tape: Tape): number {
	const ticker = tape.ticker();
	return ticker?.lastTicks || (ticker?.markTicks ?? 0);
}

function lastTrade({ exchange, shown }: Tape): PublicTrade | undefined {
	return exchange.trades(shown.exchangeKey).at(-1);
}

function tradesFrom(
	{ venue, symbol }: { readonly venue: Visitor['venue']; readonly symbol: BinanceSymbol },
	fromId: string,
): readonly PublicTrade[] {
	const from = ownTradeCount('futures', fromId);
	return venue.exchange.trades(symbol.exchangeKey).filter(({ tradeId }) => BigInt(tradeId) >= from);
}

/** -1 where nothing traded, as the venue has it. */
function tradeIdOf(tradeId: string | undefined): bigint | number {
	return tradeId === undefined || tradeId === '' ? -1 : shownTradeId('futures', tradeId);
}
