/** What is remembered up to a bound, and pages of it, held against plain lists. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LastOnes, pageOf, thinned } from './last-ones.ts';

test('the last so many are remembered, newest first', () => {
	fc.assert(
		fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 7 }), (items, max) => {
			const last = new LastOnes<number>(max);
			for (const item of items) last.add(item);
			expect([...last.newestFirst()]).toEqual(items.slice(-max).reverse());
			expect(last.size).toBe(Math.min(max, items.length));
		}),
	);
});

test('a page is a part of what fits, and the total counts all of it', () => {
	const paged = fc.record({ limit: fc.integer({ min: 1, max: 5 }), offset: fc.integer({ min: 0, max: 10 }) });
	fc.assert(
		fc.property(fc.array(fc.integer()), paged, (items, asked) => {
			const even = items.filter((item) => item % 2 === 0);
			const page = even.slice(asked.offset, asked.offset + asked.limit);
			expect(pageOf(items, (item) => item % 2 === 0, asked)).toEqual({ total: even.length, page });
		}),
	);
});

test('what is thinned keeps its order and its last one, and is never too long', () => {
	fc.assert(
		fc.property(fc.uniqueArray(fc.integer()), fc.integer({ min: 1, max: 9 }), (items, max) => {
			const thin = thinned(items, max);
			expect(thin.length).toBeLessThanOrEqual(max);
			expect(thin.at(-1)).toBe(items.at(-1));
			expect(thin).toEqual(items.filter((item) => thin.includes(item)));
			if (items.length <= max) expect(thin).toEqual(items);
		}),
	);
});
