/**
 * The TTL cache of src/network, kept in Redis: what one process has loaded another need not. While Redis is away the
 * same is done in memory, and nobody who asks sees a difference but the load. Values go through JSON. Ages go by the wall
 * clock, which all processes share; those who miss the same key at the same time share one load within a process.
 */
import { closed, NEVER_ABORTED, ok, perform, type Result, type Work } from '../../network/result.ts';
import { type Cache, type Cached, MemoryCache, type MemoryCacheOptions } from '../../network/ttl-cache.ts';
import type { RedisLink } from './redis-link.ts';

export interface RedisCacheOptions extends MemoryCacheOptions {
	readonly link: RedisLink;
	/** In front of every key, and different for each kind of value. */
	readonly prefix: string;
}

/** As it stands in Redis. */
interface Held {
	readonly value: unknown;
	readonly loadedAtMs: number;
}

type Looked<V> = { readonly kind: 'away' } | { readonly kind: 'seen'; readonly cached: Cached<V> | undefined };

export class RedisCache<V> implements Cache<V> {
	readonly #options: RedisCacheOptions;
	readonly #staleMsMax: number;
	/** What we loaded ourselves, for when Redis is away. */
	readonly #near: MemoryCache<V>;
	readonly #loading = new Map<string, Promise<Result<Cached<V>>>>();
	#isClosed = false;

	constructor(options: RedisCacheOptions) {
		this.#options = options;
		this.#staleMsMax = options.staleMsMax ?? 0;
		this.#near = new MemoryCache(options);
	}

	async get(key: string): Promise<Cached<V> | undefined> {
		if (this.#isClosed) return undefined;
		const looked = await this.#look(key);
		if (looked.kind === 'away') return await this.#near.get(key);
		return looked.cached?.isStale === false ? looked.cached : undefined;
	}

	getOrLoad(key: string, load: Work<V>): Promise<Result<Cached<V>>> {
		if (this.#isClosed) return Promise.resolve(closed('cache'));
		const known = this.#loading.get(key);
		if (known !== undefined) return known;
		const loading = this.#getOrLoad(key, load).finally(() => this.#loading.delete(key));
		this.#loading.set(key, loading);
		return loading;
	}

	async set(key: string, value: V): Promise<void> {
		if (this.#isClosed) return;
		await this.#near.set(key, value);
		await this.#keep(key, value);
	}

	async delete(key: string): Promise<void> {
		await this.#near.delete(key);
		await this.#options.link.run((wire) => wire.remove(this.#keyOf(key)));
	}

	/** What is in Redis stays there for the others; the connection is theirs who opened it. A load under way may end. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
	}

	async #getOrLoad(key: string, load: Work<V>): Promise<Result<Cached<V>>> {
		const looked = await this.#look(key);
		if (looked.kind === 'away') return await this.#near.getOrLoad(key, load);
		const { cached } = looked;
		if (this.#options.ttlMs > 0 && cached?.isStale === false) return ok(cached);
		const loaded = await perform(load, NEVER_ABORTED);
		if (loaded.kind === 'ok') {
			await this.#near.set(key, loaded.value);
			await this.#keep(key, loaded.value);
			return ok({ value: loaded.value, ageMs: 0, isStale: false });
		}
		// What was read is older by the time that the load took.
		const again = await this.#look(key);
		const old = again.kind === 'seen' ? again.cached : cached;
		return old !== undefined && old.ageMs <= this.#options.ttlMs + this.#staleMsMax ? ok(old) : loaded;
	}

	async #look(key: string): Promise<Looked<V>> {
		const read = await this.#options.link.run((wire) => wire.get(this.#keyOf(key)));
		if (read.kind === 'failed') return { kind: 'away' };
		const held = read.value === null ? undefined : heldIn(read.value);
		if (held === undefined) return { kind: 'seen', cached: undefined };
		// A clock elsewhere may be a little ahead of ours.
		const ageMs = Math.max(0, this.#options.clock.wallMs() - held.loadedAtMs);
		return { kind: 'seen', cached: { value: held.value as V, ageMs, isStale: ageMs > this.#options.ttlMs } };
	}

	async #keep(key: string, value: V): Promise<void> {
		const held: Held = { value, loadedAtMs: this.#options.clock.wallMs() };
		const forMs = Math.ceil(this.#options.ttlMs + this.#staleMsMax) + 1;
		await this.#options.link.run((wire) => wire.set(this.#keyOf(key), JSON.stringify(held), forMs));
	}

	#keyOf(key: string): string {
		return `${this.#options.prefix}${key}`;
	}
}

/** What somebody else has put there, or another version of ours, is not there. */
function heldIn(text: string): Held | undefined {
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
	if (typeof parsed !== 'object' || parsed === null || !('value' in parsed) || !('loadedAtMs' in parsed)) return undefined;
	return typeof parsed.loadedAtMs === 'number' ? { value: parsed.value, loadedAtMs: parsed.loadedAtMs } : undefined;
}
