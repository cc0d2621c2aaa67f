/**
 * Four perpetuals, two spot pairs and an inverse perpetual that look like the real ones: grids, filters and fees as Bybit publishes them,
 * prices and liveliness of an ordinary day. List `FOUR_PERPETUALS` on an exchange and hand `FOUR_MARKETS` to
 * `createMarket`; with `TWO_SPOTS` and `TWO_SPOT_MARKETS` behind them there is a spot price beside two of the perpetuals; `ONE_INVERSE` and its market go likewise.
 */
import type { ListingSpec } from '../core/listing.ts';
import { rateE8 } from '../core/money.ts';
import type { MarketSymbol } from './market.ts';

export const PERPETUAL = {
	kind: 'linear',
	quoteCoin: 'USDT',
	minNotional: '5',
	makerFeeRate: '0.0002',
	takerFeeRate: '0.00055',
	priceBand: '0.05',
	postOnlyCross: 'cancel',
	fundingIntervalMs: 8 * 3_600_000,
} as const;

export const FOUR_PERPETUALS: readonly ListingSpec[] = [
	{
		...PERPETUAL,
		symbol: 'BTCUSDT',
		baseCoin: 'BTC',
		tickSize: '0.10',
		lotSize: '0.001',
		minQty: '0.001',
		maxQty: '1190.000',
		maxMarketQty: '500.000',
		maxLeverage: 100,
	},
	{
		...PERPETUAL,
		symbol: 'ETHUSDT',
		baseCoin: 'ETH',
		tickSize: '0.01',
		lotSize: '0.01',
		minQty: '0.01',
		maxQty: '7240.00',
		maxMarketQty: '3000.00',
		maxLeverage: 100,
	},
	{
		...PERPETUAL,
		symbol: 'SOLUSDT',
		baseCoin: 'SOL',
		tickSize: '0.010',
		lotSize: '0.1',
		minQty: '0.1',
		maxQty: '79770.0',
		maxMarketQty: '15000.0',
		maxLeverage: 100,
	},
	{
		...PERPETUAL,
		symbol: 'XRPUSDT',
		baseCoin: 'XRP',
		tickSize: '0.0001',
		lotSize: '0.1',
		minQty: '0.1',
		maxQty: '4000000.0',
		maxMarketQty: '1000000.0',
		maxLeverage: 75,
	},
];

export const EVERY_EIGHT_HOURS = rateE8('0.0001');

export const FOUR_MARKETS: readonly MarketSymbol[] = [
	{
		symbol: 'BTCUSDT',
		startPrice: '65000',
		volatilityPerYear: 0.5,
		commonShare: 0.9,
		typicalQty: '0.050',
		tradesPerSec: 4,
		halfSpreadTicks: 1,
		depthBps: 15,
		fundingRateE8: EVERY_EIGHT_HOURS,
	},
	{
		symbol: 'ETHUSDT',
		startPrice: '3300',
		volatilityPerYear: 0.65,
		commonShare: 0.85,
		typicalQty: '1.00',
		tradesPerSec: 3,
		halfSpreadTicks: 1,
		depthBps: 15,
		fundingRateE8: EVERY_EIGHT_HOURS,
	},
	{
		symbol: 'SOLUSDT',
		startPrice: '150',
		volatilityPerYear: 0.85,
		commonShare: 0.75,
		typicalQty: '20.0',
		tradesPerSec: 2,
		halfSpreadTicks: 0,
		depthBps: 25,
		fundingRateE8: EVERY_EIGHT_HOURS,
	},
	{
		symbol: 'XRPUSDT',
		startPrice: '2.2',
		volatilityPerYear: 0.85,
		commonShare: 0.7,
		typicalQty: '1500.0',
		tradesPerSec: 2,
		halfSpreadTicks: 0,
		depthBps: 25,
		fundingRateE8: EVERY_EIGHT_HOURS,
	},
];

const SPOT = {
	kind: 'spot',
	quoteCoin: 'USDT',
	minNotional: '5',
	makerFeeRate: '0.001',
	takerFeeRate: '0.001',
	postOnlyCross: 'cancel',
} as const;

/** Keys of their own, since the exchange lists each symbol once and the perpetuals have the plain names. */
export const TWO_SPOTS: readonly ListingSpec[] = [
	{
		...SPOT,
		symbol: 'spot:BTCUSDT',
		baseCoin: 'BTC',
		tickSize: '0.1',
		lotSize: '0.000001',
		minQty: '0.000010',
		maxQty: '90',
		maxMarketQty: '45',
	},
	{
		...SPOT,
		symbol: 'spot:ETHUSDT',
		baseCoin: 'ETH',
		tickSize: '0.01',
		lotSize: '0.00001',
		minQty: '0.00010',
		maxQty: '2500',
		maxMarketQty: '1250',
	},
];

/** They follow the perpetuals, and their own books are somewhat thinner and quieter. */
export const TWO_SPOT_MARKETS: readonly MarketSymbol[] = [
	{
		symbol: 'spot:BTCUSDT',
		latentOf: 'BTCUSDT',
		startPrice: '65000',
		volatilityPerYear: 0.5,
		commonShare: 0.9,
		typicalQty: '0.030000',
		tradesPerSec: 2,
		halfSpreadTicks: 1,
		depthBps: 15,
		fundingRateE8: 0,
	},
	{
		symbol: 'spot:ETHUSDT',
		latentOf: 'ETHUSDT',
		startPrice: '3300',
		volatilityPerYear: 0.65,
		commonShare: 0.85,
		typicalQty: '0.60000',
		tradesPerSec: 2,
		halfSpreadTicks: 1,
		depthBps: 15,
		fundingRateE8: 0,
	},
];

/** Counted in dollars and settled in the coin. */
export const ONE_INVERSE: readonly ListingSpec[] = [
	{
		...PERPETUAL,
		kind: 'inverse',
		symbol: 'BTCUSD',
		baseCoin: 'BTC',
		quoteCoin: 'USD',
		tickSize: '0.10',
		lotSize: '1',
		minQty: '1',
		maxQty: '25000000',
		maxMarketQty: '5000000',
		minNotional: '0',
		maxLeverage: 100,
	},
];

/** Follows the perpetual that settles in dollars, and is quieter. */
export const ONE_INVERSE_MARKET: readonly MarketSymbol[] = [
	{
		symbol: 'BTCUSD',
		latentOf: 'BTCUSDT',
		startPrice: '65000',
		volatilityPerYear: 0.5,
		commonShare: 0.9,
		typicalQty: '2000',
		tradesPerSec: 1,
		halfSpreadTicks: 1,
		depthBps: 15,
		fundingRateE8: EVERY_EIGHT_HOURS,
	},
];
