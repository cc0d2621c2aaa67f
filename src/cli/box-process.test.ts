/** How the exchange of a session is started and ended, with programs in its place that do what it may do one day. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type BoxStarted, measuredBox, sessionBox, startBox } from './box-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-box-'));
afterAll(() => rmSync(folder, { recursive: true }));

let programs = 0;
async function start(code: string, environment: NodeJS.ProcessEnv = process.env): Promise<BoxStarted> {
	programs += 1;
	const path = join(folder, `${programs}.mjs`);
	writeFileSync(path, code);
	return await startBox(['--seed', '7'], environment, path);
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

/** Goes when its channel closes, as the real one does. */
const ENDS = "process.once('disconnect', () => process.exit(0));";

test('is told its flags and its environment, says where it listens, and goes when it is let go', async () => {
	const started = await start(
		`import { writeFileSync } from 'node:fs';
		process.once('disconnect', () => {
			writeFileSync(process.argv[1] + '.bye', '');
			process.exit(0);
		});
		const { pid, argv, env } = process;
		console.log(JSON.stringify({ listening: true, pid, args: argv.slice(2), mine: env.EVENKEEL_TEST, path: env.PATH }));`,
		{ EVENKEEL_TEST: 'here' },
	);
	if (started.kind === 'failed') throw new Error(started.message);
	const { listening } = started.box;
	expect(listening).toMatchObject({ args: ['exchange', '--seed', '7', '--json'], mine: 'here' });
	expect(listening).not.toHaveProperty('path');
	const { pid } = listening as unknown as { readonly pid: number };
	expect(isAlive(pid)).toBe(true);
	await started.box[Symbol.asyncDispose]();
	expect(isAlive(pid)).toBe(false);
	// Of its own will, and not killed.
	expect(readdirSync(folder)).toContain('1.mjs.bye');
	await started.box[Symbol.asyncDispose]();
});

test.each([
	['complains and ends', "console.error('evenkeel: no port is free'); process.exit(1);", 'evenkeel: no port is free'],
	['ends without a word', '', 'it said nothing of where it listens'],
	['says something else', `${ENDS} console.log('hello');`, 'it said nothing of where it listens'],
	['says other JSON', `${ENDS} console.log('[]');`, 'it said nothing of where it listens'],
	['never ends its line', `${ENDS} process.stdout.write('x'.repeat(70_000));`, 'it said nothing of where it listens'],
])('one that %s did not start', async (_name, code, why) => {
	expect(await start(code)).toEqual({ kind: 'failed', message: `the exchange in a box did not start: ${why}` });
});

test('for a session what the person has set goes before what the session wants, for a measurement it does not hold', () => {
	const given = { EVENKEEL_BOX__SEED: '9', EVENKEEL_BOX__RATE_LIMIT_FACTOR: '1', HOME: '/home/me' };
	const wanted = { EVENKEEL_BOX__RATE_LIMIT_FACTOR: 'off', EVENKEEL_BOX__OPENING_TRIPS: '1' };
	expect(sessionBox(wanted, given)).toEqual({ ...given, EVENKEEL_BOX__OPENING_TRIPS: '1' });
	expect(measuredBox(wanted, given)).toEqual({ ...wanted, HOME: '/home/me' });
});
