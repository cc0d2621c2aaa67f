/**
 * What the market streams of one symbol share and no single one of them can know: how far the book has moved and when,
 * the trading day, the direction of the last tick, the open interest. Fed by every event of the symbol.
 */
import type { ExchangeEvent } from '../core/events.ts';
import type { Listing } from '../core/listing.ts';
import type { PublicTrade } from '../core/views.ts';
import type { BybitSymbol, BybitVenue } from './venue.ts';
import { TradingDay } from './ws-day.ts';

export type TickDirection = 'PlusTick' | 'ZeroPlusTick' | 'MinusTick' | 'ZeroMinusTick';

/** A trade as the tape saw it pass. */
export interface TapedTrade {
	readonly trade: PublicTrade;
	readonly direction: TickDirection;
}

export class Tape {
	readonly venue: BybitVenue;
	readonly shown: BybitSymbol;
	readonly listing: Listing;
	readonly day = new TradingDay();
	/** Both of the last change of the book. */
	bookSeq: number;
	bookAtMs = 0;
	direction: TickDirection = 'ZeroPlusTick';
	/** Both sides counted, so twice the contracts that exist. */
	openLots = 0;
	#lastTicks = 0;
	readonly #heldLots = new Map<string, number>();

	constructor(venue: BybitVenue, shown: BybitSymbol) {
		this.venue = venue;
		this.shown = shown;
		this.listing = venue.listing(shown);
		this.bookSeq = venue.exchange.book(shown.exchangeKey, 0)?.bookSeq ?? 0;
		for (const trade of venue.exchange.trades(shown.exchangeKey)) this.#print(trade);
		for (const accountId of venue.exchange.accounts()) {
			for (const { symbol, qtyLotsSigned } of venue.exchange.positions(accountId)) {
				if (symbol === shown.exchangeKey) this.#hold(accountId, qtyLotsSigned);
			}
		}
	}

	/** Answers with the trade if the event was one. */
	apply(event: ExchangeEvent): TapedTrade | null {
		if (event.kind === 'book-level') {
			this.bookSeq = event.bookSeq;
			this.bookAtMs = event.atMs;
		}
		if (event.kind === 'position') this.#hold(event.position.accountId, event.position.qtyLotsSigned);
		return event.kind === 'trade' ? this.#print(event.trade) : null;
	}

	#print(trade: PublicTrade): TapedTrade {
		this.direction = nextDirection(this.direction, trade.priceTicks - this.#lastTicks);
		this.#lastTicks = trade.priceTicks;
		this.day.apply(trade, this.listing.valueAtoms(trade.priceTicks, trade.qtyLots));
		return { trade, direction: this.direction };
	}

	#hold(accountId: string, qtyLotsSigned: number): void {
		const lots = Math.abs(qtyLotsSigned);
		this.openLots += lots - (this.#heldLots.get(accountId) ?? 0);
		this.#heldLots.set(accountId, lots);
	}
}

function nextDirection(before: TickDirection, changeTicks: number): TickDirection {
	if (changeTicks > 0) return 'PlusTick';
	if (changeTicks < 0) return 'MinusTick';
	return before === 'PlusTick' || before === 'ZeroPlusTick' ? 'ZeroPlusTick' : 'ZeroMinusTick';
}

/** The symbol an event is about, as the exchange lists it; null for money, which belongs to no symbol. */
export function symbolOf(event: ExchangeEvent): string | null {
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
