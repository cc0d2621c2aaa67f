/**
 * HOT: what stands between topic and data of every public frame: its type and when it was pushed, in either order, since
 * derivatives send the type first and spot the time. Fence and twin: those of scan-public.ts.
 */
import type { BookDeltaKind } from '../../../domain/book-delta.ts';
import { type ByteReader, UNREAD } from '../../wire/byte-reader.ts';
import { asciiBytes } from '../../wire/byte-table.ts';

const COMMA = 0x2c;
const TYPE_DELTA = asciiBytes('"type":"delta",');
const TYPE_SNAPSHOT = asciiBytes('"type":"snapshot",');
const PUSHED_AT = asciiBytes('"ts":');

export class FrameHead {
	kind: BookDeltaKind = 'delta';
	pushedAtMs = 0;

	/** From behind the comma after the topic to behind the comma before the data. */
	read(reader: ByteReader, bytes: Uint8Array): boolean {
		if (reader.take(bytes, PUSHED_AT)) return this.#pushedAt(reader, bytes) && this.#kind(reader, bytes);
		return this.#kind(reader, bytes) && reader.take(bytes, PUSHED_AT) && this.#pushedAt(reader, bytes);
	}

	#kind(reader: ByteReader, bytes: Uint8Array): boolean {
		if (reader.take(bytes, TYPE_DELTA)) {
			this.kind = 'delta';
			return true;
		}
		this.kind = 'snapshot';
		return reader.take(bytes, TYPE_SNAPSHOT);
	}

	#pushedAt(reader: ByteReader, bytes: Uint8Array): boolean {
		this.pushedAtMs = reader.whole(bytes);
		return this.pushedAtMs !== UNREAD && bytes[reader.at++] === COMMA;
	}
}
