import { beforeEach, describe, expect, test } from 'vitest';
import { runWithJobs } from '../../simulation/promise-jobs.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { ProcessAlerts } from './process-alerts.ts';

const DAY_MS = 86_400_000;

let clock: VirtualClock;
let heap: number;
let free: number | undefined;
let lost: number;
let ends: Map<string, number>;
let alerts: ProcessAlerts;

beforeEach(() => {
	clock = new VirtualClock(Date.UTC(2026, 0, 1));
	heap = 0.5;
	free = 10 * 1024 ** 3;
	lost = 0;
	ends = new Map();
	alerts = new ProcessAlerts({
		...{ clock, folder: 'data', keyEndsAtMs: ends, heapShare: () => heap, lostPoints: () => lost },
		disk: { freeBytes: async () => free ?? Promise.reject(new Error('not told')) },
	});
});

async function pass(ms: number): Promise<void> {
	const untilMono = clock.monotonicMs() + ms;
	clock.after(ms, () => {});
	await runWithJobs(clock, () => clock.monotonicMs() < untilMono);
}

const sentences = (): string[] => alerts.conditions().map(({ code, sentence }) => `${code}: ${sentence}`);

test('nothing is wrong with nothing wrong', () => {
	ends.set('bybit', clock.wallMs() + 90 * DAY_MS);
	expect(sentences()).toEqual([]);
});

test('memory that is nearly all taken', () => {
	heap = 0.9;
	expect(sentences()).toEqual(['memory-high: 90 % of the memory that the process may have is taken']);
});

describe('a key', () => {
	test.each([
		[14 * DAY_MS, []],
		[14 * DAY_MS - 1, ['expires in 13 days']],
		[DAY_MS, ['expires in 1 day']],
		[1, ['expires today']],
		[-1, ['has expired']],
	])('that ends in %d ms is told of fourteen days ahead (F55)', (inMs, said) => {
		ends.set('bybit', clock.wallMs() + inMs);
		expect(sentences()).toEqual(said.map((each) => `key-expires: the API key of bybit ${each}: make a new one in time`));
	});
});

describe('a disk', () => {
	test('with little room is told of a minute later at most, and so is that there is room again', async () => {
		alerts.conditions();
		free = 5 * 1024 ** 2;
		await pass(60_000);
		alerts.conditions();
		await pass(1);
		expect(sentences()).toEqual(['disk-low: only 5 MiB are free for data; without any nothing is placed']);
		free = 5 * 1024 ** 3;
		await pass(60_000);
		alerts.conditions();
		await pass(1);
		expect(sentences()).toEqual([]);
	});

	test('that does not tell is nothing to tell of', async () => {
		free = undefined;
		alerts.conditions();
		await pass(1);
		expect(sentences()).toEqual([]);
	});
});

test('points that were lost are told of for a minute after the last', async () => {
	lost = 3;
	expect(sentences()).toEqual(['points-lost: 3 points for InfluxDB were lost so far']);
	await pass(59_999);
	expect(sentences()).toHaveLength(1);
	await pass(1);
	expect(sentences()).toEqual([]);
});
