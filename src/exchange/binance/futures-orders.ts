/**
 * Order entry of futures, one order at a time: for REST, for its batches and for the WS API. What is refused leaves no
 * trace in the exchange. A change may end the order it changes: that is told by the answer, which shows it as it stands.
 */
import type { OrderSide } from '../core/book.ts';
import type { AmendRequest, PlaceLimit, RefusalReason } from '../core/requests.ts';
import type { OrderView } from '../core/views.ts';
import { type OrderScene, readLots, readOrder, readOrderName, readPrice, readSide } from './futures-order-params.ts';
import {
	FOK_SHORT,
	type FuturesDeed,
	futuresRefusal,
	NO_SUCH_ORDER,
	NOT_REDUCE_ONLY,
	NOTHING_TO_MODIFY,
	TOO_MANY_MODIFIES,
	UNKNOWN_ORDER,
} from './futures-refusals.ts';
import { type JsonObject, orderAnswer, orderRow } from './futures-views.ts';
import type { Params } from './params.ts';
import { Refusal, SIDE_WRONG } from './refusal.ts';

const MODIFIES_MAX = 10_000;

export function placeOrder(scene: OrderScene, given: Params): JsonObject | Refusal {
	const { venue, desk, symbol, nowMs } = scene;
	const read = readOrder(scene, given);
	if (read instanceof Refusal) return read;
	const { request, terms } = read;
	const short = request.type === 'limit' && request.timeInForce === 'fok' ? checkFillable(scene, request) : null;
	if (short !== null) return short;
	const placed = desk.terms.whileComing(request, terms, () => venue.exchange.place(request, nowMs));
	if (placed.kind === 'refused') return refusalAt(scene, placed.reason, 'place', request.side);
	const { order } = placed;
	desk.terms.set(order.orderId, terms);
	if (terms.goodTillMs > 0) desk.endAt(order, terms.goodTillMs);
	const isFinal =
		read.wantsResult && (request.type === 'market' || request.timeInForce === 'ioc' || request.timeInForce === 'fok');
	return orderAnswer(venue, desk, symbol, isFinal ? order : asItCameIn(order));
}

/** Judged like an order that is placed, and forgotten. */
export function testOrder(scene: OrderScene, given: Params): JsonObject | Refusal {
	const read = readOrder(scene, given);
	if (read instanceof Refusal) return read;
	const { request } = read;
	if (request.type === 'limit' && request.timeInForce === 'fok') return checkFillable(scene, request) ?? {};
	const wrong = scene.venue.exchange.check(request);
	return wrong === null ? {} : refusalAt(scene, wrong.reason, 'place', request.side);
}

export function modifyOrder(scene: OrderScene, given: Params): JsonObject | Refusal {
	const { venue, desk, symbol } = scene;
	const wish = readModify(scene, given);
	if (wish instanceof Refusal) return wish;
	const { standing, priceTicks, qtyLots, priceMatch, modifyId } = wish;
	const before = desk.terms.of(standing);
	if (before.modifyCount >= MODIFIES_MAX) return TOO_MANY_MODIFIES;
	// The exchange tells of the change before it answers, and what it tells of carries the name of the change.
	desk.terms.set(standing.orderId, { ...before, priceMatch, modifyId: modifyId ?? '', modifyCount: before.modifyCount + 1 });
	const modified = change(scene, standing, { priceTicks, qtyLots });
	if (modified instanceof Refusal) {
		desk.terms.set(standing.orderId, before);
		return modified;
	}
	desk.amendments.add({
		orderId: standing.orderId,
		before: standing,
		after: modified,
		count: before.modifyCount + 1,
		priceMatch,
	});
	const echo = modifyId === undefined ? {} : { modifyId: BigInt(modifyId) };
	return { ...orderAnswer(venue, desk, symbol, modified), ...echo };
}

export function cancelOrder(scene: OrderScene, given: Params): JsonObject | Refusal {
	const { venue, desk, accountId, symbol, nowMs } = scene;
	const order = readOrderName(given);
	if (order instanceof Refusal) return order === NO_SUCH_ORDER ? UNKNOWN_ORDER : order;
	const cancelled = venue.exchange.cancel({ accountId, symbol: symbol.exchangeKey, order }, nowMs);
	if (cancelled.kind === 'refused') return refusalAt(scene, cancelled.reason, 'cancel', 'buy');
	return orderAnswer(venue, desk, symbol, cancelled.order);
}

export function queryOrder(scene: OrderScene, given: Params): JsonObject | Refusal {
	const order = findOrder(scene, given);
	return order instanceof Refusal ? order : orderRow(scene.venue, scene.desk, scene.symbol, order);
}

