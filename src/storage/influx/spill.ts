/**
 * Batches of lines that could not be written, on disk until they are. Oldest first: what is put in comes out in the same
 * order, also after a restart. Files hold frames, each a batch, whole or not there at all; a file is read only once it is
 * complete, and removed when its last batch has been written. After a crash a file is sent from its beginning: a line
 * that the server has already is the same line, and changes nothing.
 *
 *     <folder>/00000001.lines      4 MB each, so many that `bytesMax` is kept
 */
import { join } from 'node:path';
import { type AppendFile, type Disk, DiskError } from '../../ports/disk.ts';
import { encodeFrame, linesOf, readFrames } from '../journal-frame.ts';

export interface SpillParts {
	readonly disk: Disk;
	readonly folder: string;
	readonly bytesMax: number;
}

export type Kept =
	| { readonly kind: 'kept' }
	/** As much as may be kept is there. */
	| { readonly kind: 'full' }
	| { readonly kind: 'broken'; readonly detail: string };

export interface SpillOpened {
	readonly spill: Spill;
	/** Of which files an earlier run has left behind. */
	readonly leftCount: number;
}

const FILE_BYTES = 4 * 1024 * 1024;
const NOTHING = new Uint8Array(0);
const NAME = /^(\d{8})\.lines$/;

interface OpenFile {
	readonly number: number;
	readonly file: AppendFile;
	bytes: number;
	lineCount: number;
}

interface CompleteFile {
	readonly number: number;
	bytes: number;
	/** An earlier run has left it, and nobody has looked how long it is: this long at most, or about so. */
	isGuessed: boolean;
}

export class Spill {
	readonly #parts: SpillParts;
	/** Complete files, the oldest first. */
	readonly #files: CompleteFile[] = [];
	#open: OpenFile | undefined;
	#nextNumber = 1;
	/** Of the oldest file, those that are still to be written; undefined while it has not been read. */
	#batches: (readonly string[])[] | undefined;
	/** Files that could not be read, or not all of them. */
	damagedCount = 0;

	private constructor(parts: SpillParts) {
		this.#parts = parts;
	}

	static async open(parts: SpillParts): Promise<SpillOpened> {
		const spill = new Spill(parts);
		for (const name of await parts.disk.list(parts.folder)) {
			const number = Number(NAME.exec(name)?.[1]);
			if (!Number.isSafeInteger(number)) continue;
			spill.#files.push({ number, bytes: FILE_BYTES, isGuessed: true });
			spill.#nextNumber = Math.max(spill.#nextNumber, number + 1);
		}
		return { spill, leftCount: spill.#files.length };
	}

	get isEmpty(): boolean {
		return this.#files.length === 0 && this.#open === undefined;
	}

	/** At most so many are on disk. */
	get bytes(): number {
		return this.#files.reduce((sum, { bytes }) => sum + bytes, this.#open?.bytes ?? 0);
	}

	async append(lines: readonly string[]): Promise<Kept> {
		const frame = encodeFrame(this.#open?.lineCount ?? 0, lines);
		if (!(await this.#hasRoom(frame.length))) return { kind: 'full' };
		try {
			this.#open ??= await this.#begin();
			await written(this.#open.file, frame);
		} catch (error) {
			await this.#leave();
			if (error instanceof DiskError) return { kind: 'broken', detail: error.message };
			throw error;
		}
		this.#open.bytes += frame.length;
		this.#open.lineCount += lines.length;
		if (this.#open.bytes >= FILE_BYTES) await this.#complete();
		return { kind: 'kept' };
	}

	/**
	 * The oldest batch, again and again until it is dropped; undefined where there is none. Rejects with a `DiskError` where
	 * the disk does not give it now; it stays there, and may be asked for again.
	 */
	async first(): Promise<readonly string[] | undefined> {
		for (;;) {
			if (this.#files.length === 0) await this.#complete();
			const [oldest] = this.#files;
			if (oldest === undefined) return undefined;
			this.#batches ??= await this.#read(oldest.number);
			const [batch] = this.#batches;
			if (batch !== undefined) return batch;
			await this.#removeOldest(oldest.number);
		}
	}

	/** The batch that `first` gave has been written. */
	async drop(): Promise<void> {
		this.#batches?.shift();
		const [oldest] = this.#files;
		if (oldest !== undefined && this.#batches?.length === 0) await this.#removeOldest(oldest.number);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#complete();
	}

	/** Only a guess that would cost points is worth the reading. */
	async #hasRoom(byteCount: number): Promise<boolean> {
		for (const file of this.#files) {
			if (this.bytes + byteCount <= this.#parts.bytesMax) return true;
			if (file.isGuessed) await this.#measure(file);
		}
		return this.bytes + byteCount <= this.#parts.bytesMax;
	}

	async #measure(file: CompleteFile): Promise<void> {
		try {
			const bytes = await this.#parts.disk.read(this.#pathOf(file.number));
			file.bytes = bytes?.length ?? 0;
			file.isGuessed = false;
		} catch (error) {
			if (!(error instanceof DiskError)) throw error;
		}
	}

	async #begin(): Promise<OpenFile> {
		const number = this.#nextNumber;
		const file = await this.#parts.disk.openAppend(this.#pathOf(number), 0);
		this.#nextNumber += 1;
		return { number, file, bytes: 0, lineCount: 0 };
	}

	async #complete(): Promise<void> {
		const open = this.#open;
		if (open === undefined) return;
		this.#open = undefined;
		this.#files.push({ number: open.number, bytes: open.bytes, isGuessed: false });
		await open.file.close().catch(() => {});
	}

	/** A write failed: what is behind the last whole frame will not be read, and a file without one is of no use. */
	async #leave(): Promise<void> {
		const isEmpty = this.#open?.lineCount === 0;
		await this.#complete();
		const last = isEmpty ? this.#files.pop() : undefined;
		if (last === undefined) return;
		this.#nextNumber = last.number;
		await this.#remove(last.number);
	}

	async #read(number: number): Promise<(readonly string[])[]> {
		const bytes = await this.#parts.disk.read(this.#pathOf(number));
		const { frames, tail, beyond } = readFrames(bytes ?? NOTHING, 0);
		if (bytes === undefined || tail.kind === 'damaged') this.damagedCount += 1;
		return [...frames, ...beyond].map(linesOf);
	}

	async #removeOldest(number: number): Promise<void> {
		this.#files.shift();
		this.#batches = undefined;
		await this.#remove(number);
	}

	async #remove(number: number): Promise<void> {
		try {
			await this.#parts.disk.remove(this.#pathOf(number));
		} catch (error) {
			// Then it is sent once more after the next start, which changes nothing.
			if (!(error instanceof DiskError)) throw error;
		}
	}

	#pathOf(number: number): string {
		return join(this.#parts.folder, `${String(number).padStart(8, '0')}.lines`);
	}
}

function written(file: AppendFile, bytes: Uint8Array): Promise<void> {
	return new Promise((resolve, reject) => {
		file.append(bytes, (error) => (error === undefined ? resolve() : reject(error)));
	});
}
