/**
 * Nobody looks into the memory of a process that holds keys of a real venue (SEC15): no debugger, no heap snapshot, no
 * report of Node, no core file. Core files are switched off here where the system lets us; what else would show it is
 * refused before any key is read. With the exchange in a box, which is on this machine alone, all of it may be used.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { url as inspectorUrl } from 'node:inspector';
import type { VenueSettings } from '../app/config/venue-settings.ts';
import { UsageError } from './usage-error.ts';

export interface ProcessSeen {
	/** Flags of Node that it was started with. */
	readonly execArgv: readonly string[];
	readonly nodeOptions: string | undefined;
	/** A debugger may connect, however that came about. */
	readonly isInspected: boolean;
	/** /proc/self/limits, where there is such a thing. */
	readonly limits: string | undefined;
}

/**
 * Of flags with dashes, those of Node and those of V8, which takes one dash for two. Each writes what is in memory to a
 * file, shows it to whoever connects, or takes such flags out of a file that we do not see.
 */
const SHOWING =
	/^--?(?:inspect|debug|heap-?snapshot|heap-prof|report|abort-on-uncaught-exception|experimental-(?:default-)?config-file)/;

/** A sentence for each thing that would show it, with how to mend that. Pure. */
export function whatShowsMemory({ execArgv, nodeOptions, isInspected, limits }: ProcessSeen): readonly string[] {
	const sentences = [
		...showingFlags(execArgv).map((flag) => `start Node without ${flag}`),
		...showingFlags((nodeOptions ?? '').split(/\s+/)).map((flag) => `take ${flag} out of NODE_OPTIONS`),
	];
	if (isInspected && sentences.length === 0) sentences.push('start it without a debugger');
	const core = coreLimit(limits);
	if (core !== undefined && core !== '0') {
		const how = 'ulimit -c 0 in the shell that starts it, LimitCORE=0 in a unit of systemd, --ulimit core=0 for a container';
		sentences.push(`let it write no core file (the limit is ${core}, and has to be 0): ${how}`);
	}
	return sentences;
}

/** Node takes underscores for dashes; what stands behind the name may be a secret of its own. */
function showingFlags(words: readonly string[]): readonly string[] {
	const names = words.map((word) =>
		word
			.replaceAll(/^["']|["']$/g, '')
			.replace(/=.*/, '')
			.replaceAll('_', '-'),
	);
	return names.filter((name) => SHOWING.test(name));
}

/** Throws where something shows the keys of a real venue; from here on a debugger is not let in either. */
export function closeMemory(venues: readonly Pick<VenueSettings, 'name' | 'environment'>[]): void {
	const real = venues.filter(({ environment }) => environment !== 'box');
	if (real.length > 0) closeMemoryWith(real.map(({ name, environment }) => `venues.${name} (${environment})`).join(' and '));
}

/** The same, wherever the keys are for: `whose` they are is said. */
export function closeMemoryWith(whose: string): void {
	writeNoCores();
	const sentences = whatShowsMemory({
		execArgv: process.execArgv,
		nodeOptions: process.env['NODE_OPTIONS'],
		isInspected: inspectorUrl() !== undefined,
		limits: limitsOfSystem(),
	});
	if (sentences.length > 0) {
		throw new UsageError(`the keys of ${whose} must not be read out of this process: ${sentences.join('; ')}`);
	}
	// Without somebody who listens, Node opens the door for a debugger at this signal.
	process.on('SIGUSR1', () => process.stderr.write('SIGUSR1: no debugger is let in where keys of a real venue are\n'));
}

/** Of the soft limit, as /proc has it. */
function coreLimit(limits: string | undefined): string | undefined {
	return /^Max core file size\s+(\S+)/m.exec(limits ?? '')?.[1];
}

/**
 * Node itself cannot; without the program that can, the limit stays as it is and is refused. A limit of 0 does not hold
 * where the system hands cores to a program of its own, so that they are emptied as well.
 */
function writeNoCores(): void {
	emptyCores();
	if ((coreLimit(limitsOfSystem()) ?? '0') === '0') return;
	const { PATH } = process.env;
	spawnSync('prlimit', ['--pid', String(process.pid), '--core=0:0'], { stdio: 'ignore', env: { PATH }, timeout: 5_000 });
}

/** No mapping of any kind is left in one; registers and the command line still are. */
function emptyCores(): void {
	try {
		writeFileSync('/proc/self/coredump_filter', '0');
	} catch {
		// Another system than Linux, or one that lets nobody say so.
	}
}

function limitsOfSystem(): string | undefined {
	try {
		return readFileSync('/proc/self/limits', 'utf8');
	} catch {
		// Another system than Linux.
		return undefined;
	}
}
