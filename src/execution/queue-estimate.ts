/**
 * How much stands before each of our orders at its price, as far as anybody outside can tell. An order that is seen
 * first stands behind all that is there; from then on there is never more before it than others have at its price, and
 * what trades there comes off the front. Cancels are taken to come from behind us, so the estimate is rather too long
 * than too short. Looks now and then only; between two looks others may have come and gone unseen.
 */
import type { BookView } from '../domain/book.ts';
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';

interface Place {
	readonly priceTicks: number;
	readonly qtyLots: number;
	aheadLots: number;
}

export class QueueEstimate {
	/** By instrument and order; orders that are over are dropped with the next look. */
	readonly #places: (Map<OrderId, Place> | undefined)[] = [];

	/** All open orders of an instrument, and its book as it is now. */
	see(instrument: InstrumentIndex, openOrders: readonly Order[], book: BookView): void {
		const before = this.#places[instrument];
		if (openOrders.length === 0) {
			before?.clear();
			return;
		}
		const places = new Map<OrderId, Place>();
		for (const order of openOrders) {
			if (order.shownAtMono === undefined) continue;
			const { priceTicks, qtyLots } = order;
			const others = Math.max(0, book.lotsAt(order.side === 'buy' ? 'bid' : 'ask', priceTicks) - ownLots(order, openOrders));
			const known = before?.get(order.orderId);
			// Another price, or more of it, and it stands at the end again.
			const isSame = known !== undefined && known.priceTicks === priceTicks && qtyLots <= known.qtyLots;
			places.set(order.orderId, { priceTicks, qtyLots, aheadLots: isSame ? Math.min(known.aheadLots, others) : others });
		}
		this.#places[instrument] = places;
	}

	applyTrade(instrument: InstrumentIndex, priceTicks: number, qtyLots: number): void {
		const places = this.#places[instrument];
		if (places === undefined || places.size === 0) return;
		for (const place of places.values()) {
			if (place.priceTicks === priceTicks) place.aheadLots = Math.max(0, place.aheadLots - qtyLots);
		}
	}

	/** Undefined where the order was not in the book at the last look. */
	aheadLots({ instrument, orderId }: Pick<Order, 'instrument' | 'orderId'>): number | undefined {
		return this.#places[instrument.index]?.get(orderId)?.aheadLots;
	}
}

/** Of all our orders at its price: we never stand before ourselves. */
function ownLots({ side, priceTicks }: Order, openOrders: readonly Order[]): number {
	let lots = 0;
	for (const order of openOrders) {
		if (order.side !== side || order.priceTicks !== priceTicks || order.shownAtMono === undefined) continue;
		lots += order.qtyLots - order.filledLots;
	}
	return lots;
}
