import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkTo, placeOf } from './router.ts';

test.each([
	['', { name: 'overview', rest: '' }],
	['#/', { name: 'overview', rest: '' }],
	['#/orders', { name: 'orders', rest: '' }],
	['#/symbol/BTCUSDT', { name: 'symbol', rest: 'BTCUSDT' }],
	['#/symbol/50%', { name: 'symbol', rest: '50%' }],
])('%s is %j', (hash, place) => expect(placeOf(hash)).toEqual(place));

test('a link leads to where it says, whatever the symbol is called', () => {
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom('%', '4', '1', 'A', '/', '#', '?', 'é', ' '), minLength: 1 }), (rest) => {
			expect(placeOf(linkTo('symbol', rest))).toEqual({ name: 'symbol', rest });
		}),
	);
});
