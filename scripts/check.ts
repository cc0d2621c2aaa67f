/**
 * `npm run check [-- --only lint,types]`: everything that a machine can say about the code without running it. One line a
 * check, with the tool's own words below it when it fails; then the counts, each check being one test.
 * Exit code 0: all fine; 1: a check failed; 2: the command line is wrong.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Check, checks } from './check/checks.ts';
import { countsLine } from './test/counts.ts';

/** Two, for the two cores of a small machine: the tools use threads of their own. */
const AT_ONCE = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
	const chosen = parse(args);
	if (typeof chosen === 'string') {
		console.error(chosen);
		return 2;
	}
	const root = fileURLToPath(new URL('../', import.meta.url));
	const waiting = [...chosen];
	let failed = 0;
	const worker = async (): Promise<void> => {
		for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
			if (!(await runAndPrint(check, root))) failed++;
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
	console.log(countsLine({ passed: chosen.length - failed, failed, skipped: 0 }));
	return failed === 0 ? 0 : 1;
}

async function runAndPrint(check: Check, root: string): Promise<boolean> {
	const startedMs = performance.now();
	const { ok, output } = await check.run(root);
	const took = `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
	console.log(ok ? `ok ${check.name} ${took}` : `FAILED ${check.name} ${took}: ${check.about}\n${output.trim()}\n`);
	return ok;
}

/** The checks to run, or one line about what is wrong with the command line. */
function parse(args: readonly string[]): readonly Check[] | string {
	const names = checks.map((check) => check.name).join(', ');
	let only: string | undefined;
	try {
		only = parseArgs({ args: [...args], options: { only: { type: 'string' } } }).values.only;
	} catch {
		return `cannot read ${args.join(' ')}; there is --only with a list of: ${names}`;
	}
	if (only === undefined) return checks;
	const wanted = only.split(',');
	const wrong = wanted.find((name) => !checks.some((check) => check.name === name));
	if (wrong !== undefined) return `unknown check ${wrong}; there are: ${names}`;
	return checks.filter((check) => wanted.includes(check.name));
}
