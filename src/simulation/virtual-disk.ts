/**
 * A disk in memory under virtual time. It remembers what is safe and what is only written, so that a crash can take the
 * rest or tear it in the middle, and it can be slow, full or broken (F68 to F70). Every write has a number, be it an
 * append or a whole file that takes the place of another, which is there at once or not at all; whoever wants to crash the process at an exact point watches for it.
 */
import type { Clock } from '../ports/clock.ts';
import { type AppendFile, type Disk, DiskError, type DiskFailure } from '../ports/disk.ts';
import type { Rng } from '../ports/rng.ts';

export interface DiskBehaviour {
	/** From asking to safe. */
	readonly syncMs: () => number;
	/** The same of a whole file, and of reading one; at once unless said. A long time is a disk that hangs. */
	readonly replaceMs?: () => number;
	readonly readMs?: () => number;
	/** Asked before each write; what it answers is what the disk says. */
	readonly failure: () => DiskFailure | undefined;
}

/** Between asking for a write and its being safe a crash leaves any part of it; these are the ends of that range. */
export type Moment = 'before' | 'written' | 'safe';

interface VirtualFile {
	/** With room behind it, since a file that is copied for each write costs its length each time. */
	room: Buffer;
	length: number;
	/** How much of it a crash leaves alone. */
	safeLength: number;
	/** Zeros behind the end, for what is appended next. */
	zeros: number;
}

const PROMPT_DISK: DiskBehaviour = { syncMs: () => 0.2, failure: () => undefined };

export class VirtualDisk implements Disk {
	readonly #clock: Clock;
	readonly #rng: Rng;
	readonly #files = new Map<string, VirtualFile>();
	/** Files that are being replaced, in the order in which that was asked. */
	readonly #landing = new Set<() => void>();
	/** Rises with every crash; what belongs to an older process calls nobody back. */
	#process = 0;
	behaviour: DiskBehaviour;
	free = Number.POSITIVE_INFINITY;
	/** Called with each write's number at each of its moments. */
	watch: ((write: number, moment: Moment) => void) | undefined;
	/** Called with what is safe now, before whoever wrote it hears of it. */
	onSafe: ((bytes: Uint8Array) => void) | undefined;
	writeCount = 0;

	constructor(parts: { readonly clock: Clock; readonly rng: Rng; readonly behaviour?: DiskBehaviour }) {
		this.#clock = parts.clock;
		this.#rng = parts.rng;
		this.behaviour = parts.behaviour ?? PROMPT_DISK;
	}

