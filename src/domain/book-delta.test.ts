import { describe, expect, test } from 'vitest';
import { BookDelta, DELTA_LEVELS_MAX } from './book-delta.ts';
import { type Lots, lots, type Ticks, ticks, timeMs } from './units.ts';

describe('a book message', () => {
	test('gives back what was pushed, in order and with its side', () => {
		const delta = new BookDelta();
		delta.reset('snapshot', 12, timeMs(3), timeMs(4));
		delta.push('bid', ticks(100), lots(5));
		delta.push('ask', ticks(101), lots(0));
		delta.push('ask', ticks(Number.MAX_SAFE_INTEGER), lots(Number.MAX_SAFE_INTEGER));
		expect([delta.kind, delta.sequence, delta.venueAtMs, delta.receivedAtMs, delta.count]).toEqual(['snapshot', 12, 3, 4, 3]);
		expect([0, 1, 2].map((i) => [delta.sideAt(i), delta.ticksAt(i), delta.lotsAt(i)])).toEqual([
			['bid', 100, 5],
			['ask', 101, 0],
			['ask', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
		]);
	});

	test('starts empty again after a reset', () => {
		const delta = new BookDelta();
		delta.push('bid', ticks(100), lots(5));
		delta.reset('delta', 13, timeMs(5), timeMs(6));
		expect([delta.kind, delta.sequence, delta.venueAtMs, delta.receivedAtMs, delta.count]).toEqual(['delta', 13, 5, 6, 0]);
		expect(() => delta.sideAt(0)).toThrow(RangeError);
		expect(() => delta.lotsAt(-1)).toThrow(RangeError);
	});

	test.each([
		{ name: 'a price of zero', price: 0, size: 1 },
		{ name: 'a negative price', price: -100, size: 1 },
		{ name: 'a price between ticks', price: 100.5, size: 1 },
		{ name: 'a price that is not a number', price: Number.NaN, size: 1 },
		{ name: 'an endless price', price: Number.POSITIVE_INFINITY, size: 1 },
		{ name: 'a price that doubles cannot count', price: 2 ** 53, size: 1 },
		{ name: 'a negative size', price: 100, size: -1 },
		{ name: 'a size between lots', price: 100, size: 0.5 },
		{ name: 'a size that is not a number', price: 100, size: Number.NaN },
		{ name: 'a size that doubles cannot count', price: 100, size: 2 ** 53 },
	])('refuses $name and keeps what it had', ({ price, size }) => {
		const delta = new BookDelta();
		delta.push('bid', ticks(99), lots(1));
		for (const side of ['bid', 'ask'] as const) expect(() => delta.push(side, price as Ticks, size as Lots)).toThrow(RangeError);
		expect([delta.count, delta.ticksAt(0), delta.lotsAt(0)]).toEqual([1, 99, 1]);
	});

	test('grows to its bound, keeps every level on the way and refuses one more', () => {
		const delta = new BookDelta();
		for (let i = 0; i < DELTA_LEVELS_MAX; i++) delta.push('ask', ticks(i + 1), lots(i));
		expect(() => delta.push('ask', ticks(1), lots(1))).toThrow(RangeError);
		expect(delta.count).toBe(DELTA_LEVELS_MAX);
		for (let i = 0; i < DELTA_LEVELS_MAX; i++) {
			if (delta.ticksAt(i) !== i + 1 || delta.lotsAt(i) !== i)
				expect([i, delta.ticksAt(i), delta.lotsAt(i)]).toEqual([i, i + 1, i]);
		}
	});
});
