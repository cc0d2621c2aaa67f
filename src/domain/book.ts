/**
 * HOT: the public order book of one instrument, price by price (L2); `apply` runs for every book message.
 * Budget: 12 level changes in 150 ns on 50 levels, 250 ns on 1000 (bench/domain/book.bench.ts). Fence: this file,
 * book-ladder.ts and book-table.ts mutate and reuse; callers get numbers, never arrays. Twin: book-plain.ts says the same
 * simply; book.suite.ts holds for both. Private fields with # measured no slower than plain ones.
 * A message is a fact and is never refused: a crossed book says so, and whoever follows the venue's sequence numbers
 * marks a book it no longer believes with `distrust`. Only a snapshot makes it whole again.
 */
import type { BookDelta, BookSide } from './book-delta.ts';
import { hashBook } from './book-hash.ts';
import { Ladder } from './book-ladder.ts';
import type { Lots, Ticks, TimeMs } from './units.ts';

export type { BookSide } from './book-delta.ts';

/** Why the levels may not be what the venue has. */
export type DistrustReason = 'gap' | 'crossed' | 'stale' | 'disconnected' | 'checksum' | 'unreadable';

/** 'empty': no snapshot yet, whatever levels may have come since. Quote on 'whole' only. */
export type BookTrust =
	| { readonly kind: 'empty' }
	| { readonly kind: 'whole' }
	| { readonly kind: 'broken'; readonly reason: DistrustReason };

/** What readers see. An empty side has best ticks 0 and best lots 0; no level has either, so 0 cannot be mistaken. */
export interface BookView {
	/** Grows with every call of `apply`, `clear` and `distrust`. */
	readonly version: number;
	/** Grows only when the price or size of the best bid or the best ask changed. Trust is not part of it. */
	readonly topVersion: number;
	readonly trust: BookTrust;
	/** The venue's number and clock, and our clock, of the last message; 0 before the first and after `clear`. */
	readonly sequence: number;
	readonly venueAtMs: TimeMs;
	readonly receivedAtMs: TimeMs;
	/** Deletes of levels that the book did not have, since the book was made. A few are normal at the far end. */
	readonly unknownDeleteCount: number;
	/** Levels dropped at the far end because the side was full, since the book was made. */
	readonly trimmedLevelCount: number;
	/** Levels were dropped since the last snapshot: what lies at the far end is no longer complete. */
	readonly isTrimmed: boolean;

	readonly bestBidTicks: Ticks;
	readonly bestBidLots: Lots;
	readonly bestAskTicks: Ticks;
	readonly bestAskLots: Lots;
	/** Best bid plus best ask, which is exact where the mid need not be whole; 0 unless both sides are there. */
	readonly midTwiceTicks: number;
	readonly isTwoSided: boolean;
	/** The best bid is at or above the best ask, which no matching engine shows for long. */
	readonly isCrossed: boolean;

	/** Levels on the side, and each of them from the best (index 0) outwards; 0 past the end. */
	readonly bidCount: number;
	readonly askCount: number;
	bidTicksAt(index: number): Ticks;
	bidLotsAt(index: number): Lots;
	askTicksAt(index: number): Ticks;
	askLotsAt(index: number): Lots;
	/** Lots at exactly this price; 0 when there are none. */
	lotsAt(side: BookSide, ticks: Ticks): Lots;
	/** Lots of the best `levelCount` levels together. */
	lotsWithin(side: BookSide, levelCount: number): Lots;
	/** Average price of taking this many lots from the side, for models; NaN when the side does not hold them. */
	vwapTicks(side: BookSide, lots: Lots): number;
	/** 32 bits that follow from the levels alone. Equal books hash equal, whatever built them. */
	hash(): number;
}

export interface OrderBook extends BookView {
	/** Takes a message over. A snapshot replaces all levels and restores trust; a delta changes single levels. */
	apply(delta: BookDelta): void;
	/** Back to 'empty'; counters go on. */
	clear(): void;
	/** The levels stay readable; `trust` says 'broken' until the next snapshot or `clear`. The first reason stays. */
	distrust(reason: DistrustReason): void;
}

export interface OrderBookOptions {
	/** Bound on the levels of one side, checked after each message; the farthest ones beyond it are dropped and counted. */
	readonly levelsMax?: number;
}

/** Twice what the deepest stream we use keeps (1000 levels a side). */
const BOOK_LEVELS_MAX = 2000;

const EMPTY: BookTrust = Object.freeze({ kind: 'empty' });
const WHOLE: BookTrust = Object.freeze({ kind: 'whole' });

export function createBook(options: OrderBookOptions = {}): OrderBook {
	return new LadderBook(levelsMaxOf(options));
}

export function levelsMaxOf({ levelsMax = BOOK_LEVELS_MAX }: OrderBookOptions): number {
	if (!Number.isSafeInteger(levelsMax) || levelsMax < 1)
		throw new RangeError(`levelsMax must be whole and above 0, found ${levelsMax}`);
	return levelsMax;
}

