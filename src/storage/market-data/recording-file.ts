/** Recordings as files: written beside their place and moved there when they are whole, so that there is never half of one. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DiskError } from '../../ports/disk.ts';
import type { ReadAt } from './recording-reader.ts';

/** What a recording is being written to. Disposing of it without `publish` leaves nothing behind. */
export interface RecordingDraft extends Disposable {
	readonly kind: 'draft';
	/** Throws a DiskError where the disk does not take it; then there is nothing to be done but to dispose of all. */
	write(bytes: Uint8Array): void;
	/** Reads back what has been written. */
	readonly readAt: ReadAt;
	/** From here on it stands under its name, also after a power cut. */
	publish(): void;
}

export type Drafted = RecordingDraft | { readonly kind: 'refused'; readonly sentence: string };

/** What stands there already is never written over. */
export function draftRecording(path: string): Drafted {
	const folder = dirname(path);
	const beside = join(folder, `.${basename(path)}.new`);
	if (existsSync(path)) return refused('it is there already: move it away, or name another folder');
	let file: number;
	try {
		mkdirSync(folder, { recursive: true });
		file = openSync(beside, 'w+');
	} catch (error) {
		return refused(`it cannot be written: ${textOf(error)}`);
	}
	let isPublished = false;
	return {
		kind: 'draft',
		write: (bytes) => {
			try {
				for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
			} catch (error) {
				throw new DiskError('broken', textOf(error));
			}
		},
		readAt: readerOf(file),
		publish: () => {
			fsyncSync(file);
			renameSync(beside, path);
			isPublished = true;
			syncFolder(folder);
		},
		[Symbol.dispose]: () => {
			closeSync(file);
			if (!isPublished) rmSync(beside, { force: true });
		},
	};
}

function textOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function refused(sentence: string): Drafted {
	return { kind: 'refused', sentence };
}

function readerOf(file: number): ReadAt {
	return (buffer, offset) => {
		let at = 0;
		while (at < buffer.length) {
			const count = readSync(file, buffer, at, buffer.length - at, offset + at);
			if (count === 0) break;
			at += count;
		}
		return at;
	};
}

/** A name is safe only when its folder is. */
function syncFolder(folder: string): void {
	const handle = openSync(folder, 'r');
	try {
		fsyncSync(handle);
	} finally {
		closeSync(handle);
	}
}
