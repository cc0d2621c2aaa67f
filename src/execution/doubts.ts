/**
 * Orders whose fate is open: which of them to ask the venue about now, and when its silence is proof (I7). Nothing an
 * order does here ends it but facts, with one exception: a create that was never answered, that the venue has never
 * shown and that it can no longer take is gone once two complete look-ups past the expiry fence have missed it.
 */
import type { LookedUpEvent } from '../domain/event.ts';
import type { Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import { isOver } from '../domain/order-life.ts';
import { type MonoMs, type TimeMs, timeMs } from '../domain/units.ts';
import type { OrderManager } from './order-manager.ts';

/** A request that is answered nowhere for so long is in doubt; before, orders are not judged (F23, F28). */
export const GRACE_MS = 5_000;
/** The venue may take a request until it expires; its look-ups may lag behind by so much. */
export const FENCE_MS = 10_000;
/** Two look-ups that are nearer than this count as one. */
export const LOOK_APART_MS = 1_000;
/** Looked up again after this, and after twice as long each time up to a bound. */
const LOOK_AGAIN_MS = 1_000;
const LOOK_AGAIN_MS_MAX = 8_000;
/** Past the fence so many look-ups come without waiting: two that miss it are proof, and one may come to nothing. */
const PROVING_LOOKS_MAX = 3;
/** Most look-ups in one round, so that they never eat up the venue's budget for reads. */
export const LOOK_UPS_MAX = 10;
/** A signed request lives this long where nobody said otherwise. */
export const REQUEST_LIFE_MS = 5_000;

interface Doubt {
	/** The one that is open, or the last one. */
	askedAtMono: MonoMs;
	waitMs: number;
	/** Look-ups so far that could prove that it never was. */
	provingLooks: number;
	/** The first complete look-up past the fence that found nothing. */
	absentAtMono: MonoMs | undefined;
	/** The first complete look-up that found it, and did not settle the doubt. */
	shownAtMono: MonoMs | undefined;
	readonly mayLandUntilMs: TimeMs;
}

export class Doubts {
	readonly #orders: OrderManager;
	readonly #doubts = new Map<OrderId, Doubt>();
	/** Of earlier runs, which have signed nothing since then. */
	readonly #inheritedAtMono = new Map<OrderId, MonoMs>();
	/** Still working as far as we know, but not mentioned when the venue told all it knew. */
	readonly #suspects = new Set<OrderId>();

	constructor(orders: OrderManager) {
		this.#orders = orders;
	}

	/** An order that an earlier run left: its last request was signed before now, whenever somebody first asks about it. */
	inherit({ orderId }: Order, nowMono: MonoMs): void {
		this.#inheritedAtMono.set(orderId, nowMono);
	}

	/** We were deaf for a while: whatever the venue has not told of since then may have changed. */
	suspect(orders: readonly Order[], deafSinceMono: MonoMs): void {
		for (const order of orders) {
			const wasAsked = order.state !== 'intended' && order.heardAtMono <= deafSinceMono && order.askedAtMono <= deafSinceMono;
			if (wasAsked) this.#suspects.add(order.orderId);
		}
	}

	/** The venue did not list them. */
	suspectMissing(orders: readonly Order[]): void {
		for (const { orderId } of orders) this.#suspects.add(orderId);
	}

	/** The orders to look up now, oldest first; asking is noted. Requests that nobody ever answered fall into doubt here. */
	due(nowMono: MonoMs, venueNowMs: TimeMs): readonly Order[] {
		const due: Order[] = [];
		for (const order of this.#orders.openOrders()) {
			if (isSilent(order, nowMono)) this.#orders.applySilence(order.orderId);
			if (order.state !== 'unknown' && !this.#suspects.has(order.orderId)) continue;
			if (due.length < LOOK_UPS_MAX && this.#isDue(order, nowMono, venueNowMs)) due.push(order);
		}
		if (this.#doubts.size + this.#inheritedAtMono.size > 0) this.#forget();
		return due;
	}

	applyLookedUp(event: LookedUpEvent): void {
		const { orderId, isFound, isComplete, monoMs: nowMono } = event;
		const order = this.#orders.get(orderId);
		if (!isComplete || order === undefined) return;
		this.#suspects.delete(orderId);
		if (isOver(order.state)) return;
		if (isFound) {
			this.#applyShown(order, nowMono);
			return;
		}
		const doubt = this.#doubts.get(orderId);
		// A kill asks for its cancel while it is in doubt: that changes nothing about whether it ever was.
		const isInDoubt = order.state === 'unknown' || (order.state === 'cancelling' && doubt !== undefined);
		if (!isInDoubt) {
			// We took it for working and the venue does not have it: somebody is wrong, and absence does not say who.
			if (order.state === 'live' || order.state === 'partiallyFilled') this.#orders.applyProvenAbsent(orderId);
			return;
		}
		if (doubt === undefined || !wasNeverSeen(order) || event.venueAtMs <= doubt.mayLandUntilMs + FENCE_MS) return;
		if (doubt.absentAtMono === undefined) doubt.absentAtMono = nowMono;
		if (nowMono - doubt.absentAtMono < LOOK_APART_MS) return;
		const wasCancelling = order.state === 'cancelling';
		this.#orders.applyProvenAbsent(orderId);
		// That ended the cancel; now the order itself.
		if (wasCancelling) this.#orders.applyProvenAbsent(orderId);
	}

	/**
	 * The venue shows it, time and again, and always in a version that is older than the one we know. For a while its
	 * lists may lag behind (F29); after that its clock was set back, and versions from before prove nothing (F56).
	 */
	#applyShown(order: Order, nowMono: MonoMs): void {
		const doubt = this.#doubts.get(order.orderId);
		if (doubt === undefined || order.state !== 'unknown') return;
		if (doubt.shownAtMono === undefined) doubt.shownAtMono = nowMono;
		else if (nowMono - doubt.shownAtMono >= FENCE_MS) this.#orders.forgetVersion(order.orderId);
	}

	#isDue(order: Order, nowMono: MonoMs, venueNowMs: TimeMs): boolean {
		const known = this.#doubts.get(order.orderId);
		if (known === undefined) {
			const signedAgoMs = nowMono - (this.#inheritedAtMono.get(order.orderId) ?? nowMono);
			const mayLandUntilMs = order.mayLandUntilMs ?? timeMs(Math.ceil(venueNowMs - signedAgoMs) + REQUEST_LIFE_MS);
			this.#doubts.set(order.orderId, {
				askedAtMono: nowMono,
				waitMs: LOOK_AGAIN_MS,
				provingLooks: 0,
				absentAtMono: undefined,
				shownAtMono: undefined,
				mayLandUntilMs,
			});
			return true;
		}
		const isPastFence = wasNeverSeen(order) && venueNowMs > known.mayLandUntilMs + FENCE_MS;
		const isProving = isPastFence && known.provingLooks < PROVING_LOOKS_MAX;
		// Counted from the first answer that missed it: one that is asked earlier may come too early to count.
		const sinceMono = isProving ? Math.max(known.askedAtMono, known.absentAtMono ?? known.askedAtMono) : known.askedAtMono;
		if (nowMono - sinceMono < (isProving ? LOOK_APART_MS : known.waitMs)) return false;
		known.askedAtMono = nowMono;
		if (isProving) {
			known.provingLooks += 1;
			return true;
		}
		known.waitMs = Math.min(known.waitMs * 2, LOOK_AGAIN_MS_MAX);
		return true;
	}

	#forget(): void {
		for (const orderId of this.#doubts.keys()) {
			const order = this.#orders.get(orderId);
			// A kill asks for its cancel again and again; what was found out meanwhile stays found out.
			const isOpen = order?.state === 'unknown' || order?.state === 'cancelling' || this.#suspects.has(orderId);
			if (order === undefined || !isOpen) this.#doubts.delete(orderId);
		}
		for (const orderId of this.#suspects) if (this.#isGone(orderId)) this.#suspects.delete(orderId);
		for (const orderId of this.#inheritedAtMono.keys()) if (this.#isGone(orderId)) this.#inheritedAtMono.delete(orderId);
	}

	#isGone(orderId: OrderId): boolean {
		const order = this.#orders.get(orderId);
		return order === undefined || isOver(order.state);
	}
}

function isSilent(order: Order, nowMono: MonoMs): boolean {
	if (order.state !== 'sent' && order.state !== 'amending' && order.state !== 'cancelling') return false;
	return nowMono - Math.max(order.askedAtMono, order.heardAtMono) >= GRACE_MS;
}

/** Neither accepted nor shown nor filled: only then can it be that it never was. */
function wasNeverSeen(order: Order): boolean {
	return order.shownAtMono === undefined && order.venueOrderId === undefined && order.filledLots === 0;
}
