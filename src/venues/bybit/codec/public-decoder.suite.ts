/** What every decoder of public frames promises, held against the scanner with its fallback and against the plain twin. */
import { describe, expect, test } from 'vitest';
import {
	changed,
	DELTA,
	type Heard,
	hearPublic,
	PONG,
	publicTopics,
	SNAPSHOT,
	SPOT_TRADE,
	TINY_PRICES,
	TOP,
	TRADES,
} from './codec.fixture.ts';
import { FRAME_BYTES_MAX, ITEMS_MAX, type PublicDecoder } from './frames.ts';
import type { TopicTable } from './topic-table.ts';

const BTC = 'bybit:linear:BTCUSDT';

const AROUND = {
	book: BTC,
	depth: 50,
	pushedAtMs: 1_771_000_000_120,
	receivedAtMs: 1_771_000_000_123,
	venueAtMs: 1_771_000_000_118,
};
const TAKEN_DELTA = {
	...AROUND,
	kind: 'delta',
	sequence: 41_200_311,
	crossSequence: 880_012_345_677,
	levels: [
		['bid', 649_999, 0],
		['bid', 649_997, 3_100],
	],
};

interface Case {
	readonly name: string;
	readonly frame: string;
	readonly told: Heard['told'];
}

const TAKEN: readonly Case[] = [
	{
		name: 'a snapshot of both sides',
		frame: SNAPSHOT,
		told: [
			{
				...AROUND,
				kind: 'snapshot',
				sequence: 41_200_310,
				crossSequence: 880_012_345_670,
				pushedAtMs: 1_771_000_000_100,
				venueAtMs: 1_771_000_000_098,
				levels: [
					['bid', 649_999, 1_250],
					['bid', 649_998, 400],
					['ask', 650_000, 800],
					['ask', 650_001, 2_000],
				],
			},
		],
	},
	{ name: 'a delta with a level that is gone and an empty side', frame: DELTA, told: [TAKEN_DELTA] },
	{ name: 'the same with blanks', frame: JSON.stringify(JSON.parse(DELTA), undefined, 2), told: [TAKEN_DELTA] },
	{ name: 'the same with a member nobody knows', frame: changed(DELTA, '"u":', '"x":[{}],"u":'), told: [TAKEN_DELTA] },
	{ name: 'the same with escapes', frame: changed(DELTA, '"s":"BTCUSDT"', '"s":"\\u0042TCUSDT"'), told: [TAKEN_DELTA] },
	{ name: 'the same with an exponent', frame: changed(DELTA, '"u":41200311', '"u":4.1200311e7'), told: [TAKEN_DELTA] },
	{
		name: 'the same with more zeros than the tick has',
		frame: changed(DELTA, '64999.70', '64999.7000000000000'),
		told: [TAKEN_DELTA],
	},
	{
		name: 'members in another order',
		frame: JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(DELTA) as object).reverse())),
		told: [TAKEN_DELTA],
	},
	{
		name: 'the best prices, with the time before the type',
		frame: TOP,
		told: [
			{
				...AROUND,
				depth: 1,
				kind: 'snapshot',
				sequence: 41_200_310,
				crossSequence: 880_012_345_670,
				pushedAtMs: 1_771_000_000_100,
				venueAtMs: 1_771_000_000_098,
				levels: [
					['bid', 649_999, 1_250],
					['ask', 650_000, 800],
				],
			},
		],
	},
	{
		name: 'prices of eight decimals and lots of a hundred',
		frame: TINY_PRICES,
		told: [
			{
				...AROUND,
				book: 'bybit:linear:PEPEUSDT',
				depth: 200,
				kind: 'delta',
				sequence: 7,
				crossSequence: 8,
				levels: [
					['bid', 1_234, 1_234],
					['ask', 1_235, 987_654_321],
				],
			},
		],
	},
	{
		name: 'numbers up to 2^53 - 1, exactly',
		frame: changed(changed(DELTA, '880012345677', '9007199254740991'), '64999.70', '900719925474099.1'),
		told: [
			{
				...TAKEN_DELTA,
				crossSequence: 9_007_199_254_740_991,
				levels: [
					['bid', 649_999, 0],
					['bid', 9_007_199_254_740_991, 3_100],
				],
			},
		],
	},
	{
		name: 'trades, oldest first, blocks marked',
		frame: TRADES,
		told: [
			{ trade: BTC, priceTicks: 650_000, qtyLots: 10, takerSide: 'buy', tradedAtMs: 1_771_000_000_128, isBlock: false },
			{ trade: BTC, priceTicks: 649_999, qtyLots: 1_000, takerSide: 'sell', tradedAtMs: 1_771_000_000_129, isBlock: true },
		],
	},
	{
		name: 'trades in the order of spot',
		frame: SPOT_TRADE,
		told: [
			{
				trade: 'bybit:linear:ETHUSDT',
				priceTicks: 320_050,
				qtyLots: 10,
				takerSide: 'buy',
				tradedAtMs: 1_771_000_000_128,
				isBlock: false,
			},
		],
	},
	{ name: 'no trades at all', frame: changed(SPOT_TRADE, /\[.*\]/.exec(SPOT_TRADE)?.[0] ?? '', '[]'), told: [] },
];

