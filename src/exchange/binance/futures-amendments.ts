/** What was changed of orders, newest last: each change with the order as it stood before and after. */
import type { OrderView } from '../core/views.ts';

export interface Amendment {
	readonly orderId: string;
	readonly before: OrderView;
	readonly after: OrderView;
	/** Counts the changes of this order from 1. */
	readonly count: number;
	readonly priceMatch: string;
}

export interface NumberedAmendment extends Amendment {
	readonly amendmentId: number;
}

/** Of all accounts together; the oldest are forgotten first. */
const AMENDMENTS_KEPT = 10_000;

export class Amendments {
	#amendments: NumberedAmendment[] = [];
	#count = 0;

	add(amendment: Amendment): void {
		this.#count += 1;
		this.#amendments.push({ ...amendment, amendmentId: this.#count });
		if (this.#amendments.length >= 2 * AMENDMENTS_KEPT) this.#amendments = this.#amendments.slice(-AMENDMENTS_KEPT);
	}

	of(orderId: string): readonly NumberedAmendment[] {
		return this.#amendments.filter((each) => each.orderId === orderId);
	}
}
