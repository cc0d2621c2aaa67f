/**
 * Everything that can be asked of spot, once: by the name of its method on the WS API, and from there by the verb and path
 * it has on REST.
 */
import type { Params } from './params.ts';
import type { KeyedRoute, PublicRoute, Route, RouteTable } from './rest-route.ts';
import { accountObject, commission, keyRestrictions, myTrades, orderCounts } from './spot-account.ts';
import { amendKeepPriority, amendmentList } from './spot-amend.ts';
import { exchangeInfo } from './spot-info.ts';
import {
	aggregateTrades,
	average,
	bookTicker,
	candles,
	dayTicker,
	depth,
	priceTicker,
	recentTrades,
	symbolCount,
	windowTicker,
} from './spot-market.ts';
import { allOrders, cancelOpenOrders, cancelOrder, openOrders, placeOrder, queryOrder, testOrder } from './spot-orders.ts';
import { cancelReplace } from './spot-replace.ts';
import { NO_ORDERS, ONE_ORDER } from './weights.ts';

const DEPTH_STEPS = [
	{ upTo: 100, weight: 5 },
	{ upTo: 500, weight: 25 },
	{ upTo: 1_000, weight: 50 },
] as const;
const DEPTH_WEIGHT_MAX = 250;
const DAY_STEPS = [
	{ upTo: 20, weight: 2 },
	{ upTo: 100, weight: 40 },
] as const;
const DAY_WEIGHT_MAX = 80;
/** A symbol. */
const WINDOW_WEIGHT = 4;
const WINDOW_WEIGHT_MAX = 200;

/** By method. */
export const SPOT_METHODS: RouteTable = new Map<string, Route>([
	['ping', open(1, () => ({}))],
	['time', open(1, ({ nowMs }) => ({ serverTime: nowMs }))],
	['exchangeInfo', open(20, exchangeInfo)],
	['depth', open(depthWeight, depth)],
	['trades.recent', open(25, recentTrades)],
	['trades.historical', open(25, recentTrades)],
	['trades.aggregate', open(4, aggregateTrades)],
	['klines', open(2, candles)],
	['uiKlines', open(2, candles)],
	['avgPrice', open(2, average)],
	['ticker.book', open(oneOrMany(2, 4), bookTicker)],
	['ticker.price', open(oneOrMany(2, 4), priceTicker)],
	['ticker', open((given) => Math.min(WINDOW_WEIGHT_MAX, WINDOW_WEIGHT * symbolCount(given)), windowTicker)],
	['ticker.24hr', open(dayWeight, dayTicker)],

	['order.place', { ...change(1, placeOrder), orders: ONE_ORDER }],
	[
		'order.test',
		{ ...change((given) => (given.raw('computeCommissionRates') === 'true' ? 20 : 1), testOrder), isFreeWhenDone: false },
	],
	['order.cancel', change(1, cancelOrder)],
	['openOrders.cancelAll', change(1, cancelOpenOrders)],
	// Counts its order itself.
	['order.cancelReplace', { ...change(1, cancelReplace), orders: NO_ORDERS }],
	['order.amend.keepPriority', { ...change(4, amendKeepPriority), isFreeWhenDone: false }],

	['order.status', look(4, queryOrder)],
	['openOrders.status', look(oneOrMany(6, 80), openOrders)],
	['allOrders', look(20, allOrders)],
	['order.amendments', look(4, amendmentList)],
	['account.status', look(20, accountObject)],
	['myTrades', look((given) => (given.raw('orderId') === undefined ? 20 : 5), myTrades)],
	['account.rateLimits.orders', look(40, orderCounts)],
	['account.commission', look(20, commission)],
	// What was prevented is told on the stream and not kept.
	['myPreventedMatches', look(2, () => [])],
]);

const PATHS: readonly (readonly [request: string, method: string])[] = [
	['GET /api/v3/ping', 'ping'],
	['GET /api/v3/time', 'time'],
	['GET /api/v3/exchangeInfo', 'exchangeInfo'],
	['GET /api/v3/depth', 'depth'],
	['GET /api/v3/trades', 'trades.recent'],
	['GET /api/v3/historicalTrades', 'trades.historical'],
	['GET /api/v3/aggTrades', 'trades.aggregate'],
	['GET /api/v3/klines', 'klines'],
	['GET /api/v3/uiKlines', 'uiKlines'],
	['GET /api/v3/avgPrice', 'avgPrice'],
	['GET /api/v3/ticker/bookTicker', 'ticker.book'],
	['GET /api/v3/ticker/price', 'ticker.price'],
	['GET /api/v3/ticker', 'ticker'],
	['GET /api/v3/ticker/24hr', 'ticker.24hr'],
	['POST /api/v3/order', 'order.place'],
	['POST /api/v3/order/test', 'order.test'],
	['DELETE /api/v3/order', 'order.cancel'],
	['DELETE /api/v3/openOrders', 'openOrders.cancelAll'],
	['POST /api/v3/order/cancelReplace', 'order.cancelReplace'],
	['PUT /api/v3/order/amend/keepPriority', 'order.amend.keepPriority'],
	['GET /api/v3/order', 'order.status'],
	['GET /api/v3/openOrders', 'openOrders.status'],
	['GET /api/v3/allOrders', 'allOrders'],
	['GET /api/v3/order/amendments', 'order.amendments'],
	['GET /api/v3/account', 'account.status'],
	['GET /api/v3/myTrades', 'myTrades'],
	['GET /api/v3/rateLimit/order', 'account.rateLimits.orders'],
	['GET /api/v3/account/commission', 'account.commission'],
	['GET /api/v3/myPreventedMatches', 'myPreventedMatches'],
];

/** By verb and path. What keys may do is the wallet's business, which has no WS API. */
export const SPOT_ROUTES: RouteTable = new Map([
	...PATHS.flatMap(([request, method]) => {
		const route = SPOT_METHODS.get(method);
		return route === undefined ? [] : [[request, route] as const];
	}),
	['GET /sapi/v1/account/apiRestrictions', look(1, keyRestrictions)],
]);

function open(weight: Route['weight'], run: PublicRoute['run']): Route {
	return { security: 'none', weight, run };
}

function look(weight: Route['weight'], run: KeyedRoute['run']): KeyedRoute {
	return { security: 'user-data', weight, run };
}

/** Weighs nothing when it succeeds. */
function change(weight: Route['weight'], run: KeyedRoute['run']): KeyedRoute {
	return { security: 'trade', weight, run, isFreeWhenDone: true };
}

function oneOrMany(one: number, many: number): (given: Params) => number {
	return (given) => (given.raw('symbol') === undefined ? many : one);
}

function depthWeight(given: Params): number {
	const limit = Number(given.raw('limit') ?? '100');
	return DEPTH_STEPS.find(({ upTo }) => limit <= upTo)?.weight ?? DEPTH_WEIGHT_MAX;
}

function dayWeight(given: Params): number {
	const count = symbolCount(given);
	return DAY_STEPS.find(({ upTo }) => count <= upTo)?.weight ?? DAY_WEIGHT_MAX;
}
