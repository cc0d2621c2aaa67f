/**
 * Relative strength after Wilder: the share that rises have in all movement. Little of it (oversold) says buy, much of
 * it (overbought) says sell. The library's sums up its window at every bar, and calls a market that does not move at all
 * overbought; this one has no opinion on it.
 */
import type { Measure } from './model.ts';

export interface RsiParams {
	readonly period: number;
	/** Below 50: full buy from here down. */
	readonly oversold: number;
	/** Above 50: full sell from here up. */
	readonly overbought: number;
}

const NEUTRAL = 50;

export class Rsi implements Measure {
	readonly barsNeeded: number;
	readonly #params: RsiParams;
	readonly #rises: WilderMean;
	readonly #falls: WilderMean;
	#priceBefore = Number.NaN;

	constructor(params: RsiParams) {
		this.barsNeeded = params.period + 1;
		this.#params = params;
		this.#rises = new WilderMean(params.period);
		this.#falls = new WilderMean(params.period);
	}

	get isReady(): boolean {
		return this.#rises.isFull;
	}

	get value(): number {
		const { oversold, overbought } = this.#params;
		const index = this.#index;
		const room = index < NEUTRAL ? NEUTRAL - oversold : overbought - NEUTRAL;
		return (NEUTRAL - index) / room;
	}

	applyClose(price: number): void {
		const before = this.#priceBefore;
		this.#priceBefore = price;
		if (Number.isNaN(before)) return;
		this.#rises.push(Math.max(0, price - before));
		this.#falls.push(Math.max(0, before - price));
	}

	/** From 0 to 100. */
	get #index(): number {
		const moved = this.#rises.mean + this.#falls.mean;
		return moved === 0 ? NEUTRAL : (100 * this.#rises.mean) / moved;
	}
}

/** The plain mean of the first so many, and from then on each new one moves it by that share. */
class WilderMean {
	readonly #period: number;
	#count = 0;
	mean = 0;

	constructor(period: number) {
		this.#period = period;
	}

	get isFull(): boolean {
		return this.#count === this.#period;
	}

	push(value: number): void {
		if (!this.isFull) this.#count += 1;
		this.mean += (value - this.mean) / this.#count;
	}
}
