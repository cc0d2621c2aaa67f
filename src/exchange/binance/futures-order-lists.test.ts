import { describe, expect, test } from 'vitest';
import { BTC, type FuturesScene, idIn, openFutures } from './futures.fixture.ts';
import { ANN, BOB, NOW_MS, type Reply, type Row, type Values } from './scene.fixture.ts';

const ANY_NUMBER: unknown = expect.any(Number);

type Rows = readonly Row[];
const DAY_MS = 86_400_000;

function list(scene: FuturesScene, path: string, values: Values = {}, nowMs = NOW_MS): Reply<Rows> {
	return scene.call('GET', `/fapi/v1/${path}`, values, { nowMs });
}

function clientIds({ body }: Reply<Rows>): readonly unknown[] {
	return body.map((row) => row['clientOrderId']);
}

function some(): FuturesScene {
	const scene = openFutures();
	for (const [id, price] of [
		['a', '64990.00'],
		['b', '64980.00'],
		['c', '64970.00'],
	] as const) {
		scene.place('BUY', '0.010', price, { newClientOrderId: id });
	}
	scene.place('BUY', '0.100', '3290.00', { symbol: 'ETHUSDT', newClientOrderId: 'e' });
	scene.place('BUY', '0.010', '64990.00', { newClientOrderId: 'of-bob' }, BOB);
	return scene;
}

describe('lists of orders', () => {
	test('open ones of one symbol or of all, from the oldest on, and nobody else’s', () => {
		const scene = some();
		expect(clientIds(list(scene, 'openOrders', BTC))).toEqual(['a', 'b', 'c']);
		expect(clientIds(list(scene, 'openOrders'))).toEqual(['a', 'b', 'c', 'e']);
		expect(list(scene, 'openOrders', { symbol: 'NONE' }).body).toMatchObject({ code: -1121 });
	});

	test('all of them: open and closed together, from an order on, or the last ones', () => {
		const scene = some();
		scene.call('DELETE', '/fapi/v1/order', { ...BTC, origClientOrderId: 'b' });
		const all = list(scene, 'allOrders', BTC);
		expect(all.body.map((row) => [row['clientOrderId'], row['status']])).toEqual([
			['a', 'NEW'],
			['b', 'CANCELED'],
			['c', 'NEW'],
		]);
		expect(clientIds(list(scene, 'allOrders'))).toEqual(['a', 'b', 'c', 'e']);
		expect(clientIds(list(scene, 'allOrders', { ...BTC, limit: 2 }))).toEqual(['b', 'c']);
		const orderId = '8389766100200300002';
		expect(clientIds(list(scene, 'allOrders', { ...BTC, orderId, limit: 1 }))).toEqual(['b']);
	});

	test('a span of at most seven days, which are the last ones unless said', () => {
		const scene = some();
		const laterMs = NOW_MS + 6 * DAY_MS;
		expect(clientIds(list(scene, 'allOrders', BTC, laterMs))).toEqual(['a', 'b', 'c']);
		expect(clientIds(list(scene, 'allOrders', BTC, laterMs + 2 * DAY_MS))).toEqual([]);
		expect(clientIds(list(scene, 'allOrders', { ...BTC, startTime: NOW_MS }, laterMs + 2 * DAY_MS))).toEqual(['a', 'b', 'c']);
		const tooLong = { ...BTC, startTime: NOW_MS - 8 * DAY_MS, endTime: NOW_MS };
		expect(list(scene, 'allOrders', tooLong).body).toMatchObject({ code: -4165 });
	});
});

