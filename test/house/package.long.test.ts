/** What people get who install the published package: it is packed, installed in an empty folder, imported and started. */
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshClone, run } from './newcomer.ts';
import { emptyScratch, root } from './scratch.ts';
import { snippetsOf, wordsOf } from './snippets.ts';

const MINUTES = 60_000;

const clone = freshClone();
/** Programs that use one door alone. */
const programsOf = (page: string) =>
	snippetsOf(`docs/${page}.md`).map((snippet, index) => ({ ...snippet, file: `${page}-${index}.ts` }));
const programs = { network: programsOf('network'), library: programsOf('library') };
const EXAMPLE = 'quote-loop.ts';
const consumer = emptyScratch({
	'package.json': '{ "name": "consumer", "private": true, "type": "module" }',
	'use.mjs':
		"const all = await import('evenkeel'); const strategy = await import('evenkeel/strategy'); const network = await import('evenkeel/network'); console.log(Object.keys(all).length, Object.keys(strategy).length, Object.keys(network).length);",
	'use.ts':
		"import * as evenkeel from 'evenkeel';\nimport * as strategy from 'evenkeel/strategy';\nexport const both = [evenkeel, strategy];\n",
	'tsconfig.json': configuration({ types: [] }, ['use.ts']),
	// They print, and the network door speaks of AbortSignal: both types come with Node's.
	'programs.json': configuration({ types: ['node'], typeRoots: [join(root, 'node_modules/@types')] }, [
		...['network-*.ts', 'library-*.ts', EXAMPLE],
	]),
	...Object.fromEntries([...programs.network, ...programs.library].map(({ file, code }) => [file, code])),
	[EXAMPLE]: readFileSync(join(root, 'examples', EXAMPLE), 'utf8'),
});
afterAll(() => {
	clone?.[Symbol.dispose]();
	consumer[Symbol.dispose]();
}, MINUTES);

describe.skipIf(clone === undefined)('the package', () => {
	beforeAll(async () => {
		const path = clone?.path ?? '';
		symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'), 'junction');
		const packed = await run(path, 'npm', ['pack', '--ignore-scripts=false', '--pack-destination', consumer.path]);
		expect(packed.exitCode, packed.stderr).toBe(0);
		const tarball = readdirSync(consumer.path).find((name) => name.endsWith('.tgz')) ?? 'no tarball';
		const installed = await run(consumer.path, 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `./${tarball}`]);
		expect(installed.exitCode, installed.stderr).toBe(0);
	}, 5 * MINUTES);

	test('holds what was built and no sources, tests or tools', () => {
		expect(readdirSync(join(consumer.path, 'node_modules/evenkeel')).sort()).toEqual(
			expect.arrayContaining(['LICENSE', 'dist', 'package.json']),
		);
		const files = readdirSync(join(consumer.path, 'node_modules/evenkeel'), { recursive: true, encoding: 'utf8' });
		expect(files.filter((file) => /[.](test|suite|fixture)[.]|^src|^scripts|(?<![.]d)[.]ts$/.test(file))).toEqual([]);
	});

	test('brings no Node and no tool', () => {
		const packages = readdirSync(join(consumer.path, 'node_modules')).filter((name) => !name.startsWith('.'));
		console.log(`an installation of evenkeel has these packages: ${packages.join(', ')}`);
		expect(packages.filter((name) => /^(node-|vitest$|typescript$|ccxt$)/.test(name))).toEqual([]);
	});

	test('can be imported by every door, in JavaScript and with types', async () => {
		const used = await run(consumer.path, process.execPath, ['use.mjs']);
		expect(used.exitCode, used.stderr).toBe(0);
		const typed = await run(consumer.path, process.execPath, [
			join(root, 'node_modules/@typescript/native/bin/tsc'),
			'--project',
			'.',
		]);
		expect(typed.stdout).toBe('');
	});

	test('has types for the programs of its pages and for its example', async () => {
		const typed = await run(consumer.path, process.execPath, [
			join(root, 'node_modules/@typescript/native/bin/tsc'),
			...['--project', 'programs.json'],
		]);
		expect(typed.stdout).toBe('');
	});

	test.each(['network', 'library'] as const)('runs the programs of docs/%s.md, which use that door alone', async (page) => {
		expect(programs[page].length).toBeGreaterThan(6);
		for (const { file, prints } of programs[page]) {
			const { stdout, stderr } = await run(consumer.path, process.execPath, [file]);
			expect(wordsOf(stdout), `${file}: ${stderr}`).toEqual(prints);
		}
	});

	test('runs the example: ten ticks on a market that lives, with orders open in between and none in the end', async () => {
		const { stdout, stderr, exitCode } = await run(consumer.path, process.execPath, [EXAMPLE]);
		expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
		const lines = stdout.trimEnd().split('\n');
		const ticks = lines.flatMap(
			(line) => /^tick (\d+): \d+ commands in (\d+) calls, [\d.]+ ms, (\d+) open$/.exec(line)?.slice(1) ?? [],
		);
		const columns = [0, 1, 2].map((column) => ticks.filter((_, at) => at % 3 === column).map(Number));
		const [numbers = [], calls = [], open = []] = columns;
		expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
		// Two symbols together: cancels, amends and places in one call each at the most.
		expect(Math.max(...calls)).toBeLessThanOrEqual(3);
		expect(Math.max(...open)).toBeGreaterThanOrEqual(12);
		expect(stdout).toMatch(/^p50 [\d.]+ ms, p95 [\d.]+ ms, \d+ commands in \d+ calls$/m);
		expect(stdout).toMatch(/^positions \{ BTCUSDT: '-?[\d.]+', ETHUSDT: '-?[\d.]+' \}$/m);
		expect(lines.at(-1)).toBe('nothing is left at the exchange');
	});

	test('has a command that starts', async () => {
		const bin = join(consumer.path, 'node_modules/evenkeel/dist/cli/main.js');
		expect(existsSync(join(consumer.path, 'node_modules/.bin', process.platform === 'win32' ? 'evenkeel.cmd' : 'evenkeel'))).toBe(
			true,
		);
		const help = await run(consumer.path, process.execPath, [bin, '--help']);
		expect(help.exitCode, help.stderr).toBe(0);
		expect(help.stdout).toContain('Usage: evenkeel');
	});
});

function configuration(options: object, include: readonly string[]): string {
	const compilerOptions = {
		...{ module: 'nodenext', target: 'es2024', lib: ['es2024', 'esnext.disposable'] },
		...{ strict: true, noEmit: true, skipLibCheck: false, ...options },
	};
	return JSON.stringify({ compilerOptions, include });
}
