/**
 * Many orders of an account at once: what is open, what there was, its fills, and cancelling all of a symbol, now or when
 * a countdown ends. Lists run from the oldest to the newest.
 */
import type { OrderView, TradeExecution } from '../core/views.ts';
import type { FuturesCaller } from './futures-order-params.ts';
import { findOrder } from './futures-orders.ts';
import { NO_SUCH_ORDER, SPAN_WRONG } from './futures-refusals.ts';
import { fillId, futuresClientId, orderRow, userTradeRow } from './futures-views.ts';
import { ownOrderId, shownOrderId } from './ids.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { Refusal, SYMBOL_WRONG } from './refusal.ts';
import type { BinanceSymbol } from './venue.ts';

const DAY_MS = 86_400_000;
const SPAN_MS = 7 * DAY_MS;
const PAGE = { preset: 500, most: 1_000 };
const AMENDMENT_PAGE = { preset: 50, most: 100 };
const CANCELLED_ALL = { code: 200, msg: 'The operation of cancel all open order is done.' };

export function openOrders(caller: FuturesCaller, given: Params): Json | Refusal {
	const symbols = chosen(caller, given);
	if (symbols instanceof Refusal) return symbols;
	const { venue, desk, accountId } = caller;
	return symbols.flatMap((symbol) =>
		venue.exchange.openOrders(accountId, symbol.exchangeKey).map((order) => orderRow(venue, desk, symbol, order)),
	);
}

/** From an order on, else of a span of time: the last seven days unless said. */
export function allOrders(caller: FuturesCaller, given: Params): Json | Refusal {
	const symbols = chosen(caller, given);
	if (symbols instanceof Refusal) return symbols;
	const fromId = given.id('orderId');
	if (fromId instanceof Refusal) return fromId;
	const span = readSpan(given, caller.nowMs);
	if (span instanceof Refusal) return span;
	const limit = given.limit(PAGE.preset, PAGE.most);
	if (limit instanceof Refusal) return limit;
	const { venue, desk } = caller;
	const from = fromId === undefined ? null : BigInt(ownOrderId('futures', fromId) ?? 0);
	const isAsked = (order: OrderView): boolean =>
		from === null ? order.createdAtMs >= span.fromMs && order.createdAtMs <= span.toMs : BigInt(order.orderId) >= from;
	const found = symbols
		.flatMap((symbol) => everyOrder(caller, symbol).map((order) => ({ symbol, order })))
		.filter(({ order }) => isAsked(order))
		.sort((left, right) => Number(left.order.orderId) - Number(right.order.orderId));
	const page = from === null ? found.slice(-limit) : found.slice(0, limit);
	return page.map(({ symbol, order }) => orderRow(venue, desk, symbol, order));
}

export function userTrades(caller: FuturesCaller, given: Params): Json | Refusal {
	const { venue, accountId, nowMs } = caller;
	const symbol = given.symbol(venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	const orderId = given.id('orderId');
	if (orderId instanceof Refusal) return orderId;
	const fromId = given.id('fromId');
	if (fromId instanceof Refusal) return fromId;
	const span = readSpan(given, nowMs);
	if (span instanceof Refusal) return span;
	const limit = given.limit(PAGE.preset, PAGE.most);
	if (limit instanceof Refusal) return limit;
	const own = orderId === undefined ? undefined : ownOrderId('futures', orderId);
	if (orderId !== undefined && own === undefined) return NO_SUCH_ORDER;
	const fills = venue.exchange
		.executions(accountId, symbol.exchangeKey)
		.filter((execution): execution is TradeExecution => execution.kind === 'trade')
		.filter((fill) => own === undefined || fill.orderId === own)
		.filter((fill) => {
			if (fromId !== undefined) return fillId(fill) >= BigInt(fromId);
			return own !== undefined || (fill.atMs >= span.fromMs && fill.atMs <= span.toMs);
		});
	const page = fromId === undefined ? fills.slice(-limit) : fills.slice(0, limit);
	return page.map((fill) => userTradeRow(venue, symbol, fill));
}

export function cancelAllOrders({ venue, accountId, nowMs }: FuturesCaller, given: Params): Json | Refusal {
	const symbol = given.symbol(venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	venue.exchange.cancelAll({ accountId, symbol: symbol.exchangeKey }, nowMs);
	return CANCELLED_ALL;
}

export function startCountdown({ venue, desk, accountId, nowMs }: FuturesCaller, given: Params): Json | Refusal {
	const symbol = given.symbol(venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	const countdownMs = given.mustWhole('countdownTime');
	if (countdownMs instanceof Refusal) return countdownMs;
	const { exchangeKey } = symbol;
	if (countdownMs === 0) desk.countdowns.stop({ accountId, exchangeKey });
	else desk.countdowns.start({ accountId, exchangeKey, atMs: nowMs + countdownMs });
	return { symbol: symbol.symbol, countdownTime: String(countdownMs) };
}

/** The symbol that is named, or all of them. */
export function chosen({ venue }: FuturesCaller, given: Params): readonly BinanceSymbol[] | Refusal {
	const name = given.raw('symbol');
	if (name === undefined) return venue.symbolsOf('futures');
	const symbol = venue.find('futures', name);
	return symbol === undefined ? SYMBOL_WRONG : [symbol];
}

function everyOrder({ venue, accountId }: FuturesCaller, { exchangeKey }: BinanceSymbol): readonly OrderView[] {
	return [...venue.exchange.closedOrders(accountId, exchangeKey), ...venue.exchange.openOrders(accountId, exchangeKey)];
}

/** At most a week; the last one unless said. */
export function readSpan(given: Params, nowMs: number): { readonly fromMs: number; readonly toMs: number } | Refusal {
	const start = given.whole('startTime');
	if (start instanceof Refusal) return start;
	const end = given.whole('endTime');
	if (end instanceof Refusal) return end;
	const fromMs = start ?? (end ?? nowMs) - SPAN_MS;
	const toMs = end ?? fromMs + SPAN_MS;
	return toMs < fromMs || toMs - fromMs > SPAN_MS ? SPAN_WRONG : { fromMs, toMs };
}

/** What was changed of one order. */
export function orderAmendments(caller: FuturesCaller, given: Params): Json | Refusal {
	const { venue, desk } = caller;
	const symbol = given.symbol(venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	const order = findOrder({ ...caller, symbol }, given);
	if (order instanceof Refusal) return order;
	const limit = given.limit(AMENDMENT_PAGE.preset, AMENDMENT_PAGE.most);
	if (limit instanceof Refusal) return limit;
	const { price, qty } = venue.listing(symbol);
	return desk.amendments
		.of(order.orderId)
		.slice(-limit)
		.map(({ amendmentId, before, after, count, priceMatch }) => ({
			amendmentId,
			symbol: symbol.symbol,
			pair: symbol.symbol,
			orderId: shownOrderId('futures', order.orderId),
			clientOrderId: futuresClientId(order),
			time: after.updatedAtMs,
			amendment: {
				price: { before: price.format(before.priceTicks), after: price.format(after.priceTicks) },
				origQty: { before: qty.format(before.qtyLots), after: qty.format(after.qtyLots) },
				count,
			},
			priceMatch,
		}));
}
