/** A data folder on the real disk: who may open it, what a start finds in it, and how a latch is taken back. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tempPlace } from '../../test/fixtures/data-place.ts';
import { collectionsBelow } from '../../test/soak/collections.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import { systemClock } from '../network/system-clock.ts';
import { type Disk, DiskError } from '../ports/disk.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { JournalStore } from '../storage/journal-store.ts';
import { systemDisk } from '../storage/system-disk.ts';
import { type DataParts, openDataFolder } from './data-folder.ts';
import { openRearm } from './rearm.ts';

const HERE = 'https://api.example.test';
const ELSEWHERE = 'https://other.example.test';
const ACCOUNT = { at: HERE, apiKey: 'KEY' };
let place: ReturnType<typeof tempPlace>;
let said: string[];
const toClose: AsyncDisposable[] = [];

beforeEach(() => {
	place = tempPlace();
	said = [];
});

afterEach(async () => {
	for (const each of toClose.splice(0)) await each[Symbol.asyncDispose]();
	place[Symbol.dispose]();
});

async function opened(more: Partial<DataParts> = {}) {
	const result = await openDataFolder({
		place,
		disk: systemDisk(),
		clock: systemClock(),
		rng: seededRng(7),
		mode: 'sim',
		settings: 's1',
		accounts: [ACCOUNT],
		origins: [HERE],
		crashLoop: { crashesMax: 3, windowMs: 600_000 },
		onSay: (sentence) => said.push(sentence),
		...more,
	});
	if (result.kind === 'open') toClose.push(result.data);
	return result;
}

async function open(more: Partial<DataParts> = {}) {
	const result = await opened(more);
	if (result.kind === 'refused') throw new Error(result.sentences.join('; '));
	return { data: result.data, ...result.beginning };
}

async function sentencesOf(more: Partial<DataParts> = {}): Promise<readonly string[]> {
	const result = await opened(more);
	return result.kind === 'refused' ? result.sentences : [];
}

/** A run that ends: with a good-bye, or as if it had been killed. */
async function run(end: 'orderly' | 'killed', records: readonly JournalRecord[] = []) {
	const begun = await open();
	const { data } = begun;
	if (records.length > 0) await data.store.commit(records);
	if (end === 'orderly') await data.end([]);
	await data[Symbol.asyncDispose]();
	return begun;
}

const control = (detail: string): JournalRecord => ({ kind: 'control', action: 'pause', detail, result: 'done', atMs: 1 });
const newestSegment = (): string => {
	const folder = join(place.folder, 'journal');
	return join(folder, readdirSync(folder).sort().at(-1) ?? '');
};

