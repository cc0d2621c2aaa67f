/** Where a running engine is reached, as it stands in its data folder: for the command line. */
import { join } from 'node:path';
import * as z from 'zod';

export const apiAddress = z.object({ url: z.url(), pid: z.int(), startedAtMs: z.number() });
export type ApiAddress = z.output<typeof apiAddress>;

/** Held as long as an engine listens at that address, however its process ends. */
export function addressLockPath(folder: string): string {
	return `${addressPath(folder)}.lock`;
}

export function addressPath(folder: string): string {
	return join(folder, 'api.json');
}
