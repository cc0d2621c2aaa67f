/**
 * Follows the numbers of one book topic and says of each message whether the book may take it. A book that lost its
 * thread is never mended from what comes next: only a new subscription, whose first message is a snapshot, makes it whole.
 *
 *   waiting ── snapshot ──► live ── gap, backward, crossed, unreadable, disconnected ──► broken
 *      ▲                     │ ▲                                                           │
 *      └─ restart ───────────┘ └ next delta, newer snapshot              restart (resubscribed) ─► waiting
 *
 * How a stream uses it, for each topic one BookSync:
 *   1. `judge(frame)` before anything else. 'apply': hand the frame on, then `checkTop(book)` if the book is at hand.
 *      'skip': drop the frame. 'broken': drop it, tell whoever reads the book, and see 3.
 *   2. A bad frame of the topic: `fail('unreadable')`. The connection is gone: `fail('disconnected')`.
 *   3. While `state.kind` is 'broken', unsubscribe and subscribe again (a plain second subscribe is refused), with backoff;
 *      call `restart()` once the unsubscription is confirmed, or once a new connection is there. Everything that arrives
 *      while broken is skipped.
 *
 * The numbers (F38, F40): `sequence` rises by one a message and begins again at 1 when the venue restarts;
 * `crossSequence` only ever rises, with gaps, restarts or not. Both together tell a repeated message (both old) from a
 * restart whose snapshot was missed (low sequence, new cross sequence). What cannot be told: a restart whose snapshot is
 * lost just when the new count goes on where the old one stood; but a socket loses nothing in its middle.
 */
import type { BookDeltaKind } from '../../../domain/book-delta.ts';

export type BreakReason = 'gap' | 'backward' | 'crossed' | 'unreadable' | 'disconnected';

export type SyncState =
	| { readonly kind: 'waiting' }
	| { readonly kind: 'live' }
	| { readonly kind: 'broken'; readonly reason: BreakReason };

export type SyncVerdict = 'apply' | 'skip' | 'broken';

/** The part of a BookFrame that counts. */
export interface Numbered {
	readonly delta: { readonly kind: BookDeltaKind; readonly sequence: number };
	readonly crossSequence: number;
}

interface Top {
	readonly isCrossed: boolean;
}

/** The sequence of the first snapshot after the venue restarted. */
const RESTARTED = 1;
/** More repeats than this without a new message in between are no repeats: the venue counts anew, and we missed it. */
const REPEATS_MAX = 16;

const WAITING: SyncState = Object.freeze({ kind: 'waiting' });
const LIVE: SyncState = Object.freeze({ kind: 'live' });

export class BookSync {
	#state: SyncState = WAITING;
	#sequence = 0;
	#crossSequence = 0;
	/** Repeats since the last message that was applied. */
	#repeatsInARow = 0;
	/** Messages that were dropped because they said nothing new. */
	repeatCount = 0;
	/** How often the book broke, for metrics and for backing off. */
	breakCount = 0;

	get state(): SyncState {
		return this.#state;
	}

	/** Of the last message that was applied; 0 before the first. */
	get sequence(): number {
		return this.#sequence;
	}

	get crossSequence(): number {
		return this.#crossSequence;
	}

	/** Whether the book may take the message. Answers 'broken' once, at the message that broke it; then 'skip'. */
	judge({ delta, crossSequence }: Numbered): SyncVerdict {
		const { kind, sequence } = delta;
		if (this.#state.kind === 'broken') return 'skip';
		if (kind === 'snapshot') return this.#snapshot(sequence, crossSequence);
		// Deltas before the first snapshot are left over from an earlier subscription.
		if (this.#state.kind === 'waiting') return 'skip';
		if (sequence === this.#sequence + 1) {
			return crossSequence >= this.#crossSequence ? this.#take(sequence, crossSequence) : this.#break('backward');
		}
		if (sequence > this.#sequence) return this.#break('gap');
		if (crossSequence > this.#crossSequence) return this.#break('backward');
		this.repeatCount++;
		return ++this.#repeatsInARow > REPEATS_MAX ? this.#break('backward') : 'skip';
	}

	/** After the message has been applied: a crossed book cannot be what the venue has (F39). */
	checkTop(book: Top): 'live' | 'broken' {
		if (!book.isCrossed || this.#state.kind !== 'live') return 'live';
		this.#break('crossed');
		return 'broken';
	}

	/** What cannot be read off the numbers: a bad frame, a lost connection. The first reason stays. */
	fail(reason: BreakReason): void {
		if (this.#state.kind !== 'broken') this.#break(reason);
	}

	/** A new subscription begins: nothing is known until its snapshot. */
	restart(): void {
		this.#state = WAITING;
		this.#repeatsInARow = 0;
		this.#sequence = 0;
		this.#crossSequence = 0;
	}

	/**
	 * Replaces the whole book, unless it is older than what the book has. The same one again is the heartbeat of depth 1
	 * and is applied, since it proves that the book is fresh.
	 */
	#snapshot(sequence: number, crossSequence: number): SyncVerdict {
		if (this.#state.kind === 'waiting' || crossSequence > this.#crossSequence) return this.#take(sequence, crossSequence);
		const isSameMoment = crossSequence === this.#crossSequence && (sequence === this.#sequence || sequence === RESTARTED);
		return isSameMoment ? this.#take(sequence, crossSequence) : this.#break('backward');
	}

	#take(sequence: number, crossSequence: number): SyncVerdict {
		this.#state = LIVE;
		this.#repeatsInARow = 0;
		this.#sequence = sequence;
		this.#crossSequence = crossSequence;
		return 'apply';
	}

	#break(reason: BreakReason): SyncVerdict {
		this.#state = Object.freeze({ kind: 'broken', reason });
		this.breakCount++;
		return 'broken';
	}
}
