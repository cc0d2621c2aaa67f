/**
 * As many further perpetuals as somebody wants, for tests of clients that follow hundreds of symbols. They are called
 * SYN001USDT, SYN002USDT and so on; what each is like follows from its number alone, and no real symbol has the name.
 */
import type { ListingSpec } from '../core/listing.ts';
import type { MarketSymbol } from './market.ts';
import { EVERY_EIGHT_HOURS, PERPETUAL } from './preset.ts';

export interface ExtraPerpetual {
	readonly listing: ListingSpec;
	readonly market: MarketSymbol;
}

/** With what else the box lists they still fit on one page of the venue's instruments. */
export const EXTRA_PERPETUALS_MAX = 400;

const NAME = /^SYN(\d{3})USDT$/;

/** Prices from 20 to some 400, on grids of two kinds. */
const CHEAPEST = 20;
const PRICE_STEP = 37;
const PRICE_SPAN = 391;
const GRIDS = [
	{ tickSize: '0.01', lotSize: '0.01', minQty: '0.01', typicalQty: '2.00' },
	{ tickSize: '0.001', lotSize: '0.1', minQty: '0.1', typicalQty: '5.0' },
] as const;

export function extraNames(count: number): readonly string[] {
	return Array.from({ length: count }, (_, index) => `SYN${String(index + 1).padStart(3, '0')}USDT`);
}

/** Undefined for a name that is none of theirs. */
export function extraPerpetual(symbol: string): ExtraPerpetual | undefined {
	const number = Number(NAME.exec(symbol)?.[1] ?? 0);
	if (number < 1 || number > EXTRA_PERPETUALS_MAX) return undefined;
	const { tickSize, lotSize, minQty, typicalQty } = GRIDS[number % GRIDS.length] ?? GRIDS[0];
	return {
		listing: {
			...PERPETUAL,
			symbol,
			baseCoin: symbol.slice(0, -PERPETUAL.quoteCoin.length),
			tickSize,
			lotSize,
			minQty,
			maxQty: '100000',
			maxMarketQty: '20000',
			maxLeverage: 50,
		},
		market: {
			symbol,
			startPrice: String(CHEAPEST + ((number * PRICE_STEP) % PRICE_SPAN)),
			volatilityPerYear: 0.9,
			commonShare: 0.7,
			typicalQty,
			tradesPerSec: 1,
			halfSpreadTicks: 1,
			depthBps: 25,
			fundingRateE8: EVERY_EIGHT_HOURS,
		},
	};
}
