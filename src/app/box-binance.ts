/** Binance inside of a box: what of the chosen symbols it lists, who has accounts and keys there, and its façade. */
import { createPublicKey } from 'node:crypto';
import { binanceDoors } from '../exchange/binance/doors.ts';
import { createBinanceFacade } from '../exchange/binance/facade.ts';
import {
	accountAt,
	BINANCE_MARKETS,
	BINANCE_OPTIONS,
	type BinanceMarket,
	type BinanceSymbol,
	BinanceVenue,
} from '../exchange/binance/venue.ts';
import type { Exchange } from '../exchange/core/exchange.ts';
import type { ListingSpec } from '../exchange/core/listing.ts';
import type { Facade } from '../exchange/facade.ts';
import type { KeyRights } from '../exchange/key-rights.ts';
import { BINANCE_PRESETS, binanceExtras } from '../exchange/market/binance-preset.ts';
import type { MarketSymbol } from '../exchange/market/market.ts';
import type { Past } from '../exchange/market/past.ts';

export interface BinanceSymbols {
	readonly listings: readonly ListingSpec[];
	readonly shown: readonly BinanceSymbol[];
	readonly markets: readonly MarketSymbol[];
}

export interface ApiKey {
	readonly apiKey: string;
	readonly apiSecret: string;
}

/** Somebody's accounts on both markets of the venue, by the name they go by in the box. */
export interface BinanceDesk {
	readonly facade: Facade;
	openAccounts(name: string): void;
	/** The same key works on both markets. */
	addKey(name: string, key: ApiKey, rights: KeyRights): void;
	/** A key whose private half only its owner has; false where the text is no public key. */
	addPublicKey(name: string, key: { readonly apiKey: string; readonly publicKeyPem: string }, rights: KeyRights): boolean;
}

/** Of what is chosen, on these markets. A market whose leader is not listed has a price of its own. */
export function binanceSymbols(
	chosen: Readonly<Record<BinanceMarket, readonly string[]>>,
	markets: readonly BinanceMarket[],
	leaders: readonly { readonly symbol: string }[],
): BinanceSymbols {
	const extras = [...new Set(markets.flatMap((market) => chosen[market]))].flatMap(binanceExtras);
	const presets = [...BINANCE_PRESETS, ...extras].filter(
		({ place, name }) => markets.includes(place) && chosen[place].includes(name),
	);
	return {
		listings: presets.map(({ listing }) => listing),
		shown: presets.map(({ place, name, listing }) => ({ market: place, symbol: name, exchangeKey: listing.symbol })),
		markets: presets.map(({ market }) => {
			const { latentOf, ...alone } = market;
			return leaders.some(({ symbol }) => symbol === latentOf) ? market : alone;
		}),
	};
}

/** One a market: their wallets are apart. */
export function binanceAccounts(name: string): readonly string[] {
	return BINANCE_MARKETS.map((market) => accountAt(market, name));
}

/** Whether this account of the exchange is the one that trades this symbol of it: one a market, and the others elsewhere. */
export function isOwnPlace(accountId: string, exchangeKey: string): boolean {
	const at = BINANCE_MARKETS.find((market) => accountId.endsWith(accountAt(market, '')));
	const of = BINANCE_MARKETS.find((market) => exchangeKey.startsWith(`binance-${market}:`));
	return at === of;
}

export function createBinanceDesk(
	exchange: Exchange,
	{ shown }: BinanceSymbols,
	{ limitFactor, past }: { readonly limitFactor: number; readonly past: Past },
): BinanceDesk {
	const venue = new BinanceVenue({ exchange, symbols: shown, options: { ...BINANCE_OPTIONS, limitFactor }, past });
	const accountsOf = (name: string) => ({ spot: accountAt('spot', name), futures: accountAt('futures', name) });
	return {
		facade: createBinanceFacade(venue, binanceDoors(venue)),
		openAccounts: (name) => {
			for (const accountId of binanceAccounts(name)) exchange.openAccount(accountId);
		},
		addKey: (name, { apiKey, apiSecret }, rights) => {
			venue.addKey({ apiKey, proof: { kind: 'hmac', apiSecret }, accounts: accountsOf(name), rights });
		},
		addPublicKey: (name, { apiKey, publicKeyPem }, rights) => {
			const publicKey = readPublicKey(publicKeyPem);
			if (publicKey === undefined) return false;
			venue.addKey({ apiKey, proof: { kind: 'public', publicKey }, accounts: accountsOf(name), rights });
			return true;
		},
	};
}

function readPublicKey(pem: string): ReturnType<typeof createPublicKey> | undefined {
	try {
		return createPublicKey(pem);
	} catch {
		// Node says in many ways that a text is no key.
		return undefined;
	}
}
