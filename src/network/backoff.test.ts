import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRng } from '../simulation/seeded-rng.ts';
import { type Backoff, backoffDelayMs } from './backoff.ts';

const PLAIN: Backoff = { kind: 'exponential', baseMs: 100, maxMs: 1_000, jitter: 'none' };
const RNG = seededRng(1);
const delays = (backoff: Backoff) => [0, 1, 2, 3, 4, 5].map((retriesMade) => backoffDelayMs(backoff, retriesMade, RNG));

describe('the delay before another try', () => {
	test.each([
		{ kind: 'exponential', expected: [100, 200, 400, 800, 1_000, 1_000] },
		{ kind: 'linear', expected: [100, 200, 300, 400, 500, 600] },
		{ kind: 'fixed', expected: [100, 100, 100, 100, 100, 100] },
	] as const)('is $kind up to its bound', ({ kind, expected }) => {
		expect(delays({ ...PLAIN, kind })).toEqual(expected);
	});

	test('stays within its bounds for any settings and any number of tries', () => {
		fc.assert(
			fc.property(
				fc.constantFrom('exponential', 'linear', 'fixed'),
				fc.constantFrom('none', 'added', 'full'),
				fc.record({ baseMs: fc.integer({ min: 1, max: 10_000 }), maxMs: fc.integer({ min: 1, max: 60_000 }) }),
				fc.nat(5_000),
				fc.nat(),
				(kind, jitter, bounds, retriesMade, seed) => {
					const backoff: Backoff = { kind, jitter, ...bounds };
					const plainMs = backoffDelayMs({ ...backoff, jitter: 'none' }, retriesMade, RNG);
					const delayMs = backoffDelayMs(backoff, retriesMade, seededRng(seed));
					const mostMs = Math.min(bounds.maxMs, jitter === 'added' ? plainMs + bounds.baseMs : plainMs);
					expect(delayMs).toBeGreaterThanOrEqual(jitter === 'full' ? 0 : plainMs);
					expect(delayMs).toBeLessThanOrEqual(mostMs);
				},
			),
		);
	});

	test.each([
		{ jitter: 'added', fromMs: 400, toMs: 500 },
		{ jitter: 'full', fromMs: 0, toMs: 400 },
	] as const)('with $jitter jitter fills $fromMs to $toMs', ({ jitter, fromMs, toMs }) => {
		const rng = seededRng(7);
		const drawn = Array.from({ length: 500 }, () => backoffDelayMs({ ...PLAIN, jitter }, 2, rng));
		const tenth = (toMs - fromMs) / 10;
		expect(Math.min(...drawn)).toBeLessThan(fromMs + tenth);
		expect(Math.max(...drawn)).toBeGreaterThan(toMs - tenth);
	});
});
