/**
 * What an account can ask about its orders and fills: open ones, closed ones, executions. Newest first, in pages. How
 * long the closed ones are known is the venue's rule; how many at most is the exchange's (`order-store.ts`).
 */
import type { Execution, OrderView } from '../core/views.ts';
import { params, Refusal } from './codes.ts';
import { execType, executionObject, type Json, orderObject, orderStatus } from './json-views.ts';
import { readOrderName } from './order-params.ts';
import { pageOf } from './paging.ts';
import { type AnyCategory, checkSelection, type Params, selectSymbols } from './params.ts';
import type { Caller } from './rest-route.ts';
import type { BybitSymbol } from './venue.ts';

const DAY_MS = 86_400_000;
const SPAN_MS = 7 * DAY_MS;
const RECENT_CLOSED_MAX = 500;
const ORDER_PAGE = { preset: 20, most: 50 };
const EXECUTION_PAGE = { preset: 50, most: 100 };

interface ShownOrder {
	readonly symbol: BybitSymbol;
	readonly order: OrderView;
}

export function realtimeOrders(caller: Caller, given: Params): Json | Refusal {
	const category = given.category();
	if (category instanceof Refusal) return category;
	const missing = category === 'linear' ? checkSelection(given) : null;
	if (missing !== null) return missing;
	const openOnly = given.count('openOnly');
	if (openOnly instanceof Refusal) return openOnly;
	const named = namedOrder(caller, category, given);
	if (named instanceof Refusal) return named;
	if (named !== null) return orderPage(caller, category, named, given);
	const symbols = selectSymbols(caller.venue, category, given);
	if (symbols instanceof Refusal) return symbols;
	if (isConditional(given)) return orderPage(caller, category, [], given);
	const orders = openOnly === 1 ? recentlyClosed(caller, symbols) : openOrders(caller, symbols);
	return orderPage(caller, category, orders, given);
}

export function orderHistory(caller: Caller, given: Params): Json | Refusal {
	const category = given.category();
	if (category instanceof Refusal) return category;
	const span = readSpan(given, caller.nowMs);
	if (span instanceof Refusal) return span;
	const status = given.text('orderStatus');
	if (status instanceof Refusal) return status;
	const named = namedOrder(caller, category, given);
	if (named instanceof Refusal) return named;
	const isKept = ({ order }: ShownOrder): boolean => keptInHistory(order, caller.nowMs);
	if (named !== null) return orderPage(caller, category, named.filter(isKept), given);
	const symbols = selectSymbols(caller.venue, category, given);
	if (symbols instanceof Refusal) return symbols;
	if (isConditional(given)) return orderPage(caller, category, [], given);
	const orders = closedOrders(caller, symbols)
		.filter(isKept)
		.filter(({ order }) => order.createdAtMs >= span.fromMs && order.createdAtMs <= span.toMs)
		.filter(({ symbol, order }) => status === undefined || orderStatus(order, symbol.category === 'spot') === status);
	return orderPage(caller, category, orders, given);
}

export function executionList(caller: Caller, given: Params): Json | Refusal {
	const { venue, key, nowMs } = caller;
	const category = given.category();
	if (category instanceof Refusal) return category;
	const span = readSpan(given, nowMs);
	if (span instanceof Refusal) return span;
	const kind = given.text('execType');
	if (kind instanceof Refusal) return kind;
	const isOfOrder = readOrderFilter(given);
	if (isOfOrder instanceof Refusal) return isOfOrder;
	const symbols =
		isOfOrder === null ? selectSymbols(venue, category, given) : venue.symbols.filter((each) => each.category === category);
	if (symbols instanceof Refusal) return symbols;
	const chosen = symbols
		.flatMap((symbol) => venue.exchange.executions(key.accountId, symbol.exchangeKey).map((execution) => ({ symbol, execution })))
		.filter(({ execution }) => {
			if (isOfOrder !== null) return isOfOrder(execution);
			if (execution.atMs < span.fromMs || execution.atMs > span.toMs) return false;
			return kind === undefined || kind === execType(execution);
		});
	const page = pageOf(chosen, ({ execution }) => Number(execution.execId), given, EXECUTION_PAGE);
	if (page instanceof Refusal) return page;
	const list = page.rows.map(({ symbol, execution }) => executionObject(venue, symbol, execution));
	return { category, list, nextPageCursor: page.nextPageCursor };
}

