/** What the venue publishes about a symbol: grids, filters, leverage, funding. Spot and contracts differ in shape. */
import type { Listing } from '../core/listing.ts';
import type { Json } from './json-views.ts';

import type { BybitSymbol } from './venue.ts';

const MINUTE_MS = 60_000;
const LAUNCHED_AT = '1600000000000';
const MAX_PRICE_TICKS_SHOWN = 10_000_000;
const QUOTE_PRECISION = '0.00000001';
const MAX_AMOUNT = '6000000';

export function instrumentObject(symbol: BybitSymbol, listing: Listing, symbolId: number): Json {
	return symbol.category === 'spot' ? spotObject(symbol, listing, symbolId) : contractObject(symbol, listing, symbolId);
}

function contractObject(symbol: BybitSymbol, listing: Listing, symbolId: number): Json {
	const { spec, price, qty } = listing;
	const band = spec.priceBand ?? '1';
	return {
		symbol: symbol.symbol,
		symbolId,
		contractType: symbol.category === 'inverse' ? 'InversePerpetual' : 'LinearPerpetual',
		status: 'Trading',
		baseCoin: spec.baseCoin,
		quoteCoin: spec.quoteCoin,
		settleCoin: symbol.category === 'inverse' ? spec.baseCoin : spec.quoteCoin,
		launchTime: LAUNCHED_AT,
		deliveryTime: '0',
		deliveryFeeRate: '',
		priceScale: String(price.step.scale),
		leverageFilter: { minLeverage: '1', maxLeverage: `${listing.maxLeverage}.00`, leverageStep: '0.01' },
		priceFilter: { minPrice: price.stepText, maxPrice: price.format(MAX_PRICE_TICKS_SHOWN), tickSize: price.stepText },
		lotSizeFilter: {
			minOrderQty: spec.minQty,
			maxOrderQty: spec.maxQty,
			maxMktOrderQty: qty.format(listing.maxMarketLots),
			qtyStep: qty.stepText,
			minNotionalValue: spec.minNotional,
			postOnlyMaxOrderQty: spec.maxQty,
		},
		unifiedMarginTrade: true,
		fundingInterval: Math.floor((spec.fundingIntervalMs ?? 0) / MINUTE_MS),
		copyTrading: 'none',
		upperFundingRate: '0.005',
		lowerFundingRate: '-0.005',
		isPreListing: false,
		preListingInfo: null,
		riskParameters: { priceLimitRatioX: band, priceLimitRatioY: band },
		symbolType: '',
		displayName: '',
		forbidUplWithdrawal: false,
	};
}

function spotObject(symbol: BybitSymbol, listing: Listing, symbolId: number): Json {
	const { spec, price, qty } = listing;
	const band = spec.priceBand ?? '1';
	return {
		symbol: symbol.symbol,
		symbolId,
		baseCoin: spec.baseCoin,
		quoteCoin: spec.quoteCoin,
		innovation: '0',
		status: 'Trading',
		marginTrading: 'none',
		stTag: '0',
		lotSizeFilter: {
			basePrecision: qty.stepText,
			quotePrecision: QUOTE_PRECISION,
			minOrderQty: spec.minQty,
			maxOrderQty: spec.maxQty,
			minOrderAmt: spec.minNotional,
			maxOrderAmt: MAX_AMOUNT,
			maxLimitOrderQty: spec.maxQty,
			maxMarketOrderQty: qty.format(listing.maxMarketLots),
			postOnlyMaxLimitOrderSize: spec.maxQty,
		},
		priceFilter: { tickSize: price.stepText },
		riskParameters: { priceLimitRatioX: band, priceLimitRatioY: band },
		symbolType: '',
	};
}

/** As the venue shows the fees of an account; here they are the same for all. */
export function feeObject(symbol: BybitSymbol, listing: Listing): Json {
	const { makerFeeRate, takerFeeRate } = listing.spec;
	return { symbol: symbol.symbol, takerFeeRate, makerFeeRate };
}
