/** How spot's orders were made smaller: each may be so only a few times, and clients may ask what was done. */

/** Orders whose amendments are remembered; the oldest are forgotten first. */
const ORDERS_KEPT = 10_000;

interface Amendment {
	readonly executionId: bigint;
	readonly clientIdBefore: string;
	readonly clientId: string;
	readonly lotsBefore: number;
	readonly lots: number;
	readonly atMs: number;
}

/** Oldest first. */
export class Amendments {
	readonly #byOrder = new Map<string, readonly Amendment[]>();

	of(orderId: string): readonly Amendment[] {
		return this.#byOrder.get(orderId) ?? [];
	}

	add(orderId: string, amendment: Amendment): void {
		if (this.#byOrder.size >= ORDERS_KEPT && !this.#byOrder.has(orderId)) this.#forgetOldest();
		this.#byOrder.set(orderId, [...this.of(orderId), amendment]);
	}

	#forgetOldest(): void {
		for (const orderId of this.#byOrder.keys()) {
			this.#byOrder.delete(orderId);
			return;
		}
	}
}
