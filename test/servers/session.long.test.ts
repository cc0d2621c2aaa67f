/** A whole session that writes time series and its latest state, while both servers are killed and come back. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from 'redis';
import { expect, onTestFinished } from 'vitest';
import { INFLUX, REDIS, redisWith, ServerProcess, testWith } from './server-process.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const SESSION_S = 12;

function settingsWith(influx: ServerProcess, redis: ServerProcess): string {
	const folder = mkdtempSync(join(tmpdir(), 'evenkeel-outlets-'));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, 'evenkeel.yaml');
	writeFileSync(
		path,
		`mode: sim
telemetry: { metrics_port: 0 }
venues: { bybit: { symbols: [BTCUSDT] } }
strategies: [{ name: one, venue: bybit, params: { levels: { count: 2 } } }]
influxdb: { url: '${influx.url}', flush_interval: 0.5, prices_interval: 0.2 }
redis: { url: 'redis://127.0.0.1:${redis.port}', password_env: REDIS_PASSWORD, state_interval: 0.1 }
`,
	);
	return path;
}

async function count(server: ServerProcess, statement: string): Promise<number> {
	const body = new URLSearchParams({ q: statement, db: 'evenkeel' });
	const answer = (await (await fetch(`${server.url}/query`, { method: 'POST', body })).json()) as {
		results: { series?: { values: [string, number][] }[] }[];
	};
	return answer.results[0]?.series?.[0]?.values[0]?.[1] ?? 0;
}

testWith(INFLUX, REDIS)(
	'a session goes on without InfluxDB and Redis, and tells them everything when they are back',
	async () => {
		await using influx = await ServerProcess.start(INFLUX);
		await using redis = await ServerProcess.start(redisWith('secret'));
		await count(influx, 'CREATE DATABASE evenkeel');
		const args = ['run', '--config', settingsWith(influx, redis), '--for', `${SESSION_S}s`, '--seed', '7', '--json'];
		const child = spawn(process.execPath, [MAIN, ...args], {
			stdio: ['ignore', 'pipe', 'pipe'],
			env: { ...process.env, REDIS_PASSWORD: 'secret' },
		});
		onTestFinished(() => void child.kill('SIGKILL'));
		let [stdout, stderr] = ['', ''];
		child.stdout.on('data', (text: Buffer) => {
			stdout += text.toString();
		});
		child.stderr.on('data', (text: Buffer) => {
			stderr += text.toString();
		});
		const closed = once(child, 'close');
		while (!stderr.includes('quoting')) await Promise.race([once(child.stderr, 'data'), closed]);
		await sleep(3_000);
		await Promise.all([influx.kill(), redis.kill()]);
		await sleep(3_000);
		await Promise.all([influx.start(), redis.start()]);
		await sleep(4_000);
		const reader = createClient({ url: `redis://127.0.0.1:${redis.port}`, password: 'secret' }).on('error', () => {});
		await reader.connect();
		const state = JSON.parse((await reader.get('evenkeel:state:box:bybit:BTCUSDT')) ?? '{}') as Record<string, unknown>;
		reader.destroy();
		expect(state).toMatchObject({ venue: 'bybit', symbol: 'BTCUSDT' });
		expect(['bid', 'position'].map((name) => typeof state[name])).toEqual(['number', 'string']);
		const [code] = (await closed) as [number];
		expect([code, stderr]).toEqual([0, expect.stringMatching(/InfluxDB at .* takes points again/)]);
		expect(stderr).toMatch(/Redis at .* is away[^]*Redis at .* is back/);
		const { fills } = JSON.parse(stdout) as { fills: number };
		// Twice a second and more, over the whole session: what was told while it was away is there as well.
		const [prices, ticks, pnl, trades, orders] = await Promise.all(
			[
				['mid', 'prices'],
				['ticks', 'ticks'],
				['equity', 'pnl'],
				['qty', 'trades'],
				['qty', 'orders'],
			].map(([field, measurement]) => count(influx, `SELECT count(${field}) FROM ${measurement}`)),
		);
		for (const told of [prices, ticks, pnl]) expect(told).toBeGreaterThan((SESSION_S - 1) / 0.2 / 1.5);
		expect([trades, orders! > 0]).toEqual([fills, true]);
	},
);
