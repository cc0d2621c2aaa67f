/**
 * What the exchange in a box lists, and how: perpetuals under their own name, spot pairs under `spot:` and theirs,
 * since both go by one name on the wire.
 */
import type { BybitSymbol } from '../exchange/bybit/venue.ts';
import type { ListingSpec } from '../exchange/core/listing.ts';
import type { MarketSymbol } from '../exchange/market/market.ts';
import { FOUR_MARKETS, FOUR_PERPETUALS, TWO_SPOT_MARKETS, TWO_SPOTS } from '../exchange/market/preset.ts';

export interface BoxSymbols {
	readonly listings: readonly ListingSpec[];
	readonly shown: readonly BybitSymbol[];
	/** Perpetuals first, since spot pairs follow them. */
	readonly markets: readonly MarketSymbol[];
}

const SPOT_KEY = 'spot:';

/** Names that `--symbols` may choose from. */
export const BOX_SYMBOLS: readonly string[] = FOUR_PERPETUALS.map(({ symbol }) => symbol);

/** A chosen name brings its spot pair along, where there is one. */
export function boxSymbols(chosen: readonly string[]): BoxSymbols {
	const isChosen = ({ symbol }: { readonly symbol: string }): boolean => chosen.includes(wireName(symbol));
	const listings = [...FOUR_PERPETUALS, ...TWO_SPOTS].filter(isChosen);
	return {
		listings,
		shown: listings.map(({ kind, symbol }) => ({ category: kind, symbol: wireName(symbol), exchangeKey: symbol })),
		markets: [...FOUR_MARKETS, ...TWO_SPOT_MARKETS].filter(isChosen),
	};
}

function wireName(exchangeKey: string): string {
	return exchangeKey.startsWith(SPOT_KEY) ? exchangeKey.slice(SPOT_KEY.length) : exchangeKey;
}
