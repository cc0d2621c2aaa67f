/**
 * Remembers answers for a while. Those who miss the same key at the same time share one load. With `staleMsMax`, an
 * answer that is too old is still given while loading fails, and says so. `Cache` is asynchronous so that a store
 * outside the process can stand in its place.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../ports/clock.ts';
import { closed, type Failure, NEVER_ABORTED, ok, perform, type Result, type Work } from './result.ts';

/** What is tradable, and how, changes a few times a week; five minutes is what it may lag. */
export const EXCHANGE_INFO_TTL_MS = 300_000;

export interface Cached<V> {
	readonly value: V;
	readonly ageMs: number;
	/** Older than it should be, because it could not be loaded anew. */
	readonly isStale: boolean;
}

export interface Cache<V> extends AsyncDisposable {
	/** What is known and fresh. */
	get(key: string): Promise<Cached<V> | undefined>;
	/** What is known and fresh, else what the work says. Failures are not remembered. */
	getOrLoad(key: string, load: Work<V>): Promise<Result<Cached<V>>>;
	set(key: string, value: V): Promise<void>;
	delete(key: string): Promise<void>;
}

export interface MemoryCacheOptions {
	readonly clock: Clock;
	/** 0: what is asked for is always loaded, and only a load under way is shared. */
	readonly ttlMs: number;
	/** The keys used least recently are forgotten. */
	readonly keysMax?: number;
	/** How much older than `ttlMs` an answer may be when loading fails; 0, the default: no older. */
	readonly staleMsMax?: number;
}

interface Held<V> {
	readonly value: V;
	readonly loadedAtMono: number;
}

/** lru-cache takes failures as rejections only. */
class LoadFailed extends Error {
	readonly failure: Failure;

	constructor(failure: Failure) {
		super(failure.detail);
		this.failure = failure;
	}
}

export class MemoryCache<V> implements Cache<V> {
	readonly #clock: Clock;
	readonly #ttlMs: number;
	readonly #staleMsMax: number;
	readonly #held: LRUCache<string, Held<V>, Work<V>>;
	#isClosed = false;

	constructor({ clock, ttlMs, keysMax = 1_000, staleMsMax = 0 }: MemoryCacheOptions) {
		this.#clock = clock;
		this.#ttlMs = ttlMs;
		this.#staleMsMax = staleMsMax;
		this.#held = new LRUCache({
			max: keysMax,
			// Whole milliseconds, and 0 would be "never": what is too old by less than one is seen in `getOrLoad`.
			ttl: Math.max(1, Math.ceil(ttlMs)),
			// It takes a start at 0 for "never expires", and virtual time begins there.
			perf: { now: () => clock.monotonicMs() + 1 },
			// Any other value makes it keep the time for a while, with a timer of its own.
			ttlResolution: 0,
			// What is old stays until something newer has come.
			noDeleteOnFetchRejection: true,
			// A load whose key was pushed out meanwhile still answers those who wait for it.
			ignoreFetchAbort: true,
			fetchMethod: async (_key, _stale, { context }) => this.#load(context),
		});
	}

	async get(key: string): Promise<Cached<V> | undefined> {
		// By `peek` and age: its `get` throws what is stale away, which a failing load may still need.
		const held = this.#held.peek(key, { allowStale: true });
		if (held === undefined) return undefined;
		const cached = this.#cached(held);
		return cached.isStale ? undefined : cached;
	}

	async getOrLoad(key: string, load: Work<V>): Promise<Result<Cached<V>>> {
		if (this.#isClosed) return closed('cache');
		try {
			// A load under way is shared all the same.
			const forceRefresh = !this.#isFresh(key);
			return ok(this.#cached(await this.#held.forceFetch(key, { context: load, forceRefresh })));
		} catch (error: unknown) {
			if (!(error instanceof LoadFailed)) throw error;
			return this.#notTooOld(key) ?? error.failure;
		}
	}

	async set(key: string, value: V): Promise<void> {
		if (!this.#isClosed) this.#held.set(key, this.#hold(value));
	}

	async delete(key: string): Promise<void> {
		this.#held.delete(key);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
		this.#held.clear();
	}

	/** Enough to be given without a load; with a `ttlMs` of 0 nothing is. */
	#isFresh(key: string): boolean {
		const held = this.#held.peek(key, { allowStale: true });
		return held !== undefined && this.#ttlMs > 0 && !this.#cached(held).isStale;
	}

	#notTooOld(key: string): Result<Cached<V>> | undefined {
		const held = this.#held.peek(key, { allowStale: true });
		if (held === undefined) return undefined;
		const cached = this.#cached(held);
		return cached.ageMs <= this.#ttlMs + this.#staleMsMax ? ok(cached) : undefined;
	}

	async #load(load: Work<V>): Promise<Held<V>> {
		const result = await perform(load, NEVER_ABORTED);
		if (result.kind === 'failed') throw new LoadFailed(result);
		return this.#hold(result.value);
	}

	#hold(value: V): Held<V> {
		return { value, loadedAtMono: this.#clock.monotonicMs() };
	}

	#cached({ value, loadedAtMono }: Held<V>): Cached<V> {
		const ageMs = this.#clock.monotonicMs() - loadedAtMono;
		return { value, ageMs, isStale: ageMs > this.#ttlMs };
	}
}
