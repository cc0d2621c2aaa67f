/**
 * One holder of a name on this host (BOOT1, I21). The lock is the database engine's own lock of a file: the operating
 * system lets go of it when its process ends, however that happens, so nothing stale is ever left behind.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { diskError } from './system-disk.ts';

export type LockTaken =
	| { readonly kind: 'held'; readonly lock: Disposable }
	/** `by` is what the holder wrote of itself, for people; empty where it had no time to. */
	| { readonly kind: 'busy'; readonly by: string };

/** Answers at once. `holder` is what others are told. Throws a `DiskError` where the file cannot be made. */
export function takeLock(path: string, holder: string): LockTaken {
	try {
		return taken(path, holder);
	} catch (error) {
		throw diskError(path, error);
	}
}

function taken(path: string, holder: string): LockTaken {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	madeForOwner(path);
	const database = new DatabaseSync(path, { timeout: 0 });
	try {
		// Without a file beside it, and held until it is closed.
		database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
	} catch (error) {
		database.close();
		if (isBusy(error)) return { kind: 'busy', by: holderOf(path) };
		throw error;
	}
	// The locked file cannot be read by others, so the name stands beside it; it means something only while the lock is held.
	try {
		writeFileSync(`${path}.new`, holder, { mode: 0o600 });
		renameSync(`${path}.new`, `${path}.holder`);
	} catch (error) {
		database.close();
		throw error;
	}
	return { kind: 'held', lock: { [Symbol.dispose]: () => database.close() } };
}

/**
 * The database engine would make it for everyone to read. Never opened where it is there: whoever closes a file lets go of
 * every lock that the process has on it.
 */
export function madeForOwner(path: string): void {
	try {
		closeSync(openSync(path, 'wx', 0o600));
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
	}
}

function holderOf(path: string): string {
	try {
		return readFileSync(`${path}.holder`, 'utf8');
	} catch {
		return '';
	}
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
	return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
