/**
 * Finds the one file in a ZIP archive, without reading the rest of it. Exchanges publish archives with a single file in
 * each, so more than that is refused, and so are those beyond 4 GiB, which have a list of another form.
 */
import type { FileHandle } from 'node:fs/promises';

export interface ZipEntry {
	readonly dataAt: number;
	readonly packedBytes: number;
	readonly isDeflated: boolean;
	/** crc32 of what is packed. */
	readonly check: number;
}

const LIST_END = 0x06054b50;
const LISTED = 0x02014b50;
const LIST_END_BYTES = 22;
const LISTED_BYTES = 46;
const LOCAL_BYTES = 30;
/** A comment of this length may stand behind the end of the list. */
const COMMENT_BYTES_MAX = 65_535;
const BEYOND = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;
const IS_ENCRYPTED = 1;

/** A string says why there is none that can be read. */
export async function findZipEntry(file: FileHandle): Promise<ZipEntry | string> {
	const { size } = await file.stat();
	const tail = await readAt(file, Math.max(0, size - LIST_END_BYTES - COMMENT_BYTES_MAX), LIST_END_BYTES + COMMENT_BYTES_MAX);
	const end = tail.subarray(listEndIn(tail));
	if (end.length < LIST_END_BYTES || end.readUInt32LE(0) !== LIST_END) {
		return 'the file is cut: it begins as a ZIP archive, and the list of its files is missing at the end';
	}
	const count = end.readUInt16LE(10);
	const listAt = end.readUInt32LE(16);
	if (count !== 1) return `the ZIP archive holds ${count} files, expected one`;
	const listed = await readAt(file, listAt, LISTED_BYTES);
	if (listed.length < LISTED_BYTES || listed.readUInt32LE(0) !== LISTED)
		return 'the ZIP archive is damaged: its list is not where it should be';
	return await entryOf(file, listed);
}

function listEndIn(tail: Buffer): number {
	const signature = Buffer.alloc(4);
	signature.writeUInt32LE(LIST_END);
	const at = tail.lastIndexOf(signature);
	return at < 0 ? tail.length : at;
}

async function entryOf(file: FileHandle, listed: Buffer): Promise<ZipEntry | string> {
	const method = listed.readUInt16LE(10);
	const packedBytes = listed.readUInt32LE(20);
	const localAt = listed.readUInt32LE(42);
	if ((listed.readUInt16LE(8) & IS_ENCRYPTED) !== 0) return 'the ZIP archive wants a password: unpack it first';
	if (method !== STORED && method !== DEFLATED) return `the ZIP archive is packed by method ${method}: unpack it first`;
	if (packedBytes === BEYOND || localAt === BEYOND || listed.readUInt32LE(24) === BEYOND) {
		return 'the ZIP archive is larger than 4 GiB: unpack it first';
	}
	const local = await readAt(file, localAt, LOCAL_BYTES);
	if (local.length < LOCAL_BYTES) return 'the ZIP archive is damaged: the file is not where its list says';
	const dataAt = localAt + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
	return { dataAt, packedBytes, isDeflated: method === DEFLATED, check: listed.readUInt32LE(16) };
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
	const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
	return buffer.subarray(0, bytesRead);
}
