/**
 * Tries again what may be tried again: the class of the failure decides, and `ambiguous` is not among the classes
 * unless a caller knows that doing it twice is harmless. A time that the other side named is kept to the letter, or
 * not waited for at all. Waits on the injected Clock, draws on the injected Rng.
 */
import type { Clock } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import { type Backoff, backoffDelayMs } from './backoff.ts';
import { aborted, closed, type Failure, type FailureClass, NEVER_ABORTED, perform, type Result, type Work } from './result.ts';
import { Sleeper } from './sleeper.ts';

export interface RetryPolicy {
	/** Besides the first try. */
	readonly retriesMax: number;
	readonly backoff: Backoff;
	readonly classes: readonly FailureClass[];
	/** Where the other side says "come back later" than this, the failure is returned at once: coming earlier would be worse. */
	readonly retryAfterMsMax: number;
}

/** For reads: a second answer is as good as the first. */
export const READ_RETRIES: RetryPolicy = {
	retriesMax: 3,
	backoff: { kind: 'exponential', baseMs: 1_000, maxMs: 30_000, jitter: 'added' },
	classes: ['transient', 'rate-limited', 'clock'],
	retryAfterMsMax: 60_000,
};

/** For cancels, which are worth most when they are early, and do no harm twice. */
export const CANCEL_RETRIES: RetryPolicy = {
	retriesMax: 3,
	backoff: { kind: 'exponential', baseMs: 50, maxMs: 500, jitter: 'added' },
	classes: ['transient', 'rate-limited', 'clock', 'ambiguous'],
	retryAfterMsMax: 1_000,
};

/** Until the next try; `undefined` where there is none. For callers that wait by themselves. */
export function retryDelayMs(policy: RetryPolicy, failure: Failure, retriesMade: number, rng: Rng): number | undefined {
	if (retriesMade >= policy.retriesMax || !isRepeatable(failure, policy)) return undefined;
	const namedMs = failure.retryAfterMs;
	if (namedMs === undefined) return backoffDelayMs(policy.backoff, retriesMade, rng);
	return namedMs <= policy.retryAfterMsMax ? Math.max(0, namedMs) : undefined;
}

function isRepeatable({ reason, class: failureClass }: Failure, policy: RetryPolicy): boolean {
	// Nobody wants it any more, or a circuit breaker has just said that asking now does harm: the class does not matter.
	const isOver = reason === 'aborted' || reason === 'closed' || reason === 'open';
	return !isOver && policy.classes.includes(failureClass);
}

export interface RetryOptions {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly policy: RetryPolicy;
	/** Hears of each retry before its delay. */
	readonly onRetry?: (failure: Failure, delayMs: number) => void;
}

export interface RetryRun {
	readonly signal?: AbortSignal;
	/** On the clock's monotonic time: no try begins later, and no delay is begun that would end later. */
	readonly deadlineMono?: number;
}

export class Retry implements AsyncDisposable {
	readonly #options: RetryOptions;
	readonly #sleeper: Sleeper;

	constructor(options: RetryOptions) {
		this.#options = options;
		this.#sleeper = new Sleeper(options.clock);
	}

	/** The first success, or the last failure. */
	async run<T>(work: Work<T>, { signal = NEVER_ABORTED, deadlineMono }: RetryRun = {}): Promise<Result<T>> {
		const { clock, rng, policy, onRetry } = this.#options;
		for (let retriesMade = 0; ; retriesMade += 1) {
			if (this.#sleeper.isClosed) return closed('retry');
			if (signal.aborted) return aborted();
			const result = await perform(work, signal);
			if (result.kind === 'ok') return result;
			const delayMs = retryDelayMs(policy, result, retriesMade, rng);
			if (delayMs === undefined) return result;
			if (deadlineMono !== undefined && clock.monotonicMs() + delayMs > deadlineMono) return result;
			onRetry?.(result, delayMs);
			await this.#sleeper.sleep(delayMs, signal);
		}
	}

	/** Ends all delays; a try under way ends as it ends, and is the last one. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#sleeper.close();
	}
}