function orderPage({ venue }: Caller, category: AnyCategory, orders: readonly ShownOrder[], given: Params): Json | Refusal {
	const page = pageOf(orders, ({ order }) => Number(order.orderId), given, ORDER_PAGE);
	if (page instanceof Refusal) return page;
	const list = page.rows.map(({ symbol, order }) => ({
		...orderObject(venue, symbol, order),
		...(symbol.category === 'spot' ? { basePrice: '' } : {}),
	}));
	return { category, list, nextPageCursor: page.nextPageCursor };
}

/** Null if the request names no order; else the order, if it is of that category. Other filters are ignored then. */
function namedOrder({ venue, key }: Caller, category: AnyCategory, given: Params): readonly ShownOrder[] | null | Refusal {
	if (given.raw('orderId') === undefined && given.raw('orderLinkId') === undefined) return null;
	const name = readOrderName(given);
	if (name instanceof Refusal) return name;
	const order = venue.exchange.order(key.accountId, name);
	const symbol = order === undefined ? undefined : venue.shown(order.symbol);
	return order === undefined || symbol === undefined || symbol.category !== category ? [] : [{ symbol, order }];
}

/** By the ids on the fills themselves, which are remembered for longer than the orders. */
function readOrderFilter(given: Params): ((execution: Execution) => boolean) | null | Refusal {
	if (given.raw('orderId') === undefined && given.raw('orderLinkId') === undefined) return null;
	const name = readOrderName(given);
	if (name instanceof Refusal) return name;
	if ('orderId' in name) return (execution) => execution.kind === 'trade' && execution.orderId === name.orderId;
	return (execution) => execution.kind === 'trade' && execution.clientOrderId === name.clientOrderId;
}

function openOrders({ venue, key }: Caller, symbols: readonly BybitSymbol[]): ShownOrder[] {
	return symbols.flatMap((symbol) =>
		venue.exchange.openOrders(key.accountId, symbol.exchangeKey).map((order) => ({ symbol, order })),
	);
}

function closedOrders({ venue, key }: Caller, symbols: readonly BybitSymbol[]): ShownOrder[] {
	return symbols.flatMap((symbol) =>
		venue.exchange.closedOrders(key.accountId, symbol.exchangeKey).map((order) => ({ symbol, order })),
	);
}

function recentlyClosed(caller: Caller, symbols: readonly BybitSymbol[]): ShownOrder[] {
	return closedOrders(caller, symbols)
		.sort((left, right) => Number(right.order.orderId) - Number(left.order.orderId))
		.slice(0, RECENT_CLOSED_MAX);
}

/** Without a single fill a closed order is kept for a day. */
function keptInHistory(order: OrderView, nowMs: number): boolean {
	if (order.status === 'new' || order.status === 'partially-filled') return false;
	return order.filledLots > 0 || order.updatedAtMs >= nowMs - DAY_MS;
}

/** There are no conditional orders here, so a filter for them selects nothing. */
function isConditional(given: Params): boolean {
	const filter = given.raw('orderFilter');
	return filter !== undefined && filter !== 'Order';
}

/** At most seven days, and the last seven unless said. */
export function readSpan(given: Params, nowMs: number): { readonly fromMs: number; readonly toMs: number } | Refusal {
	const start = given.count('startTime');
	if (start instanceof Refusal) return start;
	const end = given.count('endTime');
	if (end instanceof Refusal) return end;
	if (start === undefined && end === undefined) return { fromMs: nowMs - SPAN_MS, toMs: nowMs };
	const fromMs = start ?? (end ?? nowMs) - SPAN_MS;
	const toMs = end ?? fromMs + SPAN_MS;
	if (toMs < fromMs || toMs - fromMs > SPAN_MS) return params('startTime and endTime must be at most 7 days apart');
	return { fromMs, toMs };
}
