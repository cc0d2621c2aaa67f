/** Engine's side and sentinel, on one disk in one virtual time: who pauses when, and what lifts it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { ControlAction } from '../domain/event.ts';
import type { DiskFailure } from '../ports/disk.ts';
import { readEngineBeat, TRIP_FILE } from '../sentinel/beat.ts';
import { type OwnOrder, type OwnOrders, Sentinel } from '../sentinel/sentinel.ts';
import { runUntilSettled, runWithJobs } from '../simulation/promise-jobs.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { VirtualDisk } from '../simulation/virtual-disk.ts';
import { SentinelLink } from './sentinel-link.ts';

const FOLDER = 'data/sentinel';
const NONE = 'no sentinel watches data/sentinel: evenkeel sentinel starts one';

let clock: VirtualClock;
let disk: VirtualDisk;
let failure: DiskFailure | undefined;
let asked: ControlAction[];
let isInDoubt: boolean;
let link: SentinelLink;
let sentinel: Sentinel | undefined;
let open: OwnOrder[];
let trouble: string | undefined;

const venue: OwnOrders = {
	rehearse: async () => (trouble === undefined ? { kind: 'able' } : { kind: 'unable', detail: trouble }),
	list: async () => open,
	cancel: async () => {
		open = [];
	},
};

/** Why the sentinel's side has us paused now. */
function paused(): string | undefined {
	let reason: string | undefined;
	for (const action of asked) {
		if (action.kind === 'pause' && action.cause === 'sentinel') reason = action.reason;
		if (action.kind === 'resume' && action.cause === 'sentinel') reason = undefined;
	}
	return reason;
}

const comparisons = (): number => asked.filter(({ kind }) => kind === 'compare').length;
const tripFile = async (): Promise<boolean> => (await disk.read(`${FOLDER}/${TRIP_FILE}`)) !== undefined;

async function pass(ms: number): Promise<void> {
	const untilMono = clock.monotonicMs() + ms;
	clock.after(ms, () => {});
	await runWithJobs(clock, () => clock.monotonicMs() < untilMono);
}

function startSentinel(timeoutMs = 10_000): void {
	sentinel = new Sentinel({
		clock,
		disk,
		folder: FOLDER,
		timeoutMs,
		venues: new Map([['bybit', venue]]),
		onNote: () => {},
	});
	sentinel.start();
}

async function beginLink(runTags = ['aaaa'], timeoutMs = 10_000): Promise<void> {
	const instruments = [makeTestInstrument(), makeTestInstrument({ index: 1, symbol: 'ETHUSDT' })];
	const control = (action: ControlAction): void => {
		asked.push(action);
		if (action.kind === 'compare') isInDoubt = true;
	};
	const accounts = new Map([['bybit', '4711']]);
	link = new SentinelLink({
		clock,
		disk,
		folder: FOLDER,
		runTags,
		instruments,
		accounts,
		control,
		isInDoubt: () => isInDoubt,
		timeoutMs,
	});
	await runUntilSettled(clock, link.begin());
}

beforeEach(() => {
	clock = new VirtualClock(1_767_225_600_000);
	failure = undefined;
	disk = new VirtualDisk({ clock, rng: seededRng(1), behaviour: { syncMs: () => 0.1, failure: () => failure } });
	asked = [];
	isInDoubt = false;
	sentinel = undefined;
	open = [{ symbol: 'BTCUSDT', clientOrderId: 'a' }];
	trouble = undefined;
});

