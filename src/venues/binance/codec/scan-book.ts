/**
 * HOT: the book frames of scan-public.ts, whose header states budget, fence and twin. Members come in one order on spot
 * and in another on futures, and new ones are put in between, so each is told by its name; a name that comes twice is
 * left to the twin, since the last one would hold.
 */
import { BookDelta } from '../../../domain/book-delta.ts';
import type { TimeMs } from '../../../domain/units.ts';
import { type ByteReader, UNREAD } from '../../wire/byte-reader.ts';
import { asciiBytes } from '../../wire/byte-table.ts';
import type { BookFrame, Market, PublicSink } from './frames.ts';
import { scanLevels } from './scan-levels.ts';
import type { Listed, StreamTable } from './stream-table.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const CLOSE_OBJECT = 0x7d;

const EVENT = asciiBytes('"depthUpdate"');
const PREVIOUS_ID = asciiBytes('"pu":');
const PAIR = asciiBytes('"ps":"');
const MARKET = asciiBytes('"st":');
const LAST_UPDATE_ID = asciiBytes('"lastUpdateId":');
const BIDS = asciiBytes('"bids":');
const ASKS = asciiBytes('"asks":');

const NAME = { e: 0x65, E: 0x45, T: 0x54, s: 0x73, U: 0x55, u: 0x75, b: 0x62, a: 0x61 } as const;
/** One bit a member. */
const HAS = { e: 1, E: 2, T: 4, s: 8, U: 16, u: 32, b: 64, a: 128, pu: 256, ps: 512, st: 1024 } as const;
const NEEDED_SPOT = HAS.e | HAS.E | HAS.s | HAS.U | HAS.u | HAS.b | HAS.a;
const NEEDED_LINEAR = NEEDED_SPOT | HAS.T | HAS.pu;

type Lent<Shape> = { -readonly [Member in keyof Shape]: Shape[Member] };

export class BookScanner {
	readonly #reader: ByteReader;
	readonly #streams: StreamTable;
	readonly #isLinear: boolean;
	readonly #needed: number;
	readonly #delta = new BookDelta();
	#frame: Lent<BookFrame> | undefined;
	// What the members of the frame at hand said.
	#listed: Listed | undefined;
	#pushedAtMs = 0;
	#matchedAtMs = 0;
	#firstId = 0;
	#previousId = 0;

	constructor(reader: ByteReader, streams: StreamTable) {
		this.#reader = reader;
		this.#streams = streams;
		const market: Market = streams.market;
		this.#isLinear = market === 'linear';
		this.#needed = this.#isLinear ? NEEDED_LINEAR : NEEDED_SPOT;
	}

