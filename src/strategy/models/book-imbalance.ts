/** How much more is bid for than is offered near the touch: all depth among the bids says buy, all among the asks sell. */
import type { BookLevel } from '../../domain/market-read.ts';
import type { BookSides, Measure } from './model.ts';

export interface BookImbalanceParams {
	/** Levels a side that count. */
	readonly levels: number;
}

export class BookImbalance implements Measure {
	readonly barsNeeded = 0;
	readonly #levels: number;
	isReady = false;
	value = 0;

	constructor({ levels }: BookImbalanceParams) {
		this.#levels = levels;
	}

	/** A book without a side is no market to have an opinion on. */
	applyBook({ bids, asks }: BookSides): void {
		this.isReady = true;
		const bidQty = this.#depthOf(bids);
		const askQty = this.#depthOf(asks);
		this.value = bidQty > 0 && askQty > 0 ? (bidQty - askQty) / (bidQty + askQty) : 0;
	}

	#depthOf(side: readonly BookLevel[]): number {
		let qty = 0;
		const count = Math.min(side.length, this.#levels);
		for (let index = 0; index < count; index++) qty += (side[index] as BookLevel).qty;
		return qty;
	}
}
