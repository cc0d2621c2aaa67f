/**
 * What an order was told that the exchange itself does not keep: until when it is good, which price of the book it asked
 * for, how often and under which name it was modified. Most orders were told nothing of the kind.
 */
import type { OrderView } from '../core/views.ts';

export interface Terms {
	/** 0: until it is cancelled. */
	readonly goodTillMs: number;
	readonly priceMatch: string;
	/** Of the last change; '' if it had none. */
	readonly modifyId: string;
	readonly modifyCount: number;
}

export const USUAL_TERMS: Terms = { goodTillMs: 0, priceMatch: 'NONE', modifyId: '', modifyCount: 0 };

/** Orders whose terms are remembered; the longest known are forgotten first, and look like any other then. */
const TERMS_KEPT = 20_000;

export class OrderTerms {
	readonly #terms = new Map<string, Terms>();
	#coming: { readonly accountId: string; readonly clientOrderId: string; readonly terms: Terms } | null = null;

	of({ orderId, accountId, clientOrderId }: Pick<OrderView, 'orderId' | 'accountId' | 'clientOrderId'>): Terms {
		const known = this.#terms.get(orderId);
		if (known !== undefined) return known;
		const coming = this.#coming;
		const isComing = coming?.accountId === accountId && coming.clientOrderId === clientOrderId;
		return isComing ? coming.terms : USUAL_TERMS;
	}

	set(orderId: string, terms: Terms): void {
		this.#terms.delete(orderId);
		if (terms === USUAL_TERMS) return;
		this.#terms.set(orderId, terms);
		if (this.#terms.size <= TERMS_KEPT) return;
		for (const oldest of this.#terms.keys()) {
			this.#terms.delete(oldest);
			break;
		}
	}

	/** While the work is done, an order by this client id has these terms although it has no id yet. */
	whileComing<Answer>(
		order: { readonly accountId: string; readonly clientOrderId: string },
		terms: Terms,
		work: () => Answer,
	): Answer {
		this.#coming = { accountId: order.accountId, clientOrderId: order.clientOrderId, terms };
		try {
			return work();
		} finally {
			this.#coming = null;
		}
	}
}
