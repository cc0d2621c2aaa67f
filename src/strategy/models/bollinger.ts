/**
 * Bollinger bands: where the price stands between two lines a number of deviations around its mean. At the lower one it
 * says buy, at the upper one sell. On a window of our own, since the library's looks at its whole window at every bar.
 */
import type { Measure } from './model.ts';
import { RollingWindow } from './rolling-window.ts';

export interface BollingerParams {
	readonly period: number;
	/** Distance of a band from the mean, in standard deviations; full value there. */
	readonly deviations: number;
}

export class Bollinger implements Measure {
	readonly barsNeeded: number;
	readonly #window: RollingWindow;
	readonly #deviations: number;
	#lastPrice = 0;

	constructor({ period, deviations }: BollingerParams) {
		this.barsNeeded = period;
		this.#window = new RollingWindow(period);
		this.#deviations = deviations;
	}

	get isReady(): boolean {
		return this.#window.isFull;
	}

	get value(): number {
		const width = this.#deviations * this.#window.deviation;
		return width === 0 ? 0 : this.#window.meanAbove(this.#lastPrice) / width;
	}

	applyClose(price: number): void {
		this.#window.push(price);
		this.#lastPrice = price;
	}
}