describe('fills', () => {
	function traded(): FuturesScene {
		const scene = some();
		scene.place('SELL', '0.014', '64980.00', { newClientOrderId: 's' }, BOB);
		scene.place('BUY', '0.004', '64985.00', {}, BOB);
		scene.place('SELL', '0.004', '64985.00', { newClientOrderId: 'close' });
		return scene;
	}

	test('each with its ids, its money and who was there first', () => {
		const scene = traded();
		const reply = list(scene, 'userTrades', BTC);
		expect(reply.body[0]).toEqual({
			symbol: 'BTCUSDT',
			id: ANY_NUMBER,
			orderId: ANY_NUMBER,
			side: 'BUY',
			price: '64990.00',
			qty: '0.010',
			realizedPnl: '0',
			marginAsset: 'USDT',
			quoteQty: '649.90000000',
			commission: '0.12998000',
			commissionAsset: 'USDT',
			time: NOW_MS,
			positionSide: 'BOTH',
			buyer: true,
			maker: true,
		});
		expect(reply.text).toContain('"orderId":8389766100200300001');
		expect(list(scene, 'userTrades', { symbol: 'ETHUSDT' }).body).toEqual([]);
	});

	test('by order, or from a fill on', () => {
		const scene = traded();
		const all = list(scene, 'userTrades', BTC).body;
		expect(all.map((row) => row['realizedPnl'])).toEqual(['0', '0', '-0.00857142']);
		expect(list(scene, 'userTrades', { ...BTC, orderId: '8389766100200300002' }).body).toEqual([all[1]]);
		expect(list(scene, 'userTrades', { ...BTC, fromId: Number(all[1]?.['id']) }).body).toEqual(all.slice(1));
		expect(list(scene, 'userTrades', { ...BTC, fromId: 0, limit: 1 }).body).toEqual(all.slice(0, 1));
		expect(list(scene, 'userTrades', { ...BTC, limit: 1 }).body).toEqual(all.slice(2));
	});
});

describe('cancelling all', () => {
	test('of one symbol, and nobody else’s', () => {
		const scene = some();
		const reply = scene.call('DELETE', '/fapi/v1/allOpenOrders', BTC);
		expect(reply).toMatchObject({ status: 200, body: { code: 200, msg: 'The operation of cancel all open order is done.' } });
		expect(clientIds(list(scene, 'openOrders'))).toEqual(['e']);
		expect(scene.venue.exchange.openOrders(BOB.key.accounts.futures)).toHaveLength(1);
		expect(scene.call('DELETE', '/fapi/v1/allOpenOrders').body['code']).toBe(-1102);
	});

	test('when a countdown ends that was not renewed, for its symbol', () => {
		const scene = some();
		const start = (countdownTime: number, nowMs: number): Reply =>
			scene.call('POST', '/fapi/v1/countdownCancelAll', { ...BTC, countdownTime }, { nowMs });
		expect(start(60_000, NOW_MS).body).toEqual({ symbol: 'BTCUSDT', countdownTime: '60000' });
		start(60_000, NOW_MS + 50_000);
		scene.desk.tick(NOW_MS + 109_999);
		expect(clientIds(list(scene, 'openOrders'))).toEqual(['a', 'b', 'c', 'e']);
		scene.desk.tick(NOW_MS + 110_000);
		expect(clientIds(list(scene, 'openOrders'))).toEqual(['e']);
		expect(list(scene, 'allOrders', BTC).body.map((row) => row['status'])).toEqual(['CANCELED', 'CANCELED', 'CANCELED']);
		scene.place('BUY', '0.010', '64990.00', { newClientOrderId: 'after' });
		scene.desk.tick(NOW_MS + 1_000_000);
		expect(clientIds(list(scene, 'openOrders', BTC))).toEqual(['after']);
	});

	test('not when the countdown was stopped', () => {
		const scene = some();
		const start = (countdownTime: number): Reply => scene.call('POST', '/fapi/v1/countdownCancelAll', { ...BTC, countdownTime });
		start(60_000);
		expect(start(0).body).toEqual({ symbol: 'BTCUSDT', countdownTime: '0' });
		scene.desk.tick(NOW_MS + 60_000);
		expect(clientIds(list(scene, 'openOrders', BTC))).toEqual(['a', 'b', 'c']);
	});
});

test('the changes of an order, with what it was before each', () => {
	const scene = some();
	const modify = (quantity: string, price: string): Reply =>
		scene.call('PUT', '/fapi/v1/order', { ...BTC, side: 'BUY', origClientOrderId: 'a', quantity, price });
	modify('0.011', '64990.00');
	modify('0.011', '64990.00');
	const { text } = modify('0.011', '64991.00');
	const reply = list(scene, 'orderAmendment', { ...BTC, origClientOrderId: 'a' });
	expect(reply.body.map((row) => row['amendment'])).toEqual([
		{ price: { before: '64990.00', after: '64990.00' }, origQty: { before: '0.010', after: '0.011' }, count: 1 },
		{ price: { before: '64990.00', after: '64991.00' }, origQty: { before: '0.011', after: '0.011' }, count: 2 },
	]);
	expect(idIn(reply)).toBe(idIn({ ...reply, text }));
	expect(list(scene, 'orderAmendment', { ...BTC, origClientOrderId: 'b' }).body).toEqual([]);
	expect(scene.venue.exchange.openOrders(ANN.key.accounts.futures)).toHaveLength(4);
});
