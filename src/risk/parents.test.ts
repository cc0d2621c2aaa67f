import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { Order } from '../domain/order.ts';
import { makeTestOrder, PLAIN, type TestOrder } from './gate.suite.ts';
import { PARENTS_MAX, Parents } from './parents.ts';

const BTC = makeTestInstrument(PLAIN);
const part = (order: TestOrder): Order => makeTestOrder(BTC, order);

function roomWith(...parts: readonly TestOrder[]): number {
	const parents = new Parents();
	parents.open('p', 100);
	for (const each of parts) parents.adopt('p', part(each));
	return parents.roomLots('p');
}

describe('what is left of a larger order (PT23)', () => {
	test.each<[name: string, parts: readonly TestOrder[], room: number]>([
		['is all of it at first', [], 100],
		['is less what stands, filled or not', [{ qtyLots: 30, filledLots: 10 }], 70],
		['is less the larger version while an amend is open', [{ qtyLots: 30, pendingQtyLots: 45 }], 55],
		['is less what is in doubt', [{ qtyLots: 30, state: 'unknown' }], 70],
		['is less only what filled of a part that is over', [{ qtyLots: 30, filledLots: 10, state: 'cancelled' }], 90],
		['is all of it again after a part that was refused', [{ qtyLots: 30, state: 'rejected' }], 100],
		[
			'is less a fill that the venue has reported and nobody booked',
			[{ qtyLots: 30, reportedFilledLots: 20, state: 'cancelled' }],
			80,
		],
		['is less all parts together', [{ qtyLots: 60 }, { qtyLots: 30, filledLots: 30, state: 'filled' }], 10],
		['is nothing where the venue filled more than was asked', [{ qtyLots: 30, filledLots: 110, state: 'filled' }], -10],
	])('%s', (_, parts, room) => expect(roomWith(...parts)).toBe(room));

	test('is nothing under a name that nobody opened, or that was closed', () => {
		const parents = new Parents();
		expect(parents.roomLots('p')).toBe(0);
		parents.open('p', 100);
		parents.close('p');
		expect(parents.roomLots('p')).toBe(0);
	});

	test('does not grow by opening it again', () => {
		const parents = new Parents();
		parents.open('p', 100);
		parents.adopt('p', part({ qtyLots: 30 }));
		parents.open('p', 1_000);
		expect(parents.roomLots('p')).toBe(70);
	});

	test('is forgotten for the oldest once too many are open', () => {
		const parents = new Parents();
		for (let i = 0; i <= PARENTS_MAX; i += 1) parents.open(`p${i}`, 1);
		expect([parents.roomLots('p0'), parents.roomLots('p1'), parents.roomLots(`p${PARENTS_MAX}`)]).toEqual([0, 1, 1]);
	});

	test('is forgotten rather for one that has all it asked for', () => {
		const parents = new Parents();
		for (let i = 0; i < PARENTS_MAX; i += 1) parents.open(`p${i}`, 1);
		parents.adopt('p7', part({ qtyLots: 1, filledLots: 1, state: 'filled' }));
		parents.open('one more', 1);
		expect(['p0', 'p7', 'p8', 'one more'].map((parentId) => parents.roomLots(parentId))).toEqual([1, 0, 1, 1]);
		parents.adopt('p0', part({ qtyLots: 1, filledLots: 1, state: 'filled' }));
		parents.open('another one', 1);
		// The names of what is gone mean nothing any more.
		parents.open('p7', 1);
		expect(['p0', 'p7', 'p1'].map((parentId) => parents.roomLots(parentId))).toEqual([0, 1, 0]);
	});

	test('is the same however often one asks, while parts come, fill, end and fill late', () => {
		const state = fc.constantFrom('live', 'unknown', 'cancelling', 'filled', 'cancelled', 'rejected');
		const lots = fc.integer({ min: 0, max: 50 });
		const change = fc.record({ at: fc.nat(9), state, filledLots: lots, moreReported: lots, asks: fc.boolean() });
		fc.assert(
			fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
				const parents = new Parents();
				parents.open('p', 100);
				const parts = Array.from({ length: 10 }, () => part({ qtyLots: 50 }) as { -readonly [K in keyof Order]: Order[K] });
				for (const each of parts) parents.adopt('p', each);
				for (const { at, state: next, filledLots, moreReported, asks } of changes) {
					const each = parts[at];
					// What is over and owes nothing is settled for good.
					const isOver = ['filled', 'cancelled', 'rejected'].includes(each?.state ?? '');
					if (each === undefined || (isOver && each.filledLots === each.reportedFilledLots)) continue;
					each.filledLots = Math.max(each.filledLots, filledLots) as never;
					each.reportedFilledLots = Math.max(each.reportedFilledLots, each.filledLots + (isOver ? 0 : moreReported)) as never;
					if (!isOver) each.state = next;
					if (asks) parents.roomLots('p');
				}
				const taken = parts.reduce((sum, each) => {
					const isOver = ['filled', 'cancelled', 'rejected'].includes(each.state);
					return sum + (isOver ? Math.max(each.filledLots, each.reportedFilledLots) : Math.max(50, each.filledLots));
				}, 0);
				expect(parents.roomLots('p')).toBe(100 - taken);
				expect(parents.roomLots('p')).toBe(100 - taken);
			}),
			{ numRuns: 200 },
		);
	});
});
