import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verb } from '../domain/command.ts';
import { monoMs } from '../domain/units.ts';
import type { RateRule } from '../domain/venue.ts';
import { Lanes } from './lanes.ts';
import { BTC, BYBIT } from './orders.suite.ts';
import { BUDGET_OPTIONS, type BudgetOptions, CANCEL_RESERVE, RateBudget, WAY_MS_MAX } from './rate-budget.ts';

const VERBS: readonly Verb[] = ['place', 'amend', 'cancel'];
const SHARED: RateRule = { venue: 'bybit', categories: ['linear'], verbs: VERBS, limit: 20, windowMs: 1_000 };
/** All of the venue's window is ours, counted as the venue counts it. */
const WHOLE: BudgetOptions = { isEnabled: true, share: 1, guardMs: 0 };

function laneWith(rules: readonly RateRule[], options: BudgetOptions = WHOLE) {
	const lane = new Lanes([BYBIT]).follow(BTC);
	const budget = new RateBudget(rules, options);
	budget.follow(lane);
	return {
		budget,
		available: (verb: Verb, atMs: number) => budget.available(lane, verb, monoMs(atMs)),
		fitsAt: (verb: Verb, atMs: number) => budget.fitsAtMono(lane, verb, monoMs(atMs)),
		spend: (verb: Verb, count: number, atMs: number) => budget.spend(lane, verb, count, monoMs(atMs)),
		spendCall: (verb: Verb, count: number, atMs: number) => budget.spendCall(lane, verb, count, monoMs(atMs)),
		giveBack: (verb: Verb, spentAtMs: number) => budget.giveBack(lane, verb, monoMs(spentAtMs)),
		spendAll: (verb: Verb, atMs: number) => {
			const count = budget.available(lane, verb, monoMs(atMs));
			budget.spend(lane, verb, count, monoMs(atMs));
			return count;
		},
		see: (verb: Verb, seen: Partial<Parameters<RateBudget['applySighting']>[2]>, atMs: number) =>
			budget.applySighting(lane, verb, { limit: 20, remaining: 20, resetInMs: 0, isRefusal: false, ...seen }, monoMs(atMs)),
	};
}

