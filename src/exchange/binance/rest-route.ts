/**
 * What can be asked of a market, however it came: a REST request and a frame of the WS API reach the same route, with
 * parameters by name, and are weighed, counted and proven alike. `serve` is the one place that runs them.
 */
import type { Asked, Security } from './auth.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { Refusal } from './refusal.ts';
import type { BinanceKey } from './venue.ts';
import { NO_ORDERS, type OrderCost } from './weights.ts';

export interface Visitor extends Asked {}

export interface Caller extends Visitor {
	readonly key: BinanceKey;
	/** The key's account on this market. */
	readonly accountId: string;
}

interface Cost {
	/** Of the request. A fault that is found before the weight is known costs one. */
	readonly weight: number | ((given: Params) => number);
	/** Costs no weight if it succeeds. */
	readonly isFreeWhenDone?: boolean;
	/** What it counts as orders; nothing unless said. */
	readonly orders?: OrderCost | ((given: Params) => OrderCost);
	/** Its orders count even when it is refused. */
	readonly countsRefused?: boolean;
}

export interface PublicRoute extends Cost {
	readonly security: 'none';
	run(visitor: Visitor, given: Params): Json | Refusal;
}

export interface KeyedRoute extends Cost {
	readonly security: Exclude<Security, 'none'>;
	run(caller: Caller, given: Params): Json | Refusal;
}

export type Route = PublicRoute | KeyedRoute;

/** By `POST /api/v3/order` or by `order.place`. */
export type RouteTable = ReadonlyMap<string, Route>;

export interface Served {
	readonly result: Json | Refusal;
	/** Whose orders were counted, for whoever tells of the counts; null if it was no order call or nobody's. */
	readonly countedAccountId: string | null;
}

/** `authenticate` proves the key in the way of the wire it came over. */
export function serve(
	route: Route,
	visitor: Visitor,
	given: Params,
	authenticate: (security: Exclude<Security, 'none'>) => BinanceKey | Refusal,
): Served {
	const { venue, market, remote, nowMs } = visitor;
	const limits = venue.limits[market];
	const weight = typeof route.weight === 'number' ? route.weight : route.weight(given);
	const heavy = limits.useWeight(remote, weight, nowMs);
	if (heavy !== null) return { result: heavy, countedAccountId: null };
	if (route.security === 'none') return { result: route.run(visitor, given), countedAccountId: null };
	const key = authenticate(route.security);
	if (key instanceof Refusal) return { result: key, countedAccountId: null };
	const caller = { ...visitor, key, accountId: key.accounts[market] };
	const result = runCounted(route, caller, given);
	if (route.isFreeWhenDone === true && !(result instanceof Refusal)) limits.giveBackWeight(remote, weight, nowMs);
	return { result, countedAccountId: route.orders === undefined ? null : caller.accountId };
}

function runCounted(route: KeyedRoute, caller: Caller, given: Params): Json | Refusal {
	const { venue, market, accountId, nowMs } = caller;
	const limits = venue.limits[market];
	const cost = typeof route.orders === 'function' ? route.orders(given) : (route.orders ?? NO_ORDERS);
	if (cost === NO_ORDERS) return route.run(caller, given);
	const tooMany = limits.useOrders(accountId, cost, nowMs);
	if (tooMany !== null) return tooMany;
	const result = route.run(caller, given);
	if (result instanceof Refusal && route.countsRefused !== true) limits.giveBackOrders(accountId, cost, nowMs);
	return result;
}
