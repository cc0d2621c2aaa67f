/**
 * The outer shape of a recording: a line of text, then blocks. A block is checked as a whole, is read and unpacked without
 * the others, and says from when to when it tells, so that a reader needs room for one of them and can pass by the rest.
 *
 *   'evenkeel recording 1\n'
 *   then blocks:
 *    0  magic 'EKB1'        4  kind: 1 head, 2 market data, 3 end
 *    8  bytes as stored    12  bytes when unpacked    16  count of records
 *   20  first and 28 last arrival, doubles, in microseconds since 1970
 *   36  crc32 of bytes 0 to 35 and of what is stored    40  what is stored
 *
 * All numbers little-endian. Head and end are JSON as it is; market data are packed with raw deflate (recording-rows.ts
 * says what is in them). The end says how many records there are; a file without one was cut.
 */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

export const FIRST_LINE = Buffer.from('evenkeel recording 1\n');
export const BLOCK_HEADER_BYTES = 40;
const CHECKED_HEADER_BYTES = 36;
/** 'EKB1' */
const MAGIC = 0x31424b45;
/** Ten times what a writer puts into one; a length beyond it is damage, not a reason to ask for memory. */
const BLOCK_BYTES_MAX = 4 << 20;
/** Level 6 saves another 4 % and takes twice the time. */
const LEVEL = 4;

const KINDS = ['head', 'market', 'end'] as const;
export type BlockKind = (typeof KINDS)[number];

export interface Span {
	readonly recordCount: number;
	readonly firstAtUs: number;
	readonly lastAtUs: number;
}

export interface BlockHeader extends Span {
	readonly kind: BlockKind;
	readonly storedBytes: number;
	readonly unpackedBytes: number;
}

const NO_SPAN: Span = { recordCount: 0, firstAtUs: 0, lastAtUs: 0 };

export function textBlock(kind: 'head' | 'end', text: string): Uint8Array {
	const bytes = Buffer.from(text);
	return block(kind, bytes, bytes.length, NO_SPAN);
}

export function marketBlock(rows: Float64Array, span: Span): Uint8Array {
	const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
	return block('market', deflateRawSync(bytes, { level: LEVEL }), bytes.length, span);
}

function block(kind: BlockKind, stored: Uint8Array, unpackedBytes: number, span: Span): Uint8Array {
	const bytes = Buffer.allocUnsafe(BLOCK_HEADER_BYTES + stored.length);
	bytes.writeUInt32LE(MAGIC, 0);
	bytes.writeUInt32LE(KINDS.indexOf(kind) + 1, 4);
	bytes.writeUInt32LE(stored.length, 8);
	bytes.writeUInt32LE(unpackedBytes, 12);
	bytes.writeUInt32LE(span.recordCount, 16);
	bytes.writeDoubleLE(span.firstAtUs, 20);
	bytes.writeDoubleLE(span.lastAtUs, 28);
	bytes.writeUInt32LE(crc32(stored, crc32(bytes.subarray(0, CHECKED_HEADER_BYTES))), CHECKED_HEADER_BYTES);
	bytes.set(stored, BLOCK_HEADER_BYTES);
	return bytes;
}

/** Undefined where no block of ours begins. Whether it is whole is for `isIntact` to say, which needs what is stored. */
export function readHeader(header: Buffer): BlockHeader | undefined {
	const kind = KINDS[header.readUInt32LE(4) - 1];
	const storedBytes = header.readUInt32LE(8);
	const unpackedBytes = header.readUInt32LE(12);
	if (header.readUInt32LE(0) !== MAGIC || kind === undefined) return undefined;
	if (storedBytes > BLOCK_BYTES_MAX || unpackedBytes > BLOCK_BYTES_MAX) return undefined;
	return {
		kind,
		storedBytes,
		unpackedBytes,
		recordCount: header.readUInt32LE(16),
		firstAtUs: header.readDoubleLE(20),
		lastAtUs: header.readDoubleLE(28),
	};
}

export function isIntact(header: Buffer, stored: Buffer): boolean {
	const check = crc32(stored, crc32(header.subarray(0, CHECKED_HEADER_BYTES)));
	return check === header.readUInt32LE(CHECKED_HEADER_BYTES);
}

/** Of a block that is intact. Undefined: a broken writer has made it, and it is not what its header says. */
export function unpackRows({ unpackedBytes }: BlockHeader, stored: Uint8Array): Float64Array | undefined {
	let bytes: Uint8Array;
	try {
		bytes = inflateRawSync(stored, { maxOutputLength: Math.max(unpackedBytes, 1) });
	} catch {
		return undefined;
	}
	if (bytes.length !== unpackedBytes || bytes.length % 8 !== 0) return undefined;
	// A copy begins where doubles may begin.
	return new Float64Array(new Uint8Array(bytes).buffer);
}
