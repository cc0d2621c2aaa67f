/** How the exchange of a session is started and ended, with programs in its place that do what it may do one day. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type BoxStarted, startBox } from './box-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-box-'));
afterAll(() => rmSync(folder, { recursive: true }));

let programs = 0;
async function start(code: string, environment: Record<string, string> = {}): Promise<BoxStarted> {
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
		console.log(JSON.stringify({ listening: true, pid, args: argv.slice(2), mine: env.EVENKEEL_TEST, home: env.HOME }));`,
		{ EVENKEEL_TEST: 'here', HOME: 'nowhere' },
	);
	if (started.kind === 'failed') throw new Error(started.message);
	const { listening } = started.box;
	// What the person has set goes before what the session wants.
	const { HOME: home } = process.env;
	expect(listening).toMatchObject({ args: ['exchange', '--seed', '7', '--json'], mine: 'here', home });
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
