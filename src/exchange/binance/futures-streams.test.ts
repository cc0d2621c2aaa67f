import { describe, expect, test } from 'vitest';
import { atoms } from '../core/money.ts';
import { ANN, BOB, FuturesWorld, orderOf, PERP } from './futures-ws.fixture.ts';
import { NOW_MS } from './scene.fixture.ts';
import { asMessage, type Client } from './ws.fixture.ts';

function listening(world: FuturesWorld, ...streams: string[]): Client {
	const client = world.connect('/public/ws');
	world.subscribe(client, ...streams);
	return client;
}

describe('trades', () => {
	test('trade and aggTrade come at once, with the side of the taker', () => {
		const world = new FuturesWorld();
		const client = listening(world, 'btcusdt@trade', 'btcusdt@aggTrade');
		world.trade('0.1', '65000');
		const id = asMessage(world.look('/fapi/v1/trades', 'symbol=BTCUSDT')['0'])['id'];
		const amounts = { s: 'BTCUSDT', p: '65000.00', q: '0.100', E: NOW_MS, T: NOW_MS, m: false, st: 1 };
		expect(client.take()).toEqual([
			{ e: 'trade', ...amounts, t: id, X: 'MARKET' },
			{ e: 'aggTrade', ...amounts, a: id, nq: '0.100', f: id, l: id },
		]);
		world.put(BOB, 'buy', '0.1', '64000');
		world.put(ANN, 'sell', '0.1', '64000');
		expect(client.take()).toMatchObject([{ m: true }, { m: true }]);
	});

	test('what is closed by force is told once a second, on both streams', () => {
		const world = new FuturesWorld();
		const client = listening(world, 'btcusdt@forceOrder', '!forceOrder@arr');
		world.exchange.withdraw(ANN, 'USDT', atoms('499000'), world.nowMs);
		world.rest('POST', '/fapi/v1/leverage', { symbol: 'BTCUSDT', leverage: 100 });
		world.trade('0.5', '65000');
		world.put(BOB, 'buy', '0.5', '63200');
		world.exchange.setMarkPrice(PERP, world.contract.price.count('63100'), world.nowMs);
		expect(client.take()).toEqual([]);
		world.pass(1_000);
		const frames = client.take();
		expect(frames).toHaveLength(2);
		expect(frames[0]).toEqual(frames[1]);
		expect(frames[0]).toMatchObject({ e: 'forceOrder', E: expect.any(Number) as number });
		expect(orderOf(frames[0])).toEqual({
			s: 'BTCUSDT',
			S: 'SELL',
			o: 'LIMIT',
			f: 'IOC',
			q: '0.500',
			p: expect.stringMatching(/^6\d{4}\.\d0$/) as string,
			ap: '63200.00',
			X: 'FILLED',
			l: '0.500',
			z: '0.500',
			T: NOW_MS,
		});
		world.pass(2_000);
		expect(client.take()).toEqual([]);
	});
});

