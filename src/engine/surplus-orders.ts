/**
 * Orders that stricter limits no longer allow, until they are over: their cancels are asked for again where one got lost or
 * missed its deadline. A symbol of which all has to go is not quoted meanwhile: beside orders on their way out the gate
 * would count new ones of the other side as no growth, and what is left in the end would be too much again.
 */
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import { isOver } from '../domain/order-life.ts';
import type { MonoMs } from '../domain/units.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { Surplus } from '../risk/surplus.ts';

const CAUSE = 'stricter-limits';

export class SurplusOrders {
	readonly #orders: OrderManager;
	readonly #levels: RiskLevels;
	readonly #leaving = new Map<OrderId, InstrumentIndex>();
	readonly #held = new Set<InstrumentIndex>();

	constructor({ orders, levels }: { readonly orders: OrderManager; readonly levels: RiskLevels }) {
		this.#orders = orders;
		this.#levels = levels;
	}

	add({ orders, wholeSymbols }: Surplus, nowMono: MonoMs): void {
		for (const { orderId, instrument } of orders) this.#leaving.set(orderId, instrument.index);
		for (const index of wholeSymbols) {
			this.#held.add(index);
			this.#levels.hold(index, CAUSE, { reason: 'limits became stricter', liftsByItself: false, nowMono });
		}
	}

	/** Those that are not over yet; lets go of symbols that are through. */
	remaining(): readonly Order[] {
		if (this.#leaving.size === 0 && this.#held.size === 0) return [];
		const remaining: Order[] = [];
		for (const orderId of this.#leaving.keys()) {
			const order = this.#orders.get(orderId);
			if (order === undefined || isOver(order.state)) this.#leaving.delete(orderId);
			else remaining.push(order);
		}
		const waiting = new Set(this.#leaving.values());
		for (const index of this.#held) {
			if (waiting.has(index)) continue;
			this.#held.delete(index);
			this.#levels.release(index, CAUSE);
		}
		return remaining;
	}
}
