/** A small measurement from end to end, as a process: what it counts is what was asked, and nothing of it stays behind. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TickSpeed } from '../app/speed/tick-tally.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const STOPPING = '\nstopping: cancelling all orders (once more to stop at once)\n';
let folder = '';
let child: ChildProcessWithoutNullStreams | undefined;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-test-'));
});
afterEach(() => {
	child?.kill('SIGKILL');
	rmSync(folder, { recursive: true });
});

function start(...flags: readonly string[]) {
	// What somebody has set for boxes of his own would make each tick last seconds.
	const env = { ...process.env, EVENKEEL_BOX__RATE_LIMIT_FACTOR: '0.1', EVENKEEL_BOX__LATENCY: '900ms' };
	const started = spawn(process.execPath, [MAIN, 'bench', '--folder', folder, ...flags], { env });
	child = started;
	const said = { stdout: '', stderr: '' };
	started.stdout.on('data', (chunk: Buffer) => void (said.stdout += chunk.toString()));
	started.stderr.on('data', (chunk: Buffer) => void (said.stderr += chunk.toString()));
	return { started, said, ended: once(started, 'close').then(([code]) => code as number | null) };
}

describe.each(['ws', 'rest'])('over %s', (road) => {
	test('as many ticks as asked, in as few calls as the venue allows, none faster than a round trip', async () => {
		const asked = { symbols: 4, levels: 5, roundTripMs: 10, road, folder, isInMemory: false };
		const { said, ended } = start(
			'--symbols',
			'4',
			'--levels',
			'5',
			'--round-trip',
			'10',
			'--ticks',
			'5',
			'--road',
			road,
			'--json',
		);
		expect([await ended, said.stderr]).toEqual([0, 'measuring 5 ticks\n']);
		const told = JSON.parse(said.stdout) as TickSpeed;
		expect(told).toMatchObject({ ...asked, ticks: 5, commandsPerTick: 80, callsPerTick: 4, sentOver: [`${road}-batch`] });
		expect(told.bareMs.p50).toBeGreaterThanOrEqual(10);
		expect(told.tickMs.p50).toBeGreaterThanOrEqual(10);
		expect(told.tickInRoundTrips.p50).toBeCloseTo(told.tickMs.p50 / told.bareMs.p50, 10);
		// It was written to the disk, and computing was needed for it.
		expect(told.journalMs.p50).toBeGreaterThan(0);
		expect(told.cpuMsPerTick.p50).toBeGreaterThan(0);
		expect(readdirSync(folder)).toEqual([]);
	});
});

test('Ctrl-C ends it with what was measured so far', async () => {
	const { started, said, ended } = start('--symbols', '1', '--levels', '1', '--round-trip', '0', '--ticks', '100000');
	while (!said.stderr.includes('measuring')) await Promise.race([once(started.stderr, 'data'), ended]);
	started.kill('SIGINT');
	expect(await ended).toBe(130);
	expect(said.stdout).toMatch(/^([2-9]|\d{2,}) ticks of 1 symbol x \(2 cancels \+ 2 creates\)|^1 tick of/);
	expect(said.stderr).toBe(`measuring 100000 ticks\n${STOPPING}`);
	expect(readdirSync(folder)).toEqual([]);
});

test('Ctrl-C again ends it at once, and nothing of it stays either', async () => {
	const { started, said, ended } = start('--symbols', '1', '--levels', '1', '--round-trip', '1000');
	while (readdirSync(folder, { recursive: true }).length < 2) await setTimeout(20);
	const pressing = setInterval(() => started.kill('SIGINT'), 50);
	expect(await ended).toBe(130);
	clearInterval(pressing);
	expect(said).toEqual({ stdout: '', stderr: STOPPING });
	expect(readdirSync(folder)).toEqual([]);
});

test.runIf(process.platform === 'linux')('says that its folder is in memory', async () => {
	const { said, ended } = start(
		...['--symbols', '1', '--levels', '1', '--round-trip', '0'],
		'--ticks',
		'1',
		'--folder',
		'/dev/shm',
	);
	expect(await ended).toBe(0);
	expect(said.stdout).toContain('below /dev/shm, which is memory and not a disk');
});
