import { describe, expect, test } from 'vitest';
import { BTC, type FuturesScene, idIn, openFutures } from './futures.fixture.ts';
import { ANN, BOB, NOW_MS, type Reply, type Values } from './scene.fixture.ts';

const ANY_NUMBER: unknown = expect.any(Number);
const ANY_TEXT: unknown = expect.any(String);

const ORDER: Values = { ...BTC, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.010', price: '64990.00' };

function send(scene: FuturesScene, changes: Record<string, string | number | undefined>, path = '/fapi/v1/order'): Reply {
	const values = Object.entries({ ...ORDER, ...changes }).filter(
		(entry): entry is [string, string | number] => entry[1] !== undefined,
	);
	return scene.call('POST', path, Object.fromEntries(values));
}

function modify(scene: FuturesScene, values: Values): Reply {
	return scene.call('PUT', '/fapi/v1/order', { ...BTC, side: 'BUY', ...values });
}

function ask(scene: FuturesScene, values: Values): Reply {
	return scene.call('GET', '/fapi/v1/order', { ...BTC, ...values });
}

/** Bob sells so much to whoever stands at this price. */
function sell(scene: FuturesScene, quantity: string, price: string): void {
	expect(scene.place('SELL', quantity, price, { timeInForce: 'IOC' }, BOB).status).toBe(200);
}

describe('placing', () => {
	test('the answer has every member under its name, and an id that a double cannot hold', () => {
		const scene = openFutures();
		const reply = send(scene, { newClientOrderId: 'mm:1a/2b', timeInForce: 'GTX' });
		expect(reply.status).toBe(200);
		expect(idIn(reply)).toBe('8389766100200300001');
		expect(reply.body).toEqual({
			orderId: ANY_NUMBER,
			symbol: 'BTCUSDT',
			status: 'NEW',
			clientOrderId: 'mm:1a/2b',
			price: '64990.00',
			avgPrice: '0.00',
			origQty: '0.010',
			executedQty: '0.000',
			cumQty: '0.000',
			cumQuote: '0',
			timeInForce: 'GTX',
			type: 'LIMIT',
			reduceOnly: false,
			closePosition: false,
			side: 'BUY',
			positionSide: 'BOTH',
			stopPrice: '0.00',
			workingType: 'CONTRACT_PRICE',
			priceProtect: false,
			origType: 'LIMIT',
			priceMatch: 'NONE',
			selfTradePreventionMode: 'EXPIRE_MAKER',
			goodTillDate: 0,
			updateTime: NOW_MS,
		});
	});

	test('an order without an id of its own gets one, another for each', () => {
		const scene = openFutures();
		const [first, second] = [send(scene, {}).body['clientOrderId'], send(scene, {}).body['clientOrderId']];
		expect(first).toMatch(/^[a-zA-Z0-9]{22}$/);
		expect(second).not.toBe(first);
	});

	test.each([
		{ name: 'a market order', order: { type: 'MARKET', timeInForce: undefined, price: undefined }, status: 'FILLED' },
		{
			name: 'an order that takes or goes',
			order: { timeInForce: 'IOC', price: '65000.00', quantity: '0.030' },
			status: 'EXPIRED',
		},
	])('$name shows its end if the result is asked for, and else that it came in', ({ order, status }) => {
		for (const [newOrderRespType, shown] of [
			['RESULT', status],
			['ACK', 'NEW'],
		] as const) {
			const scene = openFutures();
			scene.place('SELL', '0.010', '65000.00', {}, BOB);
			const { body } = send(scene, { ...order, newOrderRespType });
			expect(body).toMatchObject(
				shown === 'NEW'
					? { status: 'NEW', executedQty: '0.000', avgPrice: '0.00' }
					: { status, executedQty: '0.010', avgPrice: '65000.00', cumQuote: '650.00000000' },
			);
		}
	});

	test.each([
		{ name: 'an unknown symbol', change: { symbol: 'BTCUSDC' }, code: -1121 },
		{ name: 'no side', change: { side: undefined }, code: -1102 },
		{ name: 'a side of another kind', change: { side: 'LONG' }, code: -1117 },
		{ name: 'an unknown type', change: { type: 'LIMIT_MAKER' }, code: -1116 },
		{ name: 'a conditional order', change: { type: 'STOP_MARKET', stopPrice: '60000' }, code: -4120 },
		{ name: 'a limit order without time in force', change: { timeInForce: undefined }, code: -1102 },
		{ name: 'an unknown time in force', change: { timeInForce: 'RPI' }, code: -1115 },
		{ name: 'no quantity', change: { quantity: undefined }, code: -1102 },
		{ name: 'a quantity of nothing', change: { quantity: '0.000' }, code: -4003 },
		{ name: 'a quantity between two steps', change: { quantity: '0.0105' }, code: -1111 },
		{ name: 'too large a quantity', change: { quantity: '1000.001' }, code: -4005 },
		{ name: 'a price of nothing', change: { price: '0' }, code: -4001 },
		{ name: 'a price off the tick', change: { price: '64990.05' }, code: -4014 },
		{ name: 'a price with more decimals than there are', change: { price: '64990.001' }, code: -1111 },
		{ name: 'a buy too far above the mark', change: { price: '68250.10' }, code: -4016 },
		{ name: 'a sell too far below it', change: { side: 'SELL', price: '61749.90' }, code: -4024 },
		{ name: 'too small a value', change: { quantity: '0.001', price: '40000' }, code: -4164 },
		{ name: 'more than the margin', change: { quantity: '200' }, code: -2019 },
		{ name: 'closing where there is nothing', change: { reduceOnly: 'true' }, code: -2022 },
		{ name: 'a client id with a blank', change: { newClientOrderId: 'a b' }, code: -4015 },
		{ name: 'a client id of 37 letters', change: { newClientOrderId: 'a'.repeat(37) }, code: -4015 },
		{ name: 'one side of two positions', change: { positionSide: 'LONG' }, code: -4061 },
		{ name: 'a position side that is none', change: { positionSide: 'UP' }, code: -4060 },
		{ name: 'closing the position by a limit order', change: { closePosition: 'true' }, code: -4136 },
		{ name: 'an unknown self-trade mode', change: { selfTradePreventionMode: 'DECREMENT' }, code: -5039 },
		{ name: 'an unknown response type', change: { newOrderRespType: 'FULL' }, code: -1136 },
		{ name: 'a price beside a matched price', change: { priceMatch: 'QUEUE' }, code: -5037 },
		{ name: 'a matched price on a side that is empty', change: { priceMatch: 'QUEUE', price: undefined }, code: -5041 },
		{ name: 'a market order with a price', change: { type: 'MARKET', timeInForce: undefined }, code: -1106 },
		{ name: 'an end date without the time in force for it', change: { goodTillDate: NOW_MS + 700_000 }, code: -1106 },
		{ name: 'an end date that is missing', change: { timeInForce: 'GTD' }, code: -1102 },
		{ name: 'an end date too soon', change: { timeInForce: 'GTD', goodTillDate: NOW_MS + 600_000 }, code: -5040 },
		{ name: 'an order that cannot fill at once', change: { timeInForce: 'FOK' }, code: -5021 },
	])('$name is refused with $code and leaves no trace', ({ change, code }) => {
		const scene = openFutures();
		const before = scene.venue.exchange.stateHash();
		const reply = send(scene, change);
		expect(reply).toMatchObject({ status: 400, body: { code, msg: ANY_TEXT } });
		expect(scene.venue.exchange.stateHash()).toBe(before);
		// A test of the same order says the same.
		expect(send(scene, change, '/fapi/v1/order/test').body).toEqual(reply.body);
	});

	test('a test of a good order answers with nothing and does nothing', () => {
		const scene = openFutures();
		const before = scene.venue.exchange.stateHash();
		expect(send(scene, {}, '/fapi/v1/order/test').body).toEqual({});
		expect(scene.venue.exchange.stateHash()).toBe(before);
	});

	test('a post-only order that would take is refused at once, and is in no history', () => {
		const scene = openFutures();
		scene.place('SELL', '0.010', '64990.00', {}, BOB);
		expect(send(scene, { timeInForce: 'GTX', newClientOrderId: 'mm-1' })).toMatchObject({
			status: 400,
			body: { code: -5022, msg: 'Due to the order could not be executed as maker, the Post Only order will be rejected.' },
		});
		expect(ask(scene, { origClientOrderId: 'mm-1' }).body['code']).toBe(-2013);
	});

	test('an order that takes all or nothing takes all where there is enough within its price', () => {
		const scene = openFutures();
		scene.place('SELL', '0.010', '64980.00', {}, BOB);
		scene.place('SELL', '0.010', '64990.00', {}, BOB);
		scene.place('SELL', '0.010', '64990.10', {}, BOB);
		expect(send(scene, { timeInForce: 'FOK', quantity: '0.021' }).body['code']).toBe(-5021);
		expect(send(scene, { timeInForce: 'FOK', quantity: '0.020', newOrderRespType: 'RESULT' }).body).toMatchObject({
			status: 'FILLED',
			avgPrice: '64985.00',
		});
	});

	test('a client id is taken while its order is open, and free again after', () => {
		const scene = openFutures();
		expect(send(scene, { newClientOrderId: 'mm-1' }).status).toBe(200);
		expect(send(scene, { newClientOrderId: 'mm-1' }).body['code']).toBe(-4116);
		scene.call('DELETE', '/fapi/v1/order', { ...BTC, origClientOrderId: 'mm-1' });
		expect(send(scene, { newClientOrderId: 'mm-1' }).status).toBe(200);
	});

	test('a matched price is that of the book, and stays named on the order', () => {
		const scene = openFutures();
		for (const price of ['64900.00', '64910.00', '64920.00', '64930.00', '64940.00']) scene.place('BUY', '0.010', price, {}, BOB);
		expect(send(scene, { price: undefined, priceMatch: 'QUEUE' }).body).toMatchObject({ price: '64940.00', priceMatch: 'QUEUE' });
		expect(send(scene, { price: undefined, priceMatch: 'QUEUE_5' }).body['price']).toBe('64900.00');
		expect(send(scene, { price: undefined, priceMatch: 'OPPONENT_5', side: 'SELL' }).body['price']).toBe('64900.00');
		expect(send(scene, { price: undefined, priceMatch: 'QUEUE_10' }).body['code']).toBe(-5041);
	});

	test('an order with an end date ends then, to the second, and not before', () => {
		const scene = openFutures();
		const endMs = NOW_MS - 123 + 601_000;
		const placed = send(scene, { timeInForce: 'GTD', goodTillDate: endMs + 999, newClientOrderId: 'mm-1' });
		expect(placed.body).toMatchObject({ timeInForce: 'GTD', goodTillDate: endMs, status: 'NEW' });
		scene.desk.tick(endMs - 1);
		expect(ask(scene, { origClientOrderId: 'mm-1' }).body['status']).toBe('NEW');
		scene.desk.tick(endMs);
		expect(ask(scene, { origClientOrderId: 'mm-1' }).body).toMatchObject({ status: 'EXPIRED', timeInForce: 'GTD' });
	});

	test('what an order was told is known while it is told of for the first time, and of no other order', () => {
		const scene = openFutures();
		scene.place('SELL', '0.004', '64990.00', {}, BOB);
		const told: unknown[] = [];
		scene.venue.exchange.subscribe((event) => {
			if (event.kind === 'order') told.push([event.order.accountId, scene.desk.terms.of(event.order).goodTillMs]);
		});
		const endMs = NOW_MS - 123 + 601_000;
		send(scene, { timeInForce: 'GTD', goodTillDate: endMs });
		expect(told).toEqual([
			[ANN.key.accounts.futures, endMs],
			[BOB.key.accounts.futures, 0],
			[ANN.key.accounts.futures, endMs],
		]);
	});

	test('the order that comes in decides which one goes when an account meets itself', () => {
		const scene = openFutures();
		scene.place('SELL', '0.010', '64990.00', { newClientOrderId: 'maker' });
		const taken = send(scene, {
			newClientOrderId: 'taker',
			selfTradePreventionMode: 'EXPIRE_TAKER',
			timeInForce: 'IOC',
			newOrderRespType: 'RESULT',
		});
		expect(taken.body['status']).toBe('EXPIRED_IN_MATCH');
		expect(ask(scene, { origClientOrderId: 'maker' }).body['status']).toBe('NEW');
		send(scene, { selfTradePreventionMode: 'EXPIRE_MAKER' });
		expect(ask(scene, { origClientOrderId: 'maker' }).body['status']).toBe('EXPIRED_IN_MATCH');
	});
});

describe('modifying', () => {
	function resting(more: Values = {}): FuturesScene {
		const scene = openFutures();
		expect(send(scene, { newClientOrderId: 'mm-1', ...more }).status).toBe(200);
		return scene;
	}

	test('price and quantity change, both ids stay, self-trade prevention goes, the name of the change is echoed', () => {
		const scene = resting();
		const reply = modify(scene, {
			origClientOrderId: 'mm-1',
			quantity: '0.012',
			price: '64991.00',
			modifyId: '9007199254740993',
		});
		expect(idIn(reply)).toBe('8389766100200300001');
		expect(reply.text).toContain('"modifyId":9007199254740993');
		expect(reply.body).toMatchObject({
			clientOrderId: 'mm-1',
			price: '64991.00',
			origQty: '0.012',
			status: 'NEW',
			selfTradePreventionMode: 'NONE',
		});
		expect(
			modify(scene, { orderId: idIn(reply), origClientOrderId: 'nobody', quantity: '0.012', price: '64992.00' }).status,
		).toBe(200);
	});

	test('the order goes to the back of its queue even where it only shrinks', () => {
		const scene = resting();
		scene.place('BUY', '0.010', '64990.00', {}, BOB);
		expect(modify(scene, { origClientOrderId: 'mm-1', quantity: '0.009', price: '64990.00' }).status).toBe(200);
		scene.place('SELL', '0.010', '64990.00', { selfTradePreventionMode: 'NONE' }, BOB);
		expect(ask(scene, { origClientOrderId: 'mm-1' }).body).toMatchObject({ executedQty: '0.000', status: 'NEW' });
	});

	test.each([
		{ name: 'nothing new', change: { quantity: '0.010', price: '64990.00' }, code: -5027 },
		{ name: 'a price off the tick', change: { quantity: '0.010', price: '64990.05' }, code: -4014 },
		{ name: 'a price outside the band', change: { quantity: '0.010', price: '70000' }, code: -4016 },
		{ name: 'too small a value', change: { quantity: '0.001', price: '40000' }, code: -4164 },
		{ name: 'no quantity', change: { price: '64991.00' }, code: -1102 },
		{ name: 'no price', change: { quantity: '0.011' }, code: -1102 },
		{ name: 'the other side', change: { quantity: '0.011', price: '64991.00', side: 'SELL' }, code: -1117 },
		{ name: 'closing only, which it is not', change: { quantity: '0.011', price: '64991.00', reduceOnly: 'true' }, code: -5047 },
	])('to $name is refused with $code, and the order stays as it was', ({ change, code }) => {
		const scene = resting();
		const before = scene.venue.exchange.stateHash();
		const reply = modify(scene, { origClientOrderId: 'mm-1', ...change });
		expect(reply).toMatchObject({ status: 400, body: { code } });
		expect(scene.venue.exchange.stateHash()).toBe(before);
		expect(ask(scene, { origClientOrderId: 'mm-1' }).body).toMatchObject({
			status: 'NEW',
			selfTradePreventionMode: 'EXPIRE_MAKER',
		});
	});

	test.each([
		{ name: 'to what is filled already', quantity: '0.004' },
		{ name: 'to less', quantity: '0.002' },
	])('a partly filled order that is cut $name is cancelled', ({ quantity }) => {
		const scene = resting();
		sell(scene, '0.004', '64990.00');
		expect(modify(scene, { origClientOrderId: 'mm-1', quantity, price: '64990.00' })).toMatchObject({
			status: 200,
			body: { status: 'CANCELED', origQty: '0.010', executedQty: '0.004' },
		});
		expect(ask(scene, { origClientOrderId: 'mm-1' }).body['status']).toBe('CANCELED');
	});

	test('a post-only order that would take at its new price is gone, another one takes', () => {
		const postOnly = resting({ timeInForce: 'GTX' });
		postOnly.place('SELL', '0.004', '65000.00', {}, BOB);
		const gone = modify(postOnly, { origClientOrderId: 'mm-1', quantity: '0.010', price: '65000.00' });
		expect(gone).toMatchObject({ status: 200, body: { status: 'EXPIRED', price: '64990.00', executedQty: '0.000' } });
		expect(modify(postOnly, { origClientOrderId: 'mm-1', quantity: '0.010', price: '64980.00' }).body['code']).toBe(-2013);

		const usual = resting();
		usual.place('SELL', '0.004', '65000.00', {}, BOB);
		expect(modify(usual, { origClientOrderId: 'mm-1', quantity: '0.010', price: '65000.00' }).body).toMatchObject({
			status: 'PARTIALLY_FILLED',
			executedQty: '0.004',
		});
	});

	test('once modified an order may trade with its own account', () => {
		const scene = resting();
		scene.place('SELL', '0.004', '65000.00', { newClientOrderId: 'own' });
		expect(modify(scene, { origClientOrderId: 'mm-1', quantity: '0.010', price: '65000.00' }).body['executedQty']).toBe('0.004');
		expect(ask(scene, { origClientOrderId: 'own' }).body['status']).toBe('FILLED');
	});

	test('so many times and no more', () => {
		const scene = resting();
		const order = scene.venue.exchange.openOrders(ANN.key.accounts.futures)[0];
		if (order === undefined) throw new Error('the order is gone');
		scene.desk.terms.set(order.orderId, { ...scene.desk.terms.of(order), modifyCount: 9_999 });
		expect(modify(scene, { origClientOrderId: 'mm-1', quantity: '0.011', price: '64990.00' }).status).toBe(200);
		expect(modify(scene, { origClientOrderId: 'mm-1', quantity: '0.012', price: '64990.00' }).body['code']).toBe(-5026);
	});

	test('what a change is called is known while it is told of', () => {
		const scene = resting();
		const told: string[] = [];
		scene.venue.exchange.subscribe((event) => {
			if (event.kind === 'order') told.push(scene.desk.terms.of(event.order).modifyId);
		});
		modify(scene, { origClientOrderId: 'mm-1', quantity: '0.011', price: '64990.00', modifyId: '7' });
		modify(scene, { origClientOrderId: 'mm-1', quantity: '0.012', price: '64990.00' });
		expect(told).toEqual(['7', '']);
	});

	test('while a symbol is halted there is a code of its own', () => {
		const scene = resting();
		scene.venue.exchange.setStatus('binance-futures:BTCUSDT', 'cancel-only', NOW_MS);
		expect(modify(scene, { origClientOrderId: 'mm-1', quantity: '0.011', price: '64990.00' }).body['code']).toBe(-5024);
		expect(send(scene, {}).body['code']).toBe(-1122);
	});
});

describe('cancelling and asking', () => {
	test('by either id; the venue’s wins', () => {
		const scene = openFutures();
		const id = idIn(send(scene, { newClientOrderId: 'mm-1' }));
		send(scene, { newClientOrderId: 'mm-2' });
		const reply = scene.call('DELETE', '/fapi/v1/order', { ...BTC, orderId: id, origClientOrderId: 'mm-2' });
		expect(reply.body).toMatchObject({ clientOrderId: 'mm-1', status: 'CANCELED', executedQty: '0.000' });
		expect(scene.call('DELETE', '/fapi/v1/order', { ...BTC, origClientOrderId: 'mm-2' }).body['status']).toBe('CANCELED');
	});

	test.each([
		{ name: 'one that is gone', values: { origClientOrderId: 'mm-1' }, code: -2011, asked: 'CANCELED' },
		{ name: 'one that never was', values: { orderId: '8389766100200300999' }, code: -2011, asked: -2013 },
		{ name: 'an id that is none of this market', values: { orderId: '12' }, code: -2011, asked: -2013 },
		{ name: 'no id', values: {}, code: -1102, asked: -1102 },
		{ name: 'an id that is no number', values: { orderId: 'mm-1' }, code: -1100, asked: -1100 },
	])('$name: cancelling says $code, asking says $asked', ({ values, code, asked }) => {
		const scene = openFutures();
		send(scene, { newClientOrderId: 'mm-1' });
		scene.call('DELETE', '/fapi/v1/order', { ...BTC, origClientOrderId: 'mm-1' });
		expect(scene.call('DELETE', '/fapi/v1/order', { ...BTC, ...values })).toMatchObject({
			status: 400,
			body: { code },
		});
		const { body } = ask(scene, values);
		expect(body['status'] ?? body['code']).toBe(asked);
	});

	test('an order of somebody else, or of another symbol, does not exist', () => {
		const scene = openFutures();
		const orderId = idIn(send(scene, {}));
		expect(scene.call('GET', '/fapi/v1/order', { ...BTC, orderId }, { client: BOB }).body['code']).toBe(-2013);
		expect(scene.call('GET', '/fapi/v1/order', { symbol: 'ETHUSDT', orderId }).body['code']).toBe(-2013);
		expect(scene.call('DELETE', '/fapi/v1/order', { ...BTC, orderId }, { client: BOB }).body['code']).toBe(-2011);
	});

	test('a query adds when it came and what it has cost; openOrder knows open ones only', () => {
		const scene = openFutures();
		send(scene, { newClientOrderId: 'mm-1' });
		sell(scene, '0.004', '64990.00');
		expect(ask(scene, { origClientOrderId: 'mm-1' }).body).toMatchObject({
			status: 'PARTIALLY_FILLED',
			avgPrice: '64990.00',
			cumQuote: '259.96000000',
			time: NOW_MS,
		});
		const open = (): Reply => scene.call('GET', '/fapi/v1/openOrder', { ...BTC, origClientOrderId: 'mm-1' });
		expect(open().body['status']).toBe('PARTIALLY_FILLED');
		scene.call('DELETE', '/fapi/v1/order', { ...BTC, origClientOrderId: 'mm-1' });
		expect(open().body['code']).toBe(-2013);
	});
});
