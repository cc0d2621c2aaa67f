import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Percentiles } from './percentiles.ts';

function recorded(values: readonly number[]): Percentiles {
	const percentiles = new Percentiles();
	for (const value of values) percentiles.record(value);
	return percentiles;
}

/** The value at this share, from all values sorted. */
function exactly(values: readonly number[], share: number): number {
	const rank = Math.max(1, Math.ceil(share * values.length));
	return values.toSorted((a, b) => a - b)[rank - 1] ?? Number.NaN;
}

/** From nanoseconds to eleven days, every size equally often. */
const anyMs = fc.double({ min: -6, max: 9, noNaN: true }).map((exponent) => 10 ** exponent);
const anyValues = fc.array(fc.oneof(anyMs, fc.integer({ min: 0, max: 300 }), fc.constantFrom(0, 0.064, 0.063, 0.128)), {
	minLength: 1,
	maxLength: 200,
	size: 'max',
});
const anyShare = fc.oneof(fc.constantFrom(0, 0.5, 0.95, 0.99, 0.999, 1), fc.double({ min: 0, max: 1, noNaN: true }));

/** Records are whole microseconds: rounding moves a value by half of one. */
const ROUNDED_MS = 0.0005;
const ERROR_MAX = 1 / 64;

describe('a percentile', () => {
	test('is that of the sorted values to 1.6 %, and errs upwards', () => {
		fc.assert(
			fc.property(anyValues, anyShare, (values, share) => {
				const exact = exactly(values, share);
				const found = recorded(values).at(share);
				expect(found).toBeGreaterThanOrEqual((exact - ROUNDED_MS) * (1 - 1e-12));
				expect(found).toBeLessThanOrEqual((exact + ROUNDED_MS) * (1 + ERROR_MAX));
			}),
			{ numRuns: 2_000 },
		);
	});

	test('never falls as the share rises, and ends at the largest value itself', () => {
		fc.assert(
			fc.property(anyValues, fc.array(anyShare, { minLength: 2, maxLength: 10 }), (values, shares) => {
				const percentiles = recorded(values);
				const found = shares.toSorted((a, b) => a - b).map((share) => percentiles.at(share));
				expect(found).toEqual(found.toSorted((a, b) => a - b));
				expect(percentiles.maxMs).toBe(Math.max(...values));
				expect(percentiles.at(1)).toBeLessThanOrEqual(percentiles.maxMs);
				expect(percentiles.count).toBe(values.length);
			}),
			{ numRuns: 500 },
		);
	});

	test('does not depend on the order of the records', () => {
		fc.assert(
			fc.property(anyValues, anyShare, (values, share) => {
				expect(recorded(values.toReversed()).at(share)).toBe(recorded(values).at(share));
			}),
			{ numRuns: 300 },
		);
	});

	test('is exact below 64 microseconds, and at every power of two its own value stays within its bucket', () => {
		for (let micros = 0; micros < 64; micros += 1) expect(recorded([micros / 1_000, 1e6]).at(0.5)).toBe(micros / 1_000);
		for (let power = 6; power <= 40; power += 1) {
			for (const micros of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
				const found = recorded([micros / 1_000, 1e12]).at(0.5) * 1_000;
				expect(found, `${micros} µs`).toBeGreaterThanOrEqual(micros * (1 - 1e-12));
				expect(found, `${micros} µs`).toBeLessThanOrEqual(micros * (1 + ERROR_MAX));
			}
		}
	});

	test('is never above the largest value, which no bucket widens', () => {
		expect(recorded([100.001]).at(0.5)).toBe(100.001);
		expect(recorded([1e12]).at(0.99), 'even beyond the last bucket').toBeLessThanOrEqual(1e12);
	});

	test('of nothing is zero, and a value below zero counts as zero', () => {
		expect([new Percentiles().at(0.5), new Percentiles().maxMs, new Percentiles().count]).toEqual([0, 0, 0]);
		const percentiles = recorded([-5, 2]);
		expect([percentiles.at(0.5), percentiles.at(1), percentiles.count]).toEqual([0, 2, 2]);
	});

	test.each([
		[0.5, 50],
		[0.95, 95],
		[0.99, 99],
		[0.999, 100],
		[0, 1],
	])('at %s of one to a hundred microseconds is %s', (share, micros) => {
		const values = Array.from({ length: 100 }, (_, i) => (i + 1) / 1_000);
		expect(Math.abs(recorded(values).at(share) * 1_000 - micros)).toBeLessThanOrEqual(1);
	});
});
