import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instrument } from '../domain/instrument.ts';
import { monoMs } from '../domain/units.ts';
import type { RateRule } from '../domain/venue.ts';
import { Lanes } from './lanes.ts';
import { amendOf, BTC, BYBIT, cancelOf, ETH, placeOf } from './orders.suite.ts';
import { Plan, type Proposal } from './plan.ts';
import { RateBudget } from './rate-budget.ts';
import { selectWithinBudget } from './selection.ts';

interface Wish {
	readonly proposal: Proposal;
	readonly urgency: number;
	readonly after?: number;
}

const LIMITED: RateRule = {
	venue: 'bybit',
	categories: ['linear'],
	verbs: ['place', 'amend', 'cancel'],
	limit: 10,
	windowMs: 1_000,
};
const WHOLE = { isEnabled: true, share: 1, guardMs: 0 };
const NOW = monoMs(0);

function setUp(rules: readonly RateRule[], wishes: readonly Wish[]) {
	const lanes = new Lanes([BYBIT]);
	const budget = new RateBudget(rules, WHOLE);
	for (const instrument of [BTC, ETH]) budget.follow(lanes.follow(instrument));
	const plan = new Plan();
	for (const { proposal, urgency, after } of wishes) plan.add(proposal, urgency, after);
	const laneOf = (index: Instrument['index']) => lanes.of(index);
	return { plan, budget, laneOf, select: () => selectWithinBudget(plan, budget, laneOf, NOW) };
}

const places = (urgencies: readonly number[]): Wish[] => urgencies.map((urgency, i) => ({ proposal: placeOf(`p${i}`), urgency }));

describe('within a rate budget', () => {
	test('nobody has to choose where there is no rule', () => {
		expect(setUp([], places([1, 2, 3])).select()).toBeUndefined();
	});

	test('all go while the budget carries all', () => {
		expect([...(setUp([LIMITED], places([5, 1, 3])).select() ?? [])]).toEqual([1, 1, 1]);
	});

	test('the most urgent go first, and among equals the one planned first', () => {
		const { select, budget, laneOf } = setUp([{ ...LIMITED, limit: 5 }], places([1, 9, 5, 5, 5, 7]));
		// A fifth of five is kept for cancels: four places.
		expect([...(select() ?? [])]).toEqual([0, 1, 1, 1, 0, 1]);
		expect(budget.available(laneOf(BTC.index), 'cancel', NOW)).toBe(1);
	});

	test('a cancel goes out of the reserve when places and amends have used up their share', () => {
		const wishes: Wish[] = [
			...places(Array.from({ length: 9 }, () => 9)),
			{ proposal: amendOf('a'), urgency: 8 },
			{ proposal: cancelOf('c'), urgency: 1 },
		];
		expect([...(setUp([LIMITED], wishes).select() ?? [])]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1]);
	});

	test('a place never goes without the cancel that makes room for it, and gives its turn to the next', () => {
		const cancels: RateRule = { ...LIMITED, verbs: ['cancel'], limit: 1 };
		const rest: RateRule = { ...LIMITED, verbs: ['place', 'amend'], limit: 1 };
		const wishes: Wish[] = [
			{ proposal: cancelOf('far'), urgency: 5 },
			{ proposal: placeOf('after-far'), urgency: 4, after: 0 },
			{ proposal: cancelOf('near'), urgency: 7 },
			{ proposal: placeOf('free'), urgency: 1 },
		];
		expect([...(setUp([cancels, rest], wishes).select() ?? [])]).toEqual([0, 0, 1, 1]);
	});

	test('what is chosen is spent at once, and the next plan finds the rest', () => {
		const { plan, select, budget, laneOf } = setUp([LIMITED], places([1, 2, 3]));
		select();
		expect(budget.available(laneOf(BTC.index), 'cancel', NOW)).toBe(7);
		plan.clear();
		for (let i = 0; i < 8; i += 1) plan.add(placeOf(`q${i}`), i);
		expect([...(select() ?? [])]).toEqual([0, 0, 0, 1, 1, 1, 1, 1]);
	});

	test('over any plans no more is chosen than the budget allows, nothing less urgent instead of something alike', () => {
		const wish = fc.record({
			verb: fc.constantFrom('place', 'amend', 'cancel'),
			urgency: fc.nat(6),
			isEth: fc.boolean(),
			paired: fc.boolean(),
		});
		fc.assert(
			fc.property(fc.integer({ min: 2, max: 8 }), fc.boolean(), fc.array(wish, { maxLength: 16 }), (limit, isShared, wishes) => {
				const rules: RateRule[] = isShared
					? [{ ...LIMITED, limit }]
					: [
							{ ...LIMITED, verbs: ['cancel'], limit },
							{ ...LIMITED, verbs: ['place', 'amend'], limit },
						];
				const { plan, select } = setUp(rules, []);
				for (const [i, { verb, urgency, isEth, paired }] of wishes.entries()) {
					const instrument = isEth ? ETH : BTC;
					if (verb === 'amend') plan.add(amendOf(`o${i}`, { instrument }), urgency);
					if (verb === 'place') plan.add(placeOf(`o${i}`, { instrument }), urgency);
					if (verb === 'cancel') {
						const at = plan.add(cancelOf(`o${i}`, instrument), urgency);
						if (paired) plan.add(placeOf(`o${i}b`, { instrument }), urgency - 1, at);
					}
				}
				const chosen = select() ?? new Uint8Array(0);
				const kinds = plan.proposals.map(({ kind }) => kind);
				const count = (of: (kind: string) => boolean) => kinds.filter((kind, at) => chosen[at] === 1 && of(kind)).length;
				const cancels = count((kind) => kind === 'cancel');
				const others = count((kind) => kind !== 'cancel');
				if (isShared) expect(cancels + others).toBeLessThanOrEqual(limit);
				else expect(Math.max(cancels, others)).toBeLessThanOrEqual(limit);
				for (let at = 0; at < plan.size; at += 1) {
					const before = plan.afterCancel[at] ?? -1;
					if (before >= 0 && chosen[at] === 1) expect(chosen[before], 'a place goes with its cancel').toBe(1);
					if (chosen[at] === 1 || (before >= 0 && chosen[before] === 0)) continue;
					// It was left out: then nothing of its kind that matters less was taken.
					for (let other = 0; other < plan.size; other += 1) {
						if (chosen[other] === 0 || kinds[other] !== kinds[at]) continue;
						expect(plan.urgencies[other]).toBeGreaterThanOrEqual(plan.urgencies[at] ?? 0);
					}
				}
			}),
			{ numRuns: 500 },
		);
	});
});
