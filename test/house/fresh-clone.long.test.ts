/** The first minutes of a newcomer: clone, one command to test, one command to start. Prints how long they took. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freshClone, run } from './newcomer.ts';

const MINUTES = 60_000;

const clone = freshClone();
afterAll(() => clone?.[Symbol.dispose]());

test.skipIf(clone === undefined)(
	'npm start installs what it needs and nothing more, and speaks JSON alone on standard output',
	{ timeout: 5 * MINUTES },
	async () => {
		const path = clone?.path ?? '';
		const { exitCode, stdout, stderr, tookSec } = await run(path, 'npm', [
			'start',
			'--silent',
			'--',
			'--ticks',
			'10',
			'--virtual',
			'--json',
		]);
		console.log(`fresh clone, npm start with ten ticks: ${tookSec.toFixed(1)} s`);
		expect(stderr).toContain('installing dependencies (first run');
		expect(exitCode, stderr).toBe(0);
		for (const line of stdout.trim().split('\n')) expect(() => void JSON.parse(line), line).not.toThrow();
	},
);

test.skipIf(clone === undefined)(
	'npm test installs the tools, passes and ends in the line of counts',
	{ timeout: 5 * MINUTES },
	async () => {
		const path = clone?.path ?? '';
		const lockBefore = readFileSync(join(path, 'package-lock.json'), 'utf8');
		const first = await run(path, 'npm', ['test', '--', 'src/domain/units']);
		console.log(`fresh clone, npm test of one file: ${first.tookSec.toFixed(1)} s`);
		expect(first.exitCode, first.stderr).toBe(0);
		expect(first.stdout.trimEnd().split('\n').at(-1)).toMatch(/^[1-9]\d* passed, 0 failed, 0 skipped$/);

		const second = await run(path, 'npm', ['test', '--', 'src/domain/units']);
		console.log(`the same again: ${second.tookSec.toFixed(1)} s`);
		expect(second.stderr).not.toContain('installing');
		expect(readFileSync(join(path, 'package-lock.json'), 'utf8')).toBe(lockBefore);
	},
);