const OTHER: readonly (readonly [name: string, frame: string])[] = [
	['a pong', PONG],
	['a ticker', '{"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT"},"cs":1,"ts":2}'],
	['a book of a depth we never ask for', changed(DELTA, 'orderbook.50', 'orderbook.25')],
	['a book of triples', changed(DELTA, 'orderbook.50', 'orderbook.rpi')],
	['a topic that is no text', '{"topic":["orderbook.50.BTCUSDT"]}'],
];

const levelCase = (name: string, level: string, reason: string, where: string) =>
	[name, changed(DELTA, '["64999.70","3.100"]', level), reason, where] as const;

const BAD: readonly (readonly [name: string, frame: string, reason: string, where: string])[] = [
	levelCase('a price between two ticks', '["64999.75","3.100"]', 'off-grid', 'data.b[1][0]'),
	levelCase('a size between two lots', '["64999.70","3.1004"]', 'off-grid', 'data.b[1][1]'),
	levelCase('a price of zero', '["0.00","3.100"]', 'zero', 'data.b[1][0]'),
	levelCase('a negative price', '["-1","3.100"]', 'negative', 'data.b[1][0]'),
	levelCase('a negative size', '["64999.70","-3"]', 'negative', 'data.b[1][1]'),
	levelCase('an exponent in a price', '["6.5e4","3"]', 'not-a-decimal', 'data.b[1][0]'),
	levelCase('an empty price', '["","3"]', 'not-a-decimal', 'data.b[1][0]'),
	levelCase('a price that is no text', '[64999.7,"3"]', 'missing', 'data.b[1][0]'),
	levelCase('a level of three', '["64999.70","3","1"]', 'missing', 'data.b[1]'),
	levelCase('a price of 2^53 ticks', '["900719925474099.2","3"]', 'number-too-large', 'data.b[1][0]'),
	levelCase('a level that is none', 'null', 'missing', 'data.b[1]'),
	['another symbol than the topic', changed(DELTA, '"s":"BTCUSDT"', '"s":"ETHUSDT"'), 'wrong-symbol', 'data.s'],
	['a type nobody knows', changed(DELTA, '"delta"', '"patch"'), 'unknown-word', 'type'],
	['no side', changed(DELTA, '"a":[],', ''), 'missing', 'data.a'],
	['no update id', changed(DELTA, '"u":41200311,', ''), 'missing', 'data.u'],
	['an update id that is text', changed(DELTA, '"u":41200311', '"u":"41200311"'), 'missing', 'data.u'],
	['an update id of 2^53 and one', changed(DELTA, '"u":41200311', '"u":9007199254740993'), 'number-too-large', 'data.u'],
	['a broken update id', changed(DELTA, '"u":41200311', '"u":1.5'), 'not-whole', 'data.u'],
	['a negative cross sequence', changed(DELTA, '"seq":880012345677', '"seq":-1'), 'negative', 'data.seq'],
	['no time of matching', changed(DELTA, ',"cts":1771000000118', ''), 'missing', 'cts'],
	['no data', changed(DELTA, '"data":', '"__proto__":'), 'missing', 'data'],
	['a trade without a price', changed(TRADES, '"p":"64999.9",', ''), 'missing', 'data[1].p'],
	['a trade of nothing', changed(TRADES, '"v":"1"', '"v":"0"'), 'zero', 'data[1].v'],
	['a trade on no side', changed(TRADES, '"S":"Sell"', '"S":"sell"'), 'unknown-word', 'data[1].S'],
	['a trade of another symbol', changed(TRADES, '"s":"BTCUSDT","S":"Sell"', '"s":"X","S":"Sell"'), 'wrong-symbol', 'data[1].s'],
	['a trade whose block mark is text', changed(TRADES, '"BT":true', '"BT":"true"'), 'missing', 'data[1].BT'],
];

