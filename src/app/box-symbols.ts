/**
 * What the exchange in a box lists, and how: perpetuals under their own name, spot pairs under `spot:` and theirs,
 * since both go by one name on the wire.
 */
import type { BybitCategory, BybitSymbol } from '../exchange/bybit/venue.ts';
import type { ListingSpec } from '../exchange/core/listing.ts';
import { EXTRA_PERPETUALS_MAX, extraNames, extraPerpetual } from '../exchange/market/extra.ts';
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
	/** The linear perpetuals that others follow come before those. */
	readonly markets: readonly MarketSymbol[];
}

const SPOT_KEY = 'spot:';

/** Names that `--symbols` may choose from. */
export const BOX_SYMBOLS: readonly string[] = [...FOUR_PERPETUALS, ...ONE_INVERSE].map(({ symbol }) => symbol);

/** Perpetuals that can be made up on top of them. */
export const EXTRA_SYMBOLS_MAX = EXTRA_PERPETUALS_MAX;

/** So many of them, as `--extra-symbols` makes them. */
export function extraSymbolNames(count: number): readonly string[] {
	return extraNames(count);
}

/** Coins that an account can hold. */
export const BOX_COINS: readonly string[] = [
	...new Set([...FOUR_PERPETUALS, ...TWO_SPOTS].flatMap(({ quoteCoin, baseCoin }) => [quoteCoin, baseCoin])),
];

const ALL_CATEGORIES: readonly BybitCategory[] = ['spot', 'linear', 'inverse'];

/**
 * A chosen name brings its spot pair along, where there is one, unless spot is left out. Names of extra perpetuals may
 * be among them.
 */
export function boxSymbols(chosen: readonly string[], categories = ALL_CATEGORIES): BoxSymbols {
	const isChosen = ({ kind, symbol }: ListingSpec): boolean => categories.includes(kind) && chosen.includes(wireName(symbol));
	const extras = chosen.flatMap((symbol) => extraPerpetual(symbol) ?? []);
	const ownListings = [...FOUR_PERPETUALS, ...TWO_SPOTS, ...ONE_INVERSE].filter(isChosen);
	const listings = [...ownListings, ...extras.map(({ listing }) => listing)];
	const isListed = ({ symbol }: { readonly symbol: string }): boolean => ownListings.some((each) => each.symbol === symbol);
	return {
		listings,
		shown: listings.map(({ kind, symbol }) => ({ category: kind, symbol: wireName(symbol), exchangeKey: symbol })),
		markets: [...FOUR_MARKETS, ...TWO_SPOT_MARKETS, ...ONE_INVERSE_MARKET]
			.filter(isListed)
			.map((market) => (isListed({ symbol: market.latentOf ?? '' }) ? market : leading(market)))
			.concat(extras.map(({ market }) => market)),
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
