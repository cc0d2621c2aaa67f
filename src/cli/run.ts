/** `evenkeel run`: a session, its status line, and what Ctrl-C does. */
import type { Command } from 'commander';
import { afterMs } from '../app/after.ts';
import type { Config } from '../app/config/config.ts';
import { parseDurationMs } from '../app/config/duration.ts';
import { secretVariables } from '../app/config/secret-variables.ts';
import { sentinelSettings } from '../app/config/sentinel-settings.ts';
import { configuredSymbols } from '../app/config/traded-symbols.ts';
import { needsBox, type VenueSettings, venueSettings } from '../app/config/venue-settings.ts';
import { DEMO } from '../app/demo.ts';
import { takeVariables } from '../app/keys.ts';
import type { SessionReport } from '../app/report.ts';
import { type ExchangeFound, runSession } from '../app/session.ts';
import { stopOnSignal } from '../app/stop.ts';
import { findSymbol, shownName } from '../app/symbol-names.ts';
import { hostsOf, type VenueAccess } from '../app/venue-access.ts';
import { closeMemory } from './closed-memory.ts';
import { sayProblems, sayWarnings } from './config.ts';
import { apiFolderOf, dataFolderOf, passingPlace, placeOf } from './data-place.ts';
import { facesOf } from './faces.ts';
import { followedFile } from './followed-file.ts';
import { KeyRing } from './key-ring.ts';
import { reportText } from './print-report.ts';
import { boxStarter, reach } from './reach.ts';
import { readSettings } from './read-settings.ts';
import { keepLast } from './report.ts';
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
	readonly passphraseFd?: string;
	/** Close what is held in these symbols instead of quoting; in all where none is named. */
	readonly closes?: readonly string[];
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
		.option('--passphrase-fd <number>', 'read the passphrase of the keystore from this open file')
		.addHelpText('after', '\nExample:\n  evenkeel run --ticks 2000 --seed 7 --virtual --json')
		.action(async (flags: RunFlags) => {
			process.exitCode = await run(flags);
		});
}

