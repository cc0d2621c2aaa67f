/**
 * HOT: one side of `book-fast.ts`, price levels in flat arrays. Fence: this file and `book-fast.ts` mutate the arrays;
 * nobody else sees them. Budget: bench/exchange/matching.bench.ts.
 *
 * A price becomes a rank, higher is better on both sides. 1,024 ranks are a page; only pages that hold an order exist,
 * in an array sorted by rank with the best at its end. In a page, 32 words of 32 bits mark the levels that hold orders
 * and one summary word marks the words that are not zero, so the best level is three reads and two `clz32`:
 *
 *   pages (sorted) ... [page 61] [page 62] <- best      summary 0..1....   words[5] 0.1.....   -> rank, level
 *
 * A level is a number: page slot * 1,024 + offset. Levels hold the head and tail of their queue and its total.
 */
import { type BookSide, MAX_PRICE_TICKS } from './book.ts';

const PAGE_SHIFT = 10;
const PAGE_LEVELS = 1 << PAGE_SHIFT;
const PAGE_WORDS = PAGE_LEVELS / 32;
const SLOTS_START = 2;

/** No level. */
export const NO_LEVEL = -1;

export class Ladder {
	readonly side: BookSide;
	/** Per level; order number 0 means none. */
	head = new Int32Array(SLOTS_START * PAGE_LEVELS);
	tail = new Int32Array(SLOTS_START * PAGE_LEVELS);
	qtyLots = new Float64Array(SLOTS_START * PAGE_LEVELS);
	#words = new Int32Array(SLOTS_START * PAGE_WORDS);
	#summary = new Int32Array(SLOTS_START);
	#pageOfSlot = new Int32Array(SLOTS_START);
	/** Sorted by page number; the slot of each beside it. */
	#pages = new Int32Array(SLOTS_START);
	#slots = new Int32Array(SLOTS_START);
	#pageCount = 0;
	#freeSlots: number[] = [];
	#slotsUsed = 0;
	readonly #isBid: boolean;

	constructor(side: BookSide) {
		this.side = side;
		this.#isBid = side === 'bid';
	}

	/** Higher is better. A taker of price p reaches every level whose rank is at least `rank(p)`. */
	rank(priceTicks: number): number {
		return this.#isBid ? priceTicks : MAX_PRICE_TICKS - priceTicks;
	}

