/**
 * Reads of one venue's market at a pace that it takes: prices gathered into few calls, so many calls at once, so many a
 * second and a minute. Every read ends by its deadline; what cannot leave before that is not sent.
 */
import type { Instrument } from '../domain/instrument.ts';
import type { Bar, BarsAsked, BookRead, MarketAsked, MarketRead, MarketReader, PriceRead } from '../domain/market-read.ts';
import { Bulkhead } from '../network/bulkhead.ts';
import { RateLimiter, USUAL_WINDOWS } from '../network/limiter.ts';
import { ReadBatcher } from '../network/read-batcher.ts';
import { failed, ok, type Result, type Work } from '../network/result.ts';
import { Timeout } from '../network/timeout.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { MarketDataSettings } from './market-data-settings.ts';

export interface VenueReadsParts {
	readonly reader: MarketReader;
	readonly clock: Clock;
	readonly settings: MarketDataSettings;
}

export interface PriceAsked {
	readonly withinMs: number;
	/** Waits for company. */
	readonly isPatient: boolean;
}

interface Wanted {
	readonly instrument: Instrument;
	readonly deadlineMono: number;
}

/** Who comes when so many wait is sent away. */
const QUEUED_MAX = 1_000;

export class VenueReads implements AsyncDisposable {
	readonly reader: MarketReader;
	readonly #clock: Clock;
	readonly #settings: MarketDataSettings;
	readonly #limiter: RateLimiter<'general' | 'marketData'> | undefined;
	readonly #bulkhead: Bulkhead;
	readonly #prices: ReadBatcher<PriceRead>;
	/** Whoever waits longest for the price of an instrument, by its id: as many as there are instruments. */
	readonly #wanted = new Map<string, Wanted>();
	#hurry: Timer | undefined;

	constructor({ reader, clock, settings }: VenueReadsParts) {
		this.reader = reader;
		this.#clock = clock;
		this.#settings = settings;
		const { requestsPerMinute, marketDataPerSecond, concurrentRequestsMax } = settings;
		// The urgent share of the minute is left to what the engine itself asks the venue.
		const windows = {
			general: { ...USUAL_WINDOWS.general, limit: requestsPerMinute },
			marketData: { ...USUAL_WINDOWS.marketData, limit: marketDataPerSecond },
		};
		this.#limiter = settings.isLimiting ? new RateLimiter({ clock, windows }) : undefined;
		this.#bulkhead = new Bulkhead({ concurrentMax: concurrentRequestsMax, queuedMax: QUEUED_MAX });
		this.#prices = new ReadBatcher({
			clock,
			read: (ids) => this.#readPrices(ids),
			batchSize: settings.isBatching ? settings.batchSize : 1,
			batchTimeoutMs: settings.batchTimeoutMs,
			concurrentBatchesMax: settings.concurrentBatchesMax,
		});
	}

	price(instrument: Instrument, { withinMs, isPatient }: PriceAsked): Promise<Result<PriceRead>> {
		const deadlineMono = this.#clock.monotonicMs() + withinMs;
		const known = this.#wanted.get(instrument.id);
		this.#wanted.set(instrument.id, { instrument, deadlineMono: Math.max(deadlineMono, known?.deadlineMono ?? 0) });
		if (!isPatient) this.#hurryUp();
		return within(this.#clock, withinMs, (signal) => this.#prices.get(instrument.id, signal));
	}

	book(instrument: Instrument, depth: number, withinMs: number): Promise<Result<BookRead>> {
		return this.#call({ kind: 'book' }, withinMs, async (signal) =>
			resultOf(await this.reader.orderBook(instrument, depth, signal)),
		);
	}

	bars(instrument: Instrument, of: BarsAsked, withinMs: number): Promise<Result<readonly Bar[]>> {
		return this.#call({ kind: 'bars', count: of.count }, withinMs, async (signal) =>
			resultOf(await this.reader.bars(instrument, of, signal)),
		);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#hurry?.cancel();
		await this.#prices[Symbol.asyncDispose]();
		await this.#bulkhead[Symbol.asyncDispose]();
		await this.#limiter?.[Symbol.asyncDispose]();
	}

	/** At the end of this turn, so that all who ask in it share their calls. */
	#hurryUp(): void {
		this.#hurry ??= this.#clock.after(0, () => {
			this.#hurry = undefined;
			this.#prices.flush();
		});
	}

	#readPrices(ids: readonly string[]): Promise<Result<ReadonlyMap<string, Result<PriceRead>>>> {
		const wanted = ids.flatMap((id) => this.#wanted.get(id) ?? []);
		const instruments = wanted.map(({ instrument }) => instrument);
		const deadlineMono = Math.max(...wanted.map((each) => each.deadlineMono));
		return this.#call({ kind: 'prices', instruments }, deadlineMono - this.#clock.monotonicMs(), async (signal) => {
			const found = await this.reader.prices(instruments, signal);
			return ok(
				new Map(
					instruments.flatMap(({ id, index }) => {
						const read = found.get(index);
						return read === undefined ? [] : [[id, resultOf(read)] as const];
					}),
				),
			);
		});
	}

	#call<Value>(asked: MarketAsked, withinMs: number, work: Work<Value>): Promise<Result<Value>> {
		if (withinMs <= 0) return Promise.resolve(TOO_LATE);
		const deadlineMono = this.#clock.monotonicMs() + withinMs;
		const paced: Work<Value> = async (signal) => {
			const taken = await this.#take(asked, deadlineMono, signal);
			return taken.kind === 'ok' ? await work(signal) : taken;
		};
		return within(this.#clock, withinMs, (signal) => this.#bulkhead.run(paced, signal));
	}

	async #take(asked: MarketAsked, deadlineMono: number, signal: AbortSignal): Promise<Result<void>> {
		// What takes more calls than a second has would never go.
		const calls = Math.min(this.reader.callCount(asked), this.#settings.marketDataPerSecond);
		const weights = { general: calls, marketData: calls };
		const withinMs = deadlineMono - this.#clock.monotonicMs();
		return (await this.#limiter?.take({ weights, withinMs, signal })) ?? ok(undefined);
	}
}

/** At the deadline the caller has an answer, and the work is told to stop. */
export function within<Value>(clock: Clock, withinMs: number, work: Work<Value>, signal?: AbortSignal): Promise<Result<Value>> {
	const timeoutMs = Math.max(0, withinMs);
	return new Timeout({ clock, timeoutMs, failsAs: 'transient' }).run(work, signal);
}

/** Not even asked. */
const TOO_LATE: Result<never> = failed({ reason: 'timeout', class: 'transient', detail: 'no time was left to ask' });

function resultOf<Value>(read: MarketRead<Value>): Result<Value> {
	if (read.kind === 'ok') return ok(read.value);
	return failed({ reason: 'error', class: read.class, detail: read.sentence });
}
