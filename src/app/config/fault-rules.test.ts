import { describe, expect, test } from 'vitest';
import { RULES_MAX } from '../../exchange/faults/active-faults.ts';
import { FAULT_NAMES } from '../../exchange/faults/catalogue.ts';
import { boxSettings } from './box-settings.ts';
import { readConfig } from './config.ts';
import { drawnPlan, planOf, readFaultPlan } from './fault-rules.ts';
import { problemLine } from './problem.ts';

function rules(text: string) {
	const read = readFaultPlan('plan.yaml', text);
	if (read.kind === 'bad') throw new Error(read.problems.map(problemLine).join('\n'));
	return planOf(read.rules).rules;
}

function refusals(text: string): string[] {
	const read = readFaultPlan('plan.yaml', text);
	return read.kind === 'bad' ? read.problems.map(problemLine) : [];
}

describe('a plan file', () => {
	test('is a list of rules, or a map with one', () => {
		const list = '- name: drop-reply\n  probability: 0.5\n  operation: order.create\n- name: half-open\n';
		expect(rules(list)).toMatchObject([
			{ id: 'plan-1', name: 'drop-reply', where: { operation: 'order.create' }, when: { probability: 0.5 } },
			{ id: 'plan-2', name: 'half-open', when: { probability: 1 } },
		]);
		expect(rules(`rules:\n${list}`)).toEqual(rules(list));
		expect(rules('[]')).toEqual([]);
	});

	test('takes every fault by its name alone, and all faults at once', () => {
		const all = rules(FAULT_NAMES.map((name) => `- name: ${name}\n`).join(''));
		expect(all).toMatchObject(FAULT_NAMES.map((name, index) => ({ id: `plan-${index + 1}`, name })));
	});

	test.each([
		['', 'plan.yaml:1:1: found nothing, expected a list of rules, each with a name and its parameters, or a map with rules'],
		['{ rules: [], rule: 1 }', "plan.yaml:1:14: rule: found an unknown key, expected one of rules; did you mean 'rules'?"],
		['- name: maintenance\n  mode: cancel_only\n', "plan.yaml:2:9: [0].mode: found 'cancel_only', expected one of closed, "],
		['- name: rate-limit\n  retryAftrMs: 5\n', 'plan.yaml:2:3: [0].retryAftrMs: found an unknown key'],
		[
			'- name: rate-limit\n  retryAfterMs: 0\n',
			'plan.yaml:2:17: [0].retryAfterMs: found 0, expected a whole number from 1 to 86400000',
		],
		[
			'- name: drop-reply\n  channel: ws-public\n',
			"plan.yaml:2:12: [0].channel: found 'ws-public', expected one of rest, ws-trade",
		],
		['- name: drop-reply\n  path: ""\n', "plan.yaml:2:9: [0].path: found '', expected a text of 1 to 200 characters"],
		['- drop-reply\n', "plan.yaml:1:3: [0]: found 'drop-reply', expected a map"],
		['- probability: 1\n', 'plan.yaml:1:3: [0].name: found nothing, expected one of '],
		['- {\n', 'plan.yaml:2:1: found '],
		['- name: half-open\n'.repeat(RULES_MAX + 1), `plan.yaml:1:1: found a list, expected at most ${RULES_MAX} rules`],
	])('%# is refused', (text, expected) => {
		const told = refusals(text);
		expect(told).toHaveLength(1);
		expect(told[0]?.replace(/(found an unknown key), expected one of name.*$/, '$1')).toContain(expected);
	});
});

describe('a drawn plan', () => {
	test('is the same for the same seed, and another for another', () => {
		const draw = (seed: number) => JSON.stringify(drawnPlan({ seed, minutes: 10 }));
		expect(draw(7)).toBe(draw(7));
		expect(new Set([1, 2, 3, 4, 5].map(draw)).size).toBe(5);
	});

	test('spreads over the minutes that it is given', () => {
		const until = (minutes: number) =>
			Math.max(...[1, 2, 3, 4, 5, 6].flatMap((seed) => drawnPlan({ seed, minutes }).rules.map(({ when }) => when.fromMs)));
		expect(until(100)).toBeGreaterThan(10 * 60_000);
		expect(until(100)).toBeLessThan(100 * 60_000);
		expect(until(1)).toBeLessThan(60_000);
	});

	test('does not hang on the seed of the market', () => {
		const planFor = (seed: number) => {
			const read = readConfig({ file: { name: 't', text: `box: { seed: ${seed}, faults: { seed: 7 } }` } });
			if (read.kind === 'bad') throw new Error('refused');
			const box = boxSettings(read.config.box, () => ({ kind: 'bad', problems: [] }));
			return box.kind === 'read' ? box.settings.faultPlan : undefined;
		};
		expect(planFor(1)).toEqual(drawnPlan({ seed: 7, minutes: 10 }));
		expect(planFor(2)).toEqual(planFor(1));
	});
});
