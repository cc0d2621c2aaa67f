/**
 * What every order book must do, as a suite that each implementation runs. A case is a script of commands and the
 * report it must give, written in the order things are told.
 */
import { describe, expect, test } from 'vitest';
import type { BookListener, BookOrder, MatchingBook, OrderSide } from './book.ts';
import { levelsOf } from './book.ts';

export type CreateBook = (listener: BookListener) => MatchingBook;

/** Writes down what a book tells, one line a report. */
export class Transcript implements BookListener {
	lines: string[] = [];
	onFill: (makerId: string) => void = () => {};

	accepted(orderId: string): void {
		this.lines.push(`accepted ${orderId}`);
	}

	filled(maker: string, taker: string, priceTicks: number, qtyLots: number, makerLots: number, takerLots: number): void {
		this.lines.push(`filled ${maker} by ${taker}: ${qtyLots} at ${priceTicks}, left ${makerLots} and ${takerLots}`);
		this.onFill(maker);
	}

	cancelled(orderId: string, leavesLots: number, reason: string, otherId: string): void {
		this.lines.push(`cancelled ${orderId}: ${leavesLots}, ${reason}${otherId === '' ? '' : ` with ${otherId}`}`);
	}

	levelChanged(side: string, priceTicks: number, qtyLots: number): void {
		this.lines.push(`${side} ${priceTicks} has ${qtyLots}`);
	}

	take(): string[] {
		const lines = this.lines;
		this.lines = [];
		return lines;
	}
}

function limit(orderId: string, side: OrderSide, qtyLots: number, priceTicks: number, more: Partial<BookOrder> = {}): BookOrder {
	const plain = { timeInForce: 'gtc', postOnly: false, reduceOnly: false, selfTrade: 'none' } as const;
	// Owners differ unless a case says otherwise: the account is the id's first letter.
	return { orderId, accountNo: orderId.charCodeAt(0), side, priceTicks, qtyLots, ...plain, ...more };
}

function orderIds(book: MatchingBook, side: 'bid' | 'ask'): string[] {
	return [...book.orders(side)].map(({ orderId }) => orderId);
}

