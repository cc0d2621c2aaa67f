/**
 * The book of one instrument: diffs that are joined to a snapshot which is asked for beside them, and the proofs that it
 * still is what the venue has, since diffs come only where something changes.
 *
 *   diffs ──► BookSync ──► book      best prices of the stream: must show the same touch, soon (F37)
 *   snapshot ──┘                     best prices over REST, while all is quiet: say that the book is still so
 *
 * The best prices also tell of what no number can: the price moved to where the snapshot did not reach, so that orders
 * that have stood there all along are missing.
 */
import { type BookView, createBook, type DistrustReason } from '../../domain/book.ts';
import { BookDelta } from '../../domain/book-delta.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { TimeMs } from '../../domain/units.ts';
import { FilledSides } from '../wire/filled-sides.ts';
import { BookSync, type BreakReason } from './codec/book-sync.ts';
import { DiffBuffer } from './codec/diff-buffer.ts';
import type { BookFrame, Market, TopFrame } from './codec/frames.ts';
import { depthTopic } from './stream-topics.ts';

export type Touch = Pick<BookView, 'bestBidTicks' | 'bestBidLots' | 'bestAskTicks' | 'bestAskLots'>;

/** Diffs come every 100 ms; in recorded hours both streams agreed again within 60 ms. */
const BEHIND_MS_MAX = 1_000;

const REASON: Readonly<Record<BreakReason, DistrustReason>> = {
	gap: 'gap',
	backward: 'gap',
	crossed: 'crossed',
	unreadable: 'unreadable',
	disconnected: 'disconnected',
};

/** What has been asked of the venue, and what it answered with. */
export interface Asked {
	/** The venue's time when it was asked: the picture is not older. */
	readonly askedAtMs: TimeMs;
	readonly receivedAtMs: TimeMs;
}

export class BookFeed {
	instrument: Instrument;
	readonly topic: string;
	readonly sync: BookSync;
	/** When the book was last known to be what the venue has. */
	heardAtMono = 0;
	/** Frames of the book stream, since the connection was made. */
	diffCount = 0;
	readonly #waiting = new DiffBuffer();
	readonly #sides = new FilledSides();
	readonly #joined = new BookDelta();
	/** Best prices of the stream, and the update that they belong to; 0 before the first. */
	#topId = 0;
	#topBidTicks = 0;
	#topAskTicks = 0;
	/** Since when the best prices say that the book is late, or another. */
	#behindSinceMono: number | undefined;
	#otherSinceMono: number | undefined;

	constructor(instrument: Instrument, market: Market) {
		this.instrument = instrument;
		this.topic = depthTopic(instrument.symbol);
		this.sync = new BookSync(market);
	}

	get isLive(): boolean {
		return this.sync.state.kind === 'live';
	}

	/** Nothing is known any more: what comes from here on waits for another snapshot. */
	restart(): void {
		this.sync.restart();
		this.#waiting.clear();
		this.#topId = 0;
		this.#behindSinceMono = undefined;
		this.#otherSinceMono = undefined;
	}

