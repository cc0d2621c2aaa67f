/**
 * Time that moves only when it is told to: timers fire in order of their moment, then of their making, as fast as the
 * processor allows. The same timers give the same run.
 */
import type { Clock, Timer } from '../ports/clock.ts';

interface Pending {
	readonly atMs: number;
	readonly number: number;
	readonly callback: () => void;
	isCancelled: boolean;
}

export class VirtualClock implements Clock {
	readonly #startWallMs: number;
	/** A binary heap: the next timer is at index 0. */
	readonly #heap: Pending[] = [];
	#nowMs = 0;
	#count = 0;

	constructor(startWallMs: number) {
		this.#startWallMs = startWallMs;
	}

	wallMs(): number {
		return this.#startWallMs + Math.floor(this.#nowMs);
	}

	monotonicMs(): number {
		return this.#nowMs;
	}

	after(delayMs: number, callback: () => void): Timer {
		const pending: Pending = { atMs: this.#nowMs + Math.max(0, delayMs), number: this.#count, callback, isCancelled: false };
		this.#count += 1;
		this.#push(pending);
		return {
			cancel: () => {
				pending.isCancelled = true;
			},
		};
	}

	/** Fires the next timer and stands at its moment; false where none is left. */
	step(): boolean {
		const next = this.#next();
		if (next === undefined) return false;
		this.#pop();
		this.#nowMs = next.atMs;
		next.callback();
		return true;
	}

	/** Fires all that falls into the next `durationMs`, and ends there. */
	run(durationMs: number): void {
		const untilMs = this.#nowMs + durationMs;
		this.runWhile(() => (this.#next()?.atMs ?? Number.POSITIVE_INFINITY) <= untilMs);
		this.#nowMs = untilMs;
	}

	/** Fires timers as long as the condition holds before each; false where it ran out of timers. */
	runWhile(condition: () => boolean): boolean {
		while (condition()) if (!this.step()) return false;
		return true;
	}

	/** The timer that fires next; cancelled ones before it are thrown away. */
	#next(): Pending | undefined {
		while (this.#heap[0]?.isCancelled === true) this.#pop();
		return this.#heap[0];
	}

	#push(pending: Pending): void {
		const heap = this.#heap;
		let at = heap.length;
		heap.push(pending);
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const above = heap[parent];
			if (above === undefined || !isBefore(pending, above)) break;
			heap[at] = above;
			at = parent;
		}
		heap[at] = pending;
	}

	#pop(): Pending | undefined {
		const heap = this.#heap;
		const first = heap[0];
		const last = heap.pop();
		if (first === undefined || last === undefined || heap.length === 0) return first;
		let at = 0;
		for (;;) {
			let child = at * 2 + 1;
			const left = heap[child];
			if (left === undefined) break;
			const right = heap[child + 1];
			let smaller = left;
			if (right !== undefined && isBefore(right, left)) {
				smaller = right;
				child += 1;
			}
			if (!isBefore(smaller, last)) break;
			heap[at] = smaller;
			at = child;
		}
		heap[at] = last;
		return first;
	}
}

function isBefore(a: Pending, b: Pending): boolean {
	return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number);
}
