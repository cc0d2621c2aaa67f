/**
 * An order of ours as the rest of the engine sees it. The order keeper in `execution/` owns the one mutable copy; what
 * everybody else holds is this read-only face of it. Quantities are totals: `qtyLots` includes what is already filled.
 */
import type { Instrument } from './instrument.ts';
import type { OrderId } from './order-id.ts';
import type { OrderState } from './order-life.ts';
import type { Side } from './side.ts';
import type { Lots, MonoMs, Ticks, TimeMs } from './units.ts';

export type OrderType = 'limit' | 'market';
/** postOnly never takes; ioc fills what it can at once and drops the rest; fok fills whole or not at all. */
export type TimeInForce = 'gtc' | 'postOnly' | 'ioc' | 'fok';

/** The quoter of orders that no strategy quotes: a person, the API, a workflow. */
export const DESK = -1;

export interface Order {
	readonly orderId: OrderId;
	readonly instrument: Instrument;
	/** Whose order it is: one strategy on one symbol, or `DESK`. */
	readonly quoter: number;
	/** Numbered by side and level within its quoter; see `slots.ts`. */
	readonly slot: number;
	readonly side: Side;
	readonly orderType: OrderType;
	readonly timeInForce: TimeInForce;
	readonly reduceOnly: boolean;
	/** The order that this one is a part of (PT23). */
	readonly parent?: string | undefined;
	readonly state: OrderState;
	readonly venueOrderId: string | undefined;
	/** The version that the venue has, as far as we know. A market order's price is the worst that its gate allowed. */
	readonly priceTicks: Ticks;
	readonly qtyLots: Lots;
	/** The version that an open amend asks for; equal to the one above when none is open. */
	readonly pendingPriceTicks: Ticks;
	readonly pendingQtyLots: Lots;
	/** Booked from executions, each counted once. */
	readonly filledLots: Lots;
	/** What the venue says is filled; runs ahead of `filledLots` while an execution is still on its way. */
	readonly reportedFilledLots: Lots;
	readonly intendedAtMs: TimeMs;
	/** When we last asked for a version of it, by a create or an amend. */
	readonly changedAtMono: MonoMs;
	/** When the venue first showed it; undefined before. Time in the book counts from here. */
	readonly shownAtMono: MonoMs | undefined;
	/** When the last request about it left, and when a report of the venue's last told of it. */
	readonly askedAtMono: MonoMs;
	readonly heardAtMono: MonoMs;
	/** By the venue's clock: until when a create that nobody answered could still be taken. */
	readonly mayLandUntilMs: TimeMs | undefined;
	readonly amendCount: number;
	/** Why it ended or is in doubt, in the venue's or our words. */
	readonly reason: string | undefined;
}

/** The most that can still fill, whichever version of an amended order the venue has (I3). */
export function openLotsWorst(order: Order): number {
	return Math.max(order.qtyLots, order.pendingQtyLots) - order.filledLots;
}
