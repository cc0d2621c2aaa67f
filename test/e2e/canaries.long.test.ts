/**
 * Everything on, everything looked at: an engine at two exchanges with a sentinel, a database, a Redis, traces, alerts and
 * a log that tells all, every command, keys that are replaced, and errors of every kind. Then nothing that was written,
 * printed, answered or sent to others holds a secret (I19). Keys may stand in their keystore alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiClient, openClient } from '../../src/api/client.ts';
import { readTokens, tokensPath } from '../../src/api/tokens.ts';
import type { Box } from '../../src/app/box.ts';
import { QUERIES } from '../../src/app/console/contract.ts';
import { eventually } from '../clients/wait.ts';
import { type Artefact, Canaries, canary, filesIn } from '../fixtures/canaries.ts';
import { control, openRealBox } from '../fixtures/real-box.ts';
import { Listeners } from './canary-servers.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const SLOW = { withinMs: 60_000 };
const WAITS_MS = 240_000;
/** Writes down what a program is given that the engine starts: its arguments, its environment, what it reads. */
const TELLS =
	'require("fs").appendFileSync(process.argv[1], JSON.stringify([process.argv, process.env, require("fs").readFileSync(0, "utf8")]) + "\\n")';

interface Key {
	readonly apiKey: string;
	readonly apiSecret: string;
}

const canaries = new Canaries();
const artefacts: Artefact[] = [];
const bugs: unknown[] = [];
/** Secrets of the environment that an engine has to be given that way. */
const SERVICES = { INFLUX_TOKEN: 'influx', REDIS_PASSWORD: 'redis', HOOK_TOKEN: 'webhook' } as const;

let folder: string;
let box: Box;
let listeners: Listeners;
let engine: Running;
let sentinel: Running;
let client: ApiClient;
let passphrase: string;

/** A process, and all that it prints. */
class Running {
	readonly child: ChildProcess;
	readonly ended: Promise<number | string | null>;
	said = '';

	constructor(...args: readonly string[]) {
		this.child = spawn(process.execPath, [MAIN, ...args, '--config', settings(), '--passphrase-fd', '3'], {
			stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
			env: environment(),
		});
		for (const stream of [this.child.stdout, this.child.stderr]) {
			stream?.on('data', (text: Buffer) => {
				this.said += text.toString();
			});
		}
		this.ended = once(this.child, 'close').then(([code, signal]: (number | string | null)[]) => code ?? signal ?? null);
		const fd = this.child.stdio[3];
		if (fd !== null && fd !== undefined && 'end' in fd) fd.end(passphrase);
	}

	async says(text: string): Promise<void> {
		await eventually(`'${text}'`, () => (this.said.includes(text) ? true : undefined), SLOW).catch((error: unknown) => {
			throw new Error(`it does not say '${text}'; the last it said: ${this.said.slice(-2_000)}`, { cause: error });
		});
	}

	async ends(signal: NodeJS.Signals): Promise<number | string | null> {
		this.child.kill(signal);
		return await this.ended;
	}

	/** Of the system, for whoever may look at processes of this user. */
	seen(what: 'cmdline' | 'environ'): string {
		return readFileSync(`/proc/${this.child.pid}/${what}`, 'latin1');
	}
}

function settings(): string {
	return join(folder, 'evenkeel.yaml');
}

function environment(): Record<string, string> {
	const services = Object.entries(SERVICES).map(([variable, name]) => [variable, canary(name)] as const);
	return {
		...{ PATH: process.env['PATH'] ?? '', HOME: folder, XDG_STATE_HOME: join(folder, 'state') },
		...{ EVENKEEL_KEYSTORE: join(folder, 'keys', 'keystore.json'), HOOK_URL: `${listeners.url}/hook/${canary('webhook path')}` },
		...Object.fromEntries(services),
	};
}

function keep(place: string, content: string | Uint8Array): void {
	artefacts.push({ place, content });
}

