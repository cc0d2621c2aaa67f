import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InSight, type PriceWindow, priceOf, priceWindow, rowOf } from './price-window.ts';

const SIGHT: InSight = { mid: 100, prices: [], tickSize: 0.01, rows: 36, zoom: 0 };

const sights = fc
	.record({
		tickSize: fc.constantFrom(0.00001, 0.01, 0.1, 0.5, 1),
		midTicks: fc.integer({ min: 1_000, max: 10_000_000 }),
		reachTicks: fc.integer({ min: 1, max: 5_000 }),
		rows: fc.integer({ min: 10, max: 40 }).map((half) => half * 2),
	})
	.map(({ tickSize, midTicks, reachTicks, rows }): InSight => {
		const mid = midTicks * tickSize;
		return { mid, prices: [mid - reachTicks * tickSize, mid + reachTicks * tickSize], tickSize, rows, zoom: 0 };
	});

const inside = (window: PriceWindow, price: number): boolean => rowOf(window, price) >= 0 && rowOf(window, price) < window.rows;

describe('the prices in sight', () => {
	it('have the middle and all that should be seen in them', () => {
		fc.assert(
			fc.property(sights, (sight) => {
				const window = priceWindow(undefined, sight);
				for (const price of [sight.mid, ...sight.prices]) expect(inside(window, price)).toBe(true);
			}),
		);
	});

	it('still have all in them when the middle has wandered and the rows have stayed', () => {
		fc.assert(
			fc.property(sights, fc.double({ min: -0.2, max: 0.2, noNaN: true }), (sight, share) => {
				const window = priceWindow(undefined, sight);
				const shift = share * sight.rows * window.step;
				const moved = { ...sight, mid: sight.mid + shift, prices: sight.prices.map((price) => price + shift) };
				const after = priceWindow(window, moved);
				for (const price of [moved.mid, ...moved.prices]) expect(inside(after, price)).toBe(true);
			}),
		);
	});

	it('stand still while the middle moves by little', () => {
		const window = priceWindow(undefined, SIGHT);
		expect(priceWindow(window, { ...SIGHT, mid: 100.03 })).toBe(window);
		expect(priceWindow(window, { ...SIGHT, mid: 100.2 })).not.toBe(window);
	});

	it('stay as coarse as they are until a third would do', () => {
		const wide = priceWindow(undefined, { ...SIGHT, prices: [100.5] });
		expect(wide.step).toBeCloseTo(0.05);
		expect(priceWindow(wide, { ...SIGHT, prices: [100.25] }).step).toBe(wide.step);
		expect(priceWindow(wide, { ...SIGHT, prices: [100.05] }).step).toBeCloseTo(0.01);
	});

	it.each([
		{ zoom: 1, step: 0.02 },
		{ zoom: 2, step: 0.05 },
		{ zoom: 0, step: 0.01 },
		{ zoom: -3, step: 0.01 },
	])('have rows of $step at zoom $zoom', ({ zoom, step }) => {
		expect(priceWindow(undefined, { ...SIGHT, zoom }).step).toBeCloseTo(step);
	});

	it('give each row the price that falls into it', () => {
		fc.assert(
			fc.property(sights, fc.integer({ min: 0, max: 19 }), (sight, row) => {
				const window = priceWindow(undefined, sight);
				expect(rowOf(window, priceOf(window, row))).toBe(row);
			}),
		);
	});
});
