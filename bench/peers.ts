/**
 * Loads the packages that we measure ourselves against. They are development dependencies of `bench/` only, so a
 * production install lacks them; then the benchmark says so instead of failing somewhere inside.
 */
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

export class PeerMissingError extends Error {
	override readonly name = 'PeerMissingError';
}

/** The peer's main module. What it looks like is the caller's claim. */
export async function importPeer<Shape>(packageName: string): Promise<Shape> {
	return (await import(pathToFileURL(entryOf(packageName)).href)) as Shape;
}

/** A file inside the peer that its `exports` do not open, for measuring one part without loading the whole. */
export async function importPeerFile<Shape>(packageName: string, path: string): Promise<Shape> {
	const entry = entryOf(packageName);
	const folder = `${sep}node_modules${sep}${packageName.replaceAll('/', sep)}${sep}`;
	const root = entry.slice(0, entry.lastIndexOf(folder) + folder.length);
	return (await import(pathToFileURL(root + path).href)) as Shape;
}

function entryOf(packageName: string): string {
	try {
		return require.resolve(packageName);
	} catch (cause) {
		const message = `this benchmark compares us with '${packageName}', which is not installed: run npm ci without --omit=dev`;
		throw new PeerMissingError(message, { cause });
	}
}
