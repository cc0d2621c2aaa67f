/** Orders on spot over REST: what each answer says, and every way of being refused. */
import { describe, expect, test } from 'vitest';
import { BOB, NOW_MS, openRest, type RestDesk, type Row, SPOT_ORDER, type Values } from './scene.fixture.ts';

const ORDER = '/api/v3/order';
const SYMBOL = { symbol: 'BTCUSDT' };
const POST_ONLY = { ...SYMBOL, side: 'BUY', type: 'LIMIT_MAKER', quantity: '0.01', price: '64990.00' };
const MARKET = { ...SYMBOL, side: 'BUY', type: 'MARKET', quantity: '0.01' };

function place(desk: RestDesk, more: Values = {}, options = {}) {
	return desk.call('POST', ORDER, { ...SPOT_ORDER, ...more }, options);
}

/** Bob sells so much of it at 65 000. */
function offer(desk: RestDesk, quantity = '0.01', price = '65000.00'): void {
	expect(place(desk, { side: 'SELL', quantity, price }, { client: BOB }).status).toBe(200);
}

function openIds(desk: RestDesk): unknown[] {
	return desk.call<Row[]>('GET', '/api/v3/openOrders', SYMBOL).body.map((row) => row['clientOrderId']);
}

describe('the answer to a new order', () => {
	const ack = { symbol: 'BTCUSDT', orderId: 4_100_200_001, orderListId: -1, clientOrderId: 'mm-1', transactTime: NOW_MS };
	const result = {
		...ack,
		price: '64990.00000000',
		origQty: '0.01000000',
		executedQty: '0.00000000',
		origQuoteOrderQty: '0.00000000',
		cummulativeQuoteQty: '0.00000000',
		status: 'NEW',
		timeInForce: 'GTC',
		type: 'LIMIT',
		side: 'BUY',
		workingTime: NOW_MS,
		selfTradePreventionMode: 'EXPIRE_MAKER',
	};
	const cases = [
		{ name: 'is full for a limit order', more: {}, expected: { ...result, fills: [] } },
		{ name: 'has no fills as a result', more: { newOrderRespType: 'RESULT' }, expected: result },
		{ name: 'is short if asked so', more: { newOrderRespType: 'ACK' }, expected: ack },
	];
	for (const { name, more, expected } of cases) {
		test(name, () => {
			expect(place(openRest(), { newClientOrderId: 'mm-1', ...more })).toMatchObject({ status: 200 });
			expect(place(openRest(), { newClientOrderId: 'mm-1', ...more }).body).toEqual(expected);
		});
	}

	test('is short for a post-only order', () => {
		const answer = openRest().call('POST', ORDER, { ...POST_ONLY, newClientOrderId: 'mm-1' });
		expect(answer.body).toEqual(ack);
	});

	test('has every fill, with the fee in the coin received', () => {
		const desk = openRest();
		offer(desk, '0.004', '65000.00');
		offer(desk, '0.010', '65001.00');
		const { body } = desk.call('POST', ORDER, MARKET);
		expect(body).toMatchObject({
			type: 'MARKET',
			timeInForce: 'GTC',
			status: 'FILLED',
			price: '0.00000000',
			executedQty: '0.01000000',
			cummulativeQuoteQty: '650.00600000',
			fills: [
				{ price: '65000.00000000', qty: '0.00400000', commission: '0.00000400', commissionAsset: 'BTC', tradeId: 880_001 },
				{ price: '65001.00000000', qty: '0.00600000', commission: '0.00000600', commissionAsset: 'BTC', tradeId: 880_002 },
			],
		});
	});

	test('for an amount tells the quantity it came to', () => {
		const desk = openRest();
		offer(desk, '1', '65000.00');
		const { body } = desk.call('POST', ORDER, { ...SYMBOL, side: 'BUY', type: 'MARKET', quoteOrderQty: '1000' });
		expect(body).toMatchObject({
			status: 'FILLED',
			origQuoteOrderQty: '1000.00000000',
			origQty: '0.01538000',
			executedQty: '0.01538000',
			cummulativeQuoteQty: '999.70000000',
		});
	});

	test('for more than the book has tells what it got', () => {
		const desk = openRest();
		offer(desk);
		const { body } = desk.call('POST', ORDER, { ...SYMBOL, side: 'BUY', type: 'MARKET', quoteOrderQty: '10000' });
		expect(body).toMatchObject({
			status: 'EXPIRED',
			origQuoteOrderQty: '10000.00000000',
			origQty: '0.01000000',
			executedQty: '0.01000000',
		});
	});

	test.each([
		{ timeInForce: 'IOC', status: 'EXPIRED', executedQty: '0.01000000', expiryReason: 'UNFILLED_IOC_QUANTITY_EXPIRED' },
		{ timeInForce: 'FOK', status: 'EXPIRED', executedQty: '0.00000000', expiryReason: 'UNFILLED_FOK_ORDER_EXPIRED' },
	])('of $timeInForce tells why the rest expired', ({ timeInForce, ...expected }) => {
		const desk = openRest();
		offer(desk);
		expect(place(desk, { timeInForce, price: '65000.00', quantity: '0.02' }).body).toMatchObject(expected);
	});

	test('names an order that was given no name', () => {
		expect(String(place(openRest()).body['clientOrderId'])).toMatch(/^[a-zA-Z0-9]{22}$/);
	});
});

