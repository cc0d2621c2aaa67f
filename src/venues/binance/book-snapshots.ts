/**
 * Asks for the snapshots that books wait for: a few at once, one at a time for each book, and slower each time where one
 * was of no use. What was asked before the book began anew is not told.
 */
import { fullJitterMs } from '../../network/reconnect.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Rng } from '../../ports/rng.ts';
import type { Market } from './codec/frames.ts';
import type { Read } from './read.ts';
import { depthWeight } from './reads.ts';

export type AskDepth = (symbol: string, limit: number, heard: (read: Read<Uint8Array>) => void) => void;

/** Whoever waits for a snapshot. */
export interface Waiting {
	readonly instrument: { readonly symbol: string };
}

export type Usefulness = 'joined' | 'useless';

export interface BookSnapshotsParts<Book extends Waiting> {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly limit: number;
	readonly ask: AskDepth;
	/** What becomes of an answer. */
	readonly heard: (book: Book, read: Read<Uint8Array>) => Usefulness;
}

interface Entry {
	/** In a row. */
	failures: number;
	joinedAtMono: number | undefined;
	/** The ask whose answer counts. */
	asked: object | undefined;
	timer: Timer | undefined;
}

const AT_ONCE_MAX = 4;
/** A symbol without a book is not quoted, so the longest pause is short (I24). */
const RETRY = { baseDelayMs: 500, maxDelayMs: 15_000 };
/** A book that held for so long was good: its next failure is the first one in a row. */
const STEADY_MS = 10_000;

export class BookSnapshots<Book extends Waiting> {
	readonly #parts: BookSnapshotsParts<Book>;
	readonly #entries = new Map<Book, Entry>();
	readonly #queue: Book[] = [];
	#askedCount = 0;

	constructor(parts: BookSnapshotsParts<Book>) {
		this.#parts = parts;
	}

	isWanted(book: Book): boolean {
		const entry = this.#entries.get(book);
		return entry !== undefined && entry.joinedAtMono === undefined;
	}

	/** The book begins anew: an answer that is on its way is of no use to it. */
	want(book: Book): void {
		const entry = this.#entries.get(book) ?? { failures: -1, joinedAtMono: undefined, asked: undefined, timer: undefined };
		this.#entries.set(book, entry);
		const { joinedAtMono } = entry;
		const wasSteady = joinedAtMono !== undefined && this.#parts.clock.monotonicMs() - joinedAtMono >= STEADY_MS;
		entry.failures = wasSteady ? 0 : entry.failures + 1;
		this.#askLater(book, entry);
	}

	clear(): void {
		for (const [book, entry] of this.#entries) this.#leave(book, entry);
		this.#entries.clear();
	}

	#leave(book: Book, entry: Entry): void {
		entry.timer?.cancel();
		entry.asked = undefined;
		const at = this.#queue.indexOf(book);
		if (at >= 0) this.#queue.splice(at, 1);
	}

	#askLater(book: Book, entry: Entry): void {
		this.#leave(book, entry);
		entry.joinedAtMono = undefined;
		const delayMs = entry.failures === 0 ? 0 : fullJitterMs(this.#parts.rng, RETRY, entry.failures);
		entry.timer = this.#parts.clock.after(delayMs, () => {
			this.#queue.push(book);
			this.#askNext();
		});
	}

	#askNext(): void {
		while (this.#askedCount < AT_ONCE_MAX) {
			const book = this.#queue.shift();
			const entry = book === undefined ? undefined : this.#entries.get(book);
			if (book === undefined || entry === undefined) return;
			const asked = {};
			entry.asked = asked;
			this.#askedCount += 1;
			this.#parts.ask(book.instrument.symbol, this.#parts.limit, (read) => {
				this.#askedCount -= 1;
				if (entry.asked === asked) this.#apply(book, entry, read);
				this.#askNext();
			});
		}
	}

	#apply(book: Book, entry: Entry, read: Read<Uint8Array>): void {
		entry.asked = undefined;
		if (this.#parts.heard(book, read) === 'joined') {
			entry.joinedAtMono = this.#parts.clock.monotonicMs();
			return;
		}
		entry.failures += 1;
		this.#askLater(book, entry);
	}
}

/** Of what the venue takes in a minute, the first snapshots of all books together may use a quarter. */
const WEIGHT_MAX: Readonly<Record<Market, number>> = { spot: 1_500, linear: 600 };
/** Twice as deep as any stream would keep is as deep as our own books go. */
const LIMITS = [1_000, 500] as const;
const LIMIT_MIN = 100;

/** How many levels a side, so that the books of so many symbols can be had soon. */
export function depthLimit(market: Market, bookCount: number): number {
	return LIMITS.find((limit) => bookCount * depthWeight(market, limit) <= WEIGHT_MAX[market]) ?? LIMIT_MIN;
}
