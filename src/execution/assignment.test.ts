import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cheapestAssignment } from './assignment.ts';

function costOf(costs: readonly number[], columnOfRow: Iterable<number>): number {
	const columns = [...columnOfRow];
	return columns.reduce((sum, column, row) => sum + (costs[row * columns.length + column] ?? Number.NaN), 0);
}

/** Tries every permutation. */
function leastCost(costs: readonly number[], size: number, row = 0, taken: readonly number[] = []): number {
	if (row === size) return 0;
	let least = Number.POSITIVE_INFINITY;
	for (let column = 0; column < size; column += 1) {
		if (taken.includes(column)) continue;
		least = Math.min(least, (costs[row * size + column] ?? 0) + leastCost(costs, size, row + 1, [...taken, column]));
	}
	return least;
}

const square = (max: number) =>
	fc.integer({ min: 1, max: 6 }).chain((size) =>
		fc.record({
			size: fc.constant(size),
			costs: fc.array(fc.integer({ min: 0, max }), { minLength: size * size, maxLength: size * size }),
		}),
	);

describe('the cheapest assignment', () => {
	const cases = [
		{ name: 'is empty for nothing', costs: [], size: 0, columns: [] },
		{ name: 'pairs one with one', costs: [7], size: 1, columns: [0] },
		{ name: 'gives up the cheapest cell where that is cheaper in sum', costs: [0, 1, 1, 9], size: 2, columns: [1, 0] },
		{ name: 'moves earlier rows along a chain to make room', costs: [0, 1, 9, 0, 9, 1, 0, 9, 9], size: 3, columns: [1, 2, 0] },
	];
	for (const { name, costs, size, columns } of cases) {
		test(name, () => expect([...cheapestAssignment(Float64Array.from(costs), size)]).toEqual(columns));
	}

	test.each([
		{ name: 'costs as the planner has them, 0 to 2', max: 2 },
		{ name: 'any costs', max: 1_000 },
	])('costs no more than any permutation, for $name', ({ max }) => {
		fc.assert(
			fc.property(square(max), ({ size, costs }) => {
				const columns = cheapestAssignment(Float64Array.from(costs), size);
				expect([...columns].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, column) => column));
				expect(costOf(costs, columns)).toBe(leastCost(costs, size));
			}),
			{ numRuns: 400 },
		);
	});
});
