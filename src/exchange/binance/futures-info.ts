/**
 * What futures publishes of its contracts: terms, filters, limits. The names of the filters' members are this market's own,
 * and the decimals named beside them are neither tick nor step.
 */
import { formatScaled, parseDecimal, rescale } from '../core/decimal.ts';
import type { Listing } from '../core/listing.ts';
import { ATOM_DECIMALS, RATE_ONE } from '../core/money.ts';
import type { SymbolStatus, TickerView } from '../core/views.ts';
import type { JsonObject } from './futures-views.ts';
import type { Json } from './numbers.ts';
import type { Visitor } from './rest-route.ts';
import type { BinanceSymbol } from './venue.ts';

/** Perpetuals have a date of delivery that never comes. */
const NEVER_DELIVERED_MS = 4_133_404_800_000;
const ONBOARD_MS = 1_569_398_400_000;
const COIN_PRECISION = 8;
const MULTIPLIER_DECIMALS = 4;
/** Around the mark price, where the listing has no band of its own. */
const WIDEST_BAND_E8 = RATE_ONE - 1n;

const STATUSES: Record<SymbolStatus, string> = {
	trading: 'TRADING',
	'post-only': 'TRADING',
	'reduce-only': 'TRADING',
	'cancel-only': 'SETTLING',
	halted: 'SETTLING',
	closed: 'CLOSE',
};

export function exchangeInfo({ venue, market, nowMs }: Visitor): Json {
	const symbols = venue.symbolsOf('futures');
	const coins = [...new Set(symbols.map((symbol) => venue.listing(symbol).settleCoin))];
	return {
		timezone: 'UTC',
		serverTime: nowMs,
		futuresType: 'U_MARGINED',
		rateLimits: venue.limits[market].list(),
		exchangeFilters: [],
		assets: coins.map((asset) => ({ asset, marginAvailable: true, autoAssetExchange: '0' })),
		symbols: symbols.map((symbol) => contractObject(symbol, venue.listing(symbol), venue.exchange.ticker(symbol.exchangeKey))),
	};
}

function contractObject({ symbol }: BinanceSymbol, listing: Listing, ticker: TickerView | undefined): JsonObject {
	const { baseCoin, quoteCoin } = listing.spec;
	return {
		symbol,
		pair: symbol,
		contractType: 'PERPETUAL',
		deliveryDate: ticker === undefined || ticker.deliveryAtMs === 0 ? NEVER_DELIVERED_MS : ticker.deliveryAtMs,
		onboardDate: ONBOARD_MS,
		status: STATUSES[ticker?.status ?? 'halted'],
		maintMarginPercent: percent(listing.maintenanceRateE8),
		requiredMarginPercent: percent(Number(RATE_ONE / BigInt(listing.maxLeverage))),
		baseAsset: baseCoin,
		quoteAsset: quoteCoin,
		marginAsset: listing.settleCoin,
		pricePrecision: listing.price.step.scale,
		quantityPrecision: listing.qty.step.scale,
		baseAssetPrecision: COIN_PRECISION,
		quotePrecision: COIN_PRECISION,
		underlyingType: 'COIN',
		underlyingSubType: [],
		triggerProtect: '0.0500',
		liquidationFee: '0.000000',
		marketTakeBound: '0.05',
		maxMoveOrderLimit: 10_000,
		filters: filters(listing),
		orderTypes: ['LIMIT', 'MARKET'],
		timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
		permissionSets: ['GRID', 'COPY'],
	};
}

function filters(listing: Listing): readonly JsonObject[] {
	const { spec, qty } = listing;
	const lots = { minQty: qty.format(listing.minLots), stepSize: spec.lotSize };
	return [
		{
			filterType: 'PRICE_FILTER',
			minPrice: spec.tickSize,
			maxPrice: listing.price.format(PRICE_TICKS_SHOWN_MAX),
			tickSize: spec.tickSize,
		},
		{ filterType: 'LOT_SIZE', ...lots, maxQty: qty.format(listing.maxLots) },
		{ filterType: 'MARKET_LOT_SIZE', ...lots, maxQty: qty.format(listing.maxMarketLots) },
		{ filterType: 'MAX_NUM_ORDERS', limit: listing.maxOpenOrders },
		{ filterType: 'MIN_NOTIONAL', notional: spec.minNotional },
		{ filterType: 'PERCENT_PRICE', ...multipliers(spec.priceBand), multiplierDecimal: String(MULTIPLIER_DECIMALS) },
	];
}

/** Larger than any price here, and an exact number in every client. */
const PRICE_TICKS_SHOWN_MAX = 10_000_000_000;

function multipliers(priceBand: string | undefined): { readonly multiplierUp: string; readonly multiplierDown: string } {
	const band = priceBand === undefined ? null : parseDecimal(priceBand);
	const bandE8 = (band === null ? null : rescale(band, ATOM_DECIMALS)) ?? WIDEST_BAND_E8;
	const shown = (rateE8: bigint): string =>
		formatScaled(rateE8 / 10n ** BigInt(ATOM_DECIMALS - MULTIPLIER_DECIMALS), MULTIPLIER_DECIMALS);
	return { multiplierUp: shown(RATE_ONE + bandE8), multiplierDown: shown(RATE_ONE - bandE8) };
}

/** A share in whole 1e-8 as per cent, with four decimals. */
function percent(rateE8: number): string {
	const [percentDecimals, rateDecimals] = [4, 6];
	return formatScaled(BigInt(rateE8) / 10n ** BigInt(rateDecimals - percentDecimals), percentDecimals);
}
