/**
 * The streams that both markets have, but for what they print: books as changes or as their best levels, best prices,
 * candles, figures that are told again while they change. When something is said is decided here, the words are the
 * market's own.
 */
import type { Level } from '../core/book.ts';
import { Pace } from '../pace.ts';
import { type Candle, candleSpan } from './candles.ts';
import { type Json, printJson } from './numbers.ts';
import type { Tape } from './tape.ts';
import { BookChanges, type BookLevelChange, type ChangedLevels, type MarketStream, type Say } from './ws-stream.ts';

/** `toldSeq`: the last level change that was told before, or that was made before anybody listened. */
export type PrintChanges = (changed: ChangedLevels & { readonly toldSeq: number }, nowMs: number) => string;

/** Every level that changed since the last frame, absolute; 0 where it is gone. */
export class DepthChanges implements MarketStream {
	readonly #tape: Tape;
	readonly #say: Say;
	readonly #pace: Pace;
	readonly #print: PrintChanges;
	readonly #changes = new BookChanges();
	#toldSeq = 0;

	constructor(tape: Tape, say: Say, { intervalMs, print }: { readonly intervalMs: number; readonly print: PrintChanges }) {
		this.#tape = tape;
		this.#say = say;
		this.#pace = new Pace(intervalMs);
		this.#print = print;
	}

	start(_nowMs: number, isFirst: boolean): void {
		if (!isFirst) return;
		// What changed while nobody listened is in the book that the client fetches.
		this.#changes.clear();
		this.#toldSeq = this.#tape.bookSeq;
	}

	level(change: BookLevelChange): void {
		this.#changes.add(change);
	}

	tick(nowMs: number): void {
		if (!this.#pace.reached(nowMs)) return;
		const changed = this.#changes.take();
		if (changed === null) return;
		this.#say(this.#print({ ...changed, toldSeq: this.#toldSeq }, nowMs));
		this.#toldSeq = changed.lastSeq;
	}
}

/** What has happened to a book since its best levels were told last; `firstSeq` is 0 where nothing has. */
export interface Since {
	readonly firstSeq: number;
	readonly toldSeq: number;
}

/** The best levels whenever the book has changed, and once for whoever has just come. */
export class BestLevels implements MarketStream {
	readonly #tape: Tape;
	readonly #say: Say;
	readonly #pace: Pace;
	readonly #print: (since: Since, nowMs: number) => string;
	#isDue = false;
	#since: Since = { firstSeq: 0, toldSeq: 0 };

	constructor(
		tape: Tape,
		say: Say,
		{ intervalMs, print }: { readonly intervalMs: number; readonly print: (since: Since, nowMs: number) => string },
	) {
		this.#tape = tape;
		this.#say = say;
		this.#pace = new Pace(intervalMs);
		this.#print = print;
	}

	start(_nowMs: number, isFirst: boolean): void {
		this.#isDue = true;
		if (isFirst) this.#since = { firstSeq: 0, toldSeq: this.#tape.bookSeq };
	}

