/**
 * Joins the diffs of one book to a snapshot that is fetched beside them, and says of each diff whether the book may take
 * it. A book that lost its thread is never mended from what comes next: only another snapshot makes it whole.
 *
 *   waiting ── snapshot that reaches the diffs ──► live ── gap, backward, crossed, unreadable, disconnected ──► broken
 *      ▲  └ 'tooOld': fetch again                                                                                 │
 *      └──────────────────────────────────── restart ◄────────────────────────────────────────────────────────────┘
 *
 * How a stream uses it, for each book one BookSync and one DiffBuffer:
 *   1. Subscribe, then ask for the snapshot. `judge(diff)` before anything else; 'buffer': keep a copy in the DiffBuffer.
 *   2. The snapshot is there: `judgeSnapshot(lastUpdateId, buffer.first)`. 'tooOld': keep buffering and fetch again.
 *      'apply': hand it on, then judge what is in the buffer, one by one, as if it came now, and empty the buffer.
 *   3. 'apply': hand the diff on, then `checkTop(book)` if the book is at hand. 'skip': drop it. 'broken': drop it, tell
 *      whoever reads the book, `restart()`, and fetch a snapshot, with backoff; the subscription may stay.
 *   4. A bad frame of the book: `fail('unreadable')`. The connection is gone: `fail('disconnected')`.
 *
 * The numbers (F38). A diff holds all that changed after `previousId` up to `sequence`, as levels are at its end. So a
 * book that stands anywhere between the two is whole after it, which is how snapshots and diffs are joined: on spot
 * `U ≤ lastUpdateId + 1 ≤ u`, where `previousId` is `U - 1`; on futures `U ≤ lastUpdateId ≤ u`, or, with nothing in
 * between, `pu ≤ lastUpdateId`. From then on futures promise that `pu` is the last diff's `u`, so anything else is a gap;
 * on spot a diff may reach back behind it.
 */
import type { Market } from './frames.ts';

export type BreakReason = 'gap' | 'backward' | 'crossed' | 'unreadable' | 'disconnected';

export type SyncState =
	| { readonly kind: 'waiting' }
	| { readonly kind: 'live' }
	| { readonly kind: 'broken'; readonly reason: BreakReason };

export type SyncVerdict = 'buffer' | 'apply' | 'skip' | 'broken';

/** The part of a BookFrame that counts. */
export interface Numbered {
	readonly delta: { readonly sequence: number };
	readonly previousId: number;
}

interface Top {
	readonly isCrossed: boolean;
}

/**
 * Diffs that only say what the snapshot knew are normal behind a snapshot, for as long as the stream runs behind it; more
 * of them in a row, half a minute at 100 ms, are a venue that counts anew.
 */
export const OLD_IN_A_ROW_MAX = 300;

const WAITING: SyncState = Object.freeze({ kind: 'waiting' });
const LIVE: SyncState = Object.freeze({ kind: 'live' });

export class BookSync {
	readonly #mayReachBack: boolean;
	#state: SyncState = WAITING;
	#sequence = 0;
	/** A snapshot was taken over, and no diff since. */
	#isJoining = false;
	#oldInARow = 0;
	/** Diffs that were dropped because they said nothing new. */
	oldCount = 0;
	/** How often the book broke, for metrics and for backing off. */
	breakCount = 0;

	constructor(market: Market) {
		this.#mayReachBack = market === 'spot';
	}

	get state(): SyncState {
		return this.#state;
	}

	/** Of the last update that is in the book; 0 before the first. */
	get sequence(): number {
		return this.#sequence;
	}

	/** Answers 'broken' once, at the diff that broke the book; then 'skip'. */
	judge({ delta, previousId }: Numbered): SyncVerdict {
		const { sequence } = delta;
		if (this.#state.kind === 'broken') return 'skip';
		if (this.#state.kind === 'waiting') return 'buffer';
		if (sequence <= this.#sequence) return this.#skip();
		const follows = this.#isJoining || this.#mayReachBack ? previousId <= this.#sequence : previousId === this.#sequence;
		if (!follows) return this.#break('gap');
		this.#sequence = sequence;
		this.#isJoining = false;
		this.#oldInARow = 0;
		return 'apply';
	}

	/** `first` is the oldest diff that was kept, if any: a snapshot from before it leaves a hole between them. */
	judgeSnapshot(lastUpdateId: number, first: Numbered | undefined): 'apply' | 'tooOld' | 'skip' {
		if (this.#state.kind !== 'waiting') return 'skip';
		if (first !== undefined && first.previousId > lastUpdateId) return 'tooOld';
		this.#state = LIVE;
		this.#sequence = lastUpdateId;
		this.#isJoining = true;
		this.#oldInARow = 0;
		return 'apply';
	}

	/** A partial book is all there is each time: it is taken unless it is older than the last one. */
	judgePartial({ delta }: Numbered): 'apply' | 'skip' | 'broken' {
		const { sequence } = delta;
		if (this.#state.kind === 'broken') return 'skip';
		if (this.#state.kind === 'live' && sequence < this.#sequence) return this.#skip();
		this.#state = LIVE;
		this.#sequence = sequence;
		this.#oldInARow = 0;
		return 'apply';
	}

	/** After the diff has been applied: a crossed book cannot be what the venue has (F39). */
	checkTop(book: Top): 'live' | 'broken' {
		if (!book.isCrossed || this.#state.kind !== 'live') return 'live';
		this.#break('crossed');
		return 'broken';
	}

	/** What cannot be read off the numbers: a bad frame, a lost connection. The first reason stays. */
	fail(reason: BreakReason): void {
		if (this.#state.kind !== 'broken') this.#break(reason);
	}

	/** Nothing is known until the next snapshot. */
	restart(): void {
		this.#state = WAITING;
		this.#sequence = 0;
		this.#isJoining = false;
		this.#oldInARow = 0;
	}

	#skip(): 'skip' | 'broken' {
		this.oldCount++;
		return ++this.#oldInARow > OLD_IN_A_ROW_MAX ? this.#break('backward') : 'skip';
	}

	#break(reason: BreakReason): 'broken' {
		this.#state = Object.freeze({ kind: 'broken', reason });
		this.breakCount++;
		return 'broken';
	}
}
