/**
 * What the currencies of an account are worth in the one that its limits are written in: the quote currency of the first
 * instrument. Dollars of every issuer count alike; any other coin counts at the mid of a followed symbol that trades it
 * against one of them. What nobody trades has no worth that we know, and then no limit lets anything pass (PT10, PT11).
 */
import { priceToNumber } from '../domain/instrument.ts';
import type { MarketState } from './market-state.ts';

const DOLLARS: ReadonlySet<string> = new Set(['USD', 'USDT', 'USDC', 'USDE', 'FDUSD', 'DAI']);

export class QuoteRates {
	readonly #home: string;
	readonly #markets: readonly MarketState[];
	/** Where all count alike there is nothing to follow. */
	readonly #isPlain: boolean;
	readonly #last = new Map<string, number>();

	constructor(home: string, markets: readonly MarketState[]) {
		this.#home = home;
		this.#markets = markets;
		this.#isPlain = markets.every(({ instrument }) => this.#isHome(instrument.quoteCurrency));
	}

	/** NaN where nobody knows. */
	of(currency: string): number {
		return this.#isHome(currency) ? 1 : (this.#last.get(currency) ?? Number.NaN);
	}

	/** Brings every symbol's rate up to date; once a tick. */
	refresh(): void {
		if (this.#isPlain) return;
		for (const { instrument, book, isBookSound } of this.#markets) {
			if (!isBookSound || !this.#isHome(instrument.quoteCurrency)) continue;
			this.#last.set(instrument.baseCurrency, priceToNumber(instrument, book.midTwiceTicks / 2));
		}
		for (const { instrument, exposure } of this.#markets) exposure.quoteRate = this.of(instrument.quoteCurrency);
	}

	#isHome(currency: string): boolean {
		return currency === this.#home || (DOLLARS.has(currency) && DOLLARS.has(this.#home));
	}
}
