import { beforeEach, describe, expect, test } from 'vitest';
import type { DiskFailure } from '../ports/disk.ts';
import { runWithJobs } from '../simulation/promise-jobs.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { VirtualDisk } from '../simulation/virtual-disk.ts';
import { ENGINE_BEAT_FILE, type EngineBeat, encode, readSentinelBeat, readTrip, SENTINEL_BEAT_FILE, TRIP_FILE } from './beat.ts';
import { type OwnOrder, type OwnOrders, type Rehearsed, Sentinel, type SentinelNote } from './sentinel.ts';

const FOLDER = 'data/sentinel';
const LINEAR = { venue: 'bybit', category: 'linear', settleCoin: 'USDT' } as const;
const SPOT = { venue: 'bybit', category: 'spot', settleCoin: 'USDT' } as const;

let clock: VirtualClock;
let disk: VirtualDisk;
let failure: DiskFailure | undefined;
let notes: SentinelNote[];
let venue: FakeVenue;
let sentinel: Sentinel;

/** Open orders by market; cancels work unless said otherwise. */
class FakeVenue implements OwnOrders {
	readonly open = new Map<string, OwnOrder[]>();
	readonly asked: string[] = [];
	trouble: string | undefined;
	doubt: string | undefined;
	rehearsals = 0;
	isDeaf = false;

	async rehearse(): Promise<Rehearsed> {
		this.rehearsals += 1;
		if (this.trouble !== undefined) return { kind: 'unable', detail: this.trouble };
		return this.doubt === undefined ? { kind: 'able' } : { kind: 'unsure', detail: this.doubt };
	}

	async list({ category }: { category: string }, runTags: ReadonlySet<string>): Promise<readonly OwnOrder[] | string> {
		this.asked.push(`${category} of ${[...runTags].join()}`);
		return this.trouble ?? [...(this.open.get(category) ?? [])];
	}

	async cancel({ category }: { category: string }): Promise<void> {
		if (!this.isDeaf) this.open.set(category, []);
	}
}

beforeEach(() => {
	clock = new VirtualClock(1_767_225_600_000);
	failure = undefined;
	disk = new VirtualDisk({ clock, rng: seededRng(1), behaviour: { syncMs: () => 0.1, failure: () => failure } });
	notes = [];
	venue = new FakeVenue();
	venue.open.set('linear', [order('a'), order('b')]);
	venue.open.set('spot', [order('c')]);
	sentinel = new Sentinel({
		clock,
		disk,
		folder: FOLDER,
		timeoutMs: 10_000,
		venues: new Map([['bybit', venue]]),
		onNote: (note) => notes.push(note),
	});
	sentinel.start();
});

const order = (clientOrderId: string): OwnOrder => ({ symbol: 'BTCUSDT', clientOrderId });

async function pass(ms: number): Promise<void> {
	const untilMono = clock.monotonicMs() + ms;
	clock.after(ms, () => {});
	await runWithJobs(clock, () => clock.monotonicMs() < untilMono);
}

async function beat(number: number, state: EngineBeat['state'] = 'alive'): Promise<void> {
	await disk.replace(`${FOLDER}/${ENGINE_BEAT_FILE}`, encode({ number, state, runTags: ['aaaa'], markets: [LINEAR, SPOT] }));
}

/** A beat each second. */
async function beats(from: number, count: number): Promise<void> {
	for (let number = from; number < from + count; number += 1) {
		await beat(number);
		await pass(1_000);
	}
}

const kinds = (): string[] => notes.map(({ kind }) => kind);
const openCount = (): number => [...venue.open.values()].reduce((sum, orders) => sum + orders.length, 0);
/** Past a read that hangs for the sentinel. */
const ownBeat = async () => readSentinelBeat(await VirtualDisk.prototype.read.call(disk, `${FOLDER}/${SENTINEL_BEAT_FILE}`));

/** What is asked of the disk from now on is done when it goes on, and not before. */
function hangs(verb: 'read' | 'replace', isMeant: (path: string) => boolean = () => true): { goesOn(): void } {
	const { promise, resolve } = Promise.withResolvers<void>();
	const read = disk.read.bind(disk);
	const replace = disk.replace.bind(disk);
	let isHanging = true;
	if (verb === 'read') {
		disk.read = async (path) => {
			const bytes = await read(path);
			if (isHanging && isMeant(path)) await promise;
			return bytes;
		};
	} else {
		disk.replace = async (path, bytes) => {
			if (isHanging && isMeant(path)) await promise;
			await replace(path, bytes);
		};
	}
	return {
		goesOn: () => {
			isHanging = false;
			resolve();
		},
	};
}

