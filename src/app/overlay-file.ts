/**
 * What somebody has laid over the settings while it ran, kept in the data folder: a limit that was made stricter by hand
 * must not be wide again after a restart.
 *
 *     <folder>/overlay.json
 */
import { join } from 'node:path';
import * as z from 'zod';
import { type Disk, DiskError } from '../ports/disk.ts';
import type { KnownConfig } from './config/changes.ts';
import { LiveSettings } from './config/live-settings.ts';
import { fallenText, OVERLAY_MAX, type Overlay } from './config/overlay.ts';

const entries = z
	.array(z.strictObject({ path: z.string().max(OVERLAY_MAX.pathLength), value: z.unknown(), was: z.unknown().optional() }))
	.max(OVERLAY_MAX.entries);

type OverlayRead = { readonly kind: 'read'; readonly overlay: Overlay } | { readonly kind: 'refused'; readonly sentence: string };

type OverlayDisk = Pick<Disk, 'read' | 'replace'>;

type SettingsOpened =
	// With what a person should know.
	| { readonly kind: 'open'; readonly live: LiveSettings; readonly remarks: readonly string[] }
	| { readonly kind: 'refused'; readonly sentence: string };

/** The file with what earlier runs have laid over it. What fell is written down as gone, or it would come back some day. */
export async function openSettings(disk: OverlayDisk, folder: string, file: KnownConfig): Promise<SettingsOpened> {
	const read = await readOverlay(disk, folder);
	if (read.kind === 'refused') return read;
	const live = new LiveSettings(file, read.overlay);
	const hasFallen = live.overlay.length < read.overlay.length;
	const trouble = hasFallen ? await keepOverlay(disk, folder, live.overlay) : undefined;
	return {
		kind: 'open',
		live,
		remarks: [...laidText(live), ...fallenText(live.fallen), ...(trouble === undefined ? [] : [trouble])],
	};
}

/** That the file does not say all of it. */
function laidText({ overlay }: LiveSettings): readonly string[] {
	if (overlay.length === 0) return [];
	return [`laid over the settings by hand, and still in force: ${overlay.map(({ path }) => path).join(', ')}`];
}

/** Nothing where there is no file; refused where it cannot be read, since nobody knows then what was meant to hold. */
export async function readOverlay(disk: OverlayDisk, folder: string): Promise<OverlayRead> {
	const path = pathIn(folder);
	const mend = 'look into it, or take it away if the file of settings is what shall hold';
	try {
		const bytes = await disk.read(path);
		if (bytes === undefined) return { kind: 'read', overlay: [] };
		const parsed = entries.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
		if (parsed.success)
			return { kind: 'read', overlay: parsed.data.map(({ path: at, value, was }) => ({ path: at, value, was })) };
		return { kind: 'refused', sentence: `what was laid over the settings, ${path}, is none: ${mend}` };
	} catch (error) {
		if (!(error instanceof DiskError) && !(error instanceof SyntaxError)) throw error;
		return { kind: 'refused', sentence: `what was laid over the settings, ${path}, cannot be read (${error.message}): ${mend}` };
	}
}

/** A sentence where the disk does not take it. */
export async function keepOverlay(disk: OverlayDisk, folder: string, overlay: Overlay): Promise<string | undefined> {
	try {
		await disk.replace(pathIn(folder), Buffer.from(`${JSON.stringify(overlay, undefined, '\t')}\n`));
		return undefined;
	} catch (error) {
		if (!(error instanceof DiskError)) throw error;
		return `a restart will not know of it, since it could not be written down: ${error.message}`;
	}
}

function pathIn(folder: string): string {
	return join(folder, 'overlay.json');
}