	rankOf(level: number): number {
		return (this.#pageOfSlot[level >>> PAGE_SHIFT] as number) * PAGE_LEVELS + (level & (PAGE_LEVELS - 1));
	}

	priceOf(level: number): number {
		const rank = this.rankOf(level);
		return this.#isBid ? rank : MAX_PRICE_TICKS - rank;
	}

	best(): number {
		if (this.#pageCount === 0) return NO_LEVEL;
		return this.#topOf(this.#slots[this.#pageCount - 1] as number);
	}

	/** The level of a price, or none if no order of its page rests. It may be empty. */
	find(priceTicks: number): number {
		const rank = this.rank(priceTicks);
		const page = Math.floor(rank / PAGE_LEVELS);
		const place = this.#placeOf(page);
		if (place === this.#pageCount || this.#pages[place] !== page) return NO_LEVEL;
		return (this.#slots[place] as number) * PAGE_LEVELS + (rank - page * PAGE_LEVELS);
	}

	/** The level of a price, with a page under it. The caller puts an order there and calls `mark`. */
	open(priceTicks: number): number {
		const rank = this.rank(priceTicks);
		const page = Math.floor(rank / PAGE_LEVELS);
		const place = this.#placeOf(page);
		const known = place < this.#pageCount && this.#pages[place] === page;
		const slot = known ? (this.#slots[place] as number) : this.#addPage(place, page);
		return slot * PAGE_LEVELS + (rank - page * PAGE_LEVELS);
	}

	/** The level has its first order. */
	mark(level: number): void {
		const slot = level >>> PAGE_SHIFT;
		const word = level >>> 5;
		this.#words[word] = (this.#words[word] as number) | (1 << (level & 31));
		this.#summary[slot] = (this.#summary[slot] as number) | (1 << (word & 31));
	}

	/** The level has lost its last order. Its page goes with the last level. */
	clear(level: number): void {
		const slot = level >>> PAGE_SHIFT;
		const word = level >>> 5;
		const bits = (this.#words[word] as number) & ~(1 << (level & 31));
		this.#words[word] = bits;
		if (bits !== 0) return;
		const summary = (this.#summary[slot] as number) & ~(1 << (word & 31));
		this.#summary[slot] = summary;
		if (summary === 0) this.#dropPage(slot);
	}

	/** The next level after this one, away from the best. */
	worse(level: number): number {
		const slot = level >>> PAGE_SHIFT;
		const word = level >>> 5;
		const lowerBits = (this.#words[word] as number) & ((1 << (level & 31)) - 1);
		if (lowerBits !== 0) return word * 32 + 31 - Math.clz32(lowerBits);
		const lowerWords = (this.#summary[slot] as number) & ((1 << (word & 31)) - 1);
		if (lowerWords !== 0) {
			const next = slot * PAGE_WORDS + 31 - Math.clz32(lowerWords);
			return next * 32 + 31 - Math.clz32(this.#words[next] as number);
		}
		const place = this.#placeOf(this.#pageOfSlot[slot] as number);
		return place === 0 ? NO_LEVEL : this.#topOf(this.#slots[place - 1] as number);
	}

	#topOf(slot: number): number {
		const word = slot * PAGE_WORDS + 31 - Math.clz32(this.#summary[slot] as number);
		return word * 32 + 31 - Math.clz32(this.#words[word] as number);
	}

	/** Where a page stands in the sorted array, or would. */
	#placeOf(page: number): number {
		let low = 0;
		let high = this.#pageCount;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.#pages[middle] as number) < page) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	#addPage(place: number, page: number): number {
		const slot = this.#freeSlots.pop() ?? this.#newSlot();
		if (this.#pageCount === this.#pages.length) {
			this.#pages = grown(this.#pages, new Int32Array(2 * this.#pages.length));
			this.#slots = grown(this.#slots, new Int32Array(2 * this.#slots.length));
		}
		this.#pages.copyWithin(place + 1, place, this.#pageCount);
		this.#slots.copyWithin(place + 1, place, this.#pageCount);
		this.#pages[place] = page;
		this.#slots[place] = slot;
		this.#pageOfSlot[slot] = page;
		this.#pageCount += 1;
		return slot;
	}

	#dropPage(slot: number): void {
		const place = this.#placeOf(this.#pageOfSlot[slot] as number);
		this.#pages.copyWithin(place, place + 1, this.#pageCount);
		this.#slots.copyWithin(place, place + 1, this.#pageCount);
		this.#pageCount -= 1;
		this.#freeSlots.push(slot);
	}

	/** Slots are never given back: their number is the most pages that ever held orders at once. */
	#newSlot(): number {
		if (this.#slotsUsed === this.#summary.length) {
			const slots = 2 * this.#slotsUsed;
			this.head = grown(this.head, new Int32Array(slots * PAGE_LEVELS));
			this.tail = grown(this.tail, new Int32Array(slots * PAGE_LEVELS));
			this.qtyLots = grown(this.qtyLots, new Float64Array(slots * PAGE_LEVELS));
			this.#words = grown(this.#words, new Int32Array(slots * PAGE_WORDS));
			this.#summary = grown(this.#summary, new Int32Array(slots));
			this.#pageOfSlot = grown(this.#pageOfSlot, new Int32Array(slots));
		}
		this.#slotsUsed += 1;
		return this.#slotsUsed - 1;
	}
}

/** The larger array with the contents of the smaller. */
export function grown<Numbers extends Int32Array | Float64Array | Uint8Array>(from: Numbers, into: Numbers): Numbers {
	into.set(from);
	return into;
}
