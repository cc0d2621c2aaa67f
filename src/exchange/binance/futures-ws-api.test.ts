import { describe, expect, test } from 'vitest';
import { BOB, FuturesWorld, listOf, ORDER } from './futures-ws.fixture.ts';
import { BINANCE_OPTIONS } from './venue.ts';
import { asMessage, type Message } from './ws.fixture.ts';

const NAMED: Message = { symbol: 'BTCUSDT', origClientOrderId: 'mm-1' };

function placed(world: FuturesWorld): Message {
	return world.do('order.place', { ...ORDER, newClientOrderId: 'mm-1' });
}

describe('orders', () => {
	test('are placed, asked for, modified and cancelled as on REST', () => {
		const world = new FuturesWorld();
		const order = placed(world);
		expect(order).toMatchObject({ status: 'NEW', clientOrderId: 'mm-1', price: '64000.00', origQty: '0.010' });
		const queried = world.do('order.status', NAMED);
		expect(queried).toEqual(world.rest('GET', '/fapi/v1/order', { symbol: 'BTCUSDT', origClientOrderId: 'mm-1' }));
		const change = { ...NAMED, side: 'BUY', quantity: '0.020', price: '63999.00' };
		expect(world.do('order.modify', change)).toMatchObject({ origQty: '0.020', price: '63999.00' });
		expect(world.do('order.cancel', NAMED)).toMatchObject({ status: 'CANCELED' });
		expect(world.rest('GET', '/fapi/v1/openOrders')).toEqual({});
	});

	test('have ids with all their digits, which are taken as numbers and as texts', () => {
		const world = new FuturesWorld();
		for (const quoted of ['', '"']) {
			world.api.connection?.receive(
				JSON.stringify({
					id: 1,
					method: 'order.place',
					params: world.signed({ ...ORDER, newClientOrderId: `n${quoted.length}` }),
				}),
				world.nowMs,
			);
			const shown = /"orderId":(\d+)/.exec(world.api.texts.splice(0).join(''))?.[1] ?? '';
			expect(BigInt(shown)).toBeGreaterThan(2n ** 53n);
			// Numbers of this size do not survive JSON.stringify: the text is made by hand.
			const params = JSON.stringify(world.signed({ symbol: 'BTCUSDT', orderId: shown })).replace(
				`"orderId":"${shown}"`,
				`"orderId":${quoted}${shown}${quoted}`,
			);
			world.api.connection?.receive(`{"id":2,"method":"order.status","params":${params}}`, world.nowMs);
			const [answer = ''] = world.api.texts.splice(0);
			expect(answer).toContain(`"orderId":${shown},`);
			expect(answer).toContain(`"clientOrderId":"n${quoted.length}"`);
		}
	});

	test('are refused with the codes of futures', () => {
		const world = new FuturesWorld();
		placed(world);
		world.put(BOB, 'sell', '0.1', '65000');
		const call = (method: string, params: Message): Message => world.call(world.api, method, world.signed(params));
		const same = { ...NAMED, side: 'BUY', quantity: '0.010', price: '64000.00' };
		expect(call('order.modify', same)).toMatchObject({ status: 400, error: { code: -5027 } });
		expect(call('order.place', { ...ORDER, price: '65000.00', timeInForce: 'GTX' })).toMatchObject({ error: { code: -5022 } });
		expect(call('order.cancel', { symbol: 'BTCUSDT', origClientOrderId: 'none' })).toMatchObject({ error: { code: -2011 } });
		expect(call('order.place', { ...ORDER, symbol: 'NOUSDT' })).toMatchObject({ error: { code: -1121 } });
	});

	test('come one by one: there is no batch, and nothing of spot', () => {
		const world = new FuturesWorld();
		for (const method of ['batchOrders.place', 'order.cancelReplace', 'openOrders.cancelAll', 'userDataStream.subscribe']) {
			expect(world.call(world.api, method, world.signed({ symbol: 'BTCUSDT' }))).toMatchObject({
				status: 400,
				error: { code: -1020 },
			});
		}
	});
});

