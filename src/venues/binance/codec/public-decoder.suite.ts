/** What every decoder of public frames promises, held against the scanner with its fallback and against the plain twin. */
import { describe, expect, test } from 'vitest';
import {
	ACK,
	AGG_TRADE,
	changed,
	combined,
	DIFF,
	hearPublic,
	MARK,
	SPOT_AGG_TRADE,
	SPOT_DIFF,
	SPOT_PARTIAL,
	SPOT_TOP,
	SPOT_TRADE,
	streamsOf,
	TINY_PRICES,
	TOP,
	type Told,
	TRADE,
} from './codec.fixture.ts';
import { FRAME_BYTES_MAX, type Market, type PublicDecoder } from './frames.ts';
import type { StreamTable } from './stream-table.ts';

const BTC_SPOT = 'binance:spot:BTCUSDT';
const BTC = 'binance:linear:BTCUSDT';

const SPOT_BOOK = {
	book: BTC_SPOT,
	source: 'diff',
	kind: 'delta',
	previousId: 70_120_400_100,
	sequence: 70_120_400_105,
	pushedAtMs: 1_771_000_000_130,
	venueAtMs: 1_771_000_000_130,
	receivedAtMs: 1_771_000_000_223,
	levels: [
		['bid', 6_499_999, 0],
		['bid', 6_499_950, 75_000],
		['ask', 6_500_000, 1_200_001],
	],
};
const BOOK = {
	book: BTC,
	source: 'diff',
	kind: 'delta',
	previousId: 9_100_200_285,
	sequence: 9_100_200_310,
	pushedAtMs: 1_771_000_000_130,
	venueAtMs: 1_771_000_000_128,
	receivedAtMs: 1_771_000_000_223,
	levels: [
		['bid', 649_999, 1_100],
		['ask', 650_000, 0],
		['ask', 650_001, 3],
	],
};
const SPOT_BEST = {
	top: BTC_SPOT,
	updateId: 70_120_400_105,
	bidTicks: 6_499_950,
	bidLots: 75_000,
	askTicks: 6_500_000,
	askLots: 120_400,
	pushedAtMs: undefined,
};
const BEST = {
	top: BTC,
	updateId: 9_100_200_310,
	bidTicks: 649_999,
	bidLots: 1_100,
	askTicks: 650_001,
	askLots: 2_000,
	pushedAtMs: 1_771_000_000_130,
};
const TRADED = { trade: BTC, priceTicks: 650_000, qtyLots: 10, tradedAtMs: 1_771_000_000_129 };
const SPOT_TRADED = { trade: BTC_SPOT, priceTicks: 6_500_000, qtyLots: 1_000, tradedAtMs: 1_771_000_000_130 };

type Taken = readonly [name: string, market: Market, frame: string, told: Told | undefined];

