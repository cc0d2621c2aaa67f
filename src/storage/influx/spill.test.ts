import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { START_MS } from '../../network/in-virtual-time.suite.ts';
import { DiskError } from '../../ports/disk.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { VirtualDisk } from '../../simulation/virtual-disk.ts';
import { Spill } from './spill.ts';

const FOLDER = '/data/influx';
const MANY = 100_000_000;

function place() {
	const clock = new VirtualClock(START_MS);
	const disk = new VirtualDisk({ clock, rng: seededRng(1) });
	/** Waits for it while time goes on. */
	const wait = async <T>(promise: Promise<T>): Promise<T> => {
		const state = { isOver: false };
		const over = promise.finally(() => {
			state.isOver = true;
		});
		over.catch(() => {});
		while (!state.isOver) {
			await new Promise((resolve) => setImmediate(resolve));
			clock.step();
		}
		return await over;
	};
	const open = async (bytesMax = MANY): Promise<Spill> => (await wait(Spill.open({ disk, folder: FOLDER, bytesMax }))).spill;
	const drained = async (spill: Spill): Promise<string[]> => {
		const lines: string[] = [];
		for (let batch = await wait(spill.first()); batch !== undefined; batch = await wait(spill.first())) {
			lines.push(...batch);
			await wait(spill.drop());
		}
		return lines;
	};
	return { disk, wait, open, drained };
}

const batch = (number: number): string[] => [`a f=${number} 1`, `b f=${number} 2`];

describe('what is kept on disk', () => {
	test('comes out as it went in, with things put in and taken out in any order, and nothing stays behind', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.constantFrom('in', 'out', 'again'), { maxLength: 30 }), async (steps) => {
				const { disk, wait, open, drained } = place();
				let spill = await open();
				const [put, got]: [string[], string[]] = [[], []];
				for (const [number, step] of steps.entries()) {
					if (step === 'in') {
						expect(await wait(spill.append(batch(number)))).toEqual({ kind: 'kept' });
						put.push(...batch(number));
					} else if (step === 'out') {
						const first = await wait(spill.first());
						if (first === undefined) continue;
						got.push(...first);
						await wait(spill.drop());
					} else {
						await wait(spill[Symbol.asyncDispose]());
						spill = await open();
						// A file that was written in part is sent from its beginning: what was taken out of it comes once more.
						const again = await drained(spill);
						got.push(...again.filter((line) => !got.includes(line)));
					}
				}
				got.push(...(await drained(spill)));
				expect(got).toEqual(put);
				expect([spill.isEmpty, spill.bytes, await disk.list(FOLDER)]).toEqual([true, 0, []]);
			}),
			{ numRuns: 40 },
		);
	});

	test('survives a crash but for the write that it tore', async () => {
		const { disk, wait, open, drained } = place();
		const spill = await open();
		await wait(spill.append(batch(1)));
		await wait(spill.append(batch(2)));
		disk.watch = (_write, moment) => {
			if (moment === 'written') disk.crash('power');
		};
		void spill.append(batch(3));
		await new Promise((resolve) => setImmediate(resolve));
		disk.watch = undefined;
		const after = await open();
		expect(await drained(after)).toEqual([...batch(1), ...batch(2)]);
		expect(after.damagedCount).toBe(0);
	});

	test('is bounded', async () => {
		const { wait, open, drained } = place();
		const spill = await open(200);
		const kept = [];
		for (let i = 0; i < 10; i += 1) kept.push((await wait(spill.append(batch(i)))).kind);
		const count = kept.filter((kind) => kind === 'kept').length;
		expect([count > 1, count < 10, kept.lastIndexOf('kept') < kept.indexOf('full'), spill.bytes <= 200]).toEqual([
			true,
			true,
			true,
			true,
		]);
		expect(await drained(spill)).toHaveLength(2 * count);
		expect((await wait(spill.append(batch(11)))).kind).toBe('kept');
	});

	test('goes on in another file when the disk did not take a write, and loses none of those that it took', async () => {
		const { disk, wait, open, drained } = place();
		const spill = await open();
		await wait(spill.append(batch(1)));
		disk.behaviour = { ...disk.behaviour, failure: () => 'full' };
		expect((await wait(spill.append(batch(2)))).kind).toBe('broken');
		disk.behaviour = { ...disk.behaviour, failure: () => undefined };
		await wait(spill.append(batch(3)));
		expect(await drained(spill)).toEqual([...batch(1), ...batch(3)]);
	});

	test('loses nothing behind a write that got half-way', async () => {
		const { disk, wait, open, drained } = place();
		const half = { isNext: false };
		const openAppend = disk.openAppend.bind(disk);
		disk.openAppend = async (path, length) => {
			const file = await openAppend(path, length);
			return {
				close: () => file.close(),
				reserve: (byteCount, done) => file.reserve(byteCount, done),
				append: (bytes, done) => {
					if (!half.isNext) return file.append(bytes, done);
					half.isNext = false;
					file.append(bytes.subarray(0, bytes.length >> 1), () => done(new DiskError('broken', path)));
				},
			};
		};
		const spill = await open();
		await wait(spill.append(batch(1)));
		half.isNext = true;
		expect((await wait(spill.append(batch(2)))).kind).toBe('broken');
		await wait(spill.append(batch(3)));
		expect([await drained(spill), spill.damagedCount]).toEqual([[...batch(1), ...batch(3)], 0]);
	});

	test('stays there while the disk does not give it, and comes when it does', async () => {
		const { disk, wait, open, drained } = place();
		const spill = await open();
		await wait(spill.append(batch(1)));
		await wait(spill[Symbol.asyncDispose]());
		const after = await open();
		const read = disk.read.bind(disk);
		disk.read = (path) => Promise.reject(new DiskError('broken', `${path}: EMFILE`));
		await expect(wait(after.first())).rejects.toThrow('EMFILE');
		disk.read = read;
		expect([await drained(after), after.damagedCount]).toEqual([batch(1), 0]);
	});

	test('of an earlier run takes the room that it has, and no more', async () => {
		const { wait, open, drained } = place();
		const earlier = await open();
		await wait(earlier.append(batch(1)));
		await wait(earlier[Symbol.asyncDispose]());
		const spill = await open(200);
		const kept = [];
		for (let i = 2; i < 12; i += 1) kept.push((await wait(spill.append(batch(i)))).kind);
		const count = kept.filter((kind) => kind === 'kept').length;
		expect([count > 0, count < 10, spill.bytes <= 200]).toEqual([true, true, true]);
		expect(await drained(spill)).toHaveLength(2 * (count + 1));
	});

	test('is read around a spoilt place, which is counted', async () => {
		const { disk, wait, open, drained } = place();
		const spill = await open();
		for (const number of [1, 2, 3]) await wait(spill.append(batch(number)));
		await wait(spill[Symbol.asyncDispose]());
		const path = `${FOLDER}/00000001.lines`;
		const bytes = Buffer.from((await wait(disk.read(path))) ?? []);
		bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0xff, bytes.length >> 1);
		await wait(disk.replace(path, bytes));
		const after = await open();
		expect(await drained(after)).toEqual([...batch(1), ...batch(3)]);
		expect(after.damagedCount).toBe(1);
	});
});
