/**
 * A bound on time: at the deadline the caller has an answer and the work is told to stop. What work that does not
 * listen comes up with later is dropped, so say honestly what a timeout means: a read is `transient`, anything that
 * changes something is `ambiguous`.
 */
import type { Clock } from '../ports/clock.ts';
import {
	aborted,
	abortedMidway,
	closed,
	type Failure,
	type FailureClass,
	failed,
	NEVER_ABORTED,
	perform,
	type Result,
	type Work,
} from './result.ts';

export interface TimeoutOptions {
	readonly clock: Clock;
	readonly timeoutMs: number;
	readonly failsAs: FailureClass;
}

export class Timeout implements AsyncDisposable {
	readonly #options: TimeoutOptions;
	readonly #running = new Set<(failure: Failure) => void>();
	#isClosed = false;

	constructor(options: TimeoutOptions) {
		this.#options = options;
	}

	/** Answers at the deadline at the latest, and at once when the caller's signal says so. */
	run<T>(work: Work<T>, signal: AbortSignal = NEVER_ABORTED): Promise<Result<T>> {
		if (this.#isClosed) return Promise.resolve(closed('timeout'));
		if (signal.aborted) return Promise.resolve(aborted());
		const { clock, timeoutMs, failsAs } = this.#options;
		return new Promise((resolve) => {
			const controller = new AbortController();
			const end = (result: Result<T>): void => {
				timer.cancel();
				signal.removeEventListener('abort', onAbort);
				this.#running.delete(stop);
				resolve(result);
			};
			const stop = (failure: Failure): void => {
				end(failure);
				controller.abort();
			};
			const onAbort = (): void => stop(abortedMidway());
			const timer = clock.after(timeoutMs, () =>
				stop(failed({ reason: 'timeout', class: failsAs, detail: `no answer within ${timeoutMs} ms` })),
			);
			signal.addEventListener('abort', onAbort);
			this.#running.add(stop);
			void perform(work, controller.signal).then(end);
		});
	}

	get runningCount(): number {
		return this.#running.size;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
		for (const stop of this.#running) stop({ ...closed('timeout'), class: 'ambiguous' });
	}
}
