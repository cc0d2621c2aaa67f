/**
 * HOT: the answer to `GET …/depth`, up to 5000 levels a side, of which JSON.parse would make 20 000 strings while books
 * wait. Budget: half of the twin's time. Fence: one BookDelta, filled over and over and lent until the next call. Twin:
 * `readDepth` of plain-public.ts, which also takes whatever is not in the venue's own form; one test for both.
 */
import { BookDelta } from '../../../domain/book-delta.ts';
import type { Instrument } from '../../../domain/instrument.ts';
import type { TimeMs } from '../../../domain/units.ts';
import { ByteReader, UNREAD } from '../../wire/byte-reader.ts';
import { asciiBytes } from '../../wire/byte-table.ts';
import { wholeNumber } from '../../wire/plain-values.ts';
import { type BadFrame, FRAME_BYTES_MAX } from './frames.ts';
import { bad, fault, parseFrame } from './plain.ts';
import { readDepth } from './plain-public.ts';
import { scanLevels } from './scan-levels.ts';

const COMMA = 0x2c;
const CLOSE_OBJECT = 0x7d;
const HEAD = asciiBytes('{"lastUpdateId":');
const PUSHED_AT = asciiBytes(',"E":');
const MATCHED_AT = asciiBytes(',"T":');
const BIDS = asciiBytes(',"bids":');
const ASKS = asciiBytes('"asks":');

export class DepthDecoder {
	readonly #reader = new ByteReader();
	readonly #delta = new BookDelta();

	/** A delta of kind 'snapshot', lent; its `sequence` is `lastUpdateId`. Spot tells no time, so there it is that of receipt. */
	decode(bytes: Uint8Array, instrument: Instrument, receivedAtMs: TimeMs): BookDelta | BadFrame {
		return this.scan(bytes, instrument, receivedAtMs) ? this.#delta : this.decodePlainly(bytes, instrument, receivedAtMs);
	}

	/** True if it was understood; false if it is the twin's. */
	scan(bytes: Uint8Array, instrument: Instrument, receivedAtMs: TimeMs): boolean {
		const reader = this.#reader;
		const delta = this.#delta;
		reader.at = 0;
		if (bytes.length > FRAME_BYTES_MAX || !reader.take(bytes, HEAD)) return false;
		const sequence = reader.whole(bytes);
		if (sequence === UNREAD) return false;
		if (reader.take(bytes, PUSHED_AT) && reader.whole(bytes) === UNREAD) return false;
		const matchedAtMs = reader.take(bytes, MATCHED_AT) ? reader.whole(bytes) : receivedAtMs;
		if (matchedAtMs === UNREAD || !reader.take(bytes, BIDS)) return false;
		delta.reset('snapshot', sequence, matchedAtMs as TimeMs, receivedAtMs);
		if (!scanLevels(reader, bytes, 'bid', instrument, delta) || bytes[reader.at++] !== COMMA) return false;
		if (!reader.take(bytes, ASKS) || !scanLevels(reader, bytes, 'ask', instrument, delta)) return false;
		return bytes[reader.at++] === CLOSE_OBJECT && reader.at === bytes.length;
	}

	decodePlainly(bytes: Uint8Array, instrument: Instrument, receivedAtMs: TimeMs): BookDelta | BadFrame {
		const about = { instrument, isBook: true };
		const parsed = parseFrame(bytes);
		if (parsed.kind === 'bad') return parsed;
		const { message } = parsed;
		const matchedAtMs = message['T'] === undefined ? receivedAtMs : wholeNumber(message['T']);
		if (typeof matchedAtMs === 'string') return bad(fault(matchedAtMs, 'T'), about);
		const wrong = readDepth(message, this.#delta, { instrument, venueAtMs: matchedAtMs as TimeMs, receivedAtMs });
		return wrong === undefined ? this.#delta : bad(wrong, about);
	}
}