describe('a new order is refused', () => {
	const cases: readonly { readonly name: string; readonly given: Values; readonly code: number; readonly msg: string }[] = [
		{
			name: 'without a symbol',
			given: { symbol: '' },
			code: -1102,
			msg: "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
		},
		{ name: 'on an unknown symbol', given: { symbol: 'NIXUSDT' }, code: -1121, msg: 'Invalid symbol.' },
		{ name: 'with no side there is', given: { side: 'HOLD' }, code: -1117, msg: 'Invalid side.' },
		{ name: 'with no type there is', given: { type: 'GUESS' }, code: -1116, msg: 'Invalid orderType.' },
		{ name: 'with no time in force there is', given: { timeInForce: 'GTX' }, code: -1115, msg: 'Invalid timeInForce.' },
		{
			name: 'without a price',
			given: { price: '' },
			code: -1102,
			msg: "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
		},
		{
			name: 'with a price that is no number',
			given: { price: '6e4' },
			code: -1100,
			msg: "Illegal characters found in parameter 'price'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
		},
		{
			name: 'with nine decimals',
			given: { price: '64990.000000001' },
			code: -1111,
			msg: 'Precision is over the maximum defined for this asset.',
		},
		{ name: 'off the price grid', given: { price: '64990.001' }, code: -1013, msg: 'Filter failure: PRICE_FILTER' },
		{ name: 'at no price', given: { price: '0' }, code: -1013, msg: 'Filter failure: PRICE_FILTER' },
		{
			name: 'above the highest price',
			given: { price: '1000000.01', side: 'SELL' },
			code: -1013,
			msg: 'Filter failure: PRICE_FILTER',
		},
		{ name: 'off the quantity grid', given: { quantity: '0.010001' }, code: -1013, msg: 'Filter failure: LOT_SIZE' },
		{ name: 'of nothing', given: { quantity: '0' }, code: -1013, msg: 'Filter failure: LOT_SIZE' },
		{
			name: 'that is too large',
			given: { quantity: '9001', price: '200.00', type: 'LIMIT', side: 'SELL' },
			code: -1013,
			msg: 'Filter failure: LOT_SIZE',
		},
		{
			name: 'that is worth too little',
			given: { quantity: '0.00007', price: '64990.00' },
			code: -1013,
			msg: 'Filter failure: NOTIONAL',
		},
		{
			name: 'that is worth too much',
			given: { quantity: '139', price: '64990.00' },
			code: -1013,
			msg: 'Filter failure: NOTIONAL',
		},
		{ name: 'far above the market', given: { price: '117000.01' }, code: -1013, msg: 'Filter failure: PERCENT_PRICE_BY_SIDE' },
		{ name: 'far below it', given: { price: '12999.99' }, code: -1013, msg: 'Filter failure: PERCENT_PRICE_BY_SIDE' },
		{
			name: 'to sell far above it',
			given: { price: '325000.01', side: 'SELL' },
			code: -1013,
			msg: 'Filter failure: PERCENT_PRICE_BY_SIDE',
		},
		{
			name: 'that nobody can pay',
			given: { quantity: '8' },
			code: -2010,
			msg: 'Account has insufficient balance for requested action.',
		},
		{
			name: 'post-only with a time in force',
			given: { type: 'LIMIT_MAKER' },
			code: -1106,
			msg: "Parameter 'timeInForce' sent when not required.",
		},
		{
			name: 'with a stop price',
			given: { stopPrice: '60000.00' },
			code: -1106,
			msg: "Parameter 'stopPrice' sent when not required.",
		},
		{
			name: 'that waits for a price',
			given: { type: 'STOP_LOSS' },
			code: -2010,
			msg: 'Stop loss orders are not supported for this symbol.',
		},
		{
			name: 'with a name that is too long',
			given: { newClientOrderId: 'x'.repeat(37) },
			code: -1100,
			msg: "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
		},
		{
			name: 'that prevents self-trade in a way unknown',
			given: { selfTradePreventionMode: 'DECREMENT' },
			code: -1130,
			msg: "Data sent for parameter 'selfTradePreventionMode' is not valid.",
		},
		{ name: 'that wants another answer', given: { newOrderRespType: 'SHORT' }, code: -1136, msg: 'Invalid newOrderRespType.' },
	];
	for (const { name, given, code, msg } of cases) {
		test(name, () => {
			const desk = openRest();
			const { status, body } = place(desk, given);
			expect({ status, body }).toEqual({ status: 400, body: { code, msg } });
			expect(openIds(desk)).toEqual([]);
		});
	}

	test('at market with a price, or with both sizes, or with neither', () => {
		const desk = openRest();
		const { quantity: _, ...sizeless } = MARKET;
		expect(desk.call('POST', ORDER, { ...MARKET, price: '1.00' }).body).toMatchObject({ code: -1106 });
		expect(desk.call('POST', ORDER, { ...MARKET, quoteOrderQty: '10' }).body).toMatchObject({ code: -1106 });
		expect(desk.call('POST', ORDER, sizeless).body).toMatchObject({ code: -1102 });
		expect(desk.call('POST', ORDER, { ...MARKET, quantity: '100.1' }).body).toMatchObject({
			msg: 'Filter failure: MARKET_LOT_SIZE',
		});
	});

	test('at market where nobody offers: it expires', () => {
		const { status, body } = openRest().call('POST', ORDER, MARKET);
		expect(status).toBe(200);
		expect(body).toMatchObject({ status: 'EXPIRED', expiryReason: 'INSUFFICIENT_LIQUIDITY', fills: [] });
	});

	test('post-only where it would trade, without a trace', () => {
		const desk = openRest();
		offer(desk);
		const { status, body } = desk.call('POST', ORDER, { ...POST_ONLY, price: '65000.00', newClientOrderId: 'mm-1' });
		expect({ status, body }).toEqual({ status: 400, body: { code: -2010, msg: 'Order would immediately match and take.' } });
		expect(desk.call('GET', ORDER, { ...SYMBOL, origClientOrderId: 'mm-1' }).body).toEqual({
			code: -2013,
			msg: 'Order does not exist.',
		});
	});

	test('with the name of an open order, and not with that of one that is done', () => {
		const desk = openRest();
		const first = place(desk, { newClientOrderId: 'mm-1' });
		expect(place(desk, { newClientOrderId: 'mm-1' }).body).toEqual({ code: -2010, msg: 'Duplicate order sent.' });
		expect(desk.call('DELETE', ORDER, { ...SYMBOL, origClientOrderId: 'mm-1' }).status).toBe(200);
		const second = place(desk, { newClientOrderId: 'mm-1' });
		expect(second.status).toBe(200);
		expect(second.body['orderId']).not.toBe(first.body['orderId']);
		expect(desk.call('GET', ORDER, { ...SYMBOL, origClientOrderId: 'mm-1' }).body).toMatchObject({ status: 'NEW' });
	});

	test('when two hundred stand already', () => {
		const desk = openRest();
		for (let count = 0; count < 200; count += 1) expect(place(desk, { quantity: '0.0001' }).status).toBe(200);
		expect(place(desk, { quantity: '0.0001' }).body).toEqual({ code: -1013, msg: 'Filter failure: MAX_NUM_ORDERS' });
	});

	test('while the market is closed, as is a cancel', () => {
		const desk = openRest();
		place(desk, { newClientOrderId: 'mm-1' });
		desk.venue.exchange.setStatus('binance-spot:BTCUSDT', 'halted', NOW_MS);
		expect(place(desk).body).toEqual({ code: -2010, msg: 'Market is closed.' });
		expect(desk.call('DELETE', ORDER, { ...SYMBOL, origClientOrderId: 'mm-1' }).body).toEqual({
			code: -2011,
			msg: 'Market is closed.',
		});
	});
});

