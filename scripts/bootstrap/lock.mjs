// @ts-check
/**
 * Lets one bootstrap at a time touch node_modules. The lock is a folder, because making one either works or fails,
 * nothing between; it stands beside node_modules and not inside, where `npm ci` would delete it. A lock whose owner is
 * gone is taken over. Good for people and CI jobs on one machine; not for a folder shared between machines.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './refusal.mjs';

/** Longer than any install; a process id may by then belong to somebody else. */
const LOCK_AGE_MS_MAX = 15 * 60_000;
/** Between making the folder and writing the owner's id into it. */
const UNSIGNED_AGE_MS_MAX = 5_000;
const WAIT_MS_MAX = 10 * 60_000;
const POLL_MS = 200;

/**
 * @param {string} path
 * @param {() => Promise<void>} work
 */
export async function withLock(path, work) {
	const startedAtMs = Date.now();
	for (let waiting = false; !tryLock(path); await sleep(POLL_MS)) {
		if (Date.now() - startedAtMs > WAIT_MS_MAX)
			throw new Refusal(`another installation has held ${path} for ten minutes: delete it if none is running`, 1);
		if (!waiting) process.stderr.write('waiting for another installation in this folder\n');
		waiting = true;
	}
	try {
		await work();
	} finally {
		rmSync(path, { recursive: true, force: true });
	}
}

/** @param {string} path */
export function isLocked(path) {
	return !isAbandoned(path);
}

/** @param {string} path */
function tryLock(path) {
	try {
		mkdirSync(path);
	} catch (error) {
		if (codeOf(error) !== 'EEXIST') throw error;
		if (isAbandoned(path)) takeAway(path);
		return false; // the next round tries again
	}
	writeFileSync(join(path, 'pid'), String(process.pid));
	return true;
}

/**
 * Renamed first, so that of several who found it abandoned only one deletes it, and nobody deletes a fresh one.
 * @param {string} path
 */
function takeAway(path) {
	const aside = `${path}-${process.pid}`;
	try {
		renameSync(path, aside);
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return; // somebody else was first
		throw error;
	}
	if (isAbandoned(aside)) rmSync(aside, { recursive: true, force: true });
	else renameSync(aside, path); // a new owner came in between our look and our grip
}

/** @param {string} path also true when there is no lock at all */
function isAbandoned(path) {
	try {
		const ageMs = Date.now() - statSync(path).mtimeMs;
		const pid = readPid(path);
		if (pid === undefined) return ageMs > UNSIGNED_AGE_MS_MAX;
		return ageMs > LOCK_AGE_MS_MAX || !isAlive(pid);
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return true;
		throw error;
	}
}

/** @param {string} path */
function readPid(path) {
	try {
		const pid = Number(readFileSync(join(path, 'pid'), 'utf8'));
		return pid > 0 ? pid : undefined;
	} catch {
		return undefined; // not written yet
	}
}

/** @param {number} pid */
function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return codeOf(error) === 'EPERM'; // there, but another user's
	}
}

/** @param {unknown} error */
function codeOf(error) {
	return error instanceof Error && 'code' in error ? error.code : undefined;
}