	/** 'apply': the frame belongs into the book; a reason: the book is lost from here on. */
	judge(frame: BookFrame, nowMono: number): 'apply' | 'skip' | DistrustReason {
		this.diffCount += 1;
		const verdict = this.sync.judge(frame);
		if (verdict === 'buffer') {
			this.#waiting.push(frame);
			return 'skip';
		}
		if (verdict === 'broken') return this.#lostFor();
		if (verdict === 'skip') return 'skip';
		if (this.#sides.isPatchedUp(frame.delta)) return 'stale';
		this.heardAtMono = nowMono;
		this.#behindSinceMono = this.#topId > this.sync.sequence ? nowMono : undefined;
		return 'apply';
	}

	/** After a frame was applied. */
	judgeBook(book: BookView | undefined, nowMono: number): DistrustReason | undefined {
		if (book === undefined) return undefined;
		if (this.sync.checkTop(book) === 'broken') return this.#lostFor();
		return this.#judgeTouch(book, nowMono);
	}

	/** Best prices of the stream. 'muted': the book stream does not say what it should; 'stale': it does, and the book is another. */
	judgeTop(
		{ updateId, bidTicks, askTicks }: TopFrame,
		book: BookView | undefined,
		nowMono: number,
	): 'muted' | 'stale' | undefined {
		if (updateId <= this.#topId) return undefined;
		this.#topId = updateId;
		this.#topBidTicks = bidTicks;
		this.#topAskTicks = askTicks;
		if (!this.isLive || book === undefined) return undefined;
		if (updateId <= this.sync.sequence) return this.#judgeTouch(book, nowMono);
		this.#behindSinceMono ??= nowMono;
		return nowMono - this.#behindSinceMono > BEHIND_MS_MAX ? 'muted' : undefined;
	}

	/** Best prices over REST, asked for after the book was last heard of. */
	confirm(touch: Touch, book: BookView | undefined, nowMono: number): 'alive' | 'nothing' | 'muted' {
		if (!this.isLive || book === undefined) return 'nothing';
		if (isSameTouch(touch, book)) {
			this.heardAtMono = nowMono;
			this.#behindSinceMono = undefined;
			this.#otherSinceMono = undefined;
			return 'alive';
		}
		this.#behindSinceMono ??= nowMono;
		return nowMono - this.#behindSinceMono > BEHIND_MS_MAX ? 'muted' : 'nothing';
	}

	/**
	 * The snapshot with all that waited for it folded in, as one snapshot. Nobody sees the book in between, so it is looked at
	 * here after each diff: what a senseless one left behind no longer shows once the other side has moved (F39). Lent until
	 * the next one. 'tooOld': fetch again; a reason: so is it, since this one makes no book.
	 */
	join(snapshot: BookDelta, { askedAtMs, receivedAtMs }: Asked, nowMono: number): BookDelta | 'tooOld' | DistrustReason {
		const verdict = this.sync.judgeSnapshot(snapshot.sequence, this.#waiting.first);
		if (verdict !== 'apply') return 'tooOld';
		const book = createBook();
		book.apply(snapshot);
		let venueAtMs = askedAtMs;
		for (const frame of this.#waiting.take()) {
			const judged = this.sync.judge(frame);
			if (judged === 'broken') return this.#lostFor();
			if (judged !== 'apply') continue;
			book.apply(frame.delta);
			if (this.sync.checkTop(book) === 'broken') return this.#lostFor();
			venueAtMs = Math.max(venueAtMs, frame.pushedAtMs) as TimeMs;
		}
		if (this.sync.checkTop(book) === 'broken') return this.#lostFor();
		const joined = this.#joined;
		joined.reset('snapshot', this.sync.sequence, venueAtMs, receivedAtMs);
		for (let i = 0; i < book.bidCount; i++) joined.push('bid', book.bidTicksAt(i), book.bidLotsAt(i));
		for (let i = 0; i < book.askCount; i++) joined.push('ask', book.askTicksAt(i), book.askLotsAt(i));
		this.#sides.isPatchedUp(joined);
		this.heardAtMono = nowMono;
		return joined;
	}

	/** Only prices: sizes that both streams tell differ for moments now and then, and nothing is wrong. */
	#judgeTouch({ bestBidTicks, bestAskTicks }: Touch, nowMono: number): 'stale' | undefined {
		if (this.#topId === 0 || this.#topId > this.sync.sequence) return undefined;
		if (bestBidTicks === this.#topBidTicks && bestAskTicks === this.#topAskTicks) {
			this.#otherSinceMono = undefined;
			return undefined;
		}
		this.#otherSinceMono ??= nowMono;
		return nowMono - this.#otherSinceMono > BEHIND_MS_MAX ? 'stale' : undefined;
	}

	#lostFor(): DistrustReason {
		const { state } = this.sync;
		return state.kind === 'broken' ? REASON[state.reason] : 'gap';
	}
}

function isSameTouch(touch: Touch, book: Touch): boolean {
	return (
		touch.bestBidTicks === book.bestBidTicks &&
		touch.bestBidLots === book.bestBidLots &&
		touch.bestAskTicks === book.bestAskTicks &&
		touch.bestAskLots === book.bestAskLots
	);
}
