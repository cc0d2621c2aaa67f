/**
 * What every order book promises, said once and held against the fast one and its plain twin (see book.test.ts).
 */
import { describe, expect, test } from 'vitest';
import type { OrderBook, OrderBookOptions } from './book.ts';
import { BookDelta, type BookDeltaKind } from './book-delta.ts';
import { lots, ticks, timeMs } from './units.ts';

type Levels = readonly (readonly [ticks: number, lots: number])[];
interface Sides {
	readonly bids?: Levels;
	readonly asks?: Levels;
}

function message(kind: BookDeltaKind, { bids = [], asks = [] }: Sides): BookDelta {
	const delta = new BookDelta();
	delta.reset(kind, 7, timeMs(1_000), timeMs(1_002));
	for (const [price, size] of bids) delta.push('bid', ticks(price), lots(size));
	for (const [price, size] of asks) delta.push('ask', ticks(price), lots(size));
	return delta;
}

const TWO_SIDED: Sides = {
	bids: [
		[100, 5],
		[99, 7],
		[95, 2],
	],
	asks: [
		[101, 3],
		[103, 4],
	],
};

/** All levels, best first, read as a strategy would. */
export function levelsOf(book: OrderBook): { bids: Levels; asks: Levels } {
	return {
		bids: Array.from({ length: book.bidCount }, (_, i) => [book.bidTicksAt(i), book.bidLotsAt(i)]),
		asks: Array.from({ length: book.askCount }, (_, i) => [book.askTicksAt(i), book.askLotsAt(i)]),
	};
}

function topOf(book: OrderBook): number[] {
	return [book.bestBidTicks, book.bestBidLots, book.bestAskTicks, book.bestAskLots];
}

