import { describe, expect, test } from 'vitest';
import type { KeyRights } from '../key-rights.ts';
import { BTC, openFutures } from './futures.fixture.ts';
import { FuturesDesk } from './futures-desk.ts';
import { createFuturesRoutes } from './futures-routes.ts';
import { ANN, type CallOptions, NOW_MS, openVenue, type Reply, type Values } from './scene.fixture.ts';

const ORDER: Values = { ...BTC, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.010', price: '64990.00' };

function weightOf({ headers }: Reply<unknown>): number {
	return Number(headers['x-mbx-used-weight-1m']);
}

describe('weights', () => {
	test.each([
		{ path: 'v1/ping', weight: 1 },
		{ path: 'v1/exchangeInfo', weight: 1 },
		{ path: 'v1/depth', values: { ...BTC, limit: 50 }, weight: 2 },
		{ path: 'v1/depth', values: { ...BTC, limit: 100 }, weight: 5 },
		{ path: 'v1/depth', values: BTC, weight: 10 },
		{ path: 'v1/depth', values: { ...BTC, limit: 1_000 }, weight: 20 },
		{ path: 'v1/trades', values: BTC, weight: 5 },
		{ path: 'v1/aggTrades', values: BTC, weight: 20 },
		{ path: 'v1/klines', values: { ...BTC, interval: '1m', limit: 99 }, weight: 1 },
		{ path: 'v1/klines', values: { ...BTC, interval: '1m', limit: 499 }, weight: 2 },
		{ path: 'v1/klines', values: { ...BTC, interval: '1m' }, weight: 5 },
		{ path: 'v1/klines', values: { ...BTC, interval: '1m', limit: 1_500 }, weight: 10 },
		{ path: 'v1/premiumIndex', values: BTC, weight: 1 },
		{ path: 'v1/premiumIndex', weight: 10 },
		{ path: 'v1/ticker/bookTicker', values: BTC, weight: 2 },
		{ path: 'v1/ticker/bookTicker', weight: 5 },
		{ path: 'v1/ticker/24hr', values: BTC, weight: 1 },
		{ path: 'v1/ticker/24hr', weight: 40 },
		{ path: 'v1/openOrders', values: BTC, weight: 1 },
		{ path: 'v1/openOrders', weight: 40 },
		{ path: 'v1/allOrders', weight: 5 },
		{ path: 'v1/userTrades', values: BTC, weight: 5 },
		{ path: 'v3/account', weight: 5 },
		{ path: 'v3/balance', weight: 5 },
		{ path: 'v3/positionRisk', weight: 5 },
		{ path: 'v1/accountConfig', weight: 5 },
		{ path: 'v1/symbolConfig', weight: 5 },
		{ path: 'v1/leverageBracket', weight: 1 },
		{ path: 'v1/commissionRate', values: BTC, weight: 20 },
		{ path: 'v1/income', weight: 30 },
		{ path: 'v1/positionSide/dual', weight: 30 },
		{ path: 'v1/multiAssetsMargin', weight: 30 },
		{ path: 'v1/openAlgoOrders', weight: 40 },
	])('GET $path with $values weighs $weight', ({ path, values, weight }) => {
		const reply = openFutures({ limitFactor: 1 }).call('GET', `/fapi/${path}`, values ?? {});
		expect(reply.status).toBe(200);
		expect(weightOf(reply)).toBe(weight);
	});

	test.each([
		{ name: 'an order', method: 'POST', path: 'order', values: ORDER, weight: 0, orders: ['1', '1'] },
		{ name: 'a test', method: 'POST', path: 'order/test', values: ORDER, weight: 0, orders: [undefined, undefined] },
		{
			name: 'a batch',
			method: 'POST',
			path: 'batchOrders',
			values: { batchOrders: JSON.stringify([ORDER, ORDER]) },
			weight: 5,
			orders: ['5', '1'],
		},
		{ name: 'cancelling all', method: 'DELETE', path: 'allOpenOrders', values: BTC, weight: 1, orders: [undefined, undefined] },
		{
			name: 'a countdown',
			method: 'POST',
			path: 'countdownCancelAll',
			values: { ...BTC, countdownTime: 1_000 },
			weight: 10,
			orders: [undefined, undefined],
		},
	])('$name weighs $weight and counts $orders', ({ method, path, values, weight, orders }) => {
		const reply = openFutures({ limitFactor: 1 }).call(method, `/fapi/v1/${path}`, values);
		expect(reply.status).toBe(200);
		expect(weightOf(reply)).toBe(weight);
		expect([reply.headers['x-mbx-order-count-10s'], reply.headers['x-mbx-order-count-1m']]).toEqual(orders);
	});

	test('changes count like orders, cancels do not', () => {
		const scene = openFutures({ limitFactor: 1 });
		scene.call('POST', '/fapi/v1/order', { ...ORDER, newClientOrderId: 'a' });
		const named = { ...BTC, side: 'BUY', origClientOrderId: 'a' };
		const modified = scene.call('PUT', '/fapi/v1/order', { ...named, quantity: '0.011', price: '64990.00' });
		expect(modified.headers).toMatchObject({ 'x-mbx-order-count-10s': '2', 'x-mbx-used-weight-1m': '0' });
		expect(weightOf(scene.call('DELETE', '/fapi/v1/order', named))).toBe(1);
	});
});

describe('limits', () => {
	test('beyond the orders of a window: 429, -1015 and when to come again; the next window is free', () => {
		const scene = openFutures({ limitFactor: 0.01 });
		const order = (nowMs: number): Reply => scene.call('POST', '/fapi/v1/order', ORDER, { nowMs });
		for (let count = 0; count < 3; count += 1) expect(order(NOW_MS).status).toBe(200);
		expect(order(NOW_MS)).toMatchObject({ status: 429, body: { code: -1015 }, headers: { 'retry-after': '10' } });
		expect(order(NOW_MS + 10_000).status).toBe(200);
	});

	test('beyond the weight: 429 and -1003; spot has a limit of its own', () => {
		const scene = openFutures({ limitFactor: 0.01 });
		scene.get('/fapi/v1/aggTrades', BTC);
		expect(scene.get('/fapi/v1/aggTrades', BTC)).toMatchObject({ status: 429, body: { code: -1003 } });
		expect(scene.get('/api/v3/ping').status).toBe(200);
	});
});

test('the WS API reaches the same operations by its own names', () => {
	const { routes, methods } = createFuturesRoutes(new FuturesDesk(openVenue()));
	const pairs = {
		'order.place': 'POST /fapi/v1/order',
		'order.modify': 'PUT /fapi/v1/order',
		'order.cancel': 'DELETE /fapi/v1/order',
		'order.status': 'GET /fapi/v1/order',
		'algoOrder.place': 'POST /fapi/v1/algoOrder',
	};
	for (const [method, route] of Object.entries(pairs)) expect(methods.get(method), method).toBe(routes.get(route));
});

test('a key for spot alone opens nothing here, one that only reads changes nothing', () => {
	const scene = openFutures();
	const having = (rights: Partial<KeyRights>): CallOptions => {
		const client = { ...ANN, key: { ...ANN.key, rights: { ...ANN.key.rights, ...rights } } };
		scene.venue.addKey(client.key);
		return { client };
	};
	const refused = { status: 401, body: { code: -2015 } };
	expect(scene.call('GET', '/fapi/v3/account', {}, having({ contracts: false }))).toMatchObject(refused);
	expect(scene.call('POST', '/fapi/v1/order', ORDER, having({ readOnly: true }))).toMatchObject(refused);
	expect(scene.call('GET', '/fapi/v3/account', {}, having({ readOnly: true })).status).toBe(200);
});
