/**
 * What the market streams of futures say. Prices and quantities have the decimals of their grid. Books name the last
 * update that was told before, since their numbers leave gaps. Frames of books and trades are written out by hand:
 * most of what a market says are these, and nothing in them needs an escape.
 */
import type { Level } from '../core/book.ts';
import { formatScaled } from '../core/decimal.ts';
import { ATOM_DECIMALS } from '../core/money.ts';
import type { PublicTrade, TradeExecution } from '../core/views.ts';
import type { Candle } from './candles.ts';
import { averagePrice, futuresMoney, quotient } from './futures-views.ts';
import { shownFirstUpdateId, shownTradeId, shownUpdateId } from './ids.ts';
import { type Json, printJson } from './numbers.ts';
import type { Tape } from './tape.ts';
import { type Best, eventText, type PrintChanges, type Since, type ToldCandle } from './tape-streams.ts';
import { wireSide } from './words.ts';

const MARKET = 'futures';
const PERCENT_DECIMALS = 3;
const NO_TRADE = -1;
/** What kind of market it is: contracts in USDⓈ. */
const USD_M = '"st":1';

/** `pu` is the `u` of the frame before. */
export function depthUpdate(tape: Tape, changed: Parameters<PrintChanges>[0], nowMs: number): string {
	const { firstSeq, lastSeq, toldSeq, atMs, bids, asks } = changed;
	return bookFrame(tape, { firstSeq, lastSeq, toldSeq, atMs, nowMs }, { bids, asks });
}

/** The best levels of both sides, in the form of a change. */
export function partialDepth(
	tape: Tape,
	{ since, depth, nowMs }: { readonly since: Since; readonly depth: number; readonly nowMs: number },
): string {
	const book = tape.exchange.book(tape.shown.exchangeKey, depth);
	const lastSeq = book?.bookSeq ?? 0;
	const firstSeq = since.firstSeq === 0 ? lastSeq : since.firstSeq;
	const atMs = tape.bookAtMs || nowMs;
	return bookFrame(
		tape,
		{ firstSeq, lastSeq, toldSeq: since.toldSeq, atMs, nowMs },
		{ bids: book?.bids ?? [], asks: book?.asks ?? [] },
	);
}

interface BookSpan {
	readonly firstSeq: number;
	readonly lastSeq: number;
	readonly toldSeq: number;
	readonly atMs: number;
	readonly nowMs: number;
}

function bookFrame(
	tape: Tape,
	{ firstSeq, lastSeq, toldSeq, atMs, nowMs }: BookSpan,
	{ bids, asks }: { readonly bids: readonly Level[]; readonly asks: readonly Level[] },
): string {
	const { symbol } = tape.shown;
	const head = `"E":${nowMs},"T":${atMs},"s":"${symbol}","ps":"${symbol}",${USD_M}`;
	const first = shownFirstUpdateId(MARKET, firstSeq);
	const ids = `"U":${first},"u":${shownUpdateId(MARKET, lastSeq)},"pu":${shownUpdateId(MARKET, toldSeq)}`;
	return `{"e":"depthUpdate",${head},${ids},"b":[${rows(tape, bids)}],"a":[${rows(tape, asks)}]}`;
}

function rows({ listing: { price, qty } }: Tape, levels: readonly Level[]): string {
	let text = '';
	for (const { priceTicks, qtyLots } of levels) {
		text += `${text === '' ? '' : ','}["${price.format(priceTicks)}","${qty.format(qtyLots)}"]`;
	}
	return text;
}

export function bookTicker(tape: Tape, { bookSeq, bid, ask }: Best, nowMs: number): string {
	const { price, qty } = tape.listing;
	const { symbol } = tape.shown;
	const head = `"u":${shownUpdateId(MARKET, bookSeq)},"E":${nowMs},"T":${tape.bookAtMs || nowMs},"s":"${symbol}"`;
	const bids = `"b":"${price.format(bid.priceTicks)}","B":"${qty.format(bid.qtyLots)}"`;
	const asks = `"a":"${price.format(ask.priceTicks)}","A":"${qty.format(ask.qtyLots)}"`;
	return `{"e":"bookTicker",${head},${bids},${asks},"ps":"${symbol}",${USD_M}}`;
}

export function tradeEvent(tape: Tape, { tradeId, priceTicks, qtyLots, takerSide, atMs }: PublicTrade): string {
	const { price, qty } = tape.listing;
	const head = `"E":${atMs},"T":${atMs},"s":"${tape.shown.symbol}","t":${shownTradeId(MARKET, tradeId)}`;
	const amounts = `"p":"${price.format(priceTicks)}","q":"${qty.format(qtyLots)}"`;
	return `{"e":"trade",${head},${amounts},"X":"MARKET","m":${takerSide === 'sell'},${USD_M}}`;
}

