/**
 * HOT (bench/storage/journal.bench.ts): the end of the journal. What is handed in while a write is out travels with the
 * next one, so a flush costs one write however busy the disk is, and nothing here waits: whoever wants to know is called
 * back. In quiet moments room is made for what comes next. After an error the file is opened anew at its last safe length;
 * what somebody waited for has failed by then, and what nobody waited for is written again (F70).
 */

import type { Clock, Timer } from '../ports/clock.ts';
import type { AppendFile, Disk, DiskError } from '../ports/disk.ts';
import { encodeFrame, RECORDS_PER_FRAME_MAX } from './journal-frame.ts';

export interface JournalPlace {
	readonly path: string;
	/** Safe so far; whatever stands behind is cut off. */
	readonly length: number;
	/** Of the next record. */
	readonly nextNumber: number;
}

export interface WriterParts {
	readonly disk: Disk;
	readonly clock: Clock;
	readonly place: JournalPlace;
	/** Written to learn whether a disk that refused takes something again. */
	readonly probe: string;
	/** Told once when the disk begins to refuse, and once when it takes everything again. */
	readonly onHealth?: (error: DiskError | undefined) => void;
	/** Told once the disk takes everything again. */
	readonly onLost?: (count: number) => void;
}

/** A disk that refuses is asked again this often. */
const RETRY_MS = 1_000;
/** Room for a few ticks of a thousand orders; made anew when half of it is used, and while nobody wants to write. */
const ROOM_BYTES = 1024 * 1024;
const ROOM_BYTES_MIN = ROOM_BYTES / 2;
const QUIET_MS = 50;
/**
 * What the venue could tell again waits so long for company: the answers of a large flush tell of an order's end every few
 * microseconds, and a sync for each few of them would take the processor from those who read and those who answer.
 */
const KEPT_MS = 5;
/** When more records wait, the oldest that may be lost are let go: the venue knows them too. */
export const WAITING_RECORDS_MAX = 50_000;

/** Records that are safe together or not at all. */
interface Group {
	readonly lines: readonly string[];
	readonly done: ((isSafe: boolean) => void) | undefined;
	readonly mayBeLost: boolean;
}

export class JournalWriter implements AsyncDisposable {
	readonly #parts: WriterParts;
	#file: AppendFile | undefined;
	#waiting: Group[] = [];
	#waitingCount = 0;
	#out: readonly Group[] = [];
	#length: number;
	#nextNumber: number;
	/** Up to here there is room in the file. */
	#roomEnd: number;
	#quiet: Timer | undefined;
	/** Until the room is made. */
	#making: Promise<void> | undefined;
	#isClosed = false;
	/** Writes of what nobody waits for are due that long after it was handed in. */
	readonly #dueIn = new Set<number>();
	#error: DiskError | undefined;
	/** Records that were let go because the disk refused for too long. */
	lostCount = 0;
	#lostTold = 0;

	private constructor(parts: WriterParts, file: AppendFile) {
		this.#parts = parts;
		this.#file = file;
		this.#length = parts.place.length;
		this.#roomEnd = parts.place.length;
		this.#nextNumber = parts.place.nextNumber;
	}

	/** Throws a `DiskError` where the file cannot be opened. */
	static async open(parts: WriterParts): Promise<JournalWriter> {
		return new JournalWriter(parts, await parts.disk.openAppend(parts.place.path, parts.place.length));
	}

	/** Safe bytes. */
	get length(): number {
		return this.#length;
	}

	get nextNumber(): number {
		return this.#nextNumber;
	}

	/** Why the disk refuses; undefined while all is well. */
	get error(): DiskError | undefined {
		return this.#error;
	}

	/** Everything that was handed in is safe. */
	get isIdle(): boolean {
		return this.#out.length === 0 && this.#waiting.length === 0;
	}