export function publicDecoderSuite(name: string, create: (topics: TopicTable) => PublicDecoder): void {
	const decoder = create(publicTopics());
	describe(name, () => {
		test.each(TAKEN)('takes $name', ({ frame, told }) => {
			expect(hearPublic(decoder, frame)).toEqual({ decoded: 'taken', told });
		});

		test.each(OTHER)('hands on %s as it is', (_, frame) => {
			expect(hearPublic(decoder, frame)).toEqual({ decoded: 'other', told: [{ other: JSON.parse(frame) as unknown }] });
		});

		test.each(BAD)('tells nothing of %s', (_, frame, reason, where) => {
			expect(hearPublic(decoder, frame)).toEqual({ decoded: [reason, where, BTC], told: [] });
		});

		test.each([
			['nothing', '', 'not-json'],
			['a page', '<html>', 'not-json'],
			['a cut frame', SNAPSHOT.slice(0, -20), 'not-json'],
			['a list', '[]', 'not-an-object'],
			['null', 'null', 'not-an-object'],
			['a number', '7', 'not-an-object'],
			['a page full of brackets', '['.repeat(200_000), 'not-json'],
			['more than a frame can hold', `{"a":"${'x'.repeat(FRAME_BYTES_MAX)}"}`, 'too-large'],
			['a trade id of a megabyte', changed(TRADES, 'd4d2e6a1', 'x'.repeat(FRAME_BYTES_MAX)), 'too-large'],
			['more than a book frame can hold', changed(DELTA, '"a":[', `"a":[${' '.repeat(FRAME_BYTES_MAX)}`), 'too-large'],
		])('refuses %s', (_, frame, reason) => {
			expect(hearPublic(decoder, frame)).toEqual({ decoded: [reason, 'frame', undefined], told: [] });
		});

		test('does not know a symbol that nobody follows', () => {
			const frame = DELTA.replaceAll('BTCUSDT', 'SOLUSDT');
			expect(hearPublic(decoder, frame)).toEqual({ decoded: ['unknown-instrument', 'topic', undefined], told: [] });
		});

		test('follows an instrument by a name that needs more than ASCII', () => {
			const topics = publicTopics();
			const instrument = { ...topics.findText('publicTrade.BTCUSDT')!.instrument, symbol: 'ÄUSDT', id: 'ä' };
			topics.set(instrument);
			const frame = DELTA.replaceAll('BTCUSDT', 'ÄUSDT');
			expect(hearPublic(create(topics), frame)).toEqual({ decoded: 'taken', told: [{ ...TAKEN_DELTA, book: 'ä' }] });
		});

		test('reads by the newest version of an instrument', () => {
			const topics = publicTopics();
			const fresh = create(topics);
			const frame = changed(DELTA, '64999.70', '64999.75');
			expect(hearPublic(fresh, frame).decoded).toEqual(['off-grid', 'data.b[1][0]', BTC]);
			const { instrument } = topics.findText('publicTrade.BTCUSDT')!;
			topics.set({ ...instrument, version: 2, priceGrid: { step: '0.05', stepUnits: 5, scale: 2 } });
			expect(hearPublic(fresh, frame).told[0]).toMatchObject({
				levels: [
					['bid', 1_299_998, 0],
					['bid', 1_299_995, 3_100],
				],
			});
		});

		test('refuses more levels and more trades than any book or frame has', () => {
			const levels = (count: number) => `[${Array.from({ length: count }, () => '["1","1"]').join()}]`;
			const long = changed(DELTA, '"a":[]', `"a":${levels(19_998)}`);
			expect(hearPublic(decoder, long)).toMatchObject({ decoded: 'taken' });
			const longer = changed(DELTA, '"a":[]', `"a":${levels(19_999)}`);
			expect(hearPublic(decoder, longer)).toEqual({ decoded: ['too-many', 'data.a', BTC], told: [] });
			const trade = '{"T":1,"s":"BTCUSDT","S":"Buy","v":"1","p":"1"}';
			const trades = (count: number) =>
				`{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1,"data":[${Array.from({ length: count }, () => trade).join()}]}`;
			expect(hearPublic(decoder, trades(ITEMS_MAX)).told.length).toBe(ITEMS_MAX);
			expect(hearPublic(decoder, trades(ITEMS_MAX + 1))).toEqual({ decoded: ['too-many', 'data', BTC], told: [] });
		});

		test('lets nothing of a hostile frame out of it', () => {
			const frame = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"topic":"__proto__"}';
			expect(hearPublic(decoder, frame).decoded).toBe('other');
			const inside = changed(DELTA, '"data":{', '"data":{"__proto__":{"u":5},');
			expect(hearPublic(decoder, inside).decoded).toBe('taken');
			expect(({} as { polluted?: number }).polluted).toBeUndefined();
		});

		test('remembers nothing of one frame in the next', () => {
			const bare = TRADES.replaceAll(/"BT":(?:true|false),/g, '');
			expect(hearPublic(decoder, TRADES).told.map(({ isBlock }) => isBlock)).toEqual([false, true]);
			expect(hearPublic(decoder, bare).told.map(({ isBlock }) => isBlock)).toEqual([false, false]);
			expect(hearPublic(decoder, SNAPSHOT).told[0]).toMatchObject({ kind: 'snapshot' });
			expect(hearPublic(decoder, DELTA)).toEqual({ decoded: 'taken', told: [TAKEN_DELTA] });
		});

		test('reads a plain Uint8Array and a part of a larger buffer alike', () => {
			const buffer = Buffer.from(`xx${DELTA}yy`);
			const part = buffer.subarray(2, buffer.length - 2);
			expect(hearPublic(decoder, part)).toEqual({ decoded: 'taken', told: [TAKEN_DELTA] });
			expect(hearPublic(decoder, new Uint8Array(part))).toEqual({ decoded: 'taken', told: [TAKEN_DELTA] });
		});
	});
}