describe('the sentinel', () => {
	test('waits for an engine, and does nothing while its beat goes on', async () => {
		await pass(60_000);
		expect([sentinel.state, kinds()]).toEqual(['waiting', []]);
		await beats(1, 60);
		expect([sentinel.state, kinds(), openCount()]).toEqual(['watching', ['watching'], 3]);
		expect(venue.asked).toEqual([]);
	});

	test('cancels everything of the runs of an engine that falls silent, proves it, and says so (KL6)', async () => {
		await beats(1, 5);
		await pass(9_000);
		expect(openCount()).toBe(3);
		await pass(3_000);
		expect(openCount()).toBe(0);
		await pass(5_000);
		expect(kinds()).toEqual(['watching', 'tripped', 'cancelled', 'empty']);
		expect(venue.asked[0]).toBe('linear of aaaa');
		expect(readTrip(await disk.read(`${FOLDER}/${TRIP_FILE}`))?.reason).toBe('the engine has been silent for 10 s');
		expect(await ownBeat()).toMatchObject({ state: 'tripped' });
		const looks = venue.asked.length;
		await pass(60_000);
		expect(venue.asked.length).toBe(looks);
	});

	test('does not let go before two whole lists in a row show none', async () => {
		venue.isDeaf = true;
		await beats(1, 2);
		await pass(30_000);
		expect(kinds()).not.toContain('empty');
		venue.isDeaf = false;
		await pass(5_000);
		expect(kinds().at(-1)).toBe('empty');
	});

	test('that cannot ask the venue says that it is blind, and goes on trying', async () => {
		venue.trouble = 'Bybit refuses /v5/order/realtime: the key is wrong (10003)';
		await beats(1, 2);
		await pass(20_000);
		expect(await ownBeat()).toMatchObject({ state: 'blind', detail: venue.trouble });
		expect(notes.filter(({ kind }) => kind === 'blind').length).toBe(1);
		venue.trouble = undefined;
		await pass(5_000);
		expect([openCount(), kinds().at(-1)]).toEqual([0, 'empty']);
		expect(sentinel.state).toBe('tripped');
	});

	test('rehearses while all is well, and says at once when it could not do its work (F55)', async () => {
		await beats(1, 3);
		expect(venue.rehearsals).toBe(2);
		venue.trouble = 'the API key may only read';
		await beats(4, 57);
		expect([venue.rehearsals, sentinel.state]).toEqual([2, 'watching']);
		await beats(61, 5);
		expect([sentinel.state, kinds()]).toEqual(['blind', ['watching', 'blind']]);
		expect(await ownBeat()).toMatchObject({ state: 'blind', detail: 'the API key may only read' });
		venue.trouble = undefined;
		await beats(66, 10);
		expect([sentinel.state, kinds(), openCount()]).toEqual(['watching', ['watching', 'blind'], 3]);
	});

	test('says once what nobody could tell, and watches all the same', async () => {
		venue.doubt = 'Bybit does not say which account the key is of';
		await beats(1, 130);
		expect([sentinel.state, kinds()]).toEqual(['watching', ['watching', 'unsure']]);
		venue.doubt = undefined;
		await beats(131, 61);
		venue.doubt = 'again';
		await beats(192, 61);
		expect(kinds()).toEqual(['watching', 'unsure', 'unsure']);
	});

	test('goes on telling that it lives while a venue does not answer', async () => {
		await beats(1, 2);
		venue.list = () => new Promise(() => {});
		await pass(11_000);
		const before = (await ownBeat())?.number ?? 0;
		await pass(30_000);
		expect(await ownBeat()).toMatchObject({ number: before + 30, state: 'tripped' });
	});

	test('touches nothing more once the engine is back, though a list comes late', async () => {
		await beats(1, 2);
		const late = Promise.withResolvers<readonly OwnOrder[]>();
		venue.list = () => late.promise;
		await pass(12_000);
		await disk.remove(`${FOLDER}/${TRIP_FILE}`);
		await beats(3, 3);
		late.resolve([order('new')]);
		await pass(2_000);
		expect([sentinel.state, openCount(), kinds()]).toEqual(['watching', 3, ['watching', 'tripped', 'watching']]);
	});

	test('watches again when the engine is back and has taken the file away, and not before', async () => {
		await beats(1, 2);
		await pass(20_000);
		await beats(3, 5);
		expect(sentinel.state).toBe('tripped');
		await disk.remove(`${FOLDER}/${TRIP_FILE}`);
		await beats(8, 3);
		expect(sentinel.state).toBe('watching');
		venue.open.set('linear', [order('d')]);
		await pass(20_000);
		expect(openCount()).toBe(0);
	});

	test('that has much to say of its trouble says the beginning, so that it can be read', async () => {
		venue.trouble = 'x'.repeat(5_000);
		await beats(1, 3);
		expect(await ownBeat()).toMatchObject({ state: 'blind', detail: 'x'.repeat(1_000) });
	});

	test('leaves an engine alone that said good-bye', async () => {
		await beats(1, 3);
		await beat(4, 'ended');
		await pass(60_000);
		expect([sentinel.state, kinds(), openCount()]).toEqual(['waiting', ['watching', 'ended'], 3]);
	});

	test('of an engine that was gone before it came cancels too', async () => {
		sentinel.stop();
		await beat(1);
		await pass(60_000);
		sentinel = new Sentinel({
			clock,
			disk,
			folder: FOLDER,
			timeoutMs: 10_000,
			venues: new Map([['bybit', venue]]),
			onNote: (note) => notes.push(note),
		});
		sentinel.start();
		await pass(9_000);
		expect(openCount()).toBe(3);
		await pass(3_000);
		expect(openCount()).toBe(0);
	});

	test('cancels although the disk takes no file', async () => {
		await beats(1, 2);
		failure = 'full';
		await pass(20_000);
		expect(openCount()).toBe(0);
		expect(kinds()).toContain('blind');
	});

	test('cancels although the disk never says that it has taken a file, and says so', async () => {
		await beats(1, 2);
		const replace = hangs('replace');
		await pass(14_000);
		expect([openCount(), kinds()]).toEqual([0, ['watching', 'blind', 'tripped', 'cancelled', 'empty']]);
		expect(notes[1]).toEqual({
			kind: 'blind',
			detail: 'the disk has not answered for 5 s: sentinel.beat is still being written',
		});
		replace.goesOn();
		await pass(3_000);
		expect([sentinel.state, readTrip(await disk.read(`${FOLDER}/${TRIP_FILE}`))?.reason]).toEqual([
			'tripped',
			'the engine has been silent for 10 s',
		]);
	});

	test('goes on cancelling while the disk does not let it look any more', async () => {
		venue.isDeaf = true;
		await beats(1, 2);
		await pass(12_000);
		const read = hangs('read');
		await pass(2_500);
		const asked = venue.asked.length;
		read.goesOn();
		await pass(100);
		// One sweep a round, whatever the look of that round came to.
		expect(venue.asked.length).toBe(asked);
		hangs('read');
		venue.isDeaf = false;
		await pass(4_000);
		expect([openCount(), kinds().at(-1)]).toEqual([0, 'empty']);
		await pass(3_000);
		expect(await ownBeat()).toMatchObject({ state: 'blind' });
	});

	test('keeps to its trip until the file of it is there to be taken away, however long that takes', async () => {
		await beats(1, 2);
		const replace = hangs('replace', (path) => path.endsWith(TRIP_FILE));
		await pass(12_000);
		await beats(3, 3);
		expect(sentinel.state).toBe('tripped');
		replace.goesOn();
		await beats(6, 2);
		expect(sentinel.state).toBe('tripped');
		await disk.remove(`${FOLDER}/${TRIP_FILE}`);
		await beats(8, 2);
		expect(sentinel.state).toBe('watching');
	});

	test('whose read hangs says that it is blind, and takes what comes of it for as old as the question', async () => {
		await beats(1, 2);
		const read = hangs('read');
		await pass(4_000);
		expect(await ownBeat()).toMatchObject({ state: 'watching' });
		await pass(30_000);
		expect(await ownBeat()).toMatchObject({
			state: 'blind',
			detail: 'the disk has not answered for 5 s: engine.beat is still being read',
		});
		read.goesOn();
		await beats(3, 2);
		expect([sentinel.state, openCount(), kinds()]).toEqual(['watching', 3, ['watching', 'blind']]);
	});

	test('that was only kept from reading cancels nothing', async () => {
		await beats(1, 2);
		const read = disk.read.bind(disk);
		disk.read = async () => {
			throw new Error('the disk is away');
		};
		await pass(60_000);
		expect([openCount(), sentinel.state]).toEqual([3, 'blind']);
		disk.read = read;
		await beats(3, 3);
		expect([openCount(), sentinel.state]).toEqual([3, 'watching']);
	});

	test('a file of the trip that nobody can read counts as a trip', () => {
		expect(readTrip(Buffer.from('{'))?.reason).toContain('cannot be read');
		expect(readTrip(undefined)).toBeUndefined();
	});
});