describe('a rate budget', () => {
	test('knows no bound where no rule is given, where it is off, and for verbs, categories or venues that no rule names', () => {
		expect(laneWith([]).budget.isBounded).toBe(false);
		expect(laneWith([]).available('place', 0)).toBe(Number.POSITIVE_INFINITY);
		const off = laneWith([SHARED], { ...WHOLE, isEnabled: false });
		expect([off.budget.isBounded, off.available('place', 0)]).toEqual([false, Number.POSITIVE_INFINITY]);
		const elsewhere = laneWith([
			{ ...SHARED, venue: 'binance' },
			{ ...SHARED, categories: ['spot'] },
			{ ...SHARED, verbs: ['place'] },
		]);
		expect(elsewhere.budget.isBounded).toBe(true);
		expect(elsewhere.available('cancel', 0)).toBe(Number.POSITIVE_INFINITY);
		expect(elsewhere.available('place', 0)).toBe(20);
	});

	test('is whole at the start, at whatever number the monotonic clock stands', () => {
		for (const atMs of [-5_000, 0, 0.25, 1e12]) expect(laneWith([SHARED]).available('cancel', atMs), `${atMs}`).toBe(20);
	});

	test('has again what was spent at a moment and never left, once, and only as long as that moment counts', () => {
		const { available, spend, giveBack } = laneWith([SHARED]);
		spend('cancel', 2, 0);
		spend('cancel', 18, 400);
		giveBack('cancel', 0);
		expect([available('cancel', 400), available('cancel', 1_000)]).toEqual([1, 2]);
		for (const spentAtMs of [0, 0, 399, 401]) giveBack('cancel', spentAtMs);
		expect(available('cancel', 1_000)).toBe(2);
		giveBack('cancel', 400);
		expect(available('cancel', 1_000)).toBe(3);
		expect(available('cancel', 1_400)).toBe(20);
	});

	test('gives back what was spent when its window has passed, and not before', () => {
		const { available, spend } = laneWith([SHARED]);
		spend('cancel', 5, 0);
		spend('cancel', 15, 400);
		expect([400, 999.9, 1_000, 1_399, 1_400, 60_000].map((atMs) => available('cancel', atMs))).toEqual([0, 0, 5, 5, 20, 20]);
	});

	test('takes its share of the window only, and counts windows longer than the venue does (PT13)', () => {
		const { available, spendAll } = laneWith([SHARED], BUDGET_OPTIONS);
		expect(spendAll('cancel', 0)).toBe(16);
		expect([1_000, 1_039, 1_040].map((atMs) => available('cancel', atMs))).toEqual([0, 0, 16]);
	});

	test('obeys several windows at once, the tightest first', () => {
		const { available, spend } = laneWith([SHARED, { ...SHARED, limit: 25, windowMs: 10_000 }]);
		spend('cancel', 20, 0);
		expect([0, 1_000, 9_999, 10_000].map((atMs) => available('cancel', atMs))).toEqual([0, 5, 5, 20]);
	});

	test('counts calls by the rules of each window, where the venue does not count their commands', () => {
		const rules = [
			{ ...SHARED, limit: 300, batchCounts: { cancel: 5 } },
			{ ...SHARED, limit: 1_200, windowMs: 60_000, batchCounts: { cancel: 1, place: 5 } },
			{ ...SHARED, limit: 900, windowMs: 5_000 },
		];
		const used = (send: (budget: ReturnType<typeof laneWith>) => void): readonly number[] =>
			rules.map((rule) => {
				const of = laneWith([rule]);
				const before = of.available('cancel', 0);
				send(of);
				return before - of.available('cancel', 0);
			});
		const call = (count: number) => (of: ReturnType<typeof laneWith>) => {
			of.spend('cancel', count, 0);
			of.spendCall('cancel', count, 0);
		};
		expect(used(call(1))).toEqual([1, 1, 1]);
		expect(used(call(2))).toEqual([5, 1, 2]);
		expect(used(call(5))).toEqual([5, 1, 5]);
		expect(used((of) => of.spendCall('amend', 2, 0))).toEqual([0, 0, 0]);
		expect(
			used((of) => {
				call(5)(of);
				call(3)(of);
			}),
		).toEqual([10, 2, 8]);
	});

	test('where calls are counted, what was dropped is not given back: nobody knows what it travelled with', () => {
		const { available, spend, spendCall, giveBack } = laneWith([{ ...SHARED, batchCounts: { cancel: 1 } }]);
		spend('cancel', 5, 0);
		spendCall('cancel', 5, 0);
		for (let i = 0; i < 5; i += 1) giveBack('cancel', 0);
		expect(available('cancel', 0)).toBe(19);
	});

	test('hears of one of its windows without touching the others', () => {
		const { available, see } = laneWith([
			{ ...SHARED, name: 'short' },
			{ ...SHARED, limit: 100, windowMs: 60_000, name: 'long' },
		]);
		see('cancel', { limit: 100, remaining: 95, rule: 'long' }, 0);
		expect(available('cancel', 0)).toBe(20);
		see('cancel', { limit: 20, remaining: 3, rule: 'short' }, 0);
		expect(available('cancel', 0)).toBe(3);
		expect(available('cancel', 1_000)).toBe(20);
		see('cancel', { limit: 100, remaining: 2, rule: 'long' }, 1_000);
		expect(available('cancel', 2_000)).toBe(2);
	});

	test('is one for all categories that a rule names', () => {
		const lanes = new Lanes([BYBIT]);
		const [linear, spot] = [lanes.follow(BTC), lanes.follow({ ...BTC, index: 1 as typeof BTC.index, category: 'spot' })];
		const budget = new RateBudget([{ ...SHARED, categories: ['linear', 'spot'] }], WHOLE);
		for (const lane of [linear, spot]) budget.follow(lane);
		budget.spend(linear, 'cancel', 12, monoMs(0));
		expect(budget.available(spot, 'cancel', monoMs(0))).toBe(8);
	});

	test('keeps a fifth for cancels where they share it with other verbs (I11)', () => {
		const { available, spendAll } = laneWith([SHARED]);
		expect(spendAll('place', 0)).toBe(16);
		expect(available('amend', 0)).toBe(0);
		expect(spendAll('cancel', 0)).toBe(4);
	});

	test('keeps nothing back where cancels have a window of their own, or none', () => {
		const apart = laneWith([
			{ ...SHARED, verbs: ['place', 'amend'] },
			{ ...SHARED, verbs: ['cancel'], limit: 5 },
		]);
		expect(apart.spendAll('place', 0)).toBe(20);
		expect(apart.available('amend', 0)).toBe(0);
		expect(apart.spendAll('cancel', 0)).toBe(5);
	});

	test('lets one pass even where a share of the limit is less than one, or the other verbs were locked out for ever', () => {
		expect(laneWith([{ ...SHARED, limit: 1 }], BUDGET_OPTIONS).available('place', 0)).toBe(1);
	});

	test('waits for what was overdrawn before anything else goes', () => {
		const { available, spend } = laneWith([SHARED]);
		spend('cancel', 15, 0);
		spend('cancel', 15, 500);
		expect([500, 1_000, 1_499, 1_500].map((atMs) => available('cancel', atMs))).toEqual([0, 5, 5, 20]);
	});

	test('takes back what was spent and not sent, but never more than was spent', () => {
		const { available, spend } = laneWith([SHARED]);
		spend('cancel', 3, 0);
		spend('cancel', -1, 0);
		expect(available('cancel', 0)).toBe(18);
		spend('cancel', -9, 0);
		expect(available('cancel', 0)).toBe(20);
	});

	test('follows a lane once: following it again gives nothing back', () => {
		const lane = new Lanes([BYBIT]).follow(BTC);
		const budget = new RateBudget([SHARED], WHOLE);
		budget.follow(lane);
		budget.spend(lane, 'cancel', 20, monoMs(0));
		budget.follow(lane);
		expect(budget.available(lane, 'cancel', monoMs(0))).toBe(0);
	});

	test('goes on through thousands of windows without growing', () => {
		const { available, spendAll } = laneWith([SHARED]);
		let sum = 0;
		for (let atMs = 0; atMs < 1_000_000; atMs += 250) sum += spendAll('cancel', atMs);
		expect(sum).toBe(20_000);
		expect(available('cancel', 1_000_000)).toBe(20);
	});
});

