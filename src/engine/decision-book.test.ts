import { expect, test } from 'vitest';
import type { DecisionRecord } from '../domain/journal-record.ts';
import { type Money, moneyOf } from '../domain/money.ts';
import { timeMs } from '../domain/units.ts';
import { DecisionBook } from './decision-book.ts';

const ONE = 10n ** 18n;
const money = (whole: number): Money => moneyOf(BigInt(whole) * ONE);

function decision(decisionId: string, orderId = `order of ${decisionId}`): DecisionRecord {
	return {
		...{ kind: 'decision', decisionId, instrumentId: 'bybit:linear:BTCUSDT', atMs: 1, decision: 'BUY', reasons: [], orderId },
		...{ closes: '', qty: '10', signal: { source: 's', value: 1, confidence: 1 }, entry: { type: 'market', slipBps: 1 } },
		exits: { stopBps: 1, targetBps: 0, forMs: 0 },
		readings: { last: 1, bid: 1, ask: 1, barEndAtMs: timeMs(1), atMs: timeMs(1) },
		isDryRun: false,
	};
}

const fill = (qty: number) => ({ qty: money(qty), cost: money(qty * 100), atMs: 5 });

test('told again from its beginning, a decision has had no fills yet', () => {
	const book = new DecisionBook();
	for (let round = 0; round < 2; round += 1) {
		book.apply(decision('a'));
		book.fill('order of a', fill(4));
	}
	expect(book.get('a')?.held).toBe(money(4));
	expect(book.get('a')?.averagePrice).toBe(100);
});

test('what it sums up is what it knew', () => {
	const book = new DecisionBook();
	book.apply(decision('a'));
	book.apply(decision('hold', ''));
	book.fill('order of a', fill(4));
	book.end('order of a');
	book.apply({ kind: 'exit', decisionId: 'a', atMs: 6, reason: 'stop', orderId: 'x', qty: '4' });
	book.fill('x', fill(1));
	const again = new DecisionBook();
	for (const record of book.records()) again.apply(record);
	expect([...again.records()]).toEqual([...book.records()]);
	again.fill('x', fill(3));
	expect([again.get('a')?.held, again.get('a')?.isOpen]).toEqual([0n, true]);
	again.end('x');
	expect(again.open()).toEqual([]);
});

test('exits without end are summed up, and what they sold stays sold', () => {
	const book = new DecisionBook();
	book.apply(decision('a'));
	book.fill('order of a', fill(10));
	book.end('order of a');
	for (let number = 0; number < 100; number += 1) {
		const orderId = `x${number}`;
		book.apply({ kind: 'exit', decisionId: 'a', atMs: 6, reason: 'stop', orderId, qty: '10' });
		if (number % 20 === 0) book.fill(orderId, fill(1));
		book.end(orderId);
	}
	expect(book.get('a')?.held).toBe(money(5));
	expect(book.get('a')?.orderIds.length).toBeLessThanOrEqual(17);
	expect(book.ofOrder('x0')).toBeUndefined();
});

test('remembers a thousand, and of more the oldest that is over goes', () => {
	const book = new DecisionBook();
	book.apply(decision('open'));
	for (let number = 0; number < 1_100; number += 1) book.apply(decision(`d${number}`, ''));
	expect([...book.records()].filter(({ kind }) => kind === 'decision')).toHaveLength(1_000);
	expect([book.get('open') !== undefined, book.get('d0'), book.get('d1099') !== undefined]).toEqual([true, undefined, true]);
});
