/**
 * `npm test [-- files...] [-t name]`: the unit tests. `npm run test:all` (`--all`) adds the longer suites, `--longer` runs
 * only those, `--suite name,name` only some. `npm run test:long` (`--full`) takes other suites: what is drawn, planted, killed
 * and soaked, at full size. The very last line is always `N passed, N failed, N skipped`, over all
 * suites that ran. Exit code 0: every test passed; 1: one failed, or none ran; 2: the command line is wrong.
 */
import { parseArgs } from 'node:util';
import { addCounts, type Counts, countsLine, isSuccess, noTests } from './test/counts.ts';
import { fullSizeSuites, longerSuites, type Suite, unitSuite } from './test/suites.ts';

interface Request {
	readonly suites: readonly Suite[];
	/** Parts of file names; they narrow the unit tests. */
	readonly files: readonly string[];
	/** A pattern for names of tests. */
	readonly name: string | undefined;
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
	const request = parse(args);
	if (typeof request === 'string') {
		console.error(request);
		return 2;
	}
	let total = noTests;
	const lines: string[] = [];
	for (const suite of request.suites) {
		if (request.suites.length > 1) console.log(`\n== ${suite.name}: ${suite.about}`);
		const startedMs = performance.now();
		const counts = await suite.run({ files: request.files, name: request.name });
		total = addCounts(total, counts);
		lines.push(summary(suite, counts, performance.now() - startedMs));
	}
	if (lines.length > 1) console.log(`\n${lines.join('\n')}`);
	const leftOut = longerSuites.filter((suite) => !request.suites.includes(suite)).map((suite) => suite.name);
	if (leftOut.length > 0 && !request.suites.some((suite) => fullSizeSuites.includes(suite)))
		console.log(`left out: ${leftOut.join(', ')} (npm run test:all runs them too)`);
	if (!isSuccess(total) && total.failed === 0) console.log('no test ran, which counts as a failure');
	console.log(countsLine(total));
	return isSuccess(total) ? 0 : 1;
}

/** The request, or one line about what is wrong with it. */
function parse(args: readonly string[]): Request | string {
	try {
		const { values, positionals: files } = parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				all: { type: 'boolean', default: false },
				longer: { type: 'boolean', default: false },
				full: { type: 'boolean', default: false },
				suite: { type: 'string' },
				name: { type: 'string', short: 't' },
			},
		});
		const suites = chooseSuites(values);
		if (typeof suites === 'string') return suites;
		const isNarrowed = files.length > 0 || values.name !== undefined;
		if (isNarrowed && !suites.includes(unitSuite))
			return 'file names and -t narrow the unit tests, which are not among the chosen suites';
		return { suites, files, name: values.name };
	} catch (error) {
		return error instanceof Error
			? `${error.message.replace(/[.] .*/s, '')}; there are: files..., -t name, --all, --longer, --full, --suite name,name`
			: String(error);
	}
}

interface Choice {
	readonly all: boolean;
	readonly longer: boolean;
	readonly full: boolean;
	readonly suite?: string | undefined;
}

function chooseSuites({ all, longer, full, suite }: Choice): readonly Suite[] | string {
	const every = full ? fullSizeSuites : [unitSuite, ...longerSuites];
	if (suite === undefined) return all || full ? every : longer ? longerSuites : [unitSuite];
	const names = suite.split(',');
	const wrong = names.find((name) => !every.some((known) => known.name === name));
	if (wrong !== undefined) return `unknown suite ${wrong}; there are: ${every.map((known) => known.name).join(', ')}`;
	return every.filter((known) => names.includes(known.name));
}

function summary(suite: Suite, counts: Counts, tookMs: number): string {
	return `${isSuccess(counts) ? 'ok    ' : 'FAILED'} ${suite.name.padEnd(14)} ${countsLine(counts)} (${(tookMs / 1000).toFixed(1)} s)`;
}
