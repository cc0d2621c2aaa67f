/**
 * At most so many at once, and a queue with an end, first come first served: a slow service fills its own bulkhead and
 * nobody else's. A place is held until the work has really ended, so put a timeout around the bulkhead's work only if
 * that work stops when told to.
 */
import { aborted, closed, failed, NEVER_ABORTED, perform, type Result, type Work } from './result.ts';

export interface BulkheadOptions {
	readonly concurrentMax: number;
	readonly queuedMax: number;
}

type Admission = 'admitted' | 'aborted' | 'closed';

export class Bulkhead implements AsyncDisposable {
	readonly #options: BulkheadOptions;
	/** In the order in which they came. */
	readonly #waiting = new Set<(admission: Admission) => void>();
	#activeCount = 0;
	#isClosed = false;

	constructor(options: BulkheadOptions) {
		this.#options = options;
	}

	async run<T>(work: Work<T>, signal: AbortSignal = NEVER_ABORTED): Promise<Result<T>> {
		if (this.#isClosed) return closed('bulkhead');
		if (signal.aborted) return aborted();
		if (this.#activeCount < this.#options.concurrentMax) this.#activeCount += 1;
		else if (this.#waiting.size >= this.#options.queuedMax) return this.#full();
		else {
			const admission = await this.#queue(signal);
			if (admission === 'aborted') return aborted();
			if (admission === 'closed') return closed('bulkhead');
		}
		const result = await perform(work, signal);
		this.#leave();
		return result;
	}

	get figures(): { readonly active: number; readonly queued: number } {
		return { active: this.#activeCount, queued: this.#waiting.size };
	}

	/** Sends away who waits; who is inside ends as it ends. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
		for (const decide of this.#waiting) decide('closed');
	}

	#full(): Result<never> {
		const { concurrentMax, queuedMax } = this.#options;
		const detail = `${concurrentMax} at work and ${queuedMax} waiting is all this bulkhead takes`;
		return failed({ reason: 'full', class: 'transient', detail });
	}

	#queue(signal: AbortSignal): Promise<Admission> {
		return new Promise((resolve) => {
			const decide = (admission: Admission): void => {
				signal.removeEventListener('abort', onAbort);
				this.#waiting.delete(decide);
				resolve(admission);
			};
			const onAbort = (): void => decide('aborted');
			signal.addEventListener('abort', onAbort);
			this.#waiting.add(decide);
		});
	}

	/** The place goes from hand to hand: between the two nobody else can take it. */
	#leave(): void {
		const [next] = this.#waiting;
		if (next === undefined) this.#activeCount -= 1;
		else next('admitted');
	}
}
