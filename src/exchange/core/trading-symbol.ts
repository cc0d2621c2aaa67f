/**
 * One symbol while the exchange runs: its listing, its book and the prices that go with it. Plain state; the exchange
 * and the settlement change it.
 */
import type { MatchingBook } from './book.ts';
import type { Listing } from './listing.ts';
import type { PublicTrade, SymbolStatus, TickerView } from './views.ts';

/** Public trades kept per symbol; the oldest are dropped. */
const TRADES_KEPT = 1_000;

/** A price that is off for a while. */
export interface PriceSpike {
	readonly rateE8: number;
	readonly untilMs: number;
	/** Where the mark price goes back to. */
	readonly backTicks: number;
}

export class TradingSymbol {
	readonly listing: Listing;
	readonly book: MatchingBook;
	status: SymbolStatus = 'trading';
	lastTicks = 0;
	markTicks = 0;
	fundingRateE8 = 0;
	nextFundingAtMs = 0;
	/** 0: no end was announced. */
	deliveryAtMs = 0;
	spike: PriceSpike | null = null;
	bookSeq = 0;
	readonly #trades: PublicTrade[] = [];

	constructor(listing: Listing, book: MatchingBook) {
		this.listing = listing;
		this.book = book;
	}

	addTrade(trade: PublicTrade): void {
		this.#trades.push(trade);
		if (this.#trades.length >= 2 * TRADES_KEPT) this.#trades.splice(0, this.#trades.length - TRADES_KEPT);
	}

	/** Newest last. */
	trades(): readonly PublicTrade[] {
		return this.#trades.slice(-TRADES_KEPT);
	}

	ticker(): TickerView {
		return {
			symbol: this.listing.symbol,
			status: this.status,
			lastTicks: this.lastTicks,
			markTicks: this.markTicks,
			fundingRateE8: this.fundingRateE8,
			nextFundingAtMs: this.nextFundingAtMs,
			deliveryAtMs: this.deliveryAtMs,
		};
	}
}