/** The same for an order that is still open; one that is not does not exist here. */
export function queryOpenOrder(scene: OrderScene, given: Params): JsonObject | Refusal {
	const order = findOrder(scene, given);
	if (order instanceof Refusal) return order;
	return order.leavesLots === 0 ? NO_SUCH_ORDER : orderRow(scene.venue, scene.desk, scene.symbol, order);
}

export function findOrder({ venue, accountId, symbol }: OrderScene, given: Params): OrderView | Refusal {
	const name = readOrderName(given);
	if (name instanceof Refusal) return name;
	const order = venue.exchange.order(accountId, name);
	return order === undefined || order.symbol !== symbol.exchangeKey ? NO_SUCH_ORDER : order;
}

interface Wish {
	readonly standing: OrderView;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly priceMatch: string;
	readonly modifyId: string | undefined;
}

/** Price and quantity are both asked for, always. */
function readModify(scene: OrderScene, given: Params): Wish | Refusal {
	const side = readSide(given);
	if (side instanceof Refusal) return side;
	const standing = findOrder(scene, given);
	if (standing instanceof Refusal) return standing;
	if (standing.leavesLots === 0) return NO_SUCH_ORDER;
	if (standing.side !== side) return SIDE_WRONG;
	const qtyLots = readLots(scene.venue.listing(scene.symbol), given);
	if (qtyLots instanceof Refusal) return qtyLots;
	const priced = readPrice(scene, given, side);
	if (priced instanceof Refusal) return priced;
	const reduceOnly = given.flag('reduceOnly');
	if (reduceOnly instanceof Refusal) return reduceOnly;
	if (reduceOnly === true && !standing.reduceOnly) return NOT_REDUCE_ONLY;
	const modifyId = given.id('modifyId');
	return modifyId instanceof Refusal ? modifyId : { standing, qtyLots, ...priced, modifyId };
}

/** An order that has filled as much already as it is to have in all is cancelled. */
function change(
	scene: OrderScene,
	standing: OrderView,
	to: { readonly priceTicks: number; readonly qtyLots: number },
): OrderView | Refusal {
	const { venue, accountId, symbol, nowMs } = scene;
	const named = { accountId, symbol: symbol.exchangeKey, order: { orderId: standing.orderId } };
	const request: AmendRequest = { ...named, ...to, anew: true };
	const amended = venue.exchange.amend(request, nowMs);
	if (amended.kind === 'accepted') return amended.order;
	if (amended.reason !== 'amend-below-filled') return refusalAt(scene, amended.reason, 'modify', standing.side);
	const cancelled = venue.exchange.cancel(named, nowMs);
	return cancelled.kind === 'accepted' ? cancelled.order : NOTHING_TO_MODIFY;
}

/** All or nothing is refused at once where the book has not enough for all, and leaves nothing behind. */
function checkFillable(scene: OrderScene, request: PlaceLimit): Refusal | null {
	const { venue, symbol } = scene;
	const wrong = venue.exchange.check(request);
	if (wrong !== null) return refusalAt(scene, wrong.reason, 'place', request.side);
	const isBuy = request.side === 'buy';
	const book = venue.exchange.book(symbol.exchangeKey, Number.POSITIVE_INFINITY);
	let missingLots = request.qtyLots;
	for (const { priceTicks, qtyLots } of (isBuy ? book?.asks : book?.bids) ?? []) {
		if (missingLots <= 0 || (isBuy ? priceTicks > request.priceTicks : priceTicks < request.priceTicks)) break;
		missingLots -= qtyLots;
	}
	return missingLots > 0 ? FOK_SHORT : null;
}

function refusalAt({ venue, symbol }: OrderScene, reason: RefusalReason, deed: FuturesDeed, side: OrderSide): Refusal {
	const listing = venue.listing(symbol);
	const markTicks = venue.exchange.ticker(symbol.exchangeKey)?.markTicks ?? 0;
	const edgePrice = listing.price.format(listing.limitTicks(side, markTicks));
	return futuresRefusal(reason, { deed, side, edgePrice, minNotional: listing.spec.minNotional });
}

/** An answer that only says that the order came in knows nothing of what it met. */
function asItCameIn(order: OrderView): OrderView {
	return {
		...order,
		status: 'new',
		cancelReason: null,
		filledLots: 0,
		leavesLots: order.qtyLots,
		filledValueAtoms: 0n,
		updatedAtMs: order.createdAtMs,
	};
}
