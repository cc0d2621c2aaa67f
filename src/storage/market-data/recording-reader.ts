/**
 * Tells a recording to a sink, record by record, in the order in which all of it arrived. It keeps one block in memory and
 * takes nothing for granted: what is damaged, cut or of a later version is an error that says where, and never a shorter
 * recording.
 */
import { type BookDelta, DELTA_LEVELS_MAX, BookDelta as Delta } from '../../domain/book-delta.ts';
import type { Category } from '../../domain/instrument.ts';
import type { Arrival, MarketSink, RecordedInstrument } from '../../domain/market-record.ts';
import type { Lots, Ticks, TimeMs } from '../../domain/units.ts';
import { BLOCK_HEADER_BYTES, type BlockHeader, FIRST_LINE, isIntact, readHeader, unpackRows } from './recording-blocks.ts';
import { BOOK_WORDS, HEAD_WORDS, LOST_REASONS, ROW, ROW_WORDS } from './recording-rows.ts';

/** Fills the buffer from there on, and says how many bytes there were: fewer only at the end. */
export type ReadAt = (buffer: Buffer, offset: number) => number;

export class RecordingError extends Error {
	override readonly name = 'RecordingError';
	readonly code: 'not-a-recording' | 'damaged' | 'cut';

	constructor(code: RecordingError['code'], found: string) {
		super(found);
		this.code = code;
	}
}

type Mutable<Shape> = { -readonly [Member in keyof Shape]: Shape[Member] };

export class RecordingReader {
	readonly instruments: readonly RecordedInstrument[];
	readonly #readAt: ReadAt;
	#offset = FIRST_LINE.length;
	#rows: Float64Array = new Float64Array(0);
	#at = 0;
	#blockAt = 0;
	#recordsTold = 0;
	#recordsOwed = 0;
	#isOver = false;
	readonly #arrival: Mutable<Arrival> = { instrument: 0, arrivedAtUs: 0, venueAtMs: 0 as TimeMs };
	readonly #delta: BookDelta = new Delta();

	constructor(readAt: ReadAt) {
		this.#readAt = readAt;
		const first = Buffer.alloc(FIRST_LINE.length);
		const count = readAt(first, 0);
		if (!first.equals(FIRST_LINE)) {
			const isOurs = count === first.length && first.toString('latin1').startsWith('evenkeel recording ');
			throw new RecordingError(
				'not-a-recording',
				isOurs ? 'it is a recording of another version of this program' : 'it does not begin as a recording does',
			);
		}
		const head = this.#nextBlock();
		if (head.header.kind !== 'head') throw this.#damaged('a recording begins with its list of instruments');
		this.instruments = instrumentsOf(head.stored) ?? this.#throw('its list of instruments cannot be read');
	}

