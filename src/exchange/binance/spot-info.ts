/** What spot lists, and under which rules. */
import type { SymbolStatus } from '../core/views.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { COMBINATION_WRONG, invalidParameter, Refusal, SYMBOL_WRONG } from './refusal.ts';
import type { Visitor } from './rest-route.ts';
import { filterList } from './spot-filters.ts';
import type { BinanceSymbol, BinanceVenue } from './venue.ts';
import { STP_MODES } from './words.ts';

const STATUSES: Record<SymbolStatus, string> = {
	trading: 'TRADING',
	'post-only': 'TRADING',
	'reduce-only': 'CANCEL_ONLY',
	'cancel-only': 'CANCEL_ONLY',
	halted: 'HALT',
	closed: 'BREAK',
};
const DECIMALS = 8;

export function exchangeInfo({ venue, nowMs }: Visitor, given: Params): Json | Refusal {
	const chosen = chooseSymbols(venue, given);
	if (chosen instanceof Refusal) return chosen;
	const status = given.raw('symbolStatus');
	const rows = chosen.map((symbol) => symbolObject(venue, symbol));
	return {
		timezone: 'UTC',
		serverTime: nowMs,
		rateLimits: venue.limits.spot.list(),
		exchangeFilters: [],
		symbols: status === undefined ? rows : rows.filter((row) => row.status === status),
	};
}

/** By `symbol`, by a list in `symbols`, or all. */
export function chooseSymbols(venue: BinanceVenue, given: Params): readonly BinanceSymbol[] | Refusal {
	const list = given.raw('symbols');
	if (given.has('symbol')) {
		if (list !== undefined) return COMBINATION_WRONG;
		const one = given.symbol(venue, 'spot');
		return one instanceof Refusal ? one : [one];
	}
	if (list === undefined) return venue.symbolsOf('spot');
	const names = readNames(list);
	if (names === undefined) return invalidParameter('symbols');
	const found = names.map((name) => venue.find('spot', name));
	return found.every((each) => each !== undefined) ? found : SYMBOL_WRONG;
}

/** Undefined for what is no list of names. */
function readNames(text: string): readonly string[] | undefined {
	if (!/^\[("[A-Z0-9]{1,20}"(, ?"[A-Z0-9]{1,20}")*)?\]$/.test(text)) return undefined;
	return [...text.matchAll(/[A-Z0-9]+/g)].map(([name]) => name);
}

function symbolObject(venue: BinanceVenue, symbol: BinanceSymbol): { readonly status: string } & Readonly<Record<string, Json>> {
	const listing = venue.listing(symbol);
	const { baseCoin, quoteCoin } = listing.spec;
	return {
		symbol: symbol.symbol,
		status: STATUSES[venue.exchange.ticker(symbol.exchangeKey)?.status ?? 'trading'],
		baseAsset: baseCoin,
		baseAssetPrecision: DECIMALS,
		quoteAsset: quoteCoin,
		quotePrecision: DECIMALS,
		quoteAssetPrecision: DECIMALS,
		baseCommissionPrecision: DECIMALS,
		quoteCommissionPrecision: DECIMALS,
		orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
		icebergAllowed: false,
		ocoAllowed: false,
		otoAllowed: false,
		opoAllowed: false,
		quoteOrderQtyMarketAllowed: true,
		allowTrailingStop: false,
		cancelReplaceAllowed: true,
		amendAllowed: true,
		pegInstructionsAllowed: false,
		isSpotTradingAllowed: true,
		isMarginTradingAllowed: false,
		filters: filterList(listing),
		permissions: [],
		permissionSets: [['SPOT']],
		defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
		allowedSelfTradePreventionModes: STP_MODES,
	};
}
