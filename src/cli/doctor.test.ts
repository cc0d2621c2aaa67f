/**
 * `evenkeel doctor` as a process, and `evenkeel run` on the same settings: against a box that runs in a process of its
 * own, as a person has them in two terminals. What the checks find is tested in `app/doctor.test.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BoxListening } from '../app/box.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'evenkeel-doctor-'));
const children = new Set<ChildProcess>();
let box: BoxListening;

beforeAll(async () => {
	const child = start(['exchange', '--bybit-port', '0', '--control-port', '0', '--symbols', 'BTCUSDT', '--json']);
	let stdout = '';
	child.stdout?.on('data', (chunk: Buffer) => {
		stdout += chunk.toString();
	});
	const ended = once(child, 'close');
	while (!stdout.includes('\n')) await Promise.race([once(child.stdout ?? child, 'data'), ended]);
	box = JSON.parse(stdout) as BoxListening;
});

afterAll(() => {
	for (const child of children) child.kill('SIGKILL');
	rmSync(folder, { recursive: true });
});

function start(args: readonly string[], variables: Readonly<Record<string, string>> = {}): ChildProcess {
	const child = spawn(process.execPath, [MAIN, ...args], { env: { ...withoutSettings(), ...variables }, cwd: folder });
	children.add(child);
	child.once('close', () => children.delete(child));
	return child;
}

/** Whoever runs the tests may have settings of his own. */
function withoutSettings(): Readonly<Record<string, string | undefined>> {
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('EVENKEEL_')));
}

async function run(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
	const child = start(args, variables);
	const output = { stdout: '', stderr: '' };
	for (const name of ['stdout', 'stderr'] as const) {
		child[name]?.on('data', (chunk: Buffer) => {
			output[name] += chunk.toString();
		});
	}
	const [code] = (await once(child, 'close')) as [number | null];
	return { code, ...output };
}

let fileCount = 0;
function settings(text: string): string {
	fileCount += 1;
	const path = join(folder, `${fileCount}.yaml`);
	writeFileSync(path, text);
	return path;
}

/** The running box, and metrics on any port that is free. */
const onBox = (more = ''): string =>
	settings(
		`venues: { mine: { kind: bybit, symbols: [BTCUSDT], urls: { rest: "${box.bybit.rest}" }${more} } }\ntelemetry: { metrics_port: 0 }\n`,
	);
function keys({ apiKey = box.accounts[0]?.apiKey ?? '', apiSecret = box.accounts[0]?.apiSecret ?? '' } = {}) {
	return { EVENKEEL_MINE_API_KEY: apiKey, EVENKEEL_MINE_API_SECRET: apiSecret };
}

test('without settings a box is started and found to be fine', async () => {
	const { code, stdout, stderr } = await run(['doctor']);
	expect(stderr).toBe('');
	expect(stdout).toMatch(/^venues\.bybit: the exchange in a box at 127\.0\.0\.1:\d+\n {2}ok {7}reachable /);
	expect(stdout).toMatch(/\nno problem, 1 warning\n$/);
	expect(code).toBe(0);
});

test('a box that runs already is looked at, and traded on, with the keys from the environment', async () => {
	const file = onBox();
	const { code, stdout } = await run(['doctor', '--config', file, '--json'], keys());
	expect(code).toBe(0);
	expect(JSON.parse(stdout)).toMatchObject({
		ok: true,
		mode: 'sim',
		venues: [{ name: 'mine', place: { environment: 'box', host: new URL(box.bybit.rest).host } }],
	});
	const session = await run(['run', '--config', file, '--ticks', '30', '--json'], keys());
	expect(session.code).toBe(0);
	expect(session.stderr).toContain(`quoting BTCUSDT on the exchange in a box at ${new URL(box.bybit.rest).host};`);
	expect(session.stderr).toContain('warning: venues.mine: the API key works from any address');
	expect(JSON.parse(session.stdout)).toMatchObject({ openOrdersAtExit: 0 });
	const state = await fetch(`${box.control.url}/v1/accounts/${box.accounts[0]?.name}/orders?state=closed`, {
		headers: { authorization: `Bearer ${box.control.token}` },
	});
	expect(((await state.json()) as { orders: unknown[] }).orders.length).toBeGreaterThan(0);
});

test('a wrong secret: doctor and run say it in the same words, end with 2, and show neither key nor secret', async () => {
	const wrong = keys({ apiSecret: 'canaryOfTheSecret' });
	const SENTENCE = 'the API secret does not belong to the API key: the signature is refused; copy both anew, from one key';
	const doctor = await run(['doctor', '--config', onBox()], wrong);
	expect(doctor.stdout).toContain(`\n  problem  key                    ${SENTENCE}\n`);
	expect(doctor.stdout).toMatch(/\n1 problem, 0 warnings: nothing can be traded until the problems are mended\n$/);
	const session = await run(['run', '--config', onBox(), '--for', '1s'], wrong);
	expect(session.stderr).toBe(`evenkeel: venues.mine (key of EVENKEEL_MINE_API_KEY): ${SENTENCE}\n`);
	expect([doctor.code, session.code]).toEqual([2, 2]);
	expect(session.stdout).toBe('');
	expect(JSON.stringify([doctor, session])).not.toMatch(new RegExp(`canary|${box.accounts[0]?.apiKey}`));
});