describe('a start', () => {
	test('remembers the runs of before, and never takes a tag of theirs', async () => {
		const first = await run('orderly');
		// The same chance draws the same tag first.
		const second = await open();
		expect(second.recovered.runTags).toEqual([first.runTag]);
		expect(second.runTag).not.toBe(first.runTag);
		expect([first.remarks, second.remarks, said]).toEqual([[], [], []]);
	});

	test('after a crash says so; after three of them it begins behind a latch, which lasts', async () => {
		await run('killed');
		const remarks = [(await run('killed')).remarks.length, (await run('killed')).remarks.length];
		expect(remarks).toEqual([1, 1]);
		const fourth = await run('orderly');
		expect(fourth.recovered.latch?.level).toBe('kill');
		expect(fourth.recovered.latch?.reason).toMatch(/^3 runs ended/);
		expect((await open()).recovered.latch).toEqual(fourth.recovered.latch);
	});

	test('cuts off a last write that did not get to its end, and says so', async () => {
		await run('orderly', [control('one'), control('two')]);
		const path = newestSegment();
		writeFileSync(path, readFileSync(path).subarray(0, -9));
		const { remarks } = await open();
		expect(remarks[0]).toMatch(/^the last write of the journal did not get to its end: its \d+ bytes were cut off/);
	});

	test('on a damaged journal begins behind a latch with what can be read, and keeps the damaged file', async () => {
		const first = await run('orderly', [control('one')]);
		const path = newestSegment();
		const bytes = readFileSync(path);
		bytes.writeUInt8(bytes.readUInt8(bytes.length - 60) ^ 1, bytes.length - 60);
		// Something whole behind it: no power cut does that.
		writeFileSync(path, Buffer.concat([bytes, bytes]));
		const damaged = readFileSync(path);
		const second = await open();
		expect(second.recovered.latch?.level).toBe('kill');
		expect(second.recovered.latch?.reason).toContain('is damaged');
		expect(second.recovered.runTags).toEqual([first.runTag]);
		expect(readFileSync(path)).toEqual(damaged);
		await second.data.end([]);
		await second.data[Symbol.asyncDispose]();
		expect((await open()).recovered.latch?.level).toBe('kill');
	});

	test('on a damaged journal knows the runs behind the damage, too: their orders are ours (I4)', async () => {
		const first = await run('orderly', [control('one')]);
		const second = await run('orderly');
		const path = newestSegment();
		const bytes = readFileSync(path);
		const at = bytes.indexOf('"one"') + 1;
		bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
		writeFileSync(path, bytes);
		const third = await open();
		expect(third.recovered.runTags).toEqual([first.runTag, second.runTag]);
		expect(third.recovered.latch?.level).toBe('kill');
	});

	test('on records that make no sense together knows those behind them, and forgets the latch at no moment', async () => {
		const terms = { side: 'buy', orderType: 'limit', timeInForce: 'gtc', reduceOnly: false, priceTicks: 1, qtyLots: 1 } as const;
		const homeless = {
			kind: 'place',
			orderId: 'x',
			instrumentId: 'bybit:linear:BTCUSDT',
			version: 4,
			owner: '',
			slot: 0,
		} as const;
		const first = await run('orderly', [{ ...homeless, ...terms }]);
		// Written in a time when nobody looked.
		const store = await JournalStore.open({ disk: systemDisk(), clock: systemClock(), folder: join(place.folder, 'journal') });
		if (store.kind === 'refused') throw new Error(store.sentence);
		await store.store.commit([{ kind: 'run', runTag: 'zzzz', atMs: 2, mode: 'sim', build: 'b', settings: 's' }]);
		await store.store[Symbol.asyncDispose]();
		const real = systemDisk();
		let opens = 0;
		// The disk is full once the new segment has begun.
		const openAppend: Disk['openAppend'] = async (path, length) => {
			opens += 1;
			if (opens === 2) throw new DiskError('full', 'no space left');
			return await real.openAppend(path, length);
		};
		expect((await sentencesOf({ disk: { ...real, openAppend, remove: async () => {} } })).join()).toContain('no space left');
		const second = await open();
		expect(second.recovered.runTags).toEqual([first.runTag, 'zzzz']);
		expect(second.recovered.latch?.level).toBe('kill');
		expect(second.recovered.latch?.reason).toContain('version 4');
	});

	test('on records that make no sense together begins behind a latch, too, and only until that is taken back', async () => {
		const amended = { instrumentId: 'bybit:linear:BTCUSDT', owner: '', slot: 0, side: 'buy' } as const;
		const homeless = {
			orderType: 'limit',
			timeInForce: 'gtc',
			reduceOnly: false,
			version: 4,
			priceTicks: 1,
			qtyLots: 1,
		} as const;
		await run('orderly', [{ kind: 'place', orderId: 'x', ...amended, ...homeless }]);
		const second = await open();
		expect(second.recovered.latch?.reason).toContain('version 4 of bybit:linear:BTCUSDT');
		await second.data.end([]);
		await second.data[Symbol.asyncDispose]();
		await rearmed();
		expect((await open()).recovered.latch).toBeUndefined();
	});

	test('does not begin on a journal of another version, and touches nothing of it', async () => {
		await run('orderly', [{ kind: 'hitherto unknown' } as unknown as JournalRecord]);
		const bytes = readFileSync(newestSegment());
		expect((await sentencesOf()).join()).toMatch(/^the journal .*00000001\.journal holds what this program cannot read/);
		expect(readFileSync(newestSegment())).toEqual(bytes);
	});

	test('does not begin where no folder can be made, and says so like of any disk; nor is a latch taken back there', async () => {
		const plain = join(place.folder, '..', 'plain');
		writeFileSync(plain, '');
		const below = { ...place, folder: join(plain, 'data') };
		expect((await sentencesOf({ place: below })).join()).toMatch(/^no journal can be kept in .*plain.data: /);
		expect(await openRearm(join(plain, 'data'))).toMatchObject({ kind: 'refused' });
		rmSync(plain);
	});

	test('does not begin where nothing can be written', async () => {
		const full: Disk = {
			...systemDisk(),
			openAppend: async (path) => await Promise.reject(new DiskError('full', `${path}: no space left`)),
		};
		expect((await sentencesOf({ disk: full })).join()).toMatch(/^no journal can be kept in .*data: .*no space left$/);
	});
});

