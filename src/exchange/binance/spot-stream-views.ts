/**
 * What the market streams of spot say. Frames of books and trades are written out by hand, since most of what a market
 * says are these, and nothing in them needs an escape. Prices and quantities have eight decimals, whatever their grid.
 */
import type { Level } from '../core/book.ts';
import type { Listing } from '../core/listing.ts';
import { formatAtoms } from '../core/money.ts';
import type { PublicTrade } from '../core/views.ts';
import type { Candle } from './candles.ts';
import { shownFirstUpdateId, shownTradeId, shownUpdateId } from './ids.ts';
import { type Json, printJson } from './numbers.ts';
import { averagePrice, bestFields, changeFields } from './spot-ticker-views.ts';
import type { Tape } from './tape.ts';
import type { Best, ToldCandle } from './tape-streams.ts';
import type { ChangedLevels } from './ws-stream.ts';

const SPOT_DECIMALS = 8;
const NO_TRADE = -1;

/** The same digits as `spotPrice` and `spotQty`, at a fraction of their cost: the grid's own, and zeros. */
export class SpotPrinter {
	readonly #listing: Listing;
	readonly #pricePadding: string;
	readonly #qtyPadding: string;

	constructor(listing: Listing) {
		this.#listing = listing;
		this.#pricePadding = padding(listing.price.step.scale);
		this.#qtyPadding = padding(listing.qty.step.scale);
	}

	price(ticks: number): string {
		return this.#listing.price.format(ticks) + this.#pricePadding;
	}

	qty(lots: number): string {
		return this.#listing.qty.format(lots) + this.#qtyPadding;
	}

	/** Rows of levels with commas between them. */
	levels(levels: readonly Level[]): string {
		let rows = '';
		for (const { priceTicks, qtyLots } of levels) {
			rows += `${rows === '' ? '' : ','}["${this.price(priceTicks)}","${this.qty(qtyLots)}"]`;
		}
		return rows;
	}
}

function padding(scale: number): string {
	return (scale === 0 ? '.' : '') + '0'.repeat(SPOT_DECIMALS - scale);
}

/** What every view needs: the symbol, and how its numbers are printed. */
export interface Printed {
	readonly tape: Tape;
	readonly print: SpotPrinter;
}

export function printed(tape: Tape): Printed {
	return { tape, print: new SpotPrinter(tape.listing) };
}

export function depthUpdate({ tape, print }: Printed, changed: ChangedLevels, nowMs: number): string {
	const ids = `"U":${shownFirstUpdateId('spot', changed.firstSeq)},"u":${shownUpdateId('spot', changed.lastSeq)}`;
	const sides = `"b":[${print.levels(changed.bids)}],"a":[${print.levels(changed.asks)}]`;
	return `{"e":"depthUpdate","E":${nowMs},"s":"${tape.shown.symbol}",${ids},${sides}}`;
}

/** The best levels of both sides; it names neither symbol nor time. */
export function partialDepth({ tape, print }: Printed, depth: number): string {
	const book = tape.exchange.book(tape.shown.exchangeKey, depth);
	const sides = `"bids":[${print.levels(book?.bids ?? [])}],"asks":[${print.levels(book?.asks ?? [])}]`;
	return `{"lastUpdateId":${shownUpdateId('spot', book?.bookSeq ?? 0)},${sides}}`;
}

export function bookTicker({ tape, print }: Printed, { bookSeq, bid, ask }: Best): string {
	const prices = `"b":"${print.price(bid.priceTicks)}","B":"${print.qty(bid.qtyLots)}"`;
	const asks = `"a":"${print.price(ask.priceTicks)}","A":"${print.qty(ask.qtyLots)}"`;
	return `{"u":${shownUpdateId('spot', bookSeq)},"s":"${tape.shown.symbol}",${prices},${asks}}`;
}

export function tradeEvent(of: Printed, trade: PublicTrade): string {
	const { head, amounts, tail } = tradeParts(of, trade);
	return `{"e":"trade",${head},"t":${shownTradeId('spot', trade.tradeId)},${amounts},${tail}}`;
}

