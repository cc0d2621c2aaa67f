/** What the venue publishes about a symbol: grids, filters, leverage, funding. Spot and contracts differ in shape. */
import type { FeeRates, Listing } from '../core/listing.ts';
import type { SymbolStatus, TickerView } from '../core/views.ts';
import type { Json } from './json-views.ts';
import { rate } from './printing.ts';
import type { BybitSymbol } from './venue.ts';

const MINUTE_MS = 60_000;
const LAUNCHED_AT = '1600000000000';
const MAX_PRICE_TICKS_SHOWN = 10_000_000;
const QUOTE_PRECISION = '0.00000001';
/** The largest amount of a market order in the quote coin. */
export const MAX_AMOUNT = '6000000';

/**
 * The venue has no word for a halt of hours; of the words that it has, the one for "not now, and not gone". Phases in
 * which some orders are still taken in are told by the codes of those that are not.
 */
const STATUSES = {
	trading: 'Trading',
	'post-only': 'Trading',
	'reduce-only': 'Trading',
	'cancel-only': 'Trading',
	halted: 'Settling',
	closed: 'Closed',
} as const satisfies Record<SymbolStatus, string>;

export function instrumentStatus(ticker: TickerView | undefined): string {
	return STATUSES[ticker?.status ?? 'trading'];
}

export interface Instrument {
	readonly symbol: BybitSymbol;
	readonly listing: Listing;
	readonly symbolId: number;
	readonly ticker: TickerView | undefined;
}

export function instrumentObject(instrument: Instrument): Json {
	return instrument.symbol.category === 'spot' ? spotObject(instrument) : contractObject(instrument);
}

function contractObject({ symbol, listing, symbolId, ticker }: Instrument): Json {
	const { spec, price } = listing;
	const band = spec.priceBand ?? '1';
	return {
		symbol: symbol.symbol,
		symbolId,
		contractType: symbol.category === 'inverse' ? 'InversePerpetual' : 'LinearPerpetual',
		status: instrumentStatus(ticker),
		baseCoin: spec.baseCoin,
		quoteCoin: spec.quoteCoin,
		settleCoin: listing.settleCoin,
		launchTime: LAUNCHED_AT,
		deliveryTime: String(ticker?.deliveryAtMs ?? 0),
		deliveryFeeRate: '',
		priceScale: String(price.step.scale),
		leverageFilter: { minLeverage: '1', maxLeverage: `${listing.maxLeverage}.00`, leverageStep: '0.01' },
		priceFilter: { minPrice: spec.tickSize, maxPrice: price.format(MAX_PRICE_TICKS_SHOWN), tickSize: spec.tickSize },
		lotSizeFilter: {
			minOrderQty: spec.minQty,
			maxOrderQty: spec.maxQty,
			maxMktOrderQty: spec.maxMarketQty ?? spec.maxQty,
			qtyStep: spec.lotSize,
			minNotionalValue: symbol.category === 'inverse' ? '' : spec.minNotional,
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

function spotObject({ symbol, listing, symbolId, ticker }: Instrument): Json {
	const { spec } = listing;
	const band = spec.priceBand ?? '1';
	return {
		symbol: symbol.symbol,
		symbolId,
		baseCoin: spec.baseCoin,
		quoteCoin: spec.quoteCoin,
		innovation: '0',
		status: instrumentStatus(ticker),
		marginTrading: 'none',
		stTag: '0',
		lotSizeFilter: {
			basePrecision: spec.lotSize,
			quotePrecision: QUOTE_PRECISION,
			minOrderQty: spec.minQty,
			maxOrderQty: spec.maxQty,
			minOrderAmt: spec.minNotional,
			maxOrderAmt: MAX_AMOUNT,
			maxLimitOrderQty: spec.maxQty,
			maxMarketOrderQty: spec.maxMarketQty ?? spec.maxQty,
			postOnlyMaxLimitOrderSize: spec.maxQty,
		},
		priceFilter: { tickSize: spec.tickSize },
		riskParameters: { priceLimitRatioX: band, priceLimitRatioY: band },
		symbolType: '',
	};
}

/** As the venue shows the fees of an account: its own where somebody has set some, else the symbol's. */
export function feeObject(symbol: BybitSymbol, listing: Listing, own: FeeRates | null): Json {
	const { makerFeeRate, takerFeeRate } = listing.spec;
	if (own === null) return { symbol: symbol.symbol, takerFeeRate, makerFeeRate };
	return { symbol: symbol.symbol, takerFeeRate: rate(own.takerRateE8), makerFeeRate: rate(own.makerRateE8) };
}
