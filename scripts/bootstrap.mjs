#!/usr/bin/env node
// @ts-check
/**
 * Starts a script of this repository on the pinned Node, after making sure that its packages are installed:
 * `node scripts/bootstrap.mjs <run|dev> <script.ts> [arguments]`. `run` needs the production packages, `dev` all.
 * Promises: what the script gets is exactly what package-lock.json says; standard output belongs to the script alone;
 * its exit code is ours. Must run on Node 18 without any package, because it runs before there is one; so it is plain
 * JavaScript and imports nothing but Node and its own folder.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from './bootstrap/child.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { readJson } from './bootstrap/json.mjs';
import { chooseNode, nodeFlags, pinnedPath, refuseUnfitMachine } from './bootstrap/pinned-node.mjs';
import { Refusal } from './bootstrap/refusal.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	if (!(error instanceof Refusal)) throw error;
	process.stderr.write(`${error.message}\n`);
	process.exitCode = error.exitCode;
}

/** @param {string[]} argv */
async function main([level, script, ...rest]) {
	if ((level !== 'run' && level !== 'dev') || script === undefined) {
		throw new Refusal('usage: node scripts/bootstrap.mjs <run|dev> <script.ts> [arguments]', 2);
	}
	const path = resolve(root, script);
	if (!existsSync(path)) throw new Refusal(`there is no ${script} in this repository`, 2);

	const manifest = /** @type {{ optionalDependencies: Record<string, string> }} */ (
		readJson(join(root, 'tools', 'node', 'package.json'))
	);
	const pins = manifest.optionalDependencies;
	refuseUnfitMachine({ root, pins });
	await ensureInstalled({ root, level, pinnedNode: pinnedPath({ root, pins }) });
	const node = chooseNode({ root, pins });
	const { code } = await runChild(node.path, [...nodeFlags(node.version), path, ...rest], { stdio: 'inherit' });
	return code;
}
