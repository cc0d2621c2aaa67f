/** Brings the configuration in from the disk and the environment. The one place of this room that opens a file. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type BoxSettings, boxSettings } from '../app/config/box-settings.ts';
import { type ConfigRead, readConfig } from '../app/config/config.ts';
import type { Override } from '../app/config/environment.ts';
import { readFaultPlan } from '../app/config/fault-rules.ts';
import type { Problem } from '../app/config/problem.ts';
import { UsageError } from './usage-error.ts';

/** No file of settings is a tenth of this; the reader of its text has a lower bound of its own. */
export const FILE_BYTES_MAX = 1_048_576;

type ConfigKnown = Extract<ConfigRead, { kind: 'read' }>;

export type SettingsRead =
	| { readonly kind: 'read'; readonly known: ConfigKnown; readonly text: string; readonly box: BoxSettings }
	| { readonly kind: 'bad'; readonly problems: readonly Problem[] };

/** The configuration as a whole, the fault plan that it names included. The text is that of the file, empty without one. */
export function readSettings(
	file: string | undefined,
	flags: readonly Override[] = [],
	environment: Readonly<Record<string, string | undefined>> = process.env,
): SettingsRead {
	const text = file === undefined ? '' : textOf(file);
	const known = readConfig({
		...(file === undefined ? {} : { file: { name: file, text } }),
		environment,
		flags,
	});
	if (known.kind === 'bad') return known;
	// A plan that the file names lies beside it; one that a flag or a variable names is where the person stands.
	const isOfFile = known.settings.some(({ path, place }) => path === 'box.faults' && place.kind === 'file');
	const folder = isOfFile && file !== undefined ? dirname(file) : '.';
	const read = boxSettings(known.config.box, (path) => {
		const plan = folder === '.' ? path : resolve(folder, path);
		return readFaultPlan(plan, textOf(plan));
	});
	return read.kind === 'bad' ? read : { kind: 'read', known, text, box: read.settings };
}

function textOf(file: string): string {
	let opened: number | undefined;
	try {
		opened = openSync(file, 'r');
		const { size } = fstatSync(opened);
		if (size > FILE_BYTES_MAX) throw new UsageError(`${file} has ${size} bytes, expected at most ${FILE_BYTES_MAX}`);
		return readFileSync(opened, 'utf8');
	} catch (error) {
		if (!isSystemError(error)) throw error;
		throw new UsageError(`cannot read ${file}: ${WHY[error.code] ?? `the system says ${error.code}`}`);
	} finally {
		if (opened !== undefined) closeSync(opened);
	}
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
