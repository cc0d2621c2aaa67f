/**
 * All that can be asked of futures: by method and path on REST, by name on the WS API, with what it weighs and counts. Both
 * lead to the same operations.
 */
import {
	account,
	accountConfig,
	accountV2,
	assetMode,
	balances,
	closeListenKey,
	commissionRate,
	leverageBracket,
	openListenKey,
	positionMode,
	positionRisk,
	positionRiskV2,
	renewListenKey,
	setAssetMode,
	setLeverage,
	setMarginType,
	setPositionMode,
	symbolConfig,
} from './futures-account.ts';
import { algoList, cancelAlgo, cancelAllAlgos, placeAlgo, queryAlgo } from './futures-algo.ts';
import { cancelBatch, modifyBatch, placeBatch } from './futures-batch.ts';
import type { FuturesDesk } from './futures-desk.ts';
import { income } from './futures-income.ts';
import { exchangeInfo } from './futures-info.ts';
import {
	aggregateTrades,
	bookTicker,
	dayTicker,
	depth,
	klines,
	ping,
	premiumIndex,
	priceTicker,
	time,
	trades,
} from './futures-market.ts';
import { allOrders, cancelAllOrders, openOrders, orderAmendments, startCountdown, userTrades } from './futures-order-lists.ts';
import type { FuturesCaller, OrderScene } from './futures-order-params.ts';
import { cancelOrder, modifyOrder, placeOrder, queryOpenOrder, queryOrder, testOrder } from './futures-orders.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { Refusal } from './refusal.ts';
import type { KeyedRoute, PublicRoute, Route, RouteTable, Visitor } from './rest-route.ts';
import { ONE_ORDER, type OrderCost } from './weights.ts';

export interface FuturesRoutes {
	/** By `POST /fapi/v1/order`. */
	readonly routes: RouteTable;
	/** By `order.place`. */
	readonly methods: RouteTable;
}

type Weight = PublicRoute['weight'];
type Run = (caller: FuturesCaller, given: Params) => Json | Refusal;
type RunOne = (scene: OrderScene, given: Params) => Json | Refusal;

/** A batch counts as one order in the long window, whatever it holds. */
const ONE_BATCH: OrderCost = { short: 5, long: 1 };

export function createFuturesRoutes(desk: FuturesDesk): FuturesRoutes {
	const on = routeMakers(desk);
	const order = {
		place: { ...on.oneOrder('trade', 0, placeOrder), orders: ONE_ORDER },
		modify: { ...on.oneOrder('trade', 0, modifyOrder), orders: ONE_ORDER },
		cancel: on.oneOrder('trade', 1, cancelOrder),
		query: on.oneOrder('user-data', 1, queryOrder),
	};
	const placeConditional = { ...on.trade(0, placeAlgo), orders: ONE_ORDER };
	const rest: Record<string, Route> = {
		...marketRoutes(),
		'POST /fapi/v1/order': order.place,
		'POST /fapi/v1/order/test': on.oneOrder('trade', 0, testOrder),
		'PUT /fapi/v1/order': order.modify,
		'DELETE /fapi/v1/order': order.cancel,
		'GET /fapi/v1/order': order.query,
		'GET /fapi/v1/openOrder': on.oneOrder('user-data', 1, queryOpenOrder),
		'GET /fapi/v1/openOrders': on.read(named(1, 40), openOrders),
		'GET /fapi/v1/allOrders': on.read(5, allOrders),
		'GET /fapi/v1/userTrades': on.read(5, userTrades),
		'POST /fapi/v1/batchOrders': { ...on.trade(5, placeBatch), orders: ONE_BATCH },
		'PUT /fapi/v1/batchOrders': { ...on.trade(5, modifyBatch), orders: ONE_BATCH },
		'DELETE /fapi/v1/batchOrders': on.trade(1, cancelBatch),
		'DELETE /fapi/v1/allOpenOrders': on.trade(1, cancelAllOrders),
		'POST /fapi/v1/countdownCancelAll': on.trade(10, startCountdown),
		'GET /fapi/v1/orderAmendment': on.read(1, orderAmendments),
		...accountRoutes(on),
		'POST /fapi/v1/algoOrder': placeConditional,
		'GET /fapi/v1/algoOrder': on.read(1, queryAlgo),
		'DELETE /fapi/v1/algoOrder': on.trade(1, cancelAlgo),
		'DELETE /fapi/v1/algoOpenOrders': on.trade(1, cancelAllAlgos),
		'GET /fapi/v1/openAlgoOrders': on.read(named(1, 40), algoList),
		'GET /fapi/v1/allAlgoOrders': on.read(5, algoList),
	};
	const methods: Record<string, Route> = {
		ping: open(1, ping),
		time: open(1, time),
		exchangeInfo: open(1, exchangeInfo),
		depth: open(depthWeight, depth),
		'ticker.book': open(named(2, 5), bookTicker),
		'ticker.price': open(named(1, 2), priceTicker),
		'order.place': order.place,
		'order.modify': order.modify,
		'order.cancel': order.cancel,
		'order.status': order.query,
		'algoOrder.place': placeConditional,
		'algoOrder.cancel': on.trade(1, cancelAlgo),
		'account.status': on.read(5, accountV2),
		'v2/account.status': on.read(5, account),
		'account.balance': on.read(5, balances),
		'v2/account.balance': on.read(5, balances),
		'account.position': on.read(5, positionRiskV2),
		'v2/account.position': on.read(5, positionRisk),
		'userDataStream.start': on.keyOnly(1, openListenKey),
		'userDataStream.ping': on.keyOnly(1, renewListenKey),
		'userDataStream.stop': on.keyOnly(1, closeListenKey),
	};
	return { routes: new Map(Object.entries(rest)), methods: new Map(Object.entries(methods)) };
}

