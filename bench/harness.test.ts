import { describe, expect, test } from 'vitest';
import { measurePaired, Samples } from './harness.ts';

describe('samples', () => {
	test('give the nearest rank of each percentile, whatever order they came in', () => {
		const samples = new Samples(10_000);
		for (let value = 10_000; value >= 1; value--) samples.record(value);
		expect(samples.percentiles()).toEqual({
			p50: 5_000,
			p90: 9_000,
			p95: 9_500,
			p99: 9_900,
			p999: 9_990,
			p9999: 9_999,
			max: 10_000,
		});
	});

	test('sort as numbers, and a single one is every percentile', () => {
		const samples = new Samples(3);
		for (const value of [100, 9, 20]) samples.record(value);
		expect([samples.count, samples.percentiles().p50, samples.percentiles().max]).toEqual([3, 20, 100]);
		const single = new Samples(1);
		single.record(7);
		expect(Object.values(single.percentiles())).toEqual([7, 7, 7, 7, 7, 7, 7]);
	});

	test('refuse one more than there is room for, and percentiles of nothing', () => {
		const samples = new Samples(1);
		expect(() => samples.percentiles()).toThrow('no samples');
		samples.record(1);
		expect(() => samples.record(2)).toThrow('room for 1');
	});
});

describe('a paired measurement', () => {
	const once = { rounds: 4, warmupRounds: 2, workPerRun: 1, work: 'step' };

	test('takes turns with its variants, in reversed order every other round, each prepared before its run', async () => {
		const calls: string[] = [];
		const variant = (name: string) => ({
			prepare: () => void calls.push(`${name}?`),
			run: () => {
				calls.push(name);
				return 0;
			},
		});
		await measurePaired({ ...once, rounds: 2, warmupRounds: 1, variants: { a: variant('a'), b: variant('b') } });
		expect(calls.join(' ')).toBe('b? b a? a a? a b? b b? b a? a');
	});

	test('leaves warm-up rounds out of the samples', async () => {
		let runCount = 0;
		const { cases } = await measurePaired({ ...once, variants: { only: () => ++runCount } });
		expect([runCount, cases.only.sampleCount]).toEqual([6, 4]);
	});

	test('says how many times slower theirs is than ours, per piece of work', async () => {
		const burn = (turns: number) => () => {
			let sum = 0;
			for (let i = 0; i < turns; i++) sum += Math.sqrt(i);
			return sum > 0 ? 1 : 0;
		};
		const options = { ...once, rounds: 20, workPerRun: 10, variants: { quick: burn(10_000), slow: burn(1_000_000) } };
		const { cases, ratio } = await measurePaired(options);
		expect(ratio({ theirs: 'slow', ours: 'quick' })).toBeGreaterThan(5);
		expect(ratio({ theirs: 'quick', ours: 'slow' })).toBeLessThan(0.2);
		expect(cases.quick).toMatchObject({ name: 'quick', unit: 'ns/step', sampleCount: 20 });
		expect(cases.quick.perSec).toBeCloseTo(1e9 / cases.quick.p50);
	});

	test('throws when variants that should do the same do not', async () => {
		const variants = { a: () => 1, b: () => Promise.resolve(2) };
		await expect(measurePaired({ ...once, variants })).rejects.toThrow('variants disagree in round -2: a 1, b 2');
		const { cases } = await measurePaired({ ...once, variants, checksums: 'free' });
		expect(cases.a.checksum).not.toBe(cases.b.checksum);
	});
});
