/**
 * Orders on spot: placing, trying, cancelling and asking. The answer to a placed order says what it came to at once, as
 * short or long as it was asked for.
 */

import type { PlaceRequest } from '../core/requests.ts';
import type { OrderView, TradeExecution } from '../core/views.ts';
import { ownOrderId } from './ids.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { invalidParameter, Refusal } from './refusal.ts';
import type { Caller } from './rest-route.ts';
import { commissionOf } from './spot-account.ts';
import { type NamedOrder, readClientId, readOrder, readOrderName, type SpotScene, sceneOf } from './spot-order-params.ts';
import { ID_MISMATCH, NO_SUCH_ORDER, RESTRICTED, spotRefusal, unknownOrder } from './spot-refusals.ts';
import { cancelledObject, orderObject, placedObject, type ResponseType, spotStatus } from './spot-views.ts';
import type { BinanceSymbol } from './venue.ts';

const ORDERS_LIMIT = { preset: 500, most: 1_000 };
const RESTRICTIONS = ['ONLY_NEW', 'ONLY_PARTIALLY_FILLED'] as const;

export function placeOrder(caller: Caller, given: Params): Json | Refusal {
	const scene = sceneOf(caller, given);
	if (scene instanceof Refusal) return scene;
	const read = readOrder(scene, given);
	return read instanceof Refusal ? read : placeRead(scene, read.request, read.form);
}

export function placeRead(scene: SpotScene, request: PlaceRequest, form: ResponseType): Json | Refusal {
	const { venue, symbol, listing, nowMs } = scene;
	const placed = venue.exchange.place(request, nowMs);
	if (placed.kind === 'refused') return spotRefusal('place', placed.reason);
	return placedObject({ symbol, listing, order: placed.order }, form, form === 'FULL' ? fillsOf(scene, placed.order) : []);
}

/** Judged like an order, and goes no further. */
export function testOrder(caller: Caller, given: Params): Json | Refusal {
	const scene = sceneOf(caller, given);
	if (scene instanceof Refusal) return scene;
	const read = readOrder(scene, given);
	if (read instanceof Refusal) return read;
	const wrong = scene.venue.exchange.check(read.request);
	if (wrong !== null) return spotRefusal('place', wrong.reason);
	if (given.raw('computeCommissionRates') !== 'true') return {};
	const { maker, taker } = commissionOf(caller, scene.symbol);
	return { standardCommissionForOrder: { maker, taker } };
}

// ---- cancelling ----

export function cancelOrder(caller: Caller, given: Params): Json | Refusal {
	const scene = sceneOf(caller, given);
	if (scene instanceof Refusal) return scene;
	const wish = readCancel(given, readOrderName(given), 'newClientOrderId');
	return wish instanceof Refusal ? wish : cancelNamed(scene, wish);
}

export interface CancelWish {
	readonly named: NamedOrder;
	/** What the cancel itself is called; the venue calls it something where nothing was given. */
	readonly clientId: string | undefined;
	readonly onlyWhile: 'NEW' | 'PARTIALLY_FILLED' | null;
}

export function readCancel(given: Params, named: NamedOrder | Refusal, clientIdName: string): CancelWish | Refusal {
	if (named instanceof Refusal) return named;
	const clientId = readClientId(given, clientIdName);
	if (clientId instanceof Refusal) return clientId;
	const restriction = given.word('cancelRestrictions', RESTRICTIONS, invalidParameter('cancelRestrictions'));
	if (restriction instanceof Refusal) return restriction;
	const onlyWhile = restriction === undefined ? null : restriction === 'ONLY_NEW' ? 'NEW' : 'PARTIALLY_FILLED';
	return { named, clientId, onlyWhile };
}

export function cancelNamed(scene: SpotScene, { named, clientId, onlyWhile }: CancelWish): Json | Refusal {
	const order = findOrder(scene, named);
	if (order === undefined) return unknownOrder('cancel');
	if (order instanceof Refusal) return order;
	if (order.leavesLots > 0 && onlyWhile !== null && spotStatus(order) !== onlyWhile) return RESTRICTED;
	return cancelOne(scene, order, clientId ?? scene.venue.nextClientId());
}

/** All of a symbol; refused where there is none. */
export function cancelOpenOrders(caller: Caller, given: Params): Json | Refusal {
	const scene = sceneOf(caller, given);
	if (scene instanceof Refusal) return scene;
	const { venue, accountId, symbol } = scene;
	const answers: Json[] = [];
	for (const order of venue.exchange.openOrders(accountId, symbol.exchangeKey)) {
		const answer = cancelOne(scene, order, venue.nextClientId());
		if (!(answer instanceof Refusal)) answers.push(answer);
	}
	return answers.length === 0 ? unknownOrder('cancel') : answers;
}

