// @ts-check
/**
 * Makes sure that node_modules holds what the lock file says, and does nothing when it already does. Always `npm ci`,
 * so always the exact lock. npm's words go to standard error. No package runs a script of its own while installing,
 * except those that `allowScripts` in package.json names: npm 11 keeps to that list by itself, 9 and 10 would run all.
 */
import { copyFileSync, existsSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, join } from 'node:path';
import { readJson } from './json.mjs';
import { isLocked, withLock } from './lock.mjs';
import { npm } from './npm.mjs';
import { Refusal } from './refusal.mjs';
import { firstMissing, thisMachine } from './tree.mjs';

/**
 * @typedef {object} Wish
 * @property {string} root
 * @property {import('./tree.mjs').Level} level
 * @property {string | undefined} pinnedNode where the pinned Node will be; undefined where none fits this machine
 */

const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];

/** @param {Wish} wish */
export async function ensureInstalled({ root, level, pinnedNode }) {
	const lockPath = join(root, '.bootstrap-lock');
	// Somebody who is installing right now has torn the tree down, whatever it still looks like.
	if (!isLocked(lockPath) && missingFrom(root, level) === undefined) return;
	await withLock(lockPath, async () => {
		const missing = missingFrom(root, level);
		if (missing === undefined) return; // whoever held the lock before us has done it
		// `npm ci` starts from nothing. A tree that had the tools keeps them, or the next `npm test` would install again.
		const wish = { root, level: level === 'dev' || hasTools(root) ? /** @type {const} */ ('dev') : level, pinnedNode };
		const reason = missing === 'node_modules' ? 'first run' : `${missing} is missing or outdated`;
		process.stderr.write(`installing dependencies (${reason}, about ${wish.level === 'dev' ? 20 : 5} s)\n`);
		await install(wish, lockPath);
	});
}

/**
 * npm leaves out optional packages that do not want the Node it runs on, without a word, and the binaries of some tools
 * are such packages. So what is still missing is installed once more by npm on the pinned Node, which is there by now.
 * @param {Wish} wish
 * @param {string} scratch a folder that outlives node_modules: npm must not run on a file that it is deleting
 */
async function install({ root, level, pinnedNode }, scratch) {
	await npmCi(root, level);
	if (missingFrom(root, level) !== undefined && pinnedNode !== undefined && existsSync(pinnedNode)) {
		const copy = join(scratch, basename(pinnedNode));
		copyFileSync(pinnedNode, copy);
		await npmCi(root, level, copy);
	}
	const missing = missingFrom(root, level);
	if (missing !== undefined)
		process.stderr.write(`npm left out ${missing}, which this machine should have; going on without it\n`);
	const allowed = allowedScripts(root);
	if (allowed.length === 0) return;
	if ((await npm(root, ['rebuild', '--ignore-scripts=false', ...QUIET, ...allowed])).code !== 0) {
		throw new Refusal(`the install scripts of ${allowed.join(', ')} failed; npm's message is above`, 1);
	}
}

/**
 * @param {string} root
 * @param {import('./tree.mjs').Level} level
 * @param {string} [node]
 */
async function npmCi(root, level, node) {
	const scope = level === 'dev' ? ['--include=dev'] : ['--omit=dev'];
	// --include: NODE_ENV=production or a personal setting must not leave out what we are about to start.
	const { code, passedOn } = await npm(root, ['ci', '--ignore-scripts', '--include=optional', ...scope, ...QUIET], node);
	if (passedOn !== undefined) {
		throw new Refusal('the installation was interrupted; the next start repeats it', 128 + constants.signals[passedOn]);
	}
	if (code !== 0) throw new Refusal(installFailed(code), 1);
}

/** @param {number} code */
function installFailed(code) {
	const lines = [`npm ci failed (exit code ${code}); npm's message is above. The usual reasons:`];
	lines.push('  no way to the package registry (offline, proxy): try again when `npm ping` answers');
	lines.push('  package.json and package-lock.json disagree: run `npm install --ignore-scripts` and commit the lock file');
	if (process.platform === 'win32') {
		lines.push('  a running program keeps files of node_modules open: close it and run `npm ci --ignore-scripts`');
	}
	return lines.join('\n');
}

/**
 * @param {string} root
 * @param {import('./tree.mjs').Level} level
 */
function missingFrom(root, level) {
	const wanted = readLock(join(root, 'package-lock.json'));
	if (wanted === undefined) {
		throw new Refusal('package-lock.json is missing or broken: restore it with `git checkout package-lock.json`', 1);
	}
	const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
	const isOnDisk = (/** @type {string} */ path) => existsSync(join(root, path, 'package.json'));
	return firstMissing({ wanted, installed, level, machine: thisMachine(), isOnDisk });
}

/** @param {string} root */
function hasTools(root) {
	const packages = readLock(join(root, 'node_modules', '.package-lock.json'))?.packages ?? {};
	return Object.values(packages).some((entry) => entry.dev === true);
}

/** @param {string} root */
function allowedScripts(root) {
	const manifest = /** @type {{ allowScripts?: Record<string, boolean> }} */ (readJson(join(root, 'package.json')));
	const { allowScripts = {} } = manifest;
	return Object.keys(allowScripts).filter((name) => allowScripts[name] === true);
}

/**
 * @param {string} path
 * @returns {import('./tree.mjs').Lock | undefined} undefined when the file is missing or cut short
 */
function readLock(path) {
	try {
		return /** @type {import('./tree.mjs').Lock} */ (readJson(path));
	} catch {
		return undefined;
	}
}
