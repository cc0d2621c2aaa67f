import { beforeEach, expect, test } from 'vitest';
import type { TapEntry } from '../../src/exchange/control/tap.ts';
import { TappedCreates } from './tapped-creates.ts';

const create = (reqId: string, ...ids: readonly string[]): string =>
	JSON.stringify({ reqId, op: 'order.create', args: ids.map((orderLinkId) => ({ orderLinkId })) });
const answer = (reqId: string, retCode: number): string => JSON.stringify({ reqId, retCode });

let creates: TappedCreates;
let number: number;

beforeEach(() => {
	creates = new TappedCreates();
	number = 0;
});

function frame(kind: 'in' | 'out', text: string): TapEntry {
	number += 1;
	return { number, atMs: 0, kind, socket: 1, text };
}

test('a client id that is created twice is told, though the exchange refused the second one', () => {
	creates.hear([frame('in', create('a', 'one', 'two')), frame('out', answer('a', 0)), frame('in', create('b', 'two'))]);
	expect(creates.doubled).toEqual(['I7: a create of two left twice']);
	expect([creates.createdCount, creates.missedCount]).toEqual([3, 0]);
});

test('one that was not taken may come again', () => {
	creates.hear([frame('in', create('a', 'one')), frame('out', answer('a', 10_002)), frame('in', create('b', 'one'))]);
	expect(creates.doubled).toEqual([]);
});

test('what the tap forgot is counted', () => {
	creates.hear([frame('in', create('a', 'one'))]);
	number += 7;
	creates.hear([frame('in', create('b', 'two'))]);
	expect([creates.missedCount, creates.lastNumber]).toEqual([7, 9]);
});
