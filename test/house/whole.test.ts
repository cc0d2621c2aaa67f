import { expect, test } from 'vitest';
import { wholeOf } from '../../scripts/test/whole.ts';

test.each([
	['0', 0],
	['25', 25],
	['', Number.NaN],
	['x', Number.NaN],
	['-1', Number.NaN],
	['1.5', Number.NaN],
	['1e3', Number.NaN],
	[' 7', Number.NaN],
	['9999999999999999', Number.NaN],
])('%j is %d', (text, expected) => {
	expect(wholeOf(text)).toBe(expected);
});
