/**
 * The intent journal as a folder of segments, of which the newest is enough. Opening it tells what was written; from then
 * on it takes commits for the engine and facts from whoever has some. A new segment is made beside the one that is
 * written:
 *
 *   handed in ──►  old segment ═════════════════════╗           ╔═══ new segment
 *                  summary, slice by slice ── ── ── ╫── whole ──╢
 *                  what came since, once more ───── ╝  (held)   ╚═══ what was held
 */
import type { Command } from '../domain/command.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import { monoMs, timeMs } from '../domain/units.ts';
import type { EventSink, Journal } from '../engine/ports.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { type Disk, DiskError } from '../ports/disk.ts';
import { lineOf, lineOfCommand, PROBE_LINE } from './journal-codec.ts';
import type { SafeEnd } from './journal-follower.ts';
import type { FrameDraft } from './journal-frame.ts';
import {
	beginSegment,
	draftLines,
	draftRecords,
	type JournalRead,
	latchOfDamage,
	readNewest,
	type Segment,
	segmentNumbers,
	segmentPath,
} from './journal-segment.ts';
import { JournalWriter } from './journal-writer.ts';

/** Older ones are of use to whoever rebuilds a database, and for looking things up. */
export const SEGMENTS_KEPT = 8;
const STUCK_RETRY_MS = 1_000;
/** More is not held back while a segment begins: what the venue knows too is let go then. */
const HELD_MAX = 10_000;
/** When more lines come while a summary is made, that takes too long, and no segment is begun this time. */
export const SINCE_LINES_MAX = 50_000;

export interface StoreParts {
	readonly disk: Disk;
	readonly clock: Clock;
	readonly folder: string;
	readonly onHealth?: (error: DiskError | undefined) => void;
	/** So many records were let go of while the disk refused, all of them of what the venue can tell again. */
	readonly onLost?: (count: number) => void;
}

export type StoreOpened =
	| { readonly kind: 'open'; readonly store: JournalStore; readonly read: JournalRead }
	/** Nothing was touched; one sentence that says what and where. */
	| { readonly kind: 'refused'; readonly sentence: string };

/**
 * The venue tells it again when it is asked, or nothing depends on it: a decision that placed an order comes with a commit.
 * All else is rare, and is never let go of.
 */
const TOLD_AGAIN: ReadonlySet<JournalRecord['kind']> = new Set([
	...(['cancel', 'over', 'filled', 'execution', 'funding', 'reconciled', 'control', 'decision', 'ran', 'portfolio'] as const),
]);

/** What is handed in while the summary of a new segment is made, in its order: it goes into that segment as well. */
interface Since {
	readonly groups: { readonly lines: readonly string[]; isLost: boolean }[];
	lineCount: number;
}

export class JournalStore implements AsyncDisposable {
	readonly #parts: StoreParts;
	#segment: number;
	#writer: JournalWriter;
	/** What is handed in while one segment ends and the next begins, until it has begun. */
	#held: (() => void)[] | undefined;
	#since: Since | undefined;
	#rotation: Promise<boolean> | undefined;
	#isClosed = false;
	/** Why a segment that could not be used could not be taken away either: while it stands there, nothing may be called safe. */
	#stuck: DiskError | undefined;
	#stuckTimer: Timer | undefined;

	private constructor(parts: StoreParts, segment: number, writer: JournalWriter) {
		this.#parts = parts;
		this.#segment = segment;
		this.#writer = writer;
	}

	/** Throws a `DiskError` where the disk refuses. */
	static async open(parts: StoreParts): Promise<StoreOpened> {
		const numbers = await segmentNumbers(parts);
		const newest = numbers.at(-1);
		const read = await readNewest(parts, numbers);
		if (read.kind === 'refused') return read;
		const { tornBytes, damage } = read;
		// In the very write that makes the damage a thing of the past, or a crash behind it would make it forgotten.
		const latches = damage === undefined ? [] : [latchOfDamage(damage, parts.clock.wallMs())];
		const records = [...read.records, ...latches];
		// A damaged segment stays as it is, for whoever wants to look; what can be read of it begins the next one.
		const segment =
			newest === undefined || damage !== undefined
				? await beginSegment(parts, { ...read, number: (newest ?? 0) + 1, drafts: draftLines(records.map(lineOf)) })
				: { number: newest, path: segmentPath(parts, newest), lengthBytes: read.goodBytes, nextNumber: read.nextNumber };
		const writer = await writerOf(parts, segment);
		return { kind: 'open', store: new JournalStore(parts, segment.number, writer), read: { records, tornBytes, damage } };
	}

