/**
 * The public endpoints: time, instruments, tickers, books, candles, trades, price limits, all read from the tapes that
 * the sockets read too. A category without instruments has empty lists.
 */

import { isCandleInterval } from './calendar.ts';
import { params, Refusal } from './codes.ts';
import type { DeepUpdates } from './deep-updates.ts';
import { shownTradeId } from './ids.ts';
import { instrumentObject, instrumentStatus } from './instruments.ts';
import { type Json, sideName } from './json-views.ts';
import type { Candle } from './minutes.ts';
import { pageOf } from './paging.ts';
import { findSymbol, type Params } from './params.ts';
import { money } from './printing.ts';
import type { PublicCaller } from './rest-route.ts';
import { FULL_BOOK_LEVELS, type Tape, type Tapes } from './tape.ts';
import { bestFields, contractFields, dayFields, spotFields } from './ticker-view.ts';
import type { BybitVenue } from './venue.ts';

interface Limits {
	readonly preset: number;
	readonly most: number;
}

const BOOK_LIMIT = { spot: { preset: 1, most: 1_000 }, contract: { preset: 25, most: 1_000 } };
const TRADES_LIMIT = { spot: { preset: 60, most: 60 }, contract: { preset: 500, most: 1_000 } };
const CANDLE_LIMIT = { preset: 200, most: 1_000 };
const INSTRUMENT_PAGE = { preset: 500, most: 1_000 };

export class Market {
	readonly #venue: BybitVenue;
	readonly #tapes: Tapes;

	constructor(venue: BybitVenue, tapes: Tapes) {
		this.#venue = venue;
		this.#tapes = tapes;
	}

	time({ nowMs }: PublicCaller): Json {
		return { timeSecond: String(Math.floor(nowMs / 1_000)), timeNano: `${nowMs}000000` };
	}

	/** Those that trade, unless another status is asked for. */
	instruments(_caller: PublicCaller, given: Params): Json | Refusal {
		const category = given.category();
		if (category instanceof Refusal) return category;
		const status = given.text('status');
		if (status instanceof Refusal) return status;
		const chosen = this.#chosen(category, given);
		if (chosen instanceof Refusal) return chosen;
		const shown = chosen.filter((tape) => instrumentStatus(tape.ticker()) === (status ?? 'Trading'));
		if (category === 'spot') return { category, list: shown.map(objectOf), nextPageCursor: '' };
		// Ids rise, pages go down: the number that orders a page must fall from one row to the next.
		const page = pageOf(shown, (tape) => this.#tapes.size + 1 - tape.symbolId, given, INSTRUMENT_PAGE);
		if (page instanceof Refusal) return page;
		return { category, list: page.rows.map(objectOf), nextPageCursor: page.nextPageCursor };
	}

	tickers({ nowMs }: PublicCaller, given: Params): Json | Refusal {
		const category = given.category();
		if (category instanceof Refusal) return category;
		const chosen = this.#chosen(category, given);
		if (chosen instanceof Refusal) return chosen;
		return { category, list: chosen.map((tape) => tickerObject(tape, nowMs)) };
	}

	orderbook({ nowMs }: PublicCaller, given: Params): Json | Refusal {
		const asked = this.#limited(given, BOOK_LIMIT);
		if (asked instanceof Refusal) return asked;
		return bookObject(asked.tape, { levels: asked.limit, updates: asked.tape.deepUpdates, nowMs });
	}

	/** Contracts do not have it at the venue yet. */
	fullOrderbook({ nowMs }: PublicCaller, given: Params): Json | Refusal {
		const category = given.category();
		if (category instanceof Refusal) return category;
		if (category !== 'spot') return params('category only support spot');
		const tape = this.#one(given);
		if (tape instanceof Refusal) return tape;
		return bookObject(tape, { levels: FULL_BOOK_LEVELS, updates: tape.fullUpdates, nowMs });
	}

	kline({ nowMs }: PublicCaller, given: Params): Json | Refusal {
		const asked = this.#limited(given, { spot: CANDLE_LIMIT, contract: CANDLE_LIMIT });
		if (asked instanceof Refusal) return asked;
		const interval = given.mustText('interval');
		if (interval instanceof Refusal) return interval;
		if (!isCandleInterval(interval)) return params('interval invalid');
		const fromMs = given.count('start');
		if (fromMs instanceof Refusal) return fromMs;
		const toMs = given.count('end');
		if (toMs instanceof Refusal) return toMs;
		const { tape, limit } = asked;
		const rows = tape.minutes.list(interval, { fromMs: fromMs ?? 0, toMs: Math.min(toMs ?? nowMs, nowMs), limit });
		const { category, symbol } = tape.shown;
		return { category, symbol, list: rows.map((row) => candleRow(tape, row)) };
	}

	recentTrades(_caller: PublicCaller, given: Params): Json | Refusal {
		const asked = this.#limited(given, TRADES_LIMIT);
		if (asked instanceof Refusal) return asked;
		const { shown, listing } = asked.tape;
		const list = this.#venue.exchange
			.trades(shown.exchangeKey)
			.slice(-asked.limit)
			.reverse()
			.map((trade) => ({
				execId: shownTradeId(trade.tradeId),
				symbol: shown.symbol,
				price: listing.price.format(trade.priceTicks),
				size: listing.qty.format(trade.qtyLots),
				side: sideName(trade.takerSide),
				time: String(trade.atMs),
				isBlockTrade: false,
				isRPITrade: false,
				seq: trade.tradeId,
			}));
		return { category: shown.category, list };
	}

	priceLimit({ nowMs }: PublicCaller, given: Params): Json | Refusal {
		const tape = this.#one(given);
		if (tape instanceof Refusal) return tape;
		const { symbol } = tape.shown;
		return { symbol, buyLmt: tape.limitPrice('buy'), sellLmt: tape.limitPrice('sell'), ts: String(nowMs) };
	}

	/** One symbol; linear if no category is given, as for candles and price limits. */
	#one(given: Params): Tape | Refusal {
		const category = given.raw('category') === undefined ? 'linear' : given.category();
		if (category instanceof Refusal) return category;
		const symbol = findSymbol(this.#venue, category, given);
		if (symbol instanceof Refusal) return symbol;
		return this.#tapes.of(symbol) ?? params('symbol invalid');
	}

	#limited(
		given: Params,
		limits: { readonly spot: Limits; readonly contract: Limits },
	): { readonly tape: Tape; readonly limit: number } | Refusal {
		const tape = this.#one(given);
		if (tape instanceof Refusal) return tape;
		const { preset, most } = limits[tape.shown.category === 'spot' ? 'spot' : 'contract'];
		const limit = given.limit(preset, most);
		return limit instanceof Refusal ? limit : { tape, limit };
	}

