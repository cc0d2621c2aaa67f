/**
 * Who did what through this door: a line of JSON for each, on disk before the answer goes out (SEC10). What was refused
 * stands there too. Bounded: a full file becomes the older one, and the one before it goes.
 */
import type { QueryAnswer } from '../app/console/contract.ts';
import { type AppendFile, type Disk, DiskError } from '../ports/disk.ts';

export type AuditRow = QueryAnswer<'audit'>['rows'][number];

export interface AuditParts {
	readonly disk: Disk;
	readonly path: string;
	readonly onSay: (sentence: string) => void;
	/** Of one file. */
	readonly bytesMax?: number;
}

const BYTES_MAX = 8_000_000;
/** Of the last ones, for whoever looks. */
const KEPT_MAX = 1_000;
const TEXT_MAX = 1_000;

export class Audit {
	readonly #parts: AuditParts;
	#file: AppendFile;
	#length: number;
	#rows: AuditRow[];
	/** One write at a time, in their order. */
	#last: Promise<void> = Promise.resolve();

	private constructor(parts: AuditParts, start: { file: AppendFile; length: number; rows: AuditRow[] }) {
		this.#parts = parts;
		this.#file = start.file;
		this.#length = start.length;
		this.#rows = start.rows;
	}

	static async open(parts: AuditParts): Promise<Audit> {
		const bytes = (await parts.disk.read(parts.path)) ?? new Uint8Array();
		const text = Buffer.from(bytes).toString();
		// The last line of a run that was killed may be half there.
		const whole = text.slice(0, text.lastIndexOf('\n') + 1);
		const rows = whole.split('\n').flatMap((line) => rowOf(line));
		const length = Buffer.byteLength(whole);
		return new Audit(parts, { file: await parts.disk.openAppend(parts.path, length), length, rows: rows.slice(-KEPT_MAX) });
	}

	/** Newest first. */
	last(limit: number): readonly AuditRow[] {
		return this.#rows.slice(-limit).reverse();
	}

	/** Resolves when it is on disk, or the disk has refused; a full disk keeps nobody from stopping the engine. */
	async write(row: AuditRow): Promise<void> {
		const kept = { ...row, what: shortened(row.what), result: shortened(row.result) };
		this.#rows.push(kept);
		if (this.#rows.length > KEPT_MAX) this.#rows.shift();
		const bytes = Buffer.from(`${lineOf(kept)}\n`);
		this.#last = this.#last.then(() => this.#append(bytes));
		await this.#last;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#last;
		await this.#file.close();
	}

	async #append(bytes: Uint8Array): Promise<void> {
		try {
			if (this.#length + bytes.length > (this.#parts.bytesMax ?? BYTES_MAX)) await this.#turnOver();
			await new Promise<void>((resolve, reject) => {
				this.#file.append(bytes, (error) => (error === undefined ? resolve() : reject(error)));
			});
			this.#length += bytes.length;
		} catch (error) {
			if (!(error instanceof DiskError)) throw error;
			this.#parts.onSay(`the audit record ${this.#parts.path} cannot be written: ${error.message}`);
			await this.#reopen();
		}
	}

	async #turnOver(): Promise<void> {
		const { disk, path } = this.#parts;
		await this.#file.close();
		await disk.replace(`${path}.1`, (await disk.read(path)) ?? new Uint8Array());
		this.#length = 0;
		this.#file = await disk.openAppend(path, 0);
	}

	/** Behind a failed write nobody knows what is there. */
	async #reopen(): Promise<void> {
		try {
			await this.#file.close();
			this.#file = await this.#parts.disk.openAppend(this.#parts.path, this.#length);
		} catch (error) {
			if (!(error instanceof DiskError)) throw error;
		}
	}
}

/** One line whatever stands in it: JSON escapes control characters below 32, and these are the others (SEC18). */
function lineOf(row: AuditRow): string {
	return JSON.stringify(row).replaceAll(
		/[\u007f-\u009f\u2028\u2029]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

function rowOf(line: string): AuditRow[] {
	try {
		const row: unknown = JSON.parse(line);
		return typeof row === 'object' && row !== null && 'who' in row ? [row as AuditRow] : [];
	} catch {
		return [];
	}
}

function shortened(text: string): string {
	return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`;
}
