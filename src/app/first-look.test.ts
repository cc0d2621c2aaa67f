import { expect, test } from 'vitest';
import { noteKeyEnd } from './first-look.ts';

test('a key that ends is known with its venue, until one takes its place that does not', () => {
	const ends = new Map<string, number>();
	noteKeyEnd(ends, 'bybit', [{ check: 'expiry', level: 'warning', sentence: 'soon', endsAtMs: 5 }]);
	noteKeyEnd(ends, 'binance', [{ check: 'key', level: 'ok', sentence: 'fits' }]);
	expect([...ends]).toEqual([['bybit', 5]]);
	noteKeyEnd(ends, 'bybit', [{ check: 'expiry', level: 'ok', sentence: 'later', endsAtMs: 9 }]);
	expect(ends.get('bybit')).toBe(9);
	noteKeyEnd(ends, 'bybit', []);
	expect([...ends]).toEqual([]);
});
