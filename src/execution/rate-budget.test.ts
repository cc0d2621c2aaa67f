import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verb } from '../domain/command.ts';
import { monoMs } from '../domain/units.ts';
import { Lanes } from './lanes.ts';
import { BTC, BYBIT } from './orders.suite.ts';
import { type BudgetRule, CANCEL_RESERVE, RateBudget } from './rate-budget.ts';

const VERBS: readonly Verb[] = ['place', 'amend', 'cancel'];
const SHARED: BudgetRule = { venue: 'bybit', verbs: VERBS, perSec: 10, burst: 20 };

function laneWith(...rules: BudgetRule[]) {
	const lane = new Lanes([BYBIT]).follow(BTC);
	const budget = new RateBudget(rules);
	budget.follow(lane);
	return {
		budget,
		available: (verb: Verb, atMs: number) => budget.available(lane, verb, monoMs(atMs)),
		spend: (verb: Verb, count: number, atMs: number) => budget.spend(lane, verb, count, monoMs(atMs)),
		spendAll: (verb: Verb, atMs: number) => {
			const count = budget.available(lane, verb, monoMs(atMs));
			budget.spend(lane, verb, count, monoMs(atMs));
			return count;
		},
	};
}

describe('a rate budget', () => {
	test('knows no bound where no rule is given, and none for verbs or venues that no rule names', () => {
		expect(laneWith().budget.isBounded).toBe(false);
		expect(laneWith().available('place', 0)).toBe(Number.POSITIVE_INFINITY);
		const elsewhere = laneWith({ ...SHARED, venue: 'binance' }, { ...SHARED, verbs: ['place'] });
		expect(elsewhere.budget.isBounded).toBe(true);
		expect(elsewhere.available('cancel', 0)).toBe(Number.POSITIVE_INFINITY);
		expect(elsewhere.available('place', 0)).toBe(20);
	});

	test('is full at the start, at whatever number the monotonic clock stands', () => {
		for (const atMs of [-5_000, 0, 0.25, 1e12]) expect(laneWith(SHARED).available('cancel', atMs), `${atMs}`).toBe(20);
	});

	test('refills evenly, counts whole commands only and never holds more than its burst', () => {
		const { available, spend } = laneWith(SHARED);
		spend('cancel', 20, 0);
		expect([0, 99, 100, 199, 1_999, 2_000, 60_000].map((atMs) => available('cancel', atMs))).toEqual([0, 0, 1, 1, 19, 20, 20]);
	});

	test('keeps a fifth for cancels where they share it with other verbs (I11)', () => {
		const { available, spendAll } = laneWith(SHARED);
		expect(spendAll('place', 0)).toBe(16);
		expect(available('amend', 0)).toBe(0);
		expect(spendAll('cancel', 0)).toBe(4);
		// What comes back fills the reserve first.
		expect([available('place', 400), available('cancel', 400)]).toEqual([0, 4]);
		expect([available('place', 500), available('cancel', 500)]).toEqual([1, 5]);
	});

	test('keeps nothing back where cancels have a pool of their own, or none', () => {
		const apart = laneWith({ ...SHARED, verbs: ['place', 'amend'] }, { ...SHARED, verbs: ['cancel'], burst: 5 });
		expect(apart.spendAll('place', 0)).toBe(20);
		expect(apart.available('amend', 0)).toBe(0);
		expect(apart.spendAll('cancel', 0)).toBe(5);
	});

	test('lets others pass even when the burst is one, since a share of one command would lock them out for ever', () => {
		const { available } = laneWith({ ...SHARED, burst: 1 });
		expect(available('place', 0)).toBe(1);
	});

	test('pays back what was overdrawn before anything else goes', () => {
		const { available, spend } = laneWith(SHARED);
		spend('cancel', 30, 0);
		expect([0, 1_000, 1_100].map((atMs) => available('cancel', atMs))).toEqual([0, 0, 1]);
	});

	test('takes back what was spent and not sent, but never above its burst', () => {
		const { available, spend } = laneWith(SHARED);
		spend('cancel', 3, 0);
		spend('cancel', -1, 0);
		expect(available('cancel', 0)).toBe(18);
		spend('cancel', -9, 0);
		expect(available('cancel', 0)).toBe(20);
	});

	test('that allows nothing a second is over once its burst is spent', () => {
		const { available, spend } = laneWith({ ...SHARED, perSec: 0 });
		spend('cancel', 20, 0);
		expect(available('cancel', 1e9)).toBe(0);
	});

	test('follows a lane once: following it again does not fill it up', () => {
		const lane = new Lanes([BYBIT]).follow(BTC);
		const budget = new RateBudget([SHARED]);
		budget.follow(lane);
		budget.spend(lane, 'cancel', 20, monoMs(0));
		budget.follow(lane);
		expect(budget.available(lane, 'cancel', monoMs(0))).toBe(0);
	});

	test('over any window no more leave than its burst and what the window refills, and others leave cancels their fifth', () => {
		const rule = fc.record({
			perSec: fc.integer({ min: 1, max: 50 }),
			burst: fc.integer({ min: 2, max: 40 }),
		});
		const asks = fc.array(
			fc.record({
				gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 })),
				verb: fc.constantFrom(...VERBS),
				want: fc.nat(30),
			}),
			{ minLength: 1, maxLength: 40 },
		);
		fc.assert(
			fc.property(rule, asks, ({ perSec, burst }, wishes) => {
				const { available, spend } = laneWith({ ...SHARED, perSec, burst });
				const left: { atMs: number; count: number; verb: Verb }[] = [];
				let atMs = 0;
				for (const { gapMs, verb, want } of wishes) {
					atMs += gapMs;
					const count = Math.min(want, available(verb, atMs));
					spend(verb, count, atMs);
					left.push({ atMs, count, verb });
					if (verb !== 'cancel' && count > 0)
						expect(available('cancel', atMs)).toBeGreaterThanOrEqual(Math.floor(burst * CANCEL_RESERVE));
				}
				for (let from = 0; from < left.length; from += 1) {
					let sum = 0;
					for (let to = from; to < left.length; to += 1) {
						sum += left[to]?.count ?? 0;
						const windowMs = (left[to]?.atMs ?? 0) - (left[from]?.atMs ?? 0);
						expect(sum).toBeLessThanOrEqual(burst + (windowMs * perSec) / 1_000 + 1e-6);
					}
				}
			}),
			{ numRuns: 400 },
		);
	});
});
