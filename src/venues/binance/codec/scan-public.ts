/**
 * HOT: reads book frames, best prices and trades byte by byte, since JSON.parse makes hundreds of objects that live for a
 * moment. Budget: 2 µs for a spot diff of 30 levels from bytes to updated book (bench/venues/binance/codec.bench.ts).
 * Fence: the scanners fill one BookDelta, one trade and one top over and over, and lend them to the sink; they tell the
 * sink nothing unless the whole frame was understood. Twin: plain-public.ts, which also takes whatever they leave; one
 * suite for both.
 *
 * Taken: the venue's own compact form, raw or combined. Left to the twin: blanks, escapes, unknown members, missing ones,
 * exponents, numbers of more than 15 digits, off-grid ones, marks (one a second), all that is about no listed symbol.
 */
import type { TimeMs } from '../../../domain/units.ts';
import { ByteReader } from '../../wire/byte-reader.ts';
import { asciiBytes } from '../../wire/byte-table.ts';
import { type Decoded, FRAME_BYTES_MAX, type PublicDecoder, type PublicSink } from './frames.ts';
import { PlainPublicDecoder } from './plain-public.ts';
import { BookScanner } from './scan-book.ts';
import { type FlatKind, FlatScanner } from './scan-flat.ts';
import type { Listed, Stream, StreamKind, StreamTable } from './stream-table.ts';

const QUOTE = 0x22;
const CLOSE_OBJECT = 0x7d;
const COMBINED = asciiBytes('{"stream":"');
const DATA = asciiBytes(',"data":{');
const RAW_EVENT = asciiBytes('{"e":"');
/** Spot's best prices have no event. */
const RAW_TOP = asciiBytes('{"u":');
/** Events by the letter that they begin with; whoever reads the members checks the others. */
const KIND_BY_LETTER: ReadonlyMap<number, StreamKind> = new Map([
	[0x61, 'aggTrade'],
	[0x62, 'top'],
	[0x64, 'diff'],
	[0x74, 'trade'],
]);

export function createPublicDecoder(streams: StreamTable): PublicDecoder {
	const scanner = new PublicScanner(streams);
	const plain = new PlainPublicDecoder(streams);
	return {
		decode(bytes: Uint8Array, sink: PublicSink, receivedAtMs: TimeMs): Decoded {
			return scanner.scan(bytes, sink, receivedAtMs) ? 'taken' : plain.decode(bytes, sink, receivedAtMs);
		},
	};
}

export class PublicScanner {
	readonly #streams: StreamTable;
	readonly #reader = new ByteReader();
	readonly #books: BookScanner;
	readonly #flat: FlatScanner;

	constructor(streams: StreamTable) {
		this.#streams = streams;
		this.#books = new BookScanner(this.#reader, streams);
		this.#flat = new FlatScanner(this.#reader, streams);
	}

	/** True if the sink was told; false if it was not, and the frame is the twin's. */
	scan(bytes: Uint8Array, sink: PublicSink, receivedAtMs: TimeMs): boolean {
		const length = bytes.length;
		// The last byte is no digit and no letter, so no run of either goes past it.
		if (length > FRAME_BYTES_MAX || bytes[length - 1] !== CLOSE_OBJECT) return false;
		const reader = this.#reader;
		reader.at = 0;
		if (!reader.take(bytes, COMBINED)) return this.#raw(bytes, sink, receivedAtMs);
		const stream = this.#stream(bytes);
		if (stream === undefined || !reader.take(bytes, DATA)) return false;
		if (!this.#data(bytes, stream.kind, stream.listed, receivedAtMs)) return false;
		if (reader.at + 1 !== length) return false;
		this.#tell(stream.kind, sink);
		return true;
	}

	#stream(bytes: Uint8Array): Stream | undefined {
		const reader = this.#reader;
		const start = reader.at;
		let end = start;
		while (end < bytes.length && bytes[end] !== QUOTE) end++;
		reader.at = end + 1;
		return this.#streams.findStream(bytes, start, end);
	}

	#raw(bytes: Uint8Array, sink: PublicSink, receivedAtMs: TimeMs): boolean {
		const reader = this.#reader;
		reader.at = 0;
		const kind = reader.take(bytes, RAW_EVENT)
			? KIND_BY_LETTER.get(bytes[reader.at] as number)
			: reader.take(bytes, RAW_TOP)
				? 'top'
				: undefined;
		reader.at = 1;
		if (kind === undefined || !this.#data(bytes, kind, undefined, receivedAtMs) || reader.at !== bytes.length) return false;
		this.#tell(kind, sink);
		return true;
	}

	/** From behind the brace that opens the data to behind the one that closes them. */
	#data(bytes: Uint8Array, kind: StreamKind, listed: Listed | undefined, receivedAtMs: TimeMs): boolean {
		if (kind === 'diff') return this.#books.scan(bytes, listed, 'diff', receivedAtMs);
		if (kind === 'mark') return false;
		if (kind !== 'partial') return this.#flat.scan(bytes, kind satisfies FlatKind, listed);
		if (listed === undefined) return false;
		if (this.#streams.market === 'spot') return this.#books.scanPartialOfSpot(bytes, listed, receivedAtMs);
		return this.#books.scan(bytes, listed, 'partial', receivedAtMs);
	}

	#tell(kind: StreamKind, sink: PublicSink): void {
		if (kind === 'diff' || kind === 'partial') this.#books.tell(sink);
		else this.#flat.tell(sink);
	}
}
