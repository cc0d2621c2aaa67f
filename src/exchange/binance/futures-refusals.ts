/**
 * What futures says when the exchange refuses: codes and texts of this market. Spot uses some of the same codes for other
 * things, so the two tables are apart.
 */
import type { OrderSide } from '../core/book.ts';
import type { RefusalReason } from '../core/requests.ts';
import { bad, KEY_WRONG, Refusal, SYMBOL_WRONG, TOO_MANY } from './refusal.ts';

/** What was asked for: the same reason has another code on each. */
export type FuturesDeed = 'place' | 'modify' | 'cancel' | 'query' | 'other';

const SERVICE_UNAVAILABLE = 503;

export const UNKNOWN_ORDER = bad(-2011, 'Unknown order sent.');
export const NO_SUCH_ORDER = bad(-2013, 'Order does not exist.');
export const NOTHING_TO_MODIFY = bad(-5027, 'No need to modify the order.');
export const TOO_MANY_MODIFIES = bad(-5026, 'Exceed maximum modify order limit.');
export const NOT_REDUCE_ONLY = bad(-5047, 'The order is not a reduce-only order.');
export const FOK_SHORT = bad(-5021, 'Due to the order could not be filled immediately, the FOK order has been rejected.');
const MAKER_ONLY = bad(-5022, 'Due to the order could not be executed as maker, the Post Only order will be rejected.');
export const USE_ALGO = bad(
	-4120,
	'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.',
);
export const CLIENT_ID_WRONG = bad(-4015, 'Client order id is not valid.');
export const POSITION_SIDE_WRONG = bad(-4060, 'Invalid position side.');
export const POSITION_SIDE_MISMATCH = bad(-4061, "Order's position side does not match user's setting.");
export const CLOSE_POSITION_WRONG = bad(-4136, 'Target strategy invalid for orderType, closePosition.');
export const PRICE_MATCH_WRONG = bad(-5037, 'Invalid price match.');
export const PRICE_MATCH_NOT_HERE = bad(-5038, 'Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT.');
export const SELF_TRADE_MODE_WRONG = bad(-5039, 'Invalid self trade prevention mode.');
export const GOOD_TILL_WRONG = bad(
	-5040,
	'The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller than 253402300799000.',
);
export const NO_DEPTH = bad(-5041, 'No depth matches this BBO order.');
export const RESPONSE_TYPE_WRONG = bad(-1136, 'Invalid newOrderRespType.');
export const PRICE_ZERO = bad(-4001, 'Price less than 0.');
export const PRICE_OFF_TICK = bad(-4014, 'Price not increased by tick size.');
export const PRICE_TOO_HIGH = bad(-4002, 'Price greater than max price.');
export const QUANTITY_ZERO = bad(-4003, 'Quantity less than or equal to zero.');
export const QUANTITY_OFF_STEP = bad(-4023, 'Qty not increased by step size.');
export const QUANTITY_TOO_LARGE = bad(-4005, 'Quantity greater than max quantity.');
export const DEPTH_LIMIT_WRONG = bad(-4021, 'Illegal depth limit.');
export const TOO_MANY_CANCELS = bad(-4032, 'Exceed maximum cancel order size.');
export const BATCH_SIZE_WRONG = bad(-4082, 'Invalid number of batch place orders.');
export const LISTEN_KEY_UNKNOWN = bad(-1125, 'This listenKey does not exist.');
export const SAME_MARGIN_TYPE = bad(-4046, 'No need to change margin type.');
export const SAME_POSITION_SIDE = bad(-4059, 'No need to change position side.');
export const SAME_ASSET_MODE = bad(-4171, 'No need to change assets mode.');
export const LEVERAGE_WRONG = bad(-4028, 'Leverage is not valid.');
const UNKNOWN = bad(-1000, 'An unknown error occurred while processing the request.');

export const SPAN_WRONG = bad(-4165, 'Invalid time interval.');

/** Reasons whose code or text depends on what was asked for. */
type Told =
	| 'order-not-found'
	| 'order-closed'
	| 'symbol-not-trading'
	| 'symbol-post-only'
	| 'price-outside-band'
	| 'below-min-notional';

const PLAIN: Record<Exclude<RefusalReason, Told>, Refusal> = {
	'unknown-account': KEY_WRONG,
	'unknown-symbol': SYMBOL_WRONG,
	'unknown-coin': bad(-1126, 'Invalid asset.'),
	'symbol-reduce-only': bad(-4140, 'Invalid symbol status for opening position.'),
	'symbol-closed': bad(-4141, 'Symbol is closed.'),
	'position-mode-mismatch': POSITION_SIDE_MISMATCH,
	'malformed-client-id': CLIENT_ID_WRONG,
	'duplicate-client-id': bad(-4116, 'ClientOrderId is duplicated.'),
	'invalid-price': PRICE_ZERO,
	'price-off-grid': PRICE_OFF_TICK,
	'invalid-quantity': QUANTITY_ZERO,
	'quantity-off-grid': QUANTITY_OFF_STEP,
	'below-min-quantity': bad(-4004, 'Quantity less than min quantity.'),
	'above-max-quantity': QUANTITY_TOO_LARGE,
	'insufficient-balance': bad(-2018, 'Balance is insufficient.'),
	'insufficient-margin': bad(-2019, 'Margin is insufficient.'),
	'reduce-only-not-reducing': bad(-2022, 'ReduceOnly Order is rejected.'),
	'too-many-open-orders': bad(-2025, 'Reach max open order limit.'),
	'post-only-would-cross': MAKER_ONLY,
	'amend-refused': TOO_MANY_MODIFIES,
	'amend-unchanged': NOTHING_TO_MODIFY,
	// A change to what is filled already cancels the order instead, so nobody is told.
	'amend-below-filled': NOTHING_TO_MODIFY,
	'invalid-leverage': LEVERAGE_WRONG,
	'invalid-amount': UNKNOWN,
	'invalid-filter': UNKNOWN,
	'no-position': UNKNOWN,
	busy: new Refusal(
		SERVICE_UNAVAILABLE,
		-1008,
		'Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.',
	),
	'too-many-requests': new Refusal(TOO_MANY, -1003, 'Too many requests.'),
};

export interface RefusedFor {
	readonly deed: FuturesDeed;
	/** What the texts name: the edge of the price band on the order's side, and the smallest value. */
	readonly side?: OrderSide;
	readonly edgePrice?: string;
	readonly minNotional?: string;
}

export function futuresRefusal(reason: RefusalReason, about: RefusedFor): Refusal {
	switch (reason) {
		case 'order-not-found':
		case 'order-closed':
			return about.deed === 'cancel' ? UNKNOWN_ORDER : NO_SUCH_ORDER;
		case 'symbol-not-trading':
		case 'symbol-post-only':
			return about.deed === 'modify'
				? bad(-5024, 'Symbol is not in trading status. Order amendment is not permitted.')
				: bad(-1122, 'Invalid symbol status.');
		case 'price-outside-band':
			return about.side === 'sell'
				? bad(-4024, `Limit price can't be lower than ${about.edgePrice ?? '0'}.`)
				: bad(-4016, `Limit price can't be higher than ${about.edgePrice ?? '0'}.`);
		case 'below-min-notional':
			return bad(-4164, `Order's notional must be no smaller than ${about.minNotional ?? '0'} (unless you choose reduce only).`);
		default:
			return PLAIN[reason];
	}
}
