/** The store against a plain map, in virtual time: what it answers, what it tells, and what has expired. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Signal, SignalNews, SignalShelf } from '../domain/signal.ts';
import { timeMs } from '../domain/units.ts';
import { memorySignalShelf } from '../simulation/memory-signal-shelf.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { againstAMap } from './signal-store.suite.ts';
import { type SignalChange, SignalStore } from './signal-store.ts';

const START_MS = Date.UTC(2026, 0, 1);

let clock: VirtualClock;
let store: SignalStore;
let told: SignalChange[];

beforeEach(async () => {
	clock = new VirtualClock(START_MS);
	store = await openOn(memorySignalShelf());
	told = [];
	store.onChange((changes) => told.push(...changes));
});
afterEach(() => store[Symbol.asyncDispose]());

async function openOn(shelf: SignalShelf): Promise<SignalStore> {
	const opened = await SignalStore.open({ shelf, clock, rng: seededRng(1) });
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	return opened.store;
}

const draft = (more: object = {}) =>
	({ symbol: 'BTCUSDT', type: 'BUY', source: 'desk', expiresAtMs: START_MS + 60_000, ...more }) as const;

async function created(more: object = {}): Promise<Signal> {
	const result = await store.createSignal(draft(more));
	if (result.kind !== 'done') throw new Error(result.sentence);
	return result.signal;
}

test('whatever is done, it knows what a plain map would know', async () => {
	await againstAMap({ shelf: async () => memorySignalShelf(), runs: 300 });
});

describe('a signal', () => {
	test('is there for whoever asks once it is created, under an id of its own', async () => {
		const [one, other] = [await created(), await created()];
		expect(one.id).toMatch(/^s-[0-9a-v]{16}$/);
		expect(other.id).not.toBe(one.id);
		expect(store.getSignal(one.id)).toEqual(one);
		expect(told).toEqual([
			{ kind: 'put', signal: one },
			{ kind: 'put', signal: other },
		]);
	});

	test('is not read from the millisecond on in which it expires, and cleaned up then', async () => {
		const { id } = await created({ expiresAtMs: START_MS + 500 });
		clock.run(499);
		expect(store.getSignal(id)).toBeDefined();
		clock.run(1);
		expect([store.getSignal(id), store.allSignals(), store.getSignalsForSymbols(['BTCUSDT']).get('BTCUSDT')]).toEqual([
			undefined,
			[],
			[],
		]);
		expect(told.at(-1)).toMatchObject({ kind: 'gone', why: 'expired', signal: { id } });
		expect(await store.updateSignal(id, { value: 1 })).toMatchObject({ kind: 'refused', refusal: 'unknown' });
		expect((await store.createSignal(draft({ id }))).kind).toBe('done');
	});

	test('is taken off the shelf as well, so that nobody finds it there', async () => {
		const shelf = memorySignalShelf();
		await using one = await openOn(shelf);
		await one.createSignal(draft({ id: 'a', expiresAtMs: START_MS + 500 }));
		await one.createSignal(draft({ id: 'b' }));
		const there = async (): Promise<readonly string[]> => {
			const ids: string[] = [];
			await shelf.open(({ put }) => ids.push(...put.map(({ id }) => id)));
			return ids;
		};
		expect(await there()).toEqual(['a', 'b']);
		clock.run(500);
		expect(await there()).toEqual(['b']);
	});

	test('that lives longer after a change is not taken away by its old end', async () => {
		const { id } = await created({ expiresAtMs: START_MS + 500 });
		await store.updateSignal(id, { expiresAtMs: START_MS + 5_000 });
		clock.run(4_999);
		expect(store.getSignal(id)).toBeDefined();
		clock.run(1);
		expect(told.filter(({ kind }) => kind === 'gone').length).toBe(1);
	});

	test('is over within a second where the wall clock is put forward', async () => {
		let aheadMs = 0;
		const stepped = {
			wallMs: () => clock.wallMs() + aheadMs,
			monotonicMs: () => clock.monotonicMs(),
			after: clock.after.bind(clock),
		};
		const opened = await SignalStore.open({ shelf: memorySignalShelf(), clock: stepped, rng: seededRng(1) });
		if (opened.kind === 'refused') throw new Error(opened.sentence);
		await using other = opened.store;
		const gone: SignalChange[] = [];
		other.onChange((changes) => gone.push(...changes.filter(({ kind }) => kind === 'gone')));
		await other.createSignal(draft({ id: 'a', expiresAtMs: START_MS + 3_600_000 }));
		aheadMs = 3_600_000;
		expect([other.getSignal('a'), other.allSignals()]).toEqual([undefined, []]);
		clock.run(1_000);
		expect(gone.length).toBe(1);
	});
});

test('however much is written, it waits for one timer at most', async () => {
	let waiting = 0;
	const counted = {
		wallMs: () => clock.wallMs(),
		monotonicMs: () => clock.monotonicMs(),
		after: (delayMs: number, callback: () => void) => {
			waiting += 1;
			let isOver = false;
			const end = (): void => {
				if (!isOver) waiting -= 1;
				isOver = true;
			};
			const timer = clock.after(delayMs, () => {
				end();
				callback();
			});
			return {
				cancel: () => {
					end();
					timer.cancel();
				},
			};
		},
	};
	const opened = await SignalStore.open({ shelf: memorySignalShelf(), clock: counted, rng: seededRng(1) });
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	for (let i = 0; i < 20; i += 1) await opened.store.createSignal(draft({ expiresAtMs: START_MS + 5_000 - i }));
	clock.run(4_000);
	expect(waiting).toBe(1);
	await opened.store[Symbol.asyncDispose]();
	expect(waiting).toBe(0);
});

describe('of many symbols', () => {
	test('each has its own, newest first, and a short name is for all that end in it', async () => {
		const all = await created({ id: 'all' });
		clock.run(5);
		const linear = await created({ id: 'linear', symbol: 'bybit:linear:BTCUSDT' });
		clock.run(5);
		const spot = await created({ id: 'spot', symbol: 'binance:spot:BTCUSDT', type: 'SELL' });
		await created({ id: 'other', symbol: 'XBTCUSDT' });
		const found = store.getSignalsForSymbols(['BTCUSDT', 'bybit:linear:BTCUSDT', 'linear:BTCUSDT', 'ETHUSDT']);
		expect([...found]).toEqual([
			['BTCUSDT', [spot, linear, all]],
			['bybit:linear:BTCUSDT', [linear, all]],
			['linear:BTCUSDT', [linear, all]],
			['ETHUSDT', []],
		]);
	});
});

describe('operations together', () => {
	test('have a result each, and one that is refused stops no other', async () => {
		const results = await store.processSignals([
			{ kind: 'create', draft: draft({ id: 'a' }) },
			{ kind: 'create', draft: draft({ id: 'a' }) },
			{ kind: 'update', id: 'a', patch: { confidence: 0.5 } },
			{ kind: 'delete', id: 'b' },
			{ kind: 'create', draft: draft({ id: 'b', value: 7 }) },
		]);
		expect(results.map((each) => (each.kind === 'refused' ? each.refusal : each.kind))).toEqual([
			'done',
			'exists',
			'done',
			'unknown',
			'invalid',
		]);
		expect(told.length).toBe(1);
		expect(store.getSignal('a')?.confidence).toBe(0.5);
		expect(await store.processSignals([])).toEqual([]);
	});

	test('that come while others are written share the next write, and each caller gets its own results', async () => {
		const counts: number[] = [];
		const inner = memorySignalShelf();
		await using slow = await openOn({
			open: (heard) => inner.open(heard),
			apply: async (operations, nowMs) => {
				counts.push(operations.length);
				await Promise.resolve();
				return await inner.apply(operations, nowMs);
			},
			[Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
		});
		const results = await Promise.all(['a', 'b', 'c', 'a'].map((id) => slow.createSignal(draft({ id }))));
		expect(counts).toEqual([1, 3]);
		expect(results.map((each) => (each.kind === 'done' ? each.signal.id : each.kind))).toEqual(['a', 'b', 'c', 'refused']);
	});

	test('that cannot be kept have failed, all of them, and nothing is known of them', async () => {
		const shelf = memorySignalShelf();
		await using broken = await openOn({ ...shelf, apply: async () => ({ kind: 'failed', sentence: 'the disk is full' }) });
		const results = await broken.processSignals([
			{ kind: 'create', draft: draft({ id: 'a' }) },
			{ kind: 'delete', id: 'a' },
		]);
		expect(results).toEqual([
			{ kind: 'failed', sentence: 'the disk is full' },
			{ kind: 'failed', sentence: 'the disk is full' },
		]);
		expect(broken.allSignals()).toEqual([]);
	});

	test('beyond what may wait are told so, and room comes again', async () => {
		const many = Array.from({ length: 9_000 }, (_, i) => ({ kind: 'delete', id: `x${i}` }) as const);
		const [first, second, third] = await Promise.all([
			store.processSignals(many),
			store.processSignals(many),
			store.processSignals(many),
		]);
		expect([first[0]?.kind, second[0]?.kind, third[0]]).toEqual([
			'refused',
			'refused',
			{ kind: 'failed', sentence: 'more than 20000 operations wait to be written' },
		]);
		expect((await store.processSignals(many))[0]?.kind).toBe('refused');
	});
});

describe('what others do', () => {
	let others: (news: SignalNews) => void = () => {};
	const shelf: SignalShelf = {
		open: async (heard) => {
			others = heard;
			return { kind: 'open' };
		},
		apply: async () => ({ kind: 'kept', results: [] }),
		[Symbol.asyncDispose]: async () => {},
	};
	const theirs: Signal = {
		...{ id: 'theirs', symbol: 'BTCUSDT', type: 'BUY', value: 1, confidence: 1, source: 'them' },
		...{ createdAtMs: timeMs(START_MS), updatedAtMs: timeMs(START_MS), expiresAtMs: timeMs(START_MS + 1_000) },
	};

	test('is heard of, and told once', async () => {
		await using other = await openOn(shelf);
		const heard: SignalChange[] = [];
		const listening = other.onChange((changes) => heard.push(...changes));
		others({ put: [theirs], gone: [] });
		others({ put: [], gone: ['theirs', 'unknown'] });
		expect(heard).toEqual([
			{ kind: 'put', signal: theirs },
			{ kind: 'gone', signal: theirs, why: 'deleted' },
		]);
		listening[Symbol.dispose]();
		others({ put: [theirs], gone: [] });
		expect(heard.length).toBe(2);
	});

	test('is over by our clock, whatever theirs says', async () => {
		await using other = await openOn(shelf);
		others({ put: [theirs], gone: [] });
		const heard: SignalChange[] = [];
		other.onChange((changes) => heard.push(...changes));
		const over = { ...theirs, expiresAtMs: timeMs(START_MS) };
		others({ put: [over, { ...over, id: 'never' }], gone: [] });
		expect(heard).toEqual([{ kind: 'gone', signal: over, why: 'expired' }]);
		expect(other.allSignals()).toEqual([]);
	});
});

test('a shelf that cannot be opened refuses, and is let go of', async () => {
	let isClosed = false;
	const shelf: SignalShelf = {
		...memorySignalShelf(),
		open: async () => ({ kind: 'refused', sentence: 'it is damaged' }),
		[Symbol.asyncDispose]: async () => {
			isClosed = true;
		},
	};
	expect(await SignalStore.open({ shelf, clock, rng: seededRng(1) })).toEqual({ kind: 'refused', sentence: 'it is damaged' });
	expect(isClosed).toBe(true);
});

test('at its end it writes what waits, and then takes nothing more', async () => {
	const inner = memorySignalShelf();
	let isClosed = false;
	const shelf: SignalShelf = {
		open: (heard) => inner.open(heard),
		apply: async (operations, nowMs) => {
			await Promise.resolve();
			return isClosed ? { kind: 'failed', sentence: 'too late' } : await inner.apply(operations, nowMs);
		},
		[Symbol.asyncDispose]: async () => {
			isClosed = true;
		},
	};
	const ending = await openOn(shelf);
	const late = ending.createSignal(draft({ id: 'a' }));
	const waiting = ending.createSignal(draft({ id: 'b' }));
	await ending[Symbol.asyncDispose]();
	expect([(await late).kind, (await waiting).kind, (await ending.createSignal(draft())).kind]).toEqual([
		'done',
		'done',
		'failed',
	]);
	expect(clock.step()).toBe(false);
});
