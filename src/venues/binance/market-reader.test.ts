import { expect, test } from 'vitest';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import { type Answering, json, reply, settle } from '../wire/rest-scene.suite.ts';
import { BinanceMarketReader } from './market-reader.ts';
import { BinanceReads } from './reads.ts';
import { makeScene, refusal } from './rest-scene.suite.ts';

function open(answering: Answering) {
	const scene = makeScene(answering);
	const { rest, restOf, venueClock } = scene;
	const streams = { followKlines: () => undefined };
	const rests = { spot: rest, linear: restOf('linear') };
	return { ...scene, reader: new BinanceMarketReader({ venue: 'binance', rests, venueClock, streams }) };
}

const spot = (count: number) =>
	Array.from({ length: count }, (_, index) =>
		makeTestInstrument({ index, symbol: `S${index}`, venue: 'binance', category: 'spot' }),
	);
const FUTURES = ['F0', 'F1'].map((symbol, at) => makeTestInstrument({ index: 100 + at, symbol, venue: 'binance' }));

function symbolsIn(target: string): readonly string[] {
	return JSON.parse(new URLSearchParams(target.split('?')[1]).get('symbols') ?? '[]') as string[];
}

function dayRow(symbol: string) {
	return { symbol, lastPrice: '10.5', bidPrice: '10', askPrice: '11', other: 1 };
}

test('spot is asked for twenty at a time; futures are three lists for all of them', async () => {
	const { reader, clock, calls } = open(({ target }) => {
		if (target.startsWith('/api')) return json(symbolsIn(target).map(dayRow));
		const more = { bidPrice: '20', bidQty: '1', askPrice: '21', askQty: '1', price: '20.5' };
		const mark = { markPrice: '20.4', indexPrice: '20', lastFundingRate: '', nextFundingTime: 0, time: 5 };
		return json(['F0', 'F1', 'F2'].map((symbol) => ({ symbol, ...more, ...mark })));
	});
	const instruments = [...spot(45), ...FUTURES];
	const prices = await settle(clock, reader.prices(instruments));
	expect(calls).toHaveLength(6);
	expect(reader.callCount({ kind: 'prices', instruments })).toBe(6);
	expect([...prices.values()].every(({ kind }) => kind === 'ok')).toBe(true);
	expect([...prices][44]?.[1]).toMatchObject({
		value: { last: 10.5, bid: 10, ask: 11, mark: 0 },
	});
	expect([...prices].at(-1)?.[1]).toMatchObject({ value: { last: 20.5, bid: 20, ask: 21, mark: 20.4, fundingRate: 0 } });
});

test('a symbol of spot that the venue has dropped costs the others a call each, and itself alone', async () => {
	const { reader, clock, calls } = open(({ target }) =>
		symbolsIn(target).includes('S1') ? refusal(-1121, 'Invalid symbol.') : json(symbolsIn(target).map(dayRow)),
	);
	const prices = await settle(clock, reader.prices(spot(3)));
	expect([...prices].map(([index, { kind }]) => `${index} ${kind}`)).toEqual(['0 ok', '1 failed', '2 ok']);
	expect(calls).toHaveLength(4);
});

test('a row that cannot be used or is not there costs its symbol alone; a list that fails costs all', async () => {
	const rows = spot(3);
	const { reader, clock } = open(() => json([dayRow('S0'), { ...dayRow('S1'), askPrice: 'EVIL' }]));
	const prices = await settle(clock, reader.prices(rows));
	expect([...prices.values()].map((read) => (read.kind === 'ok' ? 'ok' : read.sentence))).toEqual([
		'ok',
		'what the venue says of S1 cannot be used',
		'the venue says nothing of S2',
	]);
	const broken = open(({ target }) => (target.includes('premium') ? reply('<html>') : json([])));
	const failed = await settle(broken.clock, broken.reader.prices(FUTURES));
	expect([...failed.values()]).toMatchObject([{ kind: 'failed' }, { kind: 'failed' }]);
});

test.each([
	[1, 5],
	[6, 10],
	[500, 500],
	[501, 1_000],
	[5_000, 1_000],
])('a book of %s levels of futures is asked for with %s', async (depth, limit) => {
	const { reader, clock, calls } = open(() => json({ bids: [], asks: [] }));
	const [future] = FUTURES;
	if (future === undefined) throw new Error('no future');
	await settle(clock, reader.orderBook(future, depth));
	expect(calls[0]?.target).toContain(`limit=${limit}`);
});

test('where weight is short, books that are quoted from go before what models look at', async () => {
	const { reader, clock, calls, rest, weights } = open(() => json({ bids: [], asks: [] }));
	const [one] = spot(1);
	if (one === undefined) throw new Error('no symbol');
	weights.spend(4_000, clock.wallMs());
	const late = reader.orderBook(one, 5);
	const early = new BinanceReads(rest).book('QUOTED', 5);
	await settle(clock, Promise.all([late, early]));
	expect(calls.map(({ target }) => new URLSearchParams(target.split('?')[1]).get('symbol'))).toEqual(['QUOTED', 'S0']);
});
