/**
 * The book topic of one instrument, with a canary beside it: depth 1, which repeats itself every 3 s even when nothing
 * moves. The canary proves that the symbol is alive while its book is quiet, and gives a muted or lagging book topic
 * away (F37): the book must show the same touch, soon.
 */
import type { BookView, DistrustReason } from '../../domain/book.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { FilledSides } from '../wire/filled-sides.ts';
import { BookSync, type BreakReason } from './codec/book-sync.ts';
import type { BookDepth, BookFrame } from './codec/frames.ts';
import { Ticker } from './tickers.ts';

export type Touch = Pick<BookView, 'bestBidTicks' | 'bestBidLots' | 'bestAskTicks' | 'bestAskLots'>;

/** The slowest depth is sent every 200 ms; a book that is behind its own touch for longer than this is not being fed. */
const BEHIND_MS_MAX = 1_000;
/** Two repeats of the canary and a bit. */
const SILENT_MS_MAX = 8_000;

const REASON: Readonly<Record<BreakReason, DistrustReason>> = {
	gap: 'gap',
	backward: 'gap',
	crossed: 'crossed',
	unreadable: 'unreadable',
	disconnected: 'disconnected',
};

export class BookFeed {
	instrument: Instrument;
	readonly topic: string;
	readonly canaryTopic: string;
	readonly sync = new BookSync();
	readonly ticker = new Ticker();
	/** When whoever takes the events last heard of the book. */
	toldAtMono = 0;
	#heardAtMono: number;
	readonly #sides = new FilledSides();
	#behindSinceMono: number | undefined;

	constructor(instrument: Instrument, depth: BookDepth, nowMono: number) {
		this.instrument = instrument;
		this.topic = `orderbook.${depth}.${instrument.symbol}`;
		this.canaryTopic = `orderbook.1.${instrument.symbol}`;
		this.#heardAtMono = nowMono;
	}

	/** A subscription begins, or is about to. */
	restart(nowMono: number): void {
		this.sync.restart();
		this.#behindSinceMono = undefined;
		this.#heardAtMono = nowMono;
	}

	/** 'apply': the frame belongs into the book; a reason: the book is lost from here on. */
	judge(frame: BookFrame, nowMono: number): 'apply' | 'skip' | DistrustReason {
		const verdict = this.sync.judge(frame);
		if (verdict === 'broken') return this.#lostFor();
		if (verdict === 'apply') {
			if (this.#sides.isPatchedUp(frame.delta)) return this.fail('stale');
			this.#heardAtMono = nowMono;
			this.#behindSinceMono = undefined;
		}
		return verdict;
	}

	/** After a frame was applied. */
	judgeTop(book: Pick<BookView, 'isCrossed'> | undefined): DistrustReason | undefined {
		return book !== undefined && this.sync.checkTop(book) === 'broken' ? this.#lostFor() : undefined;
	}

	/** 'alive': the book still is what the venue has. */
	judgeCanary({ delta }: BookFrame, book: Touch | undefined, nowMono: number): 'alive' | 'nothing' | DistrustReason {
		// Where the snapshot is missing, the canary must not hide that the book says nothing.
		if (this.sync.state.kind !== 'live') return 'nothing';
		this.#heardAtMono = nowMono;
		if (book === undefined) return 'nothing';
		let isSame = delta.count === Number(book.bestBidLots > 0) + Number(book.bestAskLots > 0);
		for (let i = 0; i < delta.count && isSame; i++) {
			const isBid = delta.sideAt(i) === 'bid';
			isSame =
				delta.ticksAt(i) === (isBid ? book.bestBidTicks : book.bestAskTicks) &&
				delta.lotsAt(i) === (isBid ? book.bestBidLots : book.bestAskLots);
		}
		if (isSame) {
			this.#behindSinceMono = undefined;
			return 'alive';
		}
		this.#behindSinceMono ??= nowMono;
		return nowMono - this.#behindSinceMono > BEHIND_MS_MAX ? this.fail('stale') : 'nothing';
	}

	/** Nothing that a book can be made of or kept by, for too long. */
	isSilent(nowMono: number): boolean {
		return nowMono - this.#heardAtMono > SILENT_MS_MAX;
	}

	fail(reason: 'stale' | 'unreadable' | 'disconnected'): DistrustReason {
		this.sync.fail(reason === 'stale' ? 'gap' : reason);
		return reason;
	}

	#lostFor(): DistrustReason {
		const { state } = this.sync;
		return state.kind === 'broken' ? REASON[state.reason] : 'gap';
	}
}