	level({ bookSeq }: BookLevelChange): void {
		this.#isDue = true;
		if (this.#since.firstSeq === 0) this.#since = { ...this.#since, firstSeq: bookSeq };
	}

	tick(nowMs: number): void {
		if (!this.#isDue || !this.#pace.reached(nowMs)) return;
		this.#isDue = false;
		this.#say(this.#print(this.#since, nowMs));
		this.#since = { firstSeq: 0, toldSeq: this.#tape.bookSeq };
	}
}

/** Best levels, size 0 and price 0 where a side is empty. */
export interface Best {
	readonly bookSeq: number;
	readonly bid: Level;
	readonly ask: Level;
}

const NOBODY: Level = { priceTicks: 0, qtyLots: 0 };

export function bestOf({ exchange, shown }: Tape): Best {
	const book = exchange.book(shown.exchangeKey, 1);
	return { bookSeq: book?.bookSeq ?? 0, bid: book?.bids[0] ?? NOBODY, ask: book?.asks[0] ?? NOBODY };
}

/** At once, whenever the best price or its quantity is another than before. */
export class BestPrices implements MarketStream {
	readonly #tape: Tape;
	readonly #say: Say;
	readonly #print: (best: Best, atMs: number) => string;
	#told: Best;

	constructor(tape: Tape, say: Say, print: (best: Best, atMs: number) => string) {
		this.#tape = tape;
		this.#say = say;
		this.#print = print;
		this.#told = bestOf(tape);
	}

	start(_nowMs: number, isFirst: boolean): void {
		if (isFirst) this.#told = bestOf(this.#tape);
	}

	/** The book is ahead of the events of one call: the first of them tells it all, and the others find nothing new. */
	level({ side, priceTicks, atMs }: BookLevelChange): void {
		const { bid, ask } = this.#told;
		// Deeper levels change no best one.
		if (side === 'bid' ? priceTicks < bid.priceTicks : ask.priceTicks > 0 && priceTicks > ask.priceTicks) return;
		const best = bestOf(this.#tape);
		const isSame =
			best.bid.priceTicks === bid.priceTicks &&
			best.bid.qtyLots === bid.qtyLots &&
			best.ask.priceTicks === ask.priceTicks &&
			best.ask.qtyLots === ask.qtyLots;
		this.#told = best;
		if (!isSame) this.#say(this.#print(best, atMs));
	}
}

export interface ToldCandle {
	readonly interval: string;
	readonly isDone: boolean;
	readonly nowMs: number;
}

/** The running candle while it changes, and once more with `x` when it is done. Nothing before the first trade. */
export class Kline implements MarketStream {
	readonly #tape: Tape;
	readonly #say: Say;
	readonly #interval: string;
	readonly #pace: Pace;
	readonly #print: (candle: Candle, told: ToldCandle) => string;
	/** Of the candle that is running, as far as it has been told. */
	#endMs = 0;
	#hasChanged = false;

	constructor(
		tape: Tape,
		say: Say,
		how: {
			readonly interval: string;
			readonly intervalMs: number;
			readonly print: (candle: Candle, told: ToldCandle) => string;
		},
	) {
		this.#tape = tape;
		this.#say = say;
		this.#interval = how.interval;
		this.#pace = new Pace(how.intervalMs);
		this.#print = how.print;
	}

	start(nowMs: number, isFirst: boolean): void {
		if (isFirst) this.#endMs = candleSpan(this.#interval, nowMs).endMs;
		this.#hasChanged = true;
	}

	trade(): void {
		this.#hasChanged = true;
	}

	tick(nowMs: number): void {
		if (nowMs > this.#endMs) {
			this.#tell(this.#endMs, nowMs, true);
			this.#endMs = candleSpan(this.#interval, nowMs).endMs;
			this.#hasChanged = true;
		}
		if (!this.#hasChanged || !this.#pace.reached(nowMs)) return;
		this.#hasChanged = false;
		this.#tell(this.#endMs, nowMs, false);
	}

	#tell(endMs: number, nowMs: number, isDone: boolean): void {
		const candle = this.#tape.candles.at(this.#interval, endMs);
		if (candle !== null) this.#say(this.#print(candle, { interval: this.#interval, isDone, nowMs }));
	}
}

/** What is told of figures: the event's name, and the figures as they are now; null while there is nothing to tell. */
export interface Figures {
	readonly event: string;
	readonly intervalMs: number;
	readonly of: (nowMs: number) => Json | null;
}

/** Figures that are told again while they change. */
export class Repeated implements MarketStream {
	readonly #figures: Figures;
	readonly #say: Say;
	readonly #pace: Pace;
	#told = '';

	constructor(figures: Figures, say: Say) {
		this.#figures = figures;
		this.#say = say;
		this.#pace = new Pace(figures.intervalMs);
	}

	start(): void {
		this.#told = '';
	}

	tick(nowMs: number): void {
		if (!this.#pace.reached(nowMs)) return;
		const text = textOf(this.#figures, nowMs);
		if (text === this.#told) return;
		this.#told = text;
		if (text !== '') this.#say(eventText(this.#figures.event, nowMs, text));
	}
}

/** Of all symbols, those that changed since the last time, in one list. */
export class RepeatedAll implements MarketStream {
	readonly #all: readonly Figures[];
	readonly #say: Say;
	readonly #pace: Pace;
	readonly #told = new Map<Figures, string>();

	constructor(all: readonly Figures[], say: Say, intervalMs: number) {
		this.#all = all;
		this.#say = say;
		this.#pace = new Pace(intervalMs);
	}

	start(): void {
		this.#told.clear();
	}

	tick(nowMs: number): void {
		if (!this.#pace.reached(nowMs)) return;
		const changed: string[] = [];
		for (const figures of this.#all) {
			const text = textOf(figures, nowMs);
			if (text === (this.#told.get(figures) ?? '')) continue;
			this.#told.set(figures, text);
			changed.push(eventText(figures.event, nowMs, text));
		}
		if (changed.length > 0) this.#say(`[${changed.join(',')}]`);
	}
}

function textOf(figures: Figures, nowMs: number): string {
	const now = figures.of(nowMs);
	return now === null ? '' : printJson(now);
}

/** The figures, with what kind of event they are and when, in front. */
export function eventText(event: string, nowMs: number, figures: string): string {
	return `{"e":"${event}","E":${nowMs},${figures.slice(1)}`;
}
