/**
 * The public endpoints: time, instruments, tickers, books, candles, trades, price limits. Feeds its candles and trading
 * days from the exchange's events, from the moment it is created. A category without instruments has empty lists.
 */

import { params, Refusal } from './codes.ts';
import { deskOf } from './desk.ts';
import { shownTradeId } from './ids.ts';
import { instrumentObject } from './instruments.ts';
import { type Json, sideName } from './json-views.ts';
import { type Kline, KlineStore } from './klines.ts';
import { pageOf } from './paging.ts';
import { findSymbol, type Params } from './params.ts';
import { money, quotient, rate } from './printing.ts';
import type { PublicCaller } from './rest-route.ts';
import type { BybitSymbol, BybitVenue } from './venue.ts';
import { isCandleInterval } from './ws-calendar.ts';
import { symbolOf, Tape } from './ws-tape.ts';

const HOUR_MS = 3_600_000;
const BOOK_LIMIT = { spot: { preset: 1, most: 1_000 }, contract: { preset: 25, most: 1_000 } };
const TRADES_LIMIT = { spot: { preset: 60, most: 60 }, contract: { preset: 500, most: 1_000 } };
const INSTRUMENT_PAGE = { preset: 500, most: 1_000 };
const PERCENT_DECIMALS = 6;

interface Watched {
	readonly symbol: BybitSymbol;
	/** Counts from 1, in the order in which the venue shows its symbols. */
	readonly symbolId: number;
	readonly tape: Tape;
	readonly klines: KlineStore;
}

export class Market {
	readonly #venue: BybitVenue;
	readonly #watched = new Map<string, Watched>();

	constructor(venue: BybitVenue) {
		this.#venue = venue;
		for (const [index, symbol] of venue.symbols.entries()) {
			const listing = venue.listing(symbol);
			const klines = new KlineStore();
			for (const trade of venue.exchange.trades(symbol.exchangeKey)) {
				klines.add(trade, listing.valueAtoms(trade.priceTicks, trade.qtyLots));
			}
			this.#watched.set(symbol.exchangeKey, { symbol, symbolId: index + 1, tape: new Tape(venue, symbol), klines });
		}
		venue.exchange.subscribe((event) => {
			const watched = this.#watched.get(symbolOf(event) ?? '');
			if (watched === undefined) return;
			watched.tape.apply(event);
			if (event.kind !== 'trade') return;
			const { trade } = event;
			watched.klines.add(trade, watched.tape.listing.valueAtoms(trade.priceTicks, trade.qtyLots));
		});
	}

	time({ nowMs }: PublicCaller): Json {
		return { timeSecond: String(Math.floor(nowMs / 1_000)), timeNano: `${nowMs}000000` };
	}

