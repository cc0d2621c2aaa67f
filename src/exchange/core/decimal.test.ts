import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatScaled, Grid, parseDecimal } from './decimal.ts';
import { atoms, ceilDiv, chargeAtoms, floorDiv, formatAtoms, rateE8 } from './money.ts';

describe('decimal text', () => {
	test.each(['', '.', '1.', '.5', '-1', '+1', '1e3', '0x10', ' 1', '1 ', '1,5', 'NaN', 'Infinity', '1'.repeat(41), '١'])(
		'%j is refused',
		(text) => {
			expect(parseDecimal(text)).toBeNull();
		},
	);

	test.each([
		{ step: '0.10', text: '64990.1', count: 649_901, printed: '64990.10' },
		{ step: '0.10', text: '64990.100', count: 649_901, printed: '64990.10' },
		{ step: '0.00000001', text: '0.00000008', count: 8, printed: '0.00000008' },
		{ step: '5', text: '15', count: 3, printed: '15' },
		{ step: '0.25', text: '1', count: 4, printed: '1.00' },
		{ step: '0.1', text: '0', count: 0, printed: '0.0' },
	])('$text on a grid of $step is $count steps', ({ step, text, count, printed }) => {
		const grid = new Grid(step);
		expect(grid.parse(text)).toEqual({ kind: 'count', count });
		expect(grid.format(count)).toBe(printed);
	});

	test.each([
		{ text: '0.15', reason: 'off-grid' },
		{ text: '64990.11', reason: 'off-grid' },
		{ text: 'NaN', reason: 'malformed' },
		{ text: '-0.1', reason: 'malformed' },
		{ text: '900719925474099.2', reason: 'above-safe-integer' },
	])('$text on a grid of 0.1 is refused as $reason', ({ text, reason }) => {
		expect(new Grid('0.1').parse(text)).toEqual({ kind: 'refused', reason });
	});

	test('every safe count survives printing and parsing, on any grid', () => {
		const step = fc.tuple(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 0, max: 12 }));
		fc.assert(
			fc.property(step, fc.maxSafeNat(), ([digits, scale], count) => {
				const grid = new Grid(formatScaled(BigInt(digits), scale));
				expect(grid.parse(grid.format(count))).toEqual({ kind: 'count', count });
			}),
		);
	});

	test('a count prints like the exact number that it is, small, large, below zero', () => {
		const step = fc.tuple(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 0, max: 12 }));
		fc.assert(
			fc.property(step, fc.maxSafeInteger(), ([digits, scale], count) => {
				const grid = new Grid(formatScaled(BigInt(digits), scale));
				expect(grid.format(count)).toBe(formatScaled(BigInt(count) * BigInt(digits), scale));
			}),
		);
	});

	test('a number between two steps is never taken for one of them', () => {
		fc.assert(
			fc.property(fc.nat(), fc.integer({ min: 1, max: 9 }), (count, digit) => {
				const grid = new Grid('0.01');
				expect(grid.parse(`${grid.format(count)}${digit}`)).toEqual({ kind: 'refused', reason: 'off-grid' });
			}),
		);
	});
});

describe('money', () => {
	test('is read and printed to the atom', () => {
		expect(atoms('1000.5')).toBe(100_050_000_000n);
		expect(formatAtoms(-1n)).toBe('-0.00000001');
		expect(formatAtoms(100_050_000_000n)).toBe('1000.50000000');
		expect(() => atoms('0.000000001')).toThrow(RangeError);
		expect(rateE8('-0.00025')).toBe(-25_000);
	});

	test('division rounds up or down, below zero too', () => {
		expect([ceilDiv(7n, 2n), ceilDiv(-7n, 2n), ceilDiv(8n, 2n)]).toEqual([4n, -3n, 4n]);
		expect([floorDiv(7n, 2n), floorDiv(-7n, 2n), floorDiv(-8n, 2n)]).toEqual([3n, -4n, -4n]);
	});

	test('a charge is rounded up and a rebate towards nothing', () => {
		expect(chargeAtoms(1n, rateE8('0.00055'))).toBe(1n);
		expect(chargeAtoms(1n, rateE8('-0.00055'))).toBe(0n);
		expect(chargeAtoms(100_000n, rateE8('-0.00055'))).toBe(-55n);
	});
});