const TAKEN: readonly Taken[] = [
	['a diff of spot', 'spot', SPOT_DIFF, SPOT_BOOK],
	['the same in the combined form', 'spot', combined('btcusdt@depth@100ms', SPOT_DIFF), SPOT_BOOK],
	['the same with blanks', 'spot', JSON.stringify(JSON.parse(SPOT_DIFF), undefined, 2), SPOT_BOOK],
	['the same with a member nobody knows', 'spot', changed(SPOT_DIFF, ['"U":', '"x":[{}],"U":']), SPOT_BOOK],
	['the same with an escape', 'spot', changed(SPOT_DIFF, ['"BTCUSDT"', '"\\u0042TCUSDT"']), SPOT_BOOK],
	['the same with an exponent', 'spot', changed(SPOT_DIFF, ['"u":70120400105', '"u":7.0120400105e10']), SPOT_BOOK],
	['the same with fewer zeros', 'spot', SPOT_DIFF.replaceAll('000"', '"'), SPOT_BOOK],
	[
		'the same with its members turned round',
		'spot',
		JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(SPOT_DIFF) as object).reverse())),
		SPOT_BOOK,
	],
	[
		'a size between two lots, which an old order may have, counted up',
		'spot',
		changed(SPOT_DIFF, ['12.00001000', '12.00000100']),
		SPOT_BOOK,
	],
	['a side twice, of which the last one holds', 'spot', changed(SPOT_DIFF, ['"b":', '"b":[["1.00","1.00"]],"b":']), SPOT_BOOK],
	[
		'a number of 15 digits before the point',
		'spot',
		changed(SPOT_DIFF, ['12.00001000', '90071992547.40991000']),
		{ ...SPOT_BOOK, levels: [...SPOT_BOOK.levels.slice(0, 2), ['ask', 6_500_000, 9_007_199_254_740_991]] },
	],
	[
		'a partial book of spot, which has no times',
		'spot',
		combined('btcusdt@depth20', SPOT_PARTIAL),
		{
			...SPOT_BOOK,
			source: 'partial',
			kind: 'snapshot',
			previousId: 70_120_400_100,
			sequence: 70_120_400_100,
			pushedAtMs: 1_771_000_000_223,
			venueAtMs: 1_771_000_000_223,
			levels: [
				['bid', 6_499_999, 51_200],
				['ask', 6_500_000, 120_400],
			],
		},
	],
	['the best prices of spot', 'spot', SPOT_TOP, SPOT_BEST],
	['the same in the combined form', 'spot', combined('btcusdt@bookTicker', SPOT_TOP), SPOT_BEST],
	[
		'an empty side',
		'spot',
		changed(SPOT_TOP, ['"64999.50000000"', '"0.00000000"'], ['"0.75000000"', '"0.00000000"']),
		{ ...SPOT_BEST, bidTicks: 0, bidLots: 0 },
	],
	['a trade of spot', 'spot', SPOT_TRADE, { ...SPOT_TRADED, takerSide: 'buy', isAggregate: false }],
	['trades of spot, added up', 'spot', SPOT_AGG_TRADE, { ...SPOT_TRADED, takerSide: 'sell', isAggregate: true }],
	['a diff of futures', 'linear', DIFF, BOOK],
	['the same in the combined form', 'linear', combined('btcusdt@depth', DIFF), BOOK],
	['the same without the members of 2026', 'linear', changed(DIFF, ['"ps":"BTCUSDT","st":1,', '']), BOOK],
	[
		'a partial book of futures, which only its stream tells from a diff',
		'linear',
		combined('btcusdt@depth20@100ms', DIFF),
		{ ...BOOK, source: 'partial', kind: 'snapshot' },
	],
	[
		'prices of eight decimals and whole sizes',
		'linear',
		TINY_PRICES,
		{
			...BOOK,
			book: 'binance:linear:PEPEUSDT',
			previousId: 5,
			sequence: 9,
			levels: [
				['bid', 1_234, 123_456],
				['ask', 1_235, 98_765_432_100],
			],
		},
	],
	['the best prices of futures', 'linear', TOP, BEST],
	['the same without a time', 'linear', changed(TOP, ['"E":1771000000130,', '']), { ...BEST, pushedAtMs: undefined }],
	['a trade of futures', 'linear', TRADE, { ...TRADED, takerSide: 'sell', isAggregate: false }],
	[
		'the same without its origin',
		'linear',
		changed(TRADE, ['"X":"MARKET",', '']),
		{ ...TRADED, takerSide: 'sell', isAggregate: false },
	],
	['a trade of the insurance fund, and tells nothing', 'linear', changed(TRADE, ['MARKET', 'INSURANCE_FUND']), undefined],
	['trades of futures, added up', 'linear', AGG_TRADE, { ...TRADED, takerSide: 'buy', isAggregate: true }],
	[
		'a mark between two ticks',
		'linear',
		combined('btcusdt@markPrice@1s', MARK),
		{ mark: BTC, markTicks: 649_951.25, fundingRate: -0.0001, nextFundingAtMs: 1_771_027_200_000, pushedAtMs: 1_771_000_001_000 },
	],
	[
		'the mark of a dated future, which has no funding',
		'linear',
		changed(MARK, ['"-0.00010000"', '""'], ['1771027200000', '0']),
		{ mark: BTC, markTicks: 649_951.25, fundingRate: 0, nextFundingAtMs: 0, pushedAtMs: 1_771_000_001_000 },
	],
];

const OTHER: readonly (readonly [name: string, market: Market, frame: string])[] = [
	['an acknowledgement', 'spot', ACK],
	['a candle', 'linear', combined('btcusdt@kline_1m', '{"e":"kline","s":"BTCUSDT","k":{}}')],
	['a raw partial book of spot, which is about nobody', 'spot', SPOT_PARTIAL],
	['the news that the server closes', 'spot', '{"e":"serverShutdown","E":1771000000130}'],
	['a stream whose name is no text', 'linear', '{"stream":7,"data":{}}'],
];

