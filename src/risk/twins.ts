/**
 * Orders that filled a moment ago, for the check for twins (PT15): one that is gone because it filled counts like one
 * that stands, or a fault that sends the same order twice would be noticed only where nobody trades. One that we took
 * away ourselves may be placed again at once.
 */
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import type { Side } from '../domain/side.ts';

export interface TwinTerms {
	readonly instrument: { readonly index: InstrumentIndex };
	readonly side: Side;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly quoter: number;
	readonly slot: number;
}

/** Far more fills than an account has in the second that counts; the oldest go first. */
const FILLED_MAX = 256;

export class FilledTwins {
	readonly #filled: Order[] = [];

	remember(order: Order): void {
		this.#filled.push(order);
		if (this.#filled.length > FILLED_MAX) this.#filled.shift();
	}

	has(order: TwinTerms, sinceMono: number): boolean {
		while ((this.#filled[0]?.changedAtMono ?? Number.POSITIVE_INFINITY) <= sinceMono) this.#filled.shift();
		return this.#filled.some((other) => {
			if (other.instrument.index !== order.instrument.index || other.changedAtMono <= sinceMono) return false;
			return isTwin(order, other);
		});
	}
}

/** Orders of the desk have no slot that they would stand for, so each counts as another one. */
export function isTwin(order: TwinTerms, other: Order): boolean {
	if (other.side !== order.side || other.pendingPriceTicks !== order.priceTicks) return false;
	if (other.pendingQtyLots !== order.qtyLots) return false;
	return order.quoter < 0 || other.slot !== order.slot || other.quoter !== order.quoter;
}
