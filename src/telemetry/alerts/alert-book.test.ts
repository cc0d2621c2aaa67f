import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { AlertBook, type AlertChange, type Condition, SAME_WITHIN_MS } from './alert-book.ts';

const stale: Condition = { code: 'book-stale', symbol: 'bybit:linear:BTCUSDT', venue: 'bybit', sentence: 'the book was too old' };
const killed: Condition = { code: 'killed', sentence: 'drawdown' };

let changes: AlertChange[];
let book: AlertBook;
const told = (): string[] => changes.map(({ kind, alert }) => `${kind} ${alert.code} ${alert.count}`);

beforeEach(() => {
	changes = [];
	book = new AlertBook((change) => changes.push(change));
});

describe('an alert', () => {
	test('begins once, however often it is said, and ends once', () => {
		for (const nowMs of [1, 2, 3]) book.begin(stale, nowMs);
		expect(book.list(9)).toMatchObject([{ code: 'book-stale', severity: 'warning', sinceMs: 1, endedMs: undefined, count: 1 }]);
		for (const nowMs of [4, 5]) book.end(stale, nowMs);
		expect(book.list(9)).toMatchObject([{ sinceMs: 1, endedMs: 4, count: 1 }]);
		expect(told()).toEqual(['begun book-stale 1', 'ended book-stale 1']);
	});

	test('that comes back soon is the same with a count, and later another', () => {
		book.begin(stale, 0);
		book.end(stale, 10);
		book.begin(stale, 10 + SAME_WITHIN_MS);
		book.end(stale, 20 + SAME_WITHIN_MS);
		book.begin(stale, 21 + 2 * SAME_WITHIN_MS);
		expect(told()).toEqual([
			...['begun book-stale 1', 'ended book-stale 1', 'again book-stale 2', 'ended book-stale 2', 'begun book-stale 1'],
		]);
		expect(new Set(book.list(9).map(({ id }) => id)).size).toBe(1 + 1);
	});

	test('of another symbol, venue or subject is another', () => {
		book.begin(stale, 0);
		book.begin({ ...stale, symbol: 'bybit:linear:ETHUSDT' }, 0);
		book.begin({ ...stale, subject: 'other' }, 0);
		book.begin({ ...stale, venue: 'binance' }, 0);
		expect(book.counts()).toEqual({ critical: 0, warning: 4, info: 0 });
	});

	test('takes the sentence that was said last', () => {
		book.begin(stale, 0);
		book.begin({ ...stale, sentence: 'the book is crossed' }, 1);
		expect(book.list(1)[0]?.sentence).toBe('the book is crossed');
	});

	test('that was handed out does not change any more', () => {
		book.begin(stale, 0);
		const [seen] = book.list(1);
		book.end(stale, 7);
		expect([seen?.endedMs, changes[0]?.alert.endedMs]).toEqual([undefined, undefined]);
	});
});

describe('what happened and does not last', () => {
	test('is told once, and is over', () => {
		book.tell({ code: 'bug', sentence: 'broken' }, 5);
		expect(told()).toEqual(['passed bug 1']);
		expect(changes[0]?.alert).toMatchObject({ sinceMs: 5, endedMs: 5 });
		expect(book.list(9)).toMatchObject([{ code: 'bug', endedMs: 5 }]);
		expect(book.counts()).toEqual({ critical: 0, warning: 0, info: 0 });
	});

	test('is the same with a count where it happens again soon', () => {
		for (const nowMs of [0, SAME_WITHIN_MS, 3 * SAME_WITHIN_MS]) book.tell({ code: 'bug', sentence: `at ${nowMs}` }, nowMs);
		expect(told()).toEqual(['passed bug 1', 'passed bug 2', 'passed bug 1']);
		expect(book.list(9).map(({ sentence }) => sentence)).toEqual([`at ${3 * SAME_WITHIN_MS}`]);
	});
});

describe('the list', () => {
	test('has those that stand first, the latest of each before the others', () => {
		book.tell({ ...killed, sentence: 'over first' }, 1);
		book.tell({ code: 'bug', sentence: 'over last' }, 2);
		book.begin(stale, 3);
		book.begin({ code: 'banned', sentence: 'shut out' }, 4);
		expect(book.list(9).map(({ code }) => code)).toEqual(['banned', 'book-stale', 'bug', 'killed']);
		expect(book.list(2)).toHaveLength(2);
	});

	test('forgets what is long over, and never what stands', () => {
		book.begin(killed, 0);
		for (let at = 0; at < 700; at += 1) book.tell({ code: 'old-execution', subject: `${at}`, sentence: 'old' }, at);
		expect(book.list(1e6)).toHaveLength(501);
		expect(book.list(1)[0]?.code).toBe('killed');
	});

	test('is bounded however much stands at a time', () => {
		for (let at = 0; at < 3_000; at += 1) book.begin({ ...stale, symbol: `S${at}` }, at);
		expect(book.list(1e6)).toHaveLength(2_000);
	});

	test('takes what is critical or of no symbol also beyond the bound', () => {
		for (let at = 0; at < 2_000; at += 1) book.begin({ ...stale, symbol: `S${at}` }, at);
		book.begin(killed, 1);
		book.begin({ code: 'unguarded', symbol: 'S0', sentence: 'unguarded' }, 1);
		book.begin({ code: 'comparing', sentence: 'comparing' }, 1);
		expect(told().slice(2_000)).toEqual(['begun killed 1', 'begun unguarded 1', 'begun comparing 1']);
	});
});

test('after settling, of the group exactly those stand that were named, and of others what stood', () => {
	const symbols = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'));
	fc.assert(
		fc.property(fc.array(symbols, { maxLength: 8 }), (rounds) => {
			const each = new AlertBook(() => {});
			each.begin(killed, 0);
			for (const [nowMs, named] of rounds.entries()) {
				each.settle(
					named.map((symbol) => ({ ...stale, symbol })),
					(code) => code === 'book-stale',
					nowMs,
				);
				const standing = each.list(100).filter(({ endedMs }) => endedMs === undefined);
				expect(standing.map(({ symbol = 'killed' }) => symbol).sort()).toEqual([...named, 'killed'].sort());
			}
		}),
	);
});
