import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instrument } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import { monoMs } from '../domain/units.ts';
import type { RateRule } from '../domain/venue.ts';
import { Lanes } from './lanes.ts';
import { amendOf, BTC, BYBIT, cancelOf, ETH, placeOf } from './orders.suite.ts';
import { Plan, type Proposal } from './plan.ts';
import { RateBudget } from './rate-budget.ts';
import { type Ranking, Selection } from './selection.ts';
import { urgencyOfMove } from './urgency.ts';

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
/** Of a cancel that goes although its successor has to wait. */
const WORTH_A_GAP = urgencyOfMove({ side: 'buy', priceTicks: 10_001 } as Order, 10_000, 20_000);

function setUp(rules: readonly RateRule[], wishes: readonly Wish[]) {
	const lanes = new Lanes([BYBIT]);
	const budget = new RateBudget(rules, WHOLE);
	for (const instrument of [BTC, ETH]) budget.follow(lanes.follow(instrument));
	const plan = new Plan();
	for (const { proposal, urgency, after } of wishes) plan.add(proposal, urgency, after);
	const laneOf = (index: Instrument['index']) => lanes.of(index);
	const selection = (rank?: Ranking) => new Selection({ plan, budget, laneOf, nowMono: NOW, rank });
	return { plan, budget, laneOf, selection, select: () => flagsOf(plan, selection().choose()) };
}

/** One flag per proposal, 1 where it has its turn. */
function flagsOf(plan: Plan, chosen: readonly number[]): number[] {
	return plan.proposals.map((_, at) => (chosen.includes(at) ? 1 : 0));
}

const places = (urgencies: readonly number[]): Wish[] => urgencies.map((urgency, i) => ({ proposal: placeOf(`p${i}`), urgency }));

