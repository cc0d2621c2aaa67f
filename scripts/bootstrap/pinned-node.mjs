// @ts-check
/**
 * Says which Node binary to start and with which flags. The pinned ones are ordinary packages that carry the binary
 * and run no install script (tools/node/package.json); the lock file holds their hashes. Where none fits, the Node
 * that runs us will do if it is new enough.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from './refusal.mjs';
import { thisMachine } from './tree.mjs';

/** The oldest Node that runs our TypeScript as it stands. */
const OLDEST_MAJOR = 24;

/** From this version on Node strips types without printing a warning. */
const QUIET_SINCE = { major: 24, minor: 12 };

/**
 * The package that carries Node for a machine, or undefined. The binaries want glibc, so Alpine and its like have none.
 * @param {Record<string, string>} pins package name to version
 * @param {import('./tree.mjs').Machine} machine
 */
export function pinnedPackage(pins, { os, cpu, libc }) {
	if (libc === 'musl') return undefined;
	const platform = os === 'win32' ? 'win' : os;
	return [`node-${platform}-${cpu}`, `node-bin-${platform}-${cpu}`].find((name) => name in pins);
}

/**
 * Where the pinned Node is, or will be after an install; undefined where none fits this machine.
 * @param {{ root: string, pins: Record<string, string> }} options
 */
export function pinnedPath({ root, pins }) {
	const machine = thisMachine();
	const name = pinnedPackage(pins, machine);
	if (name === undefined) return undefined;
	return join(root, 'node_modules', name, 'bin', machine.os === 'win32' ? 'node.exe' : 'node');
}

/**
 * Refuses a machine that nothing fits, before it waits for an install that could not help.
 * @param {{ root: string, pins: Record<string, string> }} options
 */
export function refuseUnfitMachine(options) {
	if (pinnedPath(options) === undefined && !isRunningNodeFit()) throw noNode('has no build for it');
}

/**
 * @param {{ root: string, pins: Record<string, string> }} options
 * @returns {{ path: string, version: string }}
 */
export function chooseNode({ root, pins }) {
	const path = pinnedPath({ root, pins });
	// It may be missing after an install: npm goes on without an optional package that it cannot fetch.
	if (path !== undefined && existsSync(path)) return { path, version: pins[pinnedPackage(pins, thisMachine()) ?? ''] ?? '' };
	if (!isRunningNodeFit()) throw noNode('is not installed');
	return { path: process.execPath, version: process.versions.node };
}

function isRunningNodeFit() {
	return Number.parseInt(process.versions.node, 10) >= OLDEST_MAJOR;
}

/** @param {string} reason */
function noNode(reason) {
	const { os, cpu, libc } = thisMachine();
	const found = `this is Node ${process.versions.node} on ${os} ${cpu}${libc === 'musl' ? ' with musl' : ''}`;
	const advice = `install Node ${OLDEST_MAJOR} or newer (https://nodejs.org) and run this again`;
	return new Refusal(`${found}, and the pinned Node ${reason}: ${advice}`, 2);
}

/**
 * A bigger nursery: parsing market data makes megabytes of short-lived objects, and with the default the collector
 * would stop us several times a burst and move young objects to the old space only because the nursery was full. And
 * an old space that may grow to three times what is in use: by default the collector lets it grow by a few megabytes, and
 * then goes through all of it every tenth large tick, mostly in the middle of one (docs/decisions/0015).
 * @param {string} version of the Node that will be started
 */
export function nodeFlags(version) {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	const quiet = major > QUIET_SINCE.major || (major === QUIET_SINCE.major && minor >= QUIET_SINCE.minor);
	return ['--max-semi-space-size=32', '--heap-growing-percent=200', ...(quiet ? [] : ['--disable-warning=ExperimentalWarning'])];
}
