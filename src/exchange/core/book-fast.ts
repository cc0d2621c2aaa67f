/**
 * HOT: the order book in use. Orders live in flat arrays under a number, queues are linked lists in those arrays, and
 * nothing is allocated per order but its id's place in the map. Fence: callers get ids and numbers, never arrays.
 * Budget: bench/exchange/matching.bench.ts. Twin: `book-plain.ts` says the same simply; `book.suite.ts` holds for both.
 */
import type {
	BookAmendResult,
	BookListener,
	BookOrder,
	BookPlaceResult,
	BookSide,
	BookTimeInForce,
	MatchingBook,
	OrderSide,
	RestingOrder,
	SelfTradePolicy,
} from './book.ts';
import { grown, Ladder, NO_LEVEL } from './ladder.ts';

/** Order number 0 is none, so that fresh arrays are empty lists. */
const NONE = 0;
const ORDERS_START = 256;

const SELL = 1;
const POST_ONLY = 2;
const REDUCE_ONLY = 4;
/** Withdraw the maker, the taker, or (both bits) both. */
const STP_MAKER = 8;
const STP_TAKER = 16;
const STP = STP_MAKER | STP_TAKER;

export class FastBook implements MatchingBook {
	readonly #listener: BookListener;
	readonly #bids = new Ladder('bid');
	readonly #asks = new Ladder('ask');
	/** Resting orders only. */
	readonly #orderOfId = new Map<string, number>();
	#ids: string[] = [''];
	#next = new Int32Array(ORDERS_START);
	#prev = new Int32Array(ORDERS_START);
	#level = new Int32Array(ORDERS_START);
	#account = new Int32Array(ORDERS_START);
	#flags = new Uint8Array(ORDERS_START);
	#priceTicks = new Float64Array(ORDERS_START);
	#leavesLots = new Float64Array(ORDERS_START);
	/** Freed numbers, linked by `#next`; behind them, numbers never used. */
	#free = NONE;
	#used = 1;

	constructor(listener: BookListener) {
		this.#listener = listener;
	}

	get orderCount(): number {
		return this.#orderOfId.size;
	}

