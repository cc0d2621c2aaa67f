/**
 * What everything that shows the market of a symbol shares, REST and sockets alike: its trades added up by the second
 * and minute, how far its book has moved and when. One tape a symbol, fed by every event of the exchange from the moment
 * it is made.
 */
import type { ExchangeEvent } from '../core/events.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Listing } from '../core/listing.ts';
import type { PublicTrade, TickerView, TradeExecution } from '../core/views.ts';
import { NO_PAST, type Past } from '../market/past.ts';
import { Candles } from './candles.ts';
import type { BinanceSymbol } from './symbol.ts';

/** What passes over a tape and is no state of it. */
export interface TapeListener {
	level?(tape: Tape, event: Extract<ExchangeEvent, { kind: 'book-level' }>): void;
	trade?(tape: Tape, trade: PublicTrade): void;
	ticker?(tape: Tape, ticker: TickerView): void;
	/** A fill that closed a position by force, on the side of the account that lost it. */
	liquidation?(tape: Tape, execution: TradeExecution): void;
}

export class Tape {
	readonly exchange: Exchange;
	readonly shown: BinanceSymbol;
	readonly listing: Listing;
	readonly candles = new Candles();
	/** Both of the last change of the book. */
	bookSeq: number;
	bookAtMs = 0;

	constructor(exchange: Exchange, shown: BinanceSymbol, past: readonly PublicTrade[]) {
		const listing = exchange.listing(shown.exchangeKey);
		if (listing === undefined) throw new Error(`invariant broken: ${shown.exchangeKey} is shown and not listed`);
		this.exchange = exchange;
		this.shown = shown;
		this.listing = listing;
		this.bookSeq = exchange.book(shown.exchangeKey, 0)?.bookSeq ?? 0;
		for (const trade of [...past, ...exchange.trades(shown.exchangeKey)]) this.#add(trade);
	}

	ticker(): TickerView | undefined {
		return this.exchange.ticker(this.shown.exchangeKey);
	}

	apply(event: ExchangeEvent, listeners: readonly TapeListener[]): void {
		switch (event.kind) {
			case 'book-level':
				this.bookSeq = event.bookSeq;
				this.bookAtMs = event.atMs;
				for (const listener of listeners) listener.level?.(this, event);
				return;
			case 'trade':
				this.#add(event.trade);
				for (const listener of listeners) listener.trade?.(this, event.trade);
				return;
			case 'ticker':
				for (const listener of listeners) listener.ticker?.(this, event.ticker);
				return;
			case 'execution':
				if (event.execution.kind !== 'trade' || event.execution.reason !== 'liquidation') return;
				for (const listener of listeners) listener.liquidation?.(this, event.execution);
				return;
			case 'order':
			case 'position':
			case 'balance':
				return;
		}
	}

	#add(trade: PublicTrade): void {
		this.candles.add(trade, this.listing.valueAtoms(trade.priceTicks, trade.qtyLots));
	}
}

/** The tapes of all symbols of both markets. */
export class Tapes {
	readonly #tapes = new Map<string, Tape>();
	#listeners: readonly TapeListener[] = [];

	/** `past`: what was traded before there was an exchange. */
	constructor(exchange: Exchange, symbols: readonly BinanceSymbol[], past: Past = NO_PAST) {
		for (const symbol of symbols) {
			const before = past.get(symbol.exchangeKey) ?? [];
			this.#tapes.set(symbol.exchangeKey, new Tape(exchange, symbol, before));
		}
		exchange.subscribe((event) => {
			const key = symbolOf(event);
			if (key !== null) this.#tapes.get(key)?.apply(event, this.#listeners);
		});
	}

	/** For ever: the sockets listen, of which there is one set a market. */
	listen(listener: TapeListener): void {
		this.#listeners = [...this.#listeners, listener];
	}

	of(symbol: BinanceSymbol): Tape {
		const tape = this.#tapes.get(symbol.exchangeKey);
		if (tape === undefined) throw new Error(`invariant broken: ${symbol.exchangeKey} is shown and has no tape`);
		return tape;
	}

	all(): Iterable<Tape> {
		return this.#tapes.values();
	}
}

/** The symbol an event of a market is about, as the exchange lists it; null for what belongs to accounts. */
function symbolOf(event: ExchangeEvent): string | null {
	switch (event.kind) {
		case 'book-level':
			return event.symbol;
		case 'trade':
			return event.trade.symbol;
		case 'execution':
			return event.execution.symbol;
		case 'ticker':
			return event.ticker.symbol;
		case 'order':
		case 'position':
		case 'balance':
			return null;
	}
}
