/** What people get who install the published package: it is packed, installed in an empty folder, imported and started. */
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshClone, run } from './newcomer.ts';
import { emptyScratch, root } from './scratch.ts';
import { snippetsOf, wordsOf } from './snippets.ts';

const MINUTES = 60_000;

const clone = freshClone();
/** Programs that use the network door alone. */
const programs = snippetsOf('docs/network.md').map((snippet, index) => ({ ...snippet, file: `network-${index}.ts` }));
const consumer = emptyScratch({
	'package.json': '{ "name": "consumer", "private": true, "type": "module" }',
	'use.mjs':
		"const all = await import('evenkeel'); const strategy = await import('evenkeel/strategy'); const network = await import('evenkeel/network'); console.log(Object.keys(all).length, Object.keys(strategy).length, Object.keys(network).length);",
	'use.ts':
		"import * as evenkeel from 'evenkeel';\nimport * as strategy from 'evenkeel/strategy';\nexport const both = [evenkeel, strategy];\n",
	'tsconfig.json': configuration({ types: [] }, ['use.ts']),
	// The network door speaks of AbortSignal, whose type comes with Node's.
	'network.json': configuration({ types: ['node'], typeRoots: [join(root, 'node_modules/@types')] }, ['network-*.ts']),
	...Object.fromEntries(programs.map(({ file, code }) => [file, code])),
});
afterAll(() => {
	clone?.[Symbol.dispose]();
	consumer[Symbol.dispose]();
});

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
		expect(files.filter((file) => /[.](test|suite)[.]|^src|^scripts|(?<![.]d)[.]ts$/.test(file))).toEqual([]);
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

	test('runs the programs of docs/network.md, which use that door alone, and their types hold', async () => {
		const typed = await run(consumer.path, process.execPath, [
			join(root, 'node_modules/@typescript/native/bin/tsc'),
			...['--project', 'network.json'],
		]);
		expect(typed.stdout).toBe('');
		expect(programs.length).toBeGreaterThan(6);
		for (const { file, prints } of programs) {
			const { stdout, stderr } = await run(consumer.path, process.execPath, [file]);
			expect(wordsOf(stdout), `${file}: ${stderr}`).toEqual(prints);
		}
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
