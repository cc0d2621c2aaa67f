/** Raw frames of Binance become one recording of a book that is whole, or say in which line they cannot. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBook } from '../../domain/book.ts';
import { BookDelta } from '../../domain/book-delta.ts';
import type { Category } from '../../domain/instrument.ts';
import type { Arrival, MarketSink } from '../../domain/market-record.ts';
import type { Lots, Ticks, TimeMs } from '../../domain/units.ts';
import type { ReplayCounts, Surveyed } from '../wire/recorded.ts';
import { BINANCE_FRAMES } from './recorded-survey.ts';

type Levels = readonly (readonly [price: string, size: string])[];

const START_NS = 1_771_000_000_000_000_123n;

/** A line a millisecond. */
function linesOf(frames: readonly (object | string)[]): Buffer[] {
	return frames.map((frame, index) => lineAt(START_NS + BigInt(index) * 1_000_000n, frame));
}

function lineAt(ns: bigint, frame: object | string): Buffer {
	return Buffer.from(`${ns} ${typeof frame === 'string' ? frame : JSON.stringify(frame)}`);
}

function combined(stream: string, data: object): object {
	return { stream: `btcusdt@${stream}`, data };
}

interface Diff {
	readonly U: number;
	readonly u: number;
	readonly pu?: number;
	readonly b?: Levels;
	readonly a?: Levels;
}

function spotDiff({ U, u, b = [], a = [] }: Diff): object {
	return combined('depth@100ms', { e: 'depthUpdate', E: 1_771_000_000_500, s: 'BTCUSDT', U, u, b, a });
}

function futuresDiff({ U, u, pu = U - 1, b = [], a = [] }: Diff): object {
	const times = { E: 1_771_000_000_500, T: 1_771_000_000_499 };
	return combined('depth@0ms', { e: 'depthUpdate', ...times, s: 'BTCUSDT', U, u, pu, b, a });
}

const BID: Levels = [['61659.70', '0.014']];
const ASK: Levels = [['61659.80', '1.5']];

function spotSnapshot(lastUpdateId: number, bids: Levels = BID, asks: Levels = ASK): object {
	return { lastUpdateId, bids, asks };
}

function futuresSnapshot(lastUpdateId: number, bids: Levels = BID, asks: Levels = ASK): object {
	return { lastUpdateId, E: 1_771_000_000_600, T: 1_771_000_000_599, bids, asks };
}

function trade(data: object = {}): object {
	return combined('trade', {
		e: 'trade',
		E: 1_771_000_000_700,
		s: 'BTCUSDT',
		t: 9,
		p: '61659.70',
		q: '0.002',
		T: 1_771_000_000_699,
		m: true,
		...data,
	});
}

/** Copies at once, and keeps a book. */
class Ear implements MarketSink {
	readonly told: unknown[] = [];
	readonly atUs: number[] = [];
	readonly book_ = createBook();

	book(at: Arrival, delta: BookDelta): void {
		this.book_.apply(delta);
		const levels = Array.from({ length: delta.count }, (_, i) => [delta.sideAt(i), delta.ticksAt(i), delta.lotsAt(i)]);
		this.#tell(at, [delta.kind, delta.sequence, levels]);
	}

	bookLost(at: Arrival, reason: string): void {
		this.#tell(at, ['lost', reason]);
	}

	top(at: Arrival, top: object): void {
		this.#tell(at, ['top', { ...top }]);
	}

	trade(at: Arrival, { priceTicks, qtyLots, takerSide }: Parameters<MarketSink['trade']>[1]): void {
		this.#tell(at, ['trade', priceTicks, qtyLots, takerSide]);
	}

	mark(at: Arrival, { markTicks, fundingRate, nextFundingAtMs }: Parameters<MarketSink['mark']>[1]): void {
		this.#tell(at, ['mark', markTicks, fundingRate, nextFundingAtMs]);
	}

