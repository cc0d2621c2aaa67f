import { beforeEach, describe, expect, test } from 'vitest';
import type { DiskError, DiskFailure } from '../ports/disk.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { VirtualDisk } from '../simulation/virtual-disk.ts';
import { linesOf, readFrames } from './journal-frame.ts';
import { JournalWriter, WAITING_RECORDS_MAX } from './journal-writer.ts';

const PATH = 'data/journal/1';
const PROBE = '{"kind":"probe"}';
const KEPT_MS = 5;

let clock: VirtualClock;
let disk: VirtualDisk;
let failure: DiskFailure | undefined;
let health: (DiskError | undefined)[];
let lost: number[];
let writer: JournalWriter;
let syncMs: number;

beforeEach(async () => {
	clock = new VirtualClock(0);
	disk = new VirtualDisk({ clock, rng: seededRng(1), behaviour: { syncMs: () => syncMs, failure: () => failure } });
	syncMs = 1;
	failure = undefined;
	health = [];
	lost = [];
	writer = await open(0, 1);
});

async function open(length: number, nextNumber: number): Promise<JournalWriter> {
	return await JournalWriter.open({
		disk,
		clock,
		place: { path: PATH, length, nextNumber },
		probe: PROBE,
		onHealth: (error) => health.push(error),
		onLost: (count) => lost.push(count),
	});
}

async function written(): Promise<readonly string[]> {
	const bytes = (await disk.read(PATH)) ?? new Uint8Array();
	const { frames, tail } = readFrames(bytes, 1);
	expect(tail.kind).toBe('whole');
	return frames.flatMap((frame) => [...linesOf(frame)]);
}

function commit(...lines: string[]): { isSafe: boolean | undefined } {
	const told: { isSafe: boolean | undefined } = { isSafe: undefined };
	writer.commit(lines, (isSafe) => {
		told.isSafe = isSafe;
	});
	return told;
}

/** Time for the disk, and for the promises of opening files. */
async function pass(ms: number): Promise<void> {
	for (let step = 0; step < ms; step += 1) {
		clock.run(1);
		await new Promise((resolve) => setImmediate(resolve));
	}
}

