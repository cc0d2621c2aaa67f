/** A journal that is shortened while it is written: a start that reads it knows just what it would know without. */
import { beforeEach, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { AmendCommand, PlaceCommand } from '../domain/command.ts';
import type { EngineEvent } from '../domain/event.ts';
import type { DecisionRecord, JournalRecord } from '../domain/journal-record.ts';
import type { OrderId } from '../domain/order-id.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import { instrumentRecord } from '../engine/facts.ts';
import type { Journal } from '../engine/ports.ts';
import { Recovery } from '../engine/recovery.ts';
import { DiskError } from '../ports/disk.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { VirtualDisk } from '../simulation/virtual-disk.ts';
import { VirtualProcess } from '../simulation/virtual-process.ts';
import { readFrames } from '../storage/journal-frame.ts';
import { JournalStore, type StoreOpened, type StoreParts } from '../storage/journal-store.ts';
import { KeptShort } from './kept-short.ts';

const BTC = makeTestInstrument();
const FOLDER = 'journal';
const OWNERS = ['ladder BTCUSDT'];
const BYTES_MAX = 4_000;
const NOW_MS = 1_767_225_600_000;
const RUN: JournalRecord = { kind: 'run', runTag: 'aaaa', atMs: NOW_MS, mode: 'sim', build: 'b', settings: 's' };

let clock: VirtualClock;
let disk: VirtualDisk;
/** Whose journal it is. */
let life: VirtualProcess;
let store: JournalStore;
let journal: Journal;
/** What was handed in, as a start would read it if nothing were ever shortened. */
let handedIn: JournalRecord[];
/** Of the commits in their order; and how much had been handed in with each. */
let answers: boolean[];
let handedInAt: number[];
let said: string[];
let flushCount: number;

async function settled<Value>(promise: Promise<Value>): Promise<Value> {
	let isOver = false;
	void promise.then(
		() => {
			isOver = true;
		},
		() => {
			isOver = true;
		},
	);
	while (!isOver) await passed(1);
	return await promise;
}

async function passed(ms: number): Promise<void> {
	for (let gone = 0; gone < ms; gone += 1) {
		clock.run(1);
		await new Promise((resolve) => setImmediate(resolve));
	}
}

async function opened(parts: Pick<StoreParts, 'disk' | 'clock'>): Promise<Extract<StoreOpened, { kind: 'open' }>> {
	const result = await settled(JournalStore.open({ ...parts, folder: FOLDER }));
	if (result.kind === 'refused') throw new Error(result.sentence);
	return result;
}

/** What a start would make of the disk as it is now. */
async function known({ hasCrashed = false } = {}) {
	const { read } = await opened({ disk, clock });
	expect(read.damage).toBeUndefined();
	// Only a power cut tears something.
	if (!hasCrashed) expect(read.tornBytes).toBe(0);
	return folded(read.records).result();
}

function folded(records: readonly JournalRecord[]): Recovery {
	const recovery = new Recovery();
	for (const record of records) recovery.apply(record);
	return recovery;
}

beforeEach(begin);

async function begin(): Promise<void> {
	clock = new VirtualClock(NOW_MS);
	disk = new VirtualDisk({ clock, rng: seededRng(1) });
	life = new VirtualProcess(clock);
	({ store } = await opened({ disk: life.disk(disk), clock: life.clock }));
	handedIn = [];
	answers = [];
	handedInAt = [];
	said = [];
	flushCount = 0;
	await settled(store.commit([RUN]));
	handedIn.push(RUN);
	const short = new KeptShort({
		...{ store, recovery: folded([RUN]), clock: life.clock, bytesMax: BYTES_MAX },
		onSay: (sentence) => said.push(sentence),
	});
	const hear = (event: EngineEvent): void => {
		if (event.kind === 'journaled') answers.push(event.ok);
	};
	journal = short.journal(hear, OWNERS);
	keep(instrumentRecord(BTC));
}

function idOf(number: number): OrderId {
	return `BTCUSDT-Buy-${NOW_MS + number}-1-aaaa` as OrderId;
}

function keep(record: JournalRecord): void {
	journal.keep([record]);
	handedIn.push(record);
}

function commit(...commands: readonly (PlaceCommand | AmendCommand)[]): void {
	flushCount += 1;
	journal.commit(flushCount, commands);
	handedInAt.push(handedIn.length + 1);
}

function place(number: number): PlaceCommand {
	return {
		...{ kind: 'place', orderId: idOf(number), instrument: BTC, quoter: 0, slot: number % 10, side: 'buy', orderType: 'limit' },
		...{ timeInForce: 'postOnly', reduceOnly: false, priceTicks: ticks(649_000 + number), qtyLots: lots(20) },
	} as PlaceCommand;
}

function placeRecord(number: number): JournalRecord {
	const terms = { version: 1, priceTicks: 649_000 + number, qtyLots: 20 };
	return {
		...{ kind: 'place', orderId: idOf(number), instrumentId: BTC.id, owner: 'ladder BTCUSDT', slot: number % 10, side: 'buy' },
		...{ orderType: 'limit', timeInForce: 'postOnly', reduceOnly: false, ...terms },
	};
}

function amend(number: number, priceTicks: number): AmendCommand {
	return {
		kind: 'amend',
		orderId: idOf(number),
		instrument: BTC,
		priceTicks: ticks(priceTicks),
		qtyLots: lots(20),
	} as AmendCommand;
}

function over(number: number): JournalRecord {
	return { kind: 'over', orderId: idOf(number), state: 'cancelled', reason: '' };
}

function execution(number: number): JournalRecord {
	return {
		...{ kind: 'execution', executionId: `e${number}`, instrumentId: BTC.id, version: 1, clientOrderId: idOf(number) },
		...{
			venueOrderId: `v${number}`,
			side: 'buy',
			priceTicks: 649_000,
			qtyLots: 5,
			fee: '0.01',
			feeCurrency: 'USDT',
			isMaker: true,
		},
		tradedAtMs: timeMs(NOW_MS + number),
	};
}

/** The decision behind an order, safe together with it. */
function decide(number: number): void {
	const record: DecisionRecord = {
		...{ kind: 'decision', decisionId: `d${number}`, instrumentId: BTC.id, atMs: NOW_MS, decision: 'BUY', reasons: [] },
		...{ orderId: idOf(number), closes: '', qty: '0.02', signal: { source: 's', value: 1, confidence: 1 } },
		entry: { type: 'market', slipBps: 1 },
		exits: { stopBps: 1, targetBps: 0, forMs: 0 },
		readings: { last: 1, bid: 1, ask: 1, barEndAtMs: timeMs(1), atMs: timeMs(1) },
		isDryRun: false,
	};
	handedIn.push(record);
	flushCount += 1;
	journal.commit(flushCount, [place(number)], [record]);
	handedInAt.push(handedIn.length + 1);
}

/** Of what the decision bought some was sold elsewhere. */
function exit(number: number): JournalRecord {
	return { kind: 'exit', decisionId: `d${number}`, atMs: NOW_MS, reason: 'elsewhere', orderId: '', qty: '0.001' };
}

/** An order of its own, what becomes of it, and the end of one of before. */
function act(number: number): void {
	if (number % 5 === 0) decide(number);
	else commit(place(number));
	handedIn.push(placeRecord(number));
	if (number % 15 === 0) keep(exit(number));
	if (number % 3 === 0) keep(execution(number));
	if (number % 4 === 0) {
		commit(amend(number, 648_000 + number));
		handedIn.push({ kind: 'amend', orderId: idOf(number), version: 1, priceTicks: 648_000 + number, qtyLots: 20 });
	}
	if (number >= 7) keep(over(number - 7));
}

test('is short, and knows the same as one that was never shortened, at any moment of it', async () => {
	for (let number = 1; number <= 400; number += 1) {
		act(number);
		// So that some of it comes in the middle of a new segment.
		await passed(number % 100 < 90 ? 40 : 1_500);
	}
	await settled(store.flushed());
	const names = await settled(disk.list(FOLDER));
	expect(Number(names.at(-1)?.slice(0, 8))).toBeGreaterThan(3);
	// What a summary holds in any case, and what comes within ten seconds.
	const newest = await settled(disk.read(`${FOLDER}/${names.at(-1)}`));
	expect(newest?.length).toBeLessThan(100_000);
	expect(await known()).toEqual(folded(handedIn).result());
	expect(answers.length).toBe(flushCount);
	expect(answers).not.toContain(false);
	expect(said).toEqual([]);
});

/** So many that a summary of them is made in several slices. */
const MANY = 2_500;

function placeMany(): void {
	for (let number = 1; number <= MANY; number += 1) {
		commit(place(number));
		handedIn.push(placeRecord(number));
	}
}

test('what is handed in while a new segment begins is safe behind it, and confirmed', async () => {
	placeMany();
	const before = [...handedIn];
	let confirmed = 0;
	const rotating = store.rotate(function* records() {
		for (const record of folded(before).records()) {
			// The summary is half made, and does not know of this.
			if (record.kind === 'place' && record.orderId === idOf(MANY / 2)) {
				act(MANY + 1);
				clock.after(0, () => act(MANY + 2));
			}
			yield record;
		}
		confirmed = answers.length;
	});
	expect(store.isIdle).toBe(false);
	await settled(rotating);
	// They did not wait for it.
	expect(confirmed).toBe(MANY + 2);
	await settled(store.flushed());
	expect(answers.length).toBe(flushCount);
	expect(answers).not.toContain(false);
	expect(await known()).toEqual(folded(handedIn).result());
	const [old, fresh] = [await framesOf('00000001.journal'), await framesOf('00000002.journal')];
	const last = old.at(-1);
	expect(fresh[0]?.firstNumber).toBe((last?.firstNumber ?? 0) + (last?.count ?? 0));
});

test.each(['process', 'power'] as const)(
	'a crash of the %s at any moment of it takes nothing that was confirmed',
	async (kind) => {
		const segments = new Set<number>();
		for (let moment = 0; moment < 14; moment += 1) {
			await begin();
			placeMany();
			clock.run(9_999);
			for (let number = MANY + 1; number <= MANY + moment; number += 1) {
				act(number);
				clock.run(0.3);
				await new Promise((resolve) => setImmediate(resolve));
			}
			const { length: handedInCount } = handedIn;
			const confirmedCount = handedInAt[answers.length - 1] ?? 0;
			segments.add(store.safeEnd.segment);
			life.kill();
			disk.crash(kind);
			const state = JSON.stringify(await known({ hasCrashed: true }));
			// What was handed in up to some moment, and all that was confirmed is of it.
			const fold = folded(handedIn.slice(0, confirmedCount));
			let isKnown = JSON.stringify(fold.result()) === state;
			for (const record of handedIn.slice(confirmedCount, handedInCount)) {
				fold.apply(record);
				isKnown ||= JSON.stringify(fold.result()) === state;
			}
			expect(isKnown, `moment ${moment}`).toBe(true);
		}
		// Before it, in it, and behind it.
		expect([...segments]).toEqual([1, 2]);
	},
);

async function framesOf(name: string) {
	return readFrames((await settled(disk.read(`${FOLDER}/${name}`))) ?? new Uint8Array()).frames;
}

test('what the disk did not take is not carried into the next segment', async () => {
	act(1);
	await passed(5);
	disk.behaviour = { ...disk.behaviour, failure: () => 'full' };
	commit(place(1_000));
	await passed(5);
	expect(answers).toEqual([true, false]);
	disk.behaviour = { ...disk.behaviour, failure: () => undefined };
	await passed(2_500);
	for (let number = 3; number <= 60; number += 1) act(number);
	await passed(11_000);
	expect((await settled(disk.list(FOLDER))).at(-1)).toBe('00000002.journal');
	// Its id was given out all the same, and is never given out again.
	expect((await known()).lastOrderId?.timestampMs).toBe(NOW_MS + 1_000);
	expect((await known()).orders).toEqual(folded(handedIn).result().orders);
});

test('where no new segment can be begun all goes on in the old one, and a person hears of it', async () => {
	for (let number = 1; number <= 60; number += 1) act(number);
	await passed(50);
	const real = disk.replace.bind(disk);
	disk.replace = async (path, bytes) => {
		await real(path, bytes);
		throw new DiskError('broken', 'the folder could not be synced');
	};
	await passed(10_100);
	expect(said).toEqual(['no new segment of the journal could be begun, it is tried again: the folder could not be synced']);
	act(61);
	await passed(50);
	expect(await settled(disk.list(FOLDER))).toEqual(['00000001.journal']);
	expect(await known()).toEqual(folded(handedIn).result());
	expect(answers).not.toContain(false);
});

test('a summary that is long by itself is not written anew for its length', async () => {
	for (let number = 1; number <= 60; number += 1) commit(place(number));
	await passed(11_000);
	const { segment, bytes } = store.safeEnd;
	expect(segment).toBe(2);
	expect(bytes).toBeGreaterThan(BYTES_MAX);
	await passed(30_000);
	expect(store.safeEnd.segment).toBe(segment);
	for (let number = 61; number <= 120; number += 1) commit(place(number));
	await passed(11_000);
	expect(store.safeEnd.segment).toBe(segment + 1);
});
