/**
 * HOT: codecs fill one of these for every book message: a flat, reusable message about a book, which is a full picture
 * ('snapshot') or changes ('delta').
 * Budget: some 4 ns a level, part of the figure in bench/domain/book.bench.ts. Fence: `push` writes into one typed array
 * and allocates nothing a level; what is in here holds until the next `reset`, so whoever keeps it copies it. Twin: none,
 * since it only stores.
 *
 * Prices and quantities are stored as doubles. 32-bit integers do not suffice: 21.5 coins in lots of 1e-8 already pass
 * 2^31. Doubles are exact for every safe integer.
 */
import type { Lots, Ticks, TimeMs } from './units.ts';

export type BookSide = 'bid' | 'ask';
export type BookDeltaKind = 'snapshot' | 'delta';

/** No venue sends so many levels in one message (Binance answers 5000 a side at most); more is refused, not stored. */
export const DELTA_LEVELS_MAX = 20_000;
const LEVELS_AT_START = 128;

export class BookDelta {
	kind: BookDeltaKind = 'delta';
	/** The venue's number of the book after this message. Whether it follows the last one is judged by the stream. */
	sequence = 0;
	venueAtMs = 0 as TimeMs;
	receivedAtMs = 0 as TimeMs;
	count = 0;
	/**
	 * Pairs of (key, lots). The key carries the side in its sign: a bid's price as it is, an ask's price negated, so that
	 * on both sides the larger key is the better price. Read by the book only; everyone else uses `sideAt` and friends.
	 */
	pairs = new Float64Array(LEVELS_AT_START * 2);

	/** Begins a new message. Times are positional since this runs for every frame: the venue's clock, then ours. */
	reset(kind: BookDeltaKind, sequence: number, venueAtMs: TimeMs, receivedAtMs: TimeMs): void {
		this.kind = kind;
		this.sequence = sequence;
		this.venueAtMs = venueAtMs;
		this.receivedAtMs = receivedAtMs;
		this.count = 0;
	}

	/**
	 * Says that a price now holds this many lots; zero lots delete the price. A later push about the same price wins.
	 * Throws on what is no whole number in range: such a number is a bug of the codec, and the book must not see it.
	 */
	push(side: BookSide, ticks: Ticks, lots: Lots): void {
		if (!(Number.isSafeInteger(ticks) && ticks > 0 && Number.isSafeInteger(lots) && lots >= 0)) refuse(ticks, lots);
		const at = this.count * 2;
		if (at === this.pairs.length) this.#grow();
		this.pairs[at] = side === 'bid' ? ticks : -ticks;
		this.pairs[at + 1] = lots;
		this.count++;
	}

	sideAt(index: number): BookSide {
		return this.#read(index * 2) > 0 ? 'bid' : 'ask';
	}

	ticksAt(index: number): Ticks {
		return Math.abs(this.#read(index * 2)) as Ticks;
	}

	lotsAt(index: number): Lots {
		return this.#read(index * 2 + 1) as Lots;
	}

	#read(at: number): number {
		if (!(at >= 0 && at < this.count * 2)) throw new RangeError(`no level at ${at >> 1}: the delta holds ${this.count}`);
		return this.pairs[at] as number;
	}

	#grow(): void {
		if (this.count >= DELTA_LEVELS_MAX) throw new RangeError(`a book message holds ${DELTA_LEVELS_MAX} levels at most`);
		const grown = new Float64Array(Math.min(this.pairs.length * 2, DELTA_LEVELS_MAX * 2));
		grown.set(this.pairs);
		this.pairs = grown;
	}
}

function refuse(ticks: number, lots: number): never {
	throw new RangeError(`a level needs a whole price above zero and whole lots from zero up, found ${ticks} and ${lots}`);
}
