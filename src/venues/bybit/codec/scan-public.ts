/**
 * HOT: reads book and trade frames byte by byte, since JSON.parse makes hundreds of objects that live for a moment.
 * Budget: 0.9 µs for a frame of 12 levels from bytes to updated book (bench/venues/bybit/codec.bench.ts). Fence: the
 * scanners fill one BookDelta and one set of trades over and over, and lend them to the sink; they tell the sink nothing
 * unless the whole frame was understood. Twin: plain-public.ts, which also takes whatever they leave; one suite for both.
 *
 * Taken: the venue's own compact form, members of a frame in the orders it has been seen to use. Left to the twin: blanks,
 * escapes, unknown members, missing ones, exponents, numbers of more than 15 digits, off-grid ones.
 */
import type { TimeMs } from '../../../domain/units.ts';
import { ByteReader } from '../../wire/byte-reader.ts';
import { asciiBytes } from '../../wire/byte-table.ts';
import { type Decoded, FRAME_BYTES_MAX, type PublicDecoder, type PublicSink } from './frames.ts';
import { PlainPublicDecoder } from './plain-public.ts';
import { BookScanner } from './scan-book.ts';
import { TradeScanner } from './scan-trades.ts';
import type { TopicTable } from './topic-table.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE_OBJECT = 0x7d;
const FRAME_HEAD = asciiBytes('{"topic":"');

export function createPublicDecoder(topics: TopicTable): PublicDecoder {
	const scanner = new PublicScanner(topics);
	const plain = new PlainPublicDecoder(topics);
	return {
		decode(bytes: Uint8Array, sink: PublicSink, receivedAtMs: TimeMs): Decoded {
			return scanner.scan(bytes, sink, receivedAtMs) ? 'taken' : plain.decode(bytes, sink, receivedAtMs);
		},
	};
}

export class PublicScanner {
	readonly #topics: TopicTable;
	readonly #reader = new ByteReader();
	readonly #books = new BookScanner(this.#reader);
	readonly #trades = new TradeScanner(this.#reader);

	constructor(topics: TopicTable) {
		this.#topics = topics;
	}

	/** True if the sink was told; false if it was not, and the frame is the twin's. */
	scan(bytes: Uint8Array, sink: PublicSink, receivedAtMs: TimeMs): boolean {
		const length = bytes.length;
		// The last byte is no digit and no letter, so no run of either goes past it.
		if (length > FRAME_BYTES_MAX || bytes[length - 1] !== CLOSE_OBJECT) return false;
		const reader = this.#reader;
		reader.at = 0;
		if (!reader.take(bytes, FRAME_HEAD)) return false;
		const start = reader.at;
		let end = start;
		while (end < length && bytes[end] !== QUOTE) end++;
		const topic = this.#topics.find(bytes, start, end);
		if (topic === undefined || bytes[end + 1] !== COMMA) return false;
		reader.at = end + 2;
		if (topic.depth === 0) return this.#trades.scan(bytes, topic, sink);
		return this.#books.scan(bytes, topic, topic.depth, sink, receivedAtMs);
	}
}