describe('figures', () => {
	test.each([
		{ stream: 'btcusdt@markPrice', frames: 2 },
		{ stream: 'btcusdt@markPrice@1s', frames: 6 },
		{ stream: '!markPrice@arr', frames: 2 },
		{ stream: '!markPrice@arr@1s', frames: 6 },
	])('$stream comes $frames times in six seconds, whether it changes or not', ({ stream, frames }) => {
		const world = new FuturesWorld();
		world.exchange.advance(world.nowMs);
		world.exchange.setFundingRate(PERP, 12_345, world.nowMs);
		const client = listening(world, stream);
		world.pass(1_000);
		client.take();
		world.pass(6_000);
		const heard = client.take();
		expect(heard).toHaveLength(frames);
		const premium = world.look('/fapi/v1/premiumIndex', 'symbol=BTCUSDT');
		const expected = {
			e: 'markPriceUpdate',
			E: expect.any(Number) as number,
			s: 'BTCUSDT',
			p: '65000.00000000',
			ap: '65000.00000000',
			i: '65000.00000000',
			P: '65000.00000000',
			r: '0.00012345',
			T: premium['nextFundingTime'],
			st: 1,
		};
		if (stream.startsWith('!')) expect(heard[0]).toMatchObject({ 0: expected, 1: { s: 'ETHUSDT', p: '3300.00000000' } });
		else expect(heard[0]).toEqual(expected);
	});

	test('the running candle comes four times a second while it changes, and once more when it is done', () => {
		const world = new FuturesWorld();
		world.pass(60_000 - (world.nowMs % 60_000), 1_000);
		const startMs = world.nowMs;
		const client = listening(world, 'btcusdt@kline_1m');
		world.pass(1_000);
		expect(client.take()).toEqual([]);
		for (let count = 0; count < 9; count += 1) {
			world.trade('0.1', String(65_000 + count));
			world.pass(100);
		}
		const running = client.take();
		expect(running).toHaveLength(4);
		world.pass(1_000);
		expect(client.take().at(-1)).toMatchObject({
			e: 'kline',
			s: 'BTCUSDT',
			k: { t: startMs, T: startMs + 59_999, i: '1m', o: '65000.00', c: '65008.00', v: '0.900', n: 9, x: false, B: '0' },
		});
		world.pass(startMs + 60_250 - world.nowMs);
		expect(client.take()).toMatchObject([
			{ k: { t: startMs, n: 9, x: true, q: '58503.60000000' } },
			{ k: { t: startMs + 60_000, n: 0, f: -1, L: -1, x: false } },
		]);
	});

	test('the day comes while it changes, and says what REST says', () => {
		const world = new FuturesWorld();
		const client = listening(world, 'btcusdt@ticker', 'btcusdt@miniTicker', '!ticker@arr', '!miniTicker@arr');
		world.pass(3_000);
		expect(client.take()).toEqual([]);
		world.trade('0.1', '65000');
		world.trade('0.3', '66000');
		world.pass(2_000);
		const day = world.look('/fapi/v1/ticker/24hr', 'symbol=BTCUSDT');
		const mini = {
			s: 'BTCUSDT',
			c: day['lastPrice'],
			o: day['openPrice'],
			h: day['highPrice'],
			l: day['lowPrice'],
			v: day['volume'],
			q: day['quoteVolume'],
			st: 1,
		};
		const full = {
			...mini,
			p: day['priceChange'],
			P: day['priceChangePercent'],
			w: day['weightedAvgPrice'],
			Q: day['lastQty'],
			O: day['openTime'],
			F: day['firstId'],
			L: day['lastId'],
			n: 2,
		};
		const frames = client.take();
		expect(frames).toHaveLength(4);
		const [ticker, miniTicker] = ['24hrTicker', '24hrMiniTicker'].map((e) => frames.find((frame) => frame['e'] === e));
		expect(ticker).toMatchObject(full);
		expect(miniTicker).toEqual({ ...mini, e: '24hrMiniTicker', E: expect.any(Number) as number });
		const lists = frames.filter((frame) => '0' in frame).map((frame) => asMessage(frame['0']));
		expect(lists).toMatchObject([
			{ e: '24hrTicker', ...full },
			{ e: '24hrMiniTicker', ...mini },
		]);
		expect(full).toMatchObject({ c: '66000.00', P: '1.538', p: '1000.00' });
		world.pass(5_000);
		expect(client.take()).toEqual([]);
	});
});

describe('names', () => {
	test.each(['/public', '/market', '/private'])('every stream is on %s, however it is asked for', (path) => {
		const world = new FuturesWorld();
		const names = ['btcusdt@aggTrade', 'btcusdt@bookTicker', 'btcusdt@trade'];
		const clients = [
			world.connect(`${path}/ws/${names.join('/')}`),
			world.connect(`${path}/stream`, `streams=${names.join('/')}`),
			world.connect(`${path}/ws/0`),
			world.connect(`${path}/stream`, 'streams='),
		];
		for (const client of clients.slice(2)) world.subscribe(client, ...names);
		world.trade();
		const heard = clients.map((client) => client.take());
		expect(heard[0]?.map(({ e }) => e).sort()).toEqual(['aggTrade', 'bookTicker', 'bookTicker', 'trade']);
		expect(heard[2]).toEqual(heard[0]);
		expect(heard[1]).toEqual(heard[3]);
		expect(heard[1]?.map(({ data }) => data)).toEqual(heard[0]);
	});

	test('a symbol that does not exist is taken and silent; what is no name is refused', () => {
		const world = new FuturesWorld();
		const client = world.connect('/public/ws');
		const fine = ['nousdt@depth', 'BTCUSDT@depth', '!contractInfo', 'btcusdt_perpetual@continuousKline_1m', 'a'.repeat(64)];
		expect(world.ask(client, { method: 'SUBSCRIBE', params: fine, id: 'x' })).toEqual([{ result: null, id: 'x' }]);
		for (const name of ['btcusdt', 'btcusdt@depth7', 'btcusdt@kline_1s', 'btcusdt@avgPrice', '!depth@arr']) {
			expect(world.ask(client, { method: 'SUBSCRIBE', params: [name], id: 1 })).toMatchObject([{ error: { code: 2 }, id: 1 }]);
		}
	});

	test('ten messages a second are heard, and no eleventh', () => {
		const world = new FuturesWorld();
		const client = world.connect('/market/ws');
		for (let count = 0; count < 10; count += 1) world.ask(client, { method: 'LIST_SUBSCRIPTIONS', id: count });
		expect(client.closedWith).toBe(null);
		world.ask(client, { method: 'LIST_SUBSCRIPTIONS', id: 10 });
		expect(client.closedWith).toBe(1008);
	});

	test('the venue pings every three minutes, and waits ten', () => {
		expect(new FuturesWorld().connect('/public/ws').heartbeat).toEqual({ everyMs: 180_000, answerMsMax: 600_000 });
	});

	test('spot and futures have their own streams of a symbol', () => {
		const world = new FuturesWorld();
		const [spot, futures] = [world.connect('/ws/btcusdt@trade'), world.connect('/market/ws/btcusdt@trade')];
		world.trade();
		expect([spot.take(), futures.take().length]).toEqual([[], 1]);
	});
});
