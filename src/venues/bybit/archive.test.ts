/** The venue's own archive becomes a recording of a book that is whole, or says in which line it cannot. */
import { describe, expect, test } from 'vitest';
import type { BookDelta } from '../../domain/book-delta.ts';
import type { Category } from '../../domain/instrument.ts';
import type { Arrival, MarketSink } from '../../domain/market-record.ts';
import type { ReplayCounts, Surveyed } from '../wire/recorded.ts';
import { BYBIT_ARCHIVE } from './archive.ts';

const START_MS = 1_733_011_200_000;

interface Frame {
	readonly type?: 'snapshot' | 'delta';
	readonly u: number;
	readonly seq?: number;
	readonly ts?: number;
	readonly b?: readonly (readonly [string, string])[];
	readonly a?: readonly (readonly [string, string])[];
	readonly topic?: string;
}

function line({
	type = 'delta',
	u,
	seq = u * 10,
	ts = START_MS + u,
	b = [],
	a = [],
	topic = 'orderbook.500.XRPUSDT',
}: Frame): Buffer {
	return Buffer.from(JSON.stringify({ topic, type, ts, data: { s: topic.split('.')[2], b, a, u, seq }, cts: ts - 3 }));
}

const SNAPSHOT: Frame = { type: 'snapshot', u: 7, b: [['1.9531', '6203']], a: [['1.9532', '12.5']] };

class Ear implements MarketSink {
	readonly told: unknown[] = [];

	book(at: Arrival, delta: BookDelta): void {
		const levels = Array.from({ length: delta.count }, (_, i) => [delta.sideAt(i), delta.ticksAt(i), delta.lotsAt(i)]);
		expect(delta.receivedAtMs * 1_000).toBe(at.arrivedAtUs);
		this.told.push([at.arrivedAtUs / 1_000 - START_MS, at.venueAtMs - START_MS, delta.kind, delta.sequence, ...levels]);
	}

	bookLost(_: Arrival, reason: string): void {
		this.told.push(['lost', reason]);
	}

	top(): void {}
	trade(): void {}
	mark(): void {}
}

function surveyed(lines: readonly Buffer[], category?: Category): Surveyed {
	const survey = BYBIT_ARCHIVE.survey(category);
	for (const each of lines) survey.line(each);
	return survey.end();
}

function imported(lines: readonly Buffer[]): { readonly told: readonly unknown[]; readonly counts: ReplayCounts } {
	const found = surveyed(lines);
	if (found.kind === 'nothing') throw new Error(found.sentence);
	const ear = new Ear();
	const replay = found.replay(ear);
	for (const each of lines) replay.line(each);
	return { told: ear.told, counts: replay.counts };
}

test('a book of 500 levels is told as it was pushed', () => {
	const { told, counts } = imported([line(SNAPSHOT), line({ u: 8, b: [['1.9531', '0']] }), line({ u: 9, a: [['1.9540', '3']] })]);
	expect(told).toEqual([
		[7, 4, 'snapshot', 7, ['bid', 19_531, 62_030], ['ask', 19_532, 125]],
		[8, 5, 'delta', 8, ['bid', 19_531, 0]],
		[9, 6, 'delta', 9, ['ask', 19_540, 30]],
	]);
	expect(counts).toEqual({ frames: 3, oldBooks: 0, lostBooks: 0, gaps: 0, crossed: 0, others: 0, backInTime: 0 });
});

test.each([['orderbook.1.XRPUSDT'], ['orderbook.50.XRPUSDT'], ['orderbook.200.XRPUSDT'], ['orderbook.1000.XRPUSDT']])(
	'so is %s',
	(topic) => {
		expect(imported([line({ ...SNAPSHOT, topic })]).told).toHaveLength(1);
	},
);

test('what it is about is found in it, but for the market, which the user says', () => {
	const about = { venue: 'bybit', symbol: 'XRPUSDT', tickSize: '0.0001', lotSize: '0.1' };
	expect(surveyed([line(SNAPSHOT)])).toMatchObject({
		instrument: { ...about, category: 'linear' },
		firstAtUs: (START_MS + 7) * 1_000,
		lastAtUs: (START_MS + 7) * 1_000,
	});
	expect(surveyed([line(SNAPSHOT)], 'spot')).toMatchObject({ instrument: { ...about, category: 'spot' } });
	expect(surveyed([])).toMatchObject({ kind: 'nothing' });
});

test('a gap loses the book until the next snapshot', () => {
	const { told, counts } = imported([
		line({ u: 6 }),
		line(SNAPSHOT),
		line({ u: 9 }),
		line({ u: 10 }),
		line({ ...SNAPSHOT, u: 11 }),
		line({ u: 12 }),
	]);
	expect(told.map((each) => (each as unknown[]).slice(0, 4))).toEqual([
		[7, 4, 'snapshot', 7],
		['lost', 'gap'],
		[11, 8, 'snapshot', 11],
		[12, 9, 'delta', 12],
	]);
	expect(counts).toMatchObject({ gaps: 1, lostBooks: 3, oldBooks: 0 });
});

test('a crossed book is counted and lost, and what came before is left out', () => {
	const crossed = imported([line(SNAPSHOT), line({ u: 8, b: [['1.9532', '1']] })]);
	expect(crossed.told.at(-1)).toEqual(['lost', 'crossed']);
	expect(crossed.counts).toMatchObject({ crossed: 1, gaps: 0 });
	expect(imported([line(SNAPSHOT), line({ u: 7, seq: 60 })]).counts).toMatchObject({ oldBooks: 1 });
});

describe('a line that cannot be read says why', () => {
	test.each<[string, Buffer | string, RegExp]>([
		['another symbol', line({ u: 8, topic: 'orderbook.500.BTCUSDT' }), /of orderbook\.500\.BTCUSDT, and .* one book at a time/],
		['another depth', line({ u: 8, topic: 'orderbook.200.XRPUSDT' }), /one book at a time/],
		['half a frame', '{"topic":"orderbook.500.XRPUSDT","type":', /no whole JSON/],
		['a list', '[1]', /JSON, and no frame/],
		['no time', '{"topic":"orderbook.500.XRPUSDT","data":{}}', /ts, is missing/],
		['no data', '{"topic":"orderbook.500.XRPUSDT","ts":1}', /has no data/],
	])('%s', (_, bytes, message) => {
		expect(() => surveyed([line(SNAPSHOT), Buffer.from(bytes)])).toThrow(message);
	});

	test('a first one of no symbol', () => {
		expect(() => surveyed([line({ u: 1, topic: 'orderbook.500.../x' })])).toThrow('no frame of a book of one symbol');
	});

	test('a price that is none, when it is told', () => {
		expect(() => imported([line(SNAPSHOT), line({ u: 8, b: [['x', '1']] })])).toThrow('data.b[0][0] is not-a-decimal');
	});
});
