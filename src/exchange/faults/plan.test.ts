import { describe, expect, test } from 'vitest';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { FAULT_NAMES, type FaultName, specOf } from './catalogue.ts';
import { drawPlan } from './draw-plan.ts';
import { parseRule } from './plan.ts';
import { scene, topicFrame } from './scene.suite.ts';

describe('parameters', () => {
	test.each(FAULT_NAMES)('%s needs none: each has a standard value', (name) => {
		expect(parseRule('id', name, {})).toMatchObject({
			kind: 'rule',
			rule: { name, when: { probability: 1, skip: 0, fromMs: 0 } },
		});
	});

	test.each<[FaultName, Record<string, unknown>, string, string]>([
		['drop-request', { answer: 'maybe' }, 'answer', 'never, reset'],
		['drop-request', { answr: 'reset' }, 'answr', 'one of answer'],
		['drop-request', { probability: 1.1 }, 'probability', 'from 0 to 1'],
		['drop-request', { probability: '1' }, 'probability', 'from 0 to 1'],
		['drop-request', { channel: 'ws-public' }, 'channel', 'rest, ws-trade'],
		['drop-request', { path: '' }, 'path', 'a text'],
		['drop-request', { skip: 0.5 }, 'skip', 'a whole number'],
		['drop-request', { count: 0 }, 'count', 'from 1'],
		['drop-request', { fromMs: 10, untilMs: 10 }, 'untilMs', 'more than fromMs'],
		['delay-request', { delayMs: Number.NaN }, 'delayMs', 'a whole number'],
		['delay-request', { delayMs: -1 }, 'delayMs', 'from 0'],
		['reorder-frames', { window: 9 }, 'window', 'from 1 to 8'],
		['price-spike', { symbol: 5 }, 'symbol', 'a text of at most'],
		['price-spike', { symbol: 'x'.repeat(1_000) }, 'symbol', 'a text of at most'],
		['half-open', { __proto__x: 1 }, '__proto__x', 'one of channel'],
	])('%s refuses %o and names the field', (name, given, field, expected) => {
		const parsed = parseRule('id', name, given);
		expect(parsed).toMatchObject({ kind: 'refused', field });
		expect(parsed.kind === 'refused' && parsed.expected).toContain(expected);
	});

	test('what the catalogue draws from lies within its own bounds', () => {
		for (const name of FAULT_NAMES) {
			const { parameters, usualProbability } = specOf(name);
			expect(usualProbability[0]).toBeLessThanOrEqual(usualProbability[1]);
			for (const each of Object.values(parameters)) {
				if (each.kind === 'number')
					expect([each.min <= each.usual[0], each.usual[0] <= each.usual[1], each.usual[1] <= each.max]).toEqual([
						true,
						true,
						true,
					]);
			}
		}
	});
});

describe('when a rule strikes', () => {
	/** What of twenty frames, one every 100 ms, gets through. */
	const through = (given: Record<string, unknown>, seed = 1) => {
		const { connect, desk, clock } = scene(seed);
		desk.inject('drop-frames', given);
		const { seen, peer } = connect('/v5/private');
		for (let n = 0; n < 20; n += 1) {
			peer.send(topicFrame('order', n));
			clock.run(100);
		}
		return seen.frames.map((frame) => Number(/"number":(\d+)/.exec(frame)?.[1]));
	};

	test('after so many candidates, so often', () => {
		expect(through({ skip: 2, count: 15 })).toEqual([0, 1, 17, 18, 19]);
	});

	test('in a window of time', () => {
		expect(through({ fromMs: 200, untilMs: 1_700 })).toEqual([0, 1, 17, 18, 19]);
	});

	test('by chance, the same for the same seed and different for another', () => {
		expect(through({ probability: 0.5 }, 7)).toEqual(through({ probability: 0.5 }, 7));
		expect(through({ probability: 0.5 }, 7)).not.toEqual(through({ probability: 0.5 }, 8));
		expect(through({ probability: 0 })).toHaveLength(20);
	});
});

describe('drawn plans', () => {
	const draw = (seed: number) => drawPlan(seededRng(seed), { durationMs: 60_000 });

	test('the same seed gives the same plan, which survives being printed', () => {
		expect(draw(5)).toEqual(draw(5));
		expect(JSON.parse(JSON.stringify(draw(5)))).toEqual(draw(5));
	});

	test('quiet and wild plans both occur, and every fault occurs', () => {
		const plans = Array.from({ length: 200 }, (_, seed) => draw(seed).rules);
		const sizes = plans.map((rules) => rules.length);
		expect(Math.min(...sizes)).toBeLessThan(4);
		expect(Math.max(...sizes)).toBeGreaterThan(FAULT_NAMES.length - 4);
		expect(new Set(plans.flat().map(({ name }) => name)).size).toBe(FAULT_NAMES.length);
	});

	test('a whole run under a drawn plan repeats itself byte for byte', () => {
		const run = (seed: number) => {
			const { connect, desk, clock, ask } = scene(seed);
			desk.apply(draw(seed));
			const { seen, peer, speak } = connect('/v5/private');
			const outcomes: unknown[] = [];
			for (let n = 0; n < 300; n += 1) {
				outcomes.push(ask({ path: n % 3 === 0 ? '/v5/order/create-batch' : '/v5/order/create', body: String(n) }));
				peer.send(topicFrame(n % 2 === 0 ? 'order' : 'execution', n));
				speak({ op: 'ping' });
				clock.run(37);
			}
			return JSON.stringify([seen.frames, seen.closes, outcomes, desk.counts()]);
		};
		for (const seed of [1, 2, 3, 4, 5]) expect(run(seed)).toBe(run(seed));
		expect(run(1)).not.toBe(run(2));
	});
});
