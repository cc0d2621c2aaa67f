/** `evenkeel flatten` as a process: after a crash, against an exchange that goes on, and what it refuses. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type KillBox, startKillBox } from './kill-box.ts';
import { environmentOf, type Home, KilledEngine, writeSettings } from './kill-engine.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
let home: Home & { readonly box: KillBox };

beforeEach(async () => {
	const root = mkdtempSync(join(tmpdir(), 'evenkeel-flatten-'));
	home = { main: MAIN, root, box: await startKillBox(MAIN, ['--symbols', 'BTCUSDT,ETHUSDT']) };
	writeSettings(home, { reconcile: { reconcile_interval_s: 1 } });
});

afterEach(async () => {
	await home.box[Symbol.asyncDispose]();
	rmSync(home.root, { recursive: true, force: true });
});

function flatten(...args: readonly string[]) {
	return spawnSync(process.execPath, [MAIN, 'flatten', '--config', join(home.root, 'evenkeel.yaml'), ...args], {
		env: environmentOf(home),
		encoding: 'utf8',
		timeout: 90_000,
	});
}

const held = async () => (await home.box.positions()).filter(({ qtySigned }) => Number(qtySigned) !== 0);

test('after a crash all that is held is closed, and it says so', async () => {
	const engine = new KilledEngine(home);
	await expect.poll(async () => (await home.box.openOrders()).length, { timeout: 20_000, interval: 50 }).toBeGreaterThan(4);
	// A quote may be gone by the time that it is to be filled.
	const fillOne = async (): Promise<number> => {
		const [order] = await home.box.openOrders();
		const path = `/v1/accounts/${home.box.account.name}/orders/${order?.orderId}/fill`;
		await home.box.ask('POST', path, {}).catch(() => {});
		return (await held()).length;
	};
	await expect.poll(fillOne, { timeout: 20_000, interval: 50 }).toBeGreaterThan(0);
	await engine.kill();
	const { status, stderr, stdout } = flatten('--json', '--for', '60s');
	expect(status, stderr).toBe(0);
	expect([await held(), await home.box.openOrders()]).toEqual([[], []]);
	expect(stderr).toContain('closing positions in BTCUSDT, ETHUSDT on the exchange in a box');
	expect(stderr).toContain('is closed\n');
	expect(JSON.parse(stdout)).toMatchObject({ openOrdersAtExit: 0 });
});

test('what it cannot do it refuses, with exit code 2', () => {
	const unknown = flatten('DOGEUSDT');
	expect([unknown.status, unknown.stderr]).toEqual([
		2,
		'evenkeel: DOGEUSDT is not among the symbols of venues.bybit: BTCUSDT, ETHUSDT\n',
	]);
	writeFileSync(join(home.root, 'evenkeel.yaml'), 'venues: { bybit: { symbols: [BTCUSDT] } }');
	const own = flatten();
	expect(own.status).toBe(2);
	expect(own.stderr).toContain('there is nothing to close in an exchange that only begins now');
});
