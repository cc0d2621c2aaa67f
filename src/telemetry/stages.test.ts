import { expect, test } from 'vitest';
import { BOUNDS_MS } from './buckets.ts';
import { PrometheusMeter } from './prometheus-meter.ts';
import { stagesOf } from './stages.ts';

test('shares of a tick add up, and the calls that were out at once do not count twice', () => {
	const meter = new PrometheusMeter();
	for (let i = 0; i < 10; i += 1) {
		meter.flush.record(50);
		meter.stage('decide').record(2);
		meter.stage('journal').record(3);
		for (let call = 0; call < 5; call += 1) meter.request('place', 'ws-batch').record(45);
	}
	meter.stage('reconcile').record(100);
	const stages = stagesOf(meter);
	expect(stages.map(({ name, share }) => [name, share === null ? null : Number(share.toFixed(3))])).toEqual([
		['tick', 1],
		['decide', 0.04],
		['journal', 0.06],
		['exchange', 0.9],
		['reconcile', null],
		['ws', null],
	]);
	expect(stages.map(({ count }) => count)).toEqual([10, 10, 10, 10, 1, 50]);
});

test('a percentile lies between the bounds of its records, and never above the last', () => {
	const meter = new PrometheusMeter();
	for (let i = 0; i < 100; i += 1) meter.flush.record(i < 50 ? 41 : 10_000);
	const [tick] = stagesOf(meter);
	expect(tick?.p50).toBe(42.5);
	expect(tick?.p95).toBe(BOUNDS_MS.at(-1));
});

test('within its bucket a percentile lies as far as its rank', () => {
	const meter = new PrometheusMeter();
	for (let i = 0; i < 100; i += 1) meter.flush.record(i < 50 ? 41 : 44);
	expect(stagesOf(meter)[0]?.p95).toBe(44.75);
});

test('before the first flush there is no share, and nothing is zero that was not measured', () => {
	expect(stagesOf(new PrometheusMeter())).toEqual([
		{ name: 'tick', count: 0, p50: null, p95: null, p99: null, share: null },
		{ name: 'exchange', count: 0, p50: null, p95: null, p99: null, share: null },
	]);
});

test('computing that led to nothing makes no share larger than the whole', () => {
	const meter = new PrometheusMeter();
	meter.flush.record(10);
	meter.stage('decide').record(30);
	meter.stage('journal').record(5);
	expect(stagesOf(meter).map(({ share }) => share)).toEqual([1, 1, 0, 0]);
});