	#tell({ arrivedAtUs, venueAtMs }: Arrival, what: readonly unknown[]): void {
		this.atUs.push(arrivedAtUs);
		this.told.push([arrivedAtUs - Number(START_NS / 1000n), venueAtMs % 1_000_000, ...what]);
	}
}

function surveyed(lines: readonly Buffer[], category?: Category): Surveyed {
	const survey = BINANCE_FRAMES.survey(category);
	for (const line of lines) survey.line(line);
	return survey.end();
}

type Imported = { readonly ear: Ear; readonly counts: ReplayCounts; readonly of: object };

function imported(lines: readonly Buffer[], category?: Category): Imported {
	const found = surveyed(lines, category);
	if (found.kind === 'nothing') throw new Error(found.sentence);
	const ear = new Ear();
	const replay = found.replay(ear);
	for (const line of lines) replay.line(line);
	return { ear, counts: replay.counts, of: found.instrument };
}

test('what the frames are about is found in them', () => {
	expect(imported(linesOf([spotDiff({ U: 1, u: 2, b: [['61659.70000000', '0.01400000']] }), trade({ M: true })])).of).toEqual({
		venue: 'binance',
		category: 'spot',
		symbol: 'BTCUSDT',
		tickSize: '0.1',
		lotSize: '0.001',
	});
	expect(imported(linesOf([futuresSnapshot(4), futuresDiff({ U: 5, u: 6, a: [['61659', '12']] })])).of).toMatchObject({
		category: 'linear',
		tickSize: '0.1',
		lotSize: '0.001',
	});
});

test('a spot book is joined at its snapshot, and what waited is told at that moment', () => {
	const { ear, counts } = imported(
		linesOf([
			spotDiff({ U: 1, u: 5, b: [['61659.70', '9']] }),
			spotDiff({ U: 6, u: 9, a: [['61659.90', '0.5']] }),
			spotSnapshot(7),
			spotDiff({ U: 10, u: 12, b: [['61659.70', '0']] }),
		]),
	);
	expect(ear.told).toEqual([
		[
			2_000,
			0,
			'snapshot',
			7,
			[
				['bid', 616_597, 14],
				['ask', 616_598, 1_500],
			],
		],
		[2_000, 500, 'delta', 9, [['ask', 616_599, 500]]],
		[3_000, 500, 'delta', 12, [['bid', 616_597, 0]]],
	]);
	expect(counts).toEqual({ frames: 4, oldBooks: 1, lostBooks: 0, gaps: 0, crossed: 0, others: 0, backInTime: 0 });
});

test('a futures book is joined at its snapshot by its own rule', () => {
	const { ear, counts } = imported(
		linesOf([
			futuresDiff({ U: 100, u: 110, pu: 90, b: [['61659.60', '1']] }),
			futuresSnapshot(105),
			futuresDiff({ U: 115, u: 120, pu: 110, b: [['61659.60', '2']] }),
		]),
	);
	expect(ear.told).toEqual([
		[
			1_000,
			599,
			'snapshot',
			105,
			[
				['bid', 616_597, 14],
				['ask', 616_598, 1_500],
			],
		],
		[1_000, 499, 'delta', 110, [['bid', 616_596, 1_000]]],
		[2_000, 499, 'delta', 120, [['bid', 616_596, 2_000]]],
	]);
	expect(counts).toMatchObject({ gaps: 0, oldBooks: 0, lostBooks: 0 });
});

test('a gap loses the book until a snapshot makes it whole again', () => {
	const { ear, counts } = imported(
		linesOf([
			futuresSnapshot(105),
			futuresDiff({ U: 106, u: 110, pu: 105 }),
			futuresDiff({ U: 130, u: 140, pu: 129, b: [['61650.00', '1']] }),
			futuresDiff({ U: 141, u: 150, pu: 140, b: [['61651.00', '1']] }),
			futuresSnapshot(145),
			futuresDiff({ U: 151, u: 160, pu: 150 }),
			futuresDiff({ U: 171, u: 180, pu: 170 }),
		]),
	);
	expect(ear.told.map((each) => (each as unknown[]).slice(2, 4))).toEqual([
		['snapshot', 105],
		['delta', 110],
		['lost', 'gap'],
		['snapshot', 145],
		['delta', 150],
		['delta', 160],
		['lost', 'gap'],
	]);
	// One that the second snapshot knew of, and one that nothing came behind.
	expect(counts).toMatchObject({ gaps: 2, oldBooks: 1, lostBooks: 1 });
});

