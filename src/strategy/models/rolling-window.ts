/**
 * Mean and spread of the last so many prices, each push at a cost that does not grow with their number: taken over many
 * pushes a push does the same work for 20 prices as for 2,000.
 *
 * Nothing is ever taken out of a sum. Prices are kept in blocks as long as the window; the window is the end of the last
 * block and the beginning of the new one, and the two are joined when somebody asks:
 *
 *       last block      new block
 *   [ . . . T T T T ][ H H H . . . . ]     T summed once, when its block was full; H as it comes
 *
 * Subtracting what leaves would be shorter, but rounding would add up for as long as the program runs, and the spread of
 * a calm market after a jump would drown in what is left of the jump. Here equal prices have a spread of exactly zero, and
 * since prices are counted from one nearby, so that the smallest moves of a large price are not rounded away, close ones a small one.
 */
export class RollingWindow {
	readonly #size: number;
	readonly #prices: Float64Array;
	/** Of the last block: mean and squared distances of its entries from an index to its end, counted from its last price. */
	readonly #tailMeans: Float64Array;
	readonly #tailSquares: Float64Array;
	#hasTail = false;
	#tailOrigin = 0;
	/** The new block, counted from its first price. */
	#headOrigin = 0;
	#headCount = 0;
	#headMean = 0;
	#headSquares = 0;

	constructor(size: number) {
		this.#size = size;
		this.#prices = new Float64Array(size);
		this.#tailMeans = new Float64Array(size);
		this.#tailSquares = new Float64Array(size);
	}

	get isFull(): boolean {
		return this.#hasTail || this.#headCount === this.#size;
	}

	push(price: number): void {
		if (this.#headCount === this.#size) this.#closeBlock();
		if (this.#headCount === 0) this.#headOrigin = price;
		this.#prices[this.#headCount] = price;
		this.#headCount += 1;
		const above = price - this.#headOrigin;
		const distance = above - this.#headMean;
		this.#headMean += distance / this.#headCount;
		this.#headSquares += distance * (above - this.#headMean);
	}

	/** Of a full window. */
	get mean(): number {
		return this.meanAbove(0);
	}

	/** How far the mean of a full window is above this price. */
	meanAbove(price: number): number {
		const headAbove = this.#headOrigin - price + this.#headMean;
		const tailCount = this.#size - this.#headCount;
		return tailCount === 0 ? headAbove : headAbove + (this.#apart * tailCount) / this.#size;
	}

	/** Standard deviation of all prices of a full window: divided by their number, not by one less. */
	get deviation(): number {
		const tailCount = this.#size - this.#headCount;
		if (tailCount === 0) return Math.sqrt(this.#headSquares / this.#size);
		const between = (this.#apart * this.#apart * this.#headCount * tailCount) / this.#size;
		return Math.sqrt((this.#headSquares + (this.#tailSquares[this.#headCount] as number) + between) / this.#size);
	}

	/** The mean of the old part of the window less that of the new one. */
	get #apart(): number {
		return this.#tailOrigin - this.#headOrigin + (this.#tailMeans[this.#headCount] as number) - this.#headMean;
	}

	#closeBlock(): void {
		let mean = 0;
		let squares = 0;
		this.#tailOrigin = this.#prices[this.#size - 1] as number;
		for (let index = this.#size - 1; index >= 0; index--) {
			const above = (this.#prices[index] as number) - this.#tailOrigin;
			const distance = above - mean;
			mean += distance / (this.#size - index);
			squares += distance * (above - mean);
			this.#tailMeans[index] = mean;
			this.#tailSquares[index] = squares;
		}
		this.#hasTail = true;
		this.#headCount = 0;
		this.#headMean = 0;
		this.#headSquares = 0;
	}
}
