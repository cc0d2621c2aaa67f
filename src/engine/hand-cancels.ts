/**
 * Cancels that no plan asked for: a person, a kill or stricter limits did. They draw on the same rate budget as those of
 * the ticks, since one too many is only refused and costs the next ones their turn; what does not fit is owed, and goes
 * as soon as it does. A kill spends all that the venue grants and leaves no share to anybody (I10, I16).
 */
import type { Instrument } from '../domain/instrument.ts';
import { DESK, type Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import { isOver } from '../domain/order-life.ts';
import type { MonoMs } from '../domain/units.ts';
import type { CommandBus } from '../execution/command-bus.ts';
import type { Lane } from '../execution/lanes.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import type { Part, RateBudget } from '../execution/rate-budget.ts';
import { urgencyOfCancel } from '../execution/urgency.ts';
import type { EngineEffect } from './ports.ts';

/** The timer that brings the next cancels of a kill. */
export const KILL_TIMER = 'kill';

/** A kill asks again for the cancel of an order in doubt, but not while the answer to the last one may be on its way. */
const ASK_AGAIN_MS = 1_000;

interface Parts {
	readonly orders: OrderManager;
	readonly bus: CommandBus;
	readonly budget: RateBudget;
	readonly effects: EngineEffect[];
	readonly laneOf: (instrument: Instrument) => Lane;
	/** It takes what is there at once and never rests, so it needs no cancel. */
	readonly isWayOut: (order: Order) => boolean;
	/** 0 where nobody knows. */
	readonly midTwiceTicksOf: (instrument: Instrument) => number;
}

export class HandCancels {
	readonly #parts: Parts;
	readonly #owed = new Set<OrderId>();
	#wakeAtMono = Number.NEGATIVE_INFINITY;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** How many of these orders have to be cancelled: now, or when there is room, or when they have left. */
	ask(concerned: readonly Order[], nowMono: MonoMs, of: Part = 'share'): number {
		const { budget, laneOf } = this.#parts;
		let count = 0;
		for (const order of concerned) {
			const isOnItsWay = order.state === 'intended';
			if (!isOnItsWay && !this.#needsCancel(order)) continue;
			count += 1;
			// It waits for the journal, and can be cancelled once it has left (I11).
			if (isOnItsWay) this.#owed.add(order.orderId);
			else if (budget.available(laneOf(order.instrument), 'cancel', nowMono, of) >= 1) this.#cancel(order, nowMono);
			else this.#owed.add(order.orderId);
		}
		return count;
	}

	/**
	 * Everything of ours, what is nearest to a fill first; to be called again and again until nothing is left. Whoever
	 * finds no room has a timer set for when there is some.
	 */
	kill(nowMono: MonoMs): number {
		const { orders, budget, laneOf, isWayOut } = this.#parts;
		const concerned = orders
			.openOrders()
			.filter((order) => this.#needsCancel(order) && !isJustAsked(order, nowMono) && !isWayOut(order));
		concerned.sort((a, b) => this.#danger(b) - this.#danger(a));
		let fitsAtMono = Number.POSITIVE_INFINITY;
		for (const order of concerned) {
			const lane = laneOf(order.instrument);
			if (budget.available(lane, 'cancel', nowMono, 'all') >= 1) this.#cancel(order, nowMono);
			else fitsAtMono = Math.min(fitsAtMono, budget.fitsAtMono(lane, 'cancel', nowMono, 'all'));
		}
		this.#wakeAt(fitsAtMono, nowMono);
		return concerned.length;
	}

	/** As many of those that are owed as there is room for now. */
	sweep(nowMono: MonoMs): void {
		if (this.#owed.size === 0) return;
		const owed = [...this.#owed].flatMap((orderId) => this.#parts.orders.get(orderId) ?? []);
		this.#owed.clear();
		this.ask(owed, nowMono);
	}

	/** Quotes are wanted again: their fate is up to the ticks. */
	forgetQuotes(): void {
		for (const orderId of this.#owed) if (this.#parts.orders.get(orderId)?.quoter !== DESK) this.#owed.delete(orderId);
	}

	#danger(order: Order): number {
		return urgencyOfCancel(order, 0, this.#parts.midTwiceTicksOf(order.instrument));
	}

	#wakeAt(atMono: number, nowMono: MonoMs): void {
		const isSetAlready = this.#wakeAtMono > nowMono && this.#wakeAtMono <= atMono;
		if (atMono === Number.POSITIVE_INFINITY || isSetAlready) return;
		this.#wakeAtMono = atMono;
		this.#parts.effects.push({ kind: 'wake', key: KILL_TIMER, delayMs: Math.max(1, Math.ceil(atMono - nowMono)) });
	}

	/** What is under way already, or waits to be sent, needs no second cancel; an amend that waits gives way. */
	#needsCancel({ orderId, state }: Order): boolean {
		if (state === 'intended' || state === 'cancelling' || isOver(state)) return false;
		return this.#parts.orders.queuedFor(orderId) !== 'cancel';
	}

	#cancel({ orderId, instrument }: Order, nowMono: MonoMs): void {
		const { orders, bus, budget, laneOf } = this.#parts;
		this.#owed.delete(orderId);
		budget.spend(laneOf(instrument), 'cancel', 1, nowMono);
		orders.intendCancel(orderId);
		bus.cancel({ kind: 'cancel', instrument, orderId });
	}
}

function isJustAsked({ state, askedAtMono }: Order, nowMono: MonoMs): boolean {
	return state === 'unknown' && nowMono - askedAtMono < ASK_AGAIN_MS;
}
