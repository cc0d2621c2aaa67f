import { describe, expect, test } from 'vitest';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { BookSnapshots, depthLimit, type Usefulness } from './book-snapshots.ts';
import type { Read } from './read.ts';

interface Ask {
	readonly symbol: string;
	readonly atMono: number;
	readonly answer: () => void;
}

const OK: Read<Uint8Array> = { kind: 'ok', value: new Uint8Array(), askedAtMs: 0 };

function open(useful: () => Usefulness = () => 'joined') {
	const clock = new VirtualClock(1_771_000_000_000);
	const asks: Ask[] = [];
	const heard: string[] = [];
	const snapshots = new BookSnapshots({
		clock,
		rng: seededRng(1),
		limit: 100,
		ask: (symbol, _limit, answer) => asks.push({ symbol, atMono: clock.monotonicMs(), answer: () => answer(OK) }),
		heard: ({ instrument }) => {
			heard.push(instrument.symbol);
			return useful();
		},
	});
	const books = Array.from({ length: 10 }, (_, index) => ({ instrument: { symbol: `S${index}` } }));
	const [first] = books;
	if (first === undefined) throw new Error('no book');
	return { clock, asks, heard, snapshots, books, first };
}

test('a few are asked for at once, and each of them once', () => {
	const { clock, asks, heard, snapshots, books } = open();
	for (const book of books) snapshots.want(book);
	clock.run(1_000);
	expect(asks.map(({ symbol }) => symbol)).toEqual(['S0', 'S1', 'S2', 'S3']);
	for (let i = 0; i < 10; i += 1) {
		asks[i]?.answer();
		clock.run(1_000);
		expect(asks.length - i - 1).toBeLessThanOrEqual(4);
	}
	expect([asks.length, heard.length, new Set(heard).size]).toEqual([10, 10, 10]);
	expect(books.map((book) => snapshots.isWanted(book))).toEqual(books.map(() => false));
});

test('one that was of no use is asked for again, slower each time, and never slower than that', () => {
	const { clock, asks, snapshots, first } = open(() => 'useless');
	snapshots.want(first);
	clock.run(0);
	for (let i = 0; i < 60; i += 1) {
		asks.at(-1)?.answer();
		while (asks.length === i + 1) clock.step();
	}
	const pauses = asks.slice(1).map(({ atMono }, i) => atMono - (asks[i]?.atMono ?? 0));
	expect(Math.max(...pauses.slice(0, 1))).toBeLessThanOrEqual(500);
	expect(Math.max(...pauses)).toBeLessThanOrEqual(15_000);
	expect(Math.max(...pauses)).toBeGreaterThan(7_500);
});

describe('a book that is lost again', () => {
	test('after it held for a while is asked for at once', () => {
		const { clock, asks, snapshots, first } = open();
		for (let i = 1; i <= 5; i += 1) {
			snapshots.want(first);
			clock.run(0);
			expect(asks).toHaveLength(i);
			asks.at(-1)?.answer();
			clock.run(10_000);
		}
	});

	test('again and again is asked for slower each time', () => {
		const { clock, asks, snapshots, first } = open();
		for (let i = 0; i < 40; i += 1) {
			snapshots.want(first);
			while (asks.length === i) clock.step();
			asks.at(-1)?.answer();
		}
		expect(clock.monotonicMs()).toBeGreaterThan(60_000);
	});

	test('does not take the answer to an earlier question', () => {
		const { clock, asks, heard, snapshots, first } = open();
		snapshots.want(first);
		clock.run(0);
		snapshots.want(first);
		asks[0]?.answer();
		expect([heard, snapshots.isWanted(first)]).toEqual([[], true]);
		clock.run(1_000);
		expect(asks).toHaveLength(2);
		asks[1]?.answer();
		expect(heard).toEqual(['S0']);
	});
});

test('after the connection is gone nothing is asked and nothing is taken', () => {
	const { clock, asks, heard, snapshots, books, first } = open();
	for (const book of books) snapshots.want(book);
	clock.run(0);
	snapshots.clear();
	for (const { answer } of asks) answer();
	clock.run(60_000);
	expect([asks.length, heard, snapshots.isWanted(first)]).toEqual([4, [], false]);
});

test.each([
	['spot', 1, 1_000],
	['spot', 30, 1_000],
	['spot', 60, 500],
	['spot', 61, 100],
	['linear', 30, 1_000],
	['linear', 60, 500],
	['linear', 400, 100],
] as const)('on %s %i books are asked for %i levels deep', (market, count, limit) => {
	expect(depthLimit(market, count)).toBe(limit);
});
