/** Two averages of the price, a fast and a slow one: above the slow one the fast one says buy, below it sell. */
import { EMA } from 'trading-signals';
import type { Measure } from './model.ts';
import { RollingWindow } from './rolling-window.ts';

export interface CrossParams {
	readonly fast: number;
	readonly slow: number;
	/** How far apart the two are, of the slow one, at full value. */
	readonly fullBps: number;
}

const BPS = 1e4;

/** Averages of our own windows: the library's sums up its whole window at every bar. */
export class SmaCross implements Measure {
	readonly barsNeeded: number;
	readonly #fast: RollingWindow;
	readonly #slow: RollingWindow;
	readonly #fullBps: number;

	constructor({ fast, slow, fullBps }: CrossParams) {
		this.barsNeeded = slow;
		this.#fast = new RollingWindow(fast);
		this.#slow = new RollingWindow(slow);
		this.#fullBps = fullBps;
	}

	get isReady(): boolean {
		return this.#slow.isFull;
	}

	get value(): number {
		return gapValue(this.#fast.mean, this.#slow.mean, this.#fullBps);
	}

	applyClose(price: number): void {
		this.#fast.push(price);
		this.#slow.push(price);
	}
}

export class EmaCross implements Measure {
	readonly barsNeeded: number;
	readonly #fast: EMA;
	readonly #slow: EMA;
	readonly #fullBps: number;

	constructor({ fast, slow, fullBps }: CrossParams) {
		this.barsNeeded = slow;
		this.#fast = new EMA(fast);
		this.#slow = new EMA(slow);
		this.#fullBps = fullBps;
	}

	get isReady(): boolean {
		return this.#slow.isStable;
	}

	get value(): number {
		return gapValue(this.#fast.getResultOrThrow(), this.#slow.getResultOrThrow(), this.#fullBps);
	}

	applyClose(price: number): void {
		this.#fast.add(price);
		this.#slow.add(price);
	}
}

function gapValue(fast: number, slow: number, fullBps: number): number {
	return (((fast - slow) / slow) * BPS) / fullBps;
}
