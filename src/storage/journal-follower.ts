/**
 * Reads the journal behind its writer's back and tells the tables what is new. Runs on a thread of its own, so it may
 * wait for the disk. It never reads beyond what the writer called safe, or the tables would know of what a power cut
 * takes back.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import type { JournalRecord } from '../domain/journal-record.ts';
import { readLine } from './journal-codec.ts';
import { type Frame, linesOf, readFrames } from './journal-frame.ts';
import { type Beginning, beginningOf, segmentNumber, segmentPath } from './journal-segment.ts';
import type { Projection } from './projection.ts';

/** As far as the writer has got. */
export interface SafeEnd {
	readonly segment: number;
	readonly bytes: number;
	/** Of the record behind. */
	readonly nextNumber: number;
}

export class JournalFollower {
	readonly #folder: string;
	readonly #projection: Projection;
	/** The segment that is being read, and how far. */
	#segment = 0;
	#offset = 0;

	constructor(folder: string, projection: Projection) {
		this.#folder = folder;
		this.#projection = projection;
	}

	/** Tells the tables everything up to there. */
	follow(end: SafeEnd): void {
		for (const segment of this.#segmentsTo(end.segment)) {
			if (segment !== this.#segment) {
				this.#segment = segment;
				this.#offset = 0;
			}
			this.#read(segment === end.segment ? end.bytes : Number.POSITIVE_INFINITY);
		}
	}

	#segmentsTo(last: number): readonly number[] {
		return readdirSync(this.#folder)
			.flatMap((name) => segmentNumber(name) ?? [])
			.filter((number) => number >= this.#segment && number <= last)
			.sort((one, other) => one - other);
	}

	#read(bytesMax: number): void {
		const path = segmentPath({ folder: this.#folder }, this.#segment);
		const bytes = bytesBetween(path, this.#offset, bytesMax);
		const { frames, beyond, goodBytes } = readFrames(bytes);
		// Behind a beginning that cannot be read, nobody knows what is news.
		const known = frames.length === 0 ? [] : [...frames, ...beyond];
		const begunWith = this.#offset === 0 ? beginningOf(known) : NO_BEGINNING;
		this.#tellBeginning(begunWith);
		for (const frame of known.slice(begunWith.frames.length)) this.#tell(frame);
		this.#offset += goodBytes;
	}

	#tell(frame: Frame): void {
		if (frame.firstNumber + frame.count > this.#projection.nextNumber) {
			this.#projection.apply(frame.firstNumber, recordsOf(frame));
		}
	}

	/** What a segment begins with is news only where those before it are missing: all of it or none. */
	#tellBeginning({ frames, toldNumber }: Beginning): void {
		const [first, last] = [frames[0], frames.at(-1)];
		if (first === undefined || last === undefined) return;
		const { nextNumber } = this.#projection;
		const behind = last.firstNumber + last.count;
		if (behind <= nextNumber) return;
		const isKnown = nextNumber > 1 && nextNumber >= toldNumber && nextNumber <= first.firstNumber;
		const count = behind - first.firstNumber;
		const records = isKnown ? new Array<undefined>(count).fill(undefined) : frames.flatMap(recordsOf);
		this.#projection.apply(first.firstNumber, records);
	}
}

const NO_BEGINNING: Beginning = { frames: [], toldNumber: 1 };

function recordsOf(frame: Frame): readonly (JournalRecord | undefined)[] {
	return linesOf(frame).map((line) => {
		const read = readLine(line);
		return read.kind === 'record' ? read.record : undefined;
	});
}

function bytesBetween(path: string, from: number, to: number): Uint8Array {
	const file = openSync(path, 'r');
	try {
		const parts: Buffer[] = [];
		for (let at = from; at < to; ) {
			const part = Buffer.allocUnsafe(Math.min(PART_BYTES, to - at));
			const count = readSync(file, part, 0, part.length, at);
			if (count === 0) break;
			parts.push(part.subarray(0, count));
			at += count;
		}
		return Buffer.concat(parts);
	} finally {
		closeSync(file);
	}
}

const PART_BYTES = 1024 * 1024;