describe('the end of the journal', () => {
	test('says that a commit is safe when it is, and never from inside the call (I2)', () => {
		const first = commit('a', 'b');
		expect(first.isSafe).toBeUndefined();
		clock.run(0.9);
		expect(first.isSafe).toBeUndefined();
		clock.run(0.2);
		expect(first.isSafe).toBe(true);
	});

	test('writes what came while a write was out as one write, in its order', async () => {
		commit('a');
		const later = [commit('b', 'c'), commit('d')];
		writer.keep(['e']);
		clock.run(1.5);
		expect(later.map(({ isSafe }) => isSafe)).toEqual([undefined, undefined]);
		clock.run(1);
		expect(later.map(({ isSafe }) => isSafe)).toEqual([true, true]);
		expect(disk.writeCount).toBe(2);
		expect(await written()).toEqual(['a', 'b', 'c', 'd', 'e']);
		expect(writer.nextNumber).toBe(6);
	});

	test('a note that nobody waits for keeps no commit of the same turn waiting', async () => {
		writer.keep(['cancel']);
		const place = commit('place');
		clock.run(1.1);
		expect([place.isSafe, disk.writeCount]).toEqual([true, 1]);
		writer.keep(['alone']);
		clock.run(KEPT_MS + 1.1);
		expect(await written()).toEqual(['cancel', 'place', 'alone']);
	});

	describe('what the venue could tell again', () => {
		test('gathers, also while a write is out, and is written without anybody asking', async () => {
			const place = commit('place');
			for (const line of ['a', 'b', 'c', 'd']) {
				writer.keep([line]);
				clock.run(1);
			}
			expect([place.isSafe, disk.writeCount]).toEqual([true, 1]);
			clock.run(KEPT_MS);
			expect([disk.writeCount, writer.isIdle]).toEqual([2, true]);
			expect(await written()).toEqual(['place', 'a', 'b', 'c', 'd']);
		});

		test('goes at once with what has to be safe, and with what nobody could tell again', async () => {
			writer.keep(['a']);
			expect(commit('place').isSafe).toBeUndefined();
			clock.run(1.1);
			writer.keep(['b']);
			writer.keepForSure(['latch']);
			clock.run(1.1);
			expect(disk.writeCount).toBe(2);
			expect(await written()).toEqual(['a', 'place', 'b', 'latch']);
		});

		test('is written as soon as the disk is free when its time came while a write was out', async () => {
			syncMs = KEPT_MS + 2;
			commit('place');
			writer.keep(['a']);
			clock.run(KEPT_MS + 2.1);
			expect(writer.isIdle).toBe(false);
			clock.run(KEPT_MS + 2.1);
			expect(await written()).toEqual(['place', 'a']);
		});

		test('is written as soon as the disk is free when something behind it has to be safe', async () => {
			commit('first');
			writer.keep(['a']);
			const second = commit('second');
			clock.run(2.2);
			expect([second.isSafe, disk.writeCount]).toEqual([true, 2]);
			expect(await written()).toEqual(['first', 'a', 'second']);
		});
	});

	describe('makes room for what comes next', () => {
		const QUIET_MS = 50;
		let asked: number[];
		let rooms: (() => void)[];

		/** Room is made when the test says so. */
		beforeEach(async () => {
			asked = [];
			rooms = [];
			const { openAppend } = disk;
			disk.openAppend = async (path, length) => {
				const file = await openAppend.call(disk, path, length);
				return {
					append: (bytes, done) => file.append(bytes, done),
					reserve: (byteCount, done) => {
						asked.push(byteCount);
						rooms.push(() => file.reserve(byteCount, done));
					},
					close: () => file.close(),
				};
			};
			writer = await open(0, 1);
		});

		function make(): void {
			for (const room of rooms.splice(0)) room();
			clock.run(1);
		}

		test('in a quiet moment after a write, and not again before half of it is used', async () => {
			commit('a');
			clock.run(QUIET_MS);
			expect(asked).toEqual([]);
			clock.run(2);
			expect(asked).toEqual([1024 * 1024]);
			make();
			commit('b'.repeat(500_000));
			clock.run(QUIET_MS + 2);
			expect(asked.length).toBe(1);
			commit('c'.repeat(100_000));
			clock.run(QUIET_MS + 2);
			expect(asked.length).toBe(2);
			make();
			expect(await written()).toEqual(['a', 'b'.repeat(500_000), 'c'.repeat(100_000)]);
		});

		test('but not while somebody writes: after him', () => {
			commit('a');
			clock.run(QUIET_MS + 0.5);
			commit('b');
			clock.run(0.7);
			expect(asked).toEqual([]);
			clock.run(QUIET_MS + 1);
			expect(asked.length).toBe(1);
		});

		test('and whoever writes meanwhile waits, since there is one write at a time', async () => {
			commit('a');
			clock.run(QUIET_MS + 2);
			const late = commit('b');
			clock.run(5);
			expect(late.isSafe).toBeUndefined();
			make();
			clock.run(2);
			expect(late.isSafe).toBe(true);
			expect(await written()).toEqual(['a', 'b']);
		});

		test('and closes the file only when that has come to its end', async () => {
			commit('a');
			clock.run(QUIET_MS + 2);
			let isClosed = false;
			const closing = writer[Symbol.asyncDispose]().then(() => {
				isClosed = true;
			});
			await pass(3);
			expect(isClosed).toBe(false);
			make();
			await closing;
			await open(writer.length, writer.nextNumber);
			expect(await written()).toEqual(['a']);
		});

		test('again where the file was opened anew after an error', async () => {
			commit('a');
			clock.run(QUIET_MS + 2);
			make();
			failure = 'broken';
			commit('b');
			await pass(2);
			failure = undefined;
			await pass(1_100);
			expect(asked.length).toBe(2);
		});
	});

	test('goes on behind what was safe when it is opened again', async () => {
		commit('a');
		clock.run(2);
		writer = await open(writer.length, writer.nextNumber);
		commit('b');
		clock.run(2);
		expect(await written()).toEqual(['a', 'b']);
	});

	test('fails every commit while the disk is full, keeps the rest, and heals by itself (F70)', async () => {
		failure = 'full';
		const [out, waiting] = [commit('a'), commit('b')];
		writer.keep(['fact']);
		clock.run(1.5);
		expect([out.isSafe, waiting.isSafe]).toEqual([false, false]);
		expect(health.map((error) => error?.failure)).toEqual(['full']);
		const refused = commit('c');
		expect(refused.isSafe).toBeUndefined();
		await pass(1_100);
		expect(refused.isSafe).toBe(false);
		expect(writer.error?.failure).toBe('full');
		failure = undefined;
		await pass(1_100);
		expect(health.map((error) => error?.failure)).toEqual(['full', undefined]);
		const after = commit('d');
		await pass(3);
		expect(after.isSafe).toBe(true);
		expect((await written()).filter((line) => line !== PROBE)).toEqual(['fact', 'd']);
	});

	test('whoever hears that a commit failed may hand in more, and the file is opened anew once', async () => {
		commit('a');
		await pass(2);
		let openCount = 0;
		const { openAppend } = disk;
		disk.openAppend = async (path, length) => {
			openCount += 1;
			return await openAppend.call(disk, path, length);
		};
		failure = 'broken';
		writer.commit(['b'], () => writer.keep(['what became of b']));
		await pass(2);
		failure = undefined;
		await pass(1_100);
		const after = commit('c');
		await pass(3);
		expect(after.isSafe).toBe(true);
		expect(openCount).toBe(1);
		expect(await written()).toEqual(['a', 'what became of b', PROBE, 'c']);
	});

	test('cuts off what a failed write may have left', async () => {
		commit('a');
		await pass(2);
		failure = 'broken';
		commit('lost');
		await pass(2);
		// Half of it got there.
		const whole = (await disk.read(PATH)) ?? new Uint8Array();
		await disk.replace(PATH, Buffer.concat([whole, Buffer.from('EKJ1 and half a record')])).catch(() => {});
		failure = undefined;
		await disk.replace(PATH, Buffer.concat([whole, Buffer.from('EKJ1 and half a record')]));
		await pass(1_100);
		expect(await written()).toEqual(['a', PROBE]);
	});

	test('lets go of the oldest facts when the disk refuses for ever, never of more than it must (I18)', async () => {
		failure = 'full';
		commit('a');
		await pass(2);
		for (let i = 0; i < WAITING_RECORDS_MAX + 10; i += 1) writer.keep([`${i}`]);
		expect(writer.lostCount).toBe(10);
		failure = undefined;
		await pass(1_100);
		const lines = await written();
		// One more made room for the probe.
		expect(lines[0]).toBe('11');
		expect(lines.at(-2)).toBe(`${WAITING_RECORDS_MAX + 9}`);
	});

	test('never lets go of what nobody could tell again, and says how much else was lost once the disk is well', async () => {
		failure = 'full';
		commit('a');
		await pass(2);
		writer.keepForSure(['latch']);
		for (let i = 0; i < WAITING_RECORDS_MAX + 10; i += 1) writer.keep([`${i}`]);
		expect([writer.lostCount, lost]).toEqual([11, []]);
		failure = undefined;
		await pass(1_100);
		expect((await written())[0]).toBe('latch');
		expect(lost).toEqual([12]);
	});

	test('tells when all of it is safe, or that it is not', async () => {
		writer.keep(['a']);
		const safe = writer.flushed();
		await pass(3);
		expect(await safe).toBe(true);
		failure = 'denied';
		writer.keep(['b']);
		const refused = writer.flushed();
		await pass(3);
		expect(await refused).toBe(false);
	});

	test('takes nothing after it was closed, and says so', async () => {
		const closing = writer[Symbol.asyncDispose]();
		await pass(3);
		await closing;
		const late = commit('late');
		await pass(3);
		expect(late.isSafe).toBe(false);
		expect(await written()).toEqual([]);
	});

	test('a crash leaves the safe writes, and of the last one all or nothing (F68, F69)', async () => {
		for (let seed = 0; seed < 50; seed += 1) {
			disk = new VirtualDisk({ clock, rng: seededRng(seed), behaviour: { syncMs: () => syncMs, failure: () => undefined } });
			writer = await open(0, 1);
			commit('a', 'b');
			clock.run(1.5);
			commit('c', 'd');
			disk.crash('power');
			clock.run(5);
			const { frames, tail } = readFrames((await disk.read(PATH)) ?? new Uint8Array(), 1);
			const lines = frames.flatMap((frame) => [...linesOf(frame)]);
			expect([['a', 'b'].join(), ['a', 'b', 'c', 'd'].join()]).toContain(lines.join());
			expect(tail.kind).not.toBe('damaged');
		}
	});
});