	/** The process is gone. Of what was not safe a part stays, drawn by chance; `torn` may also spoil its last bytes. */
	crash(kind: 'process' | 'power'): void {
		this.#process += 1;
		// A file is the old one or the new one, and nothing of a process that is gone comes after this.
		for (const land of this.#landing) land();
		for (const file of this.#files.values()) {
			// The operating system outlives a process, so what was written gets to the disk all the same.
			if (kind === 'power' && file.safeLength < file.length) this.#tear(file);
			file.safeLength = file.length;
		}
	}

	async list(folder: string): Promise<readonly string[]> {
		const prefix = `${folder}/`;
		const names = [...this.#files.keys()].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
		return names.filter((name) => !name.includes('/')).sort();
	}

	async read(path: string): Promise<Uint8Array | undefined> {
		const file = this.#files.get(path);
		// What was there when it was asked for: what is told late is old.
		const content = file === undefined ? undefined : wholeOf(file);
		await this.#takesTime(this.behaviour.readMs, () => {});
		return content;
	}

	async replace(path: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> {
		const process = this.#process;
		this.writeCount += 1;
		const write = this.writeCount;
		this.watch?.(write, 'before');
		if (process !== this.#process) return;
		this.#mayFail(path);
		const file = fileOf(bytes instanceof Uint8Array ? bytes : Buffer.concat(bytes));
		await this.#takesTime(this.behaviour.replaceMs, () => this.#files.set(path, file));
		if (process !== this.#process) return;
		this.watch?.(write, 'written');
		if (process === this.#process) this.watch?.(write, 'safe');
	}

	async remove(path: string): Promise<void> {
		this.#files.delete(path);
	}

	async openAppend(path: string, length: number): Promise<AppendFile> {
		this.#mayFail(path);
		const known = this.#files.get(path);
		if ((known?.length ?? 0) < length) throw new DiskError('broken', `${path} is shorter than ${length} bytes`);
		const file = fileOf(known === undefined ? Buffer.alloc(0) : known.room.subarray(0, length));
		this.#files.set(path, file);
		return this.#appendFile(path, file);
	}

	async freeBytes(): Promise<number> {
		return this.free;
	}

	/** For whoever judges: is there such a file now? */
	holds(path: string): boolean {
		return this.#files.has(path);
	}

	/** Turns one bit over, as an old disk does. */
	flipBit(path: string, byte: number): void {
		const file = this.#files.get(path);
		if (file === undefined) throw new RangeError(`there is no ${path}`);
		if (byte >= file.length) throw new RangeError(`${path} has ${file.length} bytes`);
		file.room[byte] = (file.room[byte] ?? 0) ^ 1;
	}

	#appendFile(path: string, file: VirtualFile): AppendFile {
		const process = this.#process;
		let isOut = false;
		return {
			append: (bytes, done) => {
				if (isOut) throw new Error('one write at a time');
				isOut = true;
				this.writeCount += 1;
				const write = this.writeCount;
				this.watch?.(write, 'before');
				if (process !== this.#process) return;
				const failure = this.behaviour.failure();
				if (failure === undefined) extend(file, bytes);
				this.watch?.(write, 'written');
				this.#clock.after(this.behaviour.syncMs(), () => {
					if (process !== this.#process) return;
					isOut = false;
					if (failure !== undefined) return done(new DiskError(failure, `${path} was not written: the disk is ${failure}`));
					file.safeLength = file.length;
					this.onSafe?.(bytes);
					this.watch?.(write, 'safe');
					if (process === this.#process) done(undefined);
				});
			},
			reserve: (byteCount, done) => {
				if (isOut) throw new Error('one write at a time');
				isOut = true;
				this.#clock.after(this.behaviour.syncMs(), () => {
					if (process !== this.#process) return;
					isOut = false;
					// Less than was asked for, as the port allows, since it is copied whenever the file is read.
					if (this.behaviour.failure() === undefined) file.zeros = Math.min(byteCount, ZEROS_MAX);
					done();
				});
			},
			close: async () => {
				file.zeros = 0;
			},
		};
	}

	/** What it does is done by then, or by the crash before it. */
	async #takesTime(timeMs: (() => number) | undefined, act: () => void): Promise<void> {
		if (timeMs === undefined) return act();
		const land = (): void => {
			if (this.#landing.delete(land)) act();
		};
		this.#landing.add(land);
		await new Promise<void>((resolve) => {
			this.#clock.after(timeMs(), () => {
				land();
				resolve();
			});
		});
	}

	#tear(file: VirtualFile): void {
		const kept = file.safeLength + this.#rng.below(file.length - file.safeLength + 1);
		if (file.zeros > 0) return this.#tearInRoom(file, kept);
		file.length = kept;
		// A page that never got there reads as zeros.
		if (this.#rng.below(2) === 0) file.room.fill(0, file.safeLength + this.#rng.below(kept - file.safeLength + 1), kept);
	}

	/** What stood there before were zeros, and pages get there in any order. */
	#tearInRoom(file: VirtualFile, kept: number): void {
		file.room.fill(0, kept, file.length);
		const from = file.safeLength + this.#rng.below(kept - file.safeLength + 1);
		file.room.fill(0, from, from + this.#rng.below(kept - from + 1));
	}

	#mayFail(path: string): void {
		const failure = this.behaviour.failure();
		if (failure !== undefined) throw new DiskError(failure, `${path} was not written: the disk is ${failure}`);
	}
}

const ROOM_MIN = 4_096;
const ZEROS_MAX = 16_384;

function fileOf(bytes: Uint8Array): VirtualFile {
	return { room: Buffer.from(bytes), length: bytes.length, safeLength: bytes.length, zeros: 0 };
}

function contentOf({ room, length }: VirtualFile): Buffer {
	return room.subarray(0, length);
}

/** As a reader finds it. */
function wholeOf(file: VirtualFile): Buffer {
	return Buffer.concat([contentOf(file), Buffer.alloc(file.zeros)]);
}

function extend(file: VirtualFile, bytes: Uint8Array): void {
	const length = file.length + bytes.length;
	if (length > file.room.length) {
		const room = Buffer.alloc(Math.max(ROOM_MIN, length * 2));
		room.set(contentOf(file));
		file.room = room;
	}
	file.room.set(bytes, file.length);
	file.length = length;
	file.zeros = Math.max(0, file.zeros - bytes.length);
}