test('an order that is only tried leaves nothing behind', () => {
	const desk = openRest();
	expect(desk.call('POST', '/api/v3/order/test', SPOT_ORDER).body).toEqual({});
	expect(desk.call('POST', '/api/v3/order/test', { ...SPOT_ORDER, computeCommissionRates: 'true' }).body).toEqual({
		standardCommissionForOrder: { maker: '0.00100000', taker: '0.00100000' },
	});
	expect(desk.call('POST', '/api/v3/order/test', { ...SPOT_ORDER, quantity: '8' }).body).toMatchObject({ code: -2010 });
	expect(openIds(desk)).toEqual([]);
});

describe('cancelling', () => {
	test('tells the order and the cancel by their own names', () => {
		const desk = openRest();
		const { body } = place(desk, { newClientOrderId: 'mm-1' });
		const cancelled = desk.call('DELETE', ORDER, { ...SYMBOL, orderId: String(body['orderId']), newClientOrderId: 'cxl-1' });
		expect(cancelled.body).toEqual({
			symbol: 'BTCUSDT',
			origClientOrderId: 'mm-1',
			orderId: body['orderId'],
			orderListId: -1,
			clientOrderId: 'cxl-1',
			transactTime: NOW_MS,
			price: '64990.00000000',
			origQty: '0.01000000',
			executedQty: '0.00000000',
			origQuoteOrderQty: '0.00000000',
			cummulativeQuoteQty: '0.00000000',
			status: 'CANCELED',
			timeInForce: 'GTC',
			type: 'LIMIT',
			side: 'BUY',
			selfTradePreventionMode: 'EXPIRE_MAKER',
		});
	});

	test('is refused for what is gone, of somebody else, on another symbol, or goes by another name', () => {
		const desk = openRest();
		const { body } = place(desk, { newClientOrderId: 'mm-1' });
		const orderId = String(body['orderId']);
		const unknown = { code: -2011, msg: 'Unknown order sent.' };
		const cancel = (values: Values, options = {}) => desk.call('DELETE', ORDER, { ...SYMBOL, ...values }, options).body;
		expect(cancel({ orderId }, { client: BOB })).toEqual(unknown);
		expect(cancel({ orderId, symbol: 'ETHUSDT' })).toEqual(unknown);
		expect(cancel({ orderId: '17' })).toEqual(unknown);
		expect(cancel({ orderId, origClientOrderId: 'other' })).toMatchObject({ code: -2039 });
		expect(cancel({})).toMatchObject({ code: -1102 });
		expect(cancel({ orderId, cancelRestrictions: 'ONLY_PARTIALLY_FILLED' })).toEqual({
			code: -2011,
			msg: 'Order was not canceled due to cancel restrictions.',
		});
		expect(cancel({ orderId, origClientOrderId: 'mm-1', cancelRestrictions: 'ONLY_NEW' })).toMatchObject({ status: 'CANCELED' });
		expect(cancel({ orderId })).toEqual(unknown);
	});

	test('of all takes one symbol, and is refused where there is nothing', () => {
		const desk = openRest();
		place(desk, { newClientOrderId: 'a' });
		place(desk, { newClientOrderId: 'b' });
		place(desk, { newClientOrderId: 'c', symbol: 'ETHUSDT', price: '3000.00' });
		const { body } = desk.call<Row[]>('DELETE', '/api/v3/openOrders', SYMBOL);
		expect(body.map((row) => [row['origClientOrderId'], row['status']])).toEqual([
			['a', 'CANCELED'],
			['b', 'CANCELED'],
		]);
		expect(desk.call<Row[]>('GET', '/api/v3/openOrders').body.map((row) => row['clientOrderId'])).toEqual(['c']);
		expect(desk.call('DELETE', '/api/v3/openOrders', SYMBOL).body).toEqual({ code: -2011, msg: 'Unknown order sent.' });
	});
});

