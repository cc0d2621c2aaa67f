/**
 * Keeps signal models fed: the closed bars of each symbol, each once and in order, and its book every so often; and tells
 * what they say as signals. A model sees its history once, at the start; from then on a bar costs what that bar costs.
 * It decides nothing and waits for nobody: whoever wants a model's word asks for it at any moment.
 */
import type { Instrument } from '../domain/instrument.ts';
import { BAR_MS, type Bar, type BarInterval, type BookRead, type MarketRead, type MarketReader } from '../domain/market-read.ts';
import { type TimeMs, timeMs } from '../domain/units.ts';
import { Bulkhead } from '../network/bulkhead.ts';
import { failed, ok } from '../network/result.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { BarLine } from './bar-line.ts';

type BookSides = Pick<BookRead, 'bids' | 'asks'>;

/** What this room needs of a signal model; those of `strategy` are such. */
export interface FedModel {
	readonly name: string;
	/** 0 for one that reads books only. */
	readonly barsNeeded: number;
	readonly isReady: boolean;
	readonly value: number;
	readonly confidence: number;
	applyBar(bar: Bar): void;
	applyBook(book: BookSides): void;
}

/** What a model says from now on until it says something else or it is too old. */
export interface ModelSignal {
	readonly symbol: string;
	readonly instrument: Instrument;
	/** The model's name. */
	readonly source: string;
	readonly value: number;
	readonly confidence: number;
	readonly atMs: TimeMs;
	readonly expiresAtMs: TimeMs;
}

export interface FedSymbol {
	readonly symbol: string;
	readonly instrument: Instrument;
	readonly reader: Pick<MarketReader, 'bars' | 'followBars'>;
	/** New ones, that have seen nothing; again when bars are missing for good. */
	readonly makeModels: () => readonly FedModel[];
}

export interface ModelFeedOptions {
	readonly clock: Clock;
	readonly symbols: readonly FedSymbol[];
	readonly interval: BarInterval;
	/** Of each symbol at the start; more where a model needs more. */
	readonly historyCount: number;
	/** The best levels of its book; undefined where it is not to be trusted. */
	readonly bookOf?: (instrument: Instrument) => BookSides | undefined;
	readonly bookEveryMs?: number;
	/** Histories that are read at once. */
	readonly concurrency?: number;
	readonly sink: (signal: ModelSignal) => void;
	/** Once when a symbol's bars begin to be missing, and once when they are complete again. */
	readonly onNote?: (note: { readonly symbol: string; readonly kind: 'behind' | 'complete'; readonly sentence: string }) => void;
}

/** A signal lasts until the second bar after its own should have closed: one may come late, two are a failure. */
const BARS_LASTED = 2;
/** The same for those of models that only read books, in readings. */
const BOOKS_LASTED = 5;
/** Between bars a model is told of again when it says something else by so much, or half of its time is over. */
const CHANGE_TOLD = 0.01;

const NO_BOOK: BookSides = { bids: [], asks: [] };

interface Fed {
	readonly of: FedSymbol;
	readonly line: BarLine;
	models: readonly FedModel[];
	readonly told: Map<string, ModelSignal>;
}

export class ModelFeed implements Disposable {
	readonly #options: ModelFeedOptions;
	readonly #clock: Clock;
	readonly #bookEveryMs: number;
	readonly #bulkhead: Bulkhead;
	readonly #called = new AbortController();
	readonly #fed: ReadonlyMap<string, Fed>;
	#timer: Timer | undefined;

	constructor(options: ModelFeedOptions) {
		this.#options = options;
		this.#clock = options.clock;
		this.#bookEveryMs = options.bookEveryMs ?? 1_000;
		this.#bulkhead = new Bulkhead({ concurrentMax: options.concurrency ?? 5, queuedMax: options.symbols.length });
		this.#fed = new Map(options.symbols.map((of) => [of.symbol, this.#feedOf(of)]));
	}

