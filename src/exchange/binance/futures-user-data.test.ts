import { describe, expect, test } from 'vitest';
import { ANN, BOB, FuturesWorld, ORDER, only, orderOf } from './futures-ws.fixture.ts';
import { asMessage, type Client, type Message } from './ws.fixture.ts';

const HOUR_MS = 3_600_000;

function updates(client: Client): Message[] {
	return only(client, 'ORDER_TRADE_UPDATE').map((message) => orderOf(message));
}

function accountOf(message: Message | undefined): Message {
	return asMessage(message?.['a']);
}

describe('where user data comes', () => {
	test.each([
		{ name: 'the key in the path', path: '/private/ws/KEY', query: '', isWrapped: false },
		{ name: 'the key in the query', path: '/private/ws', query: 'listenKey=KEY', isWrapped: false },
		{ name: 'the key in the query, wrapped', path: '/private/stream', query: 'listenKey=KEY', isWrapped: true },
		{ name: 'the key among the streams', path: '/private/stream', query: 'streams=KEY', isWrapped: true },
		{ name: 'the key subscribed to', path: '/private/stream', query: 'streams=', isWrapped: true },
		{ name: 'the key subscribed to, bare', path: '/private/ws', query: '', isWrapped: false },
	])('$name', ({ name, path, query, isWrapped }) => {
		const world = new FuturesWorld();
		const key = world.listenKey();
		const client = world.connect(path.replace('KEY', key), query.replace('KEY', key));
		if (name.includes('subscribed')) {
			expect(world.ask(client, { method: 'SUBSCRIBE', params: [key], id: 7 })).toEqual([{ result: null, id: 7 }]);
		}
		world.do('order.place', ORDER);
		const [message, ...more] = client.take();
		expect(more).toEqual([]);
		if (isWrapped)
			expect(message).toEqual({ stream: key, data: expect.objectContaining({ e: 'ORDER_TRADE_UPDATE' }) as unknown });
		else expect(message).toMatchObject({ e: 'ORDER_TRADE_UPDATE' });
	});

	test('nobody hears of others, and spot is not heard of', () => {
		const world = new FuturesWorld();
		const [ann, bob] = [world.listening('ANN'), world.listening('BOB')];
		world.do('order.place', ORDER);
		world.place('ann@binance-spot', 'buy', '0.01', '64000');
		// What only the operator could do.
		world.place(ANN, 'buy', '0.01', '64000');
		expect([ann.take().length, bob.take().length]).toEqual([1, 0]);
	});

	test('`events` names those that are wanted', () => {
		const world = new FuturesWorld();
		const query = `listenKey=${world.listenKey()}&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE`;
		const client = world.connect('/private/ws/btcusdt@trade', query);
		world.trade();
		const heard = client.take().map(({ e }) => e);
		// Of the account what was chosen, of the market what was asked for.
		expect(heard.filter((e) => e !== 'trade')).toEqual(['ORDER_TRADE_UPDATE', 'ORDER_TRADE_UPDATE', 'ACCOUNT_UPDATE']);
		expect(heard).toContain('trade');
		world.pass(HOUR_MS, 60_000);
		expect(client.take()).toMatchObject([{ e: 'listenKeyExpired' }]);
	});

	test('nothing comes to who has left', () => {
		const world = new FuturesWorld();
		const key = world.listenKey();
		const client = world.connect('/private/ws');
		world.subscribe(client, key);
		world.ask(client, { method: 'UNSUBSCRIBE', params: [key], id: 2 });
		world.do('order.place', ORDER);
		expect(client.take()).toEqual([]);
		world.subscribe(client, key);
		world.do('order.place', ORDER);
		expect(client.take()).toHaveLength(1);
	});

	test('nothing comes to who has left, of chosen events either', () => {
		const world = new FuturesWorld();
		const key = world.listenKey();
		const client = world.connect('/private/ws', `listenKey=${key}&events=ORDER_TRADE_UPDATE`);
		world.ask(client, { method: 'UNSUBSCRIBE', params: [key], id: 2 });
		world.do('order.place', ORDER);
		expect(client.take()).toEqual([]);
	});
});