describe('asking for orders', () => {
	test('one of them, by either id', () => {
		const desk = openRest();
		const { body } = place(desk, { newClientOrderId: 'mm-1' });
		const expected = {
			symbol: 'BTCUSDT',
			orderId: body['orderId'],
			orderListId: -1,
			clientOrderId: 'mm-1',
			price: '64990.00000000',
			origQty: '0.01000000',
			executedQty: '0.00000000',
			cummulativeQuoteQty: '0.00000000',
			status: 'NEW',
			timeInForce: 'GTC',
			type: 'LIMIT',
			side: 'BUY',
			stopPrice: '0.00000000',
			icebergQty: '0.00000000',
			time: NOW_MS,
			updateTime: NOW_MS,
			isWorking: true,
			workingTime: NOW_MS,
			origQuoteOrderQty: '0.00000000',
			selfTradePreventionMode: 'EXPIRE_MAKER',
		};
		expect(desk.call('GET', ORDER, { ...SYMBOL, origClientOrderId: 'mm-1' }).body).toEqual(expected);
		expect(desk.call('GET', ORDER, { ...SYMBOL, orderId: String(body['orderId']) }).body).toEqual(expected);
		expect(desk.call<Row[]>('GET', '/api/v3/openOrders', SYMBOL).body).toEqual([expected]);
		const elsewhere = desk.call('GET', ORDER, { symbol: 'ETHUSDT', origClientOrderId: 'mm-1' });
		expect(elsewhere.body).toEqual({ code: -2013, msg: 'Order does not exist.' });
	});

	test('all of them: the latest, or from an id or an instant on', () => {
		const desk = openRest();
		for (let count = 0; count < 5; count += 1) {
			place(desk, { newClientOrderId: `c${count}`, timestamp: NOW_MS + count }, { nowMs: NOW_MS + count });
			if (count < 2) desk.call('DELETE', ORDER, { ...SYMBOL, origClientOrderId: `c${count}` });
		}
		const names = (values: Values) =>
			desk.call<Row[]>('GET', '/api/v3/allOrders', { ...SYMBOL, ...values }).body.map((row) => row['clientOrderId']);
		expect(names({})).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
		expect(names({ limit: 2 })).toEqual(['c3', 'c4']);
		expect(names({ orderId: 4_100_200_002, limit: 2 })).toEqual(['c1', 'c2']);
		expect(names({ startTime: NOW_MS + 1, limit: 2 })).toEqual(['c1', 'c2']);
		expect(names({ startTime: NOW_MS + 1, endTime: NOW_MS + 1 })).toEqual(['c1']);
	});

	test.each(['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'])('self-trade prevention of %s', (mode) => {
		const desk = openRest();
		place(desk, { side: 'SELL', price: '65000.00', newClientOrderId: 'maker' });
		const taker = place(desk, { price: '65000.00', newClientOrderId: 'taker', selfTradePreventionMode: mode });
		const maker = desk.call('GET', ORDER, { ...SYMBOL, origClientOrderId: 'maker' });
		expect([maker.body['status'], taker.body['status'], taker.body['selfTradePreventionMode']]).toEqual(
			{
				NONE: ['FILLED', 'FILLED', mode],
				EXPIRE_TAKER: ['NEW', 'EXPIRED_IN_MATCH', mode],
				EXPIRE_MAKER: ['EXPIRED_IN_MATCH', 'NEW', mode],
				EXPIRE_BOTH: ['EXPIRED_IN_MATCH', 'EXPIRED_IN_MATCH', mode],
			}[mode],
		);
	});
});
