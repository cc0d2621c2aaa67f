import { describe, expect, test } from 'vitest';
import { bookSuite, Transcript } from './book.suite.ts';
import { type BookOrder, levelsOf, type MatchingBook, type OrderSide, type SelfTradePolicy } from './book.ts';
import { FastBook } from './book-fast.ts';
import { PlainBook } from './book-plain.ts';
import { StateHash } from './state-hash.ts';

bookSuite('the plain book', (listener) => new PlainBook(listener));
bookSuite('the fast book', (listener) => new FastBook(listener));

/** A small generator of its own, so that a failing seed can be named. */
function dice(seed: number): (bound: number) => number {
	let state = seed;
	return (bound) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * bound);
	};
}

const POLICIES: readonly SelfTradePolicy[] = ['none', 'cancel-maker', 'cancel-taker', 'cancel-both'];

type Command =
	| { readonly kind: 'place'; readonly order: BookOrder }
	| { readonly kind: 'amend'; readonly orderId: string; readonly priceTicks: number; readonly leavesLots: number }
	| { readonly kind: 'cancel' | 'shrink'; readonly orderId: string };

/** Prices near one another so that much trades, a few far away so that pages come and go. */
function command(roll: (bound: number) => number, count: number): Command {
	const orderId = `o${count - roll(60)}`;
	const priceTicks = roll(20) === 0 ? 1 + roll(9_000) : 4_080 + roll(32);
	const kind = roll(10);
	if (kind < 2) return { kind: 'cancel', orderId };
	if (kind === 2) return { kind: 'shrink', orderId };
	if (kind < 5) return { kind: 'amend', orderId, priceTicks, leavesLots: 1 + roll(30) };
	const side: OrderSide = roll(2) === 0 ? 'buy' : 'sell';
	const market = roll(12) === 0;
	return {
		kind: 'place',
		order: {
			orderId: roll(50) === 0 ? orderId : `o${count}`,
			accountNo: roll(4),
			side,
			priceTicks: market ? (side === 'buy' ? 2 ** 40 - 1 : 1) : priceTicks,
			qtyLots: 1 + roll(30),
			timeInForce: market || roll(10) === 0 ? 'ioc' : roll(10) === 0 ? 'fok' : 'gtc',
			postOnly: !market && roll(4) === 0,
			reduceOnly: roll(4) === 0,
			selfTrade: POLICIES[roll(4)] ?? 'none',
		},
	};
}

function run(book: MatchingBook, next: Command): string {
	switch (next.kind) {
		case 'place':
			return book.place(next.order);
		case 'amend':
			return book.amend(next.orderId, next.priceTicks, next.leavesLots);
		case 'cancel':
			return String(book.cancel(next.orderId));
		case 'shrink':
			return String(book.shrink(next.orderId, 1));
	}
}

function bookHash(book: MatchingBook): string {
	const hash = new StateHash();
	for (const side of ['bid', 'ask'] as const) {
		for (const { orderId, accountNo, priceTicks, leavesLots } of book.orders(side))
			hash.add(side, orderId, accountNo, priceTicks, leavesLots);
		book.walk(side, (priceTicks, qtyLots) => {
			hash.add(priceTicks, qtyLots);
			return true;
		});
	}
	return hash.digest();
}

/** From inside a fill, now and then, take something else out of the book, as the reduce-only rule does. */
function meddle(book: MatchingBook, told: Transcript): void {
	told.onFill = (makerId) => {
		const number = Number(makerId.slice(1));
		if (number % 3 === 0) book.cancel(`o${number + 1}`);
		if (number % 5 === 0) book.shrink(`o${number + 2}`, 1);
	};
}

const SEEDS = 100;
const COMMANDS_PER_SEED = 2_500;

describe('the two books agree', () => {
	test(`on every report and the whole state over ${SEEDS * COMMANDS_PER_SEED} random commands`, () => {
		const kinds = new Map<string, number>();
		for (let seed = 1; seed <= SEEDS; seed += 1) {
			const roll = dice(seed);
			const plainTold = new Transcript();
			const fastTold = new Transcript();
			const plain = new PlainBook(plainTold);
			const fast = new FastBook(fastTold);
			meddle(plain, plainTold);
			meddle(fast, fastTold);
			for (let count = 0; count < COMMANDS_PER_SEED; count += 1) {
				const next = command(roll, count);
				const plainAnswer = run(plain, next);
				const fastAnswer = run(fast, next);
				const plainLines = plainTold.take();
				const fastLines = fastTold.take();
				kinds.set(`${next.kind} ${plainAnswer}`, (kinds.get(`${next.kind} ${plainAnswer}`) ?? 0) + 1);
				// Compared as text first: `expect` on every command would take a minute.
				if (plainAnswer === fastAnswer && plainLines.join() === fastLines.join()) continue;
				expect([fastAnswer, ...fastLines], `seed ${seed}, command ${count}`).toEqual([plainAnswer, ...plainLines]);
			}
			expect(bookHash(fast), `state after seed ${seed}`).toBe(bookHash(plain));
			expect(levelsOf(fast, 'bid', 5)).toEqual(levelsOf(plain, 'bid', 5));
			const bid = fast.bestTicks('bid');
			const ask = fast.bestTicks('ask');
			if (bid !== 0 && ask !== 0) expect(bid).toBeLessThan(ask);
		}
		// The stream must have reached every answer, or the agreement says little.
		expect([...kinds.keys()].sort()).toEqual([
			'amend cancelled',
			'amend kept',
			'amend requeued',
			'amend unknown-id',
			'cancel false',
			'cancel true',
			'place accepted',
			'place duplicate-id',
			'place post-only-would-cross',
			'shrink false',
			'shrink true',
		]);
	});
});