describe('what a venue says of its own count (F52)', () => {
	test('raises or lowers the limit', () => {
		const { available, see } = laneWith([SHARED]);
		see('cancel', { limit: 200, remaining: 200 }, 0);
		expect(available('cancel', 0)).toBe(200);
		see('cancel', { limit: 10, remaining: 10 }, 0);
		expect(available('cancel', 0)).toBe(10);
	});

	test('counts what somebody else has used, and never makes up for what is on its way', () => {
		const { available, spend, see } = laneWith([SHARED]);
		spend('cancel', 5, 0);
		see('cancel', { remaining: 8 }, 100);
		expect(available('cancel', 100)).toBe(8);
		see('cancel', { remaining: 20 }, 100);
		expect(available('cancel', 100)).toBe(8);
		see('cancel', { remaining: 7 }, 100);
		expect(available('cancel', 100)).toBe(7);
		expect(available('cancel', 1_100)).toBe(20);
	});

	test('closes the window for the stated time after a refusal, halves our share and lets it grow again slowly (I16)', () => {
		const { available, see } = laneWith([SHARED]);
		see('cancel', { remaining: 0, resetInMs: 3_000, isRefusal: true }, 0);
		expect([0, 2_999, 3_000].map((atMs) => available('place', atMs))).toEqual([0, 0, 8]);
		expect([3_000, 4_999, 5_000, 10_000, 24_999, 25_000].map((atMs) => available('cancel', atMs))).toEqual([
			10, 10, 12, 14, 18, 20,
		]);
	});

	test('lets cancels through a closed window out of what was kept for them, and only where it was kept', () => {
		const shared = laneWith([SHARED]);
		shared.see('place', { limit: 20, remaining: 20, resetInMs: 3_000, isRefusal: true }, 0);
		expect([shared.available('place', 0), shared.available('cancel', 0)]).toEqual([0, 10]);
		const apart = laneWith([{ ...SHARED, verbs: ['cancel'] }]);
		apart.see('cancel', { resetInMs: 3_000, isRefusal: true }, 0);
		expect([apart.available('cancel', 2_999), apart.available('cancel', 3_000)]).toEqual([0, 10]);
	});

	test('goes on leaving room for one command after any number of refusals', () => {
		const { available, see } = laneWith([SHARED]);
		for (let i = 0; i < 50; i += 1) see('place', { isRefusal: true }, 0);
		expect(available('place', 0)).toBeGreaterThanOrEqual(1);
		expect(available('cancel', 0)).toBe(2);
	});
});

