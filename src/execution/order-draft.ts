/**
 * The one mutable copy of an order, and what an answer or a report means for it. Pure helpers of the order manager,
 * which alone holds drafts.
 */

import type { Command, PlaceCommand, Verb } from '../domain/command.ts';
import type { OrderReport } from '../domain/execution.ts';
import { countSteps } from '../domain/grid.ts';
import type { Instrument } from '../domain/instrument.ts';
import { DESK, type Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import type { OrderLifeEvent } from '../domain/order-life.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Lots, MonoMs, Ticks, TimeMs } from '../domain/units.ts';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

export interface OrderDraft extends Draft<Order> {
	/** A command that is approved but whose bytes have not left; at most one at a time. */
	queued: Verb | undefined;
	/** The newest version of the venue's that we folded in. */
	updatedAtVenueMs: TimeMs;
	/** The most that it was ever to fill, of all that was asked for; of one that was found nobody knows that. */
	lotsMost: number;
	/** The venue refused an amend for what it asked, so that another would fare no better (F27). */
	hasRefusedAmend: boolean;
}

export function draftOf(command: PlaceCommand, wallMs: TimeMs, monoMs: MonoMs): OrderDraft {
	const { orderId, instrument, quoter, slot, side, orderType, timeInForce, reduceOnly, priceTicks, qtyLots } = command;
	const { parent } = command;
	return {
		orderId,
		instrument,
		quoter,
		slot,
		side,
		orderType,
		timeInForce,
		reduceOnly,
		parent,
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
		lotsMost: qtyLots,
		hasRefusedAmend: false,
	};
}

/** One that we did not place in this life: nobody's level, of a kind that may rest. */
export function foundDraft(
	report: OrderReport,
	orderId: OrderId,
	{ wallMs, monoMs }: { readonly wallMs: TimeMs; readonly monoMs: MonoMs },
): OrderDraft {
	const { instrument, side, priceTicks, qtyLots, filledLots } = report;
	const terms = { orderType: 'limit', timeInForce: 'gtc', reduceOnly: false, priceTicks, qtyLots } as const;
	const place = { kind: 'place', orderId, instrument, quoter: DESK, slot: DESK, side, ...terms };
	return {
		...draftOf(place as PlaceCommand, wallMs, monoMs),
		state: filledLots > 0 ? 'partiallyFilled' : 'live',
		queued: undefined,
		reportedFilledLots: filledLots,
		filledLots,
		lotsMost: Number.POSITIVE_INFINITY,
		shownAtMono: monoMs,
		updatedAtVenueMs: report.updatedAtMs,
	};
}

/** What a journal knows of an order that may exist, in decimal text, since the grid may be another one by now. */
export interface OrderLeft {
	readonly orderId: string;
	readonly side: Order['side'];
	readonly orderType: Order['orderType'];
	readonly timeInForce: Order['timeInForce'];
	readonly reduceOnly: boolean;
	/** As placed, and as amends asked for, at least one; which of them holds only the venue knows. */
	readonly versions: readonly { readonly price: string; readonly qty: string }[];
	readonly filled: string;
}

/** Of an earlier run: nobody's level. What is between two lots counts as the larger. */
export function leftDraft(
	left: OrderLeft,
	instrument: Instrument,
	{ wallMs, monoMs }: { readonly wallMs: TimeMs; readonly monoMs: MonoMs },
): OrderDraft {
	const { side, orderType, timeInForce, reduceOnly, versions } = left;
	const steps = (grid: Instrument['qtyGrid'], text: string, rounding: 'up' | 'down'): number => {
		const counted = countSteps(grid, text, rounding);
		return counted.kind === 'ok' ? counted.count : 0;
	};
	const termsOf = (version: OrderLeft['versions'][number] | undefined) => ({
		priceTicks: steps(instrument.priceGrid, version?.price ?? '0', 'up') as Ticks,
		qtyLots: steps(instrument.qtyGrid, version?.qty ?? '0', 'up') as Lots,
	});
	// Of several amends any may hold: the most that could be.
	const pending = (versions.length === 1 ? versions : versions.slice(1)).map(termsOf);
	const pendingPriceTicks = Math.max(...pending.map(({ priceTicks }) => priceTicks)) as Ticks;
	const pendingQtyLots = Math.max(...pending.map(({ qtyLots }) => qtyLots)) as Lots;
	const filledLots = steps(instrument.qtyGrid, left.filled, 'down') as Lots;
	const place = {
		kind: 'place',
		orderId: left.orderId,
		instrument,
		quoter: DESK,
		slot: DESK,
		side,
		orderType,
		timeInForce,
		reduceOnly,
	};
	const first = termsOf(versions[0]);
	return {
		...draftOf({ ...place, ...first } as PlaceCommand, wallMs, monoMs),
		lotsMost: Math.max(first.qtyLots, pendingQtyLots),
		...{ state: 'unknown', queued: undefined, reason: 'left by an earlier run' },
		...{ pendingPriceTicks, pendingQtyLots, filledLots, reportedFilledLots: filledLots },
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

/** It is this very command that waits: one that was taken back may still be on its way when the next amend is approved. */
export function awaits(draft: OrderDraft, command: Command): boolean {
	if (draft.queued !== command.kind) return false;
	if (command.kind !== 'amend') return true;
	return command.priceTicks === draft.pendingPriceTicks && command.qtyLots === draft.pendingQtyLots;
}

/** One that waits is not sent any more: whoever would send it finds nothing queued. */
export function withdrawAmend(draft: OrderDraft): void {
	if (draft.queued !== 'amend') return;
	draft.queued = undefined;
	forgetPending(draft);
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
