/**
 * The order book said simply: each side is one array of orders, best first, and every rule is a loop over it. Slow and
 * meant to be obviously right. It is the specification of `book-fast.ts`: one suite holds for both, and a test feeds
 * both the same random commands.
 */
import type {
	BookAmendResult,
	BookListener,
	BookOrder,
	BookPlaceResult,
	BookSide,
	MatchingBook,
	OrderSide,
	RestingOrder,
} from './book.ts';

type PlainOrder = BookOrder & { readonly priceTicks: number; leavesLots: number };

export class PlainBook implements MatchingBook {
	readonly #listener: BookListener;
	readonly #sides: Record<BookSide, PlainOrder[]> = { bid: [], ask: [] };

	constructor(listener: BookListener) {
		this.#listener = listener;
	}

	get orderCount(): number {
		return this.#sides.bid.length + this.#sides.ask.length;
	}

	place(order: BookOrder): BookPlaceResult {
		if (this.#find(order.orderId) !== undefined) return 'duplicate-id';
		if (order.postOnly && this.wouldCross(order.side, order.priceTicks)) return 'post-only-would-cross';
		this.#listener.accepted(order.orderId);
		this.#enter({ ...order, leavesLots: order.qtyLots });
		return 'accepted';
	}

	amend(orderId: string, priceTicks: number, leavesLots: number): BookAmendResult {
		const order = this.#find(orderId);
		if (order === undefined) return 'unknown-id';
		if (priceTicks === order.priceTicks && leavesLots <= order.leavesLots) {
			this.shrink(orderId, leavesLots);
			return 'kept';
		}
		this.cancel(orderId);
		if (order.postOnly && this.wouldCross(order.side, priceTicks)) {
			this.#listener.cancelled(orderId, order.leavesLots, 'post-only-would-cross', '');
			return 'cancelled';
		}
		this.#enter({ ...order, priceTicks, leavesLots });
		return 'requeued';
	}

	cancel(orderId: string): boolean {
		const order = this.#find(orderId);
		if (order === undefined) return false;
		this.#remove(order);
		this.#tellLevel(bookSideOf(order.side), order.priceTicks);
		return true;
	}

	shrink(orderId: string, leavesLots: number): boolean {
		const order = this.#find(orderId);
		if (order === undefined || order.leavesLots <= leavesLots) return false;
		order.leavesLots = leavesLots;
		this.#tellLevel(bookSideOf(order.side), order.priceTicks);
		return true;
	}

	wouldCross(side: OrderSide, priceTicks: number): boolean {
		const best = this.#sides[opposite(side)][0];
		return best !== undefined && crosses(side, priceTicks, best.priceTicks);
	}

	bestTicks(side: BookSide): number {
		return this.#sides[side][0]?.priceTicks ?? 0;
	}

	qtyAt(side: BookSide, priceTicks: number): number {
		let qtyLots = 0;
		for (const order of this.#sides[side]) if (order.priceTicks === priceTicks) qtyLots += order.leavesLots;
		return qtyLots;
	}

	walk(side: BookSide, visit: (priceTicks: number, qtyLots: number) => boolean): void {
		const prices = new Set(this.#sides[side].map((order) => order.priceTicks));
		for (const priceTicks of prices) if (!visit(priceTicks, this.qtyAt(side, priceTicks))) return;
	}

	*orders(side: BookSide): Iterable<RestingOrder> {
		for (const { orderId, accountNo, side: orderSide, priceTicks, leavesLots } of this.#sides[side]) {
			yield { orderId, accountNo, side: orderSide, priceTicks, leavesLots };
		}
	}

	#find(orderId: string): PlainOrder | undefined {
		return [...this.#sides.bid, ...this.#sides.ask].find((order) => order.orderId === orderId);
	}

	#remove(order: PlainOrder): void {
		const orders = this.#sides[bookSideOf(order.side)];
		orders.splice(orders.indexOf(order), 1);
	}

	/** Trades what crosses, then rests or withdraws what is left. */
	#enter(taker: PlainOrder): void {
		if (taker.timeInForce === 'fok' && !this.#fillable(taker)) {
			this.#listener.cancelled(taker.orderId, taker.leavesLots, 'fok-not-fillable', '');
			return;
		}
		if (!this.#sweep(taker) || taker.leavesLots === 0) return;
		if (taker.timeInForce === 'gtc') this.#rest(taker);
		else this.#listener.cancelled(taker.orderId, taker.leavesLots, 'ioc-remainder', '');
	}

	/** False if self-trade prevention withdrew the taker. */
	#sweep(taker: PlainOrder): boolean {
		const makerSide = opposite(taker.side);
		let sweptTicks = 0;
		let alive = true;
		while (alive && taker.leavesLots > 0) {
			const maker = this.#sides[makerSide][0];
			if (maker === undefined || !crosses(taker.side, taker.priceTicks, maker.priceTicks)) break;
			if (sweptTicks !== 0 && sweptTicks !== maker.priceTicks) this.#tellLevel(makerSide, sweptTicks);
			sweptTicks = maker.priceTicks;
			if (maker.accountNo === taker.accountNo && taker.selfTrade !== 'none') alive = this.#preventSelfTrade(taker, maker);
			else this.#trade(taker, maker);
		}
		if (sweptTicks !== 0) this.#tellLevel(makerSide, sweptTicks);
		return alive;
	}

	#trade(taker: PlainOrder, maker: PlainOrder): void {
		const qtyLots = Math.min(taker.leavesLots, maker.leavesLots);
		taker.leavesLots -= qtyLots;
		maker.leavesLots -= qtyLots;
		if (maker.leavesLots === 0) this.#remove(maker);
		this.#listener.filled(maker.orderId, taker.orderId, maker.priceTicks, qtyLots, maker.leavesLots, taker.leavesLots);
	}

