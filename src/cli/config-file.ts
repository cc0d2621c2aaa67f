/**
 * The configuration file on the disk, for whoever follows it. The folder is watched and not the file, since most editors
 * put a new file in its place; where the system tells nothing, the one who follows looks at the stamp now and then.
 */
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { ConfigFile } from '../app/config/watch.ts';
import { FILE_BYTES_MAX } from './read-settings.ts';

export function configFile(path: string): ConfigFile {
	return {
		stamp: () => {
			const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
			return stat === undefined ? undefined : `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
		},
		text: () => textOf(path),
		replace: (text) => replaceText(path, text),
		onTouched: (touched) => {
			const watcher = watchFolder(path, touched);
			return { [Symbol.dispose]: () => watcher?.close() };
		},
	};
}

/** Of a file that is far too long its beginning, which is too long as well, and so is refused like any other. */
function textOf(path: string): string | undefined {
	let opened: number | undefined;
	try {
		opened = openSync(path, 'r');
		const bytes = Buffer.alloc(Math.min(fstatSync(opened).size, FILE_BYTES_MAX));
		return bytes.toString('utf8', 0, readSync(opened, bytes, 0, bytes.length, 0));
	} catch (error) {
		if (isSystemError(error)) return undefined;
		throw error;
	} finally {
		if (opened !== undefined) closeSync(opened);
	}
}

/** Through a file beside it, so that nobody ever reads half of it. */
function replaceText(path: string, text: string): string | undefined {
	const beside = `${path}.${process.pid}.new`;
	try {
		const { mode } = statSync(path);
		writeFileSync(beside, text, { mode });
		renameSync(beside, path);
		return undefined;
	} catch (error) {
		if (!isSystemError(error)) throw error;
		rmSync(beside, { force: true });
		return error.message;
	}
}

/** Undefined where the system cannot watch, or has no watcher left to give. */
function watchFolder(path: string, touched: () => void): ReturnType<typeof watch> | undefined {
	try {
		const watcher = watch(dirname(path), { persistent: false }, (_, name) => {
			if (name === null || name === basename(path)) touched();
		});
		watcher.on('error', () => watcher.close());
		return watcher;
	} catch (error) {
		if (isSystemError(error)) return undefined;
		throw error;
	}
}

function isSystemError(error: unknown): error is Error {
	return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
