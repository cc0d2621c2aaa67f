/** True once in each slot of the given length, however often it is asked. */
export class Pace {
	readonly #intervalMs: number;
	#slot = -1;

	constructor(intervalMs: number) {
		this.#intervalMs = intervalMs;
	}

	reached(nowMs: number): boolean {
		const slot = Math.floor(nowMs / this.#intervalMs);
		if (slot === this.#slot) return false;
		this.#slot = slot;
		return true;
	}
}
