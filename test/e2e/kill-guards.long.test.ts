/**
 * What keeps an engine from doing harm when it is started once too often, on files that are broken, or with a bug in it:
 * real processes, real files, and the exchange says what is left of their orders.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type KillBox, startKillBox } from './kill-box.ts';
import { dataFolder, environmentOf, type Home, KilledEngine, writeSettings } from './kill-engine.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const PATIENT = { timeout: 40_000, interval: 50 };

let home: Home & { readonly box: KillBox };
const engines: KilledEngine[] = [];

beforeEach(async () => {
	const root = mkdtempSync(join(tmpdir(), 'evenkeel-guards-'));
	home = { main: MAIN, root, box: await startKillBox(MAIN, ['--symbols', 'BTCUSDT,ETHUSDT']) };
	writeSettings(home);
});

afterEach(async () => {
	for (const engine of engines.splice(0)) await engine.kill();
	await home.box[Symbol.asyncDispose]();
	rmSync(home.root, { recursive: true, force: true });
});

function start(...more: ConstructorParameters<typeof KilledEngine> extends [Home, ...infer Rest] ? Rest : never): KilledEngine {
	const engine = new KilledEngine(home, ...more);
	engines.push(engine);
	return engine;
}

async function openCount(): Promise<number> {
	return (await home.box.openOrders()).length;
}

/** Until it has orders of its own open. */
async function quoting(...more: Parameters<typeof start>): Promise<KilledEngine> {
	const engine = start(...more);
	const before = new Set((await home.box.openOrders()).map(({ clientOrderId }) => clientOrderId));
	const isQuoting = async (): Promise<boolean> => {
		return (
			engine.child.exitCode !== null || (await home.box.openOrders()).some(({ clientOrderId }) => !before.has(clientOrderId))
		);
	};
	await expect.poll(isQuoting, PATIENT).toBe(true);
	expect(engine.child.exitCode, engine.said).toBeNull();
	return engine;
}

/** The earliest from which anybody asked for executions, as far as the exchange remembers. */
async function executionsSinceMs(): Promise<number> {
	const wire = JSON.stringify(await home.box.ask('GET', '/v1/tap?limit=2000'));
	return Math.min(...[...wire.matchAll(/execution\/list[^{}]*startTime=(\d+)/g)].map(([, ms]) => Number(ms)));
}

/** What it says, and the exit code. */
function rearm(...args: readonly string[]): string {
	const config = join(home.root, 'evenkeel.yaml');
	const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'rearm', '--config', config, ...args], {
		env: environmentOf(home),
		encoding: 'utf8',
		input: '',
	});
	return `${stdout}${stderr}${status}`;
}

test('a second engine is refused by name of the first, be it in the same folder or in another for the same account', async () => {
	const first = await quoting();
	writeSettings(home, { storage: { folder: 'other' } }, 'other.yaml');
	const second = start({ file: 'other.yaml' });
	expect(await second.ended).toBe(2);
	const by = `process ${first.child.pid} with the folder ${dataFolder(home)}, since`;
	expect(second.said).toContain('this account at http://127.0.0.1:');
	expect(second.said).toContain(`is traded already, by ${by}`);
	expect(second.said).toContain('stop that one first');
	const third = start();
	expect(await third.ended).toBe(2);
	expect(third.said).toContain(`by ${by}`);
	// The first goes on; on a busy machine it may have paused for a moment.
	await expect.poll(openCount, PATIENT).toBeGreaterThan(0);
	expect(await first.stop()).toBe(0);
	expect(await openCount()).toBe(0);
});

test('a crash loop ends in a start that only cancels, until a person re-arms (F77)', { timeout: 120_000 }, async () => {
	writeSettings(home, { crash_loop: { max_crashes: 2 } });
	for (let crash = 0; crash < 2; crash += 1) await (await quoting()).kill();
	expect(await openCount()).toBeGreaterThan(0);
	const shut = start();
	const why = 'because 2 runs ended without a good-bye within 10 min; when that is understood, stop this and run: evenkeel rearm';
	await expect.poll(() => shut.said, PATIENT).toContain(why);
	await expect.poll(openCount, PATIENT).toBe(0);
	expect(await shut.stop()).toBe(0);
	// Without a good-bye of its own it is shut again all the same.
	await start().kill();
	expect(rearm('--phrase', 'never mind')).toMatch(/nothing has changed\n2$/);
	// Nobody is there to type.
	expect(rearm()).toMatch(/^everything is stopped since[^]*nothing has changed\n2$/);
	expect(rearm('--phrase', 'I know why it stopped')).toMatch(/taken back: .*\n0$/);
	expect(await (await quoting()).stop()).toBe(0);
});

test('what was left on a symbol that the settings no longer name is cancelled, and nothing new is quoted there', {
	timeout: 120_000,
}, async () => {
	const symbolsOpen = async (): Promise<readonly string[]> => {
		return [...new Set((await home.box.openOrders()).map(({ symbol }) => symbol))].sort();
	};
	const crashed = await quoting();
	await expect.poll(symbolsOpen, PATIENT).toEqual(['BTCUSDT', 'ETHUSDT']);
	await crashed.kill();
	const { rest } = home.box.listening.bybit;
	writeSettings(home, { venues: { bybit: { symbols: ['BTCUSDT'], urls: { rest } } } });
	const engine = start();
	// What was filled and perhaps not written down any more is asked for (BOOT8).
	await expect.poll(executionsSinceMs, PATIENT).toBeLessThan(Date.now() - 9 * 60_000);
	await expect.poll(symbolsOpen, PATIENT).toEqual(['BTCUSDT']);
	expect(engine.said).toContain('the last run was of other settings (');
	expect(await engine.stop()).toBe(0);
});

/** Zeros behind what was written are room for more. */
function writtenOf(bytes: Buffer): number {
	return bytes.findLastIndex((byte) => byte !== 0) + 1;
}

test('a damaged journal starts shut: what is left of ours is cancelled, and it says why (F71)', {
	timeout: 120_000,
}, async () => {
	const crashed = await quoting();
	const path = join(dataFolder(home), 'journal', '00000001.journal');
	await expect.poll(() => writtenOf(readFileSync(path)), PATIENT).toBeGreaterThan(20_000);
	await expect.poll(openCount, PATIENT).toBeGreaterThan(0);
	await crashed.kill();
	expect(await openCount()).toBeGreaterThan(0);
	const bytes = readFileSync(path);
	// In the middle, with whole writes behind it.
	const at = writtenOf(bytes) >> 1;
	bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
	writeFileSync(path, bytes);
	const shut = start();
	await expect.poll(openCount, PATIENT).toBe(0);
	expect(shut.said).toContain(
		`because the journal is damaged, and what it lacks may be open at the venue: ${path} is damaged behind`,
	);
	expect(await shut.stop()).toBe(0);
});

test('an error that nobody caught cancels what it can, and ends with exit code 1 and a trace (F73)', {
	timeout: 120_000,
}, async () => {
	const bug = 'process.on("SIGUSR2", () => { throw new Error("planted") })';
	const broken = await quoting({ nodeOptions: `--import=data:text/javascript,${encodeURIComponent(bug)}` });
	broken.child.kill('SIGUSR2');
	expect(await broken.ended).toBe(1);
	expect(broken.said).toContain('a bug of ours: Error: planted');
	expect(await openCount()).toBe(0);
	// That was a crash: it did not say good-bye.
	const next = await quoting();
	expect(next.said).toContain('ended without a good-bye');
	expect(await next.stop()).toBe(0);
});