	/**
	 * From behind the opening brace of the data to behind the closing one. `listed` is what the stream's name says; in the
	 * raw form the symbol says it, which has to stand before the levels then.
	 */
	scan(bytes: Uint8Array, listed: Listed | undefined, source: BookFrame['source'], receivedAtMs: TimeMs): boolean {
		const reader = this.#reader;
		// Sequence and time may stand behind the levels: they are filled in below.
		this.#delta.reset(source === 'diff' ? 'delta' : 'snapshot', 0, 0 as TimeMs, receivedAtMs);
		this.#listed = listed;
		let seen = 0;
		for (;;) {
			const has = this.#member(bytes);
			if (has === 0 || (seen & has) !== 0) return false;
			// Levels are read into one list, bids first.
			if (has === HAS.b && (seen & HAS.a) !== 0) return false;
			seen |= has;
			const next = bytes[reader.at++];
			if (next === COMMA) continue;
			if (next !== CLOSE_OBJECT || (seen & this.#needed) !== this.#needed) return false;
			return this.#hasSense() && this.#fill(source);
		}
	}

	/** `{"lastUpdateId":…,"bids":[…],"asks":[…]}`, the same way. */
	scanPartialOfSpot(bytes: Uint8Array, listed: Listed, receivedAtMs: TimeMs): boolean {
		const reader = this.#reader;
		const delta = this.#delta;
		if (!reader.take(bytes, LAST_UPDATE_ID)) return false;
		const sequence = reader.whole(bytes);
		if (sequence === UNREAD || bytes[reader.at++] !== COMMA) return false;
		delta.reset('snapshot', sequence, receivedAtMs, receivedAtMs);
		if (!reader.take(bytes, BIDS) || !scanLevels(reader, bytes, 'bid', listed.instrument, delta)) return false;
		if (bytes[reader.at++] !== COMMA || !reader.take(bytes, ASKS)) return false;
		if (!scanLevels(reader, bytes, 'ask', listed.instrument, delta) || bytes[reader.at++] !== CLOSE_OBJECT) return false;
		this.#listed = listed;
		this.#previousId = sequence;
		this.#pushedAtMs = receivedAtMs;
		return this.#lend('partial');
	}

	/** What the last scan found, once its frame turned out to be whole. */
	tell(sink: PublicSink): void {
		sink.book(this.#frame as BookFrame);
	}

	/** One member with its value; answers which, or 0 if it is unknown or its value is not what is expected. */
	#member(bytes: Uint8Array): number {
		const reader = this.#reader;
		const at = reader.at;
		if (bytes[at] !== QUOTE || bytes[at + 2] !== QUOTE || bytes[at + 3] !== COLON) return this.#longMember(bytes);
		reader.at = at + 4;
		switch (bytes[at + 1]) {
			case NAME.b:
				return this.#side(bytes, 'bid') ? HAS.b : 0;
			case NAME.a:
				return this.#side(bytes, 'ask') ? HAS.a : 0;
			case NAME.u:
				this.#delta.sequence = reader.whole(bytes);
				return this.#delta.sequence === UNREAD ? 0 : HAS.u;
			case NAME.U:
				this.#firstId = reader.whole(bytes);
				return this.#firstId === UNREAD ? 0 : HAS.U;
			case NAME.E:
				this.#pushedAtMs = reader.whole(bytes);
				return this.#pushedAtMs === UNREAD ? 0 : HAS.E;
			case NAME.T:
				this.#matchedAtMs = reader.whole(bytes);
				return this.#matchedAtMs === UNREAD ? 0 : HAS.T;
			case NAME.s:
				return this.#symbol(bytes) ? HAS.s : 0;
			case NAME.e:
				return reader.take(bytes, EVENT) ? HAS.e : 0;
			default:
				return 0;
		}
	}

	#longMember(bytes: Uint8Array): number {
		const reader = this.#reader;
		if (reader.take(bytes, PREVIOUS_ID)) {
			this.#previousId = reader.whole(bytes);
			return this.#previousId === UNREAD ? 0 : HAS.pu;
		}
		if (reader.take(bytes, PAIR)) return reader.skipText(bytes) ? HAS.ps : 0;
		if (reader.take(bytes, MARKET)) return reader.whole(bytes) === UNREAD ? 0 : HAS.st;
		return 0;
	}

	#symbol(bytes: Uint8Array): boolean {
		const reader = this.#reader;
		if (bytes[reader.at++] !== QUOTE) return false;
		if (this.#listed !== undefined) return reader.take(bytes, this.#listed.symbolBytes) && bytes[reader.at++] === QUOTE;
		const start = reader.at;
		if (!reader.skipText(bytes)) return false;
		this.#listed = this.#streams.findSymbol(bytes, start, reader.at - 1);
		return this.#listed !== undefined;
	}

	#side(bytes: Uint8Array, side: 'bid' | 'ask'): boolean {
		const listed = this.#listed;
		return listed !== undefined && scanLevels(this.#reader, bytes, side, listed.instrument, this.#delta);
	}

	/** Numbers that contradict each other are the twin's to name. On spot a frame begins behind the one before its first. */
	#hasSense(): boolean {
		if (!this.#isLinear) {
			this.#previousId = this.#firstId - 1;
			this.#matchedAtMs = this.#pushedAtMs;
		}
		const last = this.#delta.sequence;
		return this.#firstId <= last && this.#previousId >= 0 && this.#previousId <= last;
	}

	#fill(source: BookFrame['source']): boolean {
		this.#delta.venueAtMs = this.#matchedAtMs as TimeMs;
		return this.#lend(source);
	}

	#lend(source: BookFrame['source']): boolean {
		const instrument = (this.#listed as Listed).instrument;
		const delta = this.#delta;
		const previousId = this.#previousId;
		const pushedAtMs = this.#pushedAtMs as TimeMs;
		const frame = (this.#frame ??= { instrument, source, delta, previousId, pushedAtMs });
		frame.instrument = instrument;
		frame.source = source;
		frame.previousId = previousId;
		frame.pushedAtMs = pushedAtMs;
		return true;
	}
}
