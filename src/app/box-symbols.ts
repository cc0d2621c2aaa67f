/**
 * What the exchange in a box lists, and how: perpetuals under their own name, spot pairs under `spot:` and theirs,
 * since both go by one name on the wire.
 */
import type { BybitSymbol } from '../exchange/bybit/venue.ts';
import type { ListingSpec } from '../exchange/core/listing.ts';
import type { MarketSymbol } from '../exchange/market/market.ts';
import {
	FOUR_MARKETS,
	FOUR_PERPETUALS,
	ONE_INVERSE,
	ONE_INVERSE_MARKET,
	TWO_SPOT_MARKETS,
	TWO_SPOTS,
} from '../exchange/market/preset.ts';

export interface BoxSymbols {
	readonly listings: readonly ListingSpec[];
	readonly shown: readonly BybitSymbol[];
	/** Linear perpetuals first, since the others follow them. */
	readonly markets: readonly MarketSymbol[];
}

const SPOT_KEY = 'spot:';

/** Names that `--symbols` may choose from. */
export const BOX_SYMBOLS: readonly string[] = [...FOUR_PERPETUALS, ...ONE_INVERSE].map(({ symbol }) => symbol);

/** Coins that an account can hold. */
export const BOX_COINS: readonly string[] = [
	...new Set([...FOUR_PERPETUALS, ...TWO_SPOTS].flatMap(({ quoteCoin, baseCoin }) => [quoteCoin, baseCoin])),
];

/** A chosen name brings its spot pair along, where there is one. */
export function boxSymbols(chosen: readonly string[]): BoxSymbols {
	const isChosen = ({ symbol }: { readonly symbol: string }): boolean => chosen.includes(wireName(symbol));
	const listings = [...FOUR_PERPETUALS, ...TWO_SPOTS, ...ONE_INVERSE].filter(isChosen);
	return {
		listings,
		shown: listings.map(({ kind, symbol }) => ({ category: kind, symbol: wireName(symbol), exchangeKey: symbol })),
		markets: [...FOUR_MARKETS, ...TWO_SPOT_MARKETS, ...ONE_INVERSE_MARKET]
			.filter(isChosen)
			.map((market) => (chosen.includes(market.latentOf ?? '') ? market : leading(market))),
	};
}

/** A market whose leader was not chosen has a price of its own. */
function leading(market: MarketSymbol): MarketSymbol {
	const { latentOf, ...own } = market;
	return latentOf === undefined ? market : own;
}

function wireName(exchangeKey: string): string {
	return exchangeKey.startsWith(SPOT_KEY) ? exchangeKey.slice(SPOT_KEY.length) : exchangeKey;
}
