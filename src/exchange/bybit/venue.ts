/**
 * What REST and WebSocket share of the Bybit façade: the exchange behind it, which of its symbols appear under which
 * category, the keys, and the switches for what the venue's documents leave open.
 */
import type { Exchange } from '../core/exchange.ts';
import type { Listing } from '../core/listing.ts';
import type { KeyRights } from '../key-rights.ts';
import { Desk } from './desk.ts';

export type BybitCategory = 'spot' | 'linear' | 'inverse';

export interface BybitKey {
	readonly apiKey: string;
	readonly apiSecret: string;
	readonly accountId: string;
	readonly rights: KeyRights;
}

/** A symbol as Bybit shows it. The exchange may list it under another key, since spot and linear share names. */
export interface BybitSymbol {
	readonly category: BybitCategory;
	readonly symbol: string;
	readonly exchangeKey: string;
}

export interface BybitOptions {
	/** Multiplies all rate limits; Infinity lifts them, for benchmarks that say so. */
	readonly limitFactor: number;
	/** A private socket whose login failed is closed instead of left open. */
	readonly closesAfterFailedLogin: boolean;
}

export const BYBIT_OPTIONS: BybitOptions = { limitFactor: 1, closesAfterFailedLogin: false };

export class BybitVenue {
	readonly exchange: Exchange;
	readonly symbols: readonly BybitSymbol[];
	readonly options: BybitOptions;
	readonly desk: Desk;
	readonly #keys = new Map<string, BybitKey>();
	readonly #byName = new Map<string, BybitSymbol>();
	readonly #byExchangeKey = new Map<string, BybitSymbol>();
	/** Whoever tells of orders may tell of those of one batch together. */
	readonly #together: { begin(): void; end(): void }[] = [];
	#batchDepth = 0;

	constructor(parts: { exchange: Exchange; symbols: readonly BybitSymbol[]; options?: BybitOptions }) {
		this.exchange = parts.exchange;
		this.symbols = parts.symbols;
		this.options = parts.options ?? BYBIT_OPTIONS;
		this.desk = new Desk(this.options.limitFactor);
		for (const symbol of parts.symbols) {
			this.#byName.set(`${symbol.category}:${symbol.symbol}`, symbol);
			this.#byExchangeKey.set(symbol.exchangeKey, symbol);
		}
	}

	addKey(key: BybitKey): void {
		this.#keys.set(key.apiKey, key);
	}

	removeKey(apiKey: string): void {
		this.#keys.delete(apiKey);
	}

	key(apiKey: string): BybitKey | undefined {
		return this.#keys.get(apiKey);
	}

	find(category: string, symbol: string): BybitSymbol | undefined {
		return this.#byName.get(`${category}:${symbol}`);
	}

	/** How an event's symbol appears on this venue. */
	shown(exchangeKey: string): BybitSymbol | undefined {
		return this.#byExchangeKey.get(exchangeKey);
	}

	/** `begin` and `end` are called around every batch. */
	tellTogether(teller: { begin(): void; end(): void }): void {
		this.#together.push(teller);
	}

	/** Does the work of one batch. One inside of another belongs to that. */
	inBatch<Answer>(work: () => Answer): Answer {
		if (this.#batchDepth === 0) for (const teller of this.#together) teller.begin();
		this.#batchDepth += 1;
		try {
			return work();
		} finally {
			this.#batchDepth -= 1;
			if (this.#batchDepth === 0) for (const teller of this.#together) teller.end();
		}
	}

	listing(symbol: BybitSymbol): Listing {
		const listing = this.exchange.listing(symbol.exchangeKey);
		if (listing === undefined) throw new Error(`invariant broken: ${symbol.exchangeKey} is shown and not listed`);
		return listing;
	}
}
