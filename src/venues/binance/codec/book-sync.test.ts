import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBook } from '../../../domain/book.ts';
import { BookDelta } from '../../../domain/book-delta.ts';
import { lots, ticks, timeMs } from '../../../domain/units.ts';
import { BookSync, type Numbered, OLD_IN_A_ROW_MAX, type SyncVerdict } from './book-sync.ts';
import { listed } from './codec.fixture.ts';
import { DIFF_LEVELS_MAX, DIFFS_MAX, DiffBuffer } from './diff-buffer.ts';
import type { BookFrame, Market } from './frames.ts';

/** `previousId` and `sequence`: on spot `U - 1` and `u`, on futures `pu` and `u`. */
type Diff = readonly [previousId: number, sequence: number];

function numbered([previousId, sequence]: Diff): Numbered {
	return { delta: { sequence }, previousId };
}

const END: Readonly<Record<Market, SyncVerdict>> = { spot: 'apply', linear: 'broken' };

/** All with a snapshot at 100. */
const CASES: readonly { name: string; diffs: readonly Diff[]; verdicts: Readonly<Record<Market, readonly SyncVerdict[]>> }[] = [
	both('the diff that begins where the snapshot ends', [[100, 105]], ['apply']),
	both('the diff that the snapshot ends in', [[97, 103]], ['apply']),
	both('the diff that ends with the snapshot is known', [[95, 100]], ['skip']),
	both(
		'older ones are known',
		[
			[90, 94],
			[94, 99],
			[99, 104],
		],
		['skip', 'skip', 'apply'],
	),
	both('a diff from behind the snapshot leaves a hole', [[101, 104]], ['broken']),
	both(
		'one after the other',
		[
			[98, 102],
			[102, 107],
			[107, 108],
		],
		['apply', 'apply', 'apply'],
	),
	both(
		'a missing diff is a gap',
		[
			[98, 102],
			[104, 107],
		],
		['apply', 'broken'],
	),
	both(
		'a repeated diff is dropped',
		[
			[98, 102],
			[98, 102],
			[102, 103],
		],
		['apply', 'skip', 'apply'],
	),
	both(
		'nothing mends a broken book',
		[
			[101, 104],
			[100, 104],
			[104, 105],
		],
		['broken', 'skip', 'skip'],
	),
	{
		name: 'a diff that reaches back is whole on spot and a broken promise on futures',
		diffs: [
			[98, 102],
			[101, 107],
		],
		verdicts: { spot: ['apply', END.spot], linear: ['apply', END.linear] },
	},
];

function both(name: string, diffs: readonly Diff[], verdicts: readonly SyncVerdict[]) {
	return { name, diffs, verdicts: { spot: verdicts, linear: verdicts } };
}

describe.each<Market>(['spot', 'linear'])('the numbers of a book of %s', (market) => {
	test.each(CASES)('$name', ({ diffs, verdicts }) => {
		const sync = new BookSync(market);
		expect(sync.judgeSnapshot(100, undefined)).toBe('apply');
		expect(diffs.map((diff) => sync.judge(numbered(diff)))).toEqual(verdicts[market]);
	});

	test('waits for its snapshot, which has to reach the first diff that was kept', () => {
		const sync = new BookSync(market);
		const first = numbered([100, 105]);
		expect(sync.judge(first)).toBe('buffer');
		expect(sync.judgeSnapshot(99, first)).toBe('tooOld');
		expect(sync.judge(numbered([105, 106]))).toBe('buffer');
		expect(sync.judgeSnapshot(100, first)).toBe('apply');
		expect([sync.state.kind, sync.sequence]).toEqual(['live', 100]);
		expect(sync.judge(first)).toBe('apply');
	});

	test('wants no second snapshot while it is live or broken', () => {
		const sync = new BookSync(market);
		sync.judgeSnapshot(100, undefined);
		expect(sync.judgeSnapshot(120, undefined)).toBe('skip');
		sync.fail('disconnected');
		expect(sync.judgeSnapshot(120, undefined)).toBe('skip');
	});

	test('a stream that never says anything new again counts anew, and we missed it', () => {
		const sync = new BookSync(market);
		sync.judgeSnapshot(100, undefined);
		for (let i = 0; i < OLD_IN_A_ROW_MAX; i++) expect(sync.judge(numbered([i % 50, (i % 50) + 1]))).toBe('skip');
		expect(sync.judge(numbered([7, 8]))).toBe('broken');
		expect([sync.state, sync.oldCount]).toEqual([{ kind: 'broken', reason: 'backward' }, OLD_IN_A_ROW_MAX + 1]);
	});

	test('old diffs with news in between are none the worse', () => {
		const sync = new BookSync(market);
		sync.judgeSnapshot(100, undefined);
		for (let i = 0; i < OLD_IN_A_ROW_MAX * 2; i++) {
			expect(sync.judge(numbered([3, 4]))).toBe('skip');
			expect(sync.judge(numbered([100 + i, 101 + i]))).toBe('apply');
		}
	});

	test('a crossed book is broken, and only a live one can cross', () => {
		const sync = new BookSync(market);
		expect(sync.checkTop({ isCrossed: true })).toBe('live');
		sync.judgeSnapshot(100, undefined);
		expect(sync.checkTop({ isCrossed: false })).toBe('live');
		expect(sync.checkTop({ isCrossed: true })).toBe('broken');
		expect(sync.state).toEqual({ kind: 'broken', reason: 'crossed' });
	});

	test('the first reason stays, and a new beginning knows nothing', () => {
		const sync = new BookSync(market);
		sync.judgeSnapshot(100, undefined);
		sync.fail('unreadable');
		sync.fail('disconnected');
		expect([sync.state, sync.breakCount]).toEqual([{ kind: 'broken', reason: 'unreadable' }, 1]);
		sync.restart();
		expect([sync.state, sync.sequence]).toEqual([{ kind: 'waiting' }, 0]);
		expect(sync.judge(numbered([105, 106]))).toBe('buffer');
	});

	test('a partial book is taken unless it is older than the last', () => {
		const sync = new BookSync(market);
		const taken = [7, 9, 8, 9, 12].map((sequence) => sync.judgePartial(numbered([sequence, sequence])));
		expect(taken).toEqual(['apply', 'apply', 'skip', 'apply', 'apply']);
	});
});

