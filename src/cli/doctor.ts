/**
 * `evenkeel doctor`: everything that stands in the way of trading with a configuration, and what to know before. It makes
 * the same look that a session begins with, shows all of it, and changes nothing at any venue.
 */
import type { Command } from 'commander';
import type { Config } from '../app/config/config.ts';
import { sentinelSettings } from '../app/config/sentinel-settings.ts';
import { type VenueSettings, venueSettings } from '../app/config/venue-settings.ts';
import { type Finding, lookAtVenue } from '../app/doctor.ts';
import { exchangeName } from '../app/find-access.ts';
import { hostsOf } from '../app/venue-access.ts';
import { closeMemory } from './closed-memory.ts';
import { sayProblems, sayWarnings } from './config.ts';
import { KeyRing } from './key-ring.ts';
import { type DoctorReport, doctorText, isFine, type VenueReport } from './print-doctor.ts';
import { boxStarter, reach } from './reach.ts';
import { readSettings } from './read-settings.ts';

interface DoctorFlags {
	readonly config?: string;
	readonly json?: boolean;
	readonly passphraseFd?: string;
}

/** Of the box that is started where none runs: any would do. */
const SEED = 1;

export function addDoctorCommand(program: Command): void {
	program
		.command('doctor')
		.description('say what would keep this configuration from trading: network, clock, key, account, symbols, streams')
		.option('--config <file>', 'settings in YAML; without them the exchange in a box is started and looked at')
		.option('--json', 'print one JSON object')
		.option('--passphrase-fd <number>', 'read the passphrase of the keystore from this open file')
		.addHelpText('after', '\nExample:\n  evenkeel doctor --config examples/live.yaml')
		.action(async (flags: DoctorFlags) => {
			process.exitCode = await doctor(flags);
		});
}

async function doctor({ config: file, json = false, passphraseFd }: DoctorFlags): Promise<0 | 2> {
	const read = readSettings(file);
	if (read.kind === 'bad') return sayProblems(read.problems);
	const { config, warnings } = read.known;
	if (!json) sayWarnings(warnings);
	const wanted = venueSettings(config);
	closeMemory(wanted);
	await using boxes = new AsyncDisposableStack();
	const startOne = boxStarter({ config: file, seed: SEED, venues: wanted }, (box) => boxes.use(box));
	const ofSentinel = sentinelSettings(config).keyEnvs;
	const keys = new KeyRing({ venues: wanted, ofSentinel, environment: process.env, passphraseFd });
	const venues: VenueReport[] = [];
	for (const settings of wanted)
		venues.push(await reportOf(config, settings, () => reach(settings, startOne, { keys, venues: wanted })));
	const report: DoctorReport = { ok: venues.every(isFine), mode: config.mode, venues };
	process.stdout.write(json ? `${JSON.stringify({ ...report, warnings })}\n` : doctorText(report));
	return report.ok ? 0 : 2;
}

async function reportOf(config: Config, settings: VenueSettings, reachIt: () => ReturnType<typeof reach>): Promise<VenueReport> {
	const { name, environment } = settings;
	const reached = await reachIt();
	if (reached.kind === 'refused') return { name, place: undefined, findings: [problem('settings', reached.sentence)] };
	const { access } = reached;
	const place = { exchange: exchangeName(settings), environment, host: hostsOf([access]).join(' and ') };
	const seen = await lookAtVenue({ config, access, isForTrading: false });
	return { name, place, findings: reached.kind === 'found' ? seen : [...seen, keyless(config, reached)] };
}

/** Paper trading sends no orders, and what is public needs no key. */
function keyless({ mode }: Config, of: { sentence: string; isMissing: boolean }): Finding {
	if (mode !== 'paper' || !of.isMissing) return problem('key', of.sentence);
	return { check: 'key', level: 'note', sentence: 'there is no key, and paper trading needs none' };
}

function problem(check: string, sentence: string): Finding {
	return { check, level: 'problem', sentence };
}
