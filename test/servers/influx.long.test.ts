/**
 * The writer against real databases that are killed and come back. How long the outage is can be said:
 * `EVENKEEL_TEST_OUTAGE_S=60 npm test -- --suite servers`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished } from 'vitest';
import { systemClock } from '../../src/network/system-clock.ts';
import type { InfluxTarget } from '../../src/storage/influx/influx-target.ts';
import { InfluxWriter, type InfluxWriterOptions } from '../../src/storage/influx/influx-writer.ts';
import { INFLUX, ServerProcess, testWith, VICTORIA } from './server-process.ts';

const OUTAGE_S = Number(process.env['EVENKEEL_TEST_OUTAGE_S'] ?? 10);
const POINTS_PER_S = 2_000;
const SERIES = 20;
const CHILD = fileURLToPath(new URL('./influx-child.ts', import.meta.url));
const DATABASE = 'evenkeel';

let folder: string;
let said: string[];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-influx-'));
	said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function writerTo(target: Pick<InfluxTarget, 'url' | 'api'>, options: Partial<InfluxWriterOptions> = {}): InfluxWriter {
	return new InfluxWriter({
		clock: systemClock(),
		target: { database: DATABASE, org: 'o', ...target },
		batchSize: 1_000,
		flushMs: 500,
		spillFolder: join(folder, 'spill'),
		spillBytesMax: 1e9,
		onSay: (sentence) => said.push(sentence),
		...options,
	});
}

async function query(server: ServerProcess, statement: string): Promise<readonly (readonly unknown[])[]> {
	const body = new URLSearchParams({ q: statement, db: DATABASE, epoch: 'ns' });
	const answer = await fetch(`${server.url}/query`, { method: 'POST', body });
	const parsed = (await answer.json()) as { results: { series?: { values: unknown[][] }[]; error?: string }[] };
	const [result] = parsed.results;
	if (result?.error !== undefined) throw new Error(result.error);
	return (result?.series ?? []).flatMap(({ values }) => values);
}

/** Writes so many points a second, numbered, several of a series within a millisecond, until it is told to stop. */
function pouring(number: { next: number }, writer: () => InfluxWriter): { stop(): Promise<void> } {
	let isOver = false;
	const shapes = new WeakMap<InfluxWriter, ReturnType<InfluxWriter['series']>[]>();
	const run = async (): Promise<void> => {
		let dueAtMs = performance.now();
		while (!isOver) {
			await sleep(20);
			const to = writer();
			let series = shapes.get(to);
			if (series === undefined) {
				series = Array.from({ length: SERIES }, (_, i) =>
					to.series({ measurement: 'm', tags: { s: `s${i}` }, fields: ['n', 'twice'] }),
				);
				shapes.set(to, series);
			}
			for (; dueAtMs < performance.now(); dueAtMs += 1_000 / POINTS_PER_S) {
				series[number.next % SERIES]?.write(Date.now(), number.next, 2 * number.next);
				number.next += 1;
			}
		}
	};
	const running = run();
	return {
		stop: async () => {
			isOver = true;
			await running;
		},
	};
}

async function until(condition: () => boolean, withinMs: number): Promise<void> {
	const deadlineMs = performance.now() + withinMs;
	while (!condition() && performance.now() < deadlineMs) await sleep(50);
}

/** Every number from 0 on is there, in the field that it was written to, and none is there twice. */
async function expectAll(server: ServerProcess, count: number): Promise<void> {
	const rows = await query(server, 'SELECT n, twice FROM m');
	const numbers = rows.map(([, n]) => Number(n)).sort((a, b) => a - b);
	expect(numbers.length).toBe(count);
	expect(numbers.findIndex((n, index) => n !== index)).toBe(-1);
	expect(rows.every(([, n, twice]) => twice === 2 * Number(n))).toBe(true);
}

