/** Waits for orders of decisions: told of every change, it lets go of whoever waited for that. Keeps no order that nobody waits for. */
import type { Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import { isOver } from '../domain/order-life.ts';
import type { Clock } from '../ports/clock.ts';

/** What of an order is waited for. */
export type Awaited = 'over' | 'standing';

interface Waiting {
	readonly what: Awaited;
	readonly done: () => void;
}

export class OrderEnds {
	readonly #clock: Clock;
	readonly #orderOf: (orderId: OrderId) => Order | undefined;
	readonly #waiting = new Map<OrderId, Set<Waiting>>();

	constructor(parts: { readonly clock: Clock; readonly orderOf: (orderId: OrderId) => Order | undefined }) {
		this.#clock = parts.clock;
		this.#orderOf = parts.orderOf;
	}

	/** How far the order has come when it is as far as that, or the time is over, or nobody wants to know any more. */
	async reached(
		orderId: OrderId,
		what: Awaited,
		{ withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal },
	): Promise<Order | undefined> {
		if (!this.#isReached(orderId, what) && withinMs > 0 && !signal.aborted) {
			await new Promise<void>((resolve) => {
				const done = (): void => {
					timer.cancel();
					signal.removeEventListener('abort', done);
					this.#remove(orderId, waiting);
					resolve();
				};
				const waiting: Waiting = { what, done };
				const timer = this.#clock.after(withinMs, done);
				signal.addEventListener('abort', done);
				const others = this.#waiting.get(orderId);
				if (others === undefined) this.#waiting.set(orderId, new Set([waiting]));
				else others.add(waiting);
			});
		}
		return this.#orderOf(orderId);
	}

	/** It is in another state than before. */
	hear(orderId: OrderId): void {
		for (const { what, done } of [...(this.#waiting.get(orderId) ?? [])]) if (this.#isReached(orderId, what)) done();
	}

	#remove(orderId: OrderId, waiting: Waiting): void {
		const others = this.#waiting.get(orderId);
		others?.delete(waiting);
		if (others?.size === 0) this.#waiting.delete(orderId);
	}

	#isReached(orderId: OrderId, what: Awaited): boolean {
		const order = this.#orderOf(orderId);
		if (order === undefined || isOver(order.state)) return true;
		return what === 'standing' && (order.state === 'live' || order.state === 'partiallyFilled');
	}
}