	/** Tells the next record; false when all have been told and there are as many as there should be. */
	tellNext(sink: MarketSink): boolean {
		while (this.#at >= this.#rows.length) {
			if (this.#recordsOwed !== 0) throw this.#damaged('it holds fewer records than it says');
			if (this.#isOver || !this.#loadRows()) return false;
		}
		if (this.#recordsOwed-- === 0) throw this.#damaged('it holds more records than it says');
		this.#recordsTold++;
		this.#tell(sink);
		return true;
	}

	#tell(sink: MarketSink): void {
		const at = this.#at;
		const kind = this.#word(at);
		const arrival = this.#arrival;
		arrival.instrument = this.#word(at + 1);
		arrival.arrivedAtUs = this.#word(at + 2);
		arrival.venueAtMs = this.#word(at + 3) as TimeMs;
		if (!(arrival.instrument < this.instruments.length)) throw this.#damaged('a record is of no instrument of the list');
		if (kind === ROW.snapshot || kind === ROW.delta) return this.#book(kind, sink);
		const length = ROW_WORDS[kind];
		if (length === undefined || at + length > this.#rows.length) throw this.#damaged('a record is of no known kind, or cut');
		this.#at += length;
		this.#tellFlat(kind, at + HEAD_WORDS, sink);
	}

	#tellFlat(kind: number, at: number, sink: MarketSink): void {
		const arrival = this.#arrival;
		const word = (index: number): number => this.#word(at + index);
		if (kind === ROW.top) {
			sink.top(arrival, {
				sequence: word(0),
				bidTicks: word(1) as Ticks,
				bidLots: word(2) as Lots,
				askTicks: word(3) as Ticks,
				askLots: word(4) as Lots,
			});
		} else if (kind === ROW.trade) {
			const takerSide = word(2) > 0 ? 'buy' : 'sell';
			sink.trade(arrival, { priceTicks: word(0) as Ticks, qtyLots: word(1) as Lots, takerSide });
		} else if (kind === ROW.mark) {
			sink.mark(arrival, { markTicks: word(0), fundingRate: word(1), nextFundingAtMs: word(2) as TimeMs });
		} else {
			sink.bookLost(arrival, LOST_REASONS[word(0)] ?? this.#throw('a book was lost for no known reason'));
		}
	}

	#book(kind: number, sink: MarketSink): void {
		const rows = this.#rows;
		const count = this.#word(this.#at + HEAD_WORDS + 1);
		const from = this.#at + BOOK_WORDS;
		const to = from + count * 2;
		if (!(count >= 0 && count <= DELTA_LEVELS_MAX && to <= rows.length)) throw this.#damaged('the levels of a book are cut');
		const { arrivedAtUs, venueAtMs } = this.#arrival;
		const delta = this.#delta;
		const sequence = this.#word(this.#at + HEAD_WORDS);
		delta.reset(kind === ROW.snapshot ? 'snapshot' : 'delta', sequence, venueAtMs, Math.floor(arrivedAtUs / 1000) as TimeMs);
		try {
			for (let at = from; at < to; at += 2) {
				const key = rows[at] as number;
				delta.push(key > 0 ? 'bid' : 'ask', Math.abs(key) as Ticks, rows[at + 1] as Lots);
			}
		} catch (error) {
			throw error instanceof RangeError ? this.#damaged(error.message) : error;
		}
		this.#at = to;
		sink.book(this.#arrival, delta);
	}

	#word(at: number): number {
		return this.#rows[at] ?? Number.NaN;
	}

	/** False at the end of the recording. */
	#loadRows(): boolean {
		const { header, stored } = this.#nextBlock();
		if (header.kind === 'end') {
			this.#isOver = true;
			if (countOf(stored) !== this.#recordsTold) throw this.#damaged('its end counts another number of records');
			return false;
		}
		if (header.kind === 'head') throw this.#damaged('its list of instruments comes twice');
		this.#rows = unpackRows(header, stored) ?? this.#throw('it cannot be unpacked');
		this.#at = 0;
		this.#recordsOwed = header.recordCount;
		return true;
	}

	#nextBlock(): { readonly header: BlockHeader; readonly stored: Buffer } {
		this.#blockAt = this.#offset;
		const bytes = Buffer.alloc(BLOCK_HEADER_BYTES);
		if (this.#readAt(bytes, this.#offset) < bytes.length) throw this.#cut();
		const header = readHeader(bytes);
		if (header === undefined) throw this.#damaged('no block begins here');
		const stored = Buffer.alloc(header.storedBytes);
		if (this.#readAt(stored, this.#offset + BLOCK_HEADER_BYTES) < stored.length) throw this.#cut();
		if (!isIntact(bytes, stored)) throw this.#damaged('its check does not hold');
		this.#offset += BLOCK_HEADER_BYTES + stored.length;
		return { header, stored };
	}

	#cut(): RecordingError {
		return new RecordingError('cut', `it ends in the middle: no whole block at byte ${this.#blockAt}, and no end before it`);
	}

	#throw(what: string): never {
		throw this.#damaged(what);
	}

	#damaged(what: string): RecordingError {
		return new RecordingError('damaged', `the block at byte ${this.#blockAt} is damaged: ${what}`);
	}
}

function instrumentsOf(stored: Buffer): readonly RecordedInstrument[] | undefined {
	const head = parsed(stored);
	const list = typeof head === 'object' && head !== null && 'instruments' in head ? head.instruments : undefined;
	return Array.isArray(list) && list.every(isInstrument) ? list : undefined;
}

const CATEGORIES: readonly Category[] = ['spot', 'linear', 'inverse'];

function isInstrument(value: unknown): value is RecordedInstrument {
	if (typeof value !== 'object' || value === null) return false;
	const { venue, category, symbol, tickSize, lotSize } = value as Readonly<Record<string, unknown>>;
	return (
		[venue, symbol, tickSize, lotSize].every((each) => typeof each === 'string') && CATEGORIES.some((each) => each === category)
	);
}

function countOf(stored: Buffer): unknown {
	const end = parsed(stored);
	return typeof end === 'object' && end !== null && 'records' in end ? end.records : undefined;
}

function parsed(stored: Buffer): unknown {
	try {
		return JSON.parse(stored.toString());
	} catch {
		return undefined;
	}
}