interface RouteMakers {
	oneOrder(security: 'trade' | 'user-data', weight: Weight, run: RunOne): KeyedRoute;
	trade(weight: Weight, run: Run): KeyedRoute;
	read(weight: Weight, run: Run): KeyedRoute;
	keyOnly(weight: Weight, run: Run): KeyedRoute;
}

function routeMakers(desk: FuturesDesk): RouteMakers {
	const keyed = (security: KeyedRoute['security'], weight: Weight, run: Run): KeyedRoute => ({
		security,
		weight,
		run: (caller, given) => run({ ...caller, desk }, given),
	});
	return {
		oneOrder: (security, weight, run) =>
			keyed(security, weight, (caller, given) => {
				const symbol = given.symbol(caller.venue, 'futures');
				return symbol instanceof Refusal ? symbol : run({ ...caller, symbol }, given);
			}),
		trade: (weight, run) => keyed('trade', weight, run),
		read: (weight, run) => keyed('user-data', weight, run),
		keyOnly: (weight, run) => keyed('key', weight, run),
	};
}

function marketRoutes(): Record<string, Route> {
	return {
		'GET /fapi/v1/ping': open(1, ping),
		'GET /fapi/v1/time': open(1, time),
		'GET /fapi/v1/exchangeInfo': open(1, exchangeInfo),
		'GET /fapi/v1/depth': open(depthWeight, depth),
		'GET /fapi/v1/trades': open(5, trades),
		'GET /fapi/v1/historicalTrades': { security: 'key', weight: 20, run: trades },
		'GET /fapi/v1/aggTrades': open(20, aggregateTrades),
		'GET /fapi/v1/klines': open(candleWeight, klines),
		'GET /fapi/v1/premiumIndex': open(named(1, 10), premiumIndex),
		'GET /fapi/v1/ticker/bookTicker': open(named(2, 5), bookTicker),
		'GET /fapi/v1/ticker/price': open(named(1, 2), priceTicker),
		'GET /fapi/v2/ticker/price': open(named(1, 2), priceTicker),
		'GET /fapi/v1/ticker/24hr': open(named(1, 40), dayTicker),
	};
}

function accountRoutes(on: RouteMakers): Record<string, Route> {
	return {
		'GET /fapi/v3/account': on.read(5, account),
		'GET /fapi/v2/account': on.read(5, accountV2),
		'GET /fapi/v3/balance': on.read(5, balances),
		'GET /fapi/v2/balance': on.read(5, balances),
		'GET /fapi/v3/positionRisk': on.read(5, positionRisk),
		'GET /fapi/v2/positionRisk': on.read(5, positionRiskV2),
		'GET /fapi/v1/accountConfig': on.read(5, accountConfig),
		'GET /fapi/v1/symbolConfig': on.read(5, symbolConfig),
		'GET /fapi/v1/leverageBracket': on.read(1, leverageBracket),
		'GET /fapi/v1/commissionRate': on.read(20, commissionRate),
		'GET /fapi/v1/income': on.read(30, income),
		'GET /fapi/v1/positionSide/dual': on.read(30, positionMode),
		'GET /fapi/v1/multiAssetsMargin': on.read(30, assetMode),
		'POST /fapi/v1/leverage': on.trade(1, setLeverage),
		'POST /fapi/v1/marginType': on.trade(1, setMarginType),
		'POST /fapi/v1/positionSide/dual': on.trade(1, setPositionMode),
		'POST /fapi/v1/multiAssetsMargin': on.trade(1, setAssetMode),
		'POST /fapi/v1/listenKey': on.keyOnly(1, openListenKey),
		'PUT /fapi/v1/listenKey': on.keyOnly(1, renewListenKey),
		'DELETE /fapi/v1/listenKey': on.keyOnly(1, closeListenKey),
	};
}

function open(weight: Weight, run: (visitor: Visitor, given: Params) => Json | Refusal): PublicRoute {
	return { security: 'none', weight, run };
}

/** Asking for one symbol costs less than asking for all. */
function named(one: number, all: number): Weight {
	return (given) => (given.raw('symbol') === undefined ? all : one);
}

function depthWeight(given: Params): number {
	const limit = asked(given, 500);
	if (limit <= 50) return 2;
	if (limit <= 100) return 5;
	return limit <= 500 ? 10 : 20;
}

function candleWeight(given: Params): number {
	const limit = asked(given, 500);
	if (limit < 100) return 1;
	if (limit < 500) return 2;
	return limit <= 1_000 ? 5 : 10;
}

function asked(given: Params, preset: number): number {
	const limit = given.whole('limit');
	return typeof limit === 'number' ? limit : preset;
}
