/**
 * Signals in a real file, and everything that ends a program in the middle of writing them: SIGKILL at random instants,
 * several who write at once, a disk that takes no more. What was said to be safe is there, and no half of a batch.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSignalsAlone, signalsPath } from '../../src/app/open-signals.ts';
import { type Signal, signalFault } from '../../src/domain/signal.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { afterBatches, LANES } from './signal-writer.ts';

const WRITER = join(import.meta.dirname, 'signal-writer.ts');
const ROUNDS = 25;
/** After the first batch that is safe; a batch takes about a millisecond. */
const WRITING_MS_MAX = 120;

let folder: string;
let writers: Writer[];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-signals-'));
	writers = [];
});
afterEach(() => {
	for (const { child } of writers) child.kill('SIGKILL');
	rmSync(folder, { recursive: true, force: true });
});

class Writer {
	readonly run: string;
	readonly child: ChildProcess;
	readonly #ended: Promise<unknown>;
	said = '';
	printed = '';

	constructor(run: string, command = process.execPath, before: readonly string[] = []) {
		this.run = run;
		this.child = spawn(command, [...before, WRITER, folder, run], { stdio: ['ignore', 'pipe', 'pipe'] });
		this.child.stdout?.on('data', (text: Buffer) => {
			this.printed += text.toString();
		});
		this.child.stderr?.on('data', (text: Buffer) => {
			this.said += text.toString();
		});
		this.#ended = once(this.child, 'close');
		writers.push(this);
	}

	async hasWritten(): Promise<void> {
		await expect.poll(() => this.printed + this.said, { timeout: 20_000, interval: 2 }).toContain('\n');
	}

	async kill(): Promise<void> {
		this.child.kill('SIGKILL');
		await this.#ended;
	}

	/** The last batch that was said to be safe. */
	safe(lane: string): number {
		return this.printed
			.split('\n')
			.reduce((last, line) => (line.startsWith(`${lane} `) ? Number(line.slice(lane.length + 1)) : last), 0);
	}

	get lanes(): readonly string[] {
		return LANES.map((name) => `${this.run}${name}`);
	}
}

async function found(): Promise<readonly Signal[]> {
	const opened = await openSignalsAlone(folder, () => {});
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	await using store = opened.store;
	return store.allSignals();
}

/** Of each lane exactly what the last safe batch leaves, or the one behind it, whose word did not get out any more. */
function judge(signals: readonly Signal[], ended: readonly Writer[]): number {
	const byLane = Map.groupBy(signals, ({ source }) => source);
	let unheard = 0;
	for (const writer of ended) {
		for (const lane of writer.lanes) {
			const there = new Map((byLane.get(lane) ?? []).map(({ id, value }) => [id, value]));
			const safe = writer.safe(lane);
			const may = [safe, safe + 1].map((number) => afterBatches(lane, number));
			expect(may, `${lane} after ${safe} batches`).toContainEqual(there);
			if (safe > 0 || there.size > 0) unheard += Number(there.has(`${lane}:${safe + 1}:0`));
			byLane.delete(lane);
		}
	}
	expect([...byLane.keys()]).toEqual([]);
	expect(signals.map(signalFault).filter((fault) => fault !== undefined)).toEqual([]);
	return unheard;
}

test('killed 25 times while it writes: every batch that was safe is there, and none by half', { timeout: 180_000 }, async () => {
	const rng = seededRng(11);
	let batches = 0;
	let unheard = 0;
	for (let round = 1; round <= ROUNDS; round += 1) {
		const writer = new Writer(`r${round}`);
		// Some are killed before anything is safe, when the file is only being opened.
		if (rng.below(5) > 0) await writer.hasWritten();
		else await pause(rng.below(250));
		await pause(rng.below(WRITING_MS_MAX));
		await writer.kill();
		expect(writer.said).toBe('');
		batches += writer.lanes.reduce((sum, lane) => sum + writer.safe(lane), 0);
		unheard = judge(await found(), writers);
	}
	console.log(
		`${ROUNDS} kills, ${batches} batches safe, ${unheard} of ${ROUNDS * LANES.length} lanes ended behind their last word`,
	);
	expect(batches).toBeGreaterThan(ROUNDS * 5);
});

test('three who write at once and are killed one after the other disturb nobody', { timeout: 120_000 }, async () => {
	const rng = seededRng(12);
	const three = ['x', 'y', 'z'].map((run) => new Writer(run));
	for (const writer of three) await writer.hasWritten();
	for (const writer of three) {
		await pause(50 + rng.below(200));
		await writer.kill();
		expect(writer.said).toBe('');
		expect(writer.printed).not.toContain('failed');
	}
	judge(await found(), three);
	for (const writer of three) expect(writer.safe(`${writer.run}a`)).toBeGreaterThan(5);
});

test('a disk that takes no more is told of, and keeps what it had', { timeout: 60_000 }, async () => {
	// No file of this process may become longer than that, in blocks of 1 KiB or, as some shells have it, of half of one.
	const writer = new Writer('f', 'bash', ['-c', 'trap "" XFSZ; ulimit -f 200; exec "$@"', 'bash', process.execPath]);
	await expect.poll(() => writer.printed + writer.said, { timeout: 30_000, interval: 20 }).toMatch(/failed|cannot/);
	await pause(200);
	await writer.kill();
	expect(writer.printed).toMatch(/fa failed .*the signals in .*signals\.db cannot be (written|had): /);
	const safe = Number(/(\d+)\nfa failed/.exec(writer.printed.replaceAll(/^f[bc].*\n/gm, ''))?.[1] ?? 0);
	const signals = await found();
	const there = new Map(signals.filter(({ source }) => source === 'fa').map(({ id, value }) => [id, value]));
	expect([safe, safe + 1].map((number) => afterBatches('fa', number))).toContainEqual(there);
	expect(existsSync(signalsPath(folder))).toBe(true);
});

async function pause(ms: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, ms));
}
