import { expect, test } from 'vitest';
import { editedValue, isLive, settingsOf, shownValue, typedValue } from './settings.ts';

test('a tree becomes lines, and lists of plain values stay together', () => {
	const tree = { mode: 'sim', venues: { bybit: { symbols: ['A', 'B'] } }, list: [{ a: 1 }, { a: null }], none: {} };
	expect(settingsOf(tree).map(({ path, value }) => `${path} = ${shownValue(value)}`)).toEqual([
		'mode = sim',
		'venues.bybit.symbols = A, B',
		'list.0.a = 1',
		'list.1.a = null',
		'none = {}',
	]);
});

test('what may change is known by its path or one above it', () => {
	expect(isLive('a.b', ['a'])).toBe(true);
	expect(isLive('a', ['a'])).toBe(true);
	expect(isLive('ab', ['a'])).toBe(false);
	expect(isLive('a', ['a.b'])).toBe(false);
});

test.each([
	['12', 5, { value: 12 }],
	['"12"', 5, undefined],
	['twelve', 5, undefined],
	['12', 'five', { value: '12' }],
	['true', false, { value: true }],
	['[1]', [2], { value: [1] }],
	['{}', [2], undefined],
	['7', null, { value: 7 }],
])('typed %s where %j stands gives %j', (text, now, typed) => expect(typedValue(text, now)).toEqual(typed));

test('what is shown for editing is what comes back when nothing is changed', () => {
	for (const value of ['a', 1, true, null, [1, 2], { a: 1 }]) expect(typedValue(editedValue(value), value)).toEqual({ value });
});
