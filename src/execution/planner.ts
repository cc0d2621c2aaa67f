/**
 * HOT: compares what one quoter wants with the orders that stand, and names the fewest commands that lead from one to
 * the other: keep what fits, amend what may be amended, cancel and place the rest (O3). Orders are not tied to
 * levels: when a ladder moves by one step, all orders but one stay and only take another level's number.
 * Orders with a command in flight are left alone and hold their place. Decides nothing about risk or budgets.
 * Budget: bench/execution/planner; proof: planner.test.ts against every possible pairing.
 */
import { type Instrument, isSameGrid } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import type { Side } from '../domain/side.ts';
import { LEVELS_MAX, quoteSlot, takeSlot } from '../domain/slot.ts';
import type { Targets } from '../domain/targets.ts';
import type { Lots, MonoMs, Ticks } from '../domain/units.ts';
import type { CategoryCapability } from '../domain/venue.ts';
import { cheapestAssignment } from './assignment.ts';
import type { OrderManager } from './order-manager.ts';
import type { Plan } from './plan.ts';
import type { Slots } from './slots.ts';
import { urgencyOfCancel, urgencyOfMove, urgencyOfPlace } from './urgency.ts';

export interface AmendPolicy {
	/** An order younger than this in the book is not amended but replaced. */
	readonly minTimeInBookMs: number;
	/** An amend moves the price by at most this, measured on the price that stands. */
	readonly amendPriceThresholdBps: number;
	/** An amend changes what is open by at most this share. */
	readonly amendSizeThreshold: number;
	/** Quotes this near to the wish are left alone. */
	readonly keepToleranceTicks: number;
}

export const AMEND_POLICY: AmendPolicy = {
	minTimeInBookMs: 500,
	amendPriceThresholdBps: 100,
	amendSizeThreshold: 0.2,
	keepToleranceTicks: 0,
};

export interface PlanRequest {
	readonly quoter: number;
	readonly instrument: Instrument;
	readonly targets: Targets;
	readonly slots: Slots;
	readonly capability: CategoryCapability;
	readonly policy: AmendPolicy;
	readonly midTwiceTicks: number;
	readonly nowMono: MonoMs;
}

/** How an order and a wish can be brought together, with the number of commands that it spares. */
const REPLACE = 0;
const AMEND = 1;
const KEEP = 2;

export class Planner {
	readonly #orders: OrderManager;
	/** Orders of one side, and per order the level that it will stand for; -1 while none. */
	readonly #standing: Order[] = [];
	readonly #levelOf: Int32Array = new Int32Array(LEVELS_MAX);
	readonly #settled: Uint8Array = new Uint8Array(LEVELS_MAX);
	readonly #refusesAmend: Uint8Array = new Uint8Array(LEVELS_MAX);
	/** Per level: the index of its order in `#standing`, or -1. */
	readonly #orderAt: Int32Array = new Int32Array(LEVELS_MAX);
	/** Several orders fit one wish, or one order several unlike ones: who is kept where may decide what the others can do. */
	#isContested = false;

	constructor(orders: OrderManager) {
		this.#orders = orders;
	}

	diff(request: PlanRequest, plan: Plan): void {
		if (this.#clearOldGrid(request, plan)) return;
		this.#diffSide(request, 'buy', request.targets.buyLevels, plan);
		this.#diffSide(request, 'sell', request.targets.sellLevels, plan);
		if (request.targets.hasTake) {
			planTake(request, 'buy', plan);
			planTake(request, 'sell', plan);
		}
	}

	/** Ticks and lots of an older grid mean other prices: such orders go first, and nothing is placed beside them (F59). */
	#clearOldGrid({ instrument, quoter, midTwiceTicks }: PlanRequest, plan: Plan): boolean {
		let isOld = false;
		for (const order of this.#orders.openOrdersOf(instrument.index)) {
			if (order.quoter !== quoter || isSameGrid(order.instrument, instrument)) continue;
			isOld = true;
			if (this.#orders.isSettled(order)) {
				plan.add({ kind: 'cancel', instrument, orderId: order.orderId }, urgencyOfCancel(order, 0, midTwiceTicks));
			}
		}
		return isOld;
	}

	#diffSide(request: PlanRequest, side: Side, levels: number, plan: Plan): void {
		const first = quoteSlot(side, 0);
		this.#recall(request, first, plan);
		this.#gather(request.slots, first);
		if (this.#standing.length === 0 && levels === 0) return;
		this.#keep(request, first, levels);
		this.#holdPlaces(first, levels);
		this.#amendOrReplace(request, first, levels);
		this.#relabel(request.slots, first);
		this.#propose(request, side, first, levels, plan);
	}