/** A command to its end; what it prints is looked through as well. A key goes in by an open file. */
async function evenkeel(line: string, { key, codes = [0] }: { readonly key?: Key; readonly codes?: readonly number[] } = {}) {
	const place = `evenkeel ${line}`;
	const args = [...line.split(' '), ...(key === undefined ? [] : ['--key-fd', '3'])];
	const child = spawn(process.execPath, [MAIN, ...args], {
		stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
		cwd: folder,
		env: { ...environment(), EVENKEEL_PASSPHRASE: passphrase },
	});
	let said = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream?.on('data', (text: Buffer) => {
			said += text.toString();
		});
	}
	const fd = child.stdio[3];
	if (fd !== null && fd !== undefined && 'end' in fd) {
		fd.on('error', () => {});
		fd.end(key === undefined ? '' : `${key.apiKey}\n${key.apiSecret}\n`);
	}
	const [code] = (await once(child, 'close')) as [number | null];
	keep(place, said);
	expect(codes, `${place}: ${said.slice(-1_000)}`).toContain(code);
	return said;
}

function plantKey(name: string, key: Key): Key {
	canaries.plant(`the key ${name}`, key.apiKey);
	canaries.plant(`the secret of ${name}`, key.apiSecret);
	return key;
}

async function fetched(url: string, init: RequestInit = {}): Promise<number> {
	const response = await fetch(url, init);
	const { headers, status } = response;
	keep(`${init.method ?? 'GET'} ${new URL(url).pathname}`, `${JSON.stringify([...headers])}\n${await response.text()}`);
	return status;
}

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-canaries-'));
	mkdirSync(join(folder, 'keys'), { mode: 0o700 });
	listeners = await Listeners.open();
	passphrase = canaries.plant('the passphrase');
	for (const name of [...Object.values(SERVICES), 'webhook path']) canaries.plant(name);
	const account = (name: string) => ({ name, balances: { USDT: '100000', BTC: '5', ETH: '50' } });
	box = await openRealBox(bugs, {
		...{ market: 'synthetic', symbols: ['BTCUSDT', 'ETHUSDT'], binancePort: 0, seed: 7, limitFactor: 20 },
		accounts: [account('alice'), account('bob')],
	});
	const { bybit, binance } = box.listening;
	writeFileSync(
		settings(),
		JSON.stringify({
			venues: {
				bybit: { symbols: ['BTCUSDT'], urls: { rest: bybit.rest }, sentinel_key: 'watch-bybit' },
				binance: { symbols: ['ETHUSDT'], urls: { rest: binance?.spot.rest }, sentinel_key: 'watch-binance' },
			},
			strategies: ['bybit', 'binance'].map((venue) => ({
				...{ name: venue, venue, params: { levels: { count: 3, half_spread_bps: 1.5, step_bps: 2 } } },
			})),
			trading: {
				workflows: [{ name: 'obedient', symbols: ['bybit:linear:BTCUSDT'], source: 'hand', size: { amount: 300 }, every: 1 }],
			},
			...{ storage: { folder: 'data' }, api: { port: 0 }, sentinel: { enabled: true }, reconcile: { reconcile_interval_s: 5 } },
			telemetry: { metrics_port: 0, log_level: 'debug', traces_url: listeners.url },
			influxdb: { url: listeners.url, token_env: 'INFLUX_TOKEN', flush_interval: 0.5 },
			redis: { url: listeners.redisUrl, password_env: 'REDIS_PASSWORD' },
			alerts: {
				...{ min_severity: 'info', max_per_minute: 60 },
				sinks: [
					{ kind: 'webhook', name: 'hook', url_env: 'HOOK_URL', token_env: 'HOOK_TOKEN' },
					{ kind: 'command', name: 'program', command: [process.execPath, '-e', TELLS, join(folder, 'told')] },
				],
			},
		}),
	);
}, WAITS_MS);

afterAll(async () => {
	for (const each of [engine, sentinel]) if (each?.child.exitCode === null) await each.ends('SIGKILL');
	await box?.[Symbol.asyncDispose]();
	await listeners?.[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true });
	expect(bugs).toEqual([]);
});

async function connect(): Promise<void> {
	await engine.says('dashboard: ');
	const opened = await openClient(join(folder, 'data'));
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	client = opened.client;
	const read = readTokens(join(folder, 'data'));
	if (read.kind !== 'read') throw new Error('a running engine has tokens');
	for (const [role, token] of Object.entries(read.tokens)) canaries.plant(`the token of the ${role}`, token);
}

let hasFailed = false;

