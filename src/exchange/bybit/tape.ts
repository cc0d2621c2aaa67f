/**
 * What everything that shows the market of a symbol shares, REST and sockets alike: its trades added up by the minute,
 * how far its book has moved and when, the direction of its last tick, its open interest, the update ids of its deep
 * books. One tape a symbol, fed by every event of the exchange from the moment it is made.
 */
import type { ExchangeEvent } from '../core/events.ts';
import type { Listing } from '../core/listing.ts';
import type { PublicTrade, TickerView, TradeExecution } from '../core/views.ts';
import { NO_PAST, type Past } from '../market/past.ts';
import { DeepUpdates } from './deep-updates.ts';
import { Minutes } from './minutes.ts';
import type { BybitSymbol, BybitVenue } from './venue.ts';

/** Levels a side of what the venue calls a full book. */
export const FULL_BOOK_LEVELS = 10_000;

export type TickDirection = 'PlusTick' | 'ZeroPlusTick' | 'MinusTick' | 'ZeroMinusTick';

/** A trade as the tape saw it pass. */
export interface TapedTrade {
	readonly trade: PublicTrade;
	readonly direction: TickDirection;
}

/** What passes over a tape and is no state of it. */
export interface TapeListener {
	trade(tape: Tape, trade: TapedTrade): void;
	/** A fill that closed a position by force, on the side of the account that lost it. */
	liquidation(tape: Tape, execution: TradeExecution): void;
}

export class Tape {
	readonly venue: BybitVenue;
	readonly shown: BybitSymbol;
	readonly listing: Listing;
	/** Counts from 1, in the order in which the venue shows its symbols. */
	readonly symbolId: number;
	readonly minutes = new Minutes();
	/** Of the 1000-level book. */
	readonly deepUpdates = new DeepUpdates();
	readonly fullUpdates = new DeepUpdates();
	/** Both of the last change of the book. */
	bookSeq: number;
	bookAtMs = 0;
	direction: TickDirection = 'ZeroPlusTick';
	/** Both sides counted, so twice the contracts that exist. */
	openLots = 0;
	#lastTicks = 0;
	readonly #heldLots = new Map<string, number>();

	constructor(
		venue: BybitVenue,
		shown: BybitSymbol,
		{ symbolId, past }: { readonly symbolId: number; readonly past: readonly PublicTrade[] },
	) {
		this.venue = venue;
		this.shown = shown;
		this.symbolId = symbolId;
		this.listing = venue.listing(shown);
		this.bookSeq = venue.exchange.book(shown.exchangeKey, 0)?.bookSeq ?? 0;
		for (const trade of [...past, ...venue.exchange.trades(shown.exchangeKey)]) this.#print(trade);
		for (const accountId of venue.exchange.accounts()) {
			for (const { symbol, qtyLotsSigned } of venue.exchange.positions(accountId)) {
				if (symbol === shown.exchangeKey) this.#hold(accountId, qtyLotsSigned);
			}
		}
	}

	ticker(): TickerView | undefined {
		return this.venue.exchange.ticker(this.shown.exchangeKey);
	}

	/** The highest price of a buy, or the lowest of a sale, that the venue takes. */
	limitPrice(side: 'buy' | 'sell'): string {
		return this.listing.price.format(this.listing.limitTicks(side, this.ticker()?.markTicks ?? 0));
	}

	apply(event: ExchangeEvent, listener: TapeListener | null): void {
		switch (event.kind) {
			case 'book-level':
				this.bookSeq = event.bookSeq;
				this.bookAtMs = event.atMs;
				return;
			case 'position':
				this.#hold(event.position.accountId, event.position.qtyLotsSigned);
				return;
			case 'trade':
				this.#print(event.trade);
				listener?.trade(this, { trade: event.trade, direction: this.direction });
				return;
			case 'execution':
				if (event.execution.kind === 'trade' && event.execution.reason === 'liquidation') {
					listener?.liquidation(this, event.execution);
				}
				return;
			case 'order':
			case 'ticker':
			case 'balance':
				return;
		}
	}

	#print(trade: PublicTrade): void {
		this.direction = nextDirection(this.direction, trade.priceTicks - this.#lastTicks);
		this.#lastTicks = trade.priceTicks;
		this.minutes.add(trade, this.listing.valueAtoms(trade.priceTicks, trade.qtyLots));
	}

	#hold(accountId: string, qtyLotsSigned: number): void {
		const lots = Math.abs(qtyLotsSigned);
		this.openLots += lots - (this.#heldLots.get(accountId) ?? 0);
		this.#heldLots.set(accountId, lots);
	}
}

/** The tapes of all symbols of a venue, in the order in which it shows them. */
export class Tapes {
	readonly #tapes = new Map<string, Tape>();
	/** The sockets: whoever answers questions looks at the tapes instead. */
	#listener: TapeListener | null = null;

	/** `past`: what was traded before there was an exchange. */
	constructor(venue: BybitVenue, past: Past = NO_PAST) {
		for (const [index, symbol] of venue.symbols.entries()) {
			const before = past.get(symbol.exchangeKey) ?? [];
			this.#tapes.set(symbol.exchangeKey, new Tape(venue, symbol, { symbolId: index + 1, past: before }));
		}
		venue.exchange.subscribe((event) => {
			const key = symbolOf(event);
			if (key !== null) this.#tapes.get(key)?.apply(event, this.#listener);
		});
	}

	get size(): number {
		return this.#tapes.size;
	}

	listen(listener: TapeListener): void {
		this.#listener = listener;
	}

	of(symbol: BybitSymbol): Tape | undefined {
		return this.#tapes.get(symbol.exchangeKey);
	}

	all(): Iterable<Tape> {
		return this.#tapes.values();
	}
}

function nextDirection(before: TickDirection, changeTicks: number): TickDirection {
	if (changeTicks > 0) return 'PlusTick';
	if (changeTicks < 0) return 'MinusTick';
	return before === 'PlusTick' || before === 'ZeroPlusTick' ? 'ZeroPlusTick' : 'ZeroMinusTick';
}

/** The symbol an event is about, as the exchange lists it; null for money, which belongs to no symbol. */
function symbolOf(event: ExchangeEvent): string | null {
	switch (event.kind) {
		case 'book-level':
			return event.symbol;
		case 'trade':
			return event.trade.symbol;
		case 'order':
			return event.order.symbol;
		case 'execution':
			return event.execution.symbol;
		case 'position':
			return event.position.symbol;
		case 'ticker':
			return event.ticker.symbol;
		case 'balance':
			return null;
	}
}
