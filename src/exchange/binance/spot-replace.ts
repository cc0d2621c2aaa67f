/**
 * Cancel and place in one call. The two halves stand apart: what the answer says of each, and which status it comes with,
 * depends on which of them went through. Filters are judged before anything is done.
 */
import type { PlaceRequest } from '../core/requests.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { BAD_REQUEST, invalidParameter, missing, Refusal, refusalBody, TOO_MANY } from './refusal.ts';
import type { Caller } from './rest-route.ts';
import { type ReadOrder, readOrder, readOrderName, type SpotScene, sceneOf } from './spot-order-params.ts';
import { type CancelWish, cancelNamed, placeRead, readCancel } from './spot-orders.ts';
import { isFilter, spotRefusal } from './spot-refusals.ts';
import { ONE_ORDER } from './weights.ts';

const CONFLICT = 409;
const MODES = ['STOP_ON_FAILURE', 'ALLOW_FAILURE'] as const;
const EXCEEDED_MODES = ['DO_NOTHING', 'CANCEL_ONLY'] as const;
const CANCEL_NAMES = { orderId: 'cancelOrderId', clientId: 'cancelOrigClientOrderId' };

interface Wish {
	readonly stopsOnFailure: boolean;
	/** Cancels even where there is no room for the new order. */
	readonly cancelsAnyway: boolean;
	readonly cancel: CancelWish;
	readonly order: ReadOrder;
}

/** What the halves came to; null: the second was not attempted. */
interface Halves {
	readonly cancelled: Json | Refusal;
	readonly placed: Json | Refusal | null;
}

/** Counts its order itself: it does so even where the order is never attempted. */
export function cancelReplace(caller: Caller, given: Params): Json | Refusal {
	const scene = sceneOf(caller, given);
	if (scene instanceof Refusal) return scene;
	const wish = readWish(scene, given);
	if (wish instanceof Refusal) return wish;
	const unfit = checkFilters(scene, wish.order.request);
	if (unfit !== null) return unfit;
	const tooMany = scene.venue.limits.spot.useOrders(scene.accountId, ONE_ORDER, scene.nowMs);
	if (tooMany !== null && !wish.cancelsAnyway) return tooMany;
	const cancelled = cancelNamed(scene, wish.cancel);
	if (tooMany !== null) return outcome({ cancelled, placed: tooMany }, wish.stopsOnFailure ? TOO_MANY : CONFLICT);
	if (cancelled instanceof Refusal && wish.stopsOnFailure) return outcome({ cancelled, placed: null }, CONFLICT);
	return outcome({ cancelled, placed: placeRead(scene, wish.order.request, wish.order.form) }, CONFLICT);
}

function readWish(scene: SpotScene, given: Params): Wish | Refusal {
	const mode = given.word('cancelReplaceMode', MODES, invalidParameter('cancelReplaceMode')) ?? missing('cancelReplaceMode');
	if (mode instanceof Refusal) return mode;
	const exceeded = given.word('orderRateLimitExceededMode', EXCEEDED_MODES, invalidParameter('orderRateLimitExceededMode'));
	if (exceeded instanceof Refusal) return exceeded;
	const cancel = readCancel(given, readOrderName(given, CANCEL_NAMES), 'cancelNewClientOrderId');
	if (cancel instanceof Refusal) return cancel;
	const order = readOrder(scene, given);
	if (order instanceof Refusal) return order;
	return { stopsOnFailure: mode === 'STOP_ON_FAILURE', cancelsAnyway: exceeded === 'CANCEL_ONLY', cancel, order };
}

/** Money and names are freed by the cancel, so only what no cancel can mend is judged. */
function checkFilters({ venue }: SpotScene, request: PlaceRequest): Refusal | null {
	const { clientOrderId: _, ...nameless } = request;
	const wrong = venue.exchange.check(nameless);
	return wrong !== null && isFilter(wrong.reason) ? spotRefusal('place', wrong.reason) : null;
}

function outcome({ cancelled, placed }: Halves, statusOfOneHalf: number): Json | Refusal {
	const cancelFailed = cancelled instanceof Refusal;
	const placeFailed = placed instanceof Refusal;
	const data = {
		cancelResult: cancelFailed ? 'FAILURE' : 'SUCCESS',
		newOrderResult: placed === null ? 'NOT_ATTEMPTED' : placeFailed ? 'FAILURE' : 'SUCCESS',
		cancelResponse: cancelFailed ? refusalBody(cancelled) : cancelled,
		newOrderResponse: placeFailed ? refusalBody(placed) : placed,
	};
	if (!cancelFailed && !placeFailed) return data;
	if (cancelFailed && (placeFailed || placed === null)) {
		return new Refusal(BAD_REQUEST, -2022, 'Order cancel-replace failed.', { data });
	}
	return new Refusal(statusOfOneHalf, -2021, 'Order cancel-replace partially failed.', { data });
}