test('a crossed book is counted and lost', () => {
	const { ear, counts } = imported(
		linesOf([
			spotSnapshot(7),
			spotDiff({ U: 8, u: 9, b: [['61660.00', '1']] }),
			spotDiff({ U: 10, u: 11, b: [['61650.00', '1']] }),
		]),
	);
	expect(ear.told.map((each) => (each as unknown[])[2])).toEqual(['snapshot', 'delta', 'lost']);
	expect(counts).toMatchObject({ crossed: 1, gaps: 0, lostBooks: 1 });
});

test('a snapshot from before the first diff is of no use', () => {
	const { ear, counts } = imported(linesOf([spotDiff({ U: 10, u: 12 }), spotSnapshot(7), spotDiff({ U: 13, u: 14 })]));
	expect(ear.told).toEqual([]);
	expect(counts).toMatchObject({ oldBooks: 1, lostBooks: 2, gaps: 0 });
});

test('best prices, trades and marks are told with both times', () => {
	const { ear } = imported(
		linesOf([
			combined('bookTicker', {
				e: 'bookTicker',
				u: 77,
				E: 1_771_000_000_301,
				T: 1_771_000_000_300,
				s: 'BTCUSDT',
				b: '61659.70',
				B: '0.5',
				a: '61659.80',
				A: '1',
			}),
			trade({ X: 'MARKET' }),
			trade({ X: 'MARKET', m: false }),
			trade({ X: 'INSURANCE_FUND' }),
			combined('markPrice@1s', {
				e: 'markPriceUpdate',
				E: 1_771_000_000_400,
				s: 'BTCUSDT',
				p: '61659.75000000',
				i: '61660.1',
				P: '61660',
				r: '0.00010000',
				T: 1_771_027_200_000,
			}),
		]),
	);
	expect(ear.told).toEqual([
		[0, 301, 'top', { sequence: 77, bidTicks: 616_597, bidLots: 500, askTicks: 616_598, askLots: 1_000 }],
		[1_000, 699, 'trade', 616_597, 2, 'sell'],
		[2_000, 699, 'trade', 616_597, 2, 'buy'],
		[4_000, 400, 'mark', 616_597.5, 0.0001, 1_771_027_200_000],
	]);
});

test('trades that the venue has added up count only where there are no others', () => {
	const sum = combined('aggTrade', {
		e: 'aggTrade',
		E: 1,
		a: 3,
		s: 'BTCUSDT',
		p: '1.5',
		q: '2',
		f: 1,
		l: 2,
		T: 1,
		m: true,
		M: true,
	});
	expect(imported(linesOf([sum])).ear.told).toHaveLength(1);
	const both = imported(linesOf([sum, trade({ M: true })]));
	expect(both.ear.told).toHaveLength(1);
	expect(both.counts.others).toBe(1);
});

test('partial books are taken where there are no diffs, and left where there are', () => {
	const partial = (lastUpdateId: number): object => combined('depth5@100ms', spotSnapshot(lastUpdateId));
	expect(imported(linesOf([partial(5), partial(9), partial(8)])).ear.told.map((each) => (each as unknown[])[2])).toEqual([
		'snapshot',
		'snapshot',
	]);
	const mixed = imported(linesOf([spotDiff({ U: 5, u: 6 }), partial(5), spotSnapshot(5), partial(9)]));
	expect(mixed.ear.told.map((each) => (each as unknown[])[3])).toEqual([5, 6]);
	expect(mixed.counts.others).toBe(2);
});