export function bookSuite(name: string, create: CreateBook): void {
	function start(...orders: readonly BookOrder[]): { book: MatchingBook; told: Transcript } {
		const told = new Transcript();
		const book = create(told);
		for (const order of orders) book.place(order);
		told.take();
		return { book, told };
	}

	describe(name, () => {
		test('an order that crosses nothing rests and shows on its level', () => {
			const { book, told } = start();
			expect(book.place(limit('a', 'buy', 5, 100))).toBe('accepted');
			expect(told.take()).toEqual(['accepted a', 'bid 100 has 5']);
			expect(levelsOf(book, 'bid', 10)).toEqual([{ priceTicks: 100, qtyLots: 5 }]);
			expect(book.bestTicks('bid')).toBe(100);
			expect(book.bestTicks('ask')).toBe(0);
		});

		test('the better price trades first, and at one price the earlier order', () => {
			const { book, told } = start(limit('a', 'sell', 2, 102), limit('b', 'sell', 2, 101), limit('c', 'sell', 2, 101));
			book.place(limit('t', 'buy', 5, 102));
			expect(told.take()).toEqual([
				'accepted t',
				'filled b by t: 2 at 101, left 0 and 3',
				'filled c by t: 2 at 101, left 0 and 1',
				'ask 101 has 0',
				'filled a by t: 1 at 102, left 1 and 0',
				'ask 102 has 1',
			]);
			expect(orderIds(book, 'ask')).toEqual(['a']);
		});

		test('a sell sweeps bids from the highest down and rests what is left', () => {
			const { book, told } = start(limit('a', 'buy', 1, 99), limit('b', 'buy', 1, 100));
			book.place(limit('t', 'sell', 3, 99));
			expect(told.take()).toEqual([
				'accepted t',
				'filled b by t: 1 at 100, left 0 and 2',
				'bid 100 has 0',
				'filled a by t: 1 at 99, left 0 and 1',
				'bid 99 has 0',
				'ask 99 has 1',
			]);
		});

		test('what an IOC order cannot fill at once is cancelled', () => {
			const { book, told } = start(limit('a', 'sell', 1, 100));
			book.place(limit('t', 'buy', 3, 100, { timeInForce: 'ioc' }));
			expect(told.take()).toEqual([
				'accepted t',
				'filled a by t: 1 at 100, left 0 and 2',
				'ask 100 has 0',
				'cancelled t: 2, ioc-remainder',
			]);
			expect(book.orderCount).toBe(0);
		});

		test('a FOK order fills whole or touches nothing', () => {
			const { book, told } = start(limit('a', 'sell', 2, 100), limit('b', 'sell', 2, 101), limit('c', 'sell', 9, 102));
			book.place(limit('t', 'buy', 5, 101, { timeInForce: 'fok' }));
			expect(told.take()).toEqual(['accepted t', 'cancelled t: 5, fok-not-fillable']);
			book.place(limit('u', 'buy', 4, 101, { timeInForce: 'fok' }));
			expect(orderIds(book, 'ask')).toEqual(['c']);
		});

		test('a FOK order does not count on its own account nor on reduce-only makers', () => {
			const { book, told } = start(
				limit('a', 'sell', 2, 100),
				limit('b', 'sell', 2, 100, { reduceOnly: true }),
				limit('c', 'sell', 2, 100),
			);
			book.place(limit('a2', 'buy', 3, 100, { timeInForce: 'fok', selfTrade: 'cancel-maker' }));
			expect(told.take()).toEqual(['accepted a2', 'cancelled a2: 3, fok-not-fillable']);
			book.place(limit('c2', 'buy', 3, 100, { timeInForce: 'fok', selfTrade: 'cancel-taker' }));
			expect(told.take()).toEqual(['accepted c2', 'cancelled c2: 3, fok-not-fillable']);
			book.place(limit('t', 'buy', 4, 100, { timeInForce: 'fok' }));
			expect(told.take().at(-1)).toBe('ask 100 has 2');
			expect(orderIds(book, 'ask')).toEqual(['c']);
		});

		test('a post-only order that would trade is refused without a trace, even against its own account', () => {
			const { book, told } = start(limit('a', 'sell', 1, 100));
			expect(book.place(limit('t', 'buy', 1, 100, { postOnly: true }))).toBe('post-only-would-cross');
			expect(book.place(limit('a2', 'buy', 1, 101, { postOnly: true, selfTrade: 'cancel-maker' }))).toBe('post-only-would-cross');
			expect(told.take()).toEqual([]);
			expect(book.place(limit('t', 'buy', 1, 99, { postOnly: true }))).toBe('accepted');
		});

		test('an id that rests is refused, and free again once it is gone', () => {
			const { book } = start(limit('a', 'sell', 1, 100));
			expect(book.place(limit('a', 'buy', 1, 90))).toBe('duplicate-id');
			book.cancel('a');
			expect(book.place(limit('a', 'buy', 1, 90))).toBe('accepted');
		});

		describe('self-trade prevention follows the incoming order', () => {
			const makers = [limit('a1', 'sell', 2, 100), limit('b1', 'sell', 2, 100)];
			test.each([
				{
					selfTrade: 'none' as const,
					report: ['filled a1 by a2: 2 at 100, left 0 and 1', 'filled b1 by a2: 1 at 100, left 1 and 0', 'ask 100 has 1'],
				},
				{
					selfTrade: 'cancel-maker' as const,
					report: [
						'cancelled a1: 2, self-trade with a2',
						'filled b1 by a2: 2 at 100, left 0 and 1',
						'ask 100 has 0',
						'bid 100 has 1',
					],
				},
				{ selfTrade: 'cancel-taker' as const, report: ['cancelled a2: 3, self-trade with a1', 'ask 100 has 4'] },
				{
					selfTrade: 'cancel-both' as const,
					report: ['cancelled a1: 2, self-trade with a2', 'cancelled a2: 3, self-trade with a1', 'ask 100 has 2'],
				},
			])('$selfTrade', ({ selfTrade, report }) => {
				const { book, told } = start(...makers);
				book.place(limit('a2', 'buy', 3, 100, { selfTrade }));
				expect(told.take()).toEqual(['accepted a2', ...report]);
			});
		});

		describe('an amended order', () => {
			test('keeps its place when it only shrinks', () => {
				const { book, told } = start(limit('a', 'buy', 5, 100), limit('b', 'buy', 5, 100));
				expect(book.amend('a', 100, 2)).toBe('kept');
				expect(told.take()).toEqual(['bid 100 has 7']);
				expect(orderIds(book, 'bid')).toEqual(['a', 'b']);
			});

			test.each([
				{ name: 'grows', priceTicks: 100, leavesLots: 6 },
				{ name: 'moves away and comes back', priceTicks: 101, leavesLots: 5 },
			])('loses its place when it $name', ({ priceTicks, leavesLots }) => {
				const { book } = start(limit('a', 'buy', 5, 100), limit('b', 'buy', 5, 100));
				expect(book.amend('a', priceTicks, leavesLots)).toBe('requeued');
				if (priceTicks !== 100) book.amend('a', 100, leavesLots);
				expect(orderIds(book, 'bid')).toEqual(['b', 'a']);
			});

			test('trades when its new price crosses', () => {
				const { book, told } = start(limit('a', 'buy', 5, 100), limit('b', 'sell', 2, 105));
				expect(book.amend('a', 105, 5)).toBe('requeued');
				expect(told.take()).toEqual(['bid 100 has 0', 'filled b by a: 2 at 105, left 0 and 3', 'ask 105 has 0', 'bid 105 has 3']);
			});

			test('is cancelled when it is post-only and its new price would cross', () => {
				const { book, told } = start(limit('a', 'buy', 5, 100, { postOnly: true }), limit('b', 'sell', 2, 105));
				expect(book.amend('a', 105, 7)).toBe('cancelled');
				expect(told.take()).toEqual(['bid 100 has 0', 'cancelled a: 5, post-only-would-cross']);
				expect(book.amend('a', 104, 7)).toBe('unknown-id');
			});
		});

		test('a cancelled order leaves the queue, wherever it stands', () => {
			const { book, told } = start(limit('a', 'sell', 1, 100), limit('b', 'sell', 2, 100), limit('c', 'sell', 4, 100));
			expect(book.cancel('b')).toBe(true);
			expect(book.cancel('b')).toBe(false);
			expect(book.cancel('a')).toBe(true);
			expect(told.take()).toEqual(['ask 100 has 5', 'ask 100 has 4']);
			expect(orderIds(book, 'ask')).toEqual(['c']);
		});

		test('orders may be shrunk and cancelled from inside a fill, ahead of the sweep that is under way', () => {
			const { book, told } = start(
				limit('a', 'sell', 1, 100),
				limit('b', 'sell', 5, 100),
				limit('c', 'sell', 5, 101),
				limit('d', 'sell', 5, 101),
			);
			told.onFill = (makerId) => {
				if (makerId !== 'a') return;
				book.shrink('b', 2);
				book.cancel('c');
			};
			book.place(limit('t', 'buy', 4, 101));
			expect(told.take()).toEqual([
				'accepted t',
				'filled a by t: 1 at 100, left 0 and 3',
				'ask 100 has 2',
				'ask 101 has 5',
				'filled b by t: 2 at 100, left 0 and 1',
				'ask 100 has 0',
				'filled d by t: 1 at 101, left 4 and 0',
				'ask 101 has 4',
			]);
		});

		test('levels are told best first, over any distance of prices', () => {
			const prices = [1, 31, 32, 1_023, 1_024, 1_025, 40_000, 1_000_000, 2 ** 39, 2 ** 40 - 1];
			const { book } = start(...prices.toReversed().map((priceTicks, index) => limit(`a${index}`, 'sell', 1, priceTicks)));
			expect(levelsOf(book, 'ask', 100).map(({ priceTicks }) => priceTicks)).toEqual(prices);
			expect(levelsOf(book, 'ask', 3).map(({ priceTicks }) => priceTicks)).toEqual([1, 31, 32]);
			expect(levelsOf(book, 'ask', 0)).toEqual([]);
		});

		test('thousands of orders rest and are found again', () => {
			const { book } = start();
			for (let index = 0; index < 5_000; index += 1) book.place(limit(`a${index}`, 'buy', 1, 1 + (index % 700) * 37));
			expect(book.orderCount).toBe(5_000);
			for (let index = 0; index < 5_000; index += 1) expect(book.cancel(`a${index}`)).toBe(true);
			expect(book.bestTicks('bid')).toBe(0);
		});
	});
}