export function bookSuite(name: string, create: (options?: OrderBookOptions) => OrderBook): void {
	const filled = (options?: OrderBookOptions) => {
		const book = create(options);
		book.apply(message('snapshot', TWO_SIDED));
		return book;
	};

	describe(name, () => {
		test('a new book is empty and says so', () => {
			const book = create();
			expect(topOf(book)).toEqual([0, 0, 0, 0]);
			expect([book.bidCount, book.askCount, book.midTwiceTicks, book.version, book.topVersion]).toEqual([0, 0, 0, 0, 0]);
			expect([book.isTwoSided, book.isCrossed, book.isTrimmed]).toEqual([false, false, false]);
			expect(book.trust).toEqual({ kind: 'empty' });
		});

		test('a snapshot fills the book and makes it whole', () => {
			const book = filled();
			expect(levelsOf(book)).toEqual(TWO_SIDED);
			expect(topOf(book)).toEqual([100, 5, 101, 3]);
			expect([book.midTwiceTicks, book.isTwoSided, book.isCrossed]).toEqual([201, true, false]);
			expect(book.trust).toEqual({ kind: 'whole' });
		});

		test('the order in which a snapshot lists its levels does not matter', () => {
			const book = create();
			const turned = { bids: TWO_SIDED.bids?.toReversed() ?? [], asks: TWO_SIDED.asks?.toReversed() ?? [] };
			book.apply(message('snapshot', turned));
			expect(levelsOf(book)).toEqual(TWO_SIDED);
		});

		test('a second snapshot leaves nothing of the first', () => {
			const book = filled();
			book.apply(message('snapshot', { bids: [[50, 1]] }));
			expect(levelsOf(book)).toEqual({ bids: [[50, 1]], asks: [] });
			expect(topOf(book)).toEqual([50, 1, 0, 0]);
			expect(book.lotsAt('bid', ticks(100))).toBe(0);
		});

		test('a delta sets, adds and deletes levels on both sides', () => {
			const book = filled();
			const bids = [
				[99, 8],
				[97, 1],
				[95, 0],
			] as const;
			const asks = [
				[101, 0],
				[102, 6],
				[110, 9],
			] as const;
			book.apply(message('delta', { bids, asks }));
			expect(levelsOf(book)).toEqual({
				bids: [
					[100, 5],
					[99, 8],
					[97, 1],
				],
				asks: [
					[102, 6],
					[103, 4],
					[110, 9],
				],
			});
		});

		test('of two changes to one price in one message the later wins', () => {
			const book = filled();
			const bids = [
				[98, 1],
				[98, 0],
				[100, 0],
				[100, 9],
			] as const;
			book.apply(message('delta', { bids }));
			expect(levelsOf(book).bids).toEqual([
				[100, 9],
				[99, 7],
				[95, 2],
			]);
		});

		test('deleting a level that is not there changes nothing and is counted', () => {
			const book = filled();
			book.apply(message('delta', { bids: [[98, 0]], asks: [[100, 0]] }));
			expect(levelsOf(book)).toEqual(TWO_SIDED);
			expect(book.unknownDeleteCount).toBe(2);
		});

		test('a message leaves its sequence number and both times', () => {
			const book = filled();
			expect([book.sequence, book.venueAtMs, book.receivedAtMs]).toEqual([7, 1_000, 1_002]);
		});

		test('the top version grows only when a best price or its size changes', () => {
			const book = filled();
			expect(book.topVersion).toBe(1);
			const steps = [
				{ sides: { bids: [[99, 1]] }, topVersion: 1 },
				{ sides: { bids: [[100, 5]] }, topVersion: 1 },
				{ sides: { bids: [[100, 6]] }, topVersion: 2 },
				{ sides: { asks: [[101, 0]] }, topVersion: 3 },
				{ sides: { asks: [[103, 1]] }, topVersion: 4 },
				{ sides: { bids: [[101, 6]] }, topVersion: 5 },
				{ sides: { asks: [[103, 0]] }, topVersion: 6 },
			] as const;
			for (const { sides, topVersion } of steps) {
				book.apply(message('delta', sides));
				expect(book.topVersion, JSON.stringify(sides)).toBe(topVersion);
			}
			expect(book.version).toBe(1 + steps.length);
		});

		test('a crossed book is taken as it is and says so, and so is a locked one', () => {
			const book = filled();
			book.apply(message('delta', { bids: [[101, 1]] }));
			expect([book.isCrossed, book.bestBidTicks, book.bestAskTicks]).toEqual([true, 101, 101]);
			book.apply(message('delta', { bids: [[104, 1]] }));
			expect([book.isCrossed, book.bestBidTicks, book.bestAskTicks]).toEqual([true, 104, 101]);
			book.apply(message('delta', { asks: [[101, 0], [103, 0]] as const })); // biome-ignore format: one line
			expect([book.isCrossed, book.isTwoSided]).toEqual([false, false]);
		});

		test('a distrusted book keeps its levels and its first reason until a snapshot comes', () => {
			const book = filled();
			book.distrust('gap');
			book.distrust('crossed');
			expect(book.trust).toEqual({ kind: 'broken', reason: 'gap' });
			expect(levelsOf(book)).toEqual(TWO_SIDED);
			book.apply(message('delta', { bids: [[100, 6]] }));
			expect(book.trust).toEqual({ kind: 'broken', reason: 'gap' });
			book.apply(message('snapshot', TWO_SIDED));
			expect(book.trust).toEqual({ kind: 'whole' });
		});

		test('deltas before the first snapshot are kept, yet the book is not whole', () => {
			const book = create();
			book.apply(message('delta', TWO_SIDED));
			expect(levelsOf(book)).toEqual(TWO_SIDED);
			expect(book.trust).toEqual({ kind: 'empty' });
		});

		test('clearing leaves an empty book, a new top and running counters', () => {
			const book = filled();
			book.apply(message('delta', { bids: [[1, 0]] }));
			book.clear();
			expect(levelsOf(book)).toEqual({ bids: [], asks: [] });
			expect(topOf(book)).toEqual([0, 0, 0, 0]);
			expect(book.trust).toEqual({ kind: 'empty' });
			expect([book.sequence, book.venueAtMs, book.receivedAtMs]).toEqual([0, 0, 0]);
			expect([book.version, book.topVersion, book.unknownDeleteCount]).toEqual([3, 2, 1]);
			book.clear();
			expect([book.version, book.topVersion]).toEqual([4, 2]);
		});

		test('a full side drops its farthest levels once the message is over, counts them and says so', () => {
			const book = filled({ levelsMax: 3 });
			expect([book.trimmedLevelCount, book.isTrimmed]).toEqual([0, false]);
			const bids = [
				[102, 1],
				[98, 1],
				[100, 0],
			] as const;
			const asks = [
				[104, 1],
				[120, 1],
				[130, 1],
			] as const;
			book.apply(message('delta', { bids, asks }));
			expect(levelsOf(book)).toEqual({
				bids: [
					[102, 1],
					[99, 7],
					[98, 1],
				],
				asks: [
					[101, 3],
					[103, 4],
					[104, 1],
				],
			});
			expect([book.trimmedLevelCount, book.isTrimmed]).toEqual([3, true]);
			expect(book.lotsAt('bid', ticks(95))).toBe(0);
			book.apply(message('snapshot', TWO_SIDED));
			expect([book.trimmedLevelCount, book.isTrimmed]).toEqual([3, false]);
		});

		test('a bound below one level is refused', () => {
			for (const levelsMax of [0, -1, 1.5, Number.NaN]) expect(() => create({ levelsMax }), `${levelsMax}`).toThrow(RangeError);
		});

		test('a level is found by its price, on its own side only', () => {
			const book = filled();
			expect(book.lotsAt('bid', ticks(99))).toBe(7);
			expect(book.lotsAt('ask', ticks(103))).toBe(4);
			expect(book.lotsAt('ask', ticks(99))).toBe(0);
			expect(book.lotsAt('bid', ticks(98))).toBe(0);
			expect(book.lotsAt('bid', ticks(0))).toBe(0);
		});

		test('past the end there is nothing to read', () => {
			const book = filled();
			expect([book.bidTicksAt(3), book.bidLotsAt(3), book.askTicksAt(2), book.askLotsAt(2)]).toEqual([0, 0, 0, 0]);
			expect([book.bidTicksAt(-1), book.bidLotsAt(-1), book.askTicksAt(-1), book.askLotsAt(-1)]).toEqual([0, 0, 0, 0]);
		});

		test('depth is summed from the best level outwards', () => {
			const book = filled();
			const counts = [0, 1, 2, 3, 99, Number.POSITIVE_INFINITY, -1];
			expect(counts.map((count) => book.lotsWithin('bid', count))).toEqual([0, 5, 12, 14, 14, 14, 0]);
			expect(book.lotsWithin('ask', 2)).toBe(7);
		});

		test('the average price walks the levels, and is not a number when they do not suffice', () => {
			const book = filled();
			expect(book.vwapTicks('bid', lots(5))).toBe(100);
			expect(book.vwapTicks('bid', lots(10))).toBe(99.5);
			expect(book.vwapTicks('ask', lots(6))).toBe(102);
			expect(book.vwapTicks('ask', lots(7))).toBeCloseTo((303 + 412) / 7, 12);
			expect(book.vwapTicks('ask', lots(8))).toBeNaN();
			expect(book.vwapTicks('ask', lots(0))).toBeNaN();
			expect(create().vwapTicks('bid', lots(1))).toBeNaN();
		});

		test('books with the same levels hash alike, whatever came before, and all others differ', () => {
			const other = create();
			other.apply(message('delta', { bids: [[200, 1]], asks: [[101, 3]] }));
			other.apply(message('delta', { bids: [[200, 0], ...(TWO_SIDED.bids ?? [])], asks: [[103, 4]] }));
			expect(other.hash()).toBe(filled().hash());
			const hashes = new Set([create().hash(), filled().hash()]);
			const changes: readonly Sides[] = [
				{ bids: [[100, 6]] },
				{ bids: [[95, 3]] },
				{ asks: [[103, 4 + 2 ** 32]] },
				{ bids: [[94, 1]] },
				{ asks: [[103, 0]] },
			];
			for (const change of changes) {
				const changed = filled();
				changed.apply(message('delta', change));
				hashes.add(changed.hash());
			}
			expect(hashes.size).toBe(2 + changes.length);
		});

		test('prices and sizes up to the largest safe integer are kept exactly', () => {
			const book = create();
			const largest = Number.MAX_SAFE_INTEGER;
			const bids = [
				[largest - 2 ** 32, 1],
				[largest - 2 ** 33, 2],
				[largest, largest],
				[largest - 1, 3],
			] as const;
			book.apply(message('snapshot', { bids, asks: bids }));
			const sorted = bids.toSorted((a, b) => b[0] - a[0]);
			expect(levelsOf(book)).toEqual({ bids: sorted, asks: sorted.toReversed() });
		});
	});
}
