/**
 * What every reader of a venue's recorded frames does: it is handed the lines of all files twice. The first time it finds
 * out what they are about and what steps their prices and sizes are written in; the second time it tells a sink. A line that
 * is not as it should be is thrown as a LineFault, and nothing behind it is read.
 */
import { createBook, type DistrustReason } from '../../domain/book.ts';
import type { BookDelta } from '../../domain/book-delta.ts';
import { gridOf } from '../../domain/grid.ts';
import { type Category, type Instrument, instrumentIndex, makeInstrument } from '../../domain/instrument.ts';
import type { Arrival, MarketSink, RecordedInstrument } from '../../domain/market-record.ts';
import { type TimeMs, timeMs } from '../../domain/units.ts';

/** Says of the line that was handed in why it cannot be read, in words for people. */
export class LineFault extends Error {
	override readonly name = 'LineFault';
}

export interface RecordedFormat {
	/** For people: what lines of it look like. */
	readonly about: string;
	/** By the first line of a file. */
	isLike(line: Uint8Array): boolean;
	/** `category` is what the user says they are of, if anything. */
	survey(category: Category | undefined): Survey;
}

export interface Survey {
	line(bytes: Uint8Array): void;
	/** When the last line arrived. */
	readonly lastAtUs: number;
	/** After the last line. */
	end(): Surveyed;
}

export type Surveyed =
	| {
			readonly kind: 'found';
			readonly instrument: RecordedInstrument;
			/** When the first line arrived, and the last. */
			readonly firstAtUs: number;
			readonly lastAtUs: number;
			replay(sink: MarketSink): Replay;
	  }
	| { readonly kind: 'nothing'; readonly sentence: string };

export interface Replay {
	line(bytes: Uint8Array): void;
	readonly counts: ReplayCounts;
}

export interface ReplayCounts {
	/** Lines with a frame in them, whatever it was. */
	frames: number;
	/** Book frames that were not needed: older than the snapshot, or told twice. */
	oldBooks: number;
	/** Book frames that no snapshot made sense of. */
	lostBooks: number;
	/** Times that something was missing between two book frames. */
	gaps: number;
	/** Times that the best bid stood at or above the best ask. */
	crossed: number;
	/** Frames of kinds that a recording does not hold. */
	others: number;
	/** Frames that arrived, by their own word, before the one in front of them; they are told at the time of that one. */
	backInTime: number;
}

export function noCounts(): ReplayCounts {
	return { frames: 0, oldBooks: 0, lostBooks: 0, gaps: 0, crossed: 0, others: 0, backInTime: 0 };
}

/** The finest step that decimals need which are written with trailing zeros and all. */
export class StepFinder {
	#digits = 0;
	isUsed = false;

	/** What is no plain decimal is passed by: whoever reads it says what is wrong with it. */
	see(text: unknown): void {
		if (typeof text !== 'string') return;
		const point = text.indexOf('.');
		this.isUsed = true;
		if (point < 0 || text.length - point - 1 <= this.#digits) return;
		let end = text.length;
		while (text.charCodeAt(end - 1) === ZERO) end--;
		this.#digits = Math.max(this.#digits, end - point - 1);
	}

	get step(): string {
		return this.#digits === 0 ? '1' : `0.${'1'.padStart(this.#digits, '0')}`;
	}
}

const ZERO = 0x30;
/** Becomes the name of a file. Symbols are letters and digits of any script, with few signs between them. */
const SYMBOL = /^[\p{L}\p{N}][\p{L}\p{N}_-]{0,39}$/u;

export function isSymbol(value: unknown): value is string {
	return typeof value === 'string' && SYMBOL.test(value);
}

/** An instrument to read market data with. What orders would need is not known, and set to what harms nothing. */
export function readingInstrument(recorded: RecordedInstrument): Instrument | undefined {
	const { venue, category, symbol, tickSize, lotSize } = recorded;
	if (gridOf(tickSize) === undefined || gridOf(lotSize) === undefined) return undefined;
	const made = makeInstrument(
		{
			venue,
			category,
			symbol,
			baseCurrency: '',
			quoteCurrency: '',
			settleCurrency: '',
			status: 'trading',
			tickSize,
			lotSize,
			priceMin: '0',
			priceMax: tickSize,
			qtyMin: '0',
			qtyMax: lotSize,
			notionalMin: '0',
			reduceOnlySkipsNotionalMin: false,
			makerFeeRate: '0',
			takerFeeRate: '0',
		},
		{ index: instrumentIndex(0), version: 1, refreshedAtMs: timeMs(0) },
	);
	return made.kind === 'made' ? made.instrument : undefined;
}

/** The time of arrival of each record, which never goes back, whatever the lines say. */
export class ArrivalTimes {
	readonly #counts: ReplayCounts;
	readonly #arrival = { instrument: 0, arrivedAtUs: 0, venueAtMs: 0 as TimeMs };

	constructor(counts: ReplayCounts) {
		this.#counts = counts;
	}

	/** A line has arrived. */
	next(atUs: number): void {
		if (atUs < this.#arrival.arrivedAtUs) this.#counts.backInTime++;
		else this.#arrival.arrivedAtUs = atUs;
	}

	/** Lent until the next call. */
	of(venueAtMs: TimeMs | undefined): Arrival {
		this.#arrival.venueAtMs = venueAtMs ?? (0 as TimeMs);
		return this.#arrival;
	}
}

/** The part of a BookSync that every venue's has. */
interface Sync {
	readonly state: { readonly kind: 'waiting' | 'live' } | { readonly kind: 'broken'; readonly reason: BreakReason };
	checkTop(book: { readonly isCrossed: boolean }): 'live' | 'broken';
	restart(): void;
}

type BreakReason = DistrustReason | 'backward';

/** Tells a sink of one book what its venue's BookSync has judged, and when it is lost. */
export class RecordedBook {
	readonly #sink: MarketSink;
	readonly #sync: Sync;
	readonly #counts: ReplayCounts;
	readonly #book = createBook();

	constructor(sink: MarketSink, sync: Sync, counts: ReplayCounts) {
		this.#sink = sink;
		this.#sync = sync;
		this.#counts = counts;
	}

	/** What the sync said 'apply' to. */
	tell(at: Arrival, delta: BookDelta): void {
		this.#book.apply(delta);
		this.#sink.book(at, delta);
		if (this.#sync.checkTop(this.#book) === 'broken') this.lose(at);
	}

	/** The sync has just said 'broken'. It waits for a snapshot afterwards. */
	lose(at: Arrival): void {
		const { state } = this.#sync;
		const reason = state.kind === 'broken' ? state.reason : 'gap';
		if (reason === 'crossed') this.#counts.crossed++;
		else this.#counts.gaps++;
		this.#sink.bookLost(at, reason === 'backward' ? 'gap' : reason);
		this.#sync.restart();
	}
}

/** What a decoder says of a frame that it cannot read. */
export function badFrame({ reason, where }: { readonly reason: string; readonly where: string }): LineFault {
	return new LineFault(`the frame cannot be read: ${where === '' ? '' : `${where} is `}${reason}`);
}