describe('a venue with windows of its own times', () => {
	const FIXED: RateRule = { ...SHARED, verbs: ['place'], windowMs: 10_000, isFixed: true };

	test('counts in them from the moment at which it has said when one ends', () => {
		const { available, fitsAt, spendAll, see } = laneWith([FIXED]);
		spendAll('place', 0);
		expect(fitsAt('place', 100)).toBe(10_000);
		see('place', { remaining: 0, resetInMs: 3_000 }, 100);
		expect(fitsAt('place', 100)).toBe(3_100);
		expect([3_099, 3_100].map((atMs) => available('place', atMs))).toEqual([0, 20]);
		spendAll('place', 3_100);
		expect([13_099, 13_100].map((atMs) => available('place', atMs))).toEqual([0, 20]);
	});

	test('and begins them a little late', () => {
		const { available, spendAll, see } = laneWith([FIXED], { ...WHOLE, guardMs: 40 });
		spendAll('place', 0);
		see('place', { remaining: 0, resetInMs: 3_000 }, 100);
		expect([3_139, 3_140].map((atMs) => available('place', atMs))).toEqual([0, 20]);
	});

	test('what leaves shortly before the end may be counted after it, and so it is', () => {
		const { available, spend, see } = laneWith([FIXED]);
		see('place', { resetInMs: 3_000 }, 0);
		spend('place', 5, 3_000 - WAY_MS_MAX);
		spend('place', 5, 3_000 - WAY_MS_MAX + 1);
		expect([3_000, 12_999, 13_000].map((atMs) => available('place', atMs))).toEqual([15, 15, 20]);
	});

	test('a refusal says when to come back, and nothing of windows; where windows roll, nobody asks when they end', () => {
		const refused = laneWith([FIXED]);
		refused.spendAll('place', 0);
		refused.see('place', { remaining: 0, resetInMs: 3_000, isRefusal: true }, 0);
		expect(refused.available('place', 3_000)).toBe(0);
		const rolling = laneWith([SHARED]);
		rolling.spendAll('cancel', 0);
		rolling.see('cancel', { remaining: 0, resetInMs: 300 }, 0);
		expect(rolling.fitsAt('cancel', 0)).toBe(1_000);
	});
});

test('in no fixed window do more arrive than its share, however late they arrive and however wrongly its end is judged', () => {
	const guardMs = 40;
	const asks = fc.array(
		fc.record({
			/** Unless said, until the next one fits. */
			gapMs: fc.option(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 })), { nil: undefined }),
			want: fc.nat(30),
			wayMs: fc.integer({ min: 0, max: WAY_MS_MAX - guardMs }),
			/** Of what is said of its end before. */
			errorMs: fc.option(fc.integer({ min: -guardMs, max: guardMs }), { nil: undefined }),
		}),
		{ minLength: 1, maxLength: 60 },
	);
	const windows = fc.record({ windowMs: fc.integer({ min: 700, max: 3_000 }), phaseMs: fc.integer({ min: -3_000, max: 3_000 }) });
	fc.assert(
		fc.property(windows, fc.integer({ min: 1, max: 40 }), asks, ({ windowMs, phaseMs }, limit, wishes) => {
			const rule: RateRule = { ...SHARED, verbs: ['place'], limit, windowMs, isFixed: true };
			const { available, fitsAt, spend, see } = laneWith([rule], { ...WHOLE, guardMs });
			const windowAt = (atMs: number): number => Math.floor((atMs - phaseMs) / windowMs);
			const tell = (atMs: number, errorMs: number): void => {
				const resetInMs = (windowAt(atMs) + 1) * windowMs + phaseMs - atMs + errorMs;
				see('place', { limit, remaining: limit, resetInMs }, atMs);
			};
			const arrived = new Map<number, number>();
			let atMs = 0;
			tell(atMs, 0);
			for (const { gapMs, want, wayMs, errorMs } of wishes) {
				atMs = gapMs === undefined ? Math.ceil(fitsAt('place', atMs)) : atMs + gapMs;
				if (errorMs !== undefined) tell(atMs, errorMs);
				const count = Math.min(want, available('place', atMs));
				spend('place', count, atMs);
				const window = windowAt(atMs + wayMs);
				arrived.set(window, (arrived.get(window) ?? 0) + count);
			}
			for (const [window, count] of arrived) expect(count, `window ${window}`).toBeLessThanOrEqual(limit);
		}),
		{ numRuns: 500 },
	);
});

