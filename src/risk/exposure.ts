/**
 * HOT: what we hold and what could still fill, per instrument, in lots: live, in flight and unknown orders alike, and
 * the larger of both versions while an amend is open (I3). Kept up to date by the order manager at each change of an
 * order, so that a check is a comparison. Budget: bench/execution/tick.
 */
import type { Instrument } from '../domain/instrument.ts';
import { type Order, openLotsWorst } from '../domain/order.ts';
import { isOver } from '../domain/order-life.ts';
import { recount } from '../domain/regrid.ts';

export class Exposure {
	positionLots = 0;
	/** Held at the venue, and not by fills of ours. */
	foreignLots = 0;
	/**
	 * What orders of others could still fill, as the last comparison with the venue found them (F76). In no figure below:
	 * we can neither cancel nor foresee them, so they only take room from orders of ours that add to a position.
	 */
	foreignBuyLots = 0;
	foreignSellLots = 0;
	/** Lots that open buys and open sells could still fill. */
	buyLots = 0;
	sellLots = 0;
	orderCount = 0;
	/** Price that turns lots into money for account limits: the mid, or the first order's price before one is known. */
	referenceTicks = 0;
	/** What one unit of the quote currency is worth in the currency that limits are written in; NaN where nobody knows. */
	quoteRate = 1;
	instrument: Instrument;

	constructor(instrument: Instrument) {
		this.instrument = instrument;
	}

	/** Whoever made it. */
	get heldLots(): number {
		return this.positionLots + this.foreignLots;
	}

	/** The position if every open buy of ours fills and no sell does. */
	get worstLong(): number {
		return this.heldLots + this.buyLots;
	}

	get worstShort(): number {
		return this.heldLots - this.sellLots;
	}

	/** The market has moved; 0 where it has no price to offer, and then the last one stays. */
	follow(midTicks: number): void {
		if (midTicks > 0) this.referenceTicks = midTicks;
	}

	/** What one lot is worth, in the currency of the limits; NaN before any price is known, which no limit lets pass. */
	get worthOfLot(): number {
		return this.referenceTicks > 0 ? this.referenceTicks * this.instrument.tickLotNumber * this.quoteRate : Number.NaN;
	}

	/** The larger of both extremes, whatever its direction. */
	get worstLots(): number {
		return Math.max(Math.abs(this.worstLong), Math.abs(this.worstShort));
	}

	/** Our own position comes anew from the ledger; what is not ours was counted on the grid that goes (F59). */
	regrid(instrument: Instrument): void {
		const { qtyGrid } = this.instrument;
		this.foreignLots = recount(this.foreignLots, qtyGrid, instrument.qtyGrid);
		this.foreignBuyLots = recount(this.foreignBuyLots, qtyGrid, instrument.qtyGrid);
		this.foreignSellLots = recount(this.foreignSellLots, qtyGrid, instrument.qtyGrid);
		this.instrument = instrument;
	}

	/** Takes an order's share out before it changes; `add` puts it back afterwards. */
	remove(order: Order): void {
		this.#count(order, -1);
	}

	add(order: Order): void {
		this.#count(order, 1);
		if (this.referenceTicks === 0) this.referenceTicks = order.priceTicks;
	}

	/** An order that is over can still owe us fills that the venue has reported and nobody has booked yet. */
	#count(order: Order, sign: 1 | -1): void {
		const over = isOver(order.state);
		// More filled than ordered is the venue's contradiction; it must not make room for other orders.
		const lots = over ? order.reportedFilledLots - order.filledLots : Math.max(0, openLotsWorst(order));
		if (order.side === 'buy') this.buyLots += sign * lots;
		else this.sellLots += sign * lots;
		if (!over) this.orderCount += sign;
	}
}

/** All instruments of an account together, valued in the one currency that limits are written in. */
export class AccountExposure {
	readonly #parts: Exposure[] = [];
	#gross = 0;
	#netLong = 0;
	#netShort = 0;

	track(exposure: Exposure): void {
		this.#parts.push(exposure);
	}

	/** Sums anew; called once a tick, so that rounding of floats cannot add up. */
	recount(): void {
		this.#gross = 0;
		this.#netLong = 0;
		this.#netShort = 0;
		for (const part of this.#parts) {
			if (part.worstLots === 0) continue;
			const unit = part.worthOfLot;
			this.#gross += part.worstLots * unit;
			this.#netLong += part.worstLong * unit;
			this.#netShort += part.worstShort * unit;
		}
	}

	/** Worst case of every symbol, regardless of direction. */
	get gross(): number {
		return this.#gross;
	}
	/** Netted, if all open buys fill and no sell does; below, the other way round. */
	get netLong(): number {
		return this.#netLong;
	}
	get netShort(): number {
		return this.#netShort;
	}

	/** An order was approved since the last recount: counted in full, which errs on the safe side. */
	reserve(notional: number, side: 'buy' | 'sell'): void {
		this.#gross += notional;
		if (side === 'buy') this.#netLong += notional;
		else this.#netShort -= notional;
	}
}
