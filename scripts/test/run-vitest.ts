/**
 * Runs vitest in this process and counts. A reporter of our own, because the exit code must also say no when a module
 * failed to load, when an error came from nowhere, or when no test was found, and because the counts are added up.
 */
import { fileURLToPath } from 'node:url';
import { type Reporter, startVitest } from 'vitest/node';
import { type Counts, noTests } from './counts.ts';

export interface VitestRun {
	/** Globs instead of those of vitest.config.ts. */
	readonly include?: readonly string[];
	/** Parts of file names. */
	readonly files: readonly string[];
	readonly name: string | undefined;
}

/**
 * In CI, where two suites share a slow machine, a test of real sockets or processes may come too late for a reason that
 * is not ours: it has a second try, and is named if it needed that. What a property test has found it has found.
 */
const SECOND_TRY = { count: 1, delay: 1_000, condition: /^(?!Property failed)/ };

export async function runVitest({ include, files, name }: VitestRun): Promise<Counts> {
	const root = fileURLToPath(new URL('../../', import.meta.url));
	const tally = new Tally();
	const vitest = await startVitest([...files], {
		root,
		watch: false,
		passWithNoTests: true, // we say it ourselves, with the counts
		reporters: [process.stdout.isTTY ? 'default' : 'dot', tally],
		...(process.env['CI'] === undefined ? {} : { retry: SECOND_TRY }),
		...(include === undefined ? {} : { include: [...include], exclude: ['**/node_modules/**'] }),
		...(name === undefined ? {} : { testNamePattern: name }),
	});
	await vitest.close();
	return tally.counts;
}

class Tally implements Reporter {
	counts: Counts = noTests;

	onTestRunEnd: NonNullable<Reporter['onTestRunEnd']> = (modules, errors) => {
		for (const test of modules.flatMap((module) => [...module.children.allTests()])) {
			if (test.diagnostic()?.flaky === true)
				console.log(`passed at the second try: ${test.module.relativeModuleId} > ${test.fullName}`);
		}
		const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
		const count = (state: (typeof states)[number]): number => states.filter((each) => each === state).length;
		// Each counts as one failed test: a file that does not load, a hook that throws, an error outside of any test.
		const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
		const suites = modules.flatMap((module) => [...module.children.allSuites()]).filter((suite) => suite.errors().length > 0);
		// A test that was cut off is neither passed nor skipped.
		const failed = count('failed') + count('pending') + broken + suites.length;
		this.counts = { passed: count('passed'), failed, skipped: count('skipped') };
	};
}
