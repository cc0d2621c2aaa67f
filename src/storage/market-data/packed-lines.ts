/**
 * The lines of a file of any length, be it plain text, gzipped, or alone in a ZIP archive, which its first bytes tell. One
 * chunk of it is in memory at a time. Unpacking runs on threads of Node, so nothing in virtual time may read like this.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip, createInflateRaw } from 'node:zlib';
import { findZipEntry, type ZipEntry } from './zip-entry.ts';

/** The largest frame of any venue is 1 MiB. */
export const LINE_BYTES_MAX = 4 << 20;

export class LinesError extends Error {
	override readonly name = 'LinesError';
	readonly code: 'missing' | 'damaged' | 'unreadable' | 'line-too-long';
	/** The last line that was whole; 0 before the first. */
	readonly line: number;

	constructor(code: LinesError['code'], line: number, found: string) {
		super(found);
		this.code = code;
		this.line = line;
	}
}

/** Bytes are lent until the call returns, and come without their line end. Throwing ends the reading with that error. */
export type OnLine = (bytes: Uint8Array, lineNumber: number) => void;

type Packing = { readonly kind: 'plain' } | { readonly kind: 'gzip' } | { readonly kind: 'zip'; readonly entry: ZipEntry };

/** Empty lines are counted and not told. Stops between two chunks when it is told to. */
export async function readLines(path: string, onLine: OnLine, signal: AbortSignal): Promise<void> {
	const packing = await packingOf(path);
	const splitter = new Splitter(onLine);
	const take = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
		for await (const chunk of chunks) splitter.take(chunk);
	};
	try {
		if (packing.kind === 'plain') await pipeline(createReadStream(path), take, { signal });
		else if (packing.kind === 'gzip') await pipeline(createReadStream(path), createGunzip(), take, { signal });
		else await unzipped(path, packing.entry, take, signal);
	} catch (error) {
		throw splitter.isOurs(error) || signal.aborted ? error : linesError(error, splitter.lineNumber);
	}
	splitter.end();
}

async function unzipped(
	path: string,
	{ dataAt, packedBytes, isDeflated, check }: ZipEntry,
	take: (chunks: AsyncIterable<Buffer>) => Promise<void>,
	signal: AbortSignal,
): Promise<void> {
	if (packedBytes === 0) return;
	const packed = createReadStream(path, { start: dataAt, end: dataAt + packedBytes - 1 });
	const checked = (chunks: AsyncIterable<Buffer>): Promise<void> => take(checkedChunks(chunks, check));
	if (isDeflated) await pipeline(packed, createInflateRaw(), checked, { signal });
	else await pipeline(packed, checked, { signal });
}

/** gzip checks itself; in a ZIP archive the list says what the check should be. */
async function* checkedChunks(chunks: AsyncIterable<Buffer>, expected: number): AsyncGenerator<Buffer> {
	let check = 0;
	for await (const chunk of chunks) {
		check = crc32(chunk, check);
		yield chunk;
	}
	if (check !== expected) throw new LinesError('damaged', 0, 'the file is damaged: the check of the ZIP archive does not hold');
}

async function packingOf(path: string): Promise<Packing> {
	try {
		await using file = await open(path);
		const { buffer: head } = await file.read(Buffer.alloc(4), 0, 4, 0);
		if (head.readUInt16BE(0) === 0x1f8b) return { kind: 'gzip' };
		if (head.toString('latin1') !== 'PK\x03\x04') return { kind: 'plain' };
		const found = await findZipEntry(file);
		if (typeof found === 'string') throw new LinesError('unreadable', 0, found);
		return { kind: 'zip', entry: found };
	} catch (error) {
		throw linesError(error, 0);
	}
}

function linesError(error: unknown, line: number): unknown {
	if (error instanceof LinesError || !(error instanceof Error)) return error;
	const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
	if (code === 'ENOENT') return new LinesError('missing', line, 'there is no such file');
	if (code === 'EISDIR') return new LinesError('unreadable', line, 'it is a folder: name the files in it');
	if (code === 'Z_BUF_ERROR') return new LinesError('damaged', line, 'the file is cut: what is packed in it ends in the middle');
	if (code.startsWith('Z_')) return new LinesError('damaged', line, `the file is damaged: ${error.message}`);
	return new LinesError('unreadable', line, error.message);
}

const LINE_END = 0x0a;
const RETURN = 0x0d;

/** Cuts chunks into lines. What a chunk leaves of its last line waits for the next one. */
class Splitter {
	readonly #onLine: OnLine;
	#rest: Buffer[] = [];
	#restBytes = 0;
	#thrown: unknown;
	lineNumber = 0;

	constructor(onLine: OnLine) {
		this.#onLine = onLine;
	}

	take(chunk: Buffer): void {
		let start = 0;
		for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
			this.#line(chunk.subarray(start, end));
			start = end + 1;
		}
		if (start === chunk.length) return;
		this.#rest.push(chunk.subarray(start));
		this.#restBytes += chunk.length - start;
		this.#limit(this.#restBytes);
	}

	end(): void {
		if (this.#restBytes > 0) this.#line(Buffer.alloc(0));
	}

	/** Whether it was thrown by whoever is told the lines. */
	isOurs(error: unknown): boolean {
		return this.#thrown !== undefined && this.#thrown === error;
	}

	#line(end: Buffer): void {
		let line = end;
		if (this.#restBytes > 0) {
			line = Buffer.concat([...this.#rest, end]);
			this.#rest = [];
			this.#restBytes = 0;
		}
		this.#limit(line.length);
		this.lineNumber++;
		if (line.at(-1) === RETURN) line = line.subarray(0, -1);
		if (line.length === 0) return;
		try {
			this.#onLine(line, this.lineNumber);
		} catch (error) {
			this.#thrown = error;
			throw error;
		}
	}

	#limit(bytes: number): void {
		if (bytes <= LINE_BYTES_MAX) return;
		throw new LinesError('line-too-long', this.lineNumber, `line ${this.lineNumber + 1} is longer than ${LINE_BYTES_MAX} bytes`);
	}
}
