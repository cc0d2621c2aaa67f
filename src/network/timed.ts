/** Measures how long calls take, whether they return, reject or throw, and changes nothing about them. */
import type { Clock } from '../ports/clock.ts';

/** A histogram, as far as this room knows it. */
export interface DurationSink {
	observe(name: string, durationMs: number): void;
}

export class Stopwatch {
	readonly #clock: Clock;
	readonly #sink: DurationSink;
	#sinkFailureCount = 0;

	constructor(clock: Clock, sink: DurationSink) {
		this.#clock = clock;
		this.#sink = sink;
	}

	/** The same function, measured. Where it returns a promise, until that has settled. */
	timed<Args extends readonly unknown[], R>(name: string, fn: (...args: Args) => R): (...args: Args) => R {
		return (...args) => {
			const startedMono = this.#clock.monotonicMs();
			const observe = (): void => this.#observe(name, this.#clock.monotonicMs() - startedMono);
			let returned: R;
			try {
				returned = fn(...args);
			} catch (error: unknown) {
				observe();
				throw error;
			}
			if (returned instanceof Promise) void returned.then(observe, observe);
			else observe();
			return returned;
		};
	}

	/** How often the histogram itself failed. */
	get sinkFailureCount(): number {
		return this.#sinkFailureCount;
	}

	/** Measuring must not break what is measured. */
	#observe(name: string, durationMs: number): void {
		try {
			this.#sink.observe(name, durationMs);
		} catch {
			this.#sinkFailureCount += 1;
		}
	}
}