	/** True if the taker may go on. */
	#preventSelfTrade(taker: PlainOrder, maker: PlainOrder): boolean {
		if (taker.selfTrade !== 'cancel-taker') {
			this.#remove(maker);
			this.#listener.cancelled(maker.orderId, maker.leavesLots, 'self-trade', taker.orderId);
		}
		if (taker.selfTrade === 'cancel-maker') return true;
		this.#listener.cancelled(taker.orderId, taker.leavesLots, 'self-trade', maker.orderId);
		return false;
	}

	/**
	 * Whether an order that must fill whole, will. Its owner's own orders do not count (and end the search if they
	 * would withdraw the taker); neither do reduce-only makers, which may be withdrawn while the sweep is under way.
	 */
	#fillable(taker: PlainOrder): boolean {
		let fillableLots = 0;
		for (const maker of this.#sides[opposite(taker.side)]) {
			if (fillableLots >= taker.leavesLots || !crosses(taker.side, taker.priceTicks, maker.priceTicks)) break;
			if (maker.accountNo === taker.accountNo && taker.selfTrade !== 'none') {
				if (taker.selfTrade !== 'cancel-maker') break;
			} else if (!maker.reduceOnly) fillableLots += maker.leavesLots;
		}
		return fillableLots >= taker.leavesLots;
	}

	#rest(order: PlainOrder): void {
		const side = bookSideOf(order.side);
		const orders = this.#sides[side];
		// Behind all that are as good or better: at one price, who came first stands first.
		const place = orders.findIndex((other) => isBetter(side, order.priceTicks, other.priceTicks));
		orders.splice(place === -1 ? orders.length : place, 0, order);
		this.#tellLevel(side, order.priceTicks);
	}

	#tellLevel(side: BookSide, priceTicks: number): void {
		this.#listener.levelChanged(side, priceTicks, this.qtyAt(side, priceTicks));
	}
}

function bookSideOf(side: OrderSide): BookSide {
	return side === 'buy' ? 'bid' : 'ask';
}

function opposite(side: OrderSide): BookSide {
	return side === 'buy' ? 'ask' : 'bid';
}

function crosses(takerSide: OrderSide, takerTicks: number, makerTicks: number): boolean {
	return takerSide === 'buy' ? takerTicks >= makerTicks : takerTicks <= makerTicks;
}

function isBetter(side: BookSide, leftTicks: number, rightTicks: number): boolean {
	return side === 'bid' ? leftTicks > rightTicks : leftTicks < rightTicks;
}