	/** Resolves when every history has been read or could not be for now; symbols do not wait for each other. */
	async start(): Promise<void> {
		if (this.#options.bookOf !== undefined) this.#armBooks();
		await Promise.all([...this.#fed.values()].map(({ line }) => line.start()));
	}

	/** As they stand now; read them, and do not feed them. */
	modelsOf(symbol: string): readonly FedModel[] {
		return this.#fed.get(symbol)?.models ?? [];
	}

	/** The newest closed one that they have seen. */
	lastBarOf(symbol: string): Bar | undefined {
		return this.#fed.get(symbol)?.line.last;
	}

	[Symbol.dispose](): void {
		this.#called.abort();
		this.#timer?.cancel();
		for (const { line } of this.#fed.values()) line[Symbol.dispose]();
	}

	#feedOf(of: FedSymbol): Fed {
		const { clock, interval, historyCount, onNote } = this.#options;
		const models = of.makeModels();
		const line = new BarLine({
			clock,
			interval,
			historyCount: Math.max(historyCount, ...models.map(({ barsNeeded }) => barsNeeded)),
			read: (asked) => this.#read(of, asked),
			follow: (heard) => of.reader.followBars(of.instrument, interval, heard),
			apply: (bars, how) => this.#applyBars(fed, bars, how),
			onTrouble: (trouble) => {
				const { symbol } = of;
				if (trouble === undefined) onNote?.({ symbol, kind: 'complete', sentence: `the bars of ${symbol} are complete again` });
				else onNote?.({ symbol, kind: 'behind', sentence: `bars of ${symbol} are missing: ${trouble}` });
			},
		});
		const fed: Fed = { of, line, models, told: new Map() };
		return fed;
	}

	async #read(
		{ reader, instrument }: FedSymbol,
		asked: Parameters<MarketReader['bars']>[1],
	): Promise<MarketRead<readonly Bar[]>> {
		const read = await this.#bulkhead.run(async (signal) => {
			const bars = await reader.bars(instrument, asked, signal);
			return bars.kind === 'ok' ? ok(bars.value) : failed({ reason: 'error', class: bars.class, detail: bars.sentence });
		}, this.#called.signal);
		return read.kind === 'ok' ? read : { kind: 'failed', class: read.class, sentence: read.detail };
	}

	#applyBars(fed: Fed, bars: readonly Bar[], how: 'anew' | 'joined'): void {
		if (how === 'anew') fed.models = fed.of.makeModels();
		for (const bar of bars) for (const model of fed.models) model.applyBar(bar);
		const last = bars.at(-1) as Bar; // there is always one
		for (const model of fed.models) {
			if (model.isReady && model.barsNeeded > 0) this.#tell(fed, model, last.endAtMs);
		}
	}

	#armBooks(): void {
		this.#timer = this.#clock.after(this.#bookEveryMs, () => {
			for (const fed of this.#fed.values()) this.#applyBook(fed);
			this.#armBooks();
		});
	}

	/** An untrusted book is no book: what it said a moment ago does not count on. */
	#applyBook(fed: Fed): void {
		const book = this.#options.bookOf?.(fed.of.instrument) ?? NO_BOOK;
		const nowMs = this.#clock.wallMs();
		for (const model of fed.models) {
			model.applyBook(book);
			if (model.isReady && this.#isNews(model, fed.told.get(model.name), nowMs)) this.#tell(fed, model, nowMs);
		}
	}

	#isNews({ value, confidence, barsNeeded }: FedModel, told: ModelSignal | undefined, nowMs: number): boolean {
		if (told === undefined) return true;
		if (Math.abs(told.value - value) >= CHANGE_TOLD || Math.abs(told.confidence - confidence) >= CHANGE_TOLD) return true;
		// One of bars lives by its bars.
		return barsNeeded === 0 && nowMs >= (told.atMs + told.expiresAtMs) / 2;
	}

	/** A model of bars is as old as its last one, however new the book is that it looked at as well; too old says nothing. */
	#tell(fed: Fed, model: FedModel, atMs: number): void {
		const { symbol, instrument } = fed.of;
		const barEndAtMs = fed.line.last?.endAtMs;
		const expiresAtMs =
			model.barsNeeded === 0 || barEndAtMs === undefined
				? atMs + BOOKS_LASTED * this.#bookEveryMs
				: barEndAtMs + BARS_LASTED * BAR_MS[this.#options.interval];
		if (expiresAtMs <= this.#clock.wallMs()) return;
		const { name: source, value, confidence } = model;
		const signal = { symbol, instrument, source, value, confidence, atMs: timeMs(atMs), expiresAtMs: timeMs(expiresAtMs) };
		fed.told.set(source, signal);
		this.#options.sink(signal);
	}
}
