import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LotsTable } from './book-table.ts';

/** Few keys, many of them alike to the hash, and either sign: probe runs meet, wrap around the end and are cut in two. */
const key = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 9 }), fc.boolean()).map(([low, high, isAsk]) => {
	const price = low + high * 2 ** 32;
	return isAsk ? -price : price;
});
const change = fc.record({ key, lots: fc.integer({ min: 1, max: 9 }), isDelete: fc.boolean() });

describe('the table of lots', () => {
	test('answers like a Map after any changes', () => {
		fc.assert(
			fc.property(fc.array(change, { maxLength: 300, size: 'max' }), (changes) => {
				const table = new LotsTable();
				const map = new Map<number, number>();
				for (const { key, lots, isDelete } of changes) {
					if (isDelete) expect(table.delete(key)).toBe(map.delete(key));
					else {
						expect(table.set(key, lots)).toBe(!map.has(key));
						map.set(key, lots);
					}
				}
				for (const { key } of changes) expect(table.get(key)).toBe(map.get(key) ?? 0);
			}),
		);
	});

	test('keeps every level while it grows, and while it shrinks again after a flood', () => {
		const table = new LotsTable();
		for (let key = 1; key <= 10_000; key++) table.set(-key, key);
		for (let key = 11; key <= 10_000; key++) table.delete(-key);
		const slotCountFull = table.slotCount;
		table.shrink();
		expect(table.slotCount).toBeLessThan(slotCountFull / 100);
		for (let key = 1; key <= 20; key++) expect(table.get(-key)).toBe(key <= 10 ? key : 0);
	});

	test('does not shrink when it would soon grow again', () => {
		const table = new LotsTable();
		for (let key = 1; key <= 2_050; key++) table.set(key, 1);
		const slotCount = table.slotCount;
		for (let key = 2_001; key <= 2_050; key++) table.delete(key);
		table.shrink();
		expect(table.slotCount).toBe(slotCount);
	});

	test('is empty after a clear', () => {
		const table = new LotsTable();
		for (let key = 1; key <= 100; key++) table.set(key, key);
		table.clear();
		for (let key = 0; key <= 100; key++) expect(table.get(key)).toBe(0);
		expect(table.set(5, 1)).toBe(true);
	});
});
