/** HOT: the book frames of scan-public.ts, whose header states budget, fence and twin. */
import { BookDelta, type BookSide, DELTA_LEVELS_MAX } from '../../../domain/book-delta.ts';
import type { Grid } from '../../../domain/grid.ts';
import type { Lots, Ticks, TimeMs } from '../../../domain/units.ts';
import { type ByteReader, UNREAD } from '../../wire/byte-reader.ts';
import { asciiBytes } from '../../wire/byte-table.ts';
import { FrameHead } from './frame-head.ts';
import type { BookDepth, BookFrame, PublicSink } from './frames.ts';
import type { Topic } from './topic-table.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;

const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
/** So many digits always fit a signed 32-bit integer. */
const DIGITS_OF_INT32 = 9;
/** More digits than any number has. */
const NEVER = 99;

const DATA = asciiBytes('"data":{"s":"');
const BIDS = asciiBytes('","b":');
const ASKS = asciiBytes(',"a":');
const UPDATE_ID = asciiBytes(',"u":');
const CROSS_SEQUENCE = asciiBytes(',"seq":');
const MATCHED_AT = asciiBytes('},"cts":');

type Lent<Shape> = { -readonly [Member in keyof Shape]: Shape[Member] };

export class BookScanner {
	readonly #reader: ByteReader;
	readonly #head = new FrameHead();
	readonly #delta = new BookDelta();
	#frame: Lent<BookFrame> | undefined;

	constructor(reader: ByteReader) {
		this.#reader = reader;
	}

	/** From behind the comma after the topic to the end of the frame. */
	scan(bytes: Uint8Array, topic: Topic, depth: BookDepth, sink: PublicSink, receivedAtMs: TimeMs): boolean {
		const reader = this.#reader;
		const head = this.#head;
		const delta = this.#delta;
		const { instrument } = topic;
		if (!head.read(reader, bytes)) return false;
		if (!(reader.take(bytes, DATA) && reader.take(bytes, topic.symbolBytes) && reader.take(bytes, BIDS))) return false;
		// Sequence and times stand behind the levels: they are filled in below.
		delta.reset(head.kind, 0, 0 as TimeMs, receivedAtMs);
		if (!this.#levels(bytes, 'bid', instrument.priceGrid, instrument.qtyGrid) || !reader.take(bytes, ASKS)) return false;
		if (!this.#levels(bytes, 'ask', instrument.priceGrid, instrument.qtyGrid) || !reader.take(bytes, UPDATE_ID)) return false;
		const sequence = reader.whole(bytes);
		if (sequence === UNREAD || !reader.take(bytes, CROSS_SEQUENCE)) return false;
		const crossSequence = reader.whole(bytes);
		if (crossSequence === UNREAD || !reader.take(bytes, MATCHED_AT)) return false;
		const matchedAtMs = reader.whole(bytes);
		if (matchedAtMs === UNREAD || bytes[reader.at] !== CLOSE_OBJECT || reader.at + 1 !== bytes.length) return false;
		delta.sequence = sequence;
		delta.venueAtMs = matchedAtMs as TimeMs;
		const pushedAtMs = head.pushedAtMs as TimeMs;
		const frame = (this.#frame ??= { instrument, depth, delta, crossSequence, pushedAtMs });
		frame.instrument = instrument;
		frame.depth = depth;
		frame.crossSequence = crossSequence;
		frame.pushedAtMs = pushedAtMs;
		sink.book(frame);
		return true;
	}

	/**
	 * `[["64999.90","1.250"],…]`. Prices and sizes come in turn. The usual number (a step of one unit, up to nine digits) is
	 * read in place, which is a sixth faster than a call that the compiler takes in or not; the reader reads all others.
	 */
	#levels(bytes: Uint8Array, side: BookSide, priceGrid: Grid, qtyGrid: Grid): boolean {
		const reader = this.#reader;
		const delta = this.#delta;
		const priceDigits = priceGrid.stepUnits === 1 ? priceGrid.scale : NEVER;
		const qtyDigits = qtyGrid.stepUnits === 1 ? qtyGrid.scale : NEVER;
		let at = reader.at;
		if (bytes[at] !== OPEN_LIST) return false;
		if (bytes[++at] === CLOSE_LIST) {
			reader.at = at + 1;
			return true;
		}
		let isPrice = true;
		let ticks = 0;
		for (;;) {
			if (isPrice && bytes[at++] !== OPEN_LIST) return false;
			if (bytes[at++] !== QUOTE) return false;
			const start = at;
			const scale = isPrice ? priceDigits : qtyDigits;
			let steps = 0;
			let code = bytes[at] as number;
			while (code >= ZERO && code <= NINE) {
				steps = (Math.imul(steps, 10) + code - ZERO) | 0;
				code = bytes[++at] as number;
			}
			let digits = at - start;
			let missing = scale;
			if (code === POINT) {
				const first = at + 1;
				code = bytes[++at] as number;
				while (code >= ZERO && code <= NINE && at - first < scale) {
					steps = (Math.imul(steps, 10) + code - ZERO) | 0;
					code = bytes[++at] as number;
				}
				missing = scale - (at - first);
				while (code === ZERO) code = bytes[++at] as number;
				// No digit before the point or none behind it is no number, which the reader will say.
				digits = digits === 0 || at === first ? NEVER : at - start - 1;
			}
			// All digits are there, or there is nothing to shift: the steps of the grid.
			if (code === QUOTE && digits > 0 && digits <= DIGITS_OF_INT32 && (missing === 0 || steps === 0)) at++;
			else {
				reader.at = start;
				steps = reader.steps(bytes, isPrice ? priceGrid : qtyGrid);
				at = reader.at;
			}
			if (isPrice) {
				if (steps <= 0 || bytes[at++] !== COMMA) return false;
				ticks = steps;
				isPrice = false;
				continue;
			}
			if (steps === UNREAD || bytes[at++] !== CLOSE_LIST || delta.count >= DELTA_LEVELS_MAX) return false;
			delta.push(side, ticks as Ticks, steps as Lots);
			isPrice = true;
			const next = bytes[at++];
			if (next === COMMA) continue;
			reader.at = at;
			return next === CLOSE_LIST;
		}
	}
}
