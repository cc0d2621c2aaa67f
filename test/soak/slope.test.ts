import { expect, test } from 'vitest';
import { slopeOf } from './slope.ts';

const MINUTE_MS = 60_000;

function points(valueAt: (minute: number) => number) {
	return Array.from({ length: 30 }, (_, minute) => ({ atMs: minute * MINUTE_MS, value: valueAt(minute) }));
}

test('what stays the same does not rise, however much it jumps about', () => {
	const slope = slopeOf(points((minute) => 100 + (minute % 2)));
	expect(Math.abs(slope?.perHour ?? 1)).toBeLessThan(0.01);
	expect(slope?.perHourAtLeast).toBeLessThan(0);
});

test('what doubles in an hour rises by two thirds of its mean over that half hour or so, and surely', () => {
	const slope = slopeOf(points((minute) => 100 + (minute * 100) / 60 + (minute % 2)));
	expect(slope?.perHour).toBeCloseTo(100 / 124.7, 1);
	expect(slope?.perHourAtLeast).toBeGreaterThan(0.7);
});

test('two points say nothing', () => {
	expect(slopeOf(points(() => 1).slice(0, 2))).toBeUndefined();
});
