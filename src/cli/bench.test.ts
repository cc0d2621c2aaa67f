/** The command as a process, where it is told something that it cannot do. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');

test.each([
	['no symbols', ['--symbols', '0'], "--symbols is '0', expected a whole number from 1 to 100"],
	['more symbols than that', ['--symbols', '101'], "--symbols is '101', expected a whole number from 1 to 100"],
	['levels in words', ['--levels', 'five'], "--levels is 'five', expected a whole number from 1 to 16"],
	['a time with a unit', ['--round-trip', '40ms'], "--round-trip is '40ms', expected a whole number from 0 to 1000"],
	['no ticks', ['--ticks', '0'], "--ticks is '0', expected a whole number from 1 to 100000"],
	['no such road', ['--road', 'mail'], "--road is 'mail', expected ws or rest"],
	['a file for a folder', ['--folder', MAIN], `--folder is '${MAIN}', expected a folder that may be written to`],
	['no such folder', ['--folder', '/nowhere/at/all'], "--folder is '/nowhere/at/all', expected a folder that may be written to"],
])('%s', (_what, flags, says) => {
	const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'bench', ...flags], { encoding: 'utf8' });
	expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: `evenkeel: ${says}\n` });
});
