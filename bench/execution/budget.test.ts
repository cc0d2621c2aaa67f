import { describe, expect, test } from 'vitest';
import { BUDGET_OPTIONS } from '../../src/execution/rate-budget.ts';
import { byValue, firstInFirstOut, type Policy } from './budget-policies.ts';
import { BudgetScene } from './budget-scene.ts';
import { PER_SEC } from './budget-venue.ts';

const SIZE = { symbols: 12, levels: 10 };
const SHARE = PER_SEC * BUDGET_OPTIONS.share;

/** Everything placed, everything moved once, then a minute of a market that wanders. */
function play(policy: Policy) {
	const scene = new BudgetScene(SIZE, policy, 7);
	scene.jump(0);
	scene.rest();
	const requoteSec = scene.jump(-30) / 1_000;
	scene.rest();
	scene.wander(60_000);
	return { requoteSec, adverseBpsSec: scene.adverseBpsSec, refusals: scene.venue.refusals };
}

describe('what the benchmark promises, on a smaller market', () => {
	const ours = play(byValue());
	const queue = play(firstInFirstOut());

	test('the venue never refuses for its rate limit', () => {
		expect(ours.refusals + queue.refusals).toBe(0);
	});

	test('a full requote takes at most 1.05 times as long as a token bucket that is never late', () => {
		const count = SIZE.symbols * SIZE.levels * 2;
		expect(ours.requoteSec).toBeLessThanOrEqual(1.05 * ((count - SHARE) / SHARE));
	});

	test('spending by value leaves at most half of the adverse mispricing that first in, first out leaves', () => {
		expect(ours.adverseBpsSec).toBeLessThanOrEqual(0.5 * queue.adverseBpsSec);
		expect(queue.adverseBpsSec).toBeGreaterThan(0);
	});
});
