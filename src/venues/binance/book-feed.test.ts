/** What one book makes of what it is told; how that comes and goes is tested with the socket. */
import { describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import { createBook } from '../../domain/book.ts';
import { BookDelta, type BookSide } from '../../domain/book-delta.ts';
import { type Lots, lots, type Ticks, ticks, timeMs } from '../../domain/units.ts';
import { BookFeed } from './book-feed.ts';
import type { BookFrame } from './codec/frames.ts';

type Level = readonly [side: BookSide, ticks: number, lots: number];

const INSTRUMENT = makeTestInstrument({ venue: 'binance' });
const BOTH_SIDES: readonly Level[] = [
	['bid', 99, 5],
	['ask', 101, 5],
];

function deltaOf(kind: 'snapshot' | 'delta', sequence: number, levels: readonly Level[]): BookDelta {
	const delta = new BookDelta();
	delta.reset(kind, sequence, timeMs(sequence), timeMs(sequence));
	for (const [side, price, size] of levels) delta.push(side, ticks(price), lots(size));
	return delta;
}

/** A book that is followed, and the same as the engine keeps it. */
function follow(snapshot: readonly Level[] | 'waiting' = BOTH_SIDES) {
	const feed = new BookFeed(INSTRUMENT, 'linear');
	const book = createBook();
	let id = 100;
	const frame = (levels: readonly Level[], previousId = id): BookFrame => {
		id = Math.max(id, previousId) + 10;
		return { instrument: INSTRUMENT, source: 'diff', delta: deltaOf('delta', id, levels), previousId, pushedAtMs: timeMs(id) };
	};
	const join = (levels: readonly Level[], sequence: number, askedAtMs = 50) => {
		const joined = feed.join(
			deltaOf('snapshot', sequence, levels),
			{ askedAtMs: timeMs(askedAtMs), receivedAtMs: timeMs(60) },
			0,
		);
		if (typeof joined !== 'string') book.apply(joined);
		return joined;
	};
	const diff = (levels: readonly Level[], nowMono = 0) => {
		const next = frame(levels);
		const verdict = feed.judge(next, nowMono);
		if (verdict !== 'apply') return verdict;
		book.apply(next.delta);
		return feed.judgeBook(book, nowMono) ?? verdict;
	};
	const top = (bid: number, ask: number, nowMono: number, updateId = id) =>
		feed.judgeTop(
			{
				...{ instrument: INSTRUMENT, updateId, bidLots: lots(1), askLots: lots(1), pushedAtMs: undefined },
				...{ bidTicks: ticks(bid), askTicks: ticks(ask) },
			},
			book,
			nowMono,
		);
	const confirm = (bid: readonly [number, number], ask: readonly [number, number], nowMono: number) =>
		feed.confirm(
			{
				...{ bestBidTicks: bid[0] as Ticks, bestBidLots: bid[1] as Lots },
				...{ bestAskTicks: ask[0] as Ticks, bestAskLots: ask[1] as Lots },
			},
			book,
			nowMono,
		);
	if (snapshot !== 'waiting') join(snapshot, id);
	return { feed, book, frame, join, diff, top, confirm, idNow: () => id };
}

describe('joining', () => {
	test('folds in what waited, and is as young as the youngest of it', () => {
		const { feed, book, frame, join } = follow('waiting');
		expect(feed.judge(frame([['bid', 99, 7]]), 0)).toBe('skip');
		expect(
			feed.judge(
				frame([
					['ask', 101, 0],
					['ask', 102, 3],
				]),
				0,
			),
		).toBe('skip');
		const joined = join(BOTH_SIDES, 105);
		expect(joined).toMatchObject({ kind: 'snapshot', sequence: 120, venueAtMs: 120, receivedAtMs: 60 });
		expect([book.bestBidLots, book.bestAskTicks, book.askCount]).toEqual([7, 102, 1]);
		expect(join(BOTH_SIDES, 130), 'it is live').toBe('tooOld');
	});

	test('without anything that waited it is as old as the question', () => {
		expect(follow('waiting').join(BOTH_SIDES, 105, 77)).toMatchObject({ sequence: 105, venueAtMs: 77 });
	});

	test.each<[string, readonly Level[], number, string]>([
		['one from before the first diff', BOTH_SIDES, 90, 'tooOld'],
		[
			'a crossed one',
			[
				['bid', 102, 1],
				['ask', 101, 1],
			],
			105,
			'crossed',
		],
	])('does not take %s', (_, levels, sequence, expected) => {
		const { feed, frame, join } = follow('waiting');
		feed.judge(frame([]), 0);
		expect(join(levels, sequence)).toBe(expected);
	});

	test('finds a hole between what waited', () => {
		const { feed, frame, join } = follow('waiting');
		feed.judge(frame([]), 0);
		feed.judge(frame([], 115), 0);
		expect(join(BOTH_SIDES, 105)).toBe('gap');
	});

	test.each<[string, readonly Level[]]>([
		['locked', [['bid', 101, 1]]],
		['crossed', [['bid', 102, 1]]],
	])('makes no book of what waited if that was %s in between, though it no longer is in the end', (_, wrong) => {
		const { feed, frame, join } = follow('waiting');
		feed.judge(frame(wrong), 0);
		feed.judge(
			frame([
				['ask', 101, 0],
				['ask', 103, 4],
			]),
			0,
		);
		expect(join(BOTH_SIDES, 105)).toBe('crossed');
	});

	test('knows nothing of what waited before it began anew', () => {
		const { feed, book, frame, join } = follow('waiting');
		feed.judge(frame([['bid', 99, 7]]), 0);
		feed.restart();
		join(BOTH_SIDES, 105);
		expect(book.bestBidLots).toBe(5);
	});
});

describe('a snapshot with an empty side (F39)', () => {
	test('is taken, and asked for again when the side fills', () => {
		const { diff } = follow([['bid', 99, 5]]);
		expect([diff([['bid', 98, 1]]), diff([['ask', 101, 0]]), diff([['ask', 101, 1]])]).toEqual(['apply', 'apply', 'stale']);
	});

	test('is forgotten with the next whole one', () => {
		const { feed, join, diff, idNow } = follow([['bid', 99, 5]]);
		feed.restart();
		join(BOTH_SIDES, idNow());
		expect(diff([['ask', 102, 1]])).toBe('apply');
	});
});

describe('best prices of the stream', () => {
	test('that are the same say nothing, that are others for a second say that the book is another', () => {
		const { top, diff } = follow();
		expect([top(99, 101, 0), top(98, 101, 100, 101)]).toEqual([undefined, undefined]);
		expect(diff([], 200)).toBe('apply');
		expect(diff([], 1_200)).toBe('apply');
		expect(diff([], 1_201)).toBe('stale');
	});

	test('that agreed in between begin anew', () => {
		const { top, diff, idNow } = follow();
		diff([], 0);
		top(98, 101, 0);
		diff([], 900);
		top(99, 101, 950);
		diff([], 1_000);
		expect(top(98, 101, 1_100, idNow() - 5)).toBeUndefined();
		expect(diff([], 1_500)).toBe('apply');
	});

	test('of updates that were told already are not heeded', () => {
		const { top, diff } = follow();
		diff([], 0);
		top(99, 101, 0);
		for (let ms = 0; ms <= 5_000; ms += 500) expect([top(90, 101, ms, 105), diff([], ms)]).toEqual([undefined, 'apply']);
	});

	test('that are ahead of the book for a second say that its stream is muted; a diff shows that it is not', () => {
		const { top, diff } = follow();
		expect([top(98, 101, 0, 200), top(97, 101, 1_000, 201), top(96, 101, 1_001, 202)]).toEqual([undefined, undefined, 'muted']);
		const other = follow();
		expect([other.top(98, 101, 0, 200), other.diff([], 900), other.top(97, 101, 1_500, 201)]).toEqual([
			undefined,
			'apply',
			undefined,
		]);
		expect(diff([])).toBe('apply');
	});

	test('are not compared while the book waits, and are forgotten when it begins anew', () => {
		const { feed, top, join, diff } = follow();
		top(90, 91, 0, 10_000);
		feed.restart();
		for (const ms of [0, 5_000]) expect(top(80, 81, ms, 10_000 + ms)).toBeUndefined();
		feed.restart();
		// A venue that counts anew.
		join(BOTH_SIDES, 100);
		expect([top(98, 101, 0, 200), top(97, 101, 1_500, 201)]).toEqual([undefined, 'muted']);
		expect(diff([])).toBe('apply');
	});
});

describe('best prices over REST', () => {
	test('that are the same keep the book young', () => {
		const { feed, confirm } = follow();
		expect([confirm([99, 5], [101, 5], 3_000), feed.heardAtMono]).toEqual(['alive', 3_000]);
	});

	test.each<[string, readonly [number, number], readonly [number, number]]>([
		['another price', [98, 5], [101, 5]],
		['another size', [99, 5], [101, 6]],
		['an empty side', [0, 0], [101, 5]],
	])('with %s for a second say that its stream is muted', (_, bid, ask) => {
		const { confirm, feed } = follow();
		expect([confirm(bid, ask, 0), confirm(bid, ask, 1_000), confirm(bid, ask, 1_001)]).toEqual(['nothing', 'nothing', 'muted']);
		expect(feed.heardAtMono).toBe(0);
		const other = follow();
		expect([other.confirm(bid, ask, 0), other.confirm([99, 5], [101, 5], 900), other.confirm(bid, ask, 1_500)]).toEqual([
			'nothing',
			'alive',
			'nothing',
		]);
	});

	test('say nothing of a book that waits', () => {
		expect(follow('waiting').confirm([99, 5], [101, 5], 0)).toBe('nothing');
	});
});