	place(request: BookOrder): BookPlaceResult {
		const { orderId, side, priceTicks } = request;
		if (this.#orderOfId.has(orderId)) return 'duplicate-id';
		if (request.postOnly && this.wouldCross(side, priceTicks)) return 'post-only-would-cross';
		const order = this.#take();
		this.#ids[order] = orderId;
		this.#account[order] = request.accountNo;
		this.#flags[order] = flagsOf(request);
		this.#priceTicks[order] = priceTicks;
		this.#leavesLots[order] = request.qtyLots;
		this.#listener.accepted(orderId);
		this.#enter(order, request.timeInForce);
		return 'accepted';
	}

	amend(orderId: string, priceTicks: number, leavesLots: number): BookAmendResult {
		const order = this.#orderOfId.get(orderId);
		if (order === undefined) return 'unknown-id';
		if (priceTicks === this.#priceTicks[order] && leavesLots <= (this.#leavesLots[order] as number)) {
			this.#shrink(order, leavesLots);
			return 'kept';
		}
		const flags = this.#flags[order] as number;
		const ladder = this.#ladderOf(flags);
		this.#unlink(order, ladder);
		this.#tellLevel(ladder, this.#priceTicks[order] as number);
		const crossing = this.wouldCross((flags & SELL) === 0 ? 'buy' : 'sell', priceTicks);
		if (!crossing) {
			this.#priceTicks[order] = priceTicks;
			this.#leavesLots[order] = leavesLots;
			this.#link(order, ladder);
			return 'requeued';
		}
		this.#orderOfId.delete(orderId);
		if ((flags & POST_ONLY) !== 0) {
			this.#listener.cancelled(orderId, this.#leavesLots[order] as number, 'post-only-would-cross', '');
			this.#release(order);
			return 'cancelled';
		}
		this.#priceTicks[order] = priceTicks;
		this.#leavesLots[order] = leavesLots;
		this.#enter(order, 'gtc');
		return 'requeued';
	}

	cancel(orderId: string): boolean {
		const order = this.#orderOfId.get(orderId);
		if (order === undefined) return false;
		const ladder = this.#ladderOf(this.#flags[order] as number);
		this.#orderOfId.delete(orderId);
		this.#unlink(order, ladder);
		this.#release(order);
		this.#tellLevel(ladder, this.#priceTicks[order] as number);
		return true;
	}

	shrink(orderId: string, leavesLots: number): boolean {
		const order = this.#orderOfId.get(orderId);
		return order !== undefined && this.#shrink(order, leavesLots);
	}

	wouldCross(side: OrderSide, priceTicks: number): boolean {
		const ladder = side === 'buy' ? this.#asks : this.#bids;
		const best = ladder.best();
		return best !== NO_LEVEL && ladder.rankOf(best) >= ladder.rank(priceTicks);
	}

	bestTicks(side: BookSide): number {
		const ladder = side === 'bid' ? this.#bids : this.#asks;
		const best = ladder.best();
		return best === NO_LEVEL ? 0 : ladder.priceOf(best);
	}

	qtyAt(side: BookSide, priceTicks: number): number {
		return levelQty(side === 'bid' ? this.#bids : this.#asks, priceTicks);
	}

	walk(side: BookSide, visit: (priceTicks: number, qtyLots: number) => boolean): void {
		const ladder = side === 'bid' ? this.#bids : this.#asks;
		for (let level = ladder.best(); level !== NO_LEVEL; level = ladder.worse(level)) {
			if (!visit(ladder.priceOf(level), ladder.qtyLots[level] as number)) return;
		}
	}

	*orders(side: BookSide): Iterable<RestingOrder> {
		const ladder = side === 'bid' ? this.#bids : this.#asks;
		for (let level = ladder.best(); level !== NO_LEVEL; level = ladder.worse(level)) {
			for (let order = ladder.head[level] as number; order !== NONE; order = this.#next[order] as number) {
				yield {
					orderId: this.#ids[order] as string,
					accountNo: this.#account[order] as number,
					side: side === 'bid' ? 'buy' : 'sell',
					priceTicks: this.#priceTicks[order] as number,
					leavesLots: this.#leavesLots[order] as number,
				};
			}
		}
	}

	/** Trades what crosses, then rests or withdraws what is left. The order is in no queue and not in the map. */
	#enter(order: number, timeInForce: BookTimeInForce): void {
		const flags = this.#flags[order] as number;
		const makers = (flags & SELL) === 0 ? this.#asks : this.#bids;
		if (timeInForce === 'fok' && !this.#fillable(order, makers)) {
			this.#listener.cancelled(this.#ids[order] as string, this.#leavesLots[order] as number, 'fok-not-fillable', '');
			this.#release(order);
			return;
		}
		if (!this.#sweep(order, makers)) {
			this.#release(order);
			return;
		}
		const leavesLots = this.#leavesLots[order] as number;
		if (leavesLots > 0 && timeInForce === 'gtc') {
			this.#orderOfId.set(this.#ids[order] as string, order);
			this.#link(order, this.#ladderOf(flags));
			return;
		}
		if (leavesLots > 0) this.#listener.cancelled(this.#ids[order] as string, leavesLots, 'ioc-remainder', '');
		this.#release(order);
	}

	/** False if self-trade prevention withdrew the taker. Arrays are read anew after each call of the listener. */
	#sweep(taker: number, makers: Ladder): boolean {
		const reachRank = makers.rank(this.#priceTicks[taker] as number);
		const account = this.#account[taker] as number;
		const policy = (this.#flags[taker] as number) & STP;
		let sweptTicks = 0;
		let alive = true;
		while (alive && (this.#leavesLots[taker] as number) > 0) {
			const level = makers.best();
			if (level === NO_LEVEL || makers.rankOf(level) < reachRank) break;
			const priceTicks = makers.priceOf(level);
			if (priceTicks !== sweptTicks) {
				if (sweptTicks !== 0) this.#tellLevel(makers, sweptTicks);
				sweptTicks = priceTicks;
			}
			const maker = makers.head[level] as number;
			if (policy !== 0 && this.#account[maker] === account) alive = this.#preventSelfTrade(taker, maker, makers);
			else this.#trade(taker, maker, makers, level);
		}
		if (sweptTicks !== 0) this.#tellLevel(makers, sweptTicks);
		return alive;
	}

	#trade(taker: number, maker: number, makers: Ladder, level: number): void {
		const takerLots = this.#leavesLots[taker] as number;
		const makerLots = this.#leavesLots[maker] as number;
		const qtyLots = takerLots < makerLots ? takerLots : makerLots;
		const makerId = this.#ids[maker] as string;
		const priceTicks = this.#priceTicks[maker] as number;
		this.#leavesLots[taker] = takerLots - qtyLots;
		if (makerLots === qtyLots) this.#withdraw(maker, makers);
		else {
			this.#leavesLots[maker] = makerLots - qtyLots;
			makers.qtyLots[level] = (makers.qtyLots[level] as number) - qtyLots;
		}
		this.#listener.filled(makerId, this.#ids[taker] as string, priceTicks, qtyLots, makerLots - qtyLots, takerLots - qtyLots);
	}

	/** True if the taker may go on. */
	#preventSelfTrade(taker: number, maker: number, makers: Ladder): boolean {
		const policy = this.#flags[taker] as number;
		const makerId = this.#ids[maker] as string;
		const takerId = this.#ids[taker] as string;
		if ((policy & STP_MAKER) !== 0) {
			const makerLots = this.#leavesLots[maker] as number;
			this.#withdraw(maker, makers);
			this.#listener.cancelled(makerId, makerLots, 'self-trade', takerId);
		}
		if ((policy & STP_TAKER) === 0) return true;
		this.#listener.cancelled(takerId, this.#leavesLots[taker] as number, 'self-trade', makerId);
		return false;
	}

	/** See the twin for the rules. */
	#fillable(taker: number, makers: Ladder): boolean {
		const reachRank = makers.rank(this.#priceTicks[taker] as number);
		const account = this.#account[taker] as number;
		const policy = (this.#flags[taker] as number) & STP;
		let missingLots = this.#leavesLots[taker] as number;
		for (let level = makers.best(); level !== NO_LEVEL; level = makers.worse(level)) {
			if (makers.rankOf(level) < reachRank) return false;
			for (let maker = makers.head[level] as number; maker !== NONE; maker = this.#next[maker] as number) {
				if (policy !== 0 && this.#account[maker] === account) {
					if ((policy & STP_TAKER) !== 0) return false;
				} else if (((this.#flags[maker] as number) & REDUCE_ONLY) === 0) {
					missingLots -= this.#leavesLots[maker] as number;
					if (missingLots <= 0) return true;
				}
			}
		}
		return false;
	}

	#shrink(order: number, leavesLots: number): boolean {
		const lessLots = (this.#leavesLots[order] as number) - leavesLots;
		if (lessLots <= 0) return false;
		const ladder = this.#ladderOf(this.#flags[order] as number);
		const level = this.#level[order] as number;
		this.#leavesLots[order] = leavesLots;
		ladder.qtyLots[level] = (ladder.qtyLots[level] as number) - lessLots;
		this.#listener.levelChanged(ladder.side, this.#priceTicks[order] as number, ladder.qtyLots[level]);
		return true;
	}

	#withdraw(order: number, ladder: Ladder): void {
		this.#orderOfId.delete(this.#ids[order] as string);
		this.#unlink(order, ladder);
		this.#release(order);
	}

	/** To the end of the queue of its price. */
	#link(order: number, ladder: Ladder): void {
		const priceTicks = this.#priceTicks[order] as number;
		const level = ladder.open(priceTicks);
		const tail = ladder.tail[level] as number;
		const qtyLots = (ladder.qtyLots[level] as number) + (this.#leavesLots[order] as number);
		this.#level[order] = level;
		this.#prev[order] = tail;
		this.#next[order] = NONE;
		ladder.tail[level] = order;
		ladder.qtyLots[level] = qtyLots;
		if (tail === NONE) {
			ladder.head[level] = order;
			ladder.mark(level);
		} else {
			this.#next[tail] = order;
		}
		this.#listener.levelChanged(ladder.side, priceTicks, qtyLots);
	}

	#unlink(order: number, ladder: Ladder): void {
		const level = this.#level[order] as number;
		const prev = this.#prev[order] as number;
		const next = this.#next[order] as number;
		ladder.qtyLots[level] = (ladder.qtyLots[level] as number) - (this.#leavesLots[order] as number);
		if (prev === NONE) ladder.head[level] = next;
		else this.#next[prev] = next;
		if (next === NONE) ladder.tail[level] = prev;
		else this.#prev[next] = prev;
		if (prev === NONE && next === NONE) ladder.clear(level);
	}

	#take(): number {
		const order = this.#free;
		if (order !== NONE) {
			this.#free = this.#next[order] as number;
			return order;
		}
		if (this.#used === this.#next.length) this.#grow(2 * this.#used);
		this.#used += 1;
		return this.#used - 1;
	}

	/** The price stays readable until the number is taken again. */
	#release(order: number): void {
		this.#ids[order] = '';
		this.#next[order] = this.#free;
		this.#free = order;
	}

	#grow(orders: number): void {
		this.#next = grown(this.#next, new Int32Array(orders));
		this.#prev = grown(this.#prev, new Int32Array(orders));
		this.#level = grown(this.#level, new Int32Array(orders));
		this.#account = grown(this.#account, new Int32Array(orders));
		this.#flags = grown(this.#flags, new Uint8Array(orders));
		this.#priceTicks = grown(this.#priceTicks, new Float64Array(orders));
		this.#leavesLots = grown(this.#leavesLots, new Float64Array(orders));
	}

	#ladderOf(flags: number): Ladder {
		return (flags & SELL) === 0 ? this.#bids : this.#asks;
	}

	#tellLevel(ladder: Ladder, priceTicks: number): void {
		this.#listener.levelChanged(ladder.side, priceTicks, levelQty(ladder, priceTicks));
	}
}

function levelQty(ladder: Ladder, priceTicks: number): number {
	const level = ladder.find(priceTicks);
	return level === NO_LEVEL ? 0 : (ladder.qtyLots[level] as number);
}

function flagsOf(order: BookOrder): number {
	let flags = stpFlags(order.selfTrade);
	if (order.side === 'sell') flags |= SELL;
	if (order.postOnly) flags |= POST_ONLY;
	if (order.reduceOnly) flags |= REDUCE_ONLY;
	return flags;
}

function stpFlags(policy: SelfTradePolicy): number {
	switch (policy) {
		case 'none':
			return 0;
		case 'cancel-maker':
			return STP_MAKER;
		case 'cancel-taker':
			return STP_TAKER;
		case 'cancel-both':
			return STP;
	}
}
