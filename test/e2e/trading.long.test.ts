/** The trading desk as a person starts it: the example of the settings, a desk alone that somebody tells what to do, and the demonstration. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'src/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'evenkeel-trading-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const environment = { ...process.env, XDG_STATE_HOME: join(folder, 'state') };

async function evenkeel(...args: readonly string[]) {
	const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
	let [out, said] = ['', ''];
	child.stdout.on('data', (chunk: Buffer) => {
		out += chunk.toString();
	});
	child.stderr.on('data', (chunk: Buffer) => {
		said += chunk.toString();
	});
	const [code] = (await once(child, 'close')) as [number | null];
	return { code, said, lastLine: out.trimEnd().split('\n').at(-1) ?? '' };
}

interface Report {
	readonly openOrdersAtExit: number;
	readonly inventory: Readonly<Record<string, string>>;
	readonly fills: number;
}

test('the example trades beside its quotes, leaves nothing, and every symbol can be looked at', { timeout: 90_000 }, async () => {
	const config = join(ROOT, 'examples/config/trading.yaml');
	// At least one turn of what is due every ten seconds.
	const { code, said, lastLine } = await evenkeel('run', '--config', config, '--for', '12s', '--seed', '3', '--json');
	expect(code, said).toBe(0);
	const report = JSON.parse(lastLine) as Report;
	expect(report.openOrdersAtExit).toBe(0);
	expect(Object.keys(report.inventory)).toHaveLength(5);
	expect(said).not.toMatch(/could not look at|is not kept|let a turn go by/);
});

const ALONE = {
	mode: 'sim',
	venues: { bybit: { symbols: ['BTCUSDT', 'ETHUSDT'] } },
	storage: { folder: 'data' },
	telemetry: { metrics_port: 0 },
	trading: {
		workflows: [
			{
				...{ name: 'obedient', symbols: ['BTCUSDT', 'ETHUSDT'], source: 'hand', size: { amount: 300 }, every: 1 },
				exit: { after: 1 },
			},
		],
	},
};

test('alone, it does what a signal from outside says, and says what it has decided', { timeout: 90_000 }, async () => {
	const config = join(folder, 'alone.yaml');
	writeFileSync(config, JSON.stringify(ALONE));
	for (const [symbol, type] of [
		['BTCUSDT', 'BUY'],
		['ETHUSDT', 'SELL'],
	] as const) {
		const args = ['signals', 'create', symbol, type, '--source', 'hand', '--config', config];
		const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], { env: environment, encoding: 'utf8' });
		expect(status, stderr).toBe(0);
	}
	const { code, said, lastLine } = await evenkeel('run', '--config', config, '--for', '8s', '--json');
	expect(code, said).toBe(0);
	expect(said).toMatch(/obedient: BUY BTCUSDT, signal 1\.00, sure by 1\.00: the signal is at or above .*; order filled, \d+ ms/);
	expect(said).toMatch(/obedient: SELL ETHUSDT, signal -1\.00, .*; order filled, \d+ ms/);
	const report = JSON.parse(lastLine) as Report;
	expect(report.openOrdersAtExit).toBe(0);
	// In and out again, each symbol at least once.
	expect(report.fills).toBeGreaterThanOrEqual(4);
});

test('the demonstration of speed ends with its ratios', { timeout: 180_000 }, async () => {
	const { code, said, lastLine } = await evenkeel('demo', 'speed', '--symbols', '5', '--latency', '20ms', '--json');
	expect(code, said).toBe(0);
	const { symbols, roundTripMs, ratios } = JSON.parse(lastLine) as {
		readonly symbols: number;
		readonly roundTripMs: number;
		readonly ratios: Readonly<Record<string, number | null>>;
	};
	expect({ symbols, roundTripMs }).toEqual({ symbols: 5, roundTripMs: 20 });
	expect(Object.keys(ratios)).toEqual(['workflow', 'reads', 'portfolio', 'pooling', 'batching', 'retry']);
	for (const row of ['workflow', 'reads', 'portfolio', 'pooling']) expect(ratios[row], row).toBeGreaterThan(1);
	expect(said).toContain('measuring retry (6 of 6)');
});