describe('InfluxDB', () => {
	const testInflux = testWith(INFLUX);

	testInflux(
		`has every point once after it was killed and away for ${OUTAGE_S} s, and killed again while it catches up`,
		async () => {
			await using server = await ServerProcess.start(INFLUX);
			await query(server, `CREATE DATABASE ${DATABASE}`);
			await using writer = writerTo({ url: server.url, api: 'v1' });
			const number = { next: 0 };
			const pour = pouring(number, () => writer);
			await sleep(2_000);
			await server.kill();
			await sleep(OUTAGE_S * 1_000);
			expect(writer.figures).toMatchObject({ isAway: true, lostCount: 0 });
			// Of what is kept, hardly anything is in memory.
			expect(writer.figures.waitingCount).toBeLessThan(3 * POINTS_PER_S);
			await server.start();
			await until(() => !writer.figures.isAway, 15_000);
			await server.kill();
			await sleep(1_000);
			await server.start();
			await until(() => !writer.figures.isAway, 15_000);
			await sleep(1_000);
			await pour.stop();
			await until(() => writer.figures.writtenCount >= number.next && writer.figures.spillBytes === 0, 30_000);
			expect(writer.figures).toMatchObject({
				lostCount: 0,
				refusedCount: 0,
				unfitCount: 0,
				waitingCount: 0,
				spillBytes: 0,
				isAway: false,
			});
			await expectAll(server, number.next);
			expect(number.next).toBeGreaterThan((OUTAGE_S + 4) * POINTS_PER_S * 0.9);
			expect(said[0]).toMatch(/^InfluxDB at .* does not take points, which are kept until it does: /);
			expect(said.at(-1)).toMatch(/takes points again, what was kept follows$/);
		},
	);

	testInflux('that hangs and is away when we end has every point after our next run', async () => {
		await using server = await ServerProcess.start(INFLUX);
		await query(server, `CREATE DATABASE ${DATABASE}`);
		const number = { next: 0 };
		{
			await using writer = writerTo({ url: server.url, api: 'v1' });
			const pour = pouring(number, () => writer);
			await sleep(1_000);
			server.freeze();
			await sleep(7_000);
			await pour.stop();
		}
		server.thaw();
		await using writer = writerTo({ url: server.url, api: 'v1' });
		const pour = pouring(number, () => writer);
		await sleep(1_000);
		await pour.stop();
		await writer[Symbol.asyncDispose]();
		expect(writer.figures).toMatchObject({ lostCount: 0, spillBytes: 0, waitingCount: 0 });
		await expectAll(server, number.next);
	});

	testInflux('has what we had, but for the last moment, when we are killed while it is away', async () => {
		await using server = await ServerProcess.start(INFLUX);
		await query(server, `CREATE DATABASE ${DATABASE}`);
		const spillFolder = join(folder, 'spill');
		const child = spawn(process.execPath, [CHILD, server.url, spillFolder], { stdio: ['ignore', 'pipe', 'inherit'] });
		onTestFinished(() => void child.kill('SIGKILL'));
		let made = 0;
		child.stdout.on('data', (text: Buffer) => {
			made = Number(text.toString().trimEnd().split('\n').at(-1));
		});
		await until(() => made > 3_000, 10_000);
		await server.kill();
		await sleep(4_000);
		child.kill('SIGKILL');
		await once(child, 'close');
		await server.start();
		await using writer = writerTo({ url: server.url, api: 'v1' });
		await until(() => writer.figures.writtenCount > 0 && writer.figures.spillBytes === 0, 15_000);
		const [[, count] = []] = await query(server, 'SELECT count(n) FROM m');
		// Half a second of points waits for others, and another one may have been on its way to the disk.
		expect(Number(count)).toBeGreaterThan(made - 1.5 * POINTS_PER_S);
		await expectAll(server, Number(count));
	});

	testInflux('takes the good points of a batch in which a field has changed its type, and the rest is counted', async () => {
		await using server = await ServerProcess.start(INFLUX);
		await query(server, `CREATE DATABASE ${DATABASE}`);
		await using writer = writerTo({ url: server.url, api: 'v1' });
		const at = (f: number | string, n: number) => ({ measurement: 'm', tags: { n: `${n}` }, fields: { f }, atMs: Date.now() });
		writer.writePoint(at(1, 0));
		await until(() => writer.figures.writtenCount === 1, 5_000);
		writer.writePoints([at(2, 1), at('text', 2), at(3, 3), at('text', 4)]);
		await until(() => writer.figures.refusedCount > 0, 5_000);
		await sleep(1_500);
		expect(writer.figures).toMatchObject({ writtenCount: 3, refusedCount: 2, isAway: false });
		expect((await query(server, 'SELECT f FROM m')).map(([, f]) => f)).toEqual([1, 2, 3]);
		await writer[Symbol.asyncDispose]();
		expect(said).toEqual([
			expect.stringMatching(/refuses points for good, .*field type conflict/),
			'3 points were written to InfluxDB, 0 were lost, 2 refused',
		]);
	});

	testInflux('without the database gets its points once somebody has made it, and says so', async () => {
		await using server = await ServerProcess.start(INFLUX);
		await using writer = writerTo({ url: server.url, api: 'v1' });
		writer.writePoint({ measurement: 'm', tags: {}, fields: { n: 0, twice: 0 }, atMs: Date.now() });
		await until(() => said.length > 0, 5_000);
		expect(said[0]).toMatch(/404 .*make the database 'evenkeel'/);
		await query(server, `CREATE DATABASE ${DATABASE}`);
		// It is not asked again for a while; what is kept goes with the next run.
		await writer[Symbol.asyncDispose]();
		await using next = writerTo({ url: server.url, api: 'v1' });
		await until(() => next.figures.writtenCount === 1, 5_000);
		await expectAll(server, 1);
	});
});

describe('VictoriaMetrics', () => {
	const testVictoria = testWith(VICTORIA);

	for (const api of ['v1', 'v2'] as const) {
		testVictoria(`takes points over the ${api} API, also after it was away`, async () => {
			await using server = await ServerProcess.start(VICTORIA);
			await using writer = writerTo({ url: server.url, api });
			const point = (n: number) => ({ measurement: 'm', tags: { n: `${n}` }, fields: { f: n }, atMs: Date.now() });
			for (let n = 0; n < 500; n += 1) writer.writePoint(point(n));
			await until(() => writer.figures.writtenCount === 500, 5_000);
			// Killed, it would lose what it says it has taken within its last seconds, and nobody who writes could know.
			await server.stop();
			for (let n = 500; n < 1_000; n += 1) writer.writePoint(point(n));
			await until(() => writer.figures.isAway, 5_000);
			await server.start();
			await until(() => writer.figures.writtenCount === 1_000, 15_000);
			const seen = await exported(server, 1_000);
			expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
		});
	}
});

async function exported(server: ServerProcess, count: number): Promise<number[]> {
	const deadlineMs = performance.now() + 10_000;
	for (;;) {
		await fetch(`${server.url}/internal/force_flush`);
		const answer = await fetch(`${server.url}/api/v1/export?match[]=m_f`);
		const lines = (await answer.text()).split('\n').filter((line) => line !== '');
		const values = lines.flatMap((line) => (JSON.parse(line) as { values: number[] }).values);
		if (values.length >= count || performance.now() > deadlineMs) return values;
		await sleep(100);
	}
}
