import { Big } from 'big.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOT_DECIMALS } from '../../test/fixtures/numbers.ts';
import { parseDecimal } from './decimal.ts';

const Exact = Big();
Exact.DP = 60;

describe('plain decimal text', () => {
	test.each([
		['0', 0n, 0],
		['-0', 0n, 0],
		['007', 7n, 0],
		['1.50', 150n, 2],
		['-0.00000008', -8n, 8],
		['64999.999999999999999999', 64999999999999999999999n, 18],
	])('%s is read digit by digit', (text, units, scale) => {
		expect(parseDecimal(text)).toEqual({ units, scale });
	});

	test.each(NOT_DECIMALS)('%j is not a decimal', (text) => {
		expect(parseDecimal(text)).toBeUndefined();
	});

	test('text of more than 64 characters is refused before any work is done on it', () => {
		expect(parseDecimal('9'.repeat(64))?.units).toBe(10n ** 64n - 1n);
		expect(parseDecimal('9'.repeat(65))).toBeUndefined();
	});

	test('whatever is read is the number that an independent library reads', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^-?[0-9]{1,25}(\.[0-9]{1,25})?$/), (text) => {
				const read = parseDecimal(text);
				expect(read).toBeDefined();
				if (read === undefined) return;
				const value = new Exact(read.units.toString()).div(new Exact(10).pow(read.scale));
				expect(value.eq(new Exact(text))).toBe(true);
			}),
			{ numRuns: 2_000 },
		);
	});

	test('text that is not plain digits with at most one point inside is never read', () => {
		const nearly = fc.string({ unit: fc.constantFrom('0', '1', '9', '.', '-', '+', 'e', ' ', '٣'), maxLength: 8 });
		fc.assert(
			fc.property(nearly, (text) => {
				const digits = text.startsWith('-') ? text.slice(1) : text;
				const parts = digits.split('.');
				const isPlain = parts.length <= 2 && parts.every((part) => part !== '' && [...part].every((c) => c >= '0' && c <= '9'));
				expect(parseDecimal(text) !== undefined, text).toBe(isPlain);
			}),
			{ numRuns: 5_000 },
		);
	});
});
