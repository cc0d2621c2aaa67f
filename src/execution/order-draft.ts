/**
 * The one mutable copy of an order, and what an answer or a report means for it. Pure helpers of the order manager,
 * which alone holds drafts.
 */
import type { PlaceCommand, Verb } from '../domain/command.ts';
import type { OrderReport } from '../domain/execution.ts';
import type { Order } from '../domain/order.ts';
import type { OrderLifeEvent } from '../domain/order-life.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Lots, MonoMs, TimeMs } from '../domain/units.ts';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

export interface OrderDraft extends Draft<Order> {
	/** A command that is approved but whose bytes have not left; at most one at a time. */
	queued: Verb | undefined;
	/** The newest version of the venue's that we folded in. */
	updatedAtVenueMs: TimeMs;
	/** The venue refused an amend for what it asked, so that another would fare no better (F27). */
	hasRefusedAmend: boolean;
}

export function draftOf(command: PlaceCommand, wallMs: TimeMs, monoMs: MonoMs): OrderDraft {
	const { orderId, instrument, quoter, slot, side, orderType, timeInForce, reduceOnly, priceTicks, qtyLots } = command;
	return {
		orderId,
		instrument,
		quoter,
		slot,
		side,
		orderType,
		timeInForce,
		reduceOnly,
		state: 'intended',
		venueOrderId: undefined,
		priceTicks,
		qtyLots,
		pendingPriceTicks: priceTicks,
		pendingQtyLots: qtyLots,
		filledLots: 0 as Lots,
		reportedFilledLots: 0 as Lots,
		intendedAtMs: wallMs,
		changedAtMono: monoMs,
		shownAtMono: undefined,
		askedAtMono: monoMs,
		heardAtMono: monoMs,
		mayLandUntilMs: undefined,
		amendCount: 0,
		reason: undefined,
		queued: 'place',
		updatedAtVenueMs: 0 as TimeMs,
		hasRefusedAmend: false,
	};
}

export const ENDINGS = {
	filled: 'showsFilled',
	cancelled: 'showsCancelled',
	rejected: 'showsRejected',
	expired: 'showsExpired',
} as const satisfies Record<Exclude<OrderReport['status'], 'working'>, OrderLifeEvent>;

export function lifeEventOf(verb: Verb, outcome: Outcome, draft: OrderDraft): OrderLifeEvent {
	switch (verb) {
		case 'place':
			// "Refused" about an order that the venue has shown says that a second attempt was refused (F08).
			if (outcome.kind === 'accepted' || draft.shownAtMono !== undefined) return 'createAccepted';
			return outcome.kind === 'rejected' ? 'createRefused' : 'createUnknown';
		case 'amend':
			if (outcome.kind === 'rejected') return outcome.gone ? 'amendGone' : 'amendRefused';
			if (outcome.kind === 'unknown') return 'amendUnknown';
			// Where nothing was to change there is no new version that the venue could show.
			return hasPending(draft) ? 'amendAccepted' : 'amendRefused';
		case 'cancel':
			if (outcome.kind !== 'rejected') return outcome.kind === 'accepted' ? 'cancelAccepted' : 'cancelUnknown';
			if (outcome.gone) return 'cancelGone';
			// It stays, but if it was never shown, or an amend is still open, what stays is not known.
			return draft.shownAtMono === undefined || hasPending(draft) ? 'cancelUnknown' : 'cancelRefused';
	}
}

/** A refusal of what was asked, not of the moment at which it was asked. */
export function isAboutContent(outcome: Outcome): boolean {
	return outcome.kind === 'rejected' && (outcome.class === 'fatal' || outcome.class === 'benign');
}

export function hasPending(order: Order): boolean {
	return order.pendingPriceTicks !== order.priceTicks || order.pendingQtyLots !== order.qtyLots;
}

export function forgetPending(draft: OrderDraft): void {
	draft.pendingPriceTicks = draft.priceTicks;
	draft.pendingQtyLots = draft.qtyLots;
}

/** The version that the venue shows is the version that holds. */
export function adopt(draft: OrderDraft, report: OrderReport): void {
	if (draft.orderType === 'limit') {
		if (draft.priceTicks !== report.priceTicks || draft.qtyLots !== report.qtyLots) draft.amendCount += 1;
		draft.priceTicks = report.priceTicks;
	}
	draft.qtyLots = report.qtyLots;
	// An amend that waits to be sent goes on asking for what it asks for.
	if (draft.queued !== 'amend') forgetPending(draft);
}