test('without keys what is public is looked at all the same', async () => {
	const doctor = await run(['doctor', '--config', onBox()]);
	expect(doctor.stdout).toMatch(/ok {7}symbols .*listed and trading: BTCUSDT/);
	expect(doctor.stdout).toMatch(
		/problem {2}key {20}the variables EVENKEEL_MINE_API_KEY and EVENKEEL_MINE_API_SECRET are not set/,
	);
	const session = await run(['run', '--config', onBox(), '--for', '1s'], { EVENKEEL_MINE_API_KEY: 'canary' });
	expect(session.stderr).toMatch(/^evenkeel: venues\.mine: the variable EVENKEEL_MINE_API_SECRET is not set: [^\n]*\n$/);
	expect([doctor.code, session.code]).toEqual([2, 2]);
});

test.each<[string, readonly string[], RegExp]>([
	[
		'an unknown key',
		['doctor', '--config', settings('venues: { mine: { symbols: [BTCUSDT], symbol: x } }')],
		/^[^\n]*1\.yaml:1:39: venues\.mine\.symbol: /,
	],
	[
		'another environment than the mode',
		['doctor', '--config', settings('venues: { a: { symbols: [BTCUSDT], environment: testnet } }')],
		/found 'testnet', expected box, since mode is sim/,
	],
	['no such file', ['doctor', '--config', 'nowhere.yaml'], /^evenkeel: cannot read nowhere\.yaml: there is no such file\n$/],
	['an unknown option', ['doctor', '--fix'], /^evenkeel: unknown option '--fix'; evenkeel doctor --help lists the options\n$/],
])('%s is one line on stderr and exit code 2', async (_name, args, line) => {
	const { code, stdout, stderr } = await run(args);
	expect(stderr).toMatch(line);
	expect(stderr.match(/\n/g)).toHaveLength(1);
	expect([code, stdout]).toEqual([2, '']);
});

test('every venue is looked at; one that nobody answers for and one that is half said are problems of theirs alone', async () => {
	const rest = 'http://127.0.0.1:9';
	const file = settings(
		`venues:\n  binance: { symbols: [BTCUSDT] }\n  dead: { symbols: [BTCUSDT], urls: { rest: "${rest}" } }\n  half: { symbols: [BTCUSDT], urls: { trade: "ws://127.0.0.1:9/v5/trade" } }\n`,
	);
	const variables = { EVENKEEL_DEAD_API_KEY: 'k', EVENKEEL_DEAD_API_SECRET: 's' };
	const { code, stdout } = await run(['doctor', '--config', file, '--json'], variables);
	expect(code).toBe(2);
	expect(JSON.parse(stdout)).toMatchObject({
		ok: false,
		venues: [
			{
				name: 'binance',
				place: { exchange: 'Binance', environment: 'box' },
				findings: expect.arrayContaining([
					{ check: 'symbols', level: 'ok', sentence: 'listed and trading: BTCUSDT (linear)' },
				]) as unknown,
			},
			{
				name: 'dead',
				findings: [
					{
						check: 'reachable',
						level: 'problem',
						sentence: expect.stringMatching(/^127\.0\.0\.1:9 cannot be reached/) as string,
					},
				],
			},
			{
				name: 'half',
				findings: [{ check: 'settings', level: 'problem', sentence: expect.stringMatching(/^urls lacks rest/) as string }],
			},
		],
	});
});

test.each([
	['--seed', '7'],
	['--virtual', '--ticks', '5'],
])('%s means nothing on a box that runs already, here one that a variable names', async (...flags) => {
	const venue = `{ kind: bybit, symbols: [BTCUSDT], urls: { rest: "${box.bybit.rest}" } }`;
	const { code, stderr } = await run(['run', ...flags], { ...keys(), EVENKEEL_VENUES__MINE: venue });
	const [flag = ''] = flags;
	expect(stderr).toBe(
		`evenkeel: ${flag} is for a box that run starts, and venues.mine.urls names one that is there already; take one of them out\n`,
	);
	expect(code).toBe(2);
});

test.each([['doctor'], ['run', '--ticks', '5']])('%s hands no secret on to the box that it starts', async (...args) => {
	const [seen, watcher] = [join(folder, `${args[0]}-seen.json`), join(folder, 'watcher.mjs')];
	writeFileSync(
		watcher,
		`import { writeFileSync } from 'node:fs';
if (process.argv.includes('exchange')) writeFileSync(${JSON.stringify(seen)}, JSON.stringify(process.env));`,
	);
	const file = settings('sentinel: { api_key_env: WATCH_KEY, api_secret_env: WATCH_SECRET }\ntelemetry: { metrics_port: 0 }\n');
	const secrets = { WATCH_KEY: 'canary-1', WATCH_SECRET: 'canary-2', EVENKEEL_PASSPHRASE: 'canary-3' };
	await run([...args, '--config', file], { ...secrets, NODE_OPTIONS: `--import=${watcher}` });
	const environment = readFileSync(seen, 'utf8');
	expect(environment).toContain(watcher);
	expect(environment).not.toContain('canary');
});
