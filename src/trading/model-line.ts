/**
 * The models of one symbol, fed with the bars that somebody reads: each closed bar once and in order, so that a reading
 * costs what is new in it. Where bars are missing in between, they begin anew with all that was read.
 */
import type { Bar, BookRead } from '../domain/market-read.ts';
import type { FedModel } from './model-feed.ts';

/** No numbers where no model has anything to say yet. */
export interface ModelWord {
	readonly value: number;
	readonly confidence: number;
}

export class ModelLine {
	readonly #make: () => FedModel;
	#model: FedModel;
	#lastEndAtMs = Number.NEGATIVE_INFINITY;

	constructor(make: () => FedModel) {
		this.#make = make;
		this.#model = make();
	}

	/** Oldest first, as they are read. */
	read(bars: readonly Bar[], book: Pick<BookRead, 'bids' | 'asks'>): ModelWord {
		const [first] = bars;
		if (first !== undefined && first.startAtMs > this.#lastEndAtMs + 1) {
			this.#model = this.#make();
			this.#lastEndAtMs = Number.NEGATIVE_INFINITY;
		}
		for (const bar of bars) {
			if (bar.endAtMs <= this.#lastEndAtMs) continue;
			this.#model.applyBar(bar);
			this.#lastEndAtMs = bar.endAtMs;
		}
		this.#model.applyBook(book);
		const { isReady, value, confidence } = this.#model;
		return isReady ? { value, confidence } : { value: Number.NaN, confidence: Number.NaN };
	}
}