describe('an engine that needs a sentinel', () => {
	test('is paused until one watches, and says how to start it', async () => {
		await beginLink();
		await pass(20_000);
		expect(paused()).toBe(NONE);
		startSentinel();
		await pass(4_000);
		expect(paused()).toBeUndefined();
		expect(readEngineBeat(await disk.read(`${FOLDER}/engine.beat`))).toMatchObject({
			state: 'alive',
			runTags: ['aaaa'],
			markets: [{ venue: 'bybit', category: 'linear', settleCoin: 'USDT', account: '4711' }],
		});
	});

	test('of more runs than a beat holds names the last ones', async () => {
		const runTags = Array.from({ length: 1_500 }, (_, index) => `r${index}`);
		await beginLink(runTags);
		expect(readEngineBeat(await disk.read(`${FOLDER}/engine.beat`))?.runTags).toEqual(runTags.slice(500));
	});

	test('does not take the last word of a sentinel that is long gone for one that watches', async () => {
		await beginLink();
		startSentinel();
		await pass(4_000);
		sentinel?.stop();
		await runUntilSettled(clock, link.end(false));
		asked = [];
		await beginLink(['bbbb']);
		await pass(10_000);
		expect(paused()).toBe(NONE);
	});

	test('pauses when it falls silent or could not cancel, and goes on when it is back', async () => {
		await beginLink();
		startSentinel();
		await pass(4_000);
		sentinel?.stop();
		await pass(4_000);
		expect(paused()).toBeUndefined();
		await pass(4_000);
		expect(paused()).toBe('the sentinel has been silent for 5 s');
		trouble = 'the API key has expired: make a new one';
		startSentinel();
		await pass(5_000);
		expect(paused()).toBe('the sentinel could not cancel: the API key has expired: make a new one');
		trouble = undefined;
		await pass(10_000);
		expect(paused()).toBeUndefined();
	});

	test('pauses when its own beat cannot be written', async () => {
		await beginLink();
		startSentinel();
		await pass(4_000);
		failure = 'full';
		await pass(8_000);
		expect(paused()).toBe('our heartbeat cannot be written, so the sentinel will cancel');
		expect(open.length).toBe(1);
		failure = undefined;
		await pass(4_000);
		expect(paused()).toBeUndefined();
	});

	test.each([3_000, 4_000, 6_000, 7_000, 10_000, 60_000])(
		'whose beat cannot be written pauses before a sentinel that waits for %i ms takes it for gone',
		async (timeoutMs) => {
			await beginLink(['aaaa'], timeoutMs);
			startSentinel(timeoutMs);
			await pass(6_000);
			expect(paused()).toBeUndefined();
			failure = 'full';
			while (paused() === undefined && open.length > 0) await pass(100);
			expect(paused()).toMatch(/^our heartbeat cannot be written/);
			// What the pause cancels has time to be gone.
			await pass(500);
			expect(open.length).toBe(1);
			await pass(timeoutMs);
			expect(open.length).toBe(0);
		},
	);

	test('finds a trip before it places anything, compares, takes it away when it is clean, and quotes when it is seen', async () => {
		await beginLink();
		startSentinel();
		await pass(4_000);
		await runUntilSettled(clock, link.end(false));
		await pass(15_000);
		expect([open.length, await tripFile()]).toEqual([0, true]);
		asked = [];
		await beginLink(['bbbb']);
		expect(paused()).toBe(NONE);
		await pass(3_000);
		expect(paused()).toBe('the sentinel has cancelled our orders: the engine has been silent for 10 s');
		expect(comparisons()).toBe(1);
		await pass(20_000);
		expect([await tripFile(), comparisons()]).toEqual([true, 1]);
		isInDoubt = false;
		await pass(1_100);
		expect(await tripFile()).toBe(false);
		await pass(3_000);
		expect(paused()).toBeUndefined();
		expect(sentinel?.state).toBe('watching');
	});

	test('stays paused after a trip until the sentinel itself has seen that it is over', async () => {
		await beginLink();
		startSentinel();
		await pass(4_000);
		await runUntilSettled(clock, link.end(false));
		await pass(15_000);
		await beginLink(['bbbb']);
		await pass(3_000);
		sentinel?.stop();
		isInDoubt = false;
		await pass(2_000);
		expect([await tripFile(), paused()]).toEqual([
			false,
			'the sentinel has cancelled our orders: the engine has been silent for 10 s',
		]);
	});

	test('compares anew for each trip, also where somebody took the file of the last one away by hand', async () => {
		await beginLink();
		startSentinel();
		await pass(4_000);
		for (const count of [1, 2]) {
			await disk.replace(`${FOLDER}/${TRIP_FILE}`, Buffer.from('{}'));
			await pass(2_000);
			expect(comparisons()).toBe(count);
			await disk.remove(`${FOLDER}/${TRIP_FILE}`);
			await pass(2_000);
		}
	});
});

describe('a disk that hangs', () => {
	const HANGS = new Promise<never>(() => {});

	test('keeps nothing from beginning, paused', async () => {
		disk.read = () => HANGS;
		disk.replace = () => HANGS;
		await beginLink();
		await pass(20_000);
		expect(paused()).toBe('our heartbeat cannot be written, so the sentinel will cancel');
	});

	test.each([true, false])('keeps nothing from ending, with nothing left: %s', async (isProven) => {
		await beginLink();
		startSentinel();
		await pass(4_000);
		disk.replace = () => HANGS;
		await pass(2_000);
		await runUntilSettled(clock, link.end(isProven));
		await pass(20_000);
		expect(open).toEqual([]);
	});
});

describe('the end', () => {
	test.each([
		['that proved that nothing is left means rest for the sentinel', true, 1, 'waiting'],
		['that proved nothing lets it cancel (STOP6)', false, 0, 'tripped'],
	] as const)('%s', async (_name, isProven, left, state) => {
		await beginLink();
		startSentinel();
		await pass(4_000);
		await runUntilSettled(clock, link.end(isProven));
		await pass(20_000);
		expect([open.length, sentinel?.state]).toEqual([left, state]);
	});
});
