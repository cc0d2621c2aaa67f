/**
 * How much a command matters when the rate budget cannot carry all of them (T9). In descending order: orders that
 * should not be there any more, orders that stand at a worse price for us than we want, moves near the touch, levels
 * far away. Within a class the distance decides, in basis points of the mid.
 */
import type { Order } from '../domain/order.ts';

const PROTECT = 3_000_000;
const MISPRICED = 2_000_000;
const REST = 1_000_000;
/** Distances count up to here, so that one class never reaches into the next. */
const BPS_MAX = 500_000;

/** Waiting would leave an order where it can be hit to our loss, or where nobody wants it. */
export function cannotWait(urgency: number): boolean {
	return urgency > REST;
}

/** So far off that no order is better than this one; below, an order that stands is worth more than the wish for a better. */
const GAP_BPS = 1;

/** To be cancelled although its successor may have to wait. */
export function isWorthAGap(urgency: number): boolean {
	return urgency >= MISPRICED + GAP_BPS;
}

/** `wantedTicks` is 0 where the level is withdrawn altogether. */
export function urgencyOfCancel(order: Order, wantedTicks: number, midTwiceTicks: number): number {
	if (wantedTicks === 0) return PROTECT - fromMidBps(order.priceTicks, midTwiceTicks);
	return urgencyOfMove(order, wantedTicks, midTwiceTicks);
}

export function urgencyOfMove(order: Order, wantedTicks: number, midTwiceTicks: number): number {
	const tooEager = order.side === 'buy' ? order.priceTicks - wantedTicks : wantedTicks - order.priceTicks;
	if (tooEager > 0) return MISPRICED + Math.min(BPS_MAX, (tooEager * 20_000) / Math.max(midTwiceTicks, 1));
	return REST - fromMidBps(wantedTicks, midTwiceTicks);
}

export function urgencyOfPlace(priceTicks: number, midTwiceTicks: number): number {
	return REST - fromMidBps(priceTicks, midTwiceTicks) - 1;
}

function fromMidBps(priceTicks: number, midTwiceTicks: number): number {
	if (midTwiceTicks <= 0) return BPS_MAX;
	return Math.min(BPS_MAX, (Math.abs(2 * priceTicks - midTwiceTicks) * 10_000) / midTwiceTicks);
}