test('in no window do more leave than its share, and others leave cancels their fifth', () => {
	const asks = fc.array(
		fc.record({
			gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 })),
			verb: fc.constantFrom(...VERBS),
			want: fc.nat(30),
		}),
		{ minLength: 1, maxLength: 40 },
	);
	const rule = fc.record({ limit: fc.integer({ min: 2, max: 40 }), windowMs: fc.integer({ min: 100, max: 3_000 }) });
	const share = fc.constantFrom(0.5, 0.8, 1);
	fc.assert(
		fc.property(rule, share, asks, ({ limit, windowMs }, ours, wishes) => {
			const { available, spend } = laneWith([{ ...SHARED, limit, windowMs }], { ...WHOLE, share: ours });
			const allowed = Math.max(1, Math.floor(limit * ours));
			const left: { atMs: number; count: number }[] = [];
			let atMs = 0;
			for (const { gapMs, verb, want } of wishes) {
				atMs += gapMs;
				const count = Math.min(want, available(verb, atMs));
				spend(verb, count, atMs);
				left.push({ atMs, count });
				if (verb !== 'cancel' && count > 0)
					expect(available('cancel', atMs)).toBeGreaterThanOrEqual(Math.floor(allowed * CANCEL_RESERVE));
			}
			for (let from = 0; from < left.length; from += 1) {
				let sum = 0;
				for (let to = from; to < left.length && (left[to]?.atMs ?? 0) - (left[from]?.atMs ?? 0) < windowMs; to += 1) {
					sum += left[to]?.count ?? 0;
				}
				expect(sum).toBeLessThanOrEqual(allowed);
			}
		}),
		{ numRuns: 400 },
	);
});

test('names the moment when the next command fits: then it does, and without a refusal not a moment sooner', () => {
	const step = fc.record({
		waitMs: fc.double({ min: 0, max: 700, noNaN: true }),
		verb: fc.constantFrom(...VERBS),
		count: fc.integer({ min: 1, max: 25 }),
		isRefusal: fc.boolean(),
		elsewhere: fc.integer({ min: 0, max: 25 }),
	});
	const rolling: RateRule[] = [SHARED, { ...SHARED, verbs: ['place'], limit: 3, windowMs: 333.3 }];
	const fixed = rolling.map((rule): RateRule => ({ ...rule, isFixed: true }));
	fc.assert(
		fc.property(fc.array(step, { maxLength: 12 }), fc.boolean(), fc.constantFrom(rolling, fixed), (steps, mayRefuse, rules) => {
			const { available, fitsAt, spend, see } = laneWith(rules, BUDGET_OPTIONS);
			let nowMs = 0.1;
			for (const { waitMs, verb, count, isRefusal, elsewhere } of steps) {
				nowMs += waitMs;
				spend(verb, count, nowMs);
				see(verb, { remaining: 20 - elsewhere, resetInMs: waitMs, isRefusal: mayRefuse && isRefusal }, nowMs);
			}
			const moments = VERBS.map((verb) => ({ verb, atMs: fitsAt(verb, nowMs), fitsNow: available(verb, nowMs) >= 1 }));
			for (const { verb, atMs, fitsNow } of moments) expect(atMs === nowMs, verb).toBe(fitsNow);
			const early = moments.filter(({ fitsNow }) => !fitsNow && !mayRefuse);
			const questions = [
				...early.map(({ verb, atMs }) => ({ verb, atMs: Math.max(nowMs, atMs - 1e-6), fits: false })),
				...moments.map(({ verb, atMs }) => ({ verb, atMs, fits: true })),
			];
			// A budget is asked at moments that do not go back.
			for (const { verb, atMs, fits } of questions.sort((a, b) => a.atMs - b.atMs)) {
				expect(available(verb, atMs) >= 1, `${verb} at ${atMs}`).toBe(fits);
			}
		}),
		{ numRuns: 500 },
	);
});
