/**
 * Commands against an engine that runs, all of them processes of their own, as on somebody's machine: what they print,
 * how they end, and that the engine does what they say.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openClient } from '../api/client.ts';
import type { QueryAnswer } from '../app/console/contract.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const REARM = 'I know why it stopped';

let folder: string;
let engine: ChildProcess;
let ended: Promise<number | null>;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-running-'));
	writeFileSync(settings(), 'storage: { folder: data }\napi: { port: 0 }\ntelemetry: { metrics_port: 0 }\n');
	engine = spawn(process.execPath, [MAIN, 'run', '--seed', '7', '--config', settings()], { env: environment() });
	ended = once(engine, 'close').then(([code]) => code as number | null);
	let said = '';
	while (!said.includes('dashboard: ')) {
		const [text] = (await Promise.race([once(engine.stderr ?? engine, 'data'), ended.then(() => [undefined])])) as [Buffer?];
		if (text === undefined) throw new Error(`it ended before it could be asked: ${said}`);
		said += text.toString();
	}
}, 60_000);

afterAll(async () => {
	engine.kill('SIGKILL');
	await ended;
	rmSync(folder, { recursive: true });
});

function settings(): string {
	return join(folder, 'evenkeel.yaml');
}

function environment(): NodeJS.ProcessEnv {
	return { ...process.env, XDG_STATE_HOME: folder };
}

/** The matcher alone is typed as anything at all. */
function containing(text: string): unknown {
	return expect.stringContaining(text);
}