	/** Safe together or not at all; `done` is never called from inside this call. */
	commit(lines: readonly string[], done: (isSafe: boolean) => void): void {
		if (this.#error !== undefined || this.#isClosed) this.#parts.clock.after(0, () => done(false));
		else {
			this.#take({ lines, done, mayBeLost: false });
			this.#write();
		}
	}

	/**
	 * Written with the next commit or a moment later; nobody waits for it. A cancel's note that left at once would keep the
	 * creates of the same flush waiting for one sync more.
	 */
	keep(lines: readonly string[]): void {
		this.#take({ lines, done: undefined, mayBeLost: true });
		this.#writeIn(KEPT_MS);
	}

	/** The same for what nobody could tell us again: at the end of this turn. */
	keepForSure(lines: readonly string[]): void {
		this.#take({ lines, done: undefined, mayBeLost: false });
		this.#writeIn(0);
	}

	#writeIn(delayMs: number): void {
		if (this.#dueIn.has(delayMs)) return;
		this.#dueIn.add(delayMs);
		this.#parts.clock.after(delayMs, () => {
			this.#dueIn.delete(delayMs);
			this.#write();
		});
	}

	/** Whether everything handed in so far is safe, once that is known. */
	async flushed(): Promise<boolean> {
		if (this.isIdle) return true;
		return await new Promise((resolve) => this.commit([this.#parts.probe], resolve));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#isClosed) return;
		await this.flushed();
		this.#isClosed = true;
		this.#quiet?.cancel();
		await this.#making;
		await this.#file?.close();
	}

	#take(group: Group): void {
		this.#waiting.push(group);
		this.#waitingCount += group.lines.length;
		if (this.#waitingCount > WAITING_RECORDS_MAX) this.#letGo();
	}

	#write(): void {
		if (this.#file === undefined || this.#making !== undefined) return;
		if (this.#out.length > 0 || this.#waiting.length === 0) return;
		const out = this.#takeOut();
		const bytes = encodeFrame(
			this.#nextNumber,
			out.flatMap(({ lines }) => lines),
		);
		this.#file.append(bytes, (error) => {
			if (error === undefined) this.#wrote(bytes.length);
			else this.#failed(error);
		});
	}

	/** All that waits can wait for more, and will be written without anybody's asking. */
	get #mayGather(): boolean {
		return this.#dueIn.has(KEPT_MS) && this.#waiting.every(({ mayBeLost }) => mayBeLost);
	}

	/** As many groups as one frame holds. */
	#takeOut(): readonly Group[] {
		let count = 0;
		let groups = 0;
		for (const { lines } of this.#waiting) {
			if (groups > 0 && count + lines.length > RECORDS_PER_FRAME_MAX) break;
			count += lines.length;
			groups += 1;
		}
		this.#out = this.#waiting.splice(0, groups);
		this.#waitingCount -= count;
		return this.#out;
	}

	#wrote(byteCount: number): void {
		const out = this.#out;
		this.#out = [];
		this.#length += byteCount;
		for (const { lines } of out) this.#nextNumber += lines.length;
		if (!this.#mayGather) this.#write();
		this.#makeRoomLater();
		for (const { done } of out) done?.(true);
		if (this.#error === undefined) return;
		this.#error = undefined;
		this.#parts.onHealth?.(undefined);
		if (this.lostCount > this.#lostTold) this.#parts.onLost?.(this.lostCount - this.#lostTold);
		this.#lostTold = this.lostCount;
	}

	#failed(error: DiskError): void {
		const groups = [...this.#out, ...this.#waiting];
		const isNews = this.#error === undefined;
		const file = this.#file;
		// First of all: whoever hears that it failed may hand in more, and none of it may go to this file.
		this.#file = undefined;
		this.#error = error;
		this.#out = [];
		this.#waiting = groups.filter(({ done }) => done === undefined);
		this.#waitingCount = this.#waiting.reduce((sum, { lines }) => sum + lines.length, 0);
		for (const { done } of groups) done?.(false);
		if (isNews) this.#parts.onHealth?.(error);
		// A file that cannot even be closed is forgotten; the one that is opened next is what counts.
		void file?.close().catch(() => {});
		this.#openLater();
	}

	#makeRoomLater(): void {
		if (this.#quiet !== undefined || this.#isClosed || this.#roomEnd - this.#length >= ROOM_BYTES_MIN) return;
		this.#quiet = this.#parts.clock.after(QUIET_MS, () => {
			this.#quiet = undefined;
			// Where somebody is writing now, the end of his write comes by here again.
			if (this.isIdle && this.#file !== undefined) this.#makeRoom(this.#file);
		});
	}

	#makeRoom(file: AppendFile): void {
		this.#making = new Promise((resolve) => {
			file.reserve(ROOM_BYTES, () => {
				this.#making = undefined;
				this.#roomEnd = this.#length + ROOM_BYTES;
				this.#write();
				resolve();
			});
		});
	}

	#openLater(): void {
		this.#parts.clock.after(RETRY_MS, () => {
			if (this.#isClosed) return;
			this.#parts.disk.openAppend(this.#parts.place.path, this.#length).then(
				(file) => this.#opened(file),
				() => this.#openLater(),
			);
		});
	}

	#opened(file: AppendFile): void {
		if (this.#isClosed) {
			void file.close();
			return;
		}
		this.#file = file;
		this.#roomEnd = this.#length;
		this.keep([this.#parts.probe]);
	}

	/** The oldest that may be lost. */
	#letGo(): void {
		this.#waiting = this.#waiting.filter(({ lines, mayBeLost }) => {
			if (!mayBeLost || this.#waitingCount <= WAITING_RECORDS_MAX) return true;
			this.#waitingCount -= lines.length;
			this.lostCount += lines.length;
			return false;
		});
	}
}