/** What the venue sends, and its book after it. */
interface Sent {
	readonly frame: BookFrame;
	readonly hash: number;
}

interface Change {
	readonly price: number;
	readonly size: number;
	/** Updates of other symbols before this one; none on spot. */
	readonly others: number;
}

const INSTRUMENT = listed(0);

/**
 * A venue that changes bids one by one, counts each change, and sums up so many of them in a diff. Beside each state its
 * snapshot, under the number of the last update that is in it, or of one of another symbol behind it.
 */
function venueOf(market: Market, changes: readonly Change[], perDiff: number) {
	const truth = createBook();
	const bids = new Map<number, number>([[50, 5]]);
	let id = 1_000;
	const snapshotOf = (lastUpdateId: number) => ({ lastUpdateId, bids: [...bids], hash: truth.hash() });
	truth.apply(deltaOf('snapshot', id, [...bids]));
	const snapshots = [snapshotOf(id)];
	const sent: Sent[] = [];
	for (let from = 0; from < changes.length; from += perDiff) {
		const before = id;
		const levels = new Map<number, number>();
		let first = 0;
		for (const { price, size, others } of changes.slice(from, from + perDiff)) {
			if (market === 'linear') {
				id += others;
				if (others > 0) snapshots.push(snapshotOf(id));
			}
			id += 1;
			first ||= id;
			if (size === 0) bids.delete(price);
			else bids.set(price, size);
			levels.set(price, size);
			truth.apply(deltaOf('delta', id, [[price, size]]));
			snapshots.push(snapshotOf(id));
		}
		const delta = deltaOf('delta', id, [...levels]);
		const previousId = market === 'linear' ? before : first - 1;
		sent.push({
			frame: { instrument: INSTRUMENT, source: 'diff', delta, previousId, pushedAtMs: timeMs(0) },
			hash: truth.hash(),
		});
	}
	return { sent, snapshots };
}

function deltaOf(kind: 'snapshot' | 'delta', sequence: number, levels: readonly (readonly [number, number])[]): BookDelta {
	const delta = new BookDelta();
	delta.reset(kind, sequence, timeMs(0), timeMs(0));
	for (const [price, size] of levels) delta.push('bid', ticks(price), lots(size));
	return delta;
}

const change = fc.record({ price: fc.integer({ min: 1, max: 9 }), size: fc.nat({ max: 3 }), others: fc.nat({ max: 2 }) });
/** What the way does to a diff: nothing, loses it, brings it again later, or lets it overtake others. */
const fault = fc.oneof(
	{ weight: 7, arbitrary: fc.constant('none' as const) },
	{ weight: 1, arbitrary: fc.constantFrom('lost' as const, 'twice' as const, 'early' as const) },
);

