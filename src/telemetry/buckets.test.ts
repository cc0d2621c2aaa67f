import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BOUNDS_MS, Buckets } from './buckets.ts';

function filled(durations: readonly number[]): Buckets {
	const buckets = new Buckets();
	for (const ms of durations) buckets.record(ms);
	return buckets;
}

/** The same, said simply. */
function countedOneByOne(durations: readonly number[]): number[] {
	const upTo = (bound: number): number => durations.filter((ms) => ms <= bound).length;
	return [...BOUNDS_MS, Number.POSITIVE_INFINITY].map((bound, at) => upTo(bound) - (at === 0 ? 0 : upTo(BOUNDS_MS[at - 1] ?? 0)));
}

const duration = fc.oneof(
	fc.constantFrom(...BOUNDS_MS),
	fc.constantFrom(...BOUNDS_MS).map((bound) => bound * (1 + 2 ** -50)),
	fc.double({ min: 0, max: 10_000, noNaN: true }),
);

describe('durations by size', () => {
	test('bounds rise, and there is one at every figure that a tick is held to', () => {
		expect(BOUNDS_MS).toEqual(BOUNDS_MS.toSorted((a, b) => a - b));
		expect(BOUNDS_MS).toEqual(expect.arrayContaining([40, 200, 250]));
	});

	test('a duration counts where a slow counter puts it, bounds included', () => {
		fc.assert(
			fc.property(fc.array(duration, { maxLength: 50 }), (durations) => {
				const { counts, sumMs } = filled(durations);
				expect([...counts]).toEqual(countedOneByOne(durations));
				expect(sumMs).toBe(durations.reduce((sum, ms) => sum + ms, 0));
			}),
		);
	});

	test('what is no duration is not counted', () => {
		const { counts, sumMs } = filled([Number.NaN, -1, Number.NEGATIVE_INFINITY]);
		expect(Math.max(...counts)).toBe(0);
		expect(sumMs).toBe(0);
	});

	test('joined, they are as if all had gone to one', () => {
		fc.assert(
			fc.property(fc.array(fc.array(fc.nat(6_000), { maxLength: 20 }), { maxLength: 5 }), (groups) => {
				const joined = Buckets.join(groups.map(filled));
				const one = filled(groups.flat());
				expect([...joined.counts]).toEqual([...one.counts]);
				expect(joined.sumMs).toBe(one.sumMs);
			}),
		);
	});
});
