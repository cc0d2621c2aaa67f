import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PERP } from './exchange.fixture.ts';
import { Listing } from './listing.ts';

const anyMark = fc.integer({ min: 1, max: 5_000_000 });

test('the band around a mark price does not depend on what was asked before', () => {
	fc.assert(
		fc.property(fc.array(anyMark, { minLength: 1, maxLength: 20 }), (marks) => {
			const listing = new Listing({ ...PERP, priceBand: '0.05' });
			for (const markTicks of [0, ...marks, 0]) {
				const fresh = new Listing({ ...PERP, priceBand: '0.05' });
				for (const side of ['buy', 'sell', 'buy'] as const) {
					expect(listing.limitTicks(side, markTicks)).toBe(fresh.limitTicks(side, markTicks));
				}
			}
		}),
	);
});

test('a new band holds at once, around the same mark price', () => {
	const listing = new Listing({ ...PERP, priceBand: '0.05' });
	const mark = 650_000;
	expect([listing.limitTicks('buy', mark), listing.limitTicks('sell', mark)]).toEqual([682_500, 617_500]);
	expect(listing.change({ priceBand: '0.01' })).toBeNull();
	expect([listing.limitTicks('buy', mark), listing.limitTicks('sell', mark)]).toEqual([656_500, 643_500]);
});