beforeEach(({ skip, onTestFailed }) => {
	// Each goes on where the one before it ended.
	if (hasFailed) skip();
	onTestFailed(() => {
		hasFailed = true;
	});
});

describe('no secret is in anything', { timeout: WAITS_MS }, () => {
	test('keys go into the keystore, in text and in PEM', async () => {
		const [alice, bob] = box.listening.accounts;
		if (alice === undefined || bob === undefined) throw new Error('the box has two accounts');
		const { privateKey } = generateKeyPairSync('ed25519');
		const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
		const keys: readonly [string, string, Key][] = [
			['bybit', 'bybit', alice],
			['binance', 'binance', bob],
			['watch-bybit', 'bybit', box.addKey('alice', 'watch-alice')],
			['watch-binance', 'binance', box.addKey('bob', 'watch-bob')],
			['spare', 'binance', { apiKey: canary('spare').replaceAll(/[^a-z0-9]/g, 'x'), apiSecret: pem }],
		];
		for (const [name, kind, key] of keys) await evenkeel(`keys add ${name} --kind ${kind}`, { key: plantKey(name, key) });
		await evenkeel('keys remove spare');
		await Promise.all([
			...['keys list', 'keys list --json', `config check ${settings()}`, `config print ${settings()}`].map((line) =>
				evenkeel(line),
			),
			evenkeel('keys add bad --kind bybit', { key: plantKey('bad', { ...alice, apiKey: 'has blanks in it' }), codes: [2] }),
			evenkeel('doctor --config evenkeel.yaml --json', { codes: [0, 2] }),
		]);
	});

	test('an engine quotes at both exchanges, watched by a sentinel', async () => {
		sentinel = new Running('sentinel');
		engine = new Running('run', '--json');
		await connect();
		await eventually(
			'quotes at both',
			async () => {
				const { symbols } = await client.read('symbols', {});
				return symbols.length === 2 && symbols.every(({ openOrders }) => openOrders > 0) ? true : undefined;
			},
			SLOW,
		).catch((error: unknown) => {
			throw new Error(`it said ${engine.said.slice(-2_000)}`, { cause: error });
		});
		for (const each of [engine, sentinel]) {
			keep('the arguments of a process', each.seen('cmdline'));
			const fromOutside = [...Object.keys(SERVICES), 'HOOK_URL'];
			const own = each
				.seen('environ')
				.split('\0')
				.filter((line) => !fromOutside.includes(line.split('=')[0] ?? ''));
			keep('the environment of a process', own.join('\n'));
		}
	});

	test('everything is asked of it, by everybody', async () => {
		const config = '--config evenkeel.yaml';
		const looks = [
			'status',
			'orders --json',
			'fills',
			'alerts',
			'report',
			'report --html report.html',
			'signals list',
			'dashboard',
		];
		await Promise.all(looks.map((line) => evenkeel(`${line} ${config}`)));
		await Promise.all([
			...['status --watch --for 2s --json', 'flatten BTCUSDT --preview', 'compare', 'set strategy.min_time_in_book_ms=700'].map(
				(line) => evenkeel(`${line} ${config}`),
			),
			evenkeel(`signals create bybit:linear:BTCUSDT BUY --source hand --for 5m ${config}`),
			evenkeel(`set strategy.no_such_thing=700 ${config}`, { codes: [1, 2] }),
			evenkeel(`run --passphrase-fd 9 ${config}`, { codes: [2] }),
		]);
		await evenkeel(`pause BTCUSDT --reason looking ${config}`);
		await Promise.all(['resume BTCUSDT', 'cancel-all ETHUSDT'].map((line) => evenkeel(`${line} ${config}`)));
		const read = readTokens(join(folder, 'data'));
		const token = read.kind === 'read' ? read.tokens.admin : '';
		for (const name of [...Object.keys(QUERIES), 'openapi.json', 'session']) {
			const asked = name === 'symbol' ? '?symbol=BTCUSDT' : '';
			expect(await fetched(`${client.url}/v1/${name}${asked}`, { headers: { authorization: `Bearer ${token}` } }), name).toBe(
				200,
			);
		}
		expect(await fetched(`${client.url}/v1/config`, { headers: { authorization: `Bearer ${token}x` } })).toBe(401);
		await fetched(`${client.url}/`);
		await fetched(`${client.url}/v1/kill`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: '{' });
		await client.act('test-alert', {});
		const [, metrics = ''] = /metrics: (http:\/\/\S+)\/metrics/.exec(engine.said) ?? [];
		for (const path of ['/metrics', '/readyz', '/healthz']) await fetched(`${metrics}${path}`);
	});

	test('whatever it tells others goes wrong, and so does what the exchange answers', async () => {
		for (const place of ['/write', '/v1/traces', 'webhook', 'redis']) {
			await eventually(`word at ${place}`, () => (listeners.hasHeard(place) ? true : undefined), SLOW);
		}
		listeners.isBroken = true;
		await control(box, 'POST /v1/faults', { name: 'mangled-body', parameters: { form: 'html', probability: 0.5 } });
		await client.act('test-alert', {});
		await client.act('compare', {});
		await evenkeel('doctor --config evenkeel.yaml', { codes: [0, 2] });
		await eventually(
			'an alert that does not get through',
			async () => {
				const { alerts } = await client.read('alerts', {});
				return alerts.some(({ code }) => code === 'sink-failing') ? true : undefined;
			},
			SLOW,
		);
		await engine.says('traces do not reach');
		await control(box, 'DELETE /v1/faults');
		listeners.isBroken = false;
	});

	test('its key is replaced: by one whose secret is wrong, by one of another account, and by a good one', async () => {
		const second = plantKey('second', box.addKey('alice', 'second'));
		const third = plantKey('third', box.addKey('alice', 'third'));
		const wrong = {
			...second,
			apiSecret: canaries.plant('a wrong secret', canary('wrong secret').replaceAll(/[^a-z0-9]/g, 'x')),
		};
		await evenkeel('keys rotate bybit', { key: wrong });
		await engine.says('is not taken: the API secret does not belong to the API key');
		const [, bob] = box.listening.accounts;
		if (bob !== undefined) await evenkeel('keys rotate bybit', { key: bob });
		await engine.says('is not taken: it is of another account');
		await evenkeel('keys rotate bybit', { key: third });
		await engine.says(`key …${third.apiKey.slice(-4)} is in force from now on`);
	});

	test('it is killed from outside and begins anew', async () => {
		expect(await engine.ends('SIGKILL')).toBe('SIGKILL');
		keep('the first engine', engine.said);
		engine = new Running('run', '--json');
		await connect();
		await eventually('quotes', async () => ((await client.read('overview', {})).openOrders > 0 ? true : undefined), SLOW);
	});

	test('its key is refused: everything is stopped, and what was known is kept', async () => {
		await control(box, 'POST /v1/faults', { name: 'revoke-key', parameters: { reason: 'expired' } });
		await engine.says('what was known then is in');
		await Promise.all([
			...['status', 'alerts --json'].map((line) => evenkeel(`${line} --config evenkeel.yaml`)),
			evenkeel('kill --reason enough --config evenkeel.yaml', { codes: [0, 1] }),
			evenkeel('rearm --phrase nonsense --config evenkeel.yaml', { codes: [1, 2] }),
		]);
		expect([0, 1]).toContain(await engine.ends('SIGTERM'));
		await evenkeel('report --json --config evenkeel.yaml');
		expect(await sentinel.ends('SIGTERM')).toBe(0);
	});

	test('and nothing of that holds a secret', () => {
		keep('the second engine', engine.said);
		keep('the sentinel', sentinel.said);
		const files = filesIn(folder, [tokensPath('data')]);
		const places = files.map(({ place }) => place);
		// What is not there was not looked through.
		for (const part of [
			/journal\/.*\.journal$/,
			/evenkeel\.db$/,
			/signals\.db$/,
			/logs\//,
			/black-box\//,
			/audit\.log$/,
			/sentinel\//,
		]) {
			expect(places, `no file like ${part}`).toContainEqual(expect.stringMatching(part));
		}
		for (const name of ['keys/keystore.json', 'report.html', 'told']) expect(places).toContain(name);
		const log = files.filter(({ place }) => place.includes('logs/')).map(({ content }) => content.toString());
		for (const fact of ['"level":"debug"', '"msg":"wanted"', '"code":"killed"']) expect(log.join('')).toContain(fact);
		expect(canaries.leaksIn([...artefacts, ...files, ...listeners.heard])).toEqual([]);
	});
});
