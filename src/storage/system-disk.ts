/**
 * The real disk. Appends go through a file opened for synced writes, so that one trip to the thread pool writes and
 * syncs, and the loop never waits; into room made before, they need no word of the file system's own journal. Files that must appear whole are written beside their place and moved there.
 */
import { constants, type MakeDirectoryOptions, write } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type AppendFile, type Disk, DiskError, type DiskFailure } from '../ports/disk.ts';

/** For the owner only: what stands here tells what somebody trades. */
const FILE_MODE = 0o600;
const FOLDER: MakeDirectoryOptions & { recursive: true } = { recursive: true, mode: 0o700 };

const FAILURES: Readonly<Record<string, DiskFailure>> = {
	ENOSPC: 'full',
	EDQUOT: 'full',
	EFBIG: 'full',
	EACCES: 'denied',
	EPERM: 'denied',
	EROFS: 'denied',
	ENOENT: 'missing',
	ENOTDIR: 'missing',
};

export function systemDisk(): Disk {
	return {
		list: (folder) => told(folder, () => listed(folder)),
		read: (path) => told(path, () => readWhole(path)),
		replace: (path, bytes) => told(path, () => replaced(path, bytes)),
		remove: (path) => told(path, () => rm(path, { force: true })),
		openAppend: (path, length) => told(path, () => openedAppend(path, length)),
		freeBytes: (folder) =>
			told(folder, async () => {
				const { bavail, bsize } = await statfs(folder);
				return bavail * bsize;
			}),
	};
}

async function listed(folder: string): Promise<readonly string[]> {
	try {
		const entries = await readdir(folder, { withFileTypes: true });
		return entries
			.filter((entry) => entry.isFile())
			.map(({ name }) => name)
			.sort();
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return [];
		throw error;
	}
}

async function readWhole(path: string): Promise<Uint8Array | undefined> {
	try {
		return await readFile(path);
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return undefined;
		throw error;
	}
}

async function replaced(path: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> {
	const folder = dirname(path);
	await madeFolder(folder);
	const beside = join(folder, `.${basename(path)}.new`);
	try {
		await writeSynced(beside, bytes);
		await rename(beside, path);
	} catch (error) {
		// On a disk that is full it would take the room that the next write needs.
		await rm(beside, { force: true }).catch(() => {});
		throw error;
	}
	await syncFolder(folder);
}

async function writeSynced(path: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> {
	const file = await open(path, 'w', FILE_MODE);
	try {
		await file.writeFile(bytes);
		await file.datasync();
	} finally {
		await file.close();
	}
}

/** With its parents, each safe in the one above it. */
async function madeFolder(folder: string): Promise<void> {
	const first = await mkdir(folder, FOLDER);
	if (first === undefined) return;
	for (let made = folder; made.length >= first.length && made !== dirname(made); made = dirname(made))
		await syncFolder(dirname(made));
}

async function openedAppend(path: string, length: number): Promise<AppendFile> {
	const folder = dirname(path);
	await madeFolder(folder);
	const file = await open(path, constants.O_WRONLY | constants.O_CREAT, FILE_MODE);
	try {
		const { size } = await file.stat();
		if (size < length) throw new DiskError('broken', `${path} has ${size} bytes, and ${length} of them were safe before`);
		if (size > length) await file.truncate(length);
		await file.sync();
	} finally {
		await file.close();
	}
	await syncFolder(folder);
	return await syncedFile(path, length);
}

/** A name is safe only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
	const handle = await open(folder, 'r');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

async function syncedFile(path: string, length: number): Promise<AppendFile> {
	// The handle must stay referenced: a collected one closes its file.
	const handle = await open(path, constants.O_WRONLY | constants.O_DSYNC, FILE_MODE);
	let end = length;
	let hasFailed = false;
	return {
		append: (bytes, done) => {
			const from = (at: number): void => {
				write(handle.fd, bytes, at, bytes.length - at, end + at, (error, count) => {
					hasFailed ||= error !== null;
					if (error !== null) return done(diskError(path, error));
					if (at + count < bytes.length) return from(at + count);
					end += bytes.length;
					done(undefined);
				});
			};
			from(0);
		},
		reserve: (byteCount, done) => {
			// Real zeros: room that is only promised costs the file system's journal as much as a file that grows.
			write(handle.fd, Buffer.alloc(byteCount), 0, byteCount, end, () => done());
		},
		// After a failure another handle may be writing by now, and this one does not know what is safe.
		close: () => told(path, () => (hasFailed ? handle.close() : closed(handle, end))),
	};
}

/** The room that is left goes back to the disk; where that fails, it is zeros that harm nobody. */
async function closed(handle: FileHandle, length: number): Promise<void> {
	await handle.truncate(length).catch(() => {});
	await handle.close();
}

async function told<Value>(path: string, ask: () => Promise<Value>): Promise<Value> {
	try {
		return await ask();
	} catch (error) {
		throw error instanceof DiskError ? error : diskError(path, error);
	}
}

export function diskError(path: string, error: unknown): DiskError {
	const detail = error instanceof Error ? error.message : String(error);
	return new DiskError(FAILURES[codeOf(error)] ?? 'broken', `${path}: ${detail}`);
}

function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : '';
}
