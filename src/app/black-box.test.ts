/** What is kept of a kill, and that nothing comes of it where it cannot be kept. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { BTCUSDT } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import type { EngineEffect } from '../engine/ports.ts';
import type { DiskFailure } from '../ports/disk.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { VirtualDisk } from '../simulation/virtual-disk.ts';
import { BlackBox, type BlackBoxFile, BOXES_KEPT } from './black-box.ts';

const MID = 640_000;
const RUN = { runTag: 'dc0x', mode: 'sim', build: 'b1', settings: 's1' };

let clock: VirtualClock;
let disk: VirtualDisk;
let said: string[];
let box: BlackBox;

beforeEach(() => {
	clock = new VirtualClock(Date.UTC(2026, 0, 1));
	disk = new VirtualDisk({ clock, rng: seededRng(1) });
	said = [];
	box = new BlackBox({ disk, clock, folder: 'box', run: RUN, command: 'evenkeel rearm', onSay: (line) => said.push(line) });
});

function latched(level: 'kill' | 'reduceOnly'): EngineEffect {
	const record: JournalRecord = { kind: 'latch', level, reason: 'a test', atMs: 1 };
	return { kind: 'keep', records: [record] };
}

/** Until what was begun is written. */
async function settle(): Promise<void> {
	for (let turn = 0; turn < 20; turn += 1) {
		clock.run(1);
		await Promise.resolve();
	}
}

async function files(): Promise<readonly BlackBoxFile[]> {
	const names = await disk.list('box');
	return await Promise.all(
		names.map(async (name) => JSON.parse(Buffer.from((await disk.read(`box/${name}`)) ?? []).toString()) as BlackBoxFile),
	);
}

describe('a kill', () => {
	test('leaves the reason, the run, the state and the last events', async () => {
		const strategy = new Scripted();
		const desk = new Desk({ instruments: [BTCUSDT], strategy });
		strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 1, qty: 1_000 }));
		desk.book(BTCUSDT, MID - 1, MID + 1);
		desk.tick();
		desk.settle();
		box.watch(desk);
		box.input({ kind: 'timer', key: 'interval', ...desk.at() });
		box.output(latched('kill'));
		await settle();
		const [file] = await files();
		expect(file).toMatchObject({ reason: 'a test', at: '2026-01-01T00:00:00.000Z', run: RUN, command: 'evenkeel rearm' });
		expect(file?.state).toEqual([
			'level run: no reason',
			`${BTCUSDT.id}: holds 0.000, book whole, twice the mid ${2 * MID} ticks`,
			expect.stringMatching(/^BTCUSDT-Buy-.*: live, buy 1.000 at 63999.5, filled 0.000$/),
			expect.stringMatching(/^BTCUSDT-Sell-.*: live, sell 1.000 at 64000.5, filled 0.000$/),
		]);
		expect(file?.stateHash).toMatch(/^[0-9a-f]{16}$/);
		expect(file?.events).toEqual([expect.stringContaining('"key":"interval"'), expect.stringContaining('"level":"kill"')]);
		expect(said).toEqual(['everything was stopped (a test); what was known then is in box/2026-01-01T00-00-00.000Z-dc0x.json']);
	});

	test('has its state hashed: another state has another hash', async () => {
		const strategy = new Scripted();
		const desk = new Desk({ instruments: [BTCUSDT], strategy });
		box.watch(desk);
		box.output(latched('kill'));
		await settle();
		box.output(latched('kill'));
		await settle();
		desk.book(BTCUSDT, MID - 1, MID + 1);
		box.output(latched('kill'));
		await settle();
		const [one, same, other] = await files();
		expect(same?.stateHash).toBe(one?.stateHash);
		expect(other?.stateHash).not.toBe(one?.stateHash);
	});

	test('is not written in the turn in which it happens, and what happens later is not in it', async () => {
		box.output(latched('kill'));
		expect([disk.writeCount, await disk.list('box')]).toEqual([0, []]);
		box.output({ kind: 'wake', key: 'later', delayMs: 1 });
		await settle();
		expect((await files())[0]?.events.length).toBe(1);
	});

	test('is one file, and the last ten are kept', async () => {
		for (let kill = 0; kill < BOXES_KEPT + 3; kill += 1) {
			box.output(latched('kill'));
			await settle();
		}
		const kept = await files();
		expect(kept.length).toBe(BOXES_KEPT);
		expect(kept[0]?.at).toBe(new Date(Date.UTC(2026, 0, 1) + 3 * 20).toISOString());
	});
});

test('a level that is no kill is none of its business', async () => {
	box.output(latched('reduceOnly'));
	await settle();
	expect(await files()).toEqual([]);
});

describe('a disk that does not take it', () => {
	test.each<DiskFailure>(['full', 'broken'])('(%s) is told of, and nothing else comes of it', async (failure) => {
		disk.behaviour = { ...disk.behaviour, failure: () => failure };
		box.output(latched('kill'));
		await settle();
		expect(said).toEqual([expect.stringMatching(/^what was known when everything was stopped could not be kept: /)]);
		disk.behaviour = { ...disk.behaviour, failure: () => undefined };
		box.output(latched('kill'));
		await settle();
		expect((await files()).length).toBe(1);
	});

	test('an end does not wait for ever for one that never answers', async () => {
		const silent = Object.assign(Object.create(disk) as VirtualDisk, { replace: () => new Promise<void>(() => {}) });
		const stuck = new BlackBox({ disk: silent, clock, folder: 'box', run: RUN, command: '', onSay: () => {} });
		stuck.output(latched('kill'));
		let isOver = false;
		void stuck[Symbol.asyncDispose]().then(() => {
			isOver = true;
		});
		await settle();
		expect(isOver).toBe(false);
		clock.run(2_000);
		await settle();
		expect(isOver).toBe(true);
	});
});

test('an end waits for what is being written', async () => {
	box.output(latched('kill'));
	const ended = box[Symbol.asyncDispose]();
	await settle();
	await ended;
	expect((await files()).length).toBe(1);
});
