/**
 * The order book topics. A stream remembers the levels it last published and sends what changed since, in one delta
 * with the next `u`; a new subscriber gets the published levels, so that the next delta fits. Depth 1 sends snapshots
 * only, and repeats the last one when nothing changed for a while; the full book sends deltas only, for clients that
 * begin with the full book of REST.
 */
import type { Level } from '../core/book.ts';
import { Pace } from '../pace.ts';
import type { DeepUpdates } from './deep-updates.ts';
import { FULL_BOOK_LEVELS, type Tape } from './tape.ts';
import type { BybitCategory } from './venue.ts';
import type { TopicStream } from './ws-stream.ts';

const BOOK_INTERVAL_MS: ReadonlyMap<string, number> = new Map([
	['1', 10],
	['50', 20],
	['200', 100],
	['1000', 200],
	['full', 200],
]);
/** The stream whose update ids REST shows, but for the full book. */
const DEEPEST = 1_000;
const LEVEL_ONE_REPEAT_MS = 3_000;

/** How many levels a topic of this depth shows, or null if there is none. */
export function bookDepthOf(category: BybitCategory, depth: string): number | null {
	if (depth === 'full') return category === 'spot' ? FULL_BOOK_LEVELS : null;
	return BOOK_INTERVAL_MS.has(depth) ? Number(depth) : null;
}

export class BookStream implements TopicStream {
	readonly #tape: Tape;
	readonly #topic: string;
	readonly #depth: number;
	readonly #full: boolean;
	readonly #pace: Pace;
	/** Set for the streams whose ids REST shows. */
	readonly #deep: DeepUpdates | undefined;
	#bids: readonly Level[] = [];
	#asks: readonly Level[] = [];
	#updateId = 0;
	/** Of the state last published. */
	#seq = -1;
	#changedAtMs = 0;
	#sentAtMs = 0;

	constructor(tape: Tape, topic: string, depth: number) {
		this.#tape = tape;
		this.#topic = topic;
		this.#depth = depth;
		this.#full = depth === FULL_BOOK_LEVELS;
		this.#deep = this.#full ? tape.fullUpdates : depth === DEEPEST ? tape.deepUpdates : undefined;
		this.#pace = new Pace(BOOK_INTERVAL_MS.get(this.#full ? 'full' : String(depth)) ?? LEVEL_ONE_REPEAT_MS);
	}

	start(nowMs: number, alone: boolean): string | null {
		this.#deep?.streaming(nowMs);
		if (alone || this.#updateId === 0) {
			if (this.#deep !== undefined) this.#updateId = 0; // REST has counted on while nobody listened: take the next
			this.#advance(nowMs);
			this.#sentAtMs = nowMs;
		}
		return this.#full ? null : this.#snapshot(nowMs);
	}

	due(nowMs: number): readonly string[] {
		this.#deep?.streaming(nowMs);
		if (!this.#pace.reached(nowMs)) return [];
		const delta = this.#seq === this.#tape.bookSeq ? null : this.#advance(nowMs);
		if (this.#depth > 1) return delta === null ? [] : [this.#frame('delta', nowMs, delta)];
		if (delta === null && nowMs - this.#sentAtMs < LEVEL_ONE_REPEAT_MS) return [];
		this.#sentAtMs = nowMs;
		return [this.#snapshot(nowMs)];
	}

	/** Takes the book as it is now; answers with what that changed, or null if nothing that this depth shows. */
	#advance(nowMs: number): Sides | null {
		const { venue, shown, bookSeq, bookAtMs } = this.#tape;
		const book = venue.exchange.book(shown.exchangeKey, this.#depth);
		this.#seq = bookSeq;
		const bids = book?.bids ?? [];
		const asks = book?.asks ?? [];
		const changes = {
			b: this.#difference(this.#bids, bids, -1),
			a: this.#difference(this.#asks, asks, 1),
		};
		if (changes.b === '' && changes.a === '' && this.#updateId > 0) return null;
		this.#bids = bids;
		this.#asks = asks;
		this.#updateId = this.#deep?.publish(this.#seq) ?? this.#updateId + 1;
		this.#changedAtMs = bookAtMs === 0 ? nowMs : bookAtMs;
		return changes;
	}

	/** Both lists are sorted, best first, and so is the result. `direction`: 1 where better is lower. */
	#difference(before: readonly Level[], after: readonly Level[], direction: 1 | -1): string {
		let rows = '';
		let left = 0;
		let right = 0;
		for (;;) {
			const old = before[left];
			const young = after[right];
			if (old === undefined && young === undefined) return rows;
			const order = old === undefined ? 1 : young === undefined ? -1 : (old.priceTicks - young.priceTicks) * direction;
			if (old !== undefined && order < 0) rows = joined(rows, this.#row(old.priceTicks, 0));
			if (young !== undefined && (order > 0 || (order === 0 && old?.qtyLots !== young.qtyLots)))
				rows = joined(rows, this.#row(young.priceTicks, young.qtyLots));
			if (order <= 0) left += 1;
			if (order >= 0) right += 1;
		}
	}

	#snapshot(nowMs: number): string {
		return this.#frame('snapshot', nowMs, { b: this.#rows(this.#bids), a: this.#rows(this.#asks) });
	}

	#rows(levels: readonly Level[]): string {
		return levels.map(({ priceTicks, qtyLots }) => this.#row(priceTicks, qtyLots)).join(',');
	}

	#row(priceTicks: number, qtyLots: number): string {
		const { price, qty } = this.#tape.listing;
		return `["${price.format(priceTicks)}","${qtyLots === 0 ? '0' : qty.format(qtyLots)}"]`;
	}

	/** Written out, since most of what a market says are these frames; nothing in one needs an escape. */
	#frame(type: 'snapshot' | 'delta', nowMs: number, { b, a }: Sides): string {
		const data = `{"s":"${this.#tape.shown.symbol}","b":[${b}],"a":[${a}],"u":${this.#updateId},"seq":${this.#seq}}`;
		return `{"topic":"${this.#topic}","type":"${type}","ts":${nowMs},"data":${data},"cts":${this.#changedAtMs}}`;
	}
}

/** The rows of each side as JSON, with commas between them. */
interface Sides {
	readonly b: string;
	readonly a: string;
}

function joined(rows: string, row: string): string {
	return rows === '' ? row : `${rows},${row}`;
}
