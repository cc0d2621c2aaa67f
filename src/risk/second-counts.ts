/** What happened within the last seconds, summed by the second: memory is fixed, however fast it comes. */
const STEP_MS = 1_000;

export class SecondCounts {
	/** By second, as a ring that ends at `#step`: what is counted stays for the window and up to one second more. */
	readonly #amounts: Float64Array;
	#step = Number.NEGATIVE_INFINITY;

	constructor(windowMs: number) {
		this.#amounts = new Float64Array(Math.ceil(windowMs / STEP_MS) + 1);
	}

	add(amount: number, nowMono: number): void {
		this.#turn(nowMono);
		const at = this.#indexOf(this.#step);
		this.#amounts[at] = (this.#amounts[at] ?? 0) + amount;
	}

	sum(nowMono: number): number {
		this.#turn(nowMono);
		let sum = 0;
		for (const each of this.#amounts) sum += each;
		return sum;
	}

	/** Seconds in which nothing came have left their places to those of a window ago. */
	#turn(nowMono: number): void {
		const step = Math.floor(nowMono / STEP_MS);
		const stale = Math.min(step - this.#step, this.#amounts.length);
		for (let i = 0; i < stale; i += 1) this.#amounts[this.#indexOf(step - i)] = 0;
		if (step > this.#step) this.#step = step;
	}

	/** Monotonic time may start below zero. */
	#indexOf(step: number): number {
		const { length } = this.#amounts;
		return ((step % length) + length) % length;
	}
}
