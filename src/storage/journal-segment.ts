/**
 * A segment of the journal: a file that begins with everything that is still worth knowing of those before it, and
 * appears whole or not at all. That beginning may be long; it is made in slices, with turns of the loop between them, and
 * whoever trades meanwhile is not held up.
 */
import type { JournalRecord, LatchRecord } from '../domain/journal-record.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import { lineOf, readLine } from './journal-codec.ts';
import {
	draftFrame,
	type Frame,
	type FrameDraft,
	type FramesRead,
	linesOf,
	numberFrame,
	RECORDS_PER_FRAME_MAX,
	readFrames,
} from './journal-frame.ts';

/** Rises when a line cannot be read as before; every version that was ever released stays readable. */
const FORMAT = 1;
const NAME = /^(\d{8})[.]journal$/;
/** A slice is encoded and checked within a millisecond or so; a record that is longer is a slice of its own. */
const SLICE_CHARS = 256 * 1024;
/** Where nobody knows how many records a segment had, the next one goes on so far behind the last that is known. */
const NUMBERS_SKIPPED = 1_000_000;

export interface SegmentPlace {
	readonly disk: Disk;
	readonly clock: Clock;
	readonly folder: string;
}

export interface Segment {
	readonly number: number;
	readonly path: string;
	readonly lengthBytes: number;
	readonly nextNumber: number;
}

export interface JournalRead {
	/** Of all that is known, the oldest first: what the newest segment began with, and what followed. */
	readonly records: readonly JournalRecord[];
	/** Bytes of a last write that did not get to its end, which have been cut off. */
	readonly tornBytes: number;
	/** Why records behind these may be missing that once were safe; nobody may trade on that (F71). */
	readonly damage: string | undefined;
}

export type SegmentRead =
	| ({ readonly kind: 'read'; readonly goodBytes: number } & SegmentNumbers & JournalRead)
	| { readonly kind: 'refused'; readonly sentence: string };

interface SegmentNumbers {
	/** Of the record that is written next. */
	readonly nextNumber: number;
	/** Who follows the journal up to here knows all that could be read: smaller where numbers were skipped. */
	readonly toldNumber: number;
}

const EMPTY: SegmentRead = {
	...{ kind: 'read', records: [], goodBytes: 0, nextNumber: 1, toldNumber: 1, tornBytes: 0, damage: undefined },
};

/** What the newest of these segments says. */
export async function readNewest(place: SegmentPlace, numbers: readonly number[]): Promise<SegmentRead> {
	const newest = numbers.at(-1);
	if (newest === undefined) return EMPTY;
	const path = segmentPath(place, newest);
	const bytes = (await place.disk.read(path)) ?? new Uint8Array();
	const read = readFrames(bytes);
	const { frames, beyond, goodBytes, usedBytes } = read;
	const records = recordsOf([...frames, ...beyond]);
	if (typeof records === 'string') return { kind: 'refused', sentence: unreadable(path, records) };
	const damage = damageOf(read);
	const nextNumber = numberBehind(frames);
	if (damage === undefined) {
		const tornBytes = usedBytes - goodBytes;
		return { kind: 'read', records, goodBytes, nextNumber, toldNumber: nextNumber, tornBytes, damage };
	}
	// Its beginning appeared whole; where that is spoilt, what the one before knew is the best there is.
	const before = hasWholeBeginning(frames) ? EMPTY : await readNewest(place, numbers.slice(0, -1));
	if (before.kind === 'refused') return before;
	return {
		...{
			kind: 'read',
			records: [...before.records, ...records],
			goodBytes,
			tornBytes: 0,
			damage: `${path} is damaged ${damage}`,
		},
		nextNumber: Math.max(before.nextNumber, numberBehind([...frames, ...beyond])) + NUMBERS_SKIPPED,
		toldNumber: frames.length === 0 ? before.toldNumber : numberBehind([...frames, ...beyond]),
	};
}

/** Where it is damaged; undefined where at most its last write did not get to its end. */
function damageOf({ frames, tail }: FramesRead): string | undefined {
	if (frames.length === 0) return 'from its first byte on';
	const where = `behind record ${numberBehind(frames) - 1}`;
	if (tail.kind === 'damaged') return `${where}: ${tail.detail}`;
	return hasWholeBeginning(frames) ? undefined : `${where}: what it began with is not all there`;
}

function hasWholeBeginning(frames: readonly Frame[]): boolean {
	const [head] = frames;
	return head !== undefined && numberBehind(frames) >= head.firstNumber + headOf(head).begunWith;
}

function numberBehind(frames: readonly Frame[]): number {
	const last = frames.at(-1);
	return last === undefined ? 1 : last.firstNumber + last.count;
}

