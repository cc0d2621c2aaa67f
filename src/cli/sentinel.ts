/** `evenkeel sentinel`: watches an engine from outside, and cancels its orders when it falls silent. */
import type { Command } from 'commander';
import { type SentinelSettings, sentinelSettings } from '../app/config/sentinel-settings.ts';
import { needsBox, type VenueSettings, venueSettings } from '../app/config/venue-settings.ts';
import { findAccess } from '../app/find-access.ts';
import { type SentinelProcessOptions, startSentinel } from '../app/sentinel-process.ts';
import { stopOnSignal } from '../app/stop.ts';
import type { ApiKey, VenueAccess } from '../app/venue-access.ts';
import { closeMemory } from './closed-memory.ts';
import { sayProblems, sayWarnings } from './config.ts';
import { dataFolderOf } from './data-place.ts';
import { keyFromFd } from './key-from-fd.ts';
import { KeyRing } from './key-ring.ts';
import { readSettings } from './read-settings.ts';
import { UsageError } from './usage-error.ts';
import { parseWhole } from './whole.ts';

interface SentinelFlags {
	readonly config?: string;
	readonly data?: string;
	readonly keyFd?: string;
	readonly passphraseFd?: string;
	readonly json?: boolean;
}

type Note = Parameters<SentinelProcessOptions['onNote']>[0];

const FD_MAX = 1_023;

export function addSentinelCommand(program: Command): void {
	program
		.command('sentinel')
		.description('watch an engine from outside, and cancel its orders when its heartbeat stops')
		.option('--config <file>', 'the settings of the engine, in YAML')
		.option('--data <folder>', 'the data folder of the engine, instead of that of the settings')
		.option('--key-fd <number>', 'read the key from this open file: its first line is the key, the rest the secret')
		.option('--passphrase-fd <number>', 'read the passphrase of the keystore from this open file')
		.option('--json', 'print one JSON object a line')
		.addHelpText('after', '\nExample:\n  evenkeel sentinel --config examples/live.yaml --key-fd 3 3< sentinel.key')
		.action(async (flags: SentinelFlags) => {
			process.exitCode = await sentinel(flags);
		});
}

async function sentinel(flags: SentinelFlags): Promise<number> {
	const isJson = flags.json === true;
	const read = readSettings(flags.config);
	if (read.kind === 'bad') return sayProblems(read.problems);
	const { config, warnings } = read.known;
	sayWarnings(warnings);
	const wanted = venueSettings(config);
	const own = wanted.find(needsBox);
	if (own !== undefined) throw new UsageError(nothingToWatch(own));
	closeMemory(wanted);
	const settings = sentinelSettings(config);
	refuseOneKeyForSeveral(flags, settings, wanted);
	const keys = new KeyRing({
		...{ venues: wanted, ofSentinel: settings.keyEnvs, environment: process.env },
		passphraseFd: flags.passphraseFd,
	});
	const venues: VenueAccess[] = [];
	for (const each of wanted) venues.push(await accessTo(each, () => keyOf(flags, each, keys)));
	const dataFolder = dataFolderOf(read.known, flags);
	using stop = stopOnSignal({ source: process, onFirst: () => {}, onAgain: () => process.exit(130) });
	const started = startSentinel({
		...{ venues, sentinel: settings, dataFolder },
		who: `process ${process.pid}`,
		onNote: (note) => process.stdout.write(`${isJson ? JSON.stringify(note) : noteText(note)}\n`),
	});
	if (started.kind === 'refused') throw new UsageError(started.sentence);
	await using _running = started.sentinel;
	if (!isJson) {
		const after = `${settings.timeoutMs / 1_000} s`;
		process.stdout.write(`waiting for an engine in ${dataFolder}; its orders are cancelled after ${after} of silence\n`);
	}
	await stop.asked;
	return 0;
}

function nothingToWatch({ name }: VenueSettings): string {
	return `the exchange in a box that evenkeel run starts ends with it, so there is nothing to watch over; name one that runs already under venues.${name}.urls.rest`;
}

async function accessTo(venue: VenueSettings, key: () => Promise<ApiKey>): Promise<VenueAccess> {
	const found = findAccess(venue);
	if (found.kind === 'refused') throw new UsageError(`venues.${venue.name}: ${found.sentence}`);
	return found.accessWith(await key());
}

/** A key is of one account. */
function refuseOneKeyForSeveral({ keyFd }: SentinelFlags, { keyEnvs }: SentinelSettings, venues: readonly VenueSettings[]): void {
	if (venues.length === 1) return;
	const given = keyFd !== undefined ? '--key-fd' : keyEnvs !== undefined ? 'sentinel.api_key_env' : undefined;
	if (given === undefined) return;
	throw new UsageError(
		`${given} is one key, and there are ${venues.length} venues: name one for each under sentinel_api_key_env of the venue`,
	);
}

async function keyOf({ keyFd }: SentinelFlags, venue: VenueSettings, keys: KeyRing): Promise<ApiKey> {
	if (keyFd !== undefined) {
		const fd = parseWhole(keyFd, { min: 0, max: FD_MAX });
		if (fd === undefined) throw new UsageError(`--key-fd is '${keyFd}', expected a whole number from 0 to ${FD_MAX}`);
		return keyFromFd(fd);
	}
	const { found, isShared } = await keys.keysOfSentinel(venue);
	if (found.kind !== 'found') throw new UsageError(found.sentence);
	if (isShared) {
		process.stderr.write(
			`warning: the sentinel uses the key of the engine for venues.${venue.name}; with one of its own (sentinel_api_key_env, or sentinel_key in the keystore) it would still cancel if that one is spoilt\n`,
		);
	}
	return { apiKey: found.apiKey, apiSecret: found.apiSecret };
}

function noteText(note: Note): string {
	switch (note.kind) {
		case 'watching':
			return `watching an engine; its orders end in -${note.runTags.at(-1)}${earlierText(note.runTags.length - 1)}`;
		case 'tripped':
			return `${note.reason}: cancelling all its orders`;
		case 'cancelled':
			return `${note.count} open orders found and asked to be cancelled`;
		case 'empty':
			return 'nothing of the engine is open any more';
		case 'blind':
			return `cannot do its work: ${note.detail}`;
		case 'unsure':
			return `warning: ${note.detail}`;
		case 'ended':
			return 'the engine has ended and left nothing open';
	}
}

function earlierText(count: number): string {
	return count === 0 ? '' : `, or in the tag of one of ${count} earlier runs`;
}