describe('the life of a listen key', () => {
	test('an hour after it was asked for it expires, says so once, and is silent', () => {
		const world = new FuturesWorld();
		const key = world.listenKey();
		const client = world.connect(`/private/ws/${key}`);
		world.pass(HOUR_MS - 1_000, 1_000);
		expect(client.take()).toEqual([]);
		world.pass(1_000);
		expect(client.take()).toEqual([{ e: 'listenKeyExpired', E: world.nowMs, listenKey: key }]);
		world.do('order.place', ORDER);
		world.pass(1_000);
		expect(client.take()).toEqual([]);
		expect(world.listenKey()).not.toBe(key);
		world.do('order.place', { ...ORDER, price: '64001.00' });
		expect(client.take()).toEqual([]);
		client.connection?.closed(world.nowMs);
	});

	test('renewed in time it lives on', () => {
		const world = new FuturesWorld();
		const client = world.listening();
		world.pass(HOUR_MS / 2, 60_000);
		expect(world.call(world.api, 'userDataStream.ping', { apiKey: 'ANN' })).toMatchObject({ status: 200 });
		world.pass(HOUR_MS - 60_000, 60_000);
		world.do('order.place', ORDER);
		expect(client.take().map(({ e }) => e)).toEqual(['ORDER_TRADE_UPDATE']);
	});

	test('closed, it is silent without a word', () => {
		const world = new FuturesWorld();
		const client = world.listening();
		world.call(world.api, 'userDataStream.stop', { apiKey: 'ANN' });
		world.do('order.place', ORDER);
		world.pass(2 * HOUR_MS, 60_000);
		expect(client.take()).toEqual([]);
		expect(world.call(world.api, 'userDataStream.ping', { apiKey: 'ANN' })).toMatchObject({ error: { code: -1125 } });
	});
});