test.each<Market>(['spot', 'linear'])(
	'a book of %s that is said to be live is the venue’s, whatever is lost, repeated or shuffled, and whenever it was asked for',
	(market) => {
		const seen = { live: 0, broken: 0, tooOld: 0, buffered: 0, newerThanBuffer: 0, inTheMiddle: 0 };
		fc.assert(
			fc.property(
				fc.array(change, { minLength: 20, maxLength: 80, size: 'max' }),
				fc.integer({ min: 1, max: 3 }),
				fc.array(fault, { minLength: 80, maxLength: 80 }),
				fc.array(fc.record({ age: fc.nat({ max: 12 }), every: fc.integer({ min: 2, max: 9 }) }), { minLength: 1, maxLength: 5 }),
				fc.nat({ max: 5 }),
				(changes, perDiff, faults, questions, missedAtStart) => {
					const { sent, snapshots } = venueOf(market, changes, perDiff);
					const arriving: Sent[] = [];
					for (const [i, one] of sent.entries()) {
						if (i < missedAtStart) continue;
						if (faults[i] === 'early') arriving.splice(Math.max(0, arriving.length - 2), 0, one);
						else if (faults[i] !== 'lost') arriving.push(one);
						const again = sent[i - 3];
						if (faults[i - 3] === 'twice' && again !== undefined) arriving.push(again);
					}
					const hashAt = new Map(snapshots.map(({ lastUpdateId, hash }) => [lastUpdateId, hash]));
					const sync = new BookSync(market);
					const buffer = new DiffBuffer();
					const book = createBook();
					const check = () => {
						if (sync.state.kind !== 'live') return;
						seen.live++;
						expect(book.hash()).toBe(hashAt.get(sync.sequence));
					};
					const take = (frame: BookFrame) => {
						const verdict = sync.judge(frame);
						if (verdict === 'buffer') buffer.push(frame);
						else if (verdict === 'apply') book.apply(frame.delta);
						else if (verdict === 'broken') {
							seen.broken++;
							sync.restart();
							buffer.clear();
						}
						check();
					};
					for (const [i, { frame }] of arriving.entries()) {
						take(frame);
						const { age, every } = questions[i % questions.length] ?? { age: 0, every: 1 };
						if (sync.state.kind !== 'waiting' || i % every !== 0) continue;
						// From some updates before to some after what has arrived, as the way of the answer may take shorter or longer.
						const now = snapshots.findLastIndex(({ lastUpdateId }) => lastUpdateId <= frame.delta.sequence);
						const snapshot = snapshots[Math.min(snapshots.length - 1, Math.max(0, now - age + 6))];
						if (snapshot === undefined) continue;
						const lastBuffered = frame.delta.sequence;
						if (sync.judgeSnapshot(snapshot.lastUpdateId, buffer.first) === 'tooOld') {
							seen.tooOld++;
							continue;
						}
						if (snapshot.lastUpdateId > lastBuffered) seen.newerThanBuffer++;
						if (snapshot.lastUpdateId < lastBuffered) seen.inTheMiddle++;
						seen.buffered += buffer.count;
						book.apply(deltaOf('snapshot', snapshot.lastUpdateId, snapshot.bids));
						check();
						for (const each of buffer.take()) take(each);
					}
				},
			),
			{ numRuns: 1_000 },
		);
		// None of the ways it can go is so rare that the property says nothing of it.
		for (const [way, count] of Object.entries(seen)) expect(count, way).toBeGreaterThan(200);
	},
);

describe('diffs that wait', () => {
	const frame = (sequence: number, levels: number): BookFrame => {
		const delta = deltaOf(
			'delta',
			sequence,
			Array.from({ length: levels }, (_, i) => [i + 1, sequence] as const),
		);
		return { instrument: INSTRUMENT, source: 'diff', delta, previousId: sequence - 1, pushedAtMs: timeMs(3) };
	};

	test('are copies, in their order, and gone once taken', () => {
		const buffer = new DiffBuffer();
		const lent = frame(7, 2);
		buffer.push(lent);
		lent.delta.reset('delta', 8, timeMs(0), timeMs(0));
		buffer.push(frame(9, 1));
		expect([buffer.count, buffer.levelCount, buffer.first?.delta.sequence]).toEqual([2, 3, 7]);
		const taken = buffer.take();
		expect(taken.map(({ delta }) => [delta.sequence, delta.count])).toEqual([
			[7, 2],
			[9, 1],
		]);
		expect(taken[0]?.delta.lotsAt(1)).toBe(7);
		expect([buffer.count, buffer.levelCount, buffer.first]).toEqual([0, 0, undefined]);
	});

	test('lose the oldest where there are too many (I18)', () => {
		const buffer = new DiffBuffer();
		for (let i = 1; i <= DIFFS_MAX + 5; i++) buffer.push(frame(i, 1));
		expect([buffer.count, buffer.first?.delta.sequence, buffer.levelCount]).toEqual([DIFFS_MAX, 6, DIFFS_MAX]);
		const large = new DiffBuffer();
		for (let i = 1; i <= 30; i++) large.push(frame(i, 10_000));
		expect([large.count, large.levelCount]).toEqual([DIFF_LEVELS_MAX / 10_000, DIFF_LEVELS_MAX]);
	});
});
