// @ts-check
/**
 * Answers one question without asking npm (which takes seconds): does node_modules hold what package-lock.json wants?
 * npm leaves node_modules/.package-lock.json as the last step of every install, so the two files can be compared, and
 * an install that was cut short shows as a missing file. Pure: the caller reads the files and looks at the disk.
 */
import { readFileSync } from 'node:fs';

/**
 * @typedef {string | string[]} Allowed a single name stands alone in some packages
 * @typedef {{ version?: string, integrity?: string, dev?: boolean, optional?: boolean, link?: boolean, os?: Allowed, cpu?: Allowed, libc?: Allowed }} Entry
 * @typedef {{ packages?: Record<string, Entry> }} Lock
 * @typedef {{ os: string, cpu: string, libc: 'glibc' | 'musl' | undefined }} Machine
 * @typedef {'run' | 'dev'} Level
 */

/**
 * Names the first package that is missing or differs, or undefined when nothing needs to be installed. A tree with
 * more than was asked for is fine: what `dev` installed satisfies `run`.
 * @param {object} question
 * @param {Lock} question.wanted package-lock.json
 * @param {Lock | undefined} question.installed node_modules/.package-lock.json
 * @param {Level} question.level
 * @param {Machine} question.machine
 * @param {(path: string) => boolean} question.isOnDisk a path as in the lock file, such as `node_modules/ws`
 * @returns {string | undefined}
 */
export function firstMissing({ wanted, installed, level, machine, isOnDisk }) {
	if (installed?.packages === undefined) return 'node_modules';
	for (const [path, entry] of Object.entries(wanted.packages ?? {})) {
		const isPackage = path.includes('node_modules/') && entry.link !== true; // the rest are our own workspaces
		if (!isPackage || (level === 'run' && entry.dev === true)) continue;
		if (entry.optional === true && !fits(entry, machine)) continue;
		const found = installed.packages[path];
		if (found === undefined) {
			// An optional package that names no platform is left out together with a parent that did not fit.
			if (entry.optional === true && entry.os === undefined && entry.cpu === undefined) continue;
			return path;
		}
		if (found.version !== entry.version || found.integrity !== entry.integrity || !isOnDisk(path)) return path;
	}
	return undefined;
}

/**
 * @param {Entry} entry
 * @param {Machine} machine
 */
function fits(entry, { os, cpu, libc }) {
	return allows(entry.os, os) && allows(entry.cpu, cpu) && (entry.libc === undefined || allows(entry.libc, libc ?? ''));
}

/**
 * npm's rule: a list of allowed names, or of forbidden ones with `!` in front.
 * @param {Allowed | undefined} allowed
 * @param {string} value
 */
function allows(allowed, value) {
	const list = allowed === undefined ? ['any'] : [allowed].flat();
	if (list.includes('any')) return true;
	if (list.includes(`!${value}`)) return false;
	return list.includes(value) || list.every((name) => name.startsWith('!'));
}

/** @returns {Machine} */
export function thisMachine() {
	return { os: process.platform, cpu: process.arch, libc: process.platform === 'linux' ? linuxLibc() : undefined };
}

/** The ldd script names its library. Node's own report knows too, but takes tens of milliseconds on older versions. */
function linuxLibc() {
	try {
		return readFileSync('/usr/bin/ldd', 'latin1').includes('musl') ? 'musl' : 'glibc';
	} catch {
		return 'glibc'; // an image without ldd; the likelier of the two
	}
}
