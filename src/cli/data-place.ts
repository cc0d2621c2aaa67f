/** Where an engine keeps what it knows, and who it is: from the settings, the environment and the program itself. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigRead } from '../app/config/config.ts';
import { needsBox, venueSettings } from '../app/config/venue-settings.ts';
import type { DataPlace } from '../app/data-folder.ts';

type ConfigKnown = Extract<ConfigRead, { kind: 'read' }>;

const USUAL_FOLDER = 'data';

/** As a flag says, or else the settings, in which a folder stands beside the file that names it. */
export function dataFolderOf(
	{ config, settings }: ConfigKnown,
	{ config: file, data }: { config?: string; data?: string },
): string {
	if (data !== undefined) return resolve(data);
	const { folder = USUAL_FOLDER } = config.storage;
	const isOfFile = settings.some(({ path, place }) => path === 'storage.folder' && place.kind === 'file');
	return isOfFile && file !== undefined ? resolve(dirname(file), folder) : resolve(folder);
}

/**
 * For an exchange that goes with its session: orders of one session mean nothing to the next. A folder of its own, which
 * goes too unless the settings name where it shall stay.
 */
export function passingPlace({ config }: ConfigKnown, parent: string): Disposable & { readonly place: DataPlace } {
	const isKept = config.storage.folder !== undefined;
	if (isKept) mkdirSync(parent, { recursive: true, mode: 0o700 });
	const folder = mkdtempSync(join(isKept ? parent : tmpdir(), 'evenkeel-'));
	return {
		place: isKept ? { ...placeOf(folder), signalsFolder: parent } : placeOf(folder),
		[Symbol.dispose]: () => {
			if (!isKept) rmSync(folder, { recursive: true, force: true });
		},
	};
}

/**
 * Where commands look for a running engine: its data folder, or for the demonstration, whose folder goes with it, one of
 * this user, so that they find it from anywhere.
 */
export function apiFolderOf(known: ConfigKnown, flags: { config?: string; data?: string }): string {
	const isPassing =
		flags.data === undefined && known.config.storage.folder === undefined && venueSettings(known.config).some(needsBox);
	return isPassing ? join(stateFolder(), 'demo') : dataFolderOf(known, flags);
}

function stateFolder(): string {
	return join(folderOfUser(process.env['XDG_STATE_HOME'], '.local', 'state'), 'evenkeel');
}

/** As a variable of the system names it, which counts only where it is a whole path, or else the usual one. */
export function folderOfUser(named: string | undefined, ...usual: readonly string[]): string {
	return named !== undefined && isAbsolute(named) ? named : join(homedir(), ...usual);
}

export function placeOf(folder: string): DataPlace {
	return {
		folder,
		lockFolder: join(stateFolder(), 'locks'),
		build: buildName(),
		rearmCommand: `evenkeel rearm --data ${folder}`,
		who: `process ${process.pid}`,
	};
}

/** The version, and a hash of the program's files: two builds of one version are two. */
function buildName(): string {
	const root = fileURLToPath(new URL('..', import.meta.url));
	const hash = createHash('sha256');
	for (const name of readdirSync(root, { recursive: true }).map(String).sort()) {
		if (/(?<![.](test|suite|d))[.](ts|js)$/.test(name)) hash.update(`${name}\n`).update(readFileSync(join(root, name)));
	}
	const { version } = JSON.parse(readFileSync(join(root, '..', 'package.json'), 'utf8')) as { version: string };
	return `${version}+${hash.digest('hex').slice(0, 12)}`;
}