export async function run(flags: RunFlags): Promise<number> {
	const forMs = flags.for === undefined ? undefined : parseDurationMs(flags.for);
	if (flags.for !== undefined && forMs === undefined) {
		throw new UsageError(`--for is '${flags.for}', expected a time from 1ms to 168h, such as 30s, 500ms or 2m`);
	}
	const ticks = wholeFlag('--ticks', flags.ticks, { min: 1, max: 1e9 });
	const askedSeed = wholeFlag('--seed', flags.seed, { min: 0, max: Number.MAX_SAFE_INTEGER });
	const virtual = flags.virtual ?? false;
	if (virtual && forMs === undefined && ticks === undefined) {
		throw new UsageError('--virtual needs an end: add --ticks 2000 or --for 60s');
	}
	if (virtual && flags.config !== undefined) {
		throw new UsageError('--virtual runs the demonstration, which has settings of its own: leave --config out');
	}
	const read = readSettings(flags.config, [], flags.config === undefined ? { ...DEMO_SETTINGS, ...process.env } : process.env);
	if (read.kind === 'bad') return sayProblems(read.problems);
	const { config, settings, warnings } = read.known;
	sayWarnings(warnings);
	const isSeedSaid = settings.some(({ path, place }) => path === 'box.seed' && place.kind !== 'default');
	const seed = askedSeed ?? (isSeedSaid ? config.box.seed : undefined);
	const venues = venueSettings(config);
	closeMemory(venues);
	if (config.mode !== 'sim') {
		throw new UsageError(
			`mode is '${config.mode}', and only 'sim' can be run so far: sessions on an exchange that is no box are not there yet`,
		);
	}
	const ofSentinel = sentinelSettings(config).keyEnvs;
	const keys = new KeyRing({ venues, ofSentinel, environment: process.env, passphraseFd: flags.passphraseFd });
	const running = venues.find((each) => !needsBox(each));
	if (running !== undefined) refuseForRunningBox(flags, running.name);
	const closes = flags.closes === undefined ? undefined : closedNames(flags.closes, config, venues);
	const status = new StatusLine(process.stderr);
	using stop = stopOnSignal({
		source: process,
		onFirst: () => process.stderr.write('\nstopping: cancelling all orders (once more to stop at once)\n'),
		onAgain: () => process.exit(130),
	});
	const broken = firstBug((error) => status.say(`a bug of ours: ${error instanceof Error ? error.stack : String(error)}`));
	await using boxes = new AsyncDisposableStack();
	const hosts: string[] = [];
	const folder = dataFolderOf(read.known, flags);
	const passing = running === undefined ? passingPlace(read.known, folder) : undefined;
	if (passing !== undefined) boxes.use(passing);
	const faces = facesOf({
		config,
		file: flags.config,
		folder: apiFolderOf(read.known, flags),
		version: (passing?.place ?? placeOf(folder)).build,
		say: (line) => status.say(line),
	});
	const session = await runSession({
		virtual,
		config,
		data: passing?.place ?? placeOf(folder),
		variables: takeVariables([], process.env, secretVariables(config)),
		broken,
		...(flags.config === undefined
			? {}
			: {
					followed: followedFile({
						path: flags.config,
						start: { text: read.text, known: read.known },
						say: (line) => status.say(line),
					}),
				}),
		exchange: async (drawn) => {
			const startOne = boxStarter({ config: flags.config, seed: drawn, venues }, (box) => boxes.use(box));
			const found = await reachAll(venues, startOne, keys);
			if (found.kind === 'found') hosts.push(...hostsOf(found.venues));
			return found;
		},
		stopAsked: stop.asked,
		onStart: ({ seed: drawn, symbols, isShut, metricsUrl, warnings: ofVenue }) => {
			for (const sentence of ofVenue) process.stderr.write(`warning: ${sentence}\n`);
			if (metricsUrl !== undefined) process.stderr.write(`metrics: ${metricsUrl}\n`);
			const where = running === undefined ? `, seed ${drawn}` : ` at ${hosts.join(' and ')}`;
			const usual = isShut ? 'placing nothing, only cancelling in' : doingIn(config);
			const what = closes === undefined ? usual : 'closing positions in';
			process.stderr.write(
				`${what} ${(closes?.length ? closes : symbols).join(', ')} on the exchange in a box${where}; Ctrl-C cancels all and stops\n`,
			);
		},
		onNote: (note) => {
			if (note.kind === 'strategyFailed') status.say(`strategy failed on ${note.instrument}: ${String(note.error)}`);
			else if (note.kind === 'paused') status.say(`paused: ${note.reason}`);
			else if (note.kind === 'resumed') status.say('no longer paused');
		},
		onTrouble: (sentence) => status.say(sentence),
		onDecision: (line) => status.say(line),
		onStatus: (now) => status.show(now),
		...(faces === undefined ? {} : { faces }),
		onLast: (last) => keepLast(apiFolderOf(read.known, flags), last, (line) => status.say(line)),
		...(closes === undefined ? {} : { closes }),
		...(seed === undefined ? {} : { seed }),
		...(forMs === undefined ? {} : { forMs }),
		...(ticks === undefined ? {} : { ticks }),
	});
	status.end();
	if (session.kind === 'refused') {
		for (const sentence of session.sentences) process.stderr.write(`evenkeel: ${sentence}\n`);
		return 2;
	}
	if (session.kind === 'broken') return 1;
	const { report, left } = session;
	process.stdout.write(`${flags.json === true ? JSON.stringify(report) : reportText(report)}\n`);
	if (left.length === 0) return closes === undefined ? 0 : heldCode(report.inventory, closes);
	process.stderr.write(`${left.length} orders could not be proven gone; cancel them at the exchange: ${left.join(', ')}\n`);
	return 1;
}