describe('order updates', () => {
	test('a new order has all its letters, and its id all its digits', () => {
		const world = new FuturesWorld();
		const client = world.listening();
		const { nowMs } = world;
		world.call(world.api, 'order.place', world.signed({ ...ORDER, newClientOrderId: 'mm-1' }));
		const [text = ''] = client.texts;
		expect(/"i":(\d+)/.exec(text)?.[1]).toBe(String(8_389_766_100_200_300_000n + BigInt(orderIdOf(world))));
		const [message, ...more] = client.take();
		expect(more).toEqual([]);
		expect(message).toEqual({
			e: 'ORDER_TRADE_UPDATE',
			T: nowMs,
			E: nowMs,
			st: 1,
			o: {
				s: 'BTCUSDT',
				c: 'mm-1',
				S: 'BUY',
				o: 'LIMIT',
				f: 'GTC',
				q: '0.010',
				p: '64000.00',
				ap: '0',
				sp: '0',
				x: 'NEW',
				X: 'NEW',
				i: expect.any(Number) as number,
				l: '0',
				z: '0',
				L: '0',
				n: '0',
				N: 'USDT',
				T: nowMs,
				t: 0,
				b: '640.00000000',
				a: '0',
				m: false,
				R: false,
				wt: 'CONTRACT_PRICE',
				ot: 'LIMIT',
				ps: 'BOTH',
				cp: false,
				rp: '0',
				pP: false,
				si: 0,
				ss: 0,
				V: 'EXPIRE_MAKER',
				pm: 'NONE',
				gtd: 0,
				er: '0',
			},
		});
	});

	test('a fill is told in few letters, then by its order, then by what it did to the account', () => {
		const world = new FuturesWorld();
		const client = world.listening();
		world.do('order.place', { ...ORDER, newClientOrderId: 'mm-1' });
		client.take();
		world.pass(50);
		world.put(BOB, 'sell', '0.004', '64000');
		const [lite, order, account, ...more] = client.take();
		expect(more).toEqual([]);
		const row = asMessage(world.rest('GET', '/fapi/v1/userTrades', { symbol: 'BTCUSDT' })['0']);
		expect(lite).toEqual({
			e: 'TRADE_LITE',
			E: world.nowMs,
			T: world.nowMs,
			s: 'BTCUSDT',
			q: '0.010',
			p: '64000.00',
			m: true,
			c: 'mm-1',
			S: 'BUY',
			L: '64000.00',
			l: '0.004',
			t: row['id'],
			i: orderOf(order)['i'],
		});
		expect(orderOf(order)).toMatchObject({
			x: 'TRADE',
			X: 'PARTIALLY_FILLED',
			c: 'mm-1',
			l: '0.004',
			z: '0.004',
			L: '64000.00',
			ap: '64000.00',
			n: '0.05120000',
			N: 'USDT',
			t: row['id'],
			m: true,
			rp: '0',
			b: '384.00000000',
		});
		expect(account).toEqual({
			e: 'ACCOUNT_UPDATE',
			T: world.nowMs,
			E: world.nowMs,
			st: 1,
			a: {
				m: 'ORDER',
				B: [{ a: 'USDT', wb: '499999.94880000', cw: '499999.94880000', bc: '0' }],
				P: [
					{
						s: 'BTCUSDT',
						pa: '0.004',
						ep: '64000.00',
						bep: '64012.80',
						cr: '0',
						up: '4.00000000',
						mt: 'cross',
						iw: '0',
						ps: 'BOTH',
					},
				],
			},
		});
	});

	test('closing tells the profit, and a flat position', () => {
		const world = new FuturesWorld();
		world.trade('0.1', '65000');
		const client = world.listening();
		world.put(BOB, 'buy', '0.1', '65100');
		world.do('order.place', { symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', quantity: '0.1', reduceOnly: 'true' });
		const all = client.take();
		expect(orderOf(all.find(({ e }) => e === 'ORDER_TRADE_UPDATE'))).toMatchObject({ x: 'NEW', o: 'MARKET', p: '0.00', R: true });
		expect(orderOf(all.findLast(({ e }) => e === 'ORDER_TRADE_UPDATE'))).toMatchObject({
			x: 'TRADE',
			X: 'FILLED',
			S: 'SELL',
			rp: '10.00000000',
			m: false,
		});
		expect(accountOf(all.at(-1))).toMatchObject({ m: 'ORDER', B: [{ bc: '0' }], P: [{ pa: '0', ep: '0.0', cr: '10.00000000' }] });
	});

	test('a modify is an amendment with its own name, and the order keeps its id', () => {
		const world = new FuturesWorld();
		const client = world.listening();
		world.do('order.place', { ...ORDER, newClientOrderId: 'mm-1' });
		const [placed] = updates(client);
		const change = { symbol: 'BTCUSDT', side: 'BUY', origClientOrderId: 'mm-1', quantity: '0.020', price: '63990.00' };
		world.do('order.modify', { ...change, modifyId: '77' });
		const all = updates(client);
		expect(all).toMatchObject([
			{ x: 'AMENDMENT', X: 'NEW', i: placed?.['i'], c: 'mm-1', q: '0.020', p: '63990.00', M: '77', V: 'NONE' },
		]);
		world.do('order.modify', { ...change, quantity: '0.010' });
		expect(updates(client)[0]).not.toHaveProperty('M');
		world.do('order.modify', { ...change, modifyId: '78' });
		world.do('order.cancel', { symbol: 'BTCUSDT', origClientOrderId: 'mm-1' });
		expect(updates(client).map(({ x, M }) => [x, M])).toEqual([
			['AMENDMENT', '78'],
			['CANCELED', undefined],
		]);
	});

	test('a cancel, and all that expires by itself, with the reason', () => {
		const world = new FuturesWorld();
		world.put(BOB, 'sell', '0.005', '64000');
		const client = world.listening();
		world.do('order.place', { ...ORDER, timeInForce: 'IOC' });
		expect(updates(client).at(-1)).toMatchObject({ x: 'EXPIRED', X: 'EXPIRED', er: '2', z: '0.005', l: '0', t: 0 });
		world.do('order.place', { ...ORDER, newClientOrderId: 'mm-1' });
		client.take();
		world.do('order.cancel', { symbol: 'BTCUSDT', origClientOrderId: 'mm-1' });
		expect(updates(client)).toMatchObject([{ x: 'CANCELED', X: 'CANCELED', c: 'mm-1', er: '0', b: '0' }]);
		world.do('order.place', { ...ORDER, newClientOrderId: 'mm-2' });
		world.do('order.place', { ...ORDER, side: 'SELL', price: '63900.00', newClientOrderId: 'mm-3' });
		expect(updates(client).filter(({ c }) => c === 'mm-2')).toMatchObject([
			{ x: 'NEW' },
			{ x: 'EXPIRED', X: 'EXPIRED_IN_MATCH', er: '1' },
		]);
	});

	test('a GTX order that is moved to where it would take is ended', () => {
		const world = new FuturesWorld();
		world.put(BOB, 'sell', '0.5', '64010');
		const client = world.listening();
		world.do('order.place', { ...ORDER, timeInForce: 'GTX', newClientOrderId: 'mm-1' });
		client.take();
		world.do('order.modify', { symbol: 'BTCUSDT', side: 'BUY', origClientOrderId: 'mm-1', quantity: '0.010', price: '64010.00' });
		const last = updates(client).at(-1);
		expect(last).toMatchObject({ c: 'mm-1', f: 'GTX', z: '0' });
		expect(['CANCELED', 'EXPIRED']).toContain(last?.['X']);
	});
});

function orderIdOf(world: FuturesWorld): string {
	return world.exchange.openOrders(ANN)[0]?.orderId ?? '';
}
