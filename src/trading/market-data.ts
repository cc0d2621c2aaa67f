/**
 * The market of all venues by symbol, for whoever watches many at once: prices, books and bars, read concurrently and
 * told as they change. One symbol that fails (unknown, halted, too late) is a result that says why and costs the others
 * nothing. Equal reads share one call and, for a moment, its answer. Nothing here is quoted from: the engine has books
 * of its own.
 */
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
import {
	BAR_MS,
	type Bar,
	type BarInterval,
	type BarsAsked,
	type BookRead,
	type MarketReader,
	type PriceRead,
} from '../domain/market-read.ts';
import { mapConcurrent } from '../network/map-concurrent.ts';
import { failed, ok, type Result, type Work } from '../network/result.ts';
import { type Cache, MemoryCache } from '../network/ttl-cache.ts';
import type { Clock } from '../ports/clock.ts';
import { arriving } from './arriving.ts';
import { MARKET_DATA_SETTINGS, type MarketDataSettings } from './market-data-settings.ts';
import {
	type BarNews,
	type BarsFeed,
	type BookFeed,
	type Feed,
	type Found,
	type Heard,
	type HeardMarket,
	isClosedBar,
	MarketFeeds,
	type PriceFeed,
} from './market-feeds.ts';
import { VenueReads, within } from './venue-reads.ts';

export interface MarketDataParts {
	/** One a venue. */
	readonly readers: readonly MarketReader[];
	/** What is meant by a name, as it is now; or why it means nothing, if there is more to say than that it is unknown. */
	readonly instrumentOf: (symbol: string) => Instrument | string | undefined;
	readonly clock: Clock;
	/** What differs from `MARKET_DATA_SETTINGS`. */
	readonly settings?: Partial<MarketDataSettings>;
	/** Where answers are kept for a moment; in this process unless said. */
	readonly cacheOf?: CacheOf;
	/** What is heard of instruments anyway; subscriptions look there first. */
	readonly heardMarket?: HeardMarket;
	/** A listener threw, and hears nothing more. */
	readonly listenerFailed: (error: unknown) => void;
	/** What was opened for it alone: disposed of after it. */
	readonly closing?: AsyncDisposable;
}

export type CacheOf = <Value>(what: 'price' | 'book' | 'bars', ttlMs: number) => Cache<Value>;

export interface Ask {
	readonly withinMs?: number;
	readonly signal?: AbortSignal;
}

export interface BooksAsk extends Ask {
	readonly depth: number;
}

export interface BarsAsk extends Ask {
	readonly interval: BarInterval;
	readonly count: number;
}

export interface AllAsk extends BooksAsk, BarsAsk {}

/** By the names that were asked for. */
export type Reads<Value> = ReadonlyMap<string, Result<Value>>;

export interface AllRead {
	readonly price: Result<PriceRead>;
	readonly book: Result<BookRead>;
	readonly bars: Result<readonly Bar[]>;
}

interface Asked {
	readonly deadlineMono: number;
	readonly signal: AbortSignal | undefined;
}

export class MarketData implements AsyncDisposable {
	readonly settings: MarketDataSettings;
	readonly #clock: Clock;
	readonly #instrumentOf: MarketDataParts['instrumentOf'];
	readonly #reads: ReadonlyMap<string, VenueReads>;
	readonly #prices: Cache<PriceRead>;
	readonly #books: Cache<BookRead>;
	readonly #bars: Cache<readonly Bar[]>;
	readonly #feeds: MarketFeeds;
	readonly #closing: AsyncDisposable | undefined;

