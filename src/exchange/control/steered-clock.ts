/**
 * A clock that can be stopped, moved by hand and let go again. While it runs it follows the clock beneath, behind by
 * the pauses and ahead by the jumps it has made. While it is stopped no timer fires, until `advance` reaches it.
 */
import type { Clock, Timer } from '../../ports/clock.ts';

interface Pending {
	readonly dueMono: number;
	readonly number: number;
	readonly callback: () => void;
	/** The timer beneath, while time runs. */
	beneath: Timer | null;
}

export class SteeredClock implements Clock {
	readonly #base: Clock;
	readonly #pending = new Set<Pending>();
	/** What this clock shows more than the one beneath, while it runs. */
	#offsetMs = 0;
	/** Where it stands, in time of the clock beneath, while it is stopped. */
	#stopped: { wallMs: number; mono: number } | null = null;
	#count = 0;

	constructor(base: Clock) {
		this.#base = base;
	}

	get isFrozen(): boolean {
		return this.#stopped !== null;
	}

	wallMs(): number {
		return Math.floor((this.#stopped?.wallMs ?? this.#base.wallMs()) + this.#offsetMs);
	}

	monotonicMs(): number {
		return (this.#stopped?.mono ?? this.#base.monotonicMs()) + this.#offsetMs;
	}

	after(delayMs: number, callback: () => void): Timer {
		const pending: Pending = {
			dueMono: this.monotonicMs() + Math.max(0, delayMs),
			number: this.#count,
			callback,
			beneath: null,
		};
		this.#count += 1;
		this.#pending.add(pending);
		if (!this.isFrozen) this.#arm(pending);
		return { cancel: () => this.#drop(pending) };
	}

	freeze(): void {
		if (this.isFrozen) return;
		this.#stopped = { wallMs: this.#base.wallMs(), mono: this.#base.monotonicMs() };
		for (const pending of this.#pending) pending.beneath?.cancel();
	}

	/** Goes on from where it stands; real time that has gone by meanwhile is left out. */
	resume(): void {
		const stopped = this.#stopped;
		if (stopped === null) return;
		// By the monotonic clock: a wall clock that jumped meanwhile shows its jump afterwards.
		this.#offsetMs -= this.#base.monotonicMs() - stopped.mono;
		this.#stopped = null;
		for (const pending of this.#pending) this.#arm(pending);
	}

	/** Moves a stopped clock; whatever falls due on the way fires in order, each at its moment. */
	advance(durationMs: number): void {
		if (!this.isFrozen) throw new Error('only a frozen clock can be moved; call freeze first');
		const untilMono = this.monotonicMs() + durationMs;
		for (let next = this.#next(untilMono); next !== null; next = this.#next(untilMono)) {
			this.#offsetMs += Math.max(0, next.dueMono - this.monotonicMs());
			this.#drop(next);
			next.callback();
		}
		this.#offsetMs += Math.max(0, untilMono - this.monotonicMs());
	}

	#next(untilMono: number): Pending | null {
		let next: Pending | null = null;
		for (const pending of this.#pending) {
			if (pending.dueMono > untilMono) continue;
			if (next === null || pending.dueMono < next.dueMono || (pending.dueMono === next.dueMono && pending.number < next.number)) {
				next = pending;
			}
		}
		return next;
	}

	#arm(pending: Pending): void {
		pending.beneath = this.#base.after(pending.dueMono - this.monotonicMs(), () => {
			this.#drop(pending);
			pending.callback();
		});
	}

	#drop(pending: Pending): void {
		pending.beneath?.cancel();
		this.#pending.delete(pending);
	}
}
