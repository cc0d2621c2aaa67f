/** A client alone in virtual time: how much it asks at once, and what listeners hear of streams, and until when. */
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { settle } from '../wire/rest-scene.suite.ts';
import { MarketClient } from './client.ts';
import type { CandleShown, FeedListener, Ticker, TradeShown } from './client-types.ts';
import { SpotPlace } from './spot-place.suite.ts';
import { environmentUrls } from './urls.ts';

const TRADE = { e: 'aggTrade', E: 1, s: 'ETHUSDT', a: 1, p: '65000.10', q: '0.002', f: 1, l: 1, T: 1, m: true, M: true };

function open() {
	const clock = new VirtualClock(1_771_000_000_000);
	const place = new SpotPlace(clock);
	const urls = environmentUrls('testnet');
	const parts = { transport: place, clock, rng: seededRng(2) };
	const client = new MarketClient({ market: 'spot', urls, credentials: undefined }, parts);
	return { clock, place, client };
}

async function subscribed(listener: FeedListener) {
	const opened = open();
	const read = await settle(opened.clock, opened.client.subscribe(['BTCUSDT', 'ETHUSDT'], listener));
	if (read.kind === 'failed') throw new Error(read.sentence);
	return { ...opened, subscription: read.value };
}

async function pass(clock: VirtualClock, ms: number): Promise<void> {
	await settle(clock, new Promise<void>((resolve) => void clock.after(ms, resolve)));
}

describe('many symbols', () => {
	const symbols = Array.from({ length: 25 }, (_, at) => `COIN${at}USDT`);

	test('are asked about ten at a time, by three questions each', async () => {
		const { clock, place, client } = open();
		const read = await settle(clock, client.getMultipleSymbolsData(symbols));
		expect([...read.keys()]).toEqual(symbols);
		expect(place.askedMost).toBe(30);
		expect(read.get('COIN7USDT')).toMatchObject({
			kind: 'ok',
			value: { price: '1.5', book: { bids: [['1', '1']] }, klines: [{ close: '1' }] },
		});
	});

	test('stand for themselves: one that fails says why, and the others are there', async () => {
		const { clock, place, client } = open();
		place.priceless.add('COIN3USDT');
		const read = await settle(clock, client.getMultipleSymbolsData(symbols));
		const failed = [...read].filter(([, each]) => each.kind === 'failed');
		expect(failed).toEqual([['COIN3USDT', expect.objectContaining({ code: -1121, class: 'fatal' })]]);
	});
});

describe('a listener', () => {
	test('hears the newest prices once, however much came in between', async () => {
		const tickers: Ticker[] = [];
		const { clock, place } = await subscribed({ ticker: (ticker) => tickers.push(ticker) });
		tickers.length = 0;
		for (let i = 0; i < 40; i += 1) place.market.change('BTCUSDT');
		clock.run(150);
		const { truth } = place.market.book('BTCUSDT');
		expect(tickers.length).toBeLessThan(3);
		expect(tickers.at(-1)).toMatchObject({ symbol: 'BTCUSDT', bid: (truth.bestBidTicks / 10).toFixed(1) });
		expect(Number(tickers.at(-1)?.ask)).toBeCloseTo(truth.bestAskTicks / 10);
	});

	test('hears trades one by one, and the last price with the ticker', async () => {
		const heard: string[] = [];
		const { clock, place } = await subscribed({
			trade: ({ symbol, price, qty, takerSide }) => heard.push(`${symbol} ${takerSide} ${qty} at ${price}`),
			ticker: ({ symbol, last }) => heard.push(`${symbol} ${last}`),
		});
		heard.length = 0;
		place.market.tellStream('ethusdt@aggTrade', TRADE);
		place.market.tellStream('ethusdt@aggTrade', { ...TRADE, a: 2, p: '65000.20', m: false });
		clock.run(0);
		expect(heard).toEqual(['ETHUSDT sell 0.002 at 65000.1', 'ETHUSDT 65000.2', 'ETHUSDT buy 0.002 at 65000.2']);
	});

	test('hears candles where it asked for them', async () => {
		const heard: CandleShown[] = [];
		const { clock, place } = await subscribed({ candle: { interval: '1m', heard: (candle) => heard.push(candle) } });
		await pass(clock, 1_000);
		const k = {
			...{ t: 60_000, T: 119_999, s: 'ETHUSDT', i: '1m', f: 1, L: 2, o: '65000.10', c: '65000.30', h: '65000.40', l: '65000.00' },
			...{ v: '12.345', n: 11, x: true, q: '802400.1', V: '6.1', Q: '396500', B: '0' },
		};
		place.market.tellStream('ethusdt@kline_1m', { e: 'kline', E: 1, s: 'ETHUSDT', k });
		clock.run(0);
		const prices = { open: '65000.1', high: '65000.4', low: '65000.0', close: '65000.3' };
		expect(heard).toEqual([{ symbol: 'ETHUSDT', startAtMs: 60_000, ...prices, volume: '12.345', isClosed: true }]);
	});

	test('is told when a book is not to be believed, and hears nothing of it until it is', async () => {
		const lost: string[] = [];
		const tickers: Ticker[] = [];
		const { clock, place } = await subscribed({ lost: (symbol) => lost.push(symbol), ticker: (each) => tickers.push(each) });
		place.market.restFailures = 1_000;
		place.market.cut();
		clock.run(1);
		tickers.length = 0;
		expect(lost.sort()).toEqual(['BTCUSDT', 'ETHUSDT']);
		await pass(clock, 2_000);
		// A trade is news, but no reason to tell of the book.
		place.market.tellStream('ethusdt@aggTrade', TRADE);
		clock.run(0);
		expect(place.market.depthAsked.length).toBeGreaterThan(2);
		expect(tickers).toEqual([]);
		place.market.restFailures = 0;
		await pass(clock, 30_000);
		expect(new Set(tickers.map(({ symbol }) => symbol))).toEqual(new Set(['BTCUSDT', 'ETHUSDT']));
	});

	test('that throws throws for itself alone: the streams go on', async () => {
		let count = 0;
		const listener = {
			ticker: () => {
				count += 1;
				if (count === 3) throw new Error('of the listener');
			},
		};
		const { clock, place } = await subscribed(listener);
		count = 2;
		place.market.change('BTCUSDT');
		expect(() => clock.run(150)).toThrow('of the listener');
		place.market.change('BTCUSDT');
		clock.run(150);
		expect(count).toBeGreaterThan(3);
	});

	test('hears nothing more once it is closed, not even what was on its way, and no socket stays', async () => {
		const heard: object[] = [];
		const listener = { ticker: (each: Ticker) => heard.push(each), trade: (each: TradeShown) => heard.push(each) };
		const { clock, place, client, subscription } = await subscribed(listener);
		heard.length = 0;
		place.market.tellStream('ethusdt@aggTrade', TRADE);
		await subscription[Symbol.asyncDispose]();
		clock.run(5_000);
		expect(heard).toEqual([]);
		expect(place.sockets.map(({ fate }) => fate)).not.toContain('none');
		await client[Symbol.asyncDispose]();
	});
});
