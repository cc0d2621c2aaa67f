/** `evenkeel bench`: what a tick takes on this machine, against a bare round trip in the same run. */
import { accessSync, constants, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { extraSymbolNames } from '../app/box-symbols.ts';
import type { TickRoad } from '../app/speed/tick-app.ts';
import { measureTicks, TICK_LEVELS_MAX } from '../app/speed/tick-speed.ts';
import type { TickSpeed } from '../app/speed/tick-tally.ts';
import { stopOnSignal } from '../app/stop.ts';
import { measuredBox, startBox } from './box-process.ts';
import { causesText } from './causes.ts';
import { type TickBenchAsked, tickSpeedText } from './print-tick-speed.ts';
import { progressBar } from './progress-bar.ts';
import { UsageError } from './usage-error.ts';
import { parseWhole } from './whole.ts';

interface BenchFlags {
	readonly symbols: string;
	readonly levels: string;
	readonly roundTrip: string;
	readonly ticks: string;
	readonly road: string;
	readonly folder?: string;
	readonly json?: boolean;
}

/** More than that many, and the box is measured instead of us. */
const SYMBOLS_MAX = 100;
const ROUND_TRIP_MS_MAX = 1_000;
const TICKS_MAX = 100_000;
const ROADS: readonly TickRoad[] = ['ws', 'rest'];
const INTERRUPTED = 130;
/** What Linux calls tmpfs and ramfs. */
const MEMORY_TYPES: readonly number[] = [0x01021994, 0x858458f6];

export function addBenchCommand(program: Command): void {
	program
		.command('bench')
		.description('what a tick takes on this machine: all quotes replaced and journaled, at the exchange in a box')
		.option('--symbols <count>', `how many symbols, from 1 to ${SYMBOLS_MAX}`, '50')
		.option('--levels <count>', `quotes a side and symbol, from 1 to ${TICK_LEVELS_MAX}`, '5')
		.option('--round-trip <ms>', `how far away the exchange is, in milliseconds, up to ${ROUND_TRIP_MS_MAX}`, '40')
		.option('--ticks <count>', 'how many ticks are measured', '100')
		.option('--road <road>', `how orders travel: ${ROADS.join(' or ')}`, 'ws')
		.option('--folder <path>', 'the journal lies below it meanwhile; the folder for temporary files unless given')
		.option('--json', 'print one JSON object')
		.addHelpText('after', '\nExample:\n  evenkeel bench --symbols 50 --levels 5 --round-trip 40 --ticks 200 --folder .')
		.action(async (flags: BenchFlags) => {
			process.exitCode = await bench(askedIn(flags), flags.json === true);
		});
}

async function bench(asked: TickBenchAsked, isJson: boolean): Promise<number> {
	const calledOff = new AbortController();
	try {
		using place = passingFolder(asked.folder);
		using stop = stopOnSignal({
			source: process,
			onFirst: () => process.stderr.write('\nstopping: cancelling all orders (once more to stop at once)\n'),
			onAgain: () => {
				try {
					place[Symbol.dispose]();
				} finally {
					process.exit(INTERRUPTED);
				}
			},
		});
		void stop.asked.then(() => calledOff.abort());
		const measured = await measure(asked, place.path, calledOff.signal);
		process.stdout.write(isJson ? `${JSON.stringify({ ...asked, ...measured })}\n` : tickSpeedText(asked, measured));
	} catch (error) {
		process.stderr.write(`evenkeel: ${causesText(error)}\n`);
		return calledOff.signal.aborted ? INTERRUPTED : 1;
	}
	return calledOff.signal.aborted ? INTERRUPTED : 0;
}

function passingFolder(parent: string): Disposable & { readonly path: string } {
	const path = mkdtempSync(join(parent, 'evenkeel-bench-'));
	return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

async function measure(asked: TickBenchAsked, place: string, calledOff: AbortSignal): Promise<TickSpeed> {
	const { symbols, roundTripMs, ticks } = asked;
	const ports = ['--bybit-port', '0', '--control-port', '0'];
	const scene = ['--market', 'quiet', '--symbols', 'BTCUSDT', '--extra-symbols', String(symbols)];
	// With the venue's limits a tick of fifty symbols would last fifty seconds, on any machine.
	const lifted = { EVENKEEL_BOX__RATE_LIMIT_FACTOR: 'off' };
	const started = await startBox([...ports, ...scene, '--latency', `${roundTripMs}ms`], measuredBox(lifted));
	if (started.kind === 'failed') throw new Error(started.message);
	await using box = started.box;
	using bar = progressBar(ticks);
	bar.show(0, 'warming up');
	return await measureTicks({
		...{ box: box.listening, symbols: extraSymbolNames(symbols), levels: asked.levels, road: asked.road },
		...{ tickCount: ticks, folder: join(place, 'journal') },
		cpuMs: () => {
			const { user, system } = process.cpuUsage();
			return (user + system) / 1_000;
		},
		onTick: (doneCount) => {
			bar.show(doneCount, 'ticks');
			if (!bar.isSeen && doneCount === 1) process.stderr.write(`measuring ${ticks} ticks\n`);
		},
		isCalledOff: () => calledOff.aborted,
	});
}

function askedIn(flags: BenchFlags): TickBenchAsked {
	const road = ROADS.find((each) => each === flags.road);
	if (road === undefined) throw new UsageError(`--road is '${flags.road}', expected ${ROADS.join(' or ')}`);
	return {
		symbols: wholeFlag('--symbols', flags.symbols, { min: 1, max: SYMBOLS_MAX }),
		levels: wholeFlag('--levels', flags.levels, { min: 1, max: TICK_LEVELS_MAX }),
		roundTripMs: wholeFlag('--round-trip', flags.roundTrip, { min: 0, max: ROUND_TRIP_MS_MAX }),
		ticks: wholeFlag('--ticks', flags.ticks, { min: 1, max: TICKS_MAX }),
		road,
		...folderFlag(flags.folder),
	};
}

function wholeFlag(name: string, text: string, bounds: { readonly min: number; readonly max: number }): number {
	const value = parseWhole(text, bounds);
	if (value !== undefined) return value;
	throw new UsageError(`${name} is '${text}', expected a whole number from ${bounds.min} to ${bounds.max}`);
}

function folderFlag(path: string | undefined): Pick<TickBenchAsked, 'folder' | 'isInMemory'> {
	const folder = resolve(path ?? tmpdir());
	if (isFolderToWrite(folder)) return { folder, isInMemory: MEMORY_TYPES.includes(statfsSync(folder).type) };
	throw new UsageError(`--folder is '${folder}', expected a folder that may be written to`);
}

function isFolderToWrite(path: string): boolean {
	try {
		accessSync(path, constants.W_OK);
		return statSync(path).isDirectory();
	} catch {
		return false;
	}
}