/** One a trade, as REST lists them. */
export function aggTradeEvent(tape: Tape, { tradeId, priceTicks, qtyLots, takerSide, atMs }: PublicTrade): string {
	const id = shownTradeId(MARKET, tradeId);
	const quantity = tape.listing.qty.format(qtyLots);
	const head = `"E":${atMs},"a":${id},"s":"${tape.shown.symbol}"`;
	const amounts = `"p":"${tape.listing.price.format(priceTicks)}","q":"${quantity}","nq":"${quantity}"`;
	return `{"e":"aggTrade",${head},${amounts},"f":${id},"l":${id},"T":${atMs},"m":${takerSide === 'sell'},${USD_M}}`;
}

/** The mark price stands in for index and settlement price; null before it is known. */
export function markPrice(tape: Tape, nowMs: number): string | null {
	const ticker = tape.ticker();
	if (ticker === undefined || ticker.markTicks === 0) return null;
	const mark = eightDecimals(tape, ticker.markTicks);
	const figures = {
		s: tape.shown.symbol,
		p: mark,
		ap: mark,
		i: mark,
		P: mark,
		r: formatScaled(BigInt(ticker.fundingRateE8), ATOM_DECIMALS),
		T: ticker.nextFundingAtMs,
		st: 1,
	};
	return eventText('markPriceUpdate', nowMs, printJson(figures));
}

/** Mark prices are finer than the grid at the venue. */
function eightDecimals({ listing: { price } }: Tape, ticks: number): string {
	const { digits, scale } = price.step;
	return formatScaled(BigInt(ticks) * digits * 10n ** BigInt(ATOM_DECIMALS - scale), ATOM_DECIMALS);
}

export function klineEvent(
	{ shown: { symbol }, listing: { price, qty } }: Tape,
	candle: Candle,
	{ interval, isDone, nowMs }: ToldCandle,
): string {
	return printJson({
		e: 'kline',
		E: nowMs,
		s: symbol,
		k: {
			t: candle.startMs,
			T: candle.endMs,
			s: symbol,
			i: interval,
			f: tradeIdOrNone(candle.firstTradeId),
			L: tradeIdOrNone(candle.lastTradeId),
			o: price.format(candle.openTicks),
			c: price.format(candle.closeTicks),
			h: price.format(candle.highTicks),
			l: price.format(candle.lowTicks),
			v: qty.format(candle.volumeLots),
			n: candle.tradeCount,
			x: isDone,
			q: futuresMoney(candle.turnoverAtoms),
			V: qty.format(candle.takerBuyLots),
			Q: futuresMoney(candle.takerBuyAtoms),
			B: '0',
		},
		st: 1,
	});
}

/** Null before the first trade. */
export function miniTicker({ candles, shown, listing: { price, qty } }: Tape, nowMs: number): Json | null {
	const day = candles.day(nowMs);
	if (day === null) return null;
	return {
		s: shown.symbol,
		c: price.format(day.closeTicks),
		o: price.format(day.openTicks),
		h: price.format(day.highTicks),
		l: price.format(day.lowTicks),
		v: qty.format(day.volumeLots),
		q: futuresMoney(day.turnoverAtoms),
		st: 1,
	};
}

/** Null before the first trade. */
export function dayTicker({ candles, shown, listing, exchange }: Tape, nowMs: number): Json | null {
	const day = candles.day(nowMs);
	if (day === null) return null;
	const { price, qty } = listing;
	const changeTicks = day.closeTicks - day.openTicks;
	const last = exchange.trades(shown.exchangeKey).at(-1);
	return {
		s: shown.symbol,
		p: price.format(changeTicks),
		P: day.openTicks === 0 ? '0.000' : quotient(100n * BigInt(changeTicks), BigInt(day.openTicks), PERCENT_DECIMALS),
		w: averagePrice(listing, day.turnoverAtoms, day.volumeLots),
		c: price.format(day.closeTicks),
		Q: qty.format(last?.qtyLots ?? 0),
		o: price.format(day.openTicks),
		h: price.format(day.highTicks),
		l: price.format(day.lowTicks),
		v: qty.format(day.volumeLots),
		q: futuresMoney(day.turnoverAtoms),
		O: day.startMs,
		C: day.endMs,
		F: tradeIdOrNone(day.firstTradeId),
		L: tradeIdOrNone(day.lastTradeId),
		n: day.tradeCount,
		st: 1,
	};
}

/** An order by which an account was closed out, as far as it has filled. */
export function forceOrder({ shown, listing: { price, qty } }: Tape, fill: TradeExecution, nowMs: number): string {
	const { side, orderQtyLots, orderPriceTicks, priceTicks, qtyLots, leavesLots, atMs } = fill;
	return printJson({
		e: 'forceOrder',
		E: nowMs,
		o: {
			s: shown.symbol,
			S: wireSide(side),
			o: 'LIMIT',
			f: 'IOC',
			q: qty.format(orderQtyLots),
			p: price.format(orderPriceTicks),
			ap: price.format(priceTicks),
			X: leavesLots === 0 ? 'FILLED' : 'PARTIALLY_FILLED',
			l: qty.format(qtyLots),
			z: qty.format(orderQtyLots - leavesLots),
			T: atMs,
		},
		st: 1,
	});
}

function tradeIdOrNone(tradeId: string): bigint | number {
	return tradeId === '' ? NO_TRADE : shownTradeId(MARKET, tradeId);
}
