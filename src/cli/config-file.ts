/**
 * The configuration file on the disk, for whoever follows it. The folder is watched and not the file, since most editors
 * put a new file in its place; where the system tells nothing, the one who follows looks at the stamp now and then.
 */
import { readFileSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { ConfigFile } from '../app/config/watch.ts';

export function configFile(path: string): ConfigFile {
	return {
		stamp: () => {
			const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
			return stat === undefined ? undefined : `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
		},
		text: () => textOf(path),
		onTouched: (touched) => {
			const watcher = watchFolder(path, touched);
			return { [Symbol.dispose]: () => watcher?.close() };
		},
	};
}

function textOf(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if (isSystemError(error)) return undefined;
		throw error;
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

function isSystemError(error: unknown): boolean {
	return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
