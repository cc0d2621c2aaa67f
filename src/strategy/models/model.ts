/**
 * A signal model: closed bars and books in, one opinion out. It is told each bar once and keeps only what the next one
 * needs, so a bar costs the same whatever came before. Pure: no clock, no waiting; the same bars give the same opinion.
 * Promises: value from -1 to 1, confidence from 0 to 1, both 0 until ready and never NaN. A bar without a price above
 * zero is no bar: it changes nothing.
 */
import type { Bar, BookRead } from '../../domain/market-read.ts';

export type BookSides = Pick<BookRead, 'bids' | 'asks'>;

export interface SignalModel {
	/** What its signals are called by. */
	readonly name: string;
	/** Bars before it can be ready; 0 for one that reads books. */
	readonly barsNeeded: number;
	readonly isReady: boolean;
	/** From -1 (sell) to 1 (buy). */
	readonly value: number;
	readonly confidence: number;
	/** A closed bar, each once and in order. */
	applyBar(bar: Pick<Bar, 'close'>): void;
	applyBook(book: BookSides): void;
}

/** What one kind of model makes of prices or books; `MeasuredModel` sees to everything that all kinds share. */
export interface Measure {
	readonly barsNeeded: number;
	readonly isReady: boolean;
	/** Read when ready only, and cut to -1 to 1 by who reads it. */
	readonly value: number;
	applyClose?(price: number): void;
	applyBook?(book: BookSides): void;
}

export interface SignalThresholds {
	readonly buyAbove: number;
	readonly sellBelow: number;
}

export function signalOf(value: number, { buyAbove, sellBelow }: SignalThresholds): 'BUY' | 'SELL' | 'HOLD' {
	if (value > buyAbove) return 'BUY';
	return value < sellBelow ? 'SELL' : 'HOLD';
}

/** One measure, with its doubt: it is believed by the number of readings in a row that point the same way. */
export class MeasuredModel implements SignalModel {
	readonly name: string;
	readonly #measure: Measure;
	/** So many readings in a row for full confidence. */
	readonly #confirm: number;
	#value = 0;
	#inRow = 0;

	constructor(name: string, measure: Measure, { confirm }: { readonly confirm: number }) {
		this.name = name;
		this.#measure = measure;
		this.#confirm = confirm;
	}

	get barsNeeded(): number {
		return this.#measure.barsNeeded;
	}

	get isReady(): boolean {
		return this.#measure.isReady;
	}

	get value(): number {
		return this.#value;
	}

	get confidence(): number {
		return this.#inRow / this.#confirm;
	}

	applyBar({ close }: Pick<Bar, 'close'>): void {
		if (this.#measure.applyClose === undefined || !(close > 0 && close < Number.POSITIVE_INFINITY)) return;
		this.#measure.applyClose(close);
		this.#read();
	}

	applyBook(book: BookSides): void {
		if (this.#measure.applyBook === undefined) return;
		this.#measure.applyBook(book);
		this.#read();
	}

	#read(): void {
		if (!this.#measure.isReady) return;
		const before = this.#value;
		this.#value = within(this.#measure.value);
		if (this.#value === 0) this.#inRow = 0;
		else if (Math.sign(this.#value) !== Math.sign(before)) this.#inRow = 1;
		else this.#inRow = Math.min(this.#inRow + 1, this.#confirm);
	}
}

/** What is no number says nothing; so does -0. */
function within(value: number): number {
	return Number.isNaN(value) || value === 0 ? 0 : Math.max(-1, Math.min(1, value));
}