interface Ended {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

function evenkeel(...args: readonly string[]): Promise<Ended> {
	return started(...args).ended;
}

function started(...args: readonly string[]) {
	const { promise: ended, resolve } = Promise.withResolvers<Ended>();
	const { promise: spoken, resolve: speak } = Promise.withResolvers<undefined>();
	const options = { env: environment(), maxBuffer: 2 ** 26 };
	const child = execFile(process.execPath, [MAIN, ...args, '--config', settings()], options, (error, stdout, stderr) => {
		resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
	});
	child.stdout?.once('data', () => speak(undefined));
	return { ended, spoken };
}

async function json<Answer>(...args: readonly string[]): Promise<Answer> {
	const { code, stdout, stderr } = await evenkeel(...args, '--json');
	expect(code, stderr).toBe(0);
	return JSON.parse(stdout) as Answer;
}

interface Status {
	readonly overview: QueryAnswer<'overview'>;
	readonly symbols: QueryAnswer<'symbols'>['symbols'];
}

/** Asks until it is so, past the command line: what was asked for takes its time at the venue. */
async function statusOnce(isSo: (status: Status) => boolean): Promise<Status> {
	const opened = await openClient(join(folder, 'data'));
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	const { client } = opened;
	for (let tries = 0; tries < 400; tries += 1) {
		const [overview, { symbols }] = await Promise.all([client.read('overview', {}), client.read('symbols', {})]);
		if (isSo({ overview, symbols })) return { overview, symbols };
		await setTimeout(100);
	}
	throw new Error('it does not come about');
}

describe('an engine that runs', { timeout: 60_000 }, () => {
	test('is looked at as text, as JSON and as it changes', async () => {
		await statusOnce((status) => status.overview.openOrders > 0);
		const [text, { overview, symbols }, watched, link] = await Promise.all([
			evenkeel('status'),
			json<Status>('status'),
			evenkeel('status', '--watch', '--for', '1500ms', '--json'),
			evenkeel('dashboard'),
		]);
		expect(text).toMatchObject({ code: 0, stderr: '' });
		expect(text.stdout).toMatch(/^sim .*\n/);
		expect(text.stdout).toContain('BTCUSDT');
		expect(overview.profit.currency).toBe('USDT');
		expect(symbols.map(({ name }) => name)).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT']);
		expect(watched.code).toBe(0);
		const [first = ''] = watched.stdout.split('\n');
		expect(Object.keys(JSON.parse(first) as object)).toEqual(['overview', 'symbols']);
		expect(link.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#code=[\w-]+\n$/);
	});

	test('pauses one symbol and resumes it', async () => {
		const paused = await evenkeel('pause', 'BTCUSDT', '--reason', 'a test');
		expect(paused).toMatchObject({ code: 0, stderr: '', stdout: containing('BTCUSDT') });
		const { symbols } = await statusOnce((status) => status.symbols[0]?.openOrders === 0);
		expect(symbols[0]?.buy).toEqual({ isQuoting: false, why: containing('a test') });
		expect(await evenkeel('orders', 'BTCUSDT')).toMatchObject({ code: 0, stdout: 'no orders\n' });
		const { orders } = await json<QueryAnswer<'orders'>>('orders', '--side', 'sell', '--limit', '2');
		expect(orders.map(({ side, symbol }) => ({ side, isOther: symbol !== 'BTCUSDT' }))).toEqual([
			{ side: 'sell', isOther: true },
			{ side: 'sell', isOther: true },
		]);
		expect(await evenkeel('resume', 'BTCUSDT')).toMatchObject({ code: 0 });
		await statusOnce((status) => (status.symbols[0]?.openOrders ?? 0) > 0);
	});

	test('cancels, lists and changes', async () => {
		const [cancelled, fills, alerts, set] = await Promise.all([
			json<{ kind: string }>('cancel-all', 'ETHUSDT'),
			json<QueryAnswer<'fills'>>('fills'),
			evenkeel('alerts'),
			evenkeel('set', 'strategy.min_time_in_book_ms=900'),
		]);
		expect(cancelled.kind).toBe('done');
		expect(fills.total).toBeGreaterThanOrEqual(fills.fills.length);
		expect(alerts.stdout).toContain('a test');
		expect(set).toMatchObject({ code: 0, stdout: containing('min_time_in_book_ms') });
	});

	test('is killed, stays killed until the phrase is typed, and quotes again', async () => {
		expect(await evenkeel('kill', '--reason', 'it is enough')).toMatchObject({ code: 0 });
		const { symbols } = await statusOnce(({ overview }) => overview.level === 'kill' && overview.openOrders === 0);
		expect(symbols[0]?.sell.why).toContain('it is enough');
		const [refused, told] = await Promise.all([evenkeel('resume'), evenkeel('resume', '--json')]);
		expect(refused).toMatchObject({ code: 1, stdout: '' });
		expect(told).toMatchObject({ code: 1, stderr: '', stdout: containing('"kind":"refused"') });
		expect(await evenkeel('rearm', '--phrase', 'please')).toMatchObject({ code: 2, stderr: containing(REARM) });
		// It opens again for nobody before it was compared with the venue.
		expect(await evenkeel('compare')).toMatchObject({ code: 0 });
		await statusOnce(({ overview }) => !overview.isComparing);
		const rearmed = await evenkeel('rearm', '--phrase', REARM);
		expect(rearmed).toMatchObject({ code: 0, stdout: containing('it is enough'), stderr: '' });
		await statusOnce(({ overview }) => overview.level === 'run' && overview.openOrders > 0);
		expect(await evenkeel('rearm', '--phrase', REARM)).toMatchObject({
			code: 0,
			stdout: containing('nothing is shut'),
		});
	});

	test('closes what it holds, after it has shown what that is', async () => {
		const preview = await json<{ closing: readonly object[] }>('flatten', '--preview');
		expect(preview.closing).toBeInstanceOf(Array);
		const { held } = await json<{ held: readonly object[] }>('flatten', '--for', '20s');
		expect(held).toEqual([]);
		const { overview, symbols } = await json<Status>('status');
		expect(overview).toMatchObject({ isFlattening: false, openOrders: 0 });
		expect(symbols.map(({ position }) => Number(position))).toEqual([0, 0, 0, 0]);
	});

	test.each([
		['an unknown symbol', ['pause', 'NOPE'], 1, 'NOPE is not among the symbols here: BTCUSDT, '],
		['no reason', ['kill'], 2, "required option '--reason <text>' not specified"],
		['a setting that is none', ['set', 'strategy.nonsense=1'], 1, 'strategy.nonsense'],
	])('a command says what it cannot do: %s', async (_what, args, code, says) => {
		const told = await evenkeel(...args);
		expect(told).toMatchObject({ code, stdout: '' });
		expect(told.stderr).toContain(says);
	});

	test('an end of the engine ends a watch, and is told', async () => {
		const watching = started('status', '--watch', '--json');
		await Promise.race([watching.spoken, watching.ended]);
		engine.kill('SIGINT');
		expect(await ended).toBe(0);
		expect(await watching.ended).toMatchObject({ code: 1, stderr: 'evenkeel: the engine has ended\n' });
		const none = await evenkeel('status');
		expect(none).toMatchObject({ code: 1, stdout: '' });
		expect(none.stderr).toMatch(/^evenkeel: no engine runs on the folder .*\n$/);
		expect(await evenkeel('flatten', '--preview')).toMatchObject({ code: 2 });
	});
});
