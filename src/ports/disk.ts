/**
 * Files, as a thing that is handed in. It knows what a journal needs and no more: whole files that appear at once or not
 * at all, and files that only ever grow at their end. What calls back has reached the disk itself: a power cut the
 * moment after takes nothing of it.
 */
export type DiskFailure = 'full' | 'denied' | 'missing' | 'broken';

/** Why the disk did not do it; `detail` is for people, and names the path. */
export class DiskError extends Error {
	readonly failure: DiskFailure;

	constructor(failure: DiskFailure, detail: string) {
		super(detail);
		this.name = 'DiskError';
		this.failure = failure;
	}
}

export interface AppendFile {
	/**
	 * Puts bytes at the end and calls back when they are safe, never from inside this call. The bytes are lent until
	 * then. One write at a time. After an error nobody knows how much of it is there: close the file, and open it anew
	 * at a length that was safe.
	 */
	append(bytes: Uint8Array, done: (error: DiskError | undefined) => void): void;
	/**
	 * Makes room behind the end for what is appended next, which is safe sooner where it only takes the place of zeros and
	 * nobody has to write down that the file grew. A write like the others: one at a time. There may be less room than was
	 * asked for, or none; nothing depends on it. Until the file is closed, and after a crash, zeros stand behind its end.
	 * Never done from inside this call.
	 */
	reserve(byteCount: number, done: () => void): void;
	close(): Promise<void>;
}

export interface Disk {
	/** Names of the files in a folder, sorted; an empty list where there is no such folder. */
	list(folder: string): Promise<readonly string[]>;
	/** Undefined where there is no such file. */
	read(path: string): Promise<Uint8Array | undefined>;
	/**
	 * The whole file at once: whoever looks sees the old bytes or the new ones, also after a power cut. Makes folders. A file
	 * that is long comes in parts, which are lent until it is there, so that nobody has to copy it into one piece.
	 */
	replace(path: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void>;
	remove(path: string): Promise<void>;
	/** For appending behind `length` bytes; what is there behind them is cut off. Makes the file and its folders. */
	openAppend(path: string, length: number): Promise<AppendFile>;
	/** What may still be written to the volume of this folder. */
	freeBytes(folder: string): Promise<number>;
}