	/** An order on its way out whose cancel never left, or was refused, stands again: in its slot, or to be cancelled once more. */
	#recall({ slots, instrument, midTwiceTicks }: PlanRequest, first: number, plan: Plan): void {
		for (let slot = first; slot < first + LEVELS_MAX; slot += 1) {
			const order = slots.retiring[slot];
			if (order === undefined || !this.#orders.isSettled(order)) continue;
			if (slots.current[slot] === undefined) {
				slots.current[slot] = order;
				slots.retiring[slot] = undefined;
			} else {
				plan.add({ kind: 'cancel', instrument, orderId: order.orderId }, urgencyOfCancel(order, 0, midTwiceTicks));
			}
		}
	}

	#gather(slots: Slots, first: number): void {
		this.#standing.length = 0;
		this.#orderAt.fill(-1);
		for (let level = 0; level < LEVELS_MAX; level += 1) {
			const order = slots.current[first + level];
			if (order === undefined) continue;
			const at = this.#standing.length;
			this.#settled[at] = this.#orders.isSettled(order) ? 1 : 0;
			this.#refusesAmend[at] = this.#orders.hasRefusedAmend(order) ? 1 : 0;
			this.#levelOf[at] = -1;
			this.#standing.push(order);
		}
	}

	/** Orders that already are, or are about to be, what some level wants. */
	#keep(request: PlanRequest, first: number, levels: number): void {
		const { targets, policy } = request;
		this.#isContested = false;
		for (let at = 0; at < this.#standing.length; at += 1) {
			const order = this.#order(at);
			if (this.#settled[at] === 0 && (order.state === 'cancelling' || order.state === 'unknown')) continue;
			let found = -1;
			for (let level = 0; level < levels; level += 1) {
				const wanted = targets.qtyLots[first + level] ?? 0;
				if (wanted === 0 || !fits(order, targets.priceTicks[first + level] ?? 0, wanted, policy.keepToleranceTicks)) continue;
				if (found >= 0) {
					this.#isContested = true;
					break;
				}
				const rival = this.#at(level);
				if (rival >= 0) this.#isContested = true;
				// Of two orders that both fit, keep the one that could not be amended anyway.
				if (rival >= 0 && !(this.#mayAmend(request, rival) && !this.#mayAmend(request, at))) continue;
				found = level;
				// Only one that is partly filled fits wishes that are not the same.
				if (order.filledLots === 0) break;
			}
			if (found < 0) continue;
			const rival = this.#at(found);
			if (rival >= 0) this.#levelOf[rival] = -1;
			this.#pair(at, found);
		}
	}

	/** An order in flight that no level wants keeps some level occupied: its own if that is free, else the farthest. */
	#holdPlaces(first: number, levels: number): void {
		for (let at = 0; at < this.#standing.length; at += 1) {
			if (this.#settled[at] === 1 || this.#level(at) >= 0) continue;
			const own = this.#order(at).slot - first;
			if (this.#at(own) < 0) {
				this.#pair(at, own);
				continue;
			}
			let level = Math.max(levels, 1) - 1;
			while (level >= 0 && this.#at(level) >= 0) level -= 1;
			if (level < 0) level = this.#firstFree();
			this.#pair(at, level);
		}
	}

	#amendOrReplace(request: PlanRequest, first: number, levels: number): void {
		const { targets } = request;
		let loose = 0;
		let amendable = 0;
		for (let at = this.#nextLoose(0); at < this.#standing.length; at = this.#nextLoose(at + 1)) {
			loose += 1;
			if (this.#mayAmend(request, at)) amendable += 1;
		}
		let open = 0;
		let amended = 0;
		let at = this.#nextLoose(0);
		for (let level = 0; level < levels; level += 1) {
			if ((targets.qtyLots[first + level] ?? 0) === 0 || this.#at(level) >= 0) continue;
			open += 1;
			while (at < this.#standing.length && !this.#amends(request, at, first + level)) at = this.#nextLoose(at + 1);
			if (at >= this.#standing.length) {
				at = this.#nextLoose(0);
				while (at < this.#standing.length && !this.#amends(request, at, first + level)) at = this.#nextLoose(at + 1);
			}
			if (at >= this.#standing.length) {
				at = this.#nextLoose(0);
				continue;
			}
			this.#pair(at, level);
			amended += 1;
			at = this.#nextLoose(at + 1);
		}
		const isAllKept = open === 0 || loose === 0;
		const isGuessSafe = request.policy.keepToleranceTicks === 0 && !this.#isContested;
		const isProven = isAllKept || (isGuessSafe && amended === Math.min(amendable, open));
		if (!isProven && !this.#isBest(request, first, levels)) this.#pairExactly(request, first, levels);
		this.#placeLoose(first, levels);
	}

	/** Whether every order that some open wish could amend, or every such wish, has found a partner. */
	#isBest(request: PlanRequest, first: number, levels: number): boolean {
		if (request.policy.keepToleranceTicks > 0 || this.#isContested) return false;
		const hasPartner = new Uint8Array(levels);
		let amended = 0;
		let orders = 0;
		for (let at = 0; at < this.#standing.length; at += 1) {
			if (this.#settled[at] === 0 || this.#isKept(request, first, at)) continue;
			if (this.#level(at) >= 0) amended += 1;
			let found = 0;
			for (let level = 0; level < levels; level += 1) {
				const holder = this.#at(level);
				const isOpen = holder < 0 || (this.#settled[holder] === 1 && !this.#isKept(request, first, holder));
				if (!isOpen || (request.targets.qtyLots[first + level] ?? 0) === 0 || !this.#amends(request, at, first + level)) continue;
				hasPartner[level] = 1;
				found = 1;
			}
			orders += found;
		}
		let wishes = 0;
		for (const flag of hasPartner) wishes += flag;
		return amended === Math.min(orders, wishes);
	}

	#isKept(request: PlanRequest, first: number, at: number): boolean {
		const { targets, policy } = request;
		const slot = first + this.#level(at);
		if (slot < first) return false;
		return fits(this.#order(at), targets.priceTicks[slot] ?? 0, targets.qtyLots[slot] ?? 0, policy.keepToleranceTicks);
	}

	/** What is left over is cancelled: beside the wish that takes its place where there is one, else wherever room is. */
	#placeLoose(first: number, levels: number): void {
		for (let at = this.#nextLoose(0); at < this.#standing.length; at = this.#nextLoose(at + 1)) {
			const own = this.#order(at).slot - first;
			let level = own < levels && this.#at(own) < 0 ? own : -1;
			for (let other = 0; level < 0 && other < levels; other += 1) if (this.#at(other) < 0) level = other;
			this.#pair(at, level >= 0 ? level : this.#firstFree());
		}
	}

	/** Every pairing weighed at once: keeping spares two commands, amending one. Rare, and for few orders. */
	#pairExactly(request: PlanRequest, first: number, levels: number): void {
		const { targets, policy } = request;
		const rows: number[] = [];
		for (let at = 0; at < this.#standing.length; at += 1) if (this.#settled[at] === 1) rows.push(at);
		const columns: number[] = [];
		for (let level = 0; level < levels; level += 1) {
			const holder = this.#at(level);
			if ((targets.qtyLots[first + level] ?? 0) > 0 && (holder < 0 || this.#settled[holder] === 1)) columns.push(level);
		}
		const size = Math.max(rows.length, columns.length);
		const costs = new Float64Array(size * size).fill(KEEP);
		for (let row = 0; row < rows.length; row += 1) {
			const at = rows[row] ?? 0;
			for (let column = 0; column < columns.length; column += 1) {
				const level = columns[column] ?? 0;
				const price = targets.priceTicks[first + level] ?? 0;
				const wanted = targets.qtyLots[first + level] ?? 0;
				const keeps = fits(this.#order(at), price, wanted, policy.keepToleranceTicks);
				costs[row * size + column] = KEEP - (keeps ? KEEP : this.#amends(request, at, first + level) ? AMEND : REPLACE);
			}
		}
		const columnOf = cheapestAssignment(costs, size);
		for (const at of rows) {
			const level = this.#level(at);
			if (level >= 0) this.#orderAt[level] = -1;
			this.#levelOf[at] = -1;
		}
		for (const [row, at] of rows.entries()) {
			const column = columnOf[row] ?? -1;
			const level = columns[column];
			if (level !== undefined && (costs[row * size + column] ?? KEEP) < KEEP) this.#pair(at, level);
		}
	}

	#relabel(slots: Slots, first: number): void {
		for (let level = 0; level < LEVELS_MAX; level += 1) {
			const at = this.#at(level);
			const order = at < 0 ? undefined : this.#order(at);
			slots.current[first + level] = order;
			if (order !== undefined && order.slot !== first + level) this.#orders.relabel(order, first + level);
		}
	}

	#propose(request: PlanRequest, side: Side, first: number, levels: number, plan: Plan): void {
		const { targets, instrument, slots, midTwiceTicks } = request;
		for (let level = 0; level < LEVELS_MAX; level += 1) {
			const slot = first + level;
			const wanted = level < levels ? (targets.qtyLots[slot] ?? 0) : 0;
			const price = targets.priceTicks[slot] ?? 0;
			const at = this.#at(level);
			if (at < 0) {
				if (wanted > 0 && mayFollow(slots.retiring[slot])) {
					plan.add(placeAt(request, side, slot, price, wanted), urgencyOfPlace(price, midTwiceTicks));
				}
				continue;
			}
			if (this.#settled[at] === 0) continue;
			const order = this.#order(at);
			if (wanted > 0 && fits(order, price, wanted, request.policy.keepToleranceTicks)) continue;
			if (wanted > 0 && this.#amends(request, at, slot)) {
				const qtyLots = (order.filledLots + wanted) as Lots;
				plan.add(
					{ kind: 'amend', instrument, orderId: order.orderId, priceTicks: price as Ticks, qtyLots },
					urgencyOfMove(order, price, midTwiceTicks),
				);
				continue;
			}
			const cancel = plan.add(
				{ kind: 'cancel', instrument, orderId: order.orderId },
				urgencyOfCancel(order, wanted > 0 ? price : 0, midTwiceTicks),
			);
			if (wanted > 0 && slots.retiring[slot] === undefined) {
				plan.add(placeAt(request, side, slot, price, wanted), urgencyOfPlace(price, midTwiceTicks), cancel);
			}
		}
	}

	#amends(request: PlanRequest, at: number, slot: number): boolean {
		if (!this.#mayAmend(request, at)) return false;
		const { capability, policy, targets } = request;
		const order = this.#order(at);
		const open = order.qtyLots - order.filledLots;
		const priceMove = Math.abs((targets.priceTicks[slot] ?? 0) - order.priceTicks);
		const sizeMove = Math.abs((targets.qtyLots[slot] ?? 0) - open);
		if ((priceMove > 0 && !capability.amendsPrice) || (sizeMove > 0 && !capability.amendsQty)) return false;
		return priceMove * 10_000 <= policy.amendPriceThresholdBps * order.priceTicks && sizeMove <= policy.amendSizeThreshold * open;
	}

	#mayAmend(request: PlanRequest, at: number): boolean {
		if (this.#settled[at] === 0 || this.#refusesAmend[at] === 1 || !request.capability.canAmend) return false;
		const shownAt = this.#order(at).shownAtMono;
		return shownAt !== undefined && request.nowMono - shownAt >= request.policy.minTimeInBookMs;
	}

	#pair(at: number, level: number): void {
		this.#levelOf[at] = level;
		this.#orderAt[level] = at;
	}

	/** The next settled order from here on that no level has yet. */
	#nextLoose(from: number): number {
		let at = from;
		while (at < this.#standing.length && (this.#settled[at] === 0 || this.#level(at) >= 0)) at += 1;
		return at;
	}

	#firstFree(): number {
		let level = 0;
		while (this.#at(level) >= 0) level += 1;
		return level;
	}

	#at(level: number): number {
		return this.#orderAt[level] ?? -1;
	}

	#level(at: number): number {
		return this.#levelOf[at] ?? -1;
	}

	#order(at: number): Order {
		return this.#standing[at] as Order;
	}
}

/**
 * Whether an order, in the version that it has or has asked for, can stand for a wish. One that is partly filled fits
 * as long as the wish lies between what is left and what it was placed with: topping it up would cost its queue place.
 */
function fits(order: Order, priceTicks: number, wantedLots: number, toleranceTicks: number): boolean {
	const away = order.pendingPriceTicks - priceTicks;
	if (away > toleranceTicks || away < -toleranceTicks) return false;
	const open = order.pendingQtyLots - order.filledLots;
	return open === wantedLots || (open > 0 && open < wantedLots && wantedLots <= order.pendingQtyLots && order.filledLots > 0);
}

/** A successor may stand beside an order on its way out, but not beside one that may never have existed (I1). */
function mayFollow(retiring: Order | undefined): boolean {
	return retiring === undefined || (retiring.state === 'cancelling' && retiring.shownAtMono !== undefined);
}

function placeAt(request: PlanRequest, side: Side, slot: number, price: number, qty: number) {
	return {
		kind: 'place' as const,
		instrument: request.instrument,
		quoter: request.quoter,
		slot,
		side,
		orderType: 'limit' as const,
		timeInForce: 'postOnly' as const,
		reduceOnly: false,
		priceTicks: price as Ticks,
		qtyLots: qty as Lots,
	};
}

function planTake(request: PlanRequest, side: Side, plan: Plan): void {
	const { targets, slots } = request;
	const slot = takeSlot(side);
	const wanted = targets.qtyLots[slot] ?? 0;
	if (wanted === 0 || slots.current[slot] !== undefined) return;
	const place = placeAt(request, side, slot, targets.priceTicks[slot] ?? 0, wanted);
	plan.add({ ...place, timeInForce: 'ioc', reduceOnly: targets.takeReduceOnly }, Number.MAX_SAFE_INTEGER);
}
