/**
 * Making a resting order smaller in its place. The order keeps its id and its place and gets another client id, and how
 * often that may be done to one order is limited.
 */
import type { OrderView } from '../core/views.ts';
import { shownExecutionId, shownOrderId } from './ids.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { bad, missing, Refusal } from './refusal.ts';
import type { Caller } from './rest-route.ts';
import { AMENDS_MAX } from './spot-filters.ts';
import { readClientId, readOrderName, readQty, type SpotScene, sceneOf } from './spot-order-params.ts';
import { findOrder } from './spot-orders.ts';
import { AMEND_INCREASES, AMEND_UNCHANGED, filterFailure, NO_SUCH_ORDER, spotRefusal, unknownOrder } from './spot-refusals.ts';
import { amendedObject, spotQty } from './spot-views.ts';

const LIMIT = { preset: 500, most: 1_000 };
const AMENDED_TOO_OFTEN = bad(-2038, 'Filter failure: MAX_NUM_ORDER_AMENDS');

export function amendKeepPriority(caller: Caller, given: Params): Json | Refusal {
	const scene = sceneOf(caller, given);
	if (scene instanceof Refusal) return scene;
	const named = readOrderName(given);
	if (named instanceof Refusal) return named;
	const lots = readQty(scene, given, 'newQty') ?? missing('newQty');
	if (lots instanceof Refusal) return lots;
	const clientId = readClientId(given, 'newClientOrderId') ?? scene.venue.nextClientId();
	if (clientId instanceof Refusal) return clientId;
	const order = findOrder(scene, named);
	if (order instanceof Refusal) return order;
	if (order === undefined || order.leavesLots === 0) return unknownOrder('amend');
	return checkAmend(scene, order, lots) ?? amendOne(scene, order, { lots, clientId });
}

/** Oldest first. */
export function amendmentList(caller: Caller, given: Params): Json | Refusal {
	const scene = sceneOf(caller, given);
	if (scene instanceof Refusal) return scene;
	const limit = given.limit(LIMIT.preset, LIMIT.most);
	if (limit instanceof Refusal) return limit;
	const named = readOrderName(given);
	if (named instanceof Refusal) return named;
	const order = findOrder(scene, named);
	if (order instanceof Refusal) return order;
	if (order === undefined) return NO_SUCH_ORDER;
	return scene.venue.amendments
		.of(order.orderId)
		.slice(0, limit)
		.map((each) => ({
			symbol: scene.symbol.symbol,
			orderId: shownOrderId('spot', order.orderId),
			executionId: each.executionId,
			origClientOrderId: each.clientIdBefore,
			newClientOrderId: each.clientId,
			origQty: spotQty(scene.listing, each.lotsBefore),
			newQty: spotQty(scene.listing, each.lots),
			time: each.atMs,
		}));
}

function checkAmend({ venue, listing }: SpotScene, { orderId, qtyLots }: OrderView, lots: number): Refusal | null {
	if (lots < 1 || lots < listing.minLots) return filterFailure('LOT_SIZE');
	if (lots > qtyLots) return AMEND_INCREASES;
	if (lots === qtyLots) return AMEND_UNCHANGED;
	return venue.amendments.of(orderId).length >= AMENDS_MAX ? AMENDED_TOO_OFTEN : null;
}

/** To no more than has traded already means that nothing is left: the order expires, as it was. */
function amendOne(
	scene: SpotScene,
	order: OrderView,
	{ lots, clientId }: { readonly lots: number; readonly clientId: string },
): Json | Refusal {
	const { venue, accountId, symbol, listing, nowMs } = scene;
	const name = { accountId, symbol: symbol.exchangeKey, order: { orderId: order.orderId } };
	const isOver = lots <= order.filledLots;
	let eventSeq = 0;
	const stop = venue.exchange.subscribe((event) => {
		if (event.kind === 'order' && event.order.orderId === order.orderId && eventSeq === 0) eventSeq = event.seq;
	});
	const amended = venue.withDeed(order.clientOrderId, () =>
		isOver
			? venue.exchange.cancel({ ...name, reason: 'admin' }, nowMs)
			: venue.exchange.amend({ ...name, qtyLots: lots, clientOrderId: clientId }, nowMs),
	);
	stop();
	if (amended.kind === 'refused') return spotRefusal('amend', amended.reason);
	const executionId = shownExecutionId(eventSeq);
	if (!isOver) {
		const { clientOrderId: clientIdBefore, qtyLots: lotsBefore } = order;
		venue.amendments.add(order.orderId, { executionId, clientIdBefore, clientId, lotsBefore, lots, atMs: nowMs });
	}
	return {
		transactTime: nowMs,
		executionId,
		amendedOrder: amendedObject({ symbol, listing, order: amended.order }, order.clientOrderId),
	};
}
