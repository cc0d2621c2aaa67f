import { beforeEach, describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { CancelCommand, Command, PlaceCommand } from '../domain/command.ts';
import type { EngineEvent } from '../domain/event.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import type { OrderId } from '../domain/order-id.ts';
import type { Lots, Ticks } from '../domain/units.ts';
import { type Disk, DiskError } from '../ports/disk.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { VirtualDisk } from '../simulation/virtual-disk.ts';
import type { JournalRead } from './journal-segment.ts';
import { JournalStore, SEGMENTS_KEPT, SINCE_LINES_MAX } from './journal-store.ts';

const INSTRUMENT = makeTestInstrument();
const FOLDER = 'data/journal';
let clock: VirtualClock;
let disk: VirtualDisk;

beforeEach(() => {
	clock = new VirtualClock(1_767_225_600_000);
	disk = new VirtualDisk({ clock, rng: seededRng(1) });
});

async function open(): Promise<{ store: JournalStore; read: JournalRead }> {
	const opened = await JournalStore.open({ disk, clock, folder: FOLDER });
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	return opened;
}

const rearm = (by: string): JournalRecord => ({ kind: 'rearm', by, atMs: 5 });
const place = (orderId: string): Command =>
	({
		kind: 'place',
		orderId: orderId as OrderId,
		instrument: INSTRUMENT,
		quoter: 1,
		slot: 3,
		side: 'buy',
		orderType: 'limit',
		timeInForce: 'postOnly',
		reduceOnly: false,
		priceTicks: 650_000 as Ticks,
		qtyLots: 20 as Lots,
	}) as unknown as PlaceCommand;
const cancel = (orderId: string): CancelCommand => ({ kind: 'cancel', orderId: orderId as OrderId, instrument: INSTRUMENT });

describe('the journal', () => {
	test('is empty at first, and gives back at the next start what was put into it', async () => {
		const first = await open();
		expect(first.read).toEqual({ records: [], tornBytes: 0, damage: undefined });
		const events: EngineEvent[] = [];
		const journal = first.store.journalFor((event) => events.push(event), ['demo', 'ladder BTCUSDT']);
		journal.commit(7, [place('a'), place('b')]);
		journal.note([cancel('a')]);
		first.store.keep([rearm('me')]);
		expect(events).toEqual([]);
		clock.run(1);
		expect(events).toMatchObject([{ kind: 'journaled', flushId: 7, ok: true }]);
		disk.crash('process');
		const { records } = (await open()).read;
		expect(records).toMatchObject([
			{
				kind: 'place',
				orderId: 'a',
				instrumentId: INSTRUMENT.id,
				version: 1,
				priceTicks: 650_000,
				qtyLots: 20,
				slot: 3,
				owner: 'ladder BTCUSDT',
			},
			{ kind: 'place', orderId: 'b' },
			{ kind: 'cancel', orderId: 'a' },
			rearm('me'),
		]);
	});

	test('keeps what stands besides a commit in front of it, and loses both or none', async () => {
		const { store } = await open();
		const journal = store.journalFor(() => {}, ['demo']);
		journal.commit(1, [place('a')], [rearm('a'), rearm('b')]);
		clock.run(1);
		journal.commit(2, [place('b')], [rearm('c')]);
		disk.crash('power');
		const { records } = (await open()).read;
		expect(records).toMatchObject([rearm('a'), rearm('b'), { kind: 'place', orderId: 'a' }]);
		expect(records).toHaveLength(3);
	});

	test('tells the engine that a commit failed when the disk is full (F70)', async () => {
		const { store } = await open();
		const events: EngineEvent[] = [];
		const journal = store.journalFor((event) => events.push(event), ['demo', 'ladder BTCUSDT']);
		disk.behaviour = { syncMs: () => 1, failure: () => 'full' };
		journal.commit(1, [place('a')]);
		clock.run(5);
		expect(events).toMatchObject([{ kind: 'journaled', flushId: 1, ok: false }]);
		expect(store.error?.failure).toBe('full');
	});

	test('cuts a torn tail, says how much, and goes on (BOOT2)', async () => {
		const first = await open();
		first.store.keep([rearm('one')]);
		clock.run(1);
		const whole = (await disk.read(`${FOLDER}/00000001.journal`)) ?? new Uint8Array();
		await disk.replace(`${FOLDER}/00000001.journal`, Buffer.concat([whole, Buffer.from('EKJ1 half')]));
		const second = await open();
		expect(second.read).toMatchObject({ tornBytes: 9, damage: undefined });
		second.store.keep([rearm('two')]);
		clock.run(1);
		expect((await open()).read.records).toEqual([rearm('one'), rearm('two')]);
	});

	test('that is damaged in its middle says so, keeps the file, and begins a new one with what is known (F71)', async () => {
		const first = await open();
		for (const by of ['one', 'two', 'three']) {
			first.store.keep([rearm(by)]);
			clock.run(1);
		}
		const path = `${FOLDER}/00000001.journal`;
		const before = Buffer.from((await disk.read(path)) ?? []);
		disk.flipBit(path, before.indexOf('two'));
		const second = await open();
		expect(second.read.damage).toMatch(/00000001[.]journal is damaged behind record 2: the bytes from \d+ to \d+ are no record/);
		const latch = { kind: 'latch', level: 'kill' };
		expect(second.read.records).toMatchObject([rearm('one'), rearm('three'), latch]);
		expect(JSON.stringify(second.read.records.at(-1))).toContain('00000001.journal is damaged');
		expect(await disk.list(FOLDER)).toEqual(['00000001.journal', '00000002.journal']);
		second.store.keep([rearm('four')]);
		clock.run(1);
		const third = await open();
		expect(third.read.damage).toBeUndefined();
		expect(third.read.records).toMatchObject([rearm('one'), rearm('three'), latch, rearm('four')]);
	});

	test('that is damaged is not forgotten by a crash right behind the new segment', async () => {
		const { store } = await open();
		for (const by of ['one', 'two', 'three']) await committed(store, rearm(by));
		const path = `${FOLDER}/00000001.journal`;
		disk.flipBit(path, Buffer.from((await disk.read(path)) ?? []).indexOf('two'));
		let writes = 0;
		// The new segment is written; its file is not opened any more.
		disk.behaviour = { syncMs: () => 1, failure: () => (writes++ === 0 ? undefined : 'full') };
		await expect(open()).rejects.toThrow('the disk is full');
		disk.behaviour = { syncMs: () => 1, failure: () => undefined };
		expect((await open()).read.records.at(-1)).toMatchObject({ kind: 'latch', level: 'kill' });
	});

	test('with a flipped bit in what its newest segment began with is damaged, and falls back on the one before', async () => {
		const { store } = await open();
		await committed(store, rearm('old'));
		await rotated(store, [rearm('summary')]);
		const path = `${FOLDER}/00000002.journal`;
		disk.flipBit(path, Buffer.from((await disk.read(path)) ?? []).indexOf('summary'));
		const { read } = await open();
		expect(read.damage).toMatch(/00000002[.]journal is damaged behind record \d+: what it began with is not all there$/);
		expect(read.records).toMatchObject([rearm('old'), { kind: 'latch', level: 'kill' }]);
	});

	test('whose newest segment is damaged at its head falls back on the one before, and says so', async () => {
		const { store } = await open();
		store.keep([rearm('old')]);
		clock.run(1);
		await rotated(store, [rearm('summary')]);
		disk.flipBit(`${FOLDER}/00000002.journal`, 0);
		const { read } = await open();
		expect(read.damage).toContain('00000002.journal is damaged from its first byte on');
		expect(read.records).toMatchObject([rearm('old'), rearm('summary'), { kind: 'latch', level: 'kill' }]);
	});

	test('written by a version that we do not know is refused, and left alone', async () => {
		const { store } = await open();
		store.keep([{ kind: 'rearm', by: 'me' } as unknown as JournalRecord]);
		clock.run(1);
		const opened = await JournalStore.open({ disk, clock, folder: FOLDER });
		expect(opened).toMatchObject({ kind: 'refused' });
		expect(opened.kind === 'refused' && opened.sentence).toContain("a record of kind 'rearm' whose atMs is not as it was");
	});

	test('begins a new segment with what is still worth knowing, and lets go of old ones', async () => {
		const { store } = await open();
		for (let i = 0; i < SEGMENTS_KEPT + 3; i += 1) {
			store.keep([rearm(`detail ${i}`)]);
			clock.run(1);
			await rotated(store, [rearm(`summary ${i}`)]);
		}
		store.keep([rearm('last')]);
		clock.run(1);
		expect((await disk.list(FOLDER)).length).toBe(SEGMENTS_KEPT);
		expect((await open()).read.records).toEqual([rearm(`summary ${SEGMENTS_KEPT + 2}`), rearm('last')]);
	});
});

/** A record that is a slice of its own. */
const long = (by: string): JournalRecord => rearm(by.padEnd(300_000, '.'));
const names = (records: readonly JournalRecord[]): readonly string[] =>
	records.flatMap((record) => (record.kind === 'rearm' ? record.by.replace(/[.]+$/, '') : []));

describe('a new segment', () => {
	test('that can neither be used nor taken away leaves nobody waiting: nothing is called safe until it is gone', async () => {
		let isBroken = false;
		const health: boolean[] = [];
		let held: (() => boolean | undefined) | undefined;
		const broken = async (): Promise<never> => {
			held ??= over(store.commit([rearm('held')]));
			return await Promise.reject(new DiskError('denied', 'read only'));
		};
		const stubborn: Disk = {
			list: (folder) => disk.list(folder),
			read: (path) => disk.read(path),
			replace: (path, bytes) => disk.replace(path, bytes),
			freeBytes: () => disk.freeBytes(),
			remove: (path) => (isBroken ? broken() : disk.remove(path)),
			openAppend: (path, length) => (isBroken ? broken() : disk.openAppend(path, length)),
		};
		const onHealth = (error: DiskError | undefined): unknown => health.push(error === undefined);
		const opened = await JournalStore.open({ disk: stubborn, clock, folder: FOLDER, onHealth });
		if (opened.kind === 'refused') throw new Error(opened.sentence);
		const { store } = opened;
		isBroken = true;
		const isOver = over(store.rotate(() => [rearm('a')]).catch((error: unknown) => String(error)));
		while (isOver() === undefined) await step(1);
		await step(1);
		expect([isOver(), held?.(), store.error?.message]).toEqual(['DiskError: read only', false, 'read only']);
		expect(await committed(store, rearm('later'))).toBe(false);
		isBroken = false;
		await step(1_000);
		await step(1);
		expect([store.error, health]).toEqual([undefined, [false, true]]);
		expect(await committed(store, rearm('again'))).toBe(true);
		expect(names((await open()).read.records)).toEqual(['again']);
	});

	test('has begun even where an old one cannot be let go of', async () => {
		const { store } = await open();
		const removed = disk.list.bind(disk);
		disk.list = async () => await Promise.reject(new DiskError('broken', 'no list'));
		const isOver = over(store.rotate(() => [rearm('a')]));
		while (isOver() === undefined) await step(1);
		disk.list = removed;
		expect(isOver()).toBe(true);
		expect(names((await open()).read.records)).toEqual(['a']);
	});

	test('may be long in coming: what the venue cannot tell again is held back in any number', async () => {
		const lost: number[] = [];
		const opened = await JournalStore.open({ disk, clock, folder: FOLDER, onLost: (count) => lost.push(count) });
		if (opened.kind === 'refused') throw new Error(opened.sentence);
		const { store } = opened;
		disk.behaviour = { ...disk.behaviour, syncMs: () => 10 };
		store.keep([rearm('first')]);
		await step(1);
		const isOver = over(store.rotate(() => []));
		const over10k = { kind: 'over', orderId: 'x', state: 'filled', reason: '' } as const;
		for (let i = 0; i < 10_001; i += 1) store.keep([over10k]);
		store.keep([{ kind: 'latch', level: 'kill', reason: 'late', atMs: 1 }]);
		while (isOver() === undefined) await step(5);
		await step(50);
		const { records } = (await open()).read;
		expect(records.at(-1)).toMatchObject({ kind: 'latch', reason: 'late' });
		expect(lost).toEqual([1]);
	});

	test('is made slice by slice, and holds up nothing that is handed in meanwhile', async () => {
		const { store } = await open();
		let slices = 0;
		let confirmed = 0;
		const isOver = over(
			store.rotate(function* records() {
				for (const by of ['a', 'b', 'c', 'd']) {
					slices += 1;
					yield long(by);
				}
				confirmed = told.length;
			}),
		);
		const told: boolean[] = [];
		for (let turn = 1; turn <= 4; turn += 1) {
			await step(0.5);
			expect(slices).toBe(turn);
			void store.commit([rearm(`turn ${turn}`)]).then((isSafe) => told.push(isSafe));
		}
		while (isOver() === undefined) await step(0.5);
		expect(confirmed).toBeGreaterThanOrEqual(2);
		expect(told).toEqual([true, true, true, true]);
		const { records } = (await open()).read;
		expect(names(records)).toEqual(['a', 'b', 'c', 'd', 'turn 1', 'turn 2', 'turn 3', 'turn 4']);
		expect(await disk.list(FOLDER)).toEqual(['00000001.journal', '00000002.journal']);
	});

	test('does not have what the disk refused while it was made, and has what it took again', async () => {
		const { store } = await open();
		const isOver = over(store.rotate(() => ['a', 'b', 'c', 'd', 'e', 'f'].map(long)));
		await step(1);
		disk.behaviour = { ...disk.behaviour, failure: () => 'full' };
		const lost = store.commit([rearm('lost')]);
		await step(1);
		expect(await lost).toBe(false);
		disk.behaviour = { ...disk.behaviour, failure: () => undefined };
		// One slice each, however long.
		await step(1_100);
		await step(1_100);
		expect(store.error).toBeUndefined();
		store.keep([rearm('kept')]);
		while (isOver() === undefined) await step(1);
		expect(isOver()).toBe(true);
		expect(names((await open()).read.records)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'kept']);
	});

	test('waits for what is on its way to the disk, and is not begun where that fails', async () => {
		const { store } = await open();
		let answer: boolean | undefined;
		const healthy = disk.behaviour;
		const isOver = over(
			store.rotate(function* records() {
				yield long('a');
				disk.behaviour = { syncMs: () => 50, failure: () => 'full' };
				void store.commit([rearm('lost')]).then((isSafe) => {
					answer = isSafe;
				});
				disk.behaviour = healthy;
			}),
		);
		while (isOver() === undefined) await step(1);
		expect([isOver(), answer]).toEqual([false, false]);
		expect(await disk.list(FOLDER)).toEqual(['00000001.journal']);
		expect(names((await open()).read.records)).toEqual([]);
	});

	test('is given up when too much comes with its last slice', async () => {
		const { store } = await open();
		const many = Array.from({ length: SINCE_LINES_MAX + 1 }, () => rearm('x'));
		const isOver = over(
			store.rotate(function* records() {
				yield rearm('a');
				void store.commit(many);
			}),
		);
		while (isOver() === undefined) await step(1);
		expect(isOver()).toBe(false);
		expect((await open()).read.records.length).toBe(many.length);
	});

	test('is given up when too much comes meanwhile, and when the journal is closed: all goes on in the old one', async () => {
		for (const isClosed of [false, true]) {
			const { store } = await open();
			const isOver = over(store.rotate(() => ['a', 'b', 'c', 'd', 'e', 'f'].map(long)));
			await step(1);
			for (let left = isClosed ? 1 : SINCE_LINES_MAX + 1; left > 0; left -= SINCE_LINES_MAX / 2) {
				await step(0);
				store.keep(Array.from({ length: Math.min(left, SINCE_LINES_MAX / 2) }, () => rearm('x')));
			}
			const isDone = over((isClosed ? store[Symbol.asyncDispose]() : store.flushed().then(() => {})).then(() => true));
			while (isOver() === undefined || isDone() === undefined) await step(1);
			expect(isOver()).toBe(false);
		}
		expect(await disk.list(FOLDER)).toEqual(['00000001.journal']);
		expect((await open()).read.records.length).toBe(SINCE_LINES_MAX + 2);
	});
});

async function step(ms: number): Promise<void> {
	clock.run(ms);
	await new Promise((resolve) => setImmediate(resolve));
}

/** What it came to, once it has. */
function over<Value>(promise: Promise<Value>): () => Value | undefined {
	let value: Value | undefined;
	void promise.then((given) => {
		value = given;
	});
	return () => value;
}

async function committed(store: JournalStore, ...records: readonly JournalRecord[]): Promise<boolean> {
	const isOver = over(store.commit(records));
	while (isOver() === undefined) await step(1);
	return isOver() === true;
}

/** Rotation waits for the disk, which waits for the clock. */
async function rotated(store: JournalStore, records: readonly JournalRecord[]): Promise<void> {
	const isOver = over(store.rotate(() => records));
	while (isOver() === undefined) await step(1);
}
