/** Brings the configuration in from the disk and the environment. */
import { dirname, resolve } from 'node:path';
import { type BoxSettings, boxSettings } from '../app/config/box-settings.ts';
import { type ConfigRead, readConfig } from '../app/config/config.ts';
import type { Override } from '../app/config/environment.ts';
import { readFaultPlan } from '../app/config/fault-rules.ts';
import type { Problem } from '../app/config/problem.ts';
import { textOf } from './text-file.ts';

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
	const text = file === undefined ? '' : textOf(file, FILE_BYTES_MAX);
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
		return readFaultPlan(plan, textOf(plan, FILE_BYTES_MAX));
	});
	return read.kind === 'bad' ? read : { kind: 'read', known, text, box: read.settings };
}
