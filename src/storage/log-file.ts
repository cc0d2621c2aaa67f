/**
 * Lines in files of a bounded size (SEC18): the newest in `evenkeel.log`, older ones in `evenkeel.1.log` and so on, the
 * oldest forgotten. Whoever writes a line never waits: lines are gathered and handed over four times a second. A disk that
 * does not take them costs lines, which are counted, and nothing else. Not synced: after a power cut the last may be gone.
 */
import type { FileHandle } from 'node:fs/promises';
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../ports/clock.ts';

export interface LogFileOptions {
	readonly clock: Clock;
	readonly folder: string;
	/** Of one file. */
	readonly bytesMax?: number;
	/** With the newest. */
	readonly filesMax?: number;
	/** Hears once when lines begin to be lost. */
	readonly onSay?: (sentence: string) => void;
}

const BYTES_MAX = 10 * 1024 ** 2;
const FILES_MAX = 5;
const FLUSH_EVERY_MS = 250;
/** What waits for a disk that does not keep up; beyond it lines are lost. */
const WAITING_MAX = 4 * 1024 ** 2;
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export class LogFile implements AsyncDisposable {
	readonly #options: LogFileOptions;
	readonly #bytesMax: number;
	readonly #filesMax: number;
	#lines: string[] = [];
	#waitingLength = 0;
	#file: FileHandle | undefined;
	#fileBytes = 0;
	#timer: Timer | undefined;
	#writing: Promise<void> | undefined;
	#isEnded = false;
	/** Lines that are in no file. */
	lostCount = 0;

	constructor(options: LogFileOptions) {
		this.#options = options;
		this.#bytesMax = options.bytesMax ?? BYTES_MAX;
		this.#filesMax = options.filesMax ?? FILES_MAX;
	}

	write(line: string): void {
		if (this.#isEnded || this.#waitingLength + line.length > WAITING_MAX) {
			this.#lose(1, 'the disk does not keep up');
			return;
		}
		this.#lines.push(line);
		this.#waitingLength += line.length;
		this.#timer ??= this.#options.clock.after(FLUSH_EVERY_MS, () => this.#flush());
	}

	/** With what is waiting. */
	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#isEnded) return;
		this.#isEnded = true;
		this.#timer?.cancel();
		await this.#writing;
		await this.#writeOut();
		await this.#file?.close();
		this.#file = undefined;
	}

	#flush(): void {
		this.#timer = undefined;
		if (this.#writing !== undefined) {
			this.#timer = this.#options.clock.after(FLUSH_EVERY_MS, () => this.#flush());
			return;
		}
		this.#writing = this.#writeOut().finally(() => {
			this.#writing = undefined;
		});
	}

	async #writeOut(): Promise<void> {
		const lines = this.#lines;
		this.#lines = [];
		this.#waitingLength = 0;
		if (lines.length === 0) return;
		try {
			for (const part of this.#parts(lines)) await this.#append(Buffer.from(part));
		} catch (error) {
			if (!(error instanceof Error)) throw error;
			await this.#file?.close().catch(() => {});
			this.#file = undefined;
			this.#lose(lines.length, error.message);
		}
	}

	/** Each at most as long as a file may be, unless a line is. */
	#parts(lines: readonly string[]): readonly string[] {
		const parts: string[] = [];
		let part = '';
		let byteCount = 0;
		for (const line of lines) {
			const lineBytes = Buffer.byteLength(line);
			if (part !== '' && byteCount + lineBytes > this.#bytesMax) {
				parts.push(part);
				part = '';
				byteCount = 0;
			}
			part += line;
			byteCount += lineBytes;
		}
		return [...parts, part];
	}

	async #append(bytes: Uint8Array): Promise<void> {
		this.#file ??= await this.#opened();
		if (this.#fileBytes > 0 && this.#fileBytes + bytes.length > this.#bytesMax) {
			await this.#file.close();
			this.#file = undefined;
			await this.#rotate();
			this.#file = await this.#opened();
		}
		await this.#file.appendFile(bytes);
		this.#fileBytes += bytes.length;
	}

	async #opened(): Promise<FileHandle> {
		await mkdir(this.#options.folder, { recursive: true, mode: FOLDER_MODE });
		const file = await open(this.#path(0), 'a', FILE_MODE);
		// One that was there already may have been made by a looser hand.
		await chmod(this.#path(0), FILE_MODE);
		this.#fileBytes = (await file.stat()).size;
		return file;
	}

	async #rotate(): Promise<void> {
		await rm(this.#path(this.#filesMax - 1), { force: true });
		for (let age = this.#filesMax - 2; age >= 0; age -= 1) {
			await rename(this.#path(age), this.#path(age + 1)).catch((error: unknown) => {
				if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
			});
		}
	}

	#path(age: number): string {
		return join(this.#options.folder, age === 0 ? 'evenkeel.log' : `evenkeel.${age}.log`);
	}

	#lose(count: number, why: string): void {
		// Counted first: whoever hears of it may write it into this very log.
		const isFirst = this.lostCount === 0;
		this.lostCount += count;
		if (isFirst) this.#options.onSay?.(`lines of the log are lost: ${why}`);
	}
}