type Bad = readonly [name: string, market: Market, frame: string, reason: string, where: string, isBook: boolean];

const level = (name: string, text: string, reason: string, where: string): Bad => [
	name,
	'linear',
	changed(DIFF, ['["65000.1","0.003"]', text]),
	reason,
	where,
	true,
];

const BAD: readonly Bad[] = [
	level('a price between two ticks', '["65000.15","0.003"]', 'off-grid', 'a[1][0]'),
	level('a price of zero', '["0.0","0.003"]', 'zero', 'a[1][0]'),
	level('a negative price', '["-1","0.003"]', 'negative', 'a[1][0]'),
	level('a negative size', '["65000.1","-3"]', 'negative', 'a[1][1]'),
	level('an exponent in a price', '["6.5e4","3"]', 'not-a-decimal', 'a[1][0]'),
	level('a price that ends in its point', '["65000.","3"]', 'not-a-decimal', 'a[1][0]'),
	level('a size that begins with its point', '["65000.1",".5"]', 'not-a-decimal', 'a[1][1]'),
	level('a price that is no text', '[65000.1,"3"]', 'missing', 'a[1][0]'),
	level('a level of three', '["65000.1","3","1"]', 'missing', 'a[1]'),
	level('a size of 2^53 lots', '["65000.1","9007199254740.993"]', 'number-too-large', 'a[1][1]'),
	level('a level that is none', 'null', 'missing', 'a[1]'),
	['no previous id', 'linear', changed(DIFF, ['"pu":9100200285,', '']), 'missing', 'pu', true],
	['no time of matching', 'linear', changed(DIFF, ['"T":1771000000128,', '']), 'missing', 'T', true],
	[
		'an update id of 2^53 and one',
		'linear',
		changed(DIFF, ['"u":9100200310', '"u":9007199254740993']),
		'number-too-large',
		'u',
		true,
	],
	['a last update before the first', 'linear', changed(DIFF, ['"u":9100200310', '"u":9100200289']), 'contradiction', 'u', true],
	[
		'a previous update behind the last',
		'linear',
		changed(DIFF, ['"pu":9100200285', '"pu":9100200311']),
		'contradiction',
		'pu',
		true,
	],
	['a first update of zero', 'spot', changed(SPOT_DIFF, ['"U":70120400101', '"U":0']), 'zero', 'U', true],
	['no side', 'spot', changed(SPOT_DIFF, [',"a":[["65000.00000000","12.00001000"]]', '']), 'missing', 'a', true],
	['one best price without a size', 'spot', changed(SPOT_TOP, ['"0.75000000"', '"0.00000000"']), 'contradiction', 'B', false],
	['a trade of nothing', 'spot', changed(SPOT_TRADE, ['"0.01000000"', '"0.00000000"']), 'zero', 'q', false],
	['a trade between nobody', 'spot', changed(SPOT_TRADE, ['"m":false', '"m":0']), 'missing', 'm', false],
	['a mark of nothing', 'linear', changed(MARK, ['"64995.12500000"', '"0.00"']), 'not-a-decimal', 'p', false],
	['a mark of no time', 'linear', changed(MARK, ['"E":1771000001000,', '']), 'missing', 'E', false],
	['a funding rate of a word', 'linear', changed(MARK, ['"-0.00010000"', '"NaN"']), 'not-a-decimal', 'r', false],
];

