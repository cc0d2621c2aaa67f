/**
 * Cancels that no plan asked for: a person, a kill or stricter limits did. They draw on the same rate budget as those of
 * the ticks, since one too many is only refused and costs the next ones their turn; what does not fit is owed, and goes
 * as soon as it does. A kill does not wait for any budget (I11).
 */
import type { Instrument } from '../domain/instrument.ts';
import { DESK, type Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import { isOver } from '../domain/order-life.ts';
import type { MonoMs } from '../domain/units.ts';
import type { CommandBus } from '../execution/command-bus.ts';
import type { Lane } from '../execution/lanes.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import type { RateBudget } from '../execution/rate-budget.ts';

interface Parts {
	readonly orders: OrderManager;
	readonly bus: CommandBus;
	readonly budget: RateBudget;
	readonly laneOf: (instrument: Instrument) => Lane;
}

export class HandCancels {
	readonly #parts: Parts;
	readonly #owed = new Set<OrderId>();

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** How many of these orders have to be cancelled: now, or when there is room. */
	ask(concerned: readonly Order[], nowMono: MonoMs): number {
		const { budget, laneOf } = this.#parts;
		let count = 0;
		for (const order of concerned) {
			if (!this.#needsCancel(order)) continue;
			count += 1;
			if (budget.available(laneOf(order.instrument), 'cancel', nowMono) >= 1) this.#cancel(order, nowMono);
			else this.#owed.add(order.orderId);
		}
		return count;
	}

	/** All of them, whatever the budget says; how many. */
	force(concerned: readonly Order[], nowMono: MonoMs): number {
		let count = 0;
		for (const order of concerned) {
			if (!this.#needsCancel(order)) continue;
			count += 1;
			this.#cancel(order, nowMono);
		}
		return count;
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
