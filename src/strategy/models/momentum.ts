/**
 * How much the price has changed over so many bars: what rose is bought, what fell is sold. On a ring of prices, since
 * the library's moves its whole list at every bar.
 */
import type { Measure } from './model.ts';

export interface MomentumParams {
	readonly period: number;
	/** Change at full value. */
	readonly fullBps: number;
}

const BPS = 1e4;

export class Momentum implements Measure {
	readonly barsNeeded: number;
	/** The last `period` prices, the oldest at `#next`. */
	readonly #prices: Float64Array;
	readonly #fullBps: number;
	#next = 0;
	#count = 0;
	value = 0;

	constructor({ period, fullBps }: MomentumParams) {
		this.barsNeeded = period + 1;
		this.#prices = new Float64Array(period);
		this.#fullBps = fullBps;
	}

	get isReady(): boolean {
		return this.#count === this.barsNeeded;
	}

	applyClose(price: number): void {
		const before = this.#prices[this.#next] as number;
		this.#prices[this.#next] = price;
		this.#next = (this.#next + 1) % this.#prices.length;
		if (!this.isReady) this.#count += 1;
		this.value = (((price - before) / before) * BPS) / this.#fullBps;
	}
}
