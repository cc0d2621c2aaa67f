import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JournalRecord } from '../domain/journal-record.ts';
import { systemClock } from '../network/system-clock.ts';
import { JournalFollower } from './journal-follower.ts';
import { JournalStore } from './journal-store.ts';
import { Projection } from './projection.ts';
import { Projector } from './projector.ts';
import { systemDisk } from './system-disk.ts';

let root: string;
let failures: string[];
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'evenkeel-projector-'));
	failures = [];
});
afterEach(() => rmSync(root, { recursive: true }));

const folder = (): string => join(root, 'journal');
const database = (): string => join(root, 'evenkeel.db');

async function openStore(): Promise<JournalStore> {
	const opened = await JournalStore.open({ disk: systemDisk(), clock: systemClock(), folder: folder() });
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	return opened.store;
}

function projectorOf(store: JournalStore): Projector {
	return new Projector({
		clock: systemClock(),
		folder: folder(),
		path: database(),
		endOf: () => store.safeEnd,
		onFailure: (sentence) => failures.push(sentence),
	});
}

const rearm = (by: string): JournalRecord => ({ kind: 'rearm', by, atMs: 5 });

function rearmed(): readonly string[] {
	const tables = new DatabaseSync(database(), { readOnly: true });
	try {
		return tables
			.prepare('SELECT detail FROM controls ORDER BY number')
			.all()
			.map((row) => String(row['detail']));
	} finally {
		tables.close();
	}
}

test('the tables follow the journal through segments and restarts, each record once', async () => {
	for (const part of ['a', 'b']) {
		await using store = await openStore();
		await using projector = projectorOf(store);
		await store.commit([rearm(`${part}1`)]);
		await projector.caughtUp();
		await store.commit([rearm(`${part}2`)]);
		await store.rotate(() => [rearm(`summary of ${part}`)]);
		await store.commit([rearm(`${part}3`)]);
	}
	expect(rearmed()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
	expect(failures).toEqual([]);
});

test('what a segment begins with is no news, however long, to tables that know those before it, and all of it to others', async () => {
	const summary = ['a', 'b', 'c'].map((by) => rearm(by.padEnd(300_000, '.')));
	{
		await using store = await openStore();
		await using projector = projectorOf(store);
		await store.commit([rearm('one')]);
		await projector.caughtUp();
		const rotating = store.rotate(() => summary);
		await store.commit([rearm('two')]);
		await rotating;
		await store.commit([rearm('three')]);
	}
	expect(rearmed()).toEqual(['one', 'two', 'three']);
	rmSync(database());
	rmSync(join(folder(), '00000001.journal'));
	{
		await using store = await openStore();
		await using projector = projectorOf(store);
		await projector.caughtUp();
	}
	expect(rearmed().map((by) => by.replace(/[.]+$/, ''))).toEqual(['a', 'b', 'c', 'two', 'three']);
	expect(failures).toEqual([]);
});

test('tables that are gone, spoilt or ahead of the journal are made anew from it (F71)', async () => {
	{
		await using store = await openStore();
		await using projector = projectorOf(store);
		await store.commit([rearm('one')]);
		await projector.caughtUp();
	}
	const spoil: readonly (() => void)[] = [
		() => rmSync(database()),
		() => writeFileSync(database(), 'this is no database at all, and long enough to be looked at'.repeat(100)),
		() => {
			const tables = new DatabaseSync(database());
			tables.exec(
				"UPDATE progress SET next_number = 999; INSERT INTO controls VALUES (998, 1, 'rearm', 'of another journal', '')",
			);
			tables.close();
		},
	];
	for (const spoilt of spoil) {
		spoilt();
		await using store = await openStore();
		await using projector = projectorOf(store);
		await projector.caughtUp();
		expect(rearmed()).toEqual(['one']);
		expect(failures).toEqual([]);
	}
});

test('tables that cannot even be thrown away are given up, and that is told', async () => {
	await using store = await openStore();
	mkdirSync(database());
	await using projector = projectorOf(store);
	await store.commit([rearm('one')]);
	await projector.caughtUp();
	expect(failures.length).toBe(1);
	expect(failures[0]).toMatch(/^the tables in .* are not kept any more: /);
});

test('a failure that is told twice by one thread is one failure', async () => {
	{
		await using store = await openStore();
		await using projector = projectorOf(store);
		await store.commit([rearm('one')]);
		await projector.caughtUp();
	}
	const tables = new DatabaseSync(database());
	tables.exec('UPDATE progress SET next_number = 999');
	tables.close();
	await using store = await openStore();
	await using projector = projectorOf(store);
	// Both are asked before the thread has begun, and both answers are there before anybody listens.
	void projector.caughtUp();
	const isOver = projector.caughtUp();
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
	await isOver;
	await projector[Symbol.asyncDispose]();
	expect([failures, rearmed()]).toEqual([[], ['one']]);
});

test('the tables know nothing twice when the journal was damaged in its middle', async () => {
	{
		await using store = await openStore();
		await using projector = projectorOf(store);
		for (const by of ['one', 'two', 'three', 'last']) await store.commit([rearm(by)]);
		await projector.caughtUp();
	}
	const path = join(folder(), '00000001.journal');
	const bytes = readFileSync(path);
	// Nobody can tell any more how many records there were.
	for (const by of ['"two"', '"last"']) bytes[bytes.indexOf(by) + 1] = 0;
	writeFileSync(path, bytes);
	for (const isGone of [false, true]) {
		if (isGone) rmSync(database());
		await using store = await openStore();
		await using projector = projectorOf(store);
		await store.commit([rearm(isGone ? 'five' : 'four')]);
		await projector.caughtUp();
		expect(rearmed()).toEqual(isGone ? ['one', 'three', 'four', 'five'] : ['one', 'two', 'three', 'last', 'four']);
	}
	expect(failures).toEqual([]);
});

test('what the tables know already is not even looked at', async () => {
	await using store = await openStore();
	for (const by of ['one', 'two', 'three']) await store.commit([rearm(by)]);
	using projection = Projection.open(database()).projection;
	new JournalFollower(folder(), projection).follow(store.safeEnd);
	const parse = vi.spyOn(JSON, 'parse');
	try {
		new JournalFollower(folder(), projection).follow(store.safeEnd);
		// The head of the segment.
		expect(parse).toHaveBeenCalledTimes(1);
	} finally {
		parse.mockRestore();
	}
});

test('tables that cannot be kept at all are given up, and that is told', async () => {
	await using store = await openStore();
	await store.commit([rearm('one')]);
	// A folder stands where the database should.
	const projector = new Projector({
		clock: systemClock(),
		folder: join(root, 'no-such-folder'),
		path: database(),
		endOf: () => store.safeEnd,
		onFailure: (sentence) => failures.push(sentence),
	});
	await projector.caughtUp();
	expect(failures.length).toBe(1);
	expect(failures[0]).toContain('the tables in');
	await projector[Symbol.asyncDispose]();
});
