/**
 * The same four coins as on the other venue, on Binance: spot pairs and perpetuals with the grids, filters and fees that
 * Binance publishes for them. They go by keys of their own, and their prices follow the other venue's perpetuals within a
 * small basis, as prices of one thing in two places do.
 */
import type { ListingSpec } from '../core/listing.ts';
import { extraPerpetual } from './extra.ts';
import type { MarketSymbol } from './market.ts';
import { FOUR_MARKETS } from './preset.ts';

export type BinancePlace = 'spot' | 'futures';

export interface BinancePreset {
	readonly place: BinancePlace;
	/** As the venue shows it. */
	readonly name: string;
	readonly listing: ListingSpec;
	readonly market: MarketSymbol;
}

/** How two markets of one coin differ from the first one. */
interface Shape {
	readonly tickSize: string;
	readonly lotSize: string;
	readonly maxQty: string;
	readonly maxMarketQty: string;
	readonly typicalQty: string;
	readonly maxLeverage?: number;
	readonly minNotional?: string;
}

const COMMON = { quoteCoin: 'USDT', postOnlyCross: 'refuse', clientIdsUsed: 'while-open', maxOpenOrders: 200 } as const;

/** The band is wide: spot refuses only prices that are far off. */
const SPOT = {
	...COMMON,
	kind: 'spot',
	minNotional: '5',
	priceBand: '0.8',
	makerFeeRate: '0.001',
	takerFeeRate: '0.001',
} as const;

const FUTURES = {
	...COMMON,
	kind: 'linear',
	minNotional: '5',
	priceBand: '0.05',
	makerFeeRate: '0.0002',
	takerFeeRate: '0.0005',
	fundingIntervalMs: 8 * 3_600_000,
} as const;

const SPOT_SHAPES: Readonly<Record<string, Shape>> = {
	BTC: { tickSize: '0.01', lotSize: '0.00001', maxQty: '9000', maxMarketQty: '100', typicalQty: '0.03000' },
	ETH: { tickSize: '0.01', lotSize: '0.0001', maxQty: '9000', maxMarketQty: '2000', typicalQty: '0.6000' },
	SOL: { tickSize: '0.01', lotSize: '0.001', maxQty: '90000', maxMarketQty: '20000', typicalQty: '15.000' },
	XRP: { tickSize: '0.0001', lotSize: '0.1', maxQty: '9222449', maxMarketQty: '1000000', typicalQty: '900.0' },
};

const FUTURES_SHAPES: Readonly<Record<string, Shape>> = {
	BTC: {
		tickSize: '0.10',
		lotSize: '0.001',
		maxQty: '1000',
		maxMarketQty: '120',
		typicalQty: '0.050',
		maxLeverage: 125,
		minNotional: '50',
	},
	ETH: {
		tickSize: '0.01',
		lotSize: '0.001',
		maxQty: '10000',
		maxMarketQty: '2000',
		typicalQty: '1.000',
		maxLeverage: 125,
		minNotional: '20',
	},
	SOL: { tickSize: '0.0100', lotSize: '0.01', maxQty: '1000000', maxMarketQty: '5000', typicalQty: '20.00', maxLeverage: 100 },
	XRP: { tickSize: '0.0001', lotSize: '0.1', maxQty: '10000000', maxMarketQty: '2000000', typicalQty: '1500.0', maxLeverage: 75 },
};

/** Half a spread of the first venue's perpetual: in ticks that may be finer here. */
const HALF_SPREAD_TICKS = { spot: 2, futures: 1 } as const;

export const BINANCE_PRESETS: readonly BinancePreset[] = [
	...Object.entries(FUTURES_SHAPES).flatMap(([coin, shape]) => presetOf('futures', coin, shape)),
	...Object.entries(SPOT_SHAPES).flatMap(([coin, shape]) => presetOf('spot', coin, shape)),
];

function binanceKey(place: BinancePlace, name: string): string {
	return `binance-${place}:${name}`;
}

/** A made-up perpetual on both markets; nothing for a name that is none of theirs. */
export function binanceExtras(name: string): readonly BinancePreset[] {
	const extra = extraPerpetual(name);
	if (extra === undefined) return [];
	const { listing, market } = extra;
	return (['futures', 'spot'] as const).map((place) => {
		const symbol = binanceKey(place, name);
		const { maxLeverage = 50, fundingIntervalMs: _, priceBand: __, ...grid } = listing;
		const own = place === 'spot' ? SPOT : { ...FUTURES, maxLeverage };
		const { fundingRateE8 } = market;
		return {
			place,
			name,
			listing: { ...grid, ...own, symbol },
			market: { ...market, symbol, latentOf: name, fundingRateE8: place === 'spot' ? 0 : fundingRateE8 },
		};
	});
}

function presetOf(place: BinancePlace, coin: string, { typicalQty, ...shape }: Shape): readonly BinancePreset[] {
	const name = `${coin}USDT`;
	const leader = FOUR_MARKETS.find(({ symbol }) => symbol === name);
	if (leader === undefined) return [];
	const symbol = binanceKey(place, name);
	const own = place === 'spot' ? SPOT : FUTURES;
	return [
		{
			place,
			name,
			listing: { ...own, ...shape, symbol, baseCoin: coin, minQty: shape.lotSize },
			market: {
				...leader,
				symbol,
				latentOf: name,
				typicalQty,
				tradesPerSec: place === 'spot' ? leader.tradesPerSec / 2 : leader.tradesPerSec,
				halfSpreadTicks: leader.halfSpreadTicks * HALF_SPREAD_TICKS[place],
				fundingRateE8: place === 'spot' ? 0 : leader.fundingRateE8,
			},
		},
	];
}
