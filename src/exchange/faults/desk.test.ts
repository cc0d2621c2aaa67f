import { expect, test } from 'vitest';
import { RULES_MAX } from './active-faults.ts';
import { FAULT_NAMES } from './catalogue.ts';
import { scene } from './scene.suite.ts';

test('lists what is in force, with numbers and words, and clears one or all', () => {
	const { desk } = scene();
	const first = desk.inject('drop-request', { probability: 0.5 });
	desk.inject('half-open', {});
	expect(desk.list()).toMatchObject([{ name: 'drop-request', numbers: ['F02'] }, { name: 'half-open' }]);
	expect(desk.clear('no such id')).toBe(0);
	expect(desk.clear(first.kind === 'injected' ? first.id : '')).toBe(1);
	expect(desk.clear()).toBe(1);
	expect(desk.list()).toEqual([]);
});

test('names what is wrong with a request', () => {
	const { desk } = scene();
	expect(desk.inject('toString', {})).toMatchObject({ kind: 'refused', field: 'name', found: '"toString"' });
	expect(desk.inject('half-open', { probability: 2 })).toEqual({
		kind: 'refused',
		field: 'probability',
		found: '2',
		expected: 'a number from 0 to 1',
		message: 'probability is 2; expected a number from 0 to 1',
	});
	expect(desk.list()).toEqual([]);
});

test('counts each strike by name and by number, and keeps the counts when all is cleared', () => {
	const { desk, ask } = scene();
	desk.inject('drop-request', { count: 2 });
	for (let n = 0; n < 5; n += 1) ask();
	desk.clear();
	ask();
	expect(desk.counts()['drop-request']).toBe(2);
	expect(Object.keys(desk.counts())).toEqual(FAULT_NAMES);
	expect(desk.report().byNumber).toEqual({ F02: 2 });
});

test('has room for so many and no more, and takes a plan whole or not at all', () => {
	const { desk } = scene();
	for (let n = 1; n < RULES_MAX; n += 1) desk.inject('half-open', { skip: n });
	const rule = desk.list()[0];
	if (rule === undefined) throw new Error('nothing was injected');
	expect(
		desk.apply({
			rules: [
				{ ...rule, id: 'x' },
				{ ...rule, id: 'y' },
			],
		}),
	).toBe(false);
	expect(desk.list()).toHaveLength(RULES_MAX - 1);
	expect(desk.inject('half-open', {}).kind).toBe('injected');
	const refused = desk.inject('half-open', {});
	expect(refused.kind === 'refused' && refused.expected).toContain('256');
});
