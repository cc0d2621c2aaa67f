/** `evenkeel run`: a session, its status line, and what Ctrl-C does. */
import type { Command } from 'commander';
import { bybitSettings, bybitUrls } from '../app/config/bybit-settings.ts';
import type { Config } from '../app/config/config.ts';
import { parseDurationMs } from '../app/config/duration.ts';
import { venuesOf } from '../app/config/venue-section.ts';
import { DEMO } from '../app/demo.ts';
import { type ExchangeFound, runSession } from '../app/session.ts';
import { stopOnSignal } from '../app/stop.ts';
import { type BoxProcess, startBox } from './box-process.ts';
import { sayProblems } from './config.ts';
import { reportText } from './print-report.ts';
import { readSettings } from './read-settings.ts';
import { StatusLine } from './status-line.ts';
import { UsageError } from './usage-error.ts';
import { parseWhole } from './whole.ts';

interface RunFlags {
	readonly config?: string;
	readonly for?: string;
	readonly ticks?: string;
	readonly seed?: string;
	readonly virtual?: boolean;
	readonly json?: boolean;
}

export function addRunCommand(program: Command): void {
	program
		.command('run')
		.description('quote a synthetic market on the exchange in a box, over its real protocol')
		.option('--config <file>', 'settings in YAML; without them four symbols of the box are quoted')
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
	const read = readSettings(flags.config);
	if (read.kind === 'bad') return sayProblems(read.problems);
	const { config } = read.known;
	if (config.mode !== 'sim') {
		throw new UsageError(
			`mode is '${config.mode}', and only 'sim' can be run so far: the journal that real orders need comes next`,
		);
	}
	const status = new StatusLine(process.stderr);
	using stop = stopOnSignal({
		source: process,
		onFirst: () => process.stderr.write('\nstopping: cancelling all orders (once more to stop at once)\n'),
		onAgain: () => process.exit(130),
	});
	await using boxes = new AsyncDisposableStack();
	const session = await runSession({
		virtual,
		config,
		exchange: async (drawn) => {
			const started = await startBox(boxArgs(flags, drawn), flags.config === undefined ? DEMO_BOX : {});
			if (started.kind === 'failed') return { kind: 'refused', sentences: [started.message] };
			return accountOf(boxes.use(started.box), config);
		},
		stopAsked: stop.asked,
		onStart: ({ seed: drawn, symbols, metricsUrl }) => {
			if (metricsUrl !== undefined) process.stderr.write(`metrics: ${metricsUrl}\n`);
			process.stderr.write(
				`quoting ${symbols.join(', ')} on the exchange in a box, seed ${drawn}; Ctrl-C cancels all and stops\n`,
			);
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
	if (session.kind === 'refused') {
		for (const sentence of session.sentences) process.stderr.write(`evenkeel: ${sentence}\n`);
		return 2;
	}
	const { report, left } = session;
	process.stdout.write(`${flags.json === true ? JSON.stringify(report) : reportText(report)}\n`);
	if (left.length === 0) return 0;
	process.stderr.write(`${left.length} orders could not be proven gone; cancel them at the exchange: ${left.join(', ')}\n`);
	return 1;
}

/** Without a file the box is set up for the demonstration; variables of the user's own go before this. */
const DEMO_BOX = {
	EVENKEEL_BOX__RATE_LIMIT_FACTOR: String(DEMO.limitFactor),
	EVENKEEL_BOX__ACCOUNTS: JSON.stringify([{ name: 'evenkeel', balances: { USDT: DEMO.capital }, fees: DEMO.fees }]),
};

/** The section `box` of the same file holds for it, with ports of its own and the seed of the session. */
function boxArgs({ config }: RunFlags, seed: number): readonly string[] {
	const settings =
		config === undefined ? ['--symbols', DEMO.listings.map(({ symbol }) => symbol).join(',')] : ['--config', config];
	return [...settings, '--bybit-port', '0', '--control-port', '0', '--seed', String(seed)];
}

/** The first account of the box, at the addresses that it listens on. */
function accountOf({ listening }: BoxProcess, config: Config): ExchangeFound {
	const refused = (sentence: string): ExchangeFound => ({ kind: 'refused', sentences: [sentence] });
	const [account] = listening.accounts;
	if (account === undefined) return refused('the exchange in a box has no account: add one under box.accounts');
	const [name = ''] = Object.keys(venuesOf(config));
	const found = bybitSettings(config, name);
	if (found.kind === 'refused') return refused(found.sentence);
	const urls = bybitUrls(found.settings, listening.bybit);
	if (urls.kind === 'refused') return refused(urls.sentence);
	return { kind: 'found', urls: urls.urls, apiKey: account.apiKey, apiSecret: account.apiSecret };
}

function wholeFlag(name: string, text: string | undefined, bounds: { min: number; max: number }): number | undefined {
	if (text === undefined) return undefined;
	const value = parseWhole(text, bounds);
	if (value === undefined)
		throw new UsageError(`${name} is '${text}', expected a whole number from ${bounds.min} to ${bounds.max}`);
	return value;
}
