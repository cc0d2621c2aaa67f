import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SlotRates } from './slot-rates.ts';

const LIMITS = { slotActionsPerSecMax: 5, slotActionsPerMinMax: 20 };

/** Which of these moments a slot that always wants to act gets. */
function allowedOf(moments: readonly number[], limits = LIMITS): number[] {
	const rates = new SlotRates();
	return moments.filter((at) => {
		if (!rates.mayAct(1, at, limits)) return false;
		rates.count(1, at);
		return true;
	});
}

describe('the pace of a slot', () => {
	test('is five actions in any second, wherever it begins', () => {
		expect(allowedOf([0, 100, 200, 300, 400, 500, 999, 1_000])).toEqual([0, 100, 200, 300, 400, 1_000]);
		expect(allowedOf([0, 900, 910, 920, 930, 1_000, 1_001, 1_899, 1_900])).toEqual([0, 900, 910, 920, 930, 1_000, 1_900]);
	});

	test('is no more than the limit of a minute, even where each second has room', () => {
		const everyQuarter = Array.from({ length: 4 * 61 }, (_, i) => i * 250);
		const allowed = allowedOf(everyQuarter);
		expect(allowed.filter((at) => at < 60_000)).toEqual(everyQuarter.slice(0, 20));
		expect(allowed.filter((at) => at >= 60_000)).toEqual([60_000, 60_250, 60_500, 60_750]);
	});

	test('forgets what was more than a minute ago, however much it was', () => {
		const burst = Array.from({ length: 20 }, (_, i) => i * 200);
		const later = burst.map((at) => at + 60_000);
		expect(allowedOf([...burst, 59_999, ...later])).toEqual([...burst, ...later]);
	});

	test('is each slot its own', () => {
		const rates = new SlotRates();
		for (let i = 0; i < 5; i += 1) rates.count(1, 0);
		expect([rates.mayAct(1, 0, LIMITS), rates.mayAct(2, 0, LIMITS)]).toEqual([false, true]);
	});

	test('follows a limit that is lowered or raised at once', () => {
		const rates = new SlotRates();
		for (let i = 0; i < 3; i += 1) rates.count(1, 0);
		const perSec = (slotActionsPerSecMax: number) => rates.mayAct(1, 1, { ...LIMITS, slotActionsPerSecMax });
		const perMin = (slotActionsPerMinMax: number) => rates.mayAct(1, 1, { ...LIMITS, slotActionsPerMinMax });
		expect([perSec(4), perSec(3), perMin(4), perMin(3)]).toEqual([true, false, true, false]);
	});

	test('may be zero, and then a slot that never acted may not start', () => {
		expect(new SlotRates().mayAct(1, 0, { ...LIMITS, slotActionsPerSecMax: 0 })).toBe(false);
	});

	test('is never passed, whichever second or minute one looks at', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 10, maxLength: 200 }), (gaps) => {
				let at = 0;
				const moments = gaps.map((gap) => {
					at += gap;
					return at;
				});
				const allowed = allowedOf(moments);
				const most = (windowMs: number) =>
					Math.max(...allowed.map((from) => allowed.filter((each) => each >= from && each < from + windowMs).length));
				expect(most(1_000)).toBeLessThanOrEqual(LIMITS.slotActionsPerSecMax);
				expect(most(60_000)).toBeLessThanOrEqual(LIMITS.slotActionsPerMinMax);
				// And it costs nothing to be slow: what comes at least a window apart always passes.
				expect(allowed[0]).toBe(moments[0]);
			}),
			{ numRuns: 300 },
		);
	});
});
