/** The command as a process, where it is told something that it cannot do. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');

test.each([
	['no symbols', ['--symbols', '0'], "--symbols is '0', expected a whole number from 1 to 100"],
	['more than there are', ['--symbols', '101'], "--symbols is '101', expected a whole number from 1 to 100"],
	['no number', ['--symbols', 'five'], "--symbols is 'five', expected a whole number from 1 to 100"],
	['a time without a unit', ['--latency', '40'], "--latency is '40', expected "],
])('%s', (_what, flags, says) => {
	const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'demo', 'speed', ...flags], { encoding: 'utf8' });
	expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
	expect(stderr).toContain(`evenkeel: ${says}`);
});