export function publicDecoderSuite(name: string, create: (streams: StreamTable) => PublicDecoder): void {
	const decoders = { spot: create(streamsOf('spot')), linear: create(streamsOf('linear')) };
	describe(name, () => {
		test.each(TAKEN)('takes %s (%s)', (_, market, frame, told) => {
			expect(hearPublic(decoders[market], frame)).toEqual({ decoded: 'taken', told: told === undefined ? [] : [told] });
		});

		test.each(OTHER)('hands on %s as it is (%s)', (_, market, frame) => {
			expect(hearPublic(decoders[market], frame)).toEqual({ decoded: 'other', told: [{ other: JSON.parse(frame) as unknown }] });
		});

		test.each(BAD)('tells nothing of %s (%s)', (_, market, frame, reason, where, isBook) => {
			const about = market === 'spot' ? BTC_SPOT : BTC;
			expect(hearPublic(decoders[market], frame)).toEqual({ decoded: [reason, where, about, isBook], told: [] });
		});

		test('says where in a combined frame', () => {
			const frame = combined('btcusdt@depth', changed(DIFF, ['"65000.1"', '"65000.15"']));
			expect(hearPublic(decoders.linear, frame).decoded).toEqual(['off-grid', 'data.a[1][0]', BTC, true]);
			expect(hearPublic(decoders.linear, combined('btcusdt@depth', '7')).decoded).toEqual(['missing', 'data', BTC, true]);
		});

		test.each([
			['of another symbol than their stream', combined('ethusdt@depth', DIFF), 'wrong-symbol', 'data.s'],
			['of another event than their stream', combined('ethusdt@depth', TOP), 'unknown-word', 'data.e'],
		])('believes no data %s', (_, frame, reason, where) => {
			expect(hearPublic(decoders.linear, frame)).toEqual({
				decoded: [reason, where, 'binance:linear:ETHUSDT', true],
				told: [],
			});
		});

		test.each([
			['a raw frame', DIFF.replaceAll('BTCUSDT', 'SOLUSDT'), 's'],
			['a combined frame', combined('solusdt@depth', DIFF), 'stream'],
		])('does not know a symbol that nobody follows: %s', (_, frame, where) => {
			expect(hearPublic(decoders.linear, frame)).toEqual({
				decoded: ['unknown-instrument', where, undefined, false],
				told: [],
			});
		});

		test.each([
			['nothing', '', 'not-json'],
			['a page', '<html>', 'not-json'],
			['a cut frame', SPOT_DIFF.slice(0, -20), 'not-json'],
			['a list', '[]', 'not-an-object'],
			['a page full of brackets', '['.repeat(200_000), 'not-json'],
			['more than a frame can hold', `{"a":"${'x'.repeat(FRAME_BYTES_MAX)}"}`, 'too-large'],
		])('refuses %s', (_, frame, reason) => {
			expect(hearPublic(decoders.spot, frame)).toEqual({ decoded: [reason, 'frame', undefined, false], told: [] });
		});

		test('follows an instrument by a name that needs more than ASCII', () => {
			const streams = streamsOf('linear');
			const known = streams.findSymbolText('BTCUSDT')?.instrument;
			if (known === undefined) throw new Error('BTCUSDT is listed');
			streams.set({ ...known, symbol: '币USDT', id: 'coin' });
			const frame = combined('币usdt@depth', DIFF.replaceAll('BTCUSDT', '币USDT'));
			expect(hearPublic(create(streams), frame)).toEqual({ decoded: 'taken', told: [{ ...BOOK, book: 'coin' }] });
		});

		test('refuses more levels than any book has', () => {
			const levels = (count: number) => `[${Array.from({ length: count }, () => '["1","1"]').join()}]`;
			const frame = (count: number) => changed(DIFF, ['[["64999.90","1.100"]]', levels(count)]);
			expect(hearPublic(decoders.linear, frame(19_998))).toMatchObject({ decoded: 'taken' });
			expect(hearPublic(decoders.linear, frame(19_999))).toEqual({ decoded: ['too-many', 'a', BTC, true], told: [] });
		});

		test('remembers nothing of one frame in the next', () => {
			const decoder = decoders.linear;
			expect(hearPublic(decoder, TOP).told).toEqual([BEST]);
			expect(hearPublic(decoder, changed(TOP, ['"E":1771000000130,', ''])).told).toEqual([{ ...BEST, pushedAtMs: undefined }]);
			expect(hearPublic(decoder, combined('btcusdt@depth20', DIFF)).told).toMatchObject([{ kind: 'snapshot' }]);
			expect(hearPublic(decoder, DIFF).told).toEqual([BOOK]);
		});

		test('reads a plain Uint8Array and a part of a larger buffer alike', () => {
			const buffer = Buffer.from(`xx${DIFF}yy`);
			const part = buffer.subarray(2, buffer.length - 2);
			expect(hearPublic(decoders.linear, part).told).toEqual([BOOK]);
			expect(hearPublic(decoders.linear, new Uint8Array(part)).told).toEqual([BOOK]);
		});
	});
}
