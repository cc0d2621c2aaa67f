/**
 * What REST and sockets of both markets share: the exchange behind them, which of its symbols appear on which market, the
 * keys, the limits. Spot and futures are two markets with wallets of their own; one API key serves both.
 */
import type { KeyObject } from 'node:crypto';
import type { Exchange } from '../core/exchange.ts';
import type { Listing } from '../core/listing.ts';
import type { KeyRights } from '../key-rights.ts';
import type { Past } from '../market/past.ts';
import { Amendments } from './amendments.ts';
import { BINANCE_MARKETS, type BinanceMarket, type BinanceSymbol } from './symbol.ts';
import { Tapes } from './tape.ts';
import { giveBackFilled } from './unfilled-orders.ts';
import { FUTURES_LIMITS, Limits, SPOT_LIMITS } from './weights.ts';

export type { BinanceMarket, BinanceSymbol };
export { BINANCE_MARKETS };

/** How a key's signatures are checked: by a shared secret, or by a public key (Ed25519 or RSA). */
export type KeyProof =
	| { readonly kind: 'hmac'; readonly apiSecret: string }
	| { readonly kind: 'public'; readonly publicKey: KeyObject };

export interface BinanceKey {
	readonly apiKey: string;
	readonly proof: KeyProof;
	/** One account of the exchange a market: their wallets are apart. */
	readonly accounts: Readonly<Record<BinanceMarket, string>>;
	readonly rights: KeyRights;
}

export interface BinanceOptions {
	/** Multiplies all limits; Infinity lifts them, for benchmarks that say so. */
	readonly limitFactor: number;
}

export const BINANCE_OPTIONS: BinanceOptions = { limitFactor: 1 };

/** The name of a client's account on one market, in the exchange. */
export function accountAt(market: BinanceMarket, name: string): string {
	return `${name}@binance-${market}`;
}

export class BinanceVenue {
	readonly exchange: Exchange;
	readonly symbols: readonly BinanceSymbol[];
	readonly options: BinanceOptions;
	readonly limits: Readonly<Record<BinanceMarket, Limits>>;
	readonly tapes: Tapes;
	/** Of spot orders. */
	readonly amendments = new Amendments();
	readonly #keys = new Map<string, BinanceKey>();
	readonly #byName = new Map<string, BinanceSymbol>();
	readonly #byExchangeKey = new Map<string, BinanceSymbol>();
	/** The id of the cancel or amend that is being done just now, for whoever tells of it. */
	#deedClientId = '';
	#clientIdCount = 0;

	constructor(parts: {
		exchange: Exchange;
		symbols: readonly BinanceSymbol[];
		options?: BinanceOptions;
		/** What was traded before there was an exchange. */
		past?: Past;
	}) {
		this.exchange = parts.exchange;
		this.symbols = parts.symbols;
		this.options = parts.options ?? BINANCE_OPTIONS;
		const { limitFactor } = this.options;
		this.limits = { spot: new Limits(SPOT_LIMITS, limitFactor), futures: new Limits(FUTURES_LIMITS, limitFactor) };
		for (const symbol of parts.symbols) {
			this.#byName.set(`${symbol.market}:${symbol.symbol}`, symbol);
			this.#byExchangeKey.set(symbol.exchangeKey, symbol);
		}
		this.tapes = new Tapes(this.exchange, parts.symbols, parts.past);
		giveBackFilled(this.exchange, { limits: this.limits.spot, symbols: this.symbolsOf('spot') });
	}

	addKey(key: BinanceKey): void {
		this.#keys.set(key.apiKey, key);
	}

	removeKey(apiKey: string): void {
		this.#keys.delete(apiKey);
	}

	key(apiKey: string): BinanceKey | undefined {
		return this.#keys.get(apiKey);
	}

	find(market: BinanceMarket, symbol: string): BinanceSymbol | undefined {
		return this.#byName.get(`${market}:${symbol}`);
	}

	symbolsOf(market: BinanceMarket): readonly BinanceSymbol[] {
		return this.symbols.filter((each) => each.market === market);
	}

	/** How an event's symbol appears on this venue. */
	shown(exchangeKey: string): BinanceSymbol | undefined {
		return this.#byExchangeKey.get(exchangeKey);
	}

	listing(symbol: BinanceSymbol): Listing {
		const listing = this.exchange.listing(symbol.exchangeKey);
		if (listing === undefined) throw new Error(`invariant broken: ${symbol.exchangeKey} is shown and not listed`);
		return listing;
	}

	/** The client id that the venue gives where the client gave none: as many letters as its own have. */
	nextClientId(): string {
		this.#clientIdCount += 1;
		return `b0x${this.#clientIdCount.toString(36).padStart(19, '0')}`;
	}

	/** Does the work of one cancel or amend, whose own client id its events carry. */
	withDeed<Answer>(clientId: string, work: () => Answer): Answer {
		const before = this.#deedClientId;
		this.#deedClientId = clientId;
		try {
			return work();
		} finally {
			this.#deedClientId = before;
		}
	}

	/** Of the cancel that is being done, of an amend the order's name before; '' where the venue itself takes the order out. */
	get deedClientId(): string {
		return this.#deedClientId;
	}
}