class LadderBook implements OrderBook {
	version = 0;
	topVersion = 0;
	trust: BookTrust = EMPTY;
	sequence = 0;
	venueAtMs = 0 as TimeMs;
	receivedAtMs = 0 as TimeMs;
	unknownDeleteCount = 0;
	trimmedLevelCount = 0;
	isTrimmed = false;
	// The top is kept beside the levels: it is read far more often than it changes, and `apply` compares it with the new one.
	bestBidTicks = 0 as Ticks;
	bestBidLots = 0 as Lots;
	bestAskTicks = 0 as Ticks;
	bestAskLots = 0 as Lots;
	readonly #levelsMax: number;
	readonly #bids = new Ladder();
	readonly #asks = new Ladder();

	constructor(levelsMax: number) {
		this.#levelsMax = levelsMax;
	}

	apply(delta: BookDelta): void {
		if (delta.kind === 'snapshot') {
			this.#bids.clear();
			this.#asks.clear();
			this.trust = WHOLE;
			this.isTrimmed = false;
		}
		this.#fold(delta);
		if (this.#bids.count > this.#levelsMax || this.#asks.count > this.#levelsMax) this.#trim();
		this.sequence = delta.sequence;
		this.venueAtMs = delta.venueAtMs;
		this.receivedAtMs = delta.receivedAtMs;
		this.version++;
		this.#readTop();
	}

	clear(): void {
		this.#bids.clear();
		this.#asks.clear();
		this.trust = EMPTY;
		this.sequence = 0;
		this.venueAtMs = 0 as TimeMs;
		this.receivedAtMs = 0 as TimeMs;
		this.isTrimmed = false;
		this.version++;
		this.#readTop();
	}

	distrust(reason: DistrustReason): void {
		if (this.trust.kind !== 'broken') this.trust = Object.freeze({ kind: 'broken', reason });
		this.version++;
	}

	#fold(delta: BookDelta): void {
		const { pairs, count } = delta;
		const bids = this.#bids;
		const asks = this.#asks;
		for (let at = 0; at < count * 2; at += 2) {
			const key = pairs[at] as number;
			const lots = pairs[at + 1] as number;
			const ladder = key > 0 ? bids : asks;
			if (lots > 0) ladder.set(key, lots);
			else if (!ladder.remove(key)) this.unknownDeleteCount++;
		}
	}

	#trim(): void {
		this.trimmedLevelCount += this.#bids.trim(this.#levelsMax) + this.#asks.trim(this.#levelsMax);
		this.isTrimmed = true;
	}

	#readTop(): void {
		const bidKey = this.#bids.keyAt(0);
		const askKey = this.#asks.keyAt(0);
		const bidLots = this.#bids.lotsOf(bidKey);
		const askLots = this.#asks.lotsOf(askKey);
		const same =
			bidKey === this.bestBidTicks &&
			-askKey === this.bestAskTicks &&
			bidLots === this.bestBidLots &&
			askLots === this.bestAskLots;
		if (same) return;
		this.bestBidTicks = bidKey as Ticks;
		this.bestBidLots = bidLots as Lots;
		this.bestAskTicks = Math.abs(askKey) as Ticks;
		this.bestAskLots = askLots as Lots;
		this.topVersion++;
	}

	get midTwiceTicks(): number {
		return this.isTwoSided ? this.bestBidTicks + this.bestAskTicks : 0;
	}

	get isTwoSided(): boolean {
		return this.bestBidLots > 0 && this.bestAskLots > 0;
	}

	get isCrossed(): boolean {
		return this.isTwoSided && this.bestBidTicks >= this.bestAskTicks;
	}

	get bidCount(): number {
		return this.#bids.count;
	}

	get askCount(): number {
		return this.#asks.count;
	}

	bidTicksAt(index: number): Ticks {
		return this.#bids.keyAt(index) as Ticks;
	}

	bidLotsAt(index: number): Lots {
		return this.#bids.lotsOf(this.#bids.keyAt(index)) as Lots;
	}

	askTicksAt(index: number): Ticks {
		return Math.abs(this.#asks.keyAt(index)) as Ticks;
	}

	askLotsAt(index: number): Lots {
		return this.#asks.lotsOf(this.#asks.keyAt(index)) as Lots;
	}

	lotsAt(side: BookSide, ticks: Ticks): Lots {
		return (side === 'bid' ? this.#bids.lotsOf(ticks) : this.#asks.lotsOf(-ticks)) as Lots;
	}

	lotsWithin(side: BookSide, levelCount: number): Lots {
		const ladder = side === 'bid' ? this.#bids : this.#asks;
		const end = Math.min(levelCount, ladder.count);
		let sum = 0;
		for (let i = 0; i < end; i++) sum += ladder.lotsOf(ladder.keyAt(i));
		return sum as Lots;
	}

	vwapTicks(side: BookSide, lots: Lots): number {
		const ladder = side === 'bid' ? this.#bids : this.#asks;
		const bestKey = ladder.keyAt(0);
		let leftLots = lots as number;
		// Summed as distances from the best price, which stay small enough to be exact where prices times lots would not.
		let distance = 0;
		for (let i = 0; i < ladder.count && leftLots > 0; i++) {
			const key = ladder.keyAt(i);
			const takenLots = Math.min(leftLots, ladder.lotsOf(key));
			distance += takenLots * (bestKey - key);
			leftLots -= takenLots;
		}
		return lots > 0 && leftLots === 0 ? Math.abs(bestKey - distance / lots) : Number.NaN;
	}

	hash(): number {
		return hashBook(this);
	}
}
