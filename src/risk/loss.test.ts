import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Equity, judgeLoss, LOSS_LIMITS, type LossLimits, type LossVerdict } from './loss.ts';

/** 100,000 in the morning and never more since, unless said. */
function judge(equity: Partial<Equity>, limits: Partial<LossLimits> = {}): LossVerdict {
	return judgeLoss({ dayStart: 100_000, peak: 100_000, now: 100_000, ...equity }, { ...LOSS_LIMITS, ...limits });
}

const CASES: readonly { readonly name: string; readonly equity: Partial<Equity>; readonly level: LossVerdict['level'] }[] = [
	{ name: 'no loss', equity: {}, level: 'run' },
	{ name: 'a gain', equity: { now: 150_000, peak: 150_000 }, level: 'run' },
	{ name: 'less than 2 % of the day', equity: { now: 98_000.01 }, level: 'run' },
	{ name: '2 % of the day', equity: { now: 98_000 }, level: 'reduceOnly' },
	{ name: 'less than 5 % of the day', equity: { now: 95_000.01 }, level: 'reduceOnly' },
	{ name: '5 % of the day', equity: { now: 95_000 }, level: 'kill' },
	{ name: 'more than there was', equity: { now: -1 }, level: 'kill' },
	{ name: 'less than 3 % from the peak of a good day', equity: { now: 116_400.01, peak: 120_000 }, level: 'run' },
	{ name: '3 % from the peak of a good day', equity: { now: 116_400, peak: 120_000 }, level: 'reduceOnly' },
	{
		name: 'far more than that from the peak, without a loss since the morning',
		equity: { now: 100_000, peak: 900_000 },
		level: 'reduceOnly',
	},
	{ name: 'a start with nothing, and nothing lost', equity: { dayStart: 0, peak: 0, now: 0 }, level: 'run' },
	{ name: 'a start with nothing, and a gain', equity: { dayStart: 0, peak: 5, now: 5 }, level: 'run' },
	{ name: 'a start with nothing, and any loss', equity: { dayStart: 0, peak: 0, now: -0.01 }, level: 'kill' },
	{ name: 'a start in debt, and no more of it', equity: { dayStart: -50, peak: -50, now: -50 }, level: 'run' },
	{ name: 'a start in debt, and more of it', equity: { dayStart: -50, peak: -50, now: -50.01 }, level: 'kill' },
	{
		name: 'a start in debt, and a little less than at its peak',
		equity: { dayStart: -50, peak: -10, now: -11 },
		level: 'reduceOnly',
	},
	{ name: 'equity that is not known', equity: { now: Number.NaN }, level: 'reduceOnly' },
	{ name: 'a start that is not known', equity: { dayStart: Number.NEGATIVE_INFINITY }, level: 'reduceOnly' },
	{ name: 'a peak that is not known', equity: { peak: Number.NEGATIVE_INFINITY }, level: 'reduceOnly' },
];

describe('the level that a loss calls for', () => {
	test.each(CASES)('after $name: $level', ({ equity, level }) => {
		const verdict = judge(equity);
		expect(verdict.level).toBe(level);
		expect('reason' in verdict, 'a reason exactly where there is a level').toBe(level !== 'run');
	});

	test.each([
		{ equity: { now: 98_000 }, reason: 'equity is 98000, 2.00 % (limit 2.00 %) below the start of the day' },
		{ equity: { now: 93_500 }, reason: 'equity is 93500, 6.50 % (limit 5.00 %) below the start of the day' },
		{ equity: { now: 110_000, peak: 120_000 }, reason: 'equity is 110000, 8.33 % (limit 3.00 %) below its peak' },
		{ equity: { dayStart: 0, now: -7 }, reason: 'equity is -7, 7 (limit 5.00 %) below the start of the day' },
		{
			equity: { now: Number.NaN },
			reason: 'equity is not known: NaN, after 100000 at the start of the day and a peak of 100000',
		},
	])('is given with its reason: $reason', ({ equity, reason }) => {
		expect(judge(equity)).toMatchObject({ reason });
	});

	test('follows the limits that are set, each on its own', () => {
		expect(judge({ now: 99_000 }, { dayLossReduceOnly: 0.01 }).level).toBe('reduceOnly');
		expect(judge({ now: 99_000 }, { dayLossKill: 0.01 }).level).toBe('kill');
		expect(judge({ now: 99_000 }, { drawdownReduceOnly: 0.01 }).level).toBe('reduceOnly');
		expect(judge({ now: 90_000 }, { dayLossReduceOnly: 0.2, dayLossKill: 0.3, drawdownReduceOnly: 0.2 }).level).toBe('run');
	});

	const RANK = { run: 0, reduceOnly: 1, kill: 2 } as const;
	const amount = fc.double({ min: -1e7, max: 1e7, noNaN: true });
	const share = fc.double({ min: 0, max: 1, noNaN: true });
	const anyLimits = fc.record({ dayLossReduceOnly: share, dayLossKill: share, drawdownReduceOnly: share });

	test('never falls when equity does', () => {
		let steps = 0;
		fc.assert(
			fc.property(
				amount,
				amount,
				fc.array(amount, { minLength: 2, maxLength: 12 }),
				anyLimits,
				(dayStart, peak, path, limits) => {
					let rank = 0;
					for (const now of path.toSorted((a, b) => b - a)) {
						const next = RANK[judgeLoss({ dayStart, peak, now }, limits).level];
						expect(next).toBeGreaterThanOrEqual(rank);
						if (next > rank) steps += 1;
						rank = next;
					}
				},
			),
			{ numRuns: 1_000 },
		);
		expect(steps).toBeGreaterThan(100);
	});

	test('does not depend on the size of the account', () => {
		const near = fc.double({ min: 0.9, max: 1.1, noNaN: true });
		fc.assert(
			fc.property(near, near, fc.constantFrom(2 ** -10, 2, 1024), (now, peak, scale) => {
				const small = judgeLoss({ dayStart: 1, peak, now }, LOSS_LIMITS).level;
				expect(judgeLoss({ dayStart: scale, peak: peak * scale, now: now * scale }, LOSS_LIMITS).level).toBe(small);
			}),
			{ numRuns: 500 },
		);
	});
});
