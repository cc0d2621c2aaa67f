/** An exchange for tests: one perpetual, one spot pair with a maker rebate, and accounts with round sums of money. */
import type { OrderSide } from './book.ts';
import type { ExchangeEvent } from './events.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import type { ListingSpec } from './listing.ts';
import { atoms } from './money.ts';
import type { Accepted, PlaceLimit, PlaceResult, RefusalReason } from './requests.ts';

export const PERP: ListingSpec = {
	symbol: 'BTCUSDT',
	kind: 'linear',
	baseCoin: 'BTC',
	quoteCoin: 'USDT',
	tickSize: '0.1',
	lotSize: '0.001',
	minQty: '0.001',
	maxQty: '100',
	maxMarketQty: '50',
	minNotional: '5',
	makerFeeRate: '0.0002',
	takerFeeRate: '0.00055',
	priceBand: '0.1',
	postOnlyCross: 'cancel',
	maxLeverage: 100,
	fundingIntervalMs: 28_800_000,
};

export const SPOT: ListingSpec = {
	symbol: 'ETHUSDT.spot',
	kind: 'spot',
	baseCoin: 'ETH',
	quoteCoin: 'USDT',
	tickSize: '0.01',
	lotSize: '0.0001',
	minQty: '0.0001',
	maxQty: '1000',
	minNotional: '1',
	makerFeeRate: '-0.0001',
	takerFeeRate: '0.001',
	postOnlyCross: 'refuse',
	maxOpenOrders: 3,
};

/** Counted in dollars, settled in bitcoin. */
export const INVERSE: ListingSpec = {
	...PERP,
	symbol: 'BTCUSD',
	kind: 'inverse',
	quoteCoin: 'USD',
	tickSize: '0.50',
	lotSize: '1',
	minQty: '1',
	maxQty: '1000000',
	maxMarketQty: '500000',
	minNotional: '0',
};

/** Any instant will do; the exchange only hands it on. */
export const NOW_MS = 1_771_000_000_000;

export function openExchange(
	options: Partial<ExchangeOptions> = {},
	accounts: readonly string[] = ['ann', 'bob', 'cyd'],
): Exchange {
	const exchange = new Exchange({ listings: [PERP, SPOT], ...options });
	for (const accountId of accounts) {
		exchange.openAccount(accountId);
		exchange.deposit(accountId, 'USDT', atoms('100000'), NOW_MS);
		exchange.deposit(accountId, 'ETH', atoms('10'), NOW_MS);
	}
	return exchange;
}

/** A limit order by decimals, the way a person would say it. */
export function limitOrder(
	accountId: string,
	side: OrderSide,
	qty: string,
	price: string,
	more: Partial<Omit<PlaceLimit, 'symbol'>> & { readonly spec?: ListingSpec } = {},
): PlaceLimit {
	const { spec = PERP, ...rest } = more;
	const grids = GRIDS.get(spec) ?? gridOf(spec);
	return {
		accountId,
		symbol: spec.symbol,
		side,
		type: 'limit',
		timeInForce: 'gtc',
		priceTicks: grids.price.count(price),
		qtyLots: grids.qty.count(qty),
		...rest,
	};
}

const GRIDS = new Map<ListingSpec, Grids>();
type Grids = NonNullable<ReturnType<Exchange['listing']>>;

function gridOf(spec: ListingSpec): Grids {
	const listing = new Exchange({ listings: [spec] }).listing(spec.symbol);
	if (listing === undefined) throw new Error('a listing that was just listed is gone');
	GRIDS.set(spec, listing);
	return listing;
}

export function accepted(result: PlaceResult): Accepted {
	if (result.kind === 'refused') throw new Error(`expected acceptance, found ${result.reason}`);
	return result;
}

export function reasonOf(result: { readonly kind: string; readonly reason?: RefusalReason }): RefusalReason | 'not refused' {
	return result.reason ?? 'not refused';
}

export function record(exchange: Exchange): ExchangeEvent[] {
	const events: ExchangeEvent[] = [];
	exchange.subscribe((event) => events.push(event));
	return events;
}

/** The whole event as text; JSON alone does not take money. */
export function eventText(event: ExchangeEvent): string {
	return JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}

export function walletAtoms(exchange: Exchange, accountId: string, coin: string): bigint {
	return exchange.balances(accountId).find((balance) => balance.coin === coin)?.walletAtoms ?? 0n;
}