test('raw frames, without the name of their stream, are read alike', () => {
	const bare = (frame: object): object => ('data' in frame ? (frame.data as object) : frame);
	const frames = [
		spotDiff({ U: 6, u: 9 }),
		spotSnapshot(7),
		spotDiff({ U: 10, u: 12, b: [['61659.70', '3']] }),
		trade({ M: true }),
	];
	expect(imported(linesOf(frames.map(bare))).ear.told).toEqual(imported(linesOf(frames)).ear.told);
});

test('answers and streams of other kinds are passed by, and so is a snapshot that no diff follows', () => {
	const kline = combined('kline_1m', { e: 'kline', s: 'BTCUSDT' });
	const { counts } = imported(linesOf(['{"result":null,"id":1}', spotSnapshot(7), kline, trade({ M: true })]));
	expect(counts).toMatchObject({ frames: 4, others: 3 });
});

test('time never goes back, whatever the lines say, and it is counted', () => {
	const line = (us: number): Buffer => lineAt(START_NS + BigInt(us) * 1_000n, trade({ M: true }));
	const { ear, counts } = imported([line(0), line(50), line(20), line(49), line(60)]);
	expect(ear.told.map((each) => (each as unknown[])[0])).toEqual([0, 50, 50, 50, 60]);
	expect(counts.backInTime).toBe(2);
});

describe('a line that cannot be read says why', () => {
	const GOOD = linesOf([spotDiff({ U: 1, u: 2, b: BID })]);
	test.each<[string, Buffer | object | string, RegExp]>([
		['no time', Buffer.from('{"stream":"x"}'), /expected the time of receipt in nanoseconds/],
		['a time in milliseconds', Buffer.from('1771000000000 {"stream":"x"}'), /nanoseconds \(19 digits\)/],
		['a cut frame', Buffer.from('1771000000000000123 {"stream":"btcusdt@de'), /no whole JSON/],
		[
			'a symbol of another book',
			combined('trade', { e: 'trade', s: 'ETHUSDT', M: true }),
			/it is of ETHUSDT, and .* of BTCUSDT: one symbol/,
		],
		['a frame of the other market', futuresDiff({ U: 3, u: 4 }), /market 'linear', and those in front of it are of 'spot'/],
		[
			'a second stream of diffs',
			combined('depth', { e: 'depthUpdate', s: 'BTCUSDT', U: 3, u: 4, b: [], a: [] }),
			/second stream of diffs/,
		],
		['a coin-margined market', combined('depth', { e: 'depthUpdate', s: 'BTCUSD_PERP', ps: 'BTCUSD', pu: 1 }), /coin-margined/],
		['a symbol that is a path', combined('trade', { e: 'trade', s: '../../etc', M: true }), /names no symbol/],
		['a frame without data', '{"stream":"btcusdt@trade"}', /has no data/],
	])('%s', (_, line, message) => {
		const bytes = Buffer.isBuffer(line) ? line : lineAt(START_NS, line);
		expect(() => surveyed([...GOOD, bytes])).toThrow(message);
		expect(() => surveyed([...GOOD, bytes])).toThrow(expect.objectContaining({ name: 'LineFault' }));
	});

	test.each<[string, object, RegExp]>([
		['a size that is no number', spotDiff({ U: 3, u: 4, b: [['61659.70', 'many']] }), /data\.b\[0\]\[1\] is not-a-decimal/],
		['numbers that contradict each other', spotDiff({ U: 9, u: 4 }), /data\.u is contradiction/],
	])('%s, when it is told', (_, frame, message) => {
		expect(() => imported([...GOOD, lineAt(START_NS, frame)])).toThrow(message);
	});
});

test('files with nothing in them, or of an unknown market, say so', () => {
	expect(surveyed(linesOf(['{"result":null}']))).toMatchObject({
		kind: 'nothing',
		sentence: expect.stringContaining('no book, trade or mark') as unknown,
	});
	expect(surveyed(linesOf([trade({ M: true })]), 'linear')).toMatchObject({
		kind: 'nothing',
		sentence: "its frames are of the market 'spot', and --category says 'linear'",
	});
	expect(surveyed(linesOf([trade({ M: true })]), 'spot')).toMatchObject({ kind: 'found' });
});