/** What is said of the symbols of a session. */
function doingIn({ strategies, trading }: Config): string {
	if (trading.workflows.length === 0) return 'quoting';
	return strategies.length === 0 ? 'trading' : 'quoting and trading';
}

/**
 * Resolves with the first error that nobody caught: there is no telling what is still right, so all is cancelled and the
 * process ends, by itself or when that takes too long (F73).
 */
function firstBug(tell: (error: unknown) => void): Promise<void> {
	return new Promise((resolve) => {
		const hear = (error: unknown): void => {
			tell(error);
			resolve();
			afterMs(BUG_ENDS_WITHIN_MS, () => process.exit(1));
		};
		process.on('uncaughtException', hear);
		process.on('unhandledRejection', hear);
	});
}

const BUG_ENDS_WITHIN_MS = 4_000;

/** All of them, or a sentence for each that cannot be reached. */
async function reachAll(
	venues: readonly VenueSettings[],
	startOne: Parameters<typeof reach>[1],
	keys: KeyRing,
): Promise<ExchangeFound> {
	const found: VenueAccess[] = [];
	const sentences: string[] = [];
	for (const settings of venues) {
		const reached = await reach(settings, startOne, { keys, venues });
		if (reached.kind === 'found') found.push(reached.access);
		else sentences.push(`venues.${settings.name}: ${reached.sentence}`);
	}
	if (sentences.length > 0) return { kind: 'refused', sentences };
	const { followed } = keys;
	return { kind: 'found', venues: found, ...(followed === undefined ? {} : { keystore: followed }) };
}

/** As the engine calls them. What a session's own exchange holds goes with it. */
function closedNames(closes: readonly string[], config: Config, venues: readonly VenueSettings[]): readonly string[] {
	const own = venues.find(needsBox);
	if (own !== undefined) {
		throw new UsageError(
			`there is nothing to close in an exchange that only begins now: name one that runs already under venues.${own.name}.urls.rest`,
		);
	}
	const among = configuredSymbols(config);
	return closes.map((name) => {
		const meant = findSymbol(name, among);
		if (meant.kind === 'found') return meant.found.engineName;
		if (meant.kind === 'several') throw new UsageError(`${name} is several symbols: say ${meant.ids.join(' or ')}`);
		const all = among.map((each) => shownName(each, among)).join(', ');
		const where = venues.map((each) => `venues.${each.name}`).join(' and ');
		throw new UsageError(`${name} is not among the symbols of ${where}: ${all}`);
	});
}

/** 0 where nothing is held any more. */
function heldCode(inventory: SessionReport['inventory'], closes: readonly string[]): number {
	const held = Object.entries(inventory).filter(
		([symbol, qty]) => (closes.length === 0 || closes.includes(symbol)) && Number(qty) !== 0,
	);
	if (held.length === 0) return 0;
	process.stderr.write(`still held: ${held.map(([symbol, qty]) => `${qty} of ${symbol}`).join(', ')}\n`);
	return 1;
}

/** What is said of a world that `run` makes itself means nothing in one that is there already. */
function refuseForRunningBox({ seed, virtual }: RunFlags, name: string): void {
	const flag = virtual === true ? '--virtual' : seed === undefined ? undefined : '--seed';
	if (flag === undefined) return;
	throw new UsageError(
		`${flag} is for a box that run starts, and venues.${name}.urls names one that is there already; take one of them out`,
	);
}

/** Without a file the settings are those of the demonstration; here too the user's own variables go before. */
const DEMO_SETTINGS = {
	EVENKEEL_STRATEGY__KEEP_TOLERANCE_TICKS: String(DEMO.settings.policy.keepToleranceTicks),
};

function wholeFlag(name: string, text: string | undefined, bounds: { min: number; max: number }): number | undefined {
	if (text === undefined) return undefined;
	const value = parseWhole(text, bounds);
	if (value === undefined)
		throw new UsageError(`${name} is '${text}', expected a whole number from ${bounds.min} to ${bounds.max}`);
	return value;
}
