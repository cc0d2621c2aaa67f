import { describe, expect, it } from 'vitest';
import { heatPixels, heatQuantities, RAMP_LENGTH, rampOf } from './heat.ts';

const WINDOW = { low: 100, step: 1, rows: 4 };
const BLACK = { red: 0, green: 0, blue: 0, alpha: 1 };
const WHITE = { red: 255, green: 255, blue: 255, alpha: 1 };

function depthOf(...columns: readonly (readonly [atMs: number, low: number, ...qty: number[]])[]) {
	return {
		atMs: columns.map(([atMs]) => atMs),
		low: columns.map(([, low]) => low),
		step: 1,
		qty: columns.map(([, , ...qty]) => qty),
	};
}

/** As a picture: the highest price first, a row a line. */
function rowsOf(cells: Float64Array, columns: number): number[][] {
	return Array.from({ length: cells.length / columns }, (_, row) => [...cells.slice(row * columns, (row + 1) * columns)]);
}

describe('the heat behind the ladder', () => {
	it('has a column a moment and the highest price on top', () => {
		const depth = depthOf([0, 100, 1, 2], [1_000, 101, 3, 4]);
		expect(rowsOf(heatQuantities({ depth, window: WINDOW, fromMs: 0, columnMs: 1_000, columns: 2 }), 2)).toEqual([
			[0, 0],
			[0, 4],
			[2, 3],
			[1, 0],
		]);
	});

	it('holds what stood until something newer is known, and knows nothing before the first', () => {
		const depth = depthOf([1_000, 100, 7]);
		expect(rowsOf(heatQuantities({ depth, window: WINDOW, fromMs: 0, columnMs: 1_000, columns: 4 }), 4).at(-1)).toEqual([
			0, 7, 7, 7,
		]);
	});

	it('begins with what stood before its first moment', () => {
		const depth = depthOf([1_000, 100, 7], [9_000, 100, 5]);
		const window = { ...WINDOW, rows: 2 };
		expect(rowsOf(heatQuantities({ depth, window, fromMs: 8_000, columnMs: 1_000, columns: 2 }), 2)).toEqual([
			[0, 0],
			[7, 5],
		]);
	});

	it('adds up the prices of a row that is higher than a tick, and leaves out what is not in sight', () => {
		const depth = depthOf([0, 98, 1, 1, 2, 2, 4, 4, 8, 8]);
		const window = { low: 100, step: 2, rows: 2 };
		expect(rowsOf(heatQuantities({ depth, window, fromMs: 0, columnMs: 1_000, columns: 1 }), 1)).toEqual([[8], [4]]);
	});

	it('spreads a step over the rows that it lies across, and loses nothing', () => {
		const depth = { ...depthOf([0, 99.5, 3, 6]), step: 1.5 };
		const window = { low: 99, step: 1, rows: 5 };
		// 99.5 to 101 lies over half of row 99 and all of row 100; 101 to 102.5 over all of row 101 and half of row 102.
		expect(rowsOf(heatQuantities({ depth, window, fromMs: 0, columnMs: 1_000, columns: 1 }), 1)).toEqual([
			[0],
			[2],
			[4],
			[2],
			[1],
		]);
	});

	it('does not reach into the next row by the last bit of a division', () => {
		const depth = { ...depthOf([0, 0.3, 1]), step: 0.1 };
		const window = { low: 0.1, step: 0.1, rows: 5 };
		const known = [...heatQuantities({ depth, window, fromMs: 0, columnMs: 1_000, columns: 1 })];
		expect(known.filter((qty) => qty > 0)).toEqual([1]);
	});

	it('is clear where nothing stands and strongest where most does', () => {
		const ramp = rampOf([BLACK, WHITE]);
		const depth = depthOf([0, 100, 0, 1, 100, 100]);
		const [top, high, low, bottom] = heatPixels({ depth, window: WINDOW, fromMs: 0, columnMs: 1_000, columns: 1 }, ramp);
		expect(bottom).toBe(0);
		expect(high).toBe(ramp[RAMP_LENGTH - 1]);
		expect(top).toBe(high);
		expect(ramp.indexOf(low ?? 0)).toBeGreaterThan(0);
		expect(ramp.indexOf(low ?? 0)).toBeLessThan(RAMP_LENGTH / 4);
	});

	it('is not made dark by one wall', () => {
		const ramp = rampOf([BLACK, WHITE]);
		const depth = depthOf(
			...Array.from({ length: 50 }, (_, index) => [index * 1_000, 100, 1, index === 20 ? 1_000 : 1] as const),
		);
		const pixels = heatPixels({ depth, window: WINDOW, fromMs: 0, columnMs: 1_000, columns: 50 }, ramp);
		expect(pixels.at(-1)).toBe(ramp[RAMP_LENGTH - 1]);
	});

	it('has colours that go evenly from stop to stop', () => {
		const ramp = rampOf([BLACK, { red: 255, green: 0, blue: 0, alpha: 1 }, WHITE]);
		expect(ramp[0]).toBe(0xff000000);
		expect(ramp[RAMP_LENGTH - 1]).toBe(0xffffffff);
		const half = ramp[RAMP_LENGTH / 2] ?? 0;
		expect(half & 0xff).toBe(255);
		expect((half >> 8) & 0xff).toBeLessThan(10);
	});
});
