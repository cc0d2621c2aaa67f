/**
 * The list of suites: to add one, add a line. The unit tests run with every `npm test`, so they need nothing but the
 * packages; whatever takes longer or wants something from the system (a browser, a database) belongs to the longer ones.
 * A suite is either files for vitest, named `*.long.test.ts` so that `npm test` leaves them alone, or a script of its own.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Counts, parseCounts } from './counts.ts';
import { runVitest } from './run-vitest.ts';

export interface Narrowing {
	readonly files: readonly string[];
	readonly name: string | undefined;
}

export interface Suite {
	readonly name: string;
	/** What a person who reads the output should know about it. */
	readonly about: string;
	/** Only the unit tests can be narrowed. */
	run(narrowing: Narrowing): Promise<Counts>;
}

export const unitSuite: Suite = {
	name: 'unit',
	about: 'all tests that need nothing but the packages',
	run: (narrowing) => runVitest(narrowing),
};

export const longerSuites: readonly Suite[] = [
	script('check', 'types, lint, format, dependency direction and the like, each counted as one test', ['scripts/check.ts']),
	files('benchmarks', 'every benchmark with its peers, tiny: nothing is measured, all code runs', ['bench/**/*.long.test.ts']),
	script('clients', "other people's clients trade against the exchange in a box, where nothing else can be reached", [
		'test/clients/run.ts',
	]),
	files('fuzz', 'tens of thousands of broken requests, frames and bytes, and books followed frame by frame', [
		'test/fuzz/**/*.long.test.ts',
	]),
	files(
		'servers',
		'real databases and caches that are killed and come back, and a Prometheus that watches an engine in trouble; skipped where they are not installed',
		['test/servers/**/*.long.test.ts'],
	),
	files('browser', 'the dashboard in a real browser against a running engine, and pages of others beside it', [
		'test/browser/**/*.long.test.ts',
	]),
	files('venues', 'order entry against an exchange that is stopped, killed and started again', ['test/venues/**/*.long.test.ts']),
	files('processes', 'the command line as processes, and every way in which they end', [
		'src/cli/**/*.long.test.ts',
		'test/e2e/**/*.long.test.ts',
	]),
	script('kill', 'an engine with real files, killed at random instants and started again, and what becomes of its orders', [
		'test/e2e/kill.ts',
	]),
	script('kill-desk', 'the same for an engine that trades by signals, killed in its workflows: each decision has its fate', [
		'test/e2e/kill-desk.ts',
	]),
	script('soak', 'a session under load for a minute: every list, map and set within its bound, the event loop never late', [
		'test/soak/soak.ts',
		'--minutes',
		'1',
	]),
	files('wired', 'the whole stack in virtual time: every fault with several seeds, drawn mixtures of faults, and long sessions', [
		'test/simulation/**/*.long.test.ts',
	]),
	script('sim', 'whole worlds drawn from seeds, in which everything fails that can, judged at every step', [
		'scripts/sim.ts',
		'--seeds',
		'40',
		'--minutes',
		'30',
		'--every-fault',
	]),
	script('twice', 'ten drawn worlds run in two processes each: the same events, the same bytes, at the same moments', [
		'scripts/sim.ts',
		'--twice',
		'--seeds',
		'10',
		'--minutes',
		'4',
	]),
	script('bugs', 'ten of the mistakes that are planted in the simulated world, others with each commit: each is caught', [
		'scripts/sim-bugs.ts',
		'--sample',
		'10',
	]),
	script('crash', 'the program dies at every write of its journal and recovers', ['scripts/sim-crash.ts']),
	files('package', 'packs, installs in an empty folder and imports', ['test/house/package.long.test.ts']),
	files('fresh-clone', 'clones, installs and starts as a newcomer would', ['test/house/fresh-clone.long.test.ts']),
];

/** What proves most and takes hours; a person runs it before a release. */
export const fullSizeSuites: readonly Suite[] = [
	script('sim', 'four hundred worlds of half an hour', ['scripts/sim.ts', '--seeds', '400', '--minutes', '30', '--every-fault']),
	script('twice', 'fifty worlds run twice', ['scripts/sim.ts', '--twice', '--seeds', '50', '--minutes', '30']),
	script('bugs', 'every planted mistake', ['scripts/sim-bugs.ts']),
	script('crash', 'every moment of every write of the journal', ['scripts/sim-crash.ts', '--every']),
	script('kill', 'two hundred kills of a real process', ['test/e2e/kill.ts', '--rounds', '200']),
	script('kill-desk', 'a hundred kills of one that trades by signals', ['test/e2e/kill-desk.ts', '--rounds', '100']),
	files('alerts', 'every alert rule, in an engine that is made to suffer what it is for', ['test/servers/**/*.full.test.ts']),
	script('soak', 'half an hour under load, with the heap measured', ['test/soak/soak.ts', '--minutes', '30', '--gc']),
];

function files(name: string, about: string, include: readonly string[]): Suite {
	return { name, about, run: () => runVitest({ include, files: [], name: undefined }) };
}

/** A script of this repository. Without a line of counts at its end it counts as one test, by its exit code. */
function script(name: string, about: string, [path = '', ...args]: readonly string[]): Suite {
	const root = fileURLToPath(new URL('../../', import.meta.url));
	const run = async (): Promise<Counts> => {
		const { exitCode, output } = await runLoudly(root, [path, ...args]);
		const counts = parseCounts(output);
		if (counts === undefined) return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
		return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
	};
	return { name, about, run };
}

/** Shows the output as it comes and keeps the end of stdout. */
function runLoudly(root: string, args: readonly string[]): Promise<{ exitCode: number; output: string }> {
	const child = spawn(process.execPath, [...process.execArgv, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
	let output = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		process.stdout.write(text);
		output = (output + text).slice(-1_000);
	});
	return new Promise((settle, fail) => {
		child.once('error', fail);
		child.once('close', (code) => settle({ exitCode: code ?? 1, output }));
	});
}
