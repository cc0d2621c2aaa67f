/**
 * `npm run test:sim -- [--seeds N] [--minutes M] [--seed S] [--jobs J] [--trades V] [--every-fault] [--json] [--twice]`: whole worlds in virtual time,
 * each drawn from its seed, the venues that it trades on too unless `--trades` says which: exchange, network, clock, disk and process fail in every mixture, a judge looks at every step, and in the
 * end engine and exchange have to agree. A run that fails is made smaller and named by its seed, with the faults it
 * needs, the last events, the commit and the hash of the settings, and the command to see it again. With `--every-fault` each fault has to have struck at least
 * once, over all seeds: that counts as one more test. The last line is `N passed, N failed, N skipped`, or with
 * `--json` `{simHours, speed, faultsHit, violations}`, speed in × real time per core.
 * With `--twice` the seeds are run twice instead; see `sim-twice.ts`.
 * Exit code 0: nothing was broken, 1: something was, 2: the command line is wrong.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WIRED_TRADES, type WiredTrades } from '../src/app/wired-places.ts';
import { DRAWN_NAMES, drawSim, type SimPlan, sayFault } from '../test/fixtures/sim-plan.ts';
import { runSim, type SimReport, shrinkSim } from '../test/fixtures/sim-run.ts';
import { originOf } from './sim-origin.ts';
import { mainTwice } from './sim-twice.ts';
import { countsLine } from './test/counts.ts';

interface Wanted {
	readonly firstSeed: number;
	readonly seeds: number;
	readonly minutes: number;
	/** Processes; seeds do not know of one another. */
	readonly jobs: number;
	readonly json: boolean;
	readonly everyFault: boolean;
	/** As the seed has it unless said. */
	readonly trades: WiredTrades | undefined;
}

interface Total {
	readonly simHours: number;
	readonly speed: number;
	readonly faultsHit: Readonly<Record<string, number>>;
	readonly violations: number;
}

const USAGE =
	'usage: npm run test:sim -- [--seeds N] [--minutes M] [--seed S] [--jobs J] [--trades bybit|binance-futures|binance-spot|mixed] [--every-fault] [--json], or --twice with --seeds, --minutes, --seed and --json';
const EVENTS_SHOWN = 200;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
	if (args.includes('--twice')) return await mainTwice(args);
	const wanted = wantedOf(args);
	if (wanted === undefined) {
		console.error(USAGE);
		return 2;
	}
	const total = wanted.jobs > 1 ? await runInProcesses(wanted) : await runHere(wanted);
	const never = wanted.everyFault ? DRAWN_NAMES.filter((name) => (total.faultsHit[name] ?? 0) === 0) : [];
	if (never.length > 0) console.log(`FAILED never struck in all seeds: ${never.join(', ')}`);
	const failed = total.violations + (never.length > 0 ? 1 : 0);
	if (wanted.json) console.log(JSON.stringify(total));
	else {
		console.log(`${total.simHours.toFixed(1)} h simulated at ${Math.round(total.speed)} x real time a core`);
		console.log(countsLine({ passed: wanted.seeds + (wanted.everyFault ? 1 : 0) - failed, failed, skipped: 0 }));
	}
	return failed === 0 ? 0 : 1;
}

async function runHere({ firstSeed, seeds, minutes, trades }: Wanted): Promise<Total> {
	const faultsHit: Record<string, number> = Object.fromEntries(DRAWN_NAMES.map((name) => [name, 0]));
	let simMs = 0;
	let cpuMs = 0;
	let violations = 0;
	for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
		const plan = drawSim(seed, minutes, trades);
		const before = process.cpuUsage();
		const report = await runSim(plan);
		const { user, system } = process.cpuUsage(before);
		simMs += report.simMs;
		cpuMs += (user + system) / 1_000;
		for (const [name, count] of Object.entries(report.hits)) faultsHit[name] = (faultsHit[name] ?? 0) + count;
		if (report.violation === undefined) continue;
		violations += 1;
		await sayFailure(plan, report);
	}
	return { simHours: simMs / 3_600_000, speed: cpuMs === 0 ? 0 : simMs / cpuMs, faultsHit, violations };
}

