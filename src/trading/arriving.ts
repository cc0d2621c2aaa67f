/**
 * What a subscription tells, to be taken one after the other. Between two takings only the latest counts, apart from what
 * must be kept: of that the last few are kept in order, and a reader that falls further behind misses the oldest.
 */
import type { Result } from '../network/result.ts';

type Subscribe<Value> = (heard: (news: Result<Value>) => void) => Disposable;

/** More than an hour of bars of a minute. */
const KEPT_MAX = 64;

/** Subscribes with the first taking; ends, unsubscribed, when the signal says so or the loop is left. */
export async function* arriving<Value>(
	subscribe: Subscribe<Value>,
	signal: AbortSignal | undefined,
	isKept: (news: Result<Value>) => boolean = () => false,
): AsyncGenerator<Result<Value>, void> {
	const arrivals = new Arrivals(isKept);
	const onAbort = (): void => arrivals.end();
	signal?.addEventListener('abort', onAbort);
	if (signal?.aborted === true) arrivals.end();
	try {
		using _subscription = arrivals.isEnded ? undefined : subscribe((news) => arrivals.put(news));
		for (let news = await arrivals.take(); news !== undefined; news = await arrivals.take()) yield news;
	} finally {
		signal?.removeEventListener('abort', onAbort);
	}
}

class Arrivals<Value> {
	readonly #isKept: (news: Result<Value>) => boolean;
	/** Kept ones, and behind them one at most that is not. */
	readonly #queue: Result<Value>[] = [];
	#isLastKept = true;
	#wake: (() => void) | undefined;
	isEnded = false;

	constructor(isKept: (news: Result<Value>) => boolean) {
		this.#isKept = isKept;
	}

	put(news: Result<Value>): void {
		if (!this.#isLastKept) this.#queue.pop();
		this.#isLastKept = this.#isKept(news);
		this.#queue.push(news);
		if (this.#queue.length > KEPT_MAX) this.#queue.shift();
		this.#wake?.();
	}

	/** Undefined at the end. */
	async take(): Promise<Result<Value> | undefined> {
		while (this.#queue.length === 0 && !this.isEnded) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
		if (this.isEnded) return undefined;
		return this.#queue.shift();
	}

	end(): void {
		this.isEnded = true;
		this.#wake?.();
	}
}
