/**
 * What can be asked of the exchange, and what it answers at once. A refusal leaves no trace: no order, no event, no
 * changed number. What happens to an accepted order later is told by events.
 */
import type { OrderSide, SelfTradePolicy } from './book.ts';
import type { OrderTimeInForce, OrderView, RequestedCancelReason } from './views.ts';

export type RefusalReason =
	| 'unknown-account'
	| 'unknown-symbol'
	| 'unknown-coin'
	| 'symbol-not-trading'
	| 'symbol-closed'
	| 'symbol-reduce-only'
	| 'symbol-post-only'
	| 'position-mode-mismatch'
	| 'malformed-client-id'
	| 'duplicate-client-id'
	| 'invalid-price'
	| 'price-off-grid'
	| 'price-outside-band'
	| 'invalid-quantity'
	| 'quantity-off-grid'
	| 'below-min-quantity'
	| 'above-max-quantity'
	| 'below-min-notional'
	| 'insufficient-balance'
	| 'insufficient-margin'
	| 'reduce-only-not-reducing'
	| 'too-many-open-orders'
	| 'post-only-would-cross'
	| 'order-not-found'
	| 'order-closed'
	| 'amend-refused'
	| 'amend-unchanged'
	| 'amend-below-filled'
	| 'invalid-amount'
	| 'invalid-filter'
	| 'no-position'
	| 'invalid-leverage'
	/** The exchange has no time for it. */
	| 'busy'
	| 'too-many-requests';

export interface Refused {
	readonly kind: 'refused';
	readonly reason: RefusalReason;
	/** What was found and what is expected, where the reason alone does not say it. */
	readonly detail?: string;
}

interface PlaceCommon {
	readonly accountId: string;
	readonly symbol: string;
	readonly side: OrderSide;
	/**
	 * Unique per account, for ever or among open orders as the listing says. Without one the order can be named by the
	 * venue's id only.
	 */
	readonly clientOrderId?: string;
	readonly reduceOnly?: boolean;
	/** 'none' unless said. */
	readonly selfTrade?: SelfTradePolicy;
}

export interface PlaceLimit extends PlaceCommon {
	readonly type: 'limit';
	readonly qtyLots: number;
	readonly quoteAtoms?: never;
	readonly priceTicks: number;
	readonly timeInForce: OrderTimeInForce;
}

/** Takes what it can inside the price band at once; the rest is cancelled. */
export interface PlaceMarket extends PlaceCommon {
	readonly type: 'market';
	readonly qtyLots: number;
	readonly quoteAtoms?: never;
}

/**
 * A spot order for an amount of the quote coin, to be spent or to be got. Takes whole lots until another one would be
 * more than the amount, and is then filled; if the book ends before that, the rest is cancelled.
 */
export interface PlaceMarketFor extends PlaceCommon {
	readonly type: 'market';
	readonly quoteAtoms: bigint;
	readonly qtyLots?: never;
}

export type PlaceRequest = PlaceLimit | PlaceMarket | PlaceMarketFor;

/** If both ids are given, the venue's wins. */
export type OrderName = { readonly orderId: string } | { readonly clientOrderId: string };

export interface CancelRequest {
	readonly accountId: string;
	readonly symbol: string;
	readonly order: OrderName;
	/** 'user' unless said. */
	readonly reason?: RequestedCancelReason;
}

export interface AmendRequest {
	readonly accountId: string;
	readonly symbol: string;
	readonly order: OrderName;
	readonly priceTicks?: number;
	/** The new total, what is filled already included. */
	readonly qtyLots?: number;
	/** What the order is called from now on; its name until now is free again. Alone it changes nothing. */
	readonly clientOrderId?: string;
	/** It goes to the back of its queue whatever changes, and prevents no self-trade any more; without it, see `book.ts`. */
	readonly anew?: boolean;
}

export interface CancelAllRequest {
	readonly accountId: string;
	/** All symbols unless said. */
	readonly symbol?: string;
	readonly reason?: RequestedCancelReason;
}

/** The order as it stands when the call returns: it may have traded, or be cancelled already. */
export interface Accepted {
	readonly kind: 'accepted';
	readonly orderId: string;
	readonly order: OrderView;
}

export interface CancelledAll {
	readonly kind: 'cancelled';
	/** In the order in which they were placed. */
	readonly orders: readonly OrderView[];
}

export interface Done {
	readonly kind: 'done';
}

export type PlaceResult = Accepted | Refused;
export type AmendResult = Accepted | Refused;
export type CancelResult = Accepted | Refused;
export type CancelAllResult = CancelledAll | Refused;
export type ChangeResult = Done | Refused;

export const DONE: Done = { kind: 'done' };

export function refused(reason: RefusalReason): Refused {
	return { kind: 'refused', reason };
}
