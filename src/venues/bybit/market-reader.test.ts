import { expect, test } from 'vitest';
import { BTCUSDT, ETHUSDT, SOLUSDT_SPOT } from '../../../test/fixtures/instruments.ts';
import { type Answering, json, reply, settle } from '../wire/rest-scene.suite.ts';
import { BybitMarketReader } from './market-reader.ts';
import { makeScene } from './rest-scene.suite.ts';

function open(answering: Answering) {
	const scene = makeScene(answering);
	const { rest, venueClock } = scene;
	const streams = { followKlines: () => undefined };
	return { ...scene, reader: new BybitMarketReader({ venue: 'bybit', rest, venueClock, streams }) };
}

function answer(result: unknown) {
	return json({ retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: 1_771_000_000_123 });
}

const ROW = { lastPrice: '65000.1', bid1Price: '65000', ask1Price: '65000.2', markPrice: '64999.9', fundingRate: '-0.0001' };

test('prices of a category are one call, and a row that cannot be used or is not there costs its symbol alone', async () => {
	const list = [{ symbol: 'ETHUSDT', ...ROW, markPrice: 'EVIL' }, { symbol: 'OTHERUSDT' }, null, { symbol: 'BTCUSDT', ...ROW }];
	const { reader, clock, calls } = open((call) => answer({ list: call.target.includes('spot') ? [] : list }));
	const instruments = [BTCUSDT, ETHUSDT, SOLUSDT_SPOT];
	const prices = await settle(clock, reader.prices(instruments));
	expect(calls.map(({ target }) => target)).toEqual([
		'/v5/market/tickers?category=linear',
		'/v5/market/tickers?category=spot&symbol=SOLUSDT',
	]);
	expect(reader.callCount({ kind: 'prices', instruments })).toBe(2);
	expect(prices.get(BTCUSDT.index)).toMatchObject({
		kind: 'ok',
		value: { last: 65_000.1, bid: 65_000, ask: 65_000.2, mark: 64_999.9, fundingRate: -0.0001 },
	});
	expect(prices.get(ETHUSDT.index)).toMatchObject({ kind: 'failed', sentence: 'what the venue says of ETHUSDT cannot be used' });
	expect(prices.get(SOLUSDT_SPOT.index)).toMatchObject({ kind: 'failed', sentence: 'the venue says nothing of SOLUSDT' });
});

test('a call that fails is the failure of all in it', async () => {
	const { reader, clock } = open(() => reply('<html>'));
	const prices = await settle(clock, reader.prices([BTCUSDT, ETHUSDT]));
	expect([...prices.values()]).toMatchObject([{ kind: 'failed' }, { kind: 'failed' }]);
});

test.each([
	['crossed', [['10', '1']], [['9', '1']]],
	[
		'unsorted',
		[
			['9', '1'],
			['10', '1'],
		],
		[['11', '1']],
	],
])('a book that is %s is nobody’s', async (_name, b, a) => {
	const { reader, clock } = open(() => answer({ s: 'BTCUSDT', b, a, ts: 1, u: 2, seq: 3 }));
	expect(await settle(clock, reader.orderBook(BTCUSDT, 5))).toMatchObject({ kind: 'failed', class: 'transient' });
});

test('a book has a side, or none, and is as old as its answer', async () => {
	const { reader, clock } = open(() =>
		answer({
			s: 'BTCUSDT',
			b: [],
			a: [
				['11', '1'],
				['12', '2'],
			],
			ts: 7,
			u: 2,
			seq: 3,
		}),
	);
	expect(await settle(clock, reader.orderBook(BTCUSDT, 1))).toEqual({
		kind: 'ok',
		value: { instrument: BTCUSDT.index, bids: [], asks: [{ price: 11, qty: 1 }], atMs: 1_771_000_000_123 },
	});
});
