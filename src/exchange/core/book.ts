/**
 * What an order book is, whoever implements it: orders of one symbol in price-time priority, and what is told about
 * them. Two implementations hold to it: `book-plain.ts`, which says the rules simply, and `book-fast.ts`, which is
 * used. Prices are whole ticks and quantities whole lots, already checked; a book knows neither money nor time.
 * A market order is an IOC order at the last price the side has (`MAX_PRICE_TICKS` for a buy, 1 for a sell).
 */
export type OrderSide = 'buy' | 'sell';
export type BookSide = 'bid' | 'ask';
export type BookTimeInForce = 'gtc' | 'ioc' | 'fok';
/** Which order goes when an account would trade with itself. The incoming order's policy decides. */
export type SelfTradePolicy = 'none' | 'cancel-maker' | 'cancel-taker' | 'cancel-both';
/** Why a book itself withdraws an order. */
export type BookCancelReason = 'ioc-remainder' | 'fok-not-fillable' | 'self-trade' | 'post-only-would-cross';

/** Prices and quantities of orders stay below this, so that sums over a level stay exact. */
export const MAX_PRICE_TICKS = 2 ** 40 - 1;
export const MAX_ORDER_LOTS = 2 ** 40 - 1;

export interface BookOrder {
	readonly orderId: string;
	/** Small whole number from 0 up; equal numbers are one owner for self-trade prevention. */
	readonly accountNo: number;
	readonly side: OrderSide;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly timeInForce: BookTimeInForce;
	readonly postOnly: boolean;
	readonly reduceOnly: boolean;
	readonly selfTrade: SelfTradePolicy;
}

/** An order that rests, as a copy. */
export interface RestingOrder {
	readonly orderId: string;
	readonly accountNo: number;
	readonly side: OrderSide;
	readonly priceTicks: number;
	readonly leavesLots: number;
}

export interface Level {
	readonly priceTicks: number;
	readonly qtyLots: number;
}

/**
 * Told synchronously, in the order things happen. The book is consistent at every call. From inside `filled` the
 * listener may `shrink` or `cancel` resting orders (a reduce-only order whose position has just gone), nothing else.
 */
export interface BookListener {
	/** The order was taken in; what follows happens to it. Said once for each order. */
	accepted(orderId: string): void;
	filled(
		makerId: string,
		takerId: string,
		priceTicks: number,
		qtyLots: number,
		makerLeavesLots: number,
		takerLeavesLots: number,
	): void;
	/** The rest of an order is withdrawn by the book. `otherId` is the other order of a prevented self-trade, else ''. */
	cancelled(orderId: string, leavesLots: number, reason: BookCancelReason, otherId: string): void;
	/** The new total of one level, 0 when it is gone. A sweep tells each level once, when it is done with it. */
	levelChanged(side: BookSide, priceTicks: number, qtyLots: number): void;
}

export type BookPlaceResult = 'accepted' | 'post-only-would-cross' | 'duplicate-id';
/** `kept`: same place in the queue. `requeued`: left its place, may have traded. `cancelled`: post-only, would cross. */
export type BookAmendResult = 'kept' | 'requeued' | 'cancelled' | 'unknown-id';

export interface MatchingBook {
	/** Refuses without a trace, or takes the order in and tells the listener what became of it. */
	place(order: BookOrder): BookPlaceResult;
	/** New price and new open quantity of a resting order. Keeps time priority only at the same price and a smaller size. */
	amend(orderId: string, priceTicks: number, leavesLots: number): BookAmendResult;
	/** Takes a resting order out, whoever asked for it: true if it was there. Tells only the level. */
	cancel(orderId: string): boolean;
	/** Makes a resting order smaller in its place: true if it was there and larger. */
	shrink(orderId: string, leavesLots: number): boolean;
	wouldCross(side: OrderSide, priceTicks: number): boolean;
	/** Best price of a side, or 0 when the side is empty. */
	bestTicks(side: BookSide): number;
	qtyAt(side: BookSide, priceTicks: number): number;
	/** Levels from the best outwards, until `visit` answers false. The book must not change meanwhile. */
	walk(side: BookSide, visit: (priceTicks: number, qtyLots: number) => boolean): void;
	/** All resting orders of a side in priority order. The book must not change meanwhile. */
	orders(side: BookSide): Iterable<RestingOrder>;
	readonly orderCount: number;
}

/** The best `depth` levels of a side, best first. */
export function levelsOf(book: MatchingBook, side: BookSide, depth: number): Level[] {
	const levels: Level[] = [];
	if (depth <= 0) return levels;
	book.walk(side, (priceTicks, qtyLots) => {
		levels.push({ priceTicks, qtyLots });
		return levels.length < depth;
	});
	return levels;
}