	/** Symbols that do not trade just now are shown as trading: this venue has no word for a short halt. */
	instruments(_caller: PublicCaller, given: Params): Json | Refusal {
		const category = given.category();
		if (category instanceof Refusal) return category;
		const status = given.text('status');
		if (status instanceof Refusal) return status;
		const chosen = this.#chosen(category, given);
		if (chosen instanceof Refusal) return chosen;
		const trading = status === undefined || status === 'Trading' ? chosen : [];
		if (category === 'spot') return { category, list: trading.map(objectOf), nextPageCursor: '' };
		// Ids rise, pages go down: the number that orders a page must fall from one row to the next.
		const page = pageOf(trading, (row) => this.#watched.size + 1 - row.symbolId, given, INSTRUMENT_PAGE);
		if (page instanceof Refusal) return page;
		return { category, list: page.rows.map(objectOf), nextPageCursor: page.nextPageCursor };
	}

	tickers({ nowMs }: PublicCaller, given: Params): Json | Refusal {
		const category = given.category();
		if (category instanceof Refusal) return category;
		const chosen = this.#chosen(category, given);
		if (chosen instanceof Refusal) return chosen;
		return { category, list: chosen.map((watched) => this.#ticker(watched, nowMs)) };
	}

	orderbook({ nowMs }: PublicCaller, given: Params): Json | Refusal {
		const watched = this.#one(given);
		if (watched instanceof Refusal) return watched;
		const { symbol, tape } = watched;
		const sizes = BOOK_LIMIT[symbol.category === 'spot' ? 'spot' : 'contract'];
		const limit = given.limit(sizes.preset, sizes.most);
		if (limit instanceof Refusal) return limit;
		const { price, qty } = tape.listing;
		const book = this.#venue.exchange.book(symbol.exchangeKey, limit);
		const rows = (levels: readonly { readonly priceTicks: number; readonly qtyLots: number }[] = []): string[][] =>
			levels.map(({ priceTicks, qtyLots }) => [price.format(priceTicks), qty.format(qtyLots)]);
		const seq = book?.bookSeq ?? 0;
		const u = deskOf(this.#venue).deepUpdates(symbol.exchangeKey).shown(seq, nowMs);
		return { s: symbol.symbol, b: rows(book?.bids), a: rows(book?.asks), ts: nowMs, u, seq, cts: tape.bookAtMs || nowMs };
	}

	kline({ nowMs }: PublicCaller, given: Params): Json | Refusal {
		const watched = this.#one(given);
		if (watched instanceof Refusal) return watched;
		const interval = given.mustText('interval');
		if (interval instanceof Refusal) return interval;
		if (!isCandleInterval(interval)) return params('interval invalid');
		const fromMs = given.count('start');
		if (fromMs instanceof Refusal) return fromMs;
		const toMs = given.count('end');
		if (toMs instanceof Refusal) return toMs;
		const limit = given.limit(200, 1_000);
		if (limit instanceof Refusal) return limit;
		const rows = watched.klines.list(interval, { fromMs: fromMs ?? 0, toMs: Math.min(toMs ?? nowMs, nowMs), limit });
		const { category, symbol } = watched.symbol;
		return { category, symbol, list: rows.map((row) => klineRow(watched, row)) };
	}

	recentTrades(_caller: PublicCaller, given: Params): Json | Refusal {
		const watched = this.#one(given);
		if (watched instanceof Refusal) return watched;
		const { symbol, tape } = watched;
		const sizes = TRADES_LIMIT[symbol.category === 'spot' ? 'spot' : 'contract'];
		const limit = given.limit(sizes.preset, sizes.most);
		if (limit instanceof Refusal) return limit;
		const { price, qty } = tape.listing;
		const list = this.#venue.exchange
			.trades(symbol.exchangeKey)
			.slice(-limit)
			.reverse()
			.map((trade) => ({
				execId: shownTradeId(trade.tradeId),
				symbol: symbol.symbol,
				price: price.format(trade.priceTicks),
				size: qty.format(trade.qtyLots),
				side: sideName(trade.takerSide),
				time: String(trade.atMs),
				isBlockTrade: false,
				isRPITrade: false,
				seq: trade.tradeId,
			}));
		return { category: symbol.category, list };
	}

	priceLimit({ nowMs }: PublicCaller, given: Params): Json | Refusal {
		const watched = this.#one(given);
		if (watched instanceof Refusal) return watched;
		const { symbol, tape } = watched;
		const markTicks = this.#venue.exchange.ticker(symbol.exchangeKey)?.markTicks ?? 0;
		const edge = (side: 'buy' | 'sell'): string => tape.listing.price.format(tape.listing.limitTicks(side, markTicks));
		return { symbol: symbol.symbol, buyLmt: edge('buy'), sellLmt: edge('sell'), ts: String(nowMs) };
	}

	/** One symbol; linear if no category is given, as for candles and price limits. */
	#one(given: Params): Watched | Refusal {
		const category = given.raw('category') === undefined ? 'linear' : given.category();
		if (category instanceof Refusal) return category;
		const symbol = findSymbol(this.#venue, category, given);
		if (symbol instanceof Refusal) return symbol;
		return this.#watched.get(symbol.exchangeKey) ?? params('symbol invalid');
	}

	#chosen(category: string, given: Params): readonly Watched[] | Refusal {
		const all = [...this.#watched.values()].filter((each) => each.symbol.category === category);
		const baseCoin = given.raw('baseCoin');
		if (given.raw('symbol') === undefined) {
			return baseCoin === undefined ? all : all.filter((each) => each.tape.listing.spec.baseCoin === baseCoin);
		}
		const one = this.#one(given);
		return one instanceof Refusal ? one : [one];
	}

	#ticker({ symbol, tape }: Watched, nowMs: number): Json {
		const { listing, openLots } = tape;
		const { price, qty, spec } = listing;
		const ticker = this.#venue.exchange.ticker(symbol.exchangeKey);
		const markTicks = ticker?.markTicks ?? 0;
		const lastTicks = ticker?.lastTicks || markTicks;
		const day = tape.day.view(nowMs);
		const book = this.#venue.exchange.book(symbol.exchangeKey, 1);
		const [bid, ask] = [book?.bids[0], book?.asks[0]];
		const dayAgoTicks = day.dayAgoTicks || lastTicks;
		const common = {
			symbol: symbol.symbol,
			bid1Price: bid === undefined ? '' : price.format(bid.priceTicks),
			bid1Size: bid === undefined ? '' : qty.format(bid.qtyLots),
			ask1Price: ask === undefined ? '' : price.format(ask.priceTicks),
			ask1Size: ask === undefined ? '' : qty.format(ask.qtyLots),
			lastPrice: price.format(lastTicks),
			prevPrice24h: price.format(dayAgoTicks),
			price24hPcnt: quotient(BigInt(lastTicks - dayAgoTicks), BigInt(dayAgoTicks), 0, PERCENT_DECIMALS),
			highPrice24h: price.format(day.highTicks || lastTicks),
			lowPrice24h: price.format(day.lowTicks || lastTicks),
			turnover24h: money(day.turnoverAtoms),
			volume24h: qty.format(day.volumeLots),
		};
		if (symbol.category === 'spot') return { ...common, usdIndexPrice: price.format(markTicks || lastTicks) };
		return {
			...common,
			indexPrice: price.format(markTicks),
			markPrice: price.format(markTicks),
			prevPrice1h: price.format(day.hourAgoTicks || lastTicks),
			openInterest: qty.format(openLots),
			openInterestValue: money(listing.valueAtoms(markTicks, openLots)),
			fundingRate: rate(ticker?.fundingRateE8 ?? 0),
			nextFundingTime: String(ticker?.nextFundingAtMs ?? 0),
			predictedDeliveryPrice: '',
			basisRate: '',
			basis: '',
			deliveryFeeRate: '',
			deliveryTime: '0',
			preOpenPrice: '',
			preQty: '',
			curPreListingPhase: '',
			fundingIntervalHour: String(Math.floor((spec.fundingIntervalMs ?? 0) / HOUR_MS)),
			fundingCap: '0.005',
			basisRateYear: '',
		};
	}
}

function objectOf({ symbol, tape, symbolId }: Watched): Json {
	return instrumentObject(symbol, tape.listing, symbolId);
}

function klineRow({ tape }: Watched, row: Kline): readonly string[] {
	const { price, qty } = tape.listing;
	const ticks = [row.openTicks, row.highTicks, row.lowTicks, row.closeTicks].map((each) => price.format(each));
	return [String(row.startMs), ...ticks, qty.format(row.volumeLots), money(row.turnoverAtoms)];
}