async function sayFailure(plan: SimPlan, report: SimReport): Promise<void> {
	const { violation = '', lastEvents, episode } = report;
	const broken = numberOf(violation);
	console.log(`FAILED seed ${plan.seed} in episode ${episode}: ${violation}`);
	const smaller = await shrinkSim(plan, report, (other) => numberOf(other) === broken);
	console.log(`${smaller.faults.length} of ${plan.faults.length} faults are enough:`);
	for (const fault of smaller.faults) console.log(sayFault(fault));
	console.log(`the last events:\n  ${lastEvents.slice(-EVENTS_SHOWN).join('\n  ')}`);
	console.log(originOf(plan));
	console.log(`again: ${plan.options.replayCommand}`);
}

/** The numbers of the promise that was broken, before the colon. */
function numberOf(violation: string): string {
	return violation.split(':')[0] ?? '';
}

async function runInProcesses(wanted: Wanted): Promise<Total> {
	const jobs = Math.min(wanted.jobs, wanted.seeds);
	const share = Math.ceil(wanted.seeds / jobs);
	const parts = Array.from({ length: jobs }, (_, job) => {
		const firstSeed = wanted.firstSeed + job * share;
		return { ...wanted, firstSeed, seeds: Math.min(share, wanted.firstSeed + wanted.seeds - firstSeed) };
	});
	const totals = await Promise.all(parts.filter(({ seeds }) => seeds > 0).map(runInProcess));
	const faultsHit: Record<string, number> = {};
	for (const total of totals)
		for (const [name, count] of Object.entries(total.faultsHit)) faultsHit[name] = (faultsHit[name] ?? 0) + count;
	const simHours = totals.reduce((sum, each) => sum + each.simHours, 0);
	const coreHours = totals.reduce((sum, each) => sum + each.simHours / each.speed, 0);
	const violations = totals.reduce((sum, each) => sum + each.violations, 0);
	return { simHours, speed: simHours / coreHours, faultsHit, violations };
}

function runInProcess({ firstSeed, seeds, minutes, trades }: Wanted): Promise<Total> {
	const script = fileURLToPath(import.meta.url);
	const told = ['--seed', firstSeed, '--seeds', seeds, '--minutes', minutes, '--jobs', 1, '--json'].map(String);
	if (trades !== undefined) told.push('--trades', trades);
	const child = spawn(process.execPath, [...process.execArgv, script, ...told], { stdio: ['ignore', 'pipe', 'inherit'] });
	let output = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		output += text;
	});
	return new Promise((settle, fail) => {
		child.once('error', fail);
		child.once('close', () => {
			const lines = output.trimEnd().split('\n');
			const last = lines.pop() ?? '';
			for (const line of lines) console.log(line);
			try {
				settle(JSON.parse(last) as Total);
			} catch {
				fail(new Error(`the seeds from ${firstSeed} on ended without a result: ${last}`));
			}
		});
	});
}

function wantedOf(args: readonly string[]): Wanted | undefined {
	const text = { type: 'string' } as const;
	try {
		const { values } = parseArgs({
			args: [...args],
			options: {
				seeds: text,
				minutes: text,
				seed: text,
				jobs: text,
				trades: text,
				json: { type: 'boolean' },
				'every-fault': { type: 'boolean' },
			},
		});
		const { seeds = '40', minutes = '30', seed = '1', jobs = '2', json = false, 'every-fault': everyFault = false } = values;
		const trades = WIRED_TRADES.find((each) => each === values.trades);
		if (trades !== values.trades) return undefined;
		const counts = { firstSeed: Number(seed), seeds: Number(seeds), minutes: Number(minutes), jobs: Number(jobs) };
		const wanted = { ...counts, json, everyFault, trades };
		const isWhole = [wanted.firstSeed, wanted.seeds, wanted.jobs].every((value) => Number.isSafeInteger(value) && value >= 0);
		return isWhole && wanted.seeds > 0 && wanted.jobs > 0 && wanted.minutes > 0 ? wanted : undefined;
	} catch {
		return undefined;
	}
}
