/**
 * The private endpoints: path, method, requests a second by category, and what answers. Order entry is not among them;
 * it has its own door (`limited-entry.ts`).
 */
import type { Refusal } from './codes.ts';
import type { Json } from './json-views.ts';
import type { OrderOperation } from './operations.ts';
import type { Params } from './params.ts';
import {
	accountInfo,
	coinInfo,
	dcpInfo,
	feeRate,
	keyInfo,
	positionList,
	setDcp,
	setLeverage,
	setMarginMode,
	setPriceLimitAction,
	switchMode,
	walletBalance,
} from './rest-account.ts';
import { closedPnl } from './rest-closed-pnl.ts';
import { executionList, orderHistory, realtimeOrders } from './rest-orders.ts';
import type { Caller } from './rest-route.ts';

export interface PrivateRoute {
	readonly perSec: number;
	readonly run: (caller: Caller, given: Params) => Json | Refusal;
	/** Instead of 'OK'. */
	readonly retMsg?: string;
	/** The answer has no `result`. */
	readonly bare?: boolean;
}

export const ORDER_ROUTES: ReadonlyMap<string, OrderOperation> = new Map<string, OrderOperation>([
	['/v5/order/create', 'order.create'],
	['/v5/order/amend', 'order.amend'],
	['/v5/order/cancel', 'order.cancel'],
	['/v5/order/cancel-all', 'order.cancel-all'],
	['/v5/order/create-batch', 'order.create-batch'],
	['/v5/order/amend-batch', 'order.amend-batch'],
	['/v5/order/cancel-batch', 'order.cancel-batch'],
]);

/** By method and path. */
export const PRIVATE_ROUTES: ReadonlyMap<string, PrivateRoute> = new Map<string, PrivateRoute>([
	['GET /v5/order/realtime', { perSec: 50, run: realtimeOrders }],
	['GET /v5/order/history', { perSec: 50, run: orderHistory }],
	['GET /v5/execution/list', { perSec: 50, run: executionList }],
	['GET /v5/position/list', { perSec: 50, run: positionList }],
	['GET /v5/position/closed-pnl', { perSec: 50, run: closedPnl }],
	['POST /v5/position/set-leverage', { perSec: 10, run: setLeverage }],
	['POST /v5/position/switch-mode', { perSec: 10, run: switchMode }],
	['GET /v5/account/wallet-balance', { perSec: 50, run: walletBalance }],
	['GET /v5/account/info', { perSec: 50, run: accountInfo }],
	['GET /v5/account/fee-rate', { perSec: 5, run: feeRate }],
	['POST /v5/account/set-margin-mode', { perSec: 5, run: setMarginMode }],
	['POST /v5/account/set-limit-px-action', { perSec: 10, run: setPriceLimitAction }],
	['GET /v5/account/query-dcp-info', { perSec: 5, run: dcpInfo }],
	['POST /v5/order/disconnected-cancel-all', { perSec: 5, run: setDcp, retMsg: 'success', bare: true }],
	['GET /v5/user/query-api', { perSec: 10, run: keyInfo }],
	['GET /v5/asset/coin/query-info', { perSec: 5, run: coinInfo }],
]);