test('a symbol in any script is one', () => {
	const found = surveyed(linesOf([{ e: 'trade', s: '币安人生USDT', p: '1', q: '1', T: 1, m: true, M: true }]));
	expect(found).toMatchObject({ kind: 'found', instrument: { symbol: '币安人生USDT' } });
});

/** The venue: a book that changes by one level an update, and what it would have pushed. */
const updates = fc.array(
	fc.record({
		side: fc.constantFrom('b' as const, 'a' as const),
		offset: fc.integer({ min: 1, max: 30 }),
		lots: fc.integer({ min: 0, max: 9 }),
	}),
	{ minLength: 6, maxLength: 80 },
);

test('wherever the snapshot was taken and arrives, the book at the end is the venue’s', () => {
	fc.assert(
		fc.property(
			updates,
			fc.constantFrom('spot', 'linear'),
			fc.nat(),
			fc.nat(),
			fc.integer({ min: 1, max: 9 }),
			(all, market, cut, delay, batch) => {
				const venue = createBook();
				const makeDiff = market === 'spot' ? spotDiff : futuresDiff;
				const makeSnapshot = market === 'spot' ? spotSnapshot : futuresSnapshot;
				const frames: object[] = [];
				const takenAt = batch + (cut % (all.length - batch + 1 || 1));
				let snapshot: object | undefined;
				for (let from = 0; from < all.length; from += batch) {
					const part = all.slice(from, from + batch);
					for (const [index, { side, offset, lots }] of part.entries()) {
						const delta = new BookDelta();
						delta.reset('delta', from + index + 1, 0 as TimeMs, 0 as TimeMs);
						delta.push(side === 'b' ? 'bid' : 'ask', (side === 'b' ? 1_000 - offset : 1_000 + offset) as Ticks, lots as Lots);
						venue.apply(delta);
						if (from + index + 1 === Math.min(takenAt, all.length)) snapshot = makeSnapshot(from + index + 1, ...levelsOf(venue));
					}
					const last = new Map(part.map((each) => [`${each.side}${each.offset}`, each]));
					const levels = (of: 'b' | 'a'): Levels =>
						[...last.values()]
							.filter(({ side }) => side === of)
							.map(({ side, offset, lots }) => level(side === 'b' ? 1_000 - offset : 1_000 + offset, lots));
					frames.push(makeDiff({ U: from + 1, u: from + part.length, pu: from, b: levels('b'), a: levels('a') }));
				}
				const taken = Math.ceil(Math.min(takenAt, all.length) / batch);
				frames.splice(taken - 1 + (delay % (frames.length - taken + 2)), 0, snapshot as object);
				const { ear, counts } = imported(linesOf(frames));
				expect(counts).toMatchObject({ gaps: 0, crossed: 0, lostBooks: 0 });
				expect(levelsOf(ear.book_)).toEqual(levelsOf(venue));
				expect(ear.atUs).toEqual(ear.atUs.toSorted((a, b) => a - b));
			},
		),
	);
});

function level(ticks: number, lots: number): readonly [string, string] {
	// One more decimal than any needs, so that the steps are found and not assumed.
	return [`${ticks}.50`, `${lots}.00`];
}

function levelsOf(book: ReturnType<typeof createBook>): [Levels, Levels] {
	// Books of the venue count whole prices; those that were read count the halves between them.
	const isRead = book.bestBidTicks > 5_000 || book.bestAskTicks > 5_000;
	const price = (ticks: number): number => (isRead ? (ticks - 5) / 10 : ticks);
	return [
		Array.from({ length: book.bidCount }, (_, i) => level(price(book.bidTicksAt(i)), book.bidLotsAt(i))),
		Array.from({ length: book.askCount }, (_, i) => level(price(book.askTicksAt(i)), book.askLotsAt(i))),
	];
}