describe('limits', () => {
	test('are shared with REST, and shown with every answer unless it asks not to', () => {
		const world = new FuturesWorld();
		const [weight] = limitsOf(world.call(world.api, 'ping'), 'REQUEST_WEIGHT');
		expect(weight).toMatchObject({ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400 });
		const answer = world.call(world.api, 'order.place', world.signed({ ...ORDER, newClientOrderId: 'mm-1' }));
		expect(limitsOf(answer, 'REQUEST_WEIGHT')).toEqual([weight]);
		expect(limitsOf(answer, 'ORDERS')).toEqual([
			{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300, count: 1 },
			{ rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200, count: 1 },
		]);
		world.rest('GET', '/fapi/v3/account');
		expect(limitsOf(world.call(world.api, 'ping'), 'REQUEST_WEIGHT')[0]).toMatchObject({ count: Number(weight?.['count']) + 6 });
		expect(world.call(world.api, 'ping', { returnRateLimits: false })).not.toHaveProperty('rateLimits');
	});

	test('a connection weighs five, and none comes when they are used up', () => {
		const world = new FuturesWorld({ ...BINANCE_OPTIONS, limitFactor: 0.02 });
		expect(limitsOf(world.call(world.api, 'ping'), 'REQUEST_WEIGHT')[0]).toMatchObject({ count: 6, limit: 48 });
		for (let count = 6; count < 44; count += 1) world.call(world.api, 'ping');
		expect(world.attempt('/ws-fapi/v1')).toMatchObject({ kind: 'refused', status: 429 });
		expect(world.attempt('/public/ws')).toMatchObject({ kind: 'connected' });
	});
});

describe('sessions', () => {
	test('an Ed25519 key logs on, and then leaves key and signature out', () => {
		const world = new FuturesWorld();
		const { api, nowMs } = world;
		const logon = world.call(api, 'session.logon', world.signed({}, 'ANN-ED25519'));
		expect(logon).toMatchObject({ status: 200, result: { apiKey: 'ANN-ED25519', authorizedSince: nowMs, userDataStream: null } });
		const order = { ...ORDER, newClientOrderId: 'mm-1', timestamp: nowMs };
		expect(world.call(api, 'order.place', order)).toMatchObject({ status: 200 });
		expect(world.call(api, 'userDataStream.start')).toMatchObject({ status: 200 });
		expect(world.call(api, 'session.logout')).toMatchObject({ result: { apiKey: null } });
		expect(world.call(api, 'order.place', order)).toMatchObject({ status: 400, error: { code: -1102 } });
	});

	test('a key with a secret may not', () => {
		const world = new FuturesWorld();
		expect(world.call(world.api, 'session.logon', world.signed({}))).toMatchObject({ error: { code: -1022 } });
		expect(world.call(world.api, 'session.status')).toMatchObject({ result: { apiKey: null } });
	});
});

describe('what else there is', () => {
	test('listen keys are had by key alone, and their events come elsewhere', () => {
		const world = new FuturesWorld();
		const key = world.listenKey();
		expect(world.listenKey()).toBe(key);
		expect(world.call(world.api, 'userDataStream.start')).toMatchObject({ error: { code: -1102 } });
		const client = world.connect('/private/stream', `streams=${key}`);
		placed(world);
		expect(world.api.take()).toEqual([]);
		expect(client.take()).toHaveLength(1);
	});

	test.each(['account.status', 'v2/account.status', 'account.balance', 'v2/account.balance', 'v2/account.position'])(
		'%s is what REST says of the account',
		(method) => {
			const world = new FuturesWorld();
			world.trade();
			const path = { status: 'account', balance: 'balance', position: 'positionRisk' }[method.split('.')[1] ?? ''] ?? '';
			const version = method.startsWith('v2/') || path === 'balance' ? 'v3' : 'v2';
			expect(world.do(method, {})).toEqual(world.rest('GET', `/fapi/${version}/${path}`));
		},
	);

	test('the market, without a key', () => {
		const world = new FuturesWorld();
		world.trade();
		for (const [method, path] of [
			['depth', '/fapi/v1/depth'],
			['ticker.book', '/fapi/v1/ticker/bookTicker'],
			['ticker.price', '/fapi/v1/ticker/price'],
		] as const) {
			expect(asMessage(world.call(world.api, method, { symbol: 'BTCUSDT' })['result'])).toEqual(
				world.look(path, 'symbol=BTCUSDT'),
			);
		}
	});
});

function limitsOf(answer: Message, type: string): Message[] {
	return listOf(answer['rateLimits']).filter(({ rateLimitType }) => rateLimitType === type);
}
