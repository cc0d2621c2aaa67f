import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { benchmarkNames } from './catalog.ts';
import type { BenchResult } from './harness.ts';

function bench(...args: readonly string[]) {
	const script = fileURLToPath(new URL('./main.ts', import.meta.url));
	const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
	return { status, stdout, stderr };
}

describe('the bench command', () => {
	test('finds benchmarks by their path', () => {
		expect(benchmarkNames()).toContain('domain/book');
		expect(benchmarkNames().filter((name) => name.includes('node_modules'))).toEqual([]);
	});

	test.each([
		{ name: 'an unknown flag', args: ['--fast'], line: 'unknown flag --fast; there are --json, --tiny, --venue, --only\n' },
		{
			name: 'a flag with a value',
			args: ['domain/book', '--json=yes'],
			line: 'unknown flag --json=yes; there are --json, --tiny, --venue, --only\n',
		},
		{ name: 'half a name', args: ['book'], line: `unknown benchmark book; there are: ${benchmarkNames().join(', ')}\n` },
		{
			name: 'an unknown venue',
			args: ['--venue', 'nyse'],
			line: 'unknown venue nyse; there are: bybit, binance-futures, binance-spot, mixed\n',
		},
		{ name: 'no venue', args: ['--venue'], line: '--venue needs one of: bybit, binance-futures, binance-spot, mixed\n' },
		{ name: 'no title', args: ['--only'], line: '--only needs a part of a title, as tables show them\n' },
		{ name: 'a folder', args: ['domain'], line: `unknown benchmark domain; there are: ${benchmarkNames().join(', ')}\n` },
	])('answers $name with one line and exit code 2', ({ args, line }) => {
		expect(bench(...args)).toEqual({ status: 2, stdout: '', stderr: line });
	});

	test('prints one line of JSON for each benchmark, and nothing else on stdout', () => {
		const { status, stdout } = bench('domain/book', '--json', '--tiny');
		expect(status).toBe(0);
		expect(stdout.match(/\n/g)).toHaveLength(1);
		const result = JSON.parse(stdout) as BenchResult & { readonly name: string; readonly meta: { readonly node: string } };
		expect(Object.keys(result)).toEqual(['name', 'cases', 'ratios', 'meta']);
		expect(result.name).toBe('domain/book');
		expect(result.ratios['oursVsCcxt50']).toBeGreaterThan(0);
		expect(result.meta.node).toBe(process.version);
	});

	test('prints a table without --json', () => {
		const { status, stdout } = bench('domain/book', '--tiny');
		expect(status).toBe(0);
		expect(stdout).toContain('oursVsCcxt1000: ');
	});
});
