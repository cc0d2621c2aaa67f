/**
 * How our own process is doing: how late its event loop was lately, what it takes of memory and processor. Looks fifty
 * times a second whether a timer comes when it is due, which costs next to nothing.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Clock, Timer } from '../ports/clock.ts';

export interface ProcessFigures {
	/** Of the last ten seconds that are over; of those since the start while there are no others. */
	readonly loopDelayP50Ms: number;
	readonly loopDelayP99Ms: number;
	readonly loopDelayMaxMs: number;
	readonly heapBytes: number;
	readonly residentBytes: number;
	/** User and system. */
	readonly cpuSeconds: number;
	readonly startedAtMs: number;
}

const LOOK_EVERY_MS = 20;
const WINDOW_MS = 10_000;
const PER_MS = 1_000;

export class ProcessWatch implements Disposable {
	readonly #clock: Clock;
	readonly #startedAtMs: number;
	#running: RecordableHistogram = createHistogram();
	#over: RecordableHistogram | undefined;
	#windowEndsMono: number;
	#timer: Timer | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
		// Once: computed anew each time it would be another millisecond now and then, which looks like a restart.
		this.#startedAtMs = Math.floor(clock.wallMs() - process.uptime() * 1_000);
		this.#windowEndsMono = clock.monotonicMs() + WINDOW_MS;
		this.#look();
	}

	get figures(): ProcessFigures {
		const delays = this.#over ?? this.#running;
		const { user, system } = process.cpuUsage();
		const isEmpty = delays.count === 0;
		return {
			loopDelayP50Ms: isEmpty ? 0 : delays.percentile(50) / PER_MS,
			loopDelayP99Ms: isEmpty ? 0 : delays.percentile(99) / PER_MS,
			loopDelayMaxMs: isEmpty ? 0 : delays.max / PER_MS,
			heapBytes: getHeapStatistics().used_heap_size,
			residentBytes: process.memoryUsage.rss(),
			cpuSeconds: (user + system) / 1_000_000,
			startedAtMs: this.#startedAtMs,
		};
	}

	[Symbol.dispose](): void {
		this.#timer?.cancel();
	}

	#look(): void {
		const dueMono = this.#clock.monotonicMs() + LOOK_EVERY_MS;
		this.#timer = this.#clock.after(LOOK_EVERY_MS, () => {
			const nowMono = this.#clock.monotonicMs();
			// It counts whole numbers from one on.
			this.#running.record(Math.max(1, Math.round((nowMono - dueMono) * PER_MS)));
			if (nowMono >= this.#windowEndsMono) {
				this.#over = this.#running;
				this.#running = createHistogram();
				this.#windowEndsMono = nowMono + WINDOW_MS;
			}
			this.#look();
		});
	}
}
