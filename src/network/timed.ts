/** Functions measured by name, into a histogram of somebody's own that may fail. */
import type { Clock } from '../ports/clock.ts';
import { timed } from '../ports/timed.ts';

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
		return timed(this.#clock, { record: (ms) => this.#observe(name, ms) }, fn);
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
