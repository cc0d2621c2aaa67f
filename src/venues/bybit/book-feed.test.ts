import { describe, expect, test } from 'vitest';
import { BookDelta, type BookDeltaKind, type BookSide } from '../../domain/book-delta.ts';
import { lots, ticks, timeMs } from '../../domain/units.ts';
import { BookFeed } from './book-feed.ts';
import { listed } from './codec/codec.fixture.ts';

const BTC = listed(0);
type Level = readonly [side: BookSide, lots: number];

function follow() {
	const feed = new BookFeed(BTC, 50, 0);
	let sequence = 0;
	const judge = (kind: BookDeltaKind, levels: readonly Level[]) => {
		sequence += 1;
		const delta = new BookDelta();
		delta.reset(kind, sequence, timeMs(sequence), timeMs(sequence));
		for (const [at, [side, size]] of levels.entries()) delta.push(side, ticks(1_000 + at), lots(size));
		const frame = {
			instrument: BTC,
			depth: 50 as const,
			delta,
			crossSequence: sequence,
			pushedAtMs: timeMs(sequence),
		};
		return feed.judge(frame, sequence);
	};
	return { feed, judge };
}

describe('a snapshot with an empty side (F39)', () => {
	test.each<[string, Level[], Level]>([
		['no asks', [['bid', 5]], ['ask', 1]],
		['no bids', [['ask', 5]], ['bid', 1]],
		['nothing at all', [], ['bid', 1]],
		[
			'asks of no size',
			[
				['bid', 5],
				['ask', 0],
			],
			['ask', 1],
		],
	])('with %s is taken, and asked for again when the side fills', (_, levels, filling) => {
		const { feed, judge } = follow();
		expect(judge('snapshot', levels)).toBe('apply');
		expect(judge('delta', [[filling[0], 0]])).toBe('apply');
		expect(judge('delta', [filling])).toBe('stale');
		expect(feed.sync.state.kind).toBe('broken');
	});

	test('is followed as long as its own side alone changes', () => {
		const { judge } = follow();
		judge('snapshot', [['bid', 5]]);
		expect([judge('delta', [['bid', 6]]), judge('delta', [['bid', 0]]), judge('delta', [['bid', 2]])]).toEqual([
			'apply',
			'apply',
			'apply',
		]);
	});

	test('is forgotten with the next whole one', () => {
		const { judge } = follow();
		judge('snapshot', [['bid', 5]]);
		judge('snapshot', [
			['bid', 5],
			['ask', 5],
		]);
		expect([judge('delta', [['ask', 0]]), judge('delta', [['ask', 1]])]).toEqual(['apply', 'apply']);
	});
});