describe('within a rate budget', () => {
	test('all go while the budget carries all', () => {
		expect(setUp([LIMITED], places([5, 1, 3])).select()).toEqual([1, 1, 1]);
	});

	test('the most urgent go first, and among equals the one planned first', () => {
		const { select, budget, laneOf } = setUp([{ ...LIMITED, limit: 5 }], places([1, 9, 5, 5, 5, 7]));
		// A fifth of five is kept for cancels: four places.
		expect(select()).toEqual([0, 1, 1, 1, 0, 1]);
		expect(budget.available(laneOf(BTC.index), 'cancel', NOW)).toBe(1);
	});

	test('a cancel goes out of the reserve when places and amends have used up their share', () => {
		const wishes: Wish[] = [
			...places(Array.from({ length: 9 }, () => 9)),
			{ proposal: amendOf('a'), urgency: 8 },
			{ proposal: cancelOf('c'), urgency: 1 },
		];
		expect(setUp([LIMITED], wishes).select()).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1]);
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
		expect(setUp([cancels, rest], wishes).select()).toEqual([0, 0, 1, 1]);
	});

	test('what is chosen is spent at once, and the next plan finds the rest', () => {
		const { plan, select, budget, laneOf } = setUp([LIMITED], places([1, 2, 3]));
		select();
		expect(budget.available(laneOf(BTC.index), 'cancel', NOW)).toBe(7);
		plan.clear();
		for (let i = 0; i < 8; i += 1) plan.add(placeOf(`q${i}`), i);
		expect(select()).toEqual([0, 0, 0, 1, 1, 1, 1, 1]);
	});

	test('what is refused gives its turn to the next, and has no second one', () => {
		const { selection, budget, laneOf } = setUp([{ ...LIMITED, verbs: ['place'], limit: 2 }], places([9, 8, 7, 6, 5]));
		const one = selection();
		expect(one.choose()).toEqual([0, 1]);
		one.refuse(0);
		expect(one.choose()).toEqual([2]);
		one.refuse(1);
		one.refuse(1);
		expect(one.choose()).toEqual([3]);
		expect(budget.available(laneOf(BTC.index), 'place', NOW)).toBe(0);
		expect(one.choose()).toEqual([]);
	});

	test('a place whose cancel had its turn earlier may follow it, behind a refused cancel it may not', () => {
		const rest: RateRule = { ...LIMITED, verbs: ['place'], limit: 1 };
		const wishes: Wish[] = [
			{ proposal: cancelOf('a'), urgency: WORTH_A_GAP },
			{ proposal: placeOf('behind-a'), urgency: 4, after: 0 },
			{ proposal: placeOf('free'), urgency: 9 },
		];
		const follows = setUp([rest], wishes).selection();
		expect(follows.choose()).toEqual([0, 2]);
		follows.refuse(2);
		expect(follows.choose()).toEqual([1]);
		const refused = setUp([rest], wishes).selection();
		refused.choose();
		refused.refuse(0);
		refused.refuse(2);
		expect(refused.choose()).toEqual([]);
	});

	test('an order that is only a little off stays until its successor can come too; one that is far off goes at once', () => {
		const rest: RateRule = { ...LIMITED, verbs: ['place'], limit: 1 };
		const move = (name: string, urgency: number, at: number): Wish[] => [
			{ proposal: cancelOf(name), urgency },
			{ proposal: placeOf(`behind-${name}`), urgency: urgency - 1, after: at },
		];
		const near = setUp([rest], [...move('a', 9, 0), ...move('b', 8, 2)]);
		const selection = near.selection();
		expect(selection.choose()).toEqual([0, 1]);
		expect(selection.resumeAtMono).toBe(1_000);
		const far = [...move('a', WORTH_A_GAP + 1, 0), ...move('b', WORTH_A_GAP, 2)];
		expect(setUp([rest], far).select()).toEqual([1, 1, 1, 0]);
		// A cancel that makes room for nobody goes in any case.
		expect(setUp([rest], [...move('a', 9, 0), { proposal: cancelOf('c'), urgency: 1 }]).select()).toEqual([1, 1, 1]);
	});

	test('what an order that stays would have used is there for others', () => {
		const places: RateRule = { ...LIMITED, verbs: ['place'], limit: 1 };
		const cancels: RateRule = { ...LIMITED, verbs: ['cancel'], limit: 1 };
		const wishes: Wish[] = [
			{ proposal: placeOf('first'), urgency: 9 },
			{ proposal: cancelOf('a'), urgency: 8 },
			{ proposal: placeOf('behind-a'), urgency: 7, after: 1 },
			{ proposal: cancelOf('c'), urgency: 1 },
		];
		expect(setUp([places, cancels], wishes).select()).toEqual([1, 0, 0, 1]);
	});

	test('another ranking has its way', () => {
		const { selection } = setUp([{ ...LIMITED, verbs: ['place'], limit: 2 }], places([9, 8, 7]));
		expect(selection(({ size }) => Array.from({ length: size }, (_, at) => size - 1 - at)).choose()).toEqual([1, 2]);
	});

	test('those left out can go on when the budget has room again, and nobody is waited for who cannot go anyway', () => {
		const rule: RateRule = { ...LIMITED, verbs: ['place'], limit: 1 };
		const fits = setUp([rule], places([1])).selection();
		fits.choose();
		expect(fits.resumeAtMono).toBe(Number.POSITIVE_INFINITY);
		const leaves = setUp([rule], places([2, 1])).selection();
		leaves.choose();
		expect(leaves.resumeAtMono).toBe(1_000);
		const cancels: RateRule = { ...LIMITED, verbs: ['cancel'], limit: 1, windowMs: 5_000 };
		const wishes: Wish[] = [
			{ proposal: cancelOf('near'), urgency: 7 },
			{ proposal: cancelOf('far'), urgency: 5 },
			{ proposal: placeOf('after-far'), urgency: 9, after: 1 },
		];
		const behind = setUp([cancels, rule], wishes).selection();
		behind.choose();
		expect(behind.resumeAtMono).toBe(5_000);
	});

	test('over any plans no more is chosen than the budget allows, nothing less urgent instead of something alike', () => {
		const wish = fc.record({
			verb: fc.constantFrom('place', 'amend', 'cancel'),
			urgency: fc.oneof(
				fc.nat(6),
				fc.nat(6).map((more) => WORTH_A_GAP + more),
			),
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
				const chosen = select();
				const kinds = plan.proposals.map(({ kind }) => kind);
				const count = (of: (kind: string) => boolean) => kinds.filter((kind, at) => chosen[at] === 1 && of(kind)).length;
				const cancels = count((kind) => kind === 'cancel');
				const others = count((kind) => kind !== 'cancel');
				if (isShared) expect(cancels + others).toBeLessThanOrEqual(limit);
				else expect(Math.max(cancels, others)).toBeLessThanOrEqual(limit);
				for (let at = 0; at < plan.size; at += 1) {
					const before = plan.afterCancel[at] ?? -1;
					if (before >= 0 && chosen[at] === 1) expect(chosen[before], 'a place goes with its cancel').toBe(1);
					const successor = plan.afterCancel.indexOf(at);
					const staysAlone = successor >= 0 && (plan.urgencies[at] ?? 0) < WORTH_A_GAP;
					if (staysAlone) expect(chosen[at], 'and a cancel that can wait with its place').toBe(chosen[successor]);
					if (chosen[at] === 1 || staysAlone || (before >= 0 && chosen[before] === 0)) continue;
					// It was left out: then nothing of its kind that matters less was taken.
					for (let other = 0; other < plan.size; other += 1) {
						if (chosen[other] === 0 || kinds[other] !== kinds[at]) continue;
						// One that came with its cancel came at the cancel's turn.
						const turnOf = Math.max(plan.urgencies[other] ?? 0, plan.urgencies[plan.afterCancel[other] ?? -1] ?? 0);
						expect(turnOf).toBeGreaterThanOrEqual(plan.urgencies[at] ?? 0);
					}
				}
			}),
			{ numRuns: 500 },
		);
	});
});
