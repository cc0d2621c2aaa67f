/** Words that both markets use for the same things. */
import type { OrderSide, SelfTradePolicy } from '../core/book.ts';
import type { CancelReason, OrderView } from '../core/views.ts';

export type WireSide = 'BUY' | 'SELL';
export const WIRE_SIDES: readonly WireSide[] = ['BUY', 'SELL'];

export function wireSide(side: OrderSide): WireSide {
	return side === 'buy' ? 'BUY' : 'SELL';
}

export function sideOf(word: WireSide): OrderSide {
	return word === 'BUY' ? 'buy' : 'sell';
}

/** Self-trade prevention that the exchange can do; the venue has two modes more. */
export const STP_MODES = ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'] as const;
export type StpMode = (typeof STP_MODES)[number];

const POLICIES: Record<StpMode, SelfTradePolicy> = {
	NONE: 'none',
	EXPIRE_TAKER: 'cancel-taker',
	EXPIRE_MAKER: 'cancel-maker',
	EXPIRE_BOTH: 'cancel-both',
};
const MODES: Record<SelfTradePolicy, StpMode> = {
	none: 'NONE',
	'cancel-taker': 'EXPIRE_TAKER',
	'cancel-maker': 'EXPIRE_MAKER',
	'cancel-both': 'EXPIRE_BOTH',
};

export function policyOf(mode: StpMode): SelfTradePolicy {
	return POLICIES[mode];
}

export function modeOf(policy: SelfTradePolicy): StpMode {
	return MODES[policy];
}

export type WireStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED' | 'EXPIRED_IN_MATCH';

/** How an order ends that somebody or something takes out. */
const ENDINGS: Record<CancelReason, WireStatus> = {
	user: 'CANCELED',
	disconnect: 'CANCELED',
	liquidation: 'CANCELED',
	admin: 'EXPIRED',
	rejected: 'REJECTED',
	'post-only-would-cross': 'EXPIRED',
	'ioc-remainder': 'EXPIRED',
	'fok-not-fillable': 'EXPIRED',
	'no-liquidity': 'EXPIRED',
	'reduce-only': 'EXPIRED',
	'self-trade': 'EXPIRED_IN_MATCH',
};

export function statusOf({ status, cancelReason }: Pick<OrderView, 'status' | 'cancelReason'>): WireStatus {
	if (cancelReason !== null) return ENDINGS[cancelReason];
	return status === 'partially-filled' ? 'PARTIALLY_FILLED' : status === 'filled' ? 'FILLED' : 'NEW';
}
