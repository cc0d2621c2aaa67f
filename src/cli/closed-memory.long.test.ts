/** Real processes that would show their memory: the command refuses, and a signal opens nothing (SEC15). */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'evenkeel-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SETTINGS = join(folder, 'evenkeel.yaml');
writeFileSync(
	SETTINGS,
	JSON.stringify({
		...{ mode: 'testnet', venues: { bybit: { environment: 'testnet', symbols: ['BTCUSDT'] } } },
		storage: { folder: join(folder, 'data') },
	}),
);
const ENVIRONMENT = { HOME: folder, XDG_CONFIG_HOME: folder };
const NO_CORES = 'ulimit -c 0; exec "$@"';

function started(
	args: readonly string[],
	{ flags = [], shell = NO_CORES, options = '', path = process.env['PATH'] ?? '' }: Started = {},
) {
	const all = ['-c', shell, 'sh', process.execPath, ...flags, ...args];
	const { status, stdout, stderr } = spawnSync('/bin/sh', all, {
		encoding: 'utf8',
		env: { ...ENVIRONMENT, PATH: path, NODE_OPTIONS: options },
	});
	return { status, stdout, stderr };
}

interface Started {
	readonly flags?: readonly string[];
	readonly shell?: string;
	readonly options?: string;
	/** Where programs are looked for. */
	readonly path?: string;
}

const REFUSED = 'evenkeel: the keys of venues.bybit (testnet) must not be read out of this process: ';

describe.each(['run', 'sentinel', 'doctor'])('evenkeel %s', (command) => {
	test.each<[string, Started, RegExp]>([
		['a debugger', { flags: ['--inspect=127.0.0.1:0'] }, /start Node without --inspect$/m],
		['one from the environment', { options: '--inspect=127.0.0.1:0' }, /take --inspect out of NODE_OPTIONS$/m],
	])('does not begin with %s', (_, given, sentence) => {
		const { status, stderr } = started([MAIN, command, '--config', SETTINGS], given);
		expect(status).toBe(2);
		expect(stderr).toContain(REFUSED);
		expect(stderr).toMatch(sentence);
	});
});

test('nor does a command that opens the keystore, whatever its keys are for', () => {
	const { status, stderr } = started([MAIN, 'keys', 'list'], { flags: ['--heap-snapshot-on-oom'] });
	expect(status).toBe(2);
	expect(stderr).toContain('the keys of the keystore must not be read out of this process: start Node without --heap-snapshot');
});

describe.each(['run', 'sentinel'])('evenkeel %s', (command) => {
	// Where the hard limit is nought there is no core file, and nothing to be tested.
	test('does not begin where a core file could be written, and writes none where the system lets it say so', ({ skip }) => {
		if (spawnSync('sh', ['-c', 'ulimit -c 1 && prlimit --version']).status !== 0) skip();
		const withCores = { shell: 'ulimit -c 1; exec "$@"' };
		const without = started([MAIN, command, '--config', SETTINGS], { ...withCores, path: folder });
		expect([without.status, without.stderr.includes(`${REFUSED}let it write no core file`)]).toEqual([2, true]);
		const { stderr } = started([MAIN, command, '--config', SETTINGS], withCores);
		expect(stderr).not.toContain('core file');
		expect(stderr).toMatch(/^evenkeel: /);
	});
});

/** Holds no key: what is asked of it is asked of any process that called this. */
function signalled(environment: string) {
	const script = join(folder, `${environment}.ts`);
	const url = pathToFileURL(join(import.meta.dirname, 'closed-memory.ts')).href;
	writeFileSync(
		script,
		`import { existsSync, readFileSync } from 'node:fs';
import { url } from 'node:inspector';
import { closeMemory } from ${JSON.stringify(url)};
closeMemory([{ name: 'bybit', environment: '${environment}' }]);
const filter = '/proc/self/coredump_filter';
if (existsSync(filter)) process.stdout.write(readFileSync(filter, 'utf8'));
process.kill(process.pid, 'SIGUSR1');
setTimeout(() => { process.stderr.write('open: ' + (url() !== undefined) + '\\n'); process.exit(); }, 300);
`,
	);
	return started([script]);
}

test('a debugger that is called for by a signal is let into a box, and not where keys of a real venue are', () => {
	expect(signalled('testnet').stderr).toBe('SIGUSR1: no debugger is let in where keys of a real venue are\nopen: false\n');
	expect(signalled('box').stderr).toContain('open: true');
});

test('a core that the system takes all the same has nothing of the memory of a process with real keys', ({ skip }) => {
	if (!existsSync('/proc/self/coredump_filter')) skip();
	expect(signalled('testnet').stdout).toBe('00000000\n');
	expect(signalled('box').stdout).not.toBe('00000000\n');
});