	constructor(parts: MarketDataParts) {
		const { readers, instrumentOf, clock, settings = {}, cacheOf, heardMarket, listenerFailed, closing } = parts;
		this.settings = { ...MARKET_DATA_SETTINGS, ...settings };
		this.#clock = clock;
		this.#instrumentOf = instrumentOf;
		this.#closing = closing;
		this.#reads = new Map(readers.map((reader) => [reader.venue, new VenueReads({ reader, clock, settings: this.settings })]));
		const { priceTtlMs, bookTtlMs, barsTtlMs } = this.settings;
		const made: CacheOf = cacheOf ?? ((_what, ttlMs) => new MemoryCache({ clock, ttlMs }));
		this.#prices = made('price', priceTtlMs);
		this.#books = made('book', bookTtlMs);
		this.#bars = made('bars', barsTtlMs);
		this.#feeds = new MarketFeeds({
			clock,
			settings: this.settings,
			heardMarket,
			listenerFailed,
			find: (symbol) => this.#find(symbol),
			price: (found) => this.#price(found, { ...this.#asked({}), isPatient: true }),
			book: (found, depth) => this.#book(found, depth, this.#asked({})),
		});
	}

	fetchPricesBatch(symbols: readonly string[], ask: Ask = {}): Promise<Reads<PriceRead>> {
		// All at once: they share their calls.
		return this.#each(symbols, { ask, concurrency: Math.max(1, symbols.length) }, (found, of) =>
			this.#price(found, { ...of, isPatient: false }),
		);
	}

	fetchOrderBooksBatch(symbols: readonly string[], { depth, ...ask }: BooksAsk): Promise<Reads<BookRead>> {
		const concurrency = this.settings.concurrentRequestsMax;
		return this.#each(symbols, { ask, concurrency }, (found, of) => this.#book(found, depth, of));
	}

	fetchKlinesBatch(symbols: readonly string[], { interval, count, ...ask }: BarsAsk): Promise<Reads<readonly Bar[]>> {
		const concurrency = this.settings.concurrentRequestsMax;
		return this.#each(symbols, { ask, concurrency }, (found, of) => this.#barsOf(found, { interval, count }, of));
	}

	/** Price, book and bars of one symbol, at once. */
	async readAll(symbol: string, { depth, interval, count, ...ask }: AllAsk): Promise<AllRead> {
		const found = this.#find(symbol);
		if (found.kind === 'failed') return { price: found, book: found, bars: found };
		const of = this.#asked(ask);
		const [price, book, bars] = await Promise.all([
			this.#price(found.value, { ...of, isPatient: false }),
			this.#book(found.value, depth, of),
			this.#barsOf(found.value, { interval, count }, of),
		]);
		return { price, book, bars };
	}

	/**
	 * Tells the latest of a symbol now and whenever it has changed, until it is disposed; once, as a failure, that it cannot be
	 * had for now. Between two looks only the last change counts.
	 */
	subscribe(symbol: string, feed: PriceFeed, heard: Heard<PriceRead>): Disposable;
	subscribe(symbol: string, feed: BookFeed, heard: Heard<BookRead>): Disposable;
	subscribe(symbol: string, feed: BarsFeed, heard: Heard<BarNews>): Disposable;
	subscribe(symbol: string, feed: Feed, heard: Heard<PriceRead> & Heard<BookRead> & Heard<BarNews>): Disposable {
		switch (feed.kind) {
			case 'price':
				return this.#feeds.price(symbol, heard);
			case 'book':
				return this.#feeds.book(symbol, feed.depth, heard);
			case 'bars':
				return this.#feeds.bars(symbol, feed.interval, heard);
		}
	}

	/**
	 * The same one after the other, as fast as they are taken: who is slow finds the latest, and of bars all that have closed
	 * meanwhile, up to a bound. Ends when the signal says so, or the loop is left.
	 */
	stream(symbol: string, feed: PriceFeed, of?: Pick<Ask, 'signal'>): AsyncGenerator<Result<PriceRead>, void>;
	stream(symbol: string, feed: BookFeed, of?: Pick<Ask, 'signal'>): AsyncGenerator<Result<BookRead>, void>;
	stream(symbol: string, feed: BarsFeed, of?: Pick<Ask, 'signal'>): AsyncGenerator<Result<BarNews>, void>;
	stream(
		symbol: string,
		feed: Feed,
		{ signal }: Pick<Ask, 'signal'> = {},
	): AsyncGenerator<Result<PriceRead>, void> | AsyncGenerator<Result<BookRead>, void> | AsyncGenerator<Result<BarNews>, void> {
		switch (feed.kind) {
			case 'price':
				return arriving<PriceRead>((heard) => this.#feeds.price(symbol, heard), signal);
			case 'book':
				return arriving<BookRead>((heard) => this.#feeds.book(symbol, feed.depth, heard), signal);
			case 'bars':
				return arriving<BarNews>((heard) => this.#feeds.bars(symbol, feed.interval, heard), signal, isClosedBar);
		}
	}

	/** Ends every subscription and whatever still waits. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#feeds[Symbol.dispose]();
		for (const reads of this.#reads.values()) await reads[Symbol.asyncDispose]();
		for (const cache of [this.#prices, this.#books, this.#bars]) await cache[Symbol.asyncDispose]();
		await this.#closing?.[Symbol.asyncDispose]();
	}

	async #each<Value>(
		symbols: readonly string[],
		{ ask, concurrency }: { readonly ask: Ask; readonly concurrency: number },
		work: (found: Found, of: Asked) => Promise<Result<Value>>,
	): Promise<Reads<Value>> {
		const { deadlineMono, signal } = this.#asked(ask);
		const results = await mapConcurrent(
			symbols,
			async (name, _index, itemSignal) => {
				const found = this.#find(name);
				return found.kind === 'failed' ? found : await work(found.value, { deadlineMono, signal: itemSignal });
			},
			{ concurrency, settle: true, ...(signal === undefined ? {} : { signal }) },
		);
		return new Map(results.map((result, index) => [symbols[index] ?? '', result]));
	}

	#asked({ withinMs = this.settings.withinMs, signal }: Ask): Asked {
		return { deadlineMono: this.#clock.monotonicMs() + withinMs, signal };
	}

	#find(symbol: string): Result<Found> {
		const instrument = this.#instrumentOf(symbol);
		if (typeof instrument === 'string') return refused('fatal', instrument);
		if (instrument === undefined) return refused('fatal', `${symbol} is unknown: it is not among the symbols that were opened`);
		const { id, venue, status } = instrument;
		const reads = this.#reads.get(venue);
		if (reads === undefined) return refused('fatal', `${id} cannot be read: nothing was opened to ${venue}`);
		if (status === 'halted') return refused('transient', `${id} is halted: its venue does not trade it now`);
		return ok({ instrument, reads });
	}

	async #price(
		{ instrument, reads }: Found,
		{ isPatient, ...of }: Asked & { readonly isPatient: boolean },
	): Promise<Result<PriceRead>> {
		const { id, index } = instrument;
		const read = await this.#kept(this.#prices, id, of, (withinMs) => reads.price(instrument, { withinMs, isPatient }));
		return numbered(read, index);
	}

	async #book({ instrument, reads }: Found, depth: number, of: Asked): Promise<Result<BookRead>> {
		const { id, index } = instrument;
		const read = await this.#kept(this.#books, `${id} ${depth}`, of, (withinMs) => reads.book(instrument, depth, withinMs));
		return numbered(read, index);
	}

	#barsOf({ instrument, reads }: Found, asked: BarsAsked, of: Asked): Promise<Result<readonly Bar[]>> {
		const { interval, count } = asked;
		const runningBar = Math.floor(this.#clock.wallMs() / BAR_MS[interval]);
		const key = `${instrument.id} ${interval} ${count} ${runningBar}`;
		return this.#kept(this.#bars, key, of, (withinMs) => reads.bars(instrument, asked, withinMs));
	}

	/** Out of the cache, or by one load for all who miss it; but nobody fails because another one had less time. */
	#kept<Value>(
		cache: Cache<Value>,
		key: string,
		{ deadlineMono, signal }: Asked,
		load: (withinMs: number) => Promise<Result<Value>>,
	): Promise<Result<Value>> {
		const leftMs = (): number => deadlineMono - this.#clock.monotonicMs();
		const work: Work<Value> = async (inner) => {
			for (;;) {
				const own = { isAsked: false };
				const found = await cache.getOrLoad(key, () => {
					own.isAsked = true;
					return load(leftMs());
				});
				if (found.kind === 'ok') return ok(found.value.value);
				const wasLate = found.reason === 'timeout' || found.reason === 'rate' || found.reason === 'aborted';
				if (own.isAsked || !wasLate || inner.aborted) return found;
			}
		};
		return within(this.#clock, leftMs(), work, signal);
	}
}

/** A cache that several processes share may hold another one's number of the instrument. */
function numbered<Value extends { readonly instrument: InstrumentIndex }>(
	read: Result<Value>,
	instrument: InstrumentIndex,
): Result<Value> {
	return read.kind === 'ok' ? ok({ ...read.value, instrument }) : read;
}

function refused(failure: 'fatal' | 'transient', detail: string): Result<never> {
	return failed({ reason: 'error', class: failure, detail });
}