/** What nobody may trade on before a person has looked (F71). */
export function latchOfDamage(damage: string, atMs: number): LatchRecord {
	const reason = `the journal is damaged, and what it lacks may be open at the venue: ${damage}`;
	return { kind: 'latch', level: 'kill', reason, atMs: Math.floor(atMs) };
}

/** Or what makes them unreadable. */
function recordsOf(frames: readonly Frame[]): readonly JournalRecord[] | string {
	const records: JournalRecord[] = [];
	for (const frame of frames) {
		for (const line of linesOf(frame)) {
			const read = readLine(line);
			if (read.kind === 'unreadable') return read.detail;
			if (read.kind === 'record') records.push(read.record);
			else if (read.value['kind'] === 'segment' && read.value['format'] !== FORMAT) {
				return `it is of format ${String(read.value['format'])}, and this program knows ${FORMAT}`;
			}
		}
	}
	return records;
}

/** What a segment begins with, a slice at each turn of the loop; undefined once `isOff` says that nobody wants it. */
export async function draftRecords(
	clock: Clock,
	records: Iterable<JournalRecord>,
	isOff: () => boolean,
): Promise<readonly FrameDraft[] | undefined> {
	const drafts: FrameDraft[] = [];
	let lines: string[] = [];
	let charCount = 0;
	for (const record of records) {
		const line = lineOf(record);
		lines.push(line);
		charCount += line.length;
		if (charCount < SLICE_CHARS && lines.length < RECORDS_PER_FRAME_MAX) continue;
		drafts.push(draftFrame(lines));
		[lines, charCount] = [[], 0];
		await new Promise<void>((resolve) => clock.after(0, resolve));
		if (isOff()) return undefined;
	}
	return lines.length === 0 ? drafts : [...drafts, draftFrame(lines)];
}

export function draftLines(lines: readonly string[]): readonly FrameDraft[] {
	const drafts: FrameDraft[] = [];
	for (let at = 0; at < lines.length; at += RECORDS_PER_FRAME_MAX) {
		drafts.push(draftFrame(lines.slice(at, at + RECORDS_PER_FRAME_MAX)));
	}
	return drafts;
}

/** Throws a `DiskError` where the disk refuses. */
export async function beginSegment(
	place: SegmentPlace,
	from: { readonly number: number; readonly drafts: readonly FrameDraft[] } & SegmentNumbers,
): Promise<Segment> {
	const { number, toldNumber: told } = from;
	const path = segmentPath(place, number);
	const atMs = Math.floor(place.clock.wallMs());
	const begunWith = from.drafts.reduce((sum, { count }) => sum + count, 1);
	const head = draftFrame([JSON.stringify({ kind: 'segment', format: FORMAT, number, atMs, begunWith, told })]);
	let { nextNumber } = from;
	let lengthBytes = 0;
	const frames = [head, ...from.drafts].map((draft) => {
		const frame = numberFrame(draft, nextNumber);
		nextNumber += draft.count;
		lengthBytes += frame.length;
		return frame;
	});
	await place.disk.replace(path, frames);
	return { number, path, lengthBytes, nextNumber };
}

/** What a segment begins with, its head included. */
export interface Beginning {
	readonly frames: readonly Frame[];
	/** Who has followed those before it up to here knows all of it. */
	readonly toldNumber: number;
}

export function beginningOf(frames: readonly Frame[]): Beginning {
	const [head] = frames;
	if (head === undefined) return { frames: [], toldNumber: 1 };
	const { begunWith, told } = headOf(head);
	return { frames: frames.filter(({ firstNumber }) => firstNumber < head.firstNumber + begunWith), toldNumber: told };
}

function headOf(head: Frame): { readonly begunWith: number; readonly told: number } {
	const read = readLine(linesOf(head)[0] ?? '');
	const value = read.kind === 'other' && read.value['kind'] === 'segment' ? read.value : {};
	return { begunWith: Number(value['begunWith'] ?? 0), told: Number(value['told'] ?? head.firstNumber) };
}

export function segmentNumber(name: string): number | undefined {
	const digits = NAME.exec(name)?.[1];
	return digits === undefined ? undefined : Number(digits);
}

export async function segmentNumbers({ disk, folder }: SegmentPlace): Promise<readonly number[]> {
	return (await disk.list(folder)).flatMap((name) => segmentNumber(name) ?? []);
}

export function segmentPath({ folder }: Pick<SegmentPlace, 'folder'>, number: number): string {
	return `${folder}/${`${number}`.padStart(8, '0')}.journal`;
}

function unreadable(path: string, detail: string): string {
	return `the journal ${path} holds what this program cannot read (${detail}); run the version that wrote it, or move the folder away once no order is open`;
}
