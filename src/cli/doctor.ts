/**
 * `evenkeel doctor`: everything that stands in the way of trading with a configuration, and what to know before. It makes
 * the same look that a session begins with, shows all of it, and changes nothing at any venue.
 */
import type { Command } from 'commander';
import { bybitSettings } from '../app/config/bybit-settings.ts';
import type { Config } from '../app/config/config.ts';
import { venuesOf } from '../app/config/venue-section.ts';
import { type Finding, lookAtVenue } from '../app/doctor.ts';
import { theVenue } from '../app/trading.ts';
import { sayProblems, sayWarnings } from './config.ts';
import { type DoctorReport, doctorText, isFine, type VenueReport } from './print-doctor.ts';
import { reach, startBoxOf } from './reach.ts';
import { readSettings } from './read-settings.ts';

interface DoctorFlags {
	readonly config?: string;
	readonly json?: boolean;
}

/** Of the box that is started where none runs: any would do. */
const SEED = 1;

export function addDoctorCommand(program: Command): void {
	program
		.command('doctor')
		.description('say what would keep this configuration from trading: network, clock, key, account, symbols, streams')
		.option('--config <file>', 'settings in YAML; without them the exchange in a box is started and looked at')
		.option('--json', 'print one JSON object')
		.addHelpText('after', '\nExample:\n  evenkeel doctor --config examples/live.yaml')
		.action(async (flags: DoctorFlags) => {
			process.exitCode = await doctor(flags);
		});
}

async function doctor({ config: file, json = false }: DoctorFlags): Promise<0 | 2> {
	const read = readSettings(file);
	if (read.kind === 'bad') return sayProblems(read.problems);
	const { config, warnings } = read.known;
	if (!json) sayWarnings(warnings);
	const one = theVenue(config);
	if (one.kind === 'refused' && !json) process.stderr.write(`warning: ${one.sentence}\n`);
	const venues: VenueReport[] = [];
	for (const name of Object.keys(venuesOf(config))) venues.push(await reportOf(config, name, file));
	const report: DoctorReport = { ok: venues.every(isFine), mode: config.mode, venues };
	process.stdout.write(json ? `${JSON.stringify({ ...report, warnings })}\n` : doctorText(report));
	return report.ok ? 0 : 2;
}

async function reportOf(config: Config, name: string, file: string | undefined): Promise<VenueReport> {
	const found = bybitSettings(config, name);
	if (found.kind === 'refused') return { name, place: undefined, findings: [problem('settings', found.sentence)] };
	const { settings } = found;
	await using boxes = new AsyncDisposableStack();
	const reached = await reach(settings, async () => {
		const started = await startBoxOf(file, SEED);
		if (started.kind === 'listening') boxes.use(started.box);
		return started;
	});
	if (reached.kind === 'refused') return { name, place: undefined, findings: [problem('settings', reached.sentence)] };
	const { urls } = reached;
	const place = { environment: urls.environment, host: new URL(urls.rest).host };
	const key = reached.kind === 'found' ? reached : undefined;
	const seen = await lookAtVenue({ config, settings, access: { urls, key }, isForTrading: false });
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