/** One a trade: the exchange's tape does not tell which trades were of one order. */
export function aggTradeEvent(of: Printed, trade: PublicTrade): string {
	const { head, amounts, tail } = tradeParts(of, trade);
	const id = shownTradeId('spot', trade.tradeId);
	return `{"e":"aggTrade",${head},"a":${id},${amounts},"f":${id},"l":${id},${tail}}`;
}

function tradeParts({ tape, print }: Printed, { priceTicks, qtyLots, takerSide, atMs }: PublicTrade): TradeParts {
	return {
		head: `"E":${atMs},"s":"${tape.shown.symbol}"`,
		amounts: `"p":"${print.price(priceTicks)}","q":"${print.qty(qtyLots)}"`,
		tail: `"T":${atMs},"m":${takerSide === 'sell'},"M":true`,
	};
}

/** Between them stand the ids. */
interface TradeParts {
	readonly head: string;
	readonly amounts: string;
	readonly tail: string;
}

export function klineEvent({ tape, print }: Printed, candle: Candle, told: ToldCandle): string {
	const { symbol } = tape.shown;
	return printJson({
		e: 'kline',
		E: told.nowMs,
		s: symbol,
		k: {
			t: candle.startMs,
			T: candle.endMs,
			s: symbol,
			i: told.interval,
			f: tradeIdOrNone(candle.firstTradeId),
			L: tradeIdOrNone(candle.lastTradeId),
			o: print.price(candle.openTicks),
			c: print.price(candle.closeTicks),
			h: print.price(candle.highTicks),
			l: print.price(candle.lowTicks),
			v: print.qty(candle.volumeLots),
			n: candle.tradeCount,
			x: told.isDone,
			q: formatAtoms(candle.turnoverAtoms),
			V: print.qty(candle.takerBuyLots),
			Q: formatAtoms(candle.takerBuyAtoms),
			B: '0',
		},
	});
}

/** Null before the first trade. */
export function miniTicker({ tape, print }: Printed, nowMs: number): Json | null {
	const day = tape.candles.day(nowMs);
	if (day === null) return null;
	return {
		s: tape.shown.symbol,
		c: print.price(day.closeTicks),
		o: print.price(day.openTicks),
		h: print.price(day.highTicks),
		l: print.price(day.lowTicks),
		v: print.qty(day.volumeLots),
		q: formatAtoms(day.turnoverAtoms),
	};
}

/** Null before the first trade. */
export function dayTicker(of: Printed, nowMs: number): Json | null {
	const { tape, print } = of;
	const day = tape.candles.day(nowMs);
	if (day === null) return null;
	const { listing, shown, exchange } = tape;
	const change = changeFields(listing, day);
	const { bidPrice, bidQty, askPrice, askQty } = bestFields(tape);
	const last = exchange.trades(shown.exchangeKey).at(-1);
	return {
		s: shown.symbol,
		p: change.priceChange,
		P: change.priceChangePercent,
		w: change.weightedAvgPrice,
		x: change.prevClosePrice,
		c: print.price(day.closeTicks),
		Q: print.qty(last?.qtyLots ?? 0),
		b: bidPrice,
		B: bidQty,
		a: askPrice,
		A: askQty,
		o: print.price(day.openTicks),
		h: print.price(day.highTicks),
		l: print.price(day.lowTicks),
		v: print.qty(day.volumeLots),
		q: formatAtoms(day.turnoverAtoms),
		O: day.startMs,
		C: day.endMs,
		F: tradeIdOrNone(day.firstTradeId),
		L: tradeIdOrNone(day.lastTradeId),
		n: day.tradeCount,
	};
}

/** Null before the first trade. */
export function avgPrice({ tape }: Printed, nowMs: number): Json | null {
	const last = tape.exchange.trades(tape.shown.exchangeKey).at(-1);
	if (last === undefined) return null;
	return { s: tape.shown.symbol, i: '5m', w: averagePrice(tape, nowMs).price, T: last.atMs };
}

function tradeIdOrNone(tradeId: string): bigint | number {
	return tradeId === '' ? NO_TRADE : shownTradeId('spot', tradeId);
}
