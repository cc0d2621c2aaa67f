/**
 * Files with secrets: for their owner alone, in a folder for him alone. One that others may read is not used at all, since
 * nobody can tell who has read it already.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { diskError } from './system-disk.ts';

export type PrivateRead =
	| { readonly kind: 'read'; readonly text: string }
	| { readonly kind: 'none' }
	| { readonly kind: 'refused'; readonly sentence: string };

/** Others' rights to read, write or run. */
const OF_OTHERS = 0o077;
/** Windows has no such bits, and shows all of them set. */
const HAS_MODES = sep === '/';

/** Throws a `DiskError` where it is there and cannot be read. `isRenewed`: once deleted, it is made anew by itself. */
export function readPrivate(path: string, { isRenewed = true } = {}): PrivateRead {
	try {
		const mode = modeForOthers(path);
		if (mode !== undefined) {
			const mend = `${isRenewed ? 'delete it to have new ones made, or ' : ''}say chmod 600 ${path}`;
			return { kind: 'refused', sentence: `${path} holds secrets, and others may read it (mode ${mode}): ${mend}` };
		}
		return { kind: 'read', text: readFileSync(path, 'utf8') };
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'none' };
		throw diskError(path, error);
	}
}

/** What is wrong with the folder of such a file, where it is there: who may write there may put another file in its place. */
export function whyNotPrivate(folder: string): string | undefined {
	try {
		const mode = modeForOthers(folder);
		return mode === undefined ? undefined : `others may look into ${folder} (mode ${mode}): say chmod 700 ${folder}`;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
		throw diskError(folder, error);
	}
}

/** Undefined where others have no right to it. */
function modeForOthers(path: string): string | undefined {
	const mode = statSync(path).mode & 0o777;
	return HAS_MODES && (mode & OF_OTHERS) !== 0 ? mode.toString(8).padStart(3, '0') : undefined;
}

/** Only where there is none yet: false where somebody was faster. Throws a `DiskError`. */
export function makePrivate(path: string, text: string): boolean {
	try {
		mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
		writeFileSync(path, text, { mode: 0o600, flag: 'wx', flush: true });
		return true;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
		throw diskError(path, error);
	}
}