describe('a second engine', () => {
	test('is refused by name of the first: the same account from another folder, the same folder for another account', async () => {
		await open();
		const other = tempPlace();
		toClose.push({ [Symbol.asyncDispose]: async () => other[Symbol.dispose]() });
		const elsewhere = { ...other, lockFolder: place.lockFolder, who: 'another test' };
		const by = `a test with the folder ${place.folder}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC; stop that one first$`;
		expect((await sentencesOf({ place: elsewhere })).join()).toMatch(
			new RegExp(`^this account at https://api\\.example\\.test is traded already, by ${by}`),
		);
		const accounts = [{ ...ACCOUNT, apiKey: 'OTHER' }];
		expect((await sentencesOf({ accounts })).join()).toMatch(new RegExp(`^the folder ${place.folder} is used already, by ${by}`));
		expect(await sentencesOf({ place: elsewhere, accounts })).toEqual([]);
	});

	test('may begin when the first has ended', async () => {
		await run('killed');
		expect(await sentencesOf()).toEqual([]);
	});

	test('of another exchange does not get the folder: orders of one are not found at the other', async () => {
		await run('orderly');
		expect(await sentencesOf({ origins: [ELSEWHERE] })).toEqual([
			`the folder ${place.folder} is of orders at https://api.example.test, and this is https://other.example.test; name another under storage.folder`,
		]);
	});

	test('of one exchange more keeps the folder, and is of both from then on', async () => {
		await run('orderly');
		const { data } = await open({ origins: [HERE, ELSEWHERE] });
		await data[Symbol.asyncDispose]();
		expect((await sentencesOf()).join()).toContain('is of orders at https://other.example.test, and this');
		expect(await sentencesOf({ origins: [ELSEWHERE, HERE] })).toEqual([]);
	});

	test('is held by each of its accounts', async () => {
		const both = [{ at: ELSEWHERE, apiKey: 'OTHER' }, ACCOUNT];
		const { data } = await open({ accounts: both });
		await using _first = data;
		using other = tempPlace();
		const elsewhere = { ...other, lockFolder: place.lockFolder, who: 'another test' };
		for (const account of both) {
			expect((await sentencesOf({ place: elsewhere, accounts: [account] })).join()).toContain(`this account at ${account.at}`);
		}
	});

	test('trades no account as two venues, and does not say that somebody else does', async () => {
		expect(await sentencesOf({ accounts: [ACCOUNT, { ...ACCOUNT }] })).toEqual([
			'one account at https://api.example.test is named as two venues: put the symbols of both under one',
		]);
	});
});

describe('while it runs', () => {
	test('nobody keeps what was read when it began', async () => {
		const records = Array.from({ length: 700 }, (_, i) => control(`${i}`));
		await run('orderly', records);
		const { data } = await open();
		const kept = [...collectionsBelow({ data })].filter(([, size]) => size >= records.length);
		expect(kept).toEqual([]);
	});

	test('a person hears once that the disk refuses, and once that it takes everything again', async () => {
		let isFull = false;
		const real = systemDisk();
		const disk: Disk = {
			...real,
			openAppend: async (path, length) => {
				const file = await real.openAppend(path, length);
				return {
					append: (bytes, done) => {
						if (isFull) queueMicrotask(() => done(new DiskError('full', 'no space left')));
						else file.append(bytes, done);
					},
					reserve: (byteCount, done) => file.reserve(byteCount, done),
					close: () => file.close(),
				};
			},
		};
		const { store } = (await open({ disk })).data;
		isFull = true;
		expect([await store.commit([control('one')]), await store.commit([control('two')])]).toEqual([false, false]);
		expect(said).toEqual([
			'the disk does not take the journal: no space left; nothing new is placed until it does, cancels go on',
		]);
		isFull = false;
		await expect.poll(() => said.at(-1), { timeout: 5_000 }).toBe('the disk takes the journal again');
		expect(await store.commit([control('three')])).toBe(true);
	});

	test('a person hears once that little space is left, and again when that comes back', async () => {
		const clock = new VirtualClock(systemClock().wallMs());
		let free = 5;
		let looks = 0;
		const freeBytes = async (): Promise<number> => {
			looks += 1;
			return free * 1024 ** 2;
		};
		const look = async (mebibytes: number): Promise<number> => {
			free = mebibytes;
			const before = looks;
			clock.run(60_000);
			await expect.poll(() => looks).toBe(before + 1);
			return said.length;
		};
		await open({ clock, disk: { ...systemDisk(), freeBytes } });
		await expect.poll(() => said).toEqual([`only 5 MiB are free for ${place.folder}; without any nothing is placed`]);
		expect([await look(5), await look(1_025), await look(1_023)]).toEqual([1, 1, 2]);
	});
});

async function rearmed(): Promise<boolean> {
	const found = await openRearm(place.folder);
	if (found.kind !== 'latched') throw new Error(found.kind);
	await using rearm = found.rearm;
	return await rearm.rearm('me');
}

describe('evenkeel rearm', () => {
	const kill: JournalRecord = { kind: 'latch', level: 'kill', reason: 'the operator said so', atMs: 1 };

	test('finds the latch and takes it back for the next start', async () => {
		await run('orderly', [kill]);
		const found = await openRearm(place.folder);
		if (found.kind !== 'latched') throw new Error(found.kind);
		expect(found.rearm.latch).toEqual(kill);
		await found.rearm[Symbol.asyncDispose]();
		expect(await rearmed()).toBe(true);
		expect((await openRearm(place.folder)).kind).toBe('open');
		expect((await open()).recovered.latch).toBeUndefined();
	});

	test('counts no crash of before any more', async () => {
		for (let crash = 0; crash < 3; crash += 1) await run('killed');
		await run('orderly');
		await rearmed();
		expect((await run('killed')).recovered.latch).toBeUndefined();
		expect((await open()).recovered.latch).toBeUndefined();
	});

	test('does nothing while an engine runs, or where there is no journal', async () => {
		const refusal = async (): Promise<string> => {
			const found = await openRearm(place.folder);
			return found.kind === 'refused' ? found.sentence : found.kind;
		};
		expect(await refusal()).toMatch(/^there is no journal in/);
		await open();
		expect(await refusal()).toContain('is used by a test with the folder');
	});
});
