/**
 * A small repository in a temporary folder, for pointing the checks at faults. It has our configuration and our packages
 * and only the files it is given. The live tree is never written to, since other tests read it at the same time.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const CONFIGURATION = [
	'package.json',
	'tsconfig.json',
	'biome.json',
	'knip.json',
	'.oxlintrc.json',
	'.dependency-cruiser.mjs',
	'scripts/check/ambient-rules.ts',
];

/** A folder of its own with these files, and nothing else. */
export function emptyScratch(files: Readonly<Record<string, string>>): { readonly path: string } & Disposable {
	const path = mkdtempSync(join(tmpdir(), 'evenkeel-house-'));
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(path, name)), { recursive: true });
		writeFileSync(join(path, name), text);
	}
	return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The same with our configuration and packages. */
export function scratch(files: Readonly<Record<string, string>>): { readonly path: string } & Disposable {
	const folder = emptyScratch(files);
	for (const name of CONFIGURATION) cpSync(join(root, name), join(folder.path, name));
	symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'), 'junction');
	return folder;
}
