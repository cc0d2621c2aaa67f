import { describe, expect, test } from 'vitest';
import { BTC, type FuturesScene, idIn, openFutures } from './futures.fixture.ts';
import { ANN, type Reply, type Row, readReply, signed, type Values } from './scene.fixture.ts';

const PATH = '/fapi/v1/batchOrders';
const ORDER = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTX', quantity: '0.010', price: '64990.00' };

function batch(scene: FuturesScene, method: string, items: readonly object[]): Reply<readonly Row[]> {
	return scene.call(method, PATH, { batchOrders: JSON.stringify(items) });
}

function cancel(scene: FuturesScene, values: Values): Reply<readonly Row[]> {
	return scene.call('DELETE', PATH, { ...BTC, ...values });
}

function codes({ body }: Reply<readonly Row[]>): readonly unknown[] {
	return body.map((row) => row['code'] ?? row['status']);
}

describe('placing several', () => {
	test('items stand or fall alone, in their order, of any symbols, with numbers as texts or as numbers', () => {
		const scene = openFutures();
		const reply = batch(scene, 'POST', [
			{ ...ORDER, newClientOrderId: 'b1' },
			{ ...ORDER, price: '64990.05' },
			{ ...ORDER, symbol: 'ETHUSDT', quantity: 0.1, price: 3290.5, newClientOrderId: 'b3' },
			{ ...ORDER, symbol: 'NONE' },
			{ ...ORDER, newClientOrderId: 'b1' },
		]);
		expect(reply.status).toBe(200);
		expect(codes(reply)).toEqual(['NEW', -4014, 'NEW', -1121, -4116]);
		expect(reply.body[0]).toMatchObject({ clientOrderId: 'b1', price: '64990.00' });
		expect(reply.body[1]).toEqual({ code: -4014, msg: 'Price not increased by tick size.' });
		expect(reply.body[2]).toMatchObject({ clientOrderId: 'b3', symbol: 'ETHUSDT', price: '3290.50', origQty: '0.100' });
		expect(reply.text).toContain('"orderId":8389766100200300002');
	});

	test.each([
		{ name: 'six orders', batchOrders: JSON.stringify(Array.from({ length: 6 }, () => ORDER)), code: -4082 },
		{ name: 'no order', batchOrders: '[]', code: -4082 },
		{ name: 'no list', batchOrders: '{}', code: -1130 },
		{ name: 'no JSON', batchOrders: '[{', code: -1130 },
		{ name: 'nothing', batchOrders: '', code: -1102 },
	])('$name is refused as a whole with $code', ({ batchOrders, code }) => {
		const scene = openFutures();
		expect(scene.call('POST', PATH, { batchOrders })).toMatchObject({ status: 400, body: { code } });
		expect(scene.call('PUT', PATH, { batchOrders })).toMatchObject({ status: 400, body: { code } });
		expect(scene.venue.exchange.openOrders(ANN.key.accounts.futures)).toEqual([]);
	});

	test('an item that is no object fails alone', () => {
		const scene = openFutures();
		const reply = scene.call<readonly Row[]>('POST', PATH, { batchOrders: `[7,${JSON.stringify(ORDER)}]` });
		expect(codes(reply)).toEqual([-1130, 'NEW']);
	});

	test('brackets and quotes that a client sends bare in a form body are read, and signed as they stand', () => {
		const scene = openFutures();
		const body = `batchOrders=${JSON.stringify([ORDER])}&timestamp=1771000000123`;
		const request = { ...signed('POST', PATH, {}), query: '', body: `${body}&signature=${ANN.sign(body)}` };
		const reply = readReply<readonly Row[]>(scene.handle(request, 1_771_000_000_123));
		expect(codes(reply)).toEqual(['NEW']);
	});
});

test('modifying several: each is answered like a change of its own', () => {
	const scene = openFutures();
	scene.place('BUY', '0.010', '64990.00', { newClientOrderId: 'a' });
	scene.place('BUY', '0.010', '64980.00', { newClientOrderId: 'b' });
	const change = { symbol: 'BTCUSDT', side: 'BUY', quantity: '0.011', price: '64970.00' };
	const reply = batch(scene, 'PUT', [
		{ ...change, origClientOrderId: 'a' },
		{ ...change, origClientOrderId: 'nobody' },
		{ ...change, origClientOrderId: 'b', quantity: '0.010', price: '64980.00' },
	]);
	expect(codes(reply)).toEqual(['NEW', -2013, -5027]);
	expect(reply.body[0]).toMatchObject({ clientOrderId: 'a', price: '64970.00', origQty: '0.011' });
});

describe('cancelling several', () => {
	function threeOrders(): { scene: FuturesScene; ids: readonly string[] } {
		const scene = openFutures();
		const ids = ['a', 'b', 'c'].map((id) => idIn(scene.place('BUY', '0.010', '64990.00', { newClientOrderId: id })));
		return { scene, ids };
	}

	test.each([
		{ name: 'ids as numbers', values: (ids: readonly string[]) => ({ orderIdList: `[${ids.join(',')}]` }) },
		{ name: 'ids as texts', values: (ids: readonly string[]) => ({ orderIdList: JSON.stringify(ids) }) },
		{ name: 'the name in small letters', values: (ids: readonly string[]) => ({ orderidlist: JSON.stringify(ids) }) },
		{ name: 'client ids', values: () => ({ origClientOrderIdList: '["a","b","c"]' }) },
		{ name: 'their name in small letters', values: () => ({ origclientorderidlist: '["a","b","c"]' }) },
	])('$name', ({ values }) => {
		const { scene, ids } = threeOrders();
		const reply = cancel(scene, values(ids));
		expect(codes(reply)).toEqual(['CANCELED', 'CANCELED', 'CANCELED']);
		expect(reply.body.map((row) => row['clientOrderId'])).toEqual(['a', 'b', 'c']);
		expect(scene.venue.exchange.openOrders(ANN.key.accounts.futures)).toEqual([]);
	});

	test('one that is gone fails alone', () => {
		const { scene } = threeOrders();
		expect(codes(cancel(scene, { origClientOrderIdList: '["a","x","b"]' }))).toEqual(['CANCELED', -2011, 'CANCELED']);
	});

	test.each([
		{
			name: 'eleven ids',
			values: { orderIdList: JSON.stringify(Array.from({ length: 11 }, (_, index) => index + 1)) },
			code: -4032,
		},
		{ name: 'an empty list', values: { orderIdList: '[]' }, code: -1130 },
		{ name: 'no list', values: { orderIdList: '7' }, code: -1130 },
		{ name: 'nothing', values: {}, code: -1102 },
	])('$name is refused with $code', ({ values, code }) => {
		const { scene } = threeOrders();
		expect(cancel(scene, values as Values).body).toMatchObject({ code });
		expect(scene.venue.exchange.openOrders(ANN.key.accounts.futures)).toHaveLength(3);
	});
});