	#chosen(category: string, given: Params): readonly Tape[] | Refusal {
		const all = [...this.#tapes.all()].filter((tape) => tape.shown.category === category);
		const baseCoin = given.raw('baseCoin');
		if (given.raw('symbol') === undefined) {
			return baseCoin === undefined ? all : all.filter((tape) => tape.listing.spec.baseCoin === baseCoin);
		}
		const one = this.#one(given);
		return one instanceof Refusal ? one : [one];
	}
}

function objectOf(tape: Tape): Json {
	const { shown: symbol, listing, symbolId } = tape;
	return instrumentObject({ symbol, listing, symbolId, ticker: tape.ticker() });
}

function tickerObject(tape: Tape, nowMs: number): Json {
	const common = { ...dayFields(tape, nowMs), ...bestFields(tape) };
	if (tape.shown.category === 'spot') return { ...common, ...spotFields(tape) };
	return {
		...common,
		...contractFields(tape, nowMs),
		predictedDeliveryPrice: '',
		basisRate: '',
		basis: '',
		basisRateYear: '',
		deliveryFeeRate: '',
		deliveryTime: '0',
	};
}

function bookObject(
	{ venue, shown, listing, bookAtMs }: Tape,
	{ levels, updates, nowMs }: { readonly levels: number; readonly updates: DeepUpdates; readonly nowMs: number },
): Json {
	const book = venue.exchange.book(shown.exchangeKey, levels);
	const rows = (side: readonly { readonly priceTicks: number; readonly qtyLots: number }[] = []): string[][] =>
		side.map(({ priceTicks, qtyLots }) => [listing.price.format(priceTicks), listing.qty.format(qtyLots)]);
	const seq = book?.bookSeq ?? 0;
	const u = updates.shown(seq, nowMs);
	return { s: shown.symbol, b: rows(book?.bids), a: rows(book?.asks), ts: nowMs, u, seq, cts: bookAtMs || nowMs };
}

function candleRow({ listing }: Tape, row: Candle): readonly string[] {
	const ticks = [row.openTicks, row.highTicks, row.lowTicks, row.closeTicks].map((each) => listing.price.format(each));
	return [String(row.startMs), ...ticks, listing.qty.format(row.volumeLots), money(row.turnoverAtoms)];
}
