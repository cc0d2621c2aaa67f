/** `evenkeel run`: a session, its status line, and what Ctrl-C does. */
import type { Command } from 'commander';
import { parseDurationMs } from '../app/config/duration.ts';
import { runSession } from '../app/session.ts';
import { stopOnSignal } from '../app/stop.ts';
import { reportText } from './print-report.ts';
import { StatusLine } from './status-line.ts';
import { UsageError } from './usage-error.ts';
import { parseWhole } from './whole.ts';

interface RunFlags {
	readonly for?: string;
	readonly ticks?: string;
	readonly seed?: string;
	readonly virtual?: boolean;
	readonly json?: boolean;
}

export function addRunCommand(program: Command): void {
	program
		.command('run')
		.description('quote a synthetic market on the exchange in a box')
		.option('--for <time>', 'stop after this time, such as 30s, 500ms or 2m')
		.option('--ticks <count>', 'stop after this many ticks')
		.option('--seed <number>', 'seed of the market and of all chance; drawn anew unless given')
		.option('--virtual', 'run in virtual time: as fast as possible, and the same for the same seed')
		.option('--json', 'print one JSON object at the end; everything else goes to stderr')
		.addHelpText('after', '\nExample:\n  evenkeel run --ticks 2000 --seed 7 --virtual --json')
		.action(async (flags: RunFlags) => {
			process.exitCode = await run(flags);
		});
}

async function run(flags: RunFlags): Promise<number> {
	const forMs = flags.for === undefined ? undefined : parseDurationMs(flags.for);
	if (flags.for !== undefined && forMs === undefined) {
		throw new UsageError(`--for is '${flags.for}', expected a time from 1ms to 168h, such as 30s, 500ms or 2m`);
	}
	const ticks = wholeFlag('--ticks', flags.ticks, { min: 1, max: 1e9 });
	const seed = wholeFlag('--seed', flags.seed, { min: 0, max: Number.MAX_SAFE_INTEGER });
	const virtual = flags.virtual ?? false;
	if (virtual && forMs === undefined && ticks === undefined) {
		throw new UsageError('--virtual needs an end: add --ticks 2000 or --for 60s');
	}
	const status = new StatusLine(process.stderr);
	using stop = stopOnSignal({
		source: process,
		onFirst: () => process.stderr.write('\nstopping: cancelling all orders (once more to stop at once)\n'),
		onAgain: () => process.exit(130),
	});
	const report = await runSession({
		virtual,
		stopAsked: stop.asked,
		onStart: (drawn) => {
			if (!virtual)
				process.stderr.write(`quoting four symbols of a synthetic market, seed ${drawn}; Ctrl-C cancels all and stops\n`);
		},
		onNote: (note) => {
			if (note.kind === 'strategyFailed')
				process.stderr.write(`\nstrategy failed on ${note.instrument}: ${String(note.error)}\n`);
		},
		onStatus: (now) => status.show(now),
		...(seed === undefined ? {} : { seed }),
		...(forMs === undefined ? {} : { forMs }),
		...(ticks === undefined ? {} : { ticks }),
	});
	status.end();
	process.stdout.write(`${flags.json === true ? JSON.stringify(report) : reportText(report)}\n`);
	if (report.openOrdersAtExit === 0) return 0;
	process.stderr.write(`${report.openOrdersAtExit} orders could not be proven gone; cancel them at the exchange\n`);
	return 1;
}

function wholeFlag(name: string, text: string | undefined, bounds: { min: number; max: number }): number | undefined {
	if (text === undefined) return undefined;
	const value = parseWhole(text, bounds);
	if (value === undefined)
		throw new UsageError(`${name} is '${text}', expected a whole number from ${bounds.min} to ${bounds.max}`);
	return value;
}
