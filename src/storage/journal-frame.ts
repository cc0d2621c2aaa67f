/**
 * The outer shape of a journal file: frames, each the records of one write. A frame is checked as a whole, so that half a
 * write counts as none of it, and writes follow one another, so a broken frame with a whole one behind it can only be
 * damage to what was once safe. Zeros behind the last write are room for the next one; no frame ends in a zero.
 *
 *   0  magic 'EKJ1'    4  length of the payload    8  number of the first record (48 bit)
 *  14  count of records    16  crc32 of the payload and bytes 0 to 15    20  payload: one record a line, JSON
 *
 * All numbers little-endian. The check begins with the payload, since that is long, and known before the number is.
 */
import { crc32 } from 'node:zlib';

const HEADER_BYTES = 20;
const CHECKED_HEADER_BYTES = 16;
/** 'EKJ1' */
const MAGIC = 0x314a4b45;
const MAGIC_BYTES = Buffer.from('EKJ1');
/** Far above any flush; a length beyond it is damage, not a reason to ask for memory. */
const PAYLOAD_BYTES_MAX = 64 * 1024 * 1024;
export const RECORDS_PER_FRAME_MAX = 65_535;

export interface Frame {
	readonly firstNumber: number;
	readonly count: number;
	readonly payload: Uint8Array;
	/** Of the byte behind it. */
	readonly endOffset: number;
}

export type JournalTail =
	| { readonly kind: 'whole' }
	/** A write that did not get to its end: nothing whole stands behind it, so cutting it loses nothing that was safe. */
	| { readonly kind: 'torn' }
	/** Whole frames stand behind the broken place, or records are missing between frames. */
	| { readonly kind: 'damaged'; readonly detail: string };

export interface FramesRead {
	readonly frames: readonly Frame[];
	/** Up to here all is well. */
	readonly goodBytes: number;
	/** Without the room for what was to come. */
	readonly usedBytes: number;
	readonly tail: JournalTail;
	/** Whole ones behind the damage: what they tell is true, though not all that there was. */
	readonly beyond: readonly Frame[];
}

/** A frame but for its number. */
export interface FrameDraft {
	readonly bytes: Buffer;
	readonly count: number;
	readonly payloadCheck: number;
}

/** Lines are the records, each without a line end. */
export function encodeFrame(firstNumber: number, lines: readonly string[]): Buffer {
	return numberFrame(draftFrame(lines), firstNumber);
}

/** All of it that takes long. */
export function draftFrame(lines: readonly string[]): FrameDraft {
	if (lines.length === 0 || lines.length > RECORDS_PER_FRAME_MAX)
		throw new RangeError(`a frame holds 1 to ${RECORDS_PER_FRAME_MAX} records, found ${lines.length}`);
	const text = lines.join('\n');
	const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(text));
	const length = bytes.write(text, HEADER_BYTES);
	if (bytes.at(-1) === 0) throw new RangeError('a record that ends in a zero could not be told from room behind it');
	bytes.writeUInt32LE(MAGIC, 0);
	bytes.writeUInt32LE(length, 4);
	bytes.writeUInt16LE(lines.length, 14);
	return { bytes, count: lines.length, payloadCheck: crc32(bytes.subarray(HEADER_BYTES)) };
}

/** To be called once for a draft, whose bytes become the frame. */
export function numberFrame({ bytes, payloadCheck }: FrameDraft, firstNumber: number): Buffer {
	bytes.writeUIntLE(firstNumber, 8, 6);
	bytes.writeUInt32LE(crc32(bytes.subarray(0, CHECKED_HEADER_BYTES), payloadCheck), CHECKED_HEADER_BYTES);
	return bytes;
}

/** `firstNumber` is that of the file's first record; where nobody knows it, the file is believed. */
export function readFrames(bytes: Uint8Array, firstNumber?: number): FramesRead {
	const buffer = withoutRoom(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
	const usedBytes = buffer.length;
	const frames: Frame[] = [];
	let offset = 0;
	let expected = firstNumber;
	while (offset < buffer.length) {
		const frame = frameAt(buffer, offset);
		if (frame === undefined || frame.firstNumber !== (expected ?? frame.firstNumber)) {
			return { frames, goodBytes: offset, usedBytes, ...behind(buffer, offset, expected) };
		}
		frames.push(frame);
		offset = frame.endOffset;
		expected = frame.firstNumber + frame.count;
	}
	return { frames, goodBytes: offset, usedBytes, tail: { kind: 'whole' }, beyond: [] };
}

function withoutRoom(buffer: Buffer): Buffer {
	let end = buffer.length;
	while (end > 0 && buffer[end - 1] === 0) end -= 1;
	return buffer.subarray(0, end);
}

export function linesOf(frame: Frame): readonly string[] {
	return Buffer.from(frame.payload.buffer, frame.payload.byteOffset, frame.payload.byteLength).toString().split('\n');
}

function frameAt(buffer: Buffer, offset: number): Frame | undefined {
	if (buffer.length - offset < HEADER_BYTES || buffer.readUInt32LE(offset) !== MAGIC) return undefined;
	const length = buffer.readUInt32LE(offset + 4);
	const endOffset = offset + HEADER_BYTES + length;
	if (length > PAYLOAD_BYTES_MAX || endOffset > buffer.length) return undefined;
	if (checksum(buffer, offset, length) !== buffer.readUInt32LE(offset + CHECKED_HEADER_BYTES)) return undefined;
	return {
		firstNumber: buffer.readUIntLE(offset + 8, 6),
		count: buffer.readUInt16LE(offset + 14),
		payload: buffer.subarray(offset + HEADER_BYTES, endOffset),
		endOffset,
	};
}

function checksum(buffer: Buffer, offset: number, length: number): number {
	const payload = crc32(buffer.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + length));
	return crc32(buffer.subarray(offset, offset + CHECKED_HEADER_BYTES), payload);
}

/** One write is out at a time, so a whole frame behind a broken one was written after that one was safe. */
function behind(buffer: Buffer, brokenAt: number, expected: number | undefined): Pick<FramesRead, 'tail' | 'beyond'> {
	const beyond: Frame[] = [];
	let detail: string | undefined;
	let nextNumber = expected ?? 0;
	for (let at = brokenAt; at >= 0; ) {
		const frame = frameAt(buffer, at);
		if (frame === undefined) {
			at = buffer.indexOf(MAGIC_BYTES, at + 1);
			continue;
		}
		detail ??=
			at === brokenAt
				? `record ${expected} should stand at byte ${at}, and ${frame.firstNumber} does`
				: `the bytes from ${brokenAt} to ${at} are no record, and whole ones follow`;
		// What is of before stands here by mistake, and was told already.
		if (frame.firstNumber >= nextNumber) {
			beyond.push(frame);
			nextNumber = frame.firstNumber + frame.count;
		}
		at = frame.endOffset;
	}
	return { tail: detail === undefined ? { kind: 'torn' } : { kind: 'damaged', detail }, beyond };
}
