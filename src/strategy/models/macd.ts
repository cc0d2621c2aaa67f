/**
 * Moving average convergence and divergence: how far two averages of the price are apart, against the average of that
 * distance itself. Above it says buy. The distance is in price, so it is measured in basis points of the last one.
 * Of the library it takes the averages alone: its own MACD keeps a list of prices to count them.
 */
import { EMA } from 'trading-signals';
import type { Measure } from './model.ts';

export interface MacdParams {
	readonly fast: number;
	readonly slow: number;
	/** Readings that the distance is averaged over. */
	readonly signal: number;
	/** Distance from its average at full value. */
	readonly fullBps: number;
}

const BPS = 1e4;

export class Macd implements Measure {
	readonly barsNeeded: number;
	readonly #fast: EMA;
	readonly #slow: EMA;
	/** Of the distance, from the first one on that both averages stand behind. */
	readonly #average: EMA;
	readonly #fullBps: number;
	#lastPrice = 0;
	#histogram = 0;

	constructor({ fast, slow, signal, fullBps }: MacdParams) {
		this.barsNeeded = slow + signal - 1;
		this.#fast = new EMA(fast);
		this.#slow = new EMA(slow);
		this.#average = new EMA(signal);
		this.#fullBps = fullBps;
	}

	get isReady(): boolean {
		return this.#average.isStable;
	}

	get value(): number {
		return ((this.#histogram / this.#lastPrice) * BPS) / this.#fullBps;
	}

	applyClose(price: number): void {
		this.#lastPrice = price;
		const distance = this.#fast.update(price, false) - this.#slow.update(price, false);
		if (this.#slow.isStable) this.#histogram = distance - this.#average.update(distance, false);
	}
}