	/** For the engine, which hears of its commits through `sink`; `owners` names its quoters by their number. */
	journalFor(sink: EventSink, owners: readonly string[]): Journal {
		const { clock } = this.#parts;
		return {
			commit: (flushId, intents, besides = []) => {
				const lines = [...besides.map(lineOf), ...intents.map((intent) => lineOfCommand(intent, owners))];
				this.#commit(lines, (ok) => {
					sink({
						kind: 'journaled',
						flushId,
						ok,
						wallMs: timeMs(Math.floor(clock.wallMs())),
						monoMs: monoMs(clock.monotonicMs()),
					});
				});
			},
			note: (cancels: readonly Command[]) =>
				this.#keep(
					cancels.map((cancel) => lineOfCommand(cancel, owners)),
					true,
				),
			keep: (records) => this.keep(records),
		};
	}

	/** Nobody waits for these. */
	keep(records: readonly JournalRecord[]): void {
		if (records.length === 0) return;
		this.#keep(
			records.map(lineOf),
			records.every(({ kind }) => TOLD_AGAIN.has(kind)),
		);
	}

	/** Whether these are safe, once that is known. */
	async commit(records: readonly JournalRecord[]): Promise<boolean> {
		return await new Promise((resolve) => this.#commit(records.map(lineOf), resolve));
	}

	/** Why the disk refuses; undefined while all is well. */
	get error(): DiskError | undefined {
		return this.#stuck ?? this.#writer.error;
	}

	get isIdle(): boolean {
		return this.#held === undefined && this.#writer.isIdle;
	}

	/** Everything up to here is safe. */
	get safeEnd(): SafeEnd {
		return { segment: this.#segment, bytes: this.#writer.length, nextNumber: this.#writer.nextNumber };
	}

	async flushed(): Promise<boolean> {
		return await new Promise((resolve) => this.#hand(() => resolve(this.#stuck === undefined && this.#writer.flushed())));
	}

	/**
	 * Begins a new segment with what `records` says: all that is still worth knowing of what was handed in before this call,
	 * asked for piece by piece, between turns of the loop; so it must not change until this is over. What is handed in
	 * meanwhile is written as always, and waits only while the one segment ends and the other begins. Lets go of segments that
	 * are too old. False where all goes on in the old segment because what was handed in is not safe, or because too much
	 * came meanwhile; throws a `DiskError` where the disk refuses, and all goes on in the old one as well.
	 */
	async rotate(records: () => Iterable<JournalRecord>): Promise<boolean> {
		if (this.#rotation !== undefined || this.#isClosed) return false;
		this.#rotation = this.#rotate(records);
		try {
			return await this.#rotation;
		} finally {
			this.#rotation = undefined;
		}
	}

	async #rotate(records: () => Iterable<JournalRecord>): Promise<boolean> {
		const since: Since = { groups: [], lineCount: 0 };
		// What was handed in before is safe or has failed, and whoever handed it in knows, before anything is told of it.
		let summary: Iterable<JournalRecord> = [];
		const isSafe = await this.#whileHeld(async () => {
			if (!(await this.#isAllSafe())) return false;
			summary = records();
			this.#since = since;
			return true;
		});
		if (!isSafe) return false;
		const old = this.#writer;
		try {
			const isOff = (): boolean => this.#isClosed || since.lineCount > SINCE_LINES_MAX;
			const drafts = await draftRecords(this.#parts.clock, summary, isOff);
			if (drafts === undefined) return false;
			const hasBegun = await this.#whileHeld(async () => {
				if (isOff() || !(await this.#isAllSafe())) return false;
				const safe = since.groups.filter(({ isLost }) => !isLost).flatMap(({ lines }) => lines);
				const number = this.#segment + 1;
				this.#writer = await this.#begin(number, [...drafts, ...draftLines(safe)]);
				this.#segment = number;
				this.#since = undefined;
				return true;
			});
			if (!hasBegun) return false;
		} finally {
			this.#since = undefined;
		}
		await this.#letGoOf(old);
		return true;
	}

	/** The new segment is begun, whatever becomes of the old ones: what cannot be removed is tried again with the next. */
	async #letGoOf(old: JournalWriter): Promise<void> {
		try {
			await old[Symbol.asyncDispose]();
			for (const number of await segmentNumbers(this.#parts)) {
				if (number <= this.#segment - SEGMENTS_KEPT) await this.#parts.disk.remove(segmentPath(this.#parts, number));
			}
		} catch (error) {
			if (!(error instanceof DiskError)) throw error;
		}
	}

	async #isAllSafe(): Promise<boolean> {
		return (await this.#writer.flushed()) && this.error === undefined;
	}

	async #whileHeld<Value>(act: () => Promise<Value>): Promise<Value> {
		this.#held = [];
		try {
			return await act();
		} finally {
			this.#release();
		}
	}

	async #begin(number: number, drafts: readonly FrameDraft[]): Promise<JournalWriter> {
		try {
			const { nextNumber } = this.#writer;
			const segment = await beginSegment(this.#parts, { number, nextNumber, toldNumber: nextNumber, drafts });
			return await writerOf(this.#parts, segment);
		} catch (error) {
			await this.#takeAway(number);
			throw error;
		}
	}

	/** A start reads the newest segment, and this is one that nobody writes to. */
	async #takeAway(number: number): Promise<void> {
		const { disk, clock, onHealth } = this.#parts;
		const before = this.error;
		try {
			await disk.remove(segmentPath(this.#parts, number));
			this.#stuck = undefined;
		} catch (error) {
			if (!(error instanceof DiskError)) throw error;
			this.#stuck = error;
			if (!this.#isClosed) this.#stuckTimer = clock.after(STUCK_RETRY_MS, () => void this.#takeAway(number));
		}
		if ((before === undefined) !== (this.error === undefined)) onHealth?.(this.error);
	}

	#commit(lines: readonly string[], done: (isSafe: boolean) => void): void {
		this.#hand(() => {
			if (this.#stuck !== undefined) {
				this.#parts.clock.after(0, () => done(false));
				return;
			}
			const group = this.#remember(lines);
			this.#writer.commit(lines, (isSafe) => {
				if (group !== undefined) group.isLost = !isSafe;
				done(isSafe);
			});
		});
	}

	#keep(lines: readonly string[], mayBeLost: boolean): void {
		if (mayBeLost && this.#held !== undefined && this.#held.length >= HELD_MAX) {
			this.#parts.onLost?.(lines.length);
			return;
		}
		this.#hand(() => {
			this.#remember(lines);
			if (mayBeLost) this.#writer.keep(lines);
			else this.#writer.keepForSure(lines);
		});
	}

	#remember(lines: readonly string[]): Since['groups'][number] | undefined {
		if (this.#since === undefined) return undefined;
		this.#since.lineCount += lines.length;
		if (this.#since.lineCount > SINCE_LINES_MAX) return undefined;
		const group = { lines, isLost: false };
		this.#since.groups.push(group);
		return group;
	}

	#hand(give: () => void): void {
		if (this.#held === undefined) give();
		else this.#held.push(give);
	}

	#release(): void {
		const held = this.#held ?? [];
		this.#held = undefined;
		for (const give of held) give();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
		this.#stuckTimer?.cancel();
		// Whoever asked for it hears of what failed.
		await this.#rotation?.catch(() => {});
		await this.#writer[Symbol.asyncDispose]();
	}
}

async function writerOf(parts: StoreParts, { path, lengthBytes, nextNumber }: Segment): Promise<JournalWriter> {
	const { disk, clock, onHealth, onLost } = parts;
	const place = { path, length: lengthBytes, nextNumber };
	return await JournalWriter.open({
		...{ disk, clock, place, probe: PROBE_LINE },
		...(onHealth === undefined ? {} : { onHealth }),
		...(onLost === undefined ? {} : { onLost }),
	});
}
