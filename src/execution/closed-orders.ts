/**
 * HOT (bench/execution/tick.bench.ts): orders that are over, in the order in which they ended, up to a bound. One that goes
 * in pushes at most one out, so that no close ever pays for many. Orders that still owe us fills are exposure, so they
 * stay longer, up to a bound of their own.
 */
import type { OrderDraft } from './order-draft.ts';

export class ClosedOrders {
	readonly #max: number;
	readonly #recent = new Queue();
	readonly #owing = new Queue();

	constructor(max: number) {
		this.#max = max;
	}

	/** Answers with the one that is to be forgotten for it. */
	add(order: OrderDraft): OrderDraft | undefined {
		this.#recent.push(order);
		if (this.#recent.size <= this.#max) return undefined;
		const oldest = this.#recent.shift();
		if (oldest === undefined || oldest.reportedFilledLots <= oldest.filledLots) return oldest;
		this.#owing.push(oldest);
		return this.#owing.size > this.#max / 2 ? this.#owing.shift() : undefined;
	}
}

/** Takes from the front without moving what is behind. */
class Queue {
	#items: (OrderDraft | undefined)[] = [];
	#head = 0;

	get size(): number {
		return this.#items.length - this.#head;
	}

	push(item: OrderDraft): void {
		this.#items.push(item);
	}

	shift(): OrderDraft | undefined {
		const item = this.#items[this.#head];
		if (item === undefined) return undefined;
		this.#items[this.#head] = undefined;
		this.#head += 1;
		if (this.#head * 2 > this.#items.length) {
			this.#items = this.#items.slice(this.#head);
			this.#head = 0;
		}
		return item;
	}
}
