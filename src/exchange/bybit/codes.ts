/**
 * The venue's error codes: what the exchange refuses with a reason, Bybit refuses with a number and a text that differ
 * between spot and derivatives. A `Refusal` is a value and never thrown.
 */
import type { OrderSide } from '../core/book.ts';
import type { RefusalReason } from '../core/requests.ts';
import type { BybitCategory } from './venue.ts';

export class Refusal {
	readonly retCode: number;
	readonly retMsg: string;

	constructor(retCode: number, retMsg: string) {
		this.retCode = retCode;
		this.retMsg = retMsg;
	}
}

/** What was tried. The same reason reads differently for different deeds. */
export type Deed = 'create-buy' | 'create-sell' | 'amend-buy' | 'amend-sell' | 'cancel' | 'other';

export const CODE_OK = 0;
const CODE_TOO_MANY_VISITS = 10006;

export const TOO_MANY_VISITS = new Refusal(CODE_TOO_MANY_VISITS, 'Too many visits! Exceeded the API Rate Limit.');
export const POSITION_IDX_WRONG = new Refusal(10001, 'position idx not match position mode');

const UNCHANGED = new Refusal(10001, 'The order remains unchanged as the parameters entered match the existing ones.');

const DERIVATIVES: Record<RefusalReason, Refusal> = {
	'unknown-account': new Refusal(10007, 'User authentication failed.'),
	'unknown-symbol': params('symbol invalid'),
	'unknown-coin': params('coin invalid'),
	'symbol-not-trading': new Refusal(110066, 'Trading is currently not allowed.'),
	'symbol-closed': new Refusal(110074, 'This contract is not live'),
	'symbol-reduce-only': new Refusal(30228, 'No new positions during delisting.'),
	'symbol-post-only': new Refusal(110103, 'Only Post-Only orders are available at this stage'),
	'position-mode-mismatch': POSITION_IDX_WRONG,
	'malformed-client-id': params('OrderLinkId invalid'),
	'duplicate-client-id': new Refusal(110072, 'OrderLinkedID is duplicate'),
	'invalid-price': new Refusal(10001, 'Price invalid'),
	'price-off-grid': params('Price invalid'),
	'price-outside-band': new Refusal(110003, 'Order price exceeds the allowable range.'),
	'invalid-quantity': new Refusal(10001, 'Qty invalid'),
	'quantity-off-grid': params('Qty invalid'),
	'below-min-quantity': new Refusal(10001, 'The number of contracts exceeds minimum limit allowed'),
	'above-max-quantity': new Refusal(10001, 'The number of contracts exceeds maximum limit allowed: too large'),
	'below-min-notional': new Refusal(110094, 'Order does not meet minimum order value'),
	'insufficient-balance': new Refusal(110007, 'ab not enough for new order'),
	'insufficient-margin': new Refusal(110007, 'ab not enough for new order'),
	'reduce-only-not-reducing': new Refusal(110017, 'current position is zero, cannot fix reduce-only order qty'),
	'too-many-open-orders': new Refusal(110020, 'Not allowed to have more than 500 active orders.'),
	'post-only-would-cross': new Refusal(110003, 'Order price exceeds the allowable range.'),
	'order-not-found': new Refusal(110001, 'order not exists or too late to cancel'),
	'order-closed': new Refusal(110001, 'order not exists or too late to cancel'),
	'amend-refused': new Refusal(110079, 'The order is processing and can not be operated, please try again later'),
	'amend-unchanged': UNCHANGED,
	'amend-below-filled': new Refusal(110064, 'New order quantity must be larger than the filled quantity'),
	'invalid-amount': params('amount invalid'),
	'invalid-filter': params('filter invalid'),
	'no-position': params('no position'),
	'invalid-leverage': new Refusal(110013, 'cannot set leverage due to risk limit'),
	busy: new Refusal(10016, 'Server error'),
	'too-many-requests': TOO_MANY_VISITS,
};

const SPOT: Record<RefusalReason, Refusal> = {
	...DERIVATIVES,
	'unknown-symbol': new Refusal(170121, 'Invalid symbol.'),
	'symbol-not-trading': new Refusal(170151, 'This trading pair is not open yet.'),
	'symbol-closed': new Refusal(170121, 'Invalid symbol.'),
	'symbol-reduce-only': new Refusal(170151, 'This trading pair is not open yet.'),
	'symbol-post-only': new Refusal(170217, 'Only LIMIT-MAKER order is supported for the current pair.'),
	'price-off-grid': new Refusal(170134, 'Order price has too many decimals.'),
	'quantity-off-grid': new Refusal(170137, 'Order volume decimal too long.'),
	'duplicate-client-id': new Refusal(170141, 'Duplicate clientOrderId'),
	'invalid-price': new Refusal(170133, 'Order price lower than the minimum.'),
	'price-outside-band': outsideSpotBand('buy', 'the price limit'),
	'invalid-quantity': new Refusal(170130, 'Data sent for parameter qty is not valid.'),
	'below-min-quantity': new Refusal(170136, 'Order quantity lower than the minimum.'),
	'above-max-quantity': new Refusal(170381, 'Order quantity too large.'),
	'below-min-notional': new Refusal(170140, 'Order value exceeded lower limit.'),
	'insufficient-balance': new Refusal(170131, 'Insufficient balance.'),
	'insufficient-margin': new Refusal(170131, 'Insufficient balance.'),
	'too-many-open-orders': new Refusal(170810, 'Cannot exceed maximum of 500 conditional, TP/SL and active orders.'),
	'post-only-would-cross': new Refusal(170218, 'The LIMIT-MAKER order is rejected due to invalid price.'),
	'order-not-found': new Refusal(170213, 'Order does not exist.'),
	'order-closed': new Refusal(170213, 'Order does not exist.'),
	'amend-refused': new Refusal(170311, 'Order modification failed.'),
	'amend-below-filled': new Refusal(170313, 'The quantity must be larger than what is filled already.'),
};

const TOO_LATE_TO_REPLACE = new Refusal(110001, 'order not exists or too late to replace');

export function refusalFor(category: BybitCategory, reason: RefusalReason, deed: Deed): Refusal {
	if (category === 'spot') return SPOT[reason];
	const gone = reason === 'order-not-found' || reason === 'order-closed';
	return gone && deed.startsWith('amend-') ? TOO_LATE_TO_REPLACE : DERIVATIVES[reason];
}

/** A spot price too far on the wrong side of the market; the edge is a price and its coin. */
export function outsideSpotBand(side: OrderSide, edge: string): Refusal {
	return side === 'buy'
		? new Refusal(170193, `Buy order price cannot be higher than ${edge}.`)
		: new Refusal(170194, `Sell order price cannot be lower than ${edge}.`);
}

/** A parameter is missing, of the wrong type or out of range. */
export function params(what: string): Refusal {
	return new Refusal(10001, `params error: ${what}`);
}
