/** `npm test` itself: what it counts as passed, failed and skipped, what it says last, and when it refuses. */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { longerSuites } from '../../scripts/test/suites.ts';
import { root, scratch } from './scratch.ts';

/** Runs a copy of the command, which tests the folder that it stands in. */
function runIn(files: Readonly<Record<string, string>>, args: readonly string[], isCi = false) {
	using folder = scratch(files);
	cpSync(join(root, 'vitest.config.ts'), join(folder.path, 'vitest.config.ts'));
	cpSync(join(root, 'scripts'), join(folder.path, 'scripts'), { recursive: true });
	const { CI: _, ...elsewhere } = process.env;
	const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder.path, 'scripts/test.ts'), ...args], {
		encoding: 'utf8',
		env: isCi ? { ...elsewhere, CI: 'true' } : elsewhere,
	});
	return { status, stdout, stderr, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

const passing = "import { test } from 'vitest';\ntest('one', () => {});\ntest('two', () => {});\n";

const cases = [
	{ name: 'all tests pass', files: { 'src/a.test.ts': passing }, lastLine: '2 passed, 0 failed, 0 skipped', status: 0 },
	{ name: 'there is no test', files: { 'src/a.ts': 'export {};\n' }, lastLine: '0 passed, 0 failed, 0 skipped', status: 1 },
	{
		name: 'the filter fits no file',
		files: { 'src/a.test.ts': passing },
		args: ['src/b'],
		lastLine: '0 passed, 0 failed, 0 skipped',
		status: 1,
	},
	{
		name: 'one test fails and one is skipped',
		files: {
			'src/a.test.ts':
				"import { test } from 'vitest';\ntest('one', () => { throw new Error('no'); });\ntest.skip('two', () => {});\n",
		},
		lastLine: '0 passed, 1 failed, 1 skipped',
		status: 1,
	},
	{
		name: 'a file does not load',
		files: { 'src/a.test.ts': passing, 'src/b.test.ts': "import './gone.ts';\n" },
		lastLine: '2 passed, 1 failed, 0 skipped',
		status: 1,
	},
	{
		name: 'an error comes from outside of the tests',
		files: { 'src/a.test.ts': `${passing}queueMicrotask(() => { throw new Error('late'); });\n` },
		lastLine: '2 passed, 1 failed, 0 skipped',
		status: 1,
	},
	{
		name: 'a long test lies around',
		files: { 'src/a.test.ts': passing, 'test/b.long.test.ts': "throw new Error('not for npm test');\n" },
		lastLine: '2 passed, 0 failed, 0 skipped',
		status: 0,
	},
];

test.each(cases)('when $name, the last line is "$lastLine"', ({ files, args = [], lastLine, status }) => {
	const ran = runIn(files, args);
	expect({ lastLine: ran.lastLine, status: ran.status }, ran.stdout + ran.stderr).toEqual({ lastLine, status });
	expect(ran.stdout).toMatch(/left out: .*npm run test:all/);
});

const failing = (message: string): string =>
	`import { test } from 'vitest';\nlet tries = 0;\ntest('one', () => { tries += 1; if (tries === 1) throw new Error('${message}'); });\n`;

test.each([
	['in CI a test has a second try, and is named if it needed it', 'too late', true, '1 passed, 0 failed, 0 skipped'],
	['what a property test has found has none', 'Property failed after 8 tests', true, '0 passed, 1 failed, 0 skipped'],
	['elsewhere nothing has one', 'too late', false, '0 passed, 1 failed, 0 skipped'],
])('%s', (_name, message, isCi, lastLine) => {
	const ran = runIn({ 'src/a.test.ts': failing(message) }, [], isCi);
	expect(ran.lastLine, ran.stdout + ran.stderr).toBe(lastLine);
	expect(ran.stdout.includes('passed at the second try: src/a.test.ts > one')).toBe(ran.status === 0);
});

test.each([['--unknown'], ['--suite', 'nonsense'], ['--longer', 'src/a']])(
	'refuses %s %s with one line and exit code 2',
	(...args) => {
		const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/test.ts'), ...args], {
			encoding: 'utf8',
		});
		expect({ status, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ status: 2, stdout: '', lines: 1 });
	},
);

test('what decides about a change runs every suite', () => {
	const ci = readFileSync(join(root, '.ci/run'), 'utf8');
	const run = [...ci.matchAll(/--suite (\S+)/g)].flatMap(([, names = '']) => names.split(','));
	expect(run.sort()).toEqual(longerSuites.map(({ name }) => name).sort());
});
