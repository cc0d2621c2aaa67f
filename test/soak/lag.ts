/**
 * How late the event loop comes: ours, and that of a thread that does nothing, which shows what the machine itself
 * makes everybody wait.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';

const RESOLUTION_MS = 5;

export interface Lag {
	readonly p50Ms: number;
	readonly p99Ms: number;
	readonly maxMs: number;
}

export class LoopLag {
	readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

	start(): void {
		this.#histogram.enable();
	}

	/** While somebody does what is not a part of what is measured. */
	pause(): void {
		this.#histogram.disable();
	}

	read(): Lag {
		return lagOf(this.#histogram);
	}
}

export class IdleThread implements AsyncDisposable {
	readonly #worker = new Worker(new URL('./idle-thread.ts', import.meta.url));

	constructor() {
		this.#worker.unref();
	}

	async read(): Promise<Lag> {
		return await new Promise((resolve, reject) => {
			this.#worker.once('message', resolve);
			this.#worker.once('error', reject);
			this.#worker.postMessage('tell');
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#worker.terminate();
	}
}

/** Each value holds the time that was asked for as well. */
function lagOf(histogram: ReturnType<typeof monitorEventLoopDelay>): Lag {
	const ms = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS);
	return { p50Ms: ms(histogram.percentile(50)), p99Ms: ms(histogram.percentile(99)), maxMs: ms(histogram.max) };
}
