import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { curveWeights, growingShare, inventoryFill, lotsOfAmount, signalStrength } from './ladder-sizes.ts';

describe('the curve of sizes', () => {
	test.each([
		{ name: 'is flat', curve: { kind: 'flat' }, expected: [1, 1, 1, 1] },
		{ name: 'grows by its slope', curve: { kind: 'linear', slope: 0.5 }, expected: [1, 1.5, 2, 2.5] },
		{ name: 'multiplies by its ratio', curve: { kind: 'geometric', ratio: 2 }, expected: [1, 2, 4, 8] },
	] as const)('$name', ({ curve, expected }) => {
		expect([...curveWeights(curve, 4)]).toEqual(expected);
	});
});

describe('lots that an amount pays for', () => {
	test.each([
		{ name: 'whole lots stay', unit: 'lots', amount: 7, lotValue: 99, expected: 7 },
		{ name: 'parts of lots are cut', unit: 'lots', amount: 7.99, lotValue: 99, expected: 7 },
		{ name: 'notional is divided and cut', unit: 'notional', amount: 100, lotValue: 30, expected: 3 },
		{ name: 'what divides evenly but for floating point is whole', unit: 'notional', amount: 0.3, lotValue: 0.1, expected: 3 },
		{ name: 'a tenth of a lot is none', unit: 'notional', amount: 1, lotValue: 10, expected: 0 },
	] as const)('$name', ({ unit, amount, lotValue, expected }) => {
		expect(lotsOfAmount(unit, amount, lotValue)).toBe(expected);
	});

	test('are the quotient of the decimals that were meant', () => {
		const drawn = [fc.integer({ min: 0, max: 100_000_000 }), fc.integer({ min: 1, max: 100_000 })] as const;
		fc.assert(
			fc.property(...drawn, (amountCents, lotCents) => {
				const exact = Number(BigInt(amountCents) / BigInt(lotCents));
				expect(lotsOfAmount('notional', amountCents / 100, lotCents / 100)).toBe(exact);
			}),
		);
	});
});

describe('how full the inventory is', () => {
	test.each([
		{ name: 'is the share of the limit', position: -25, limit: 100, expected: -0.25 },
		{ name: 'ends at the limit', position: 300, limit: 100, expected: 1 },
		{ name: 'ends at the limit when short', position: -300, limit: 100, expected: -1 },
		{ name: 'is all where there is no room at all', position: 3, limit: 0, expected: 1 },
		{ name: 'is nothing when flat, room or not', position: 0, limit: 0, expected: 0 },
	])('$name', ({ position, limit, expected }) => {
		expect(inventoryFill(position, limit)).toBe(expected);
	});
});

test('size skew takes from the side that adds to the position only', () => {
	expect(growingShare(0.5, 1)).toBe(0.5);
	expect(growingShare(0.5, 0.5)).toBe(0.75);
	expect(growingShare(0.5, -1)).toBe(1);
});

describe('the strength of a signal', () => {
	test.each([
		{ name: 'is value times confidence', value: -0.5, confidence: 0.5, expected: -0.25 },
		{ name: 'is at most one', value: 3, confidence: 1, expected: 1 },
		{ name: 'is at least minus one', value: -3, confidence: 1, expected: -1 },
		{ name: 'is nothing where a number is none', value: Number.NaN, confidence: 1, expected: 0 },
		{ name: 'is nothing where a number is endless', value: Number.POSITIVE_INFINITY, confidence: 1, expected: 0 },
	])('$name', ({ value, confidence, expected }) => {
		expect(signalStrength({ value, confidence })).toBe(expected);
	});
});
