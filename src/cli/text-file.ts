/** Text from and into a file that somebody has named, or a sentence that says why not. */
import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { UsageError } from './usage-error.ts';

/** `-` is what comes in on stdin. */
export function textOf(file: string, bytesMax: number): string {
	let opened: number | undefined;
	try {
		opened = file === '-' ? 0 : openSync(file, 'r');
		refuseAbove(file, fstatSync(opened).size, bytesMax);
		const text = readFileSync(opened, 'utf8');
		refuseAbove(file, text.length, bytesMax);
		return text;
	} catch (error) {
		if (!isSystemError(error)) throw error;
		throw new UsageError(`cannot read ${file}: ${WHY[error.code] ?? `the system says ${error.code}`}`);
	} finally {
		if (opened !== undefined && opened !== 0) closeSync(opened);
	}
}

function refuseAbove(file: string, bytes: number, bytesMax: number): void {
	if (bytes > bytesMax) throw new UsageError(`${file} has ${bytes} bytes, expected at most ${bytesMax}`);
}

const WHY: Readonly<Record<string, string>> = {
	ENOENT: 'there is no such file',
	ENOTDIR: 'there is no such file',
	EISDIR: 'it is a folder',
	EACCES: 'the system does not allow it',
};

function isSystemError(error: unknown): error is Error & { readonly code: string } {
	return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** The whole text or, whatever happens, what was there before. */
export function replaceText(file: string, text: string): void {
	const passing = `${file}.${process.pid}.new`;
	try {
		writeFileSync(passing, text, { mode: 0o600, flush: true });
		renameSync(passing, file);
	} catch (error) {
		if (!isSystemError(error)) throw error;
		rmSync(passing, { force: true });
		throw new UsageError(`cannot write ${file}: ${WHY_NOT_WRITTEN[error.code] ?? `the system says ${error.code}`}`);
	}
}

const WHY_NOT_WRITTEN: Readonly<Record<string, string>> = {
	...WHY,
	ENOENT: 'there is no such folder',
	ENOSPC: 'the disk is full',
};
