/**
 * The market as whoever watches many symbols asks for it: prices, books and bars as plain numbers, for models and
 * screens. Orders are never made of these: their prices and sizes are ticks and lots. An instrument that cannot be read
 * is a value that says why, so that it costs the others nothing.
 */
import type { Instrument, InstrumentIndex } from './instrument.ts';
import type { FailureClass } from './outcome.ts';
import type { TimeMs } from './units.ts';

/** 0 where the venue has none: spot has no mark and no funding, an empty side has no price. */
export interface PriceRead {
	readonly instrument: InstrumentIndex;
	readonly last: number;
	readonly bid: number;
	readonly ask: number;
	readonly mark: number;
	readonly fundingRate: number;
	/** By the venue's clock. */
	readonly atMs: TimeMs;
}

export interface BookLevel {
	readonly price: number;
	readonly qty: number;
}

/** Best first. */
export interface BookRead {
	readonly instrument: InstrumentIndex;
	readonly bids: readonly BookLevel[];
	readonly asks: readonly BookLevel[];
	readonly atMs: TimeMs;
}

export interface Bar {
	readonly startAtMs: TimeMs;
	/** Its last millisecond. */
	readonly endAtMs: TimeMs;
	readonly open: number;
	readonly high: number;
	readonly low: number;
	readonly close: number;
	/** In the base currency; of inverse contracts in the quote currency. */
	readonly volume: number;
}

/** The lengths that every venue of ours has, in milliseconds. Bars of all of them begin at whole ones of UTC. */
export const BAR_MS = {
	...{ '1m': 60_000, '3m': 180_000, '5m': 300_000, '15m': 900_000, '30m': 1_800_000 },
	...{ '1h': 3_600_000, '2h': 7_200_000, '4h': 14_400_000, '6h': 21_600_000, '12h': 43_200_000 },
	'1d': 86_400_000,
} as const;
export type BarInterval = keyof typeof BAR_MS;

export type MarketRead<Value> =
	| { readonly kind: 'ok'; readonly value: Value }
	/** One sentence for people. */
	| { readonly kind: 'failed'; readonly class: FailureClass; readonly sentence: string };

export interface BarsAsked {
	readonly interval: BarInterval;
	/** The latest so many that are closed. */
	readonly count: number;
	/** None that ends later than this, by the venue's clock; the latest unless said. */
	readonly endAtMs?: TimeMs;
}

/** Hears the running bar while it changes, and each once more when it is closed. */
export type BarHeard = (bar: Bar, isClosed: boolean) => void;

/** What is asked for, as far as it says how many calls that takes. */
export type MarketAsked =
	| { readonly kind: 'prices'; readonly instruments: readonly Instrument[] }
	| { readonly kind: 'book' }
	| { readonly kind: 'bars'; readonly count: number };

/** Asks one venue. Nothing rejects; whoever calls a read off hears at once that it failed. */
export interface MarketReader {
	readonly venue: string;
	/** So many calls a read takes, for whoever keeps to a pace. */
	callCount(asked: MarketAsked): number;
	/** Of all these, in as few calls as the venue has; one that is missing in the answer fails alone. */
	prices(instruments: readonly Instrument[], signal?: AbortSignal): Promise<ReadonlyMap<InstrumentIndex, MarketRead<PriceRead>>>;
	/** At most so many levels a side. */
	orderBook(instrument: Instrument, depth: number, signal?: AbortSignal): Promise<MarketRead<BookRead>>;
	/** Closed ones only, oldest first, without a gap; fewer where the venue has no more. */
	bars(instrument: Instrument, of: BarsAsked, signal?: AbortSignal): Promise<MarketRead<readonly Bar[]>>;
	/** Of an instrument that is subscribed to, until it is disposed. Undefined: there is no room for more. */
	followBars(instrument: Instrument, interval: BarInterval, heard: BarHeard): Disposable | undefined;
}
