/**
 * Gathers single reads into few calls: a call leaves when it is full, or when its first key has waited long enough.
 * Who asks for a key that is on its way already shares the answer. Every caller is answered exactly once; a key that
 * fails, or that the answer does not mention, fails for those who asked for it and for nobody else.
 */
import type { Clock, Timer } from '../ports/clock.ts';
import { aborted, closed, failed, NEVER_ABORTED, type Result } from './result.ts';
import { Timeout } from './timeout.ts';

export interface ReadBatcherOptions<V> {
	readonly clock: Clock;
	/** One call for all these keys, none of them twice. */
	readonly read: (keys: readonly string[], signal: AbortSignal) => Promise<Result<ReadonlyMap<string, Result<V>>>>;
	readonly batchSize?: number;
	/** The longest that a key waits for company. */
	readonly batchTimeoutMs?: number;
	readonly concurrentBatchesMax?: number;
	/** A call that takes longer fails, and makes room for the next. */
	readonly readTimeoutMs?: number;
	/** Callers beyond so many are sent away. */
	readonly callersMax?: number;
}

type Heard<V> = (result: Result<V>) => void;

/** A key that somebody waits for. */
interface Asked<V> {
	readonly key: string;
	dueMono: number;
	readonly callers: Set<Heard<V>>;
}

export class ReadBatcher<V> implements AsyncDisposable {
	readonly #clock: Clock;
	readonly #options: Required<ReadBatcherOptions<V>>;
	readonly #timeout: Timeout;
	/** Waiting for a call, oldest first, and on their way. */
	readonly #waiting = new Map<string, Asked<V>>();
	readonly #reading = new Map<string, Asked<V>>();
	#callerCount = 0;
	#batchCount = 0;
	#timer: Timer | undefined;
	#isClosed = false;

	constructor(options: ReadBatcherOptions<V>) {
		this.#options = {
			batchSize: 20,
			batchTimeoutMs: 500,
			concurrentBatchesMax: 5,
			readTimeoutMs: 30_000,
			callersMax: 10_000,
			...options,
		};
		this.#clock = options.clock;
		this.#timeout = new Timeout({ clock: options.clock, timeoutMs: this.#options.readTimeoutMs, failsAs: 'transient' });
	}

	get(key: string, signal: AbortSignal = NEVER_ABORTED): Promise<Result<V>> {
		if (this.#isClosed) return Promise.resolve(closed('read batcher'));
		if (signal.aborted) return Promise.resolve(aborted());
		if (this.#callerCount >= this.#options.callersMax) return Promise.resolve(this.#full());
		return new Promise((resolve) => {
			const asked = this.#ask(key);
			const hear: Heard<V> = (result) => {
				asked.callers.delete(hear);
				this.#callerCount -= 1;
				signal.removeEventListener('abort', onAbort);
				resolve(result);
			};
			const onAbort = (): void => {
				hear(aborted());
				this.#forgetUnwanted(asked);
			};
			signal.addEventListener('abort', onAbort);
			asked.callers.add(hear);
			this.#callerCount += 1;
			this.#sendWhatIsDue();
		});
	}

	/** What waits leaves now, as far as there are calls free. */
	flush(): void {
		const nowMono = this.#clock.monotonicMs();
		for (const asked of this.#waiting.values()) asked.dueMono = nowMono;
		this.#sendWhatIsDue();
	}

	get figures(): {
		readonly callers: number;
		readonly waitingKeys: number;
		readonly readingKeys: number;
		readonly batches: number;
	} {
		return {
			callers: this.#callerCount,
			waitingKeys: this.#waiting.size,
			readingKeys: this.#reading.size,
			batches: this.#batchCount,
		};
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
		this.#timer?.cancel();
		for (const asked of [...this.#waiting.values(), ...this.#reading.values()]) answer(asked, closed('read batcher'));
		this.#waiting.clear();
		await this.#timeout[Symbol.asyncDispose]();
	}

	#ask(key: string): Asked<V> {
		const known = this.#reading.get(key) ?? this.#waiting.get(key);
		if (known !== undefined) return known;
		const dueMono = this.#clock.monotonicMs() + this.#options.batchTimeoutMs;
		const asked: Asked<V> = { key, dueMono, callers: new Set() };
		this.#waiting.set(key, asked);
		return asked;
	}

	#sendWhatIsDue(): void {
		const { batchSize, concurrentBatchesMax } = this.#options;
		while (this.#batchCount < concurrentBatchesMax && (this.#waiting.size >= batchSize || this.#isOldestDue())) this.#send();
		this.#arm();
	}

	#isOldestDue(): boolean {
		const [oldest] = this.#waiting.values();
		return oldest !== undefined && oldest.dueMono <= this.#clock.monotonicMs();
	}

	/** With every place taken there is nothing to wait for: the end of a call looks again. */
	#arm(): void {
		this.#timer?.cancel();
		const [oldest] = this.#waiting.values();
		this.#timer =
			oldest === undefined || this.#batchCount >= this.#options.concurrentBatchesMax
				? undefined
				: this.#clock.after(oldest.dueMono - this.#clock.monotonicMs(), () => this.#sendWhatIsDue());
	}

	#send(): void {
		const batch: Asked<V>[] = [];
		for (const asked of this.#waiting.values()) {
			if (batch.length === this.#options.batchSize) break;
			batch.push(asked);
			this.#waiting.delete(asked.key);
			this.#reading.set(asked.key, asked);
		}
		this.#batchCount += 1;
		const keys = batch.map(({ key }) => key);
		void this.#timeout.run((signal) => this.#options.read(keys, signal)).then((result) => this.#hear(batch, result));
	}

	#hear(batch: readonly Asked<V>[], result: Result<ReadonlyMap<string, Result<V>>>): void {
		this.#batchCount -= 1;
		for (const asked of batch) {
			this.#reading.delete(asked.key);
			answer(asked, result.kind === 'ok' ? (result.value.get(asked.key) ?? unmentioned(asked.key)) : result);
		}
		if (!this.#isClosed) this.#sendWhatIsDue();
	}

	#forgetUnwanted(asked: Asked<V>): void {
		if (asked.callers.size > 0 || this.#waiting.get(asked.key) !== asked) return;
		this.#waiting.delete(asked.key);
		this.#arm();
	}

	#full(): Result<V> {
		return failed({ reason: 'full', class: 'transient', detail: `${this.#options.callersMax} callers wait already` });
	}
}

function answer<V>(asked: Asked<V>, result: Result<V>): void {
	for (const hear of asked.callers) hear(result);
}

function unmentioned(key: string): Result<never> {
	return failed({ reason: 'error', class: 'transient', detail: `the answer does not mention ${key}` });
}