function cancelOne(scene: SpotScene, { orderId }: OrderView, clientId: string): Json | Refusal {
	const { venue, accountId, symbol, listing, nowMs } = scene;
	const request = { accountId, symbol: symbol.exchangeKey, order: { orderId } };
	const cancelled = venue.withDeed(clientId, () => venue.exchange.cancel(request, nowMs));
	if (cancelled.kind === 'refused') return spotRefusal('cancel', cancelled.reason);
	return cancelledObject({ symbol, listing, order: cancelled.order }, clientId);
}

// ---- asking ----

export function queryOrder(caller: Caller, given: Params): Json | Refusal {
	const scene = sceneOf(caller, given);
	if (scene instanceof Refusal) return scene;
	const named = readOrderName(given);
	if (named instanceof Refusal) return named;
	const order = findOrder(scene, named);
	if (order instanceof Refusal) return order;
	return order === undefined ? NO_SUCH_ORDER : orderObject({ ...scene, order });
}

/** Of one symbol, or of all. */
export function openOrders(caller: Caller, given: Params): Json | Refusal {
	const { venue, accountId } = caller;
	const one = given.has('symbol') ? given.symbol(venue, 'spot') : undefined;
	if (one instanceof Refusal) return one;
	return venue.exchange.openOrders(accountId, one?.exchangeKey).flatMap((order) => {
		const symbol = venue.shown(order.symbol);
		return symbol === undefined ? [] : [orderObject({ symbol, listing: venue.listing(symbol), order })];
	});
}

/** Oldest first: from an order id on, or the latest. */
export function allOrders(caller: Caller, given: Params): Json | Refusal {
	const scene = sceneOf(caller, given);
	if (scene instanceof Refusal) return scene;
	const limit = given.limit(ORDERS_LIMIT.preset, ORDERS_LIMIT.most);
	if (limit instanceof Refusal) return limit;
	const span = readSpan(given);
	if (span instanceof Refusal) return span;
	const fromId = given.id('orderId');
	if (fromId instanceof Refusal) return fromId;
	const { venue, accountId, symbol } = scene;
	const orders = [
		...venue.exchange.closedOrders(accountId, symbol.exchangeKey),
		...venue.exchange.openOrders(accountId, symbol.exchangeKey),
	]
		.filter(({ createdAtMs }) => createdAtMs >= span.fromMs && createdAtMs <= span.toMs)
		.sort((left, right) => Number(left.orderId) - Number(right.orderId));
	const firstOwn = fromId === undefined ? null : Number(ownOrderId('spot', fromId) ?? 0);
	const fromThere = firstOwn === null ? orders : orders.filter(({ orderId }) => Number(orderId) >= firstOwn);
	const isForward = firstOwn !== null || given.has('startTime');
	const shown = isForward ? fromThere.slice(0, limit) : fromThere.slice(-limit);
	return shown.map((order) => orderObject({ ...scene, order }));
}

/** From `startTime` to `endTime`, all of time where they are absent. */
export function readSpan(given: Params): { readonly fromMs: number; readonly toMs: number } | Refusal {
	const fromMs = given.whole('startTime');
	if (fromMs instanceof Refusal) return fromMs;
	const toMs = given.whole('endTime');
	if (toMs instanceof Refusal) return toMs;
	return { fromMs: fromMs ?? 0, toMs: toMs ?? Number.POSITIVE_INFINITY };
}

/** Undefined where the account has no such order on that symbol. */
export function findOrder(
	{
		venue,
		accountId,
		symbol,
	}: { readonly venue: SpotScene['venue']; readonly accountId: string; readonly symbol: BinanceSymbol },
	{ name, mustBeCalled }: NamedOrder,
): OrderView | Refusal | undefined {
	const order = venue.exchange.order(accountId, name);
	if (order === undefined || order.symbol !== symbol.exchangeKey) return undefined;
	return mustBeCalled === null || order.clientOrderId === mustBeCalled ? order : ID_MISMATCH;
}

function fillsOf({ venue, accountId, symbol }: SpotScene, { orderId, filledLots }: OrderView): readonly TradeExecution[] {
	if (filledLots === 0) return [];
	const all = venue.exchange.executions(accountId, symbol.exchangeKey);
	return all.filter((each): each is TradeExecution => each.kind === 'trade' && each.orderId === orderId);
}
