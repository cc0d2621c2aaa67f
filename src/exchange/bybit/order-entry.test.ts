import { expect, test } from 'vitest';
import { LIMIT_ORDER, MAKER, NOW_MS, openVenue, type Reply } from './rest.fixture.ts';

const SPOT_ORDER = { ...LIMIT_ORDER, category: 'spot', price: '64990.00', qty: '0.0100' };

test('an order is taken in, amended, and cancelled under one id', () => {
	const { post, get } = openVenue();
	const created = post('/v5/order/create', { ...LIMIT_ORDER, orderLinkId: 'mm-1' });
	expect(created).toMatchObject({ status: 200, retCode: 0, retMsg: 'OK', retExtInfo: {}, time: NOW_MS });
	expect(created.result).toEqual({ orderId: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown, orderLinkId: 'mm-1' });
	const ref = { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'mm-1' };
	expect(post('/v5/order/amend', { ...ref, price: '64980.10' }).result).toEqual(created.result);
	expect(post('/v5/order/amend', { ...ref, price: '64980.10' })).toMatchObject({
		retCode: 10001,
		retMsg: expect.stringContaining('remains unchanged') as unknown,
	});
	const query = `category=linear&symbol=BTCUSDT&orderId=${created.result.orderId}`;
	expect(get('/v5/order/realtime', query).result.list[0]).toMatchObject({ price: '64980.10', orderStatus: 'New', qty: '0.010' });
	expect(post('/v5/order/cancel', { ...ref, orderLinkId: null, orderId: created.result.orderId }).result).toEqual(created.result);
	expect(post('/v5/order/cancel', ref).retCode).toBe(110001);
	expect(get('/v5/order/realtime', query).result.list[0]).toMatchObject({
		orderStatus: 'Cancelled',
		cancelType: 'CancelByUser',
		rejectReason: 'EC_PerCancelRequest',
		leavesQty: '0.000',
	});
});

test('a post-only order that would trade is taken in and then cancelled', () => {
	const { post, get } = openVenue();
	post('/v5/order/create', { ...LIMIT_ORDER, side: 'Sell', price: '65000.00' }, { key: MAKER });
	const { retCode, result } = post('/v5/order/create', { ...LIMIT_ORDER, price: '65000.00' });
	expect(retCode).toBe(0);
	const found = get('/v5/order/realtime', `category=linear&symbol=BTCUSDT&orderId=${result.orderId}`);
	expect(found.result.list[0]).toMatchObject({ orderStatus: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity' });
});

test('spot orders have ids of 19 digits and no keys of contracts', () => {
	const { post, get } = openVenue();
	const { retCode, result } = post('/v5/order/create', SPOT_ORDER);
	expect(retCode).toBe(0);
	expect(result.orderId).toMatch(/^\d{19}$/);
	const [order] = get('/v5/order/realtime', `category=spot&orderId=${result.orderId}`).result.list;
	expect(order).toMatchObject({ symbol: 'BTCUSDT', orderStatus: 'New', orderId: result.orderId });
	expect(Object.keys(order ?? {}).some((name) => name === 'tpslMode' || name === 'createType')).toBe(false);
	expect(get('/v5/order/realtime', `category=linear&symbol=BTCUSDT&orderId=${result.orderId}`).result.list).toEqual([]);
});

const REFUSALS: { name: string; body: unknown; retCode: number }[] = [
	{ name: 'no object', body: [LIMIT_ORDER], retCode: 10001 },
	{ name: 'no category', body: { ...LIMIT_ORDER, category: undefined }, retCode: 10001 },
	{ name: 'no such symbol', body: { ...LIMIT_ORDER, symbol: 'NOPEUSDT' }, retCode: 10001 },
	{ name: 'no such spot symbol', body: { ...SPOT_ORDER, symbol: 'NOPEUSDT' }, retCode: 170121 },
	{ name: 'no side', body: { ...LIMIT_ORDER, side: 'buy' }, retCode: 10001 },
	{ name: 'spot: no side', body: { ...SPOT_ORDER, side: 'buy' }, retCode: 170117 },
	{ name: 'spot: no type', body: { ...SPOT_ORDER, orderType: 'x' }, retCode: 170116 },
	{ name: 'spot: no time in force', body: { ...SPOT_ORDER, timeInForce: 'x' }, retCode: 170115 },
	{ name: 'a quantity that is a number', body: { ...LIMIT_ORDER, qty: 0.01 }, retCode: 10001 },
	{ name: 'a quantity off the grid', body: { ...LIMIT_ORDER, qty: '0.0105' }, retCode: 10001 },
	{ name: 'spot: a quantity off the grid', body: { ...SPOT_ORDER, qty: '0.00001' }, retCode: 170137 },
	{ name: 'spot: a price off the grid', body: { ...SPOT_ORDER, price: '64990.001' }, retCode: 170134 },
	{ name: 'too much', body: { ...LIMIT_ORDER, qty: '100.001' }, retCode: 10001 },
	{ name: 'spot: too much', body: { ...SPOT_ORDER, qty: '1001' }, retCode: 170381 },
	{ name: 'a price of nothing', body: { ...LIMIT_ORDER, price: '0' }, retCode: 10001 },
	{ name: 'a small value', body: { ...LIMIT_ORDER, symbol: 'ETHUSDT', price: '300.00', qty: '0.01' }, retCode: 110094 },
	{ name: 'spot: a small value', body: { ...SPOT_ORDER, qty: '0.0001', price: '10000' }, retCode: 170140 },
	{ name: 'spot: a quantity of nothing', body: { ...SPOT_ORDER, qty: '0' }, retCode: 170130 },
	{ name: 'spot: a price outside the band', body: { ...SPOT_ORDER, price: '90000' }, retCode: 170193 },
	{ name: 'spot: not enough money', body: { ...SPOT_ORDER, side: 'Sell', qty: '11', price: '66000' }, retCode: 170131 },
	{ name: 'not enough margin', body: { ...LIMIT_ORDER, qty: '100', price: '65000' }, retCode: 110007 },
	{ name: 'the other position mode', body: { ...LIMIT_ORDER, positionIdx: 1 }, retCode: 10001 },
	{ name: 'nothing to reduce', body: { ...LIMIT_ORDER, reduceOnly: true }, retCode: 110017 },
	{ name: 'nothing to close', body: { ...LIMIT_ORDER, qty: '0', reduceOnly: true, closeOnTrigger: true }, retCode: 110017 },
	{ name: 'a conditional order', body: { ...LIMIT_ORDER, triggerPrice: '70000' }, retCode: 10001 },
	{ name: 'an attached stop', body: { ...LIMIT_ORDER, stopLoss: '60000' }, retCode: 10001 },
	{ name: 'an attached stop of nothing', body: { ...LIMIT_ORDER, stopLoss: '0' }, retCode: 0 },
	{ name: 'a client id with a blank', body: { ...LIMIT_ORDER, orderLinkId: 'a b' }, retCode: 10001 },
	{ name: 'a client id of 37', body: { ...LIMIT_ORDER, orderLinkId: 'x'.repeat(37) }, retCode: 10001 },
	{ name: 'RPI', body: { ...LIMIT_ORDER, timeInForce: 'RPI' }, retCode: 110119 },
	{ name: 'spot: borrowed money', body: { ...SPOT_ORDER, isLeverage: 1 }, retCode: 170344 },
	{ name: 'spot: an order filter that does not exist', body: { ...SPOT_ORDER, orderFilter: 'x' }, retCode: 170202 },
	{ name: 'spot: a conditional order', body: { ...SPOT_ORDER, orderFilter: 'StopOrder' }, retCode: 170227 },
	{ name: 'spot: a market buy in base units', body: { ...SPOT_ORDER, orderType: 'Market', marketUnit: 'baseCoin' }, retCode: 0 },
	{ name: 'options', body: { ...LIMIT_ORDER, category: 'option' }, retCode: 10001 },
];

test.each(REFUSALS)('create: $name → $retCode', ({ body, retCode }) => {
	const { post, exchange } = openVenue();
	const before = exchange.stateHash();
	const reply = post('/v5/order/create', body);
	expect(reply.retCode, reply.retMsg).toBe(retCode);
	if (retCode !== 0) expect([exchange.stateHash(), reply.result]).toEqual([before, {}]);
});

test('a client id is never taken twice', () => {
	const { post } = openVenue();
	for (const [order, retCode] of [[LIMIT_ORDER, 110072] as const, [SPOT_ORDER, 170141] as const]) {
		const named = { ...order, orderLinkId: `mm-${retCode}` };
		expect(post('/v5/order/create', named).retCode).toBe(0);
		expect(post('/v5/order/create', named).retCode).toBe(retCode);
	}
});

test('futures prices outside the band are moved to its edge, or refused if the account says so', () => {
	const { post, get } = openVenue();
	const order = { ...LIMIT_ORDER, side: 'Sell', price: '1000.00', timeInForce: 'GTC' };
	const { result } = post('/v5/order/create', order);
	expect(get('/v5/order/realtime', `category=linear&symbol=BTCUSDT&orderId=${result.orderId}`).result.list[0]?.price).toBe(
		'58500.00',
	);
	expect(get('/v5/market/price-limit', 'symbol=BTCUSDT').result).toMatchObject({ buyLmt: '71500.00', sellLmt: '58500.00' });
	expect(post('/v5/account/set-limit-px-action', { category: 'linear', modifyEnable: false }).retCode).toBe(0);
	expect(post('/v5/order/create', order).retCode).toBe(110003);
});

test('an amendment on spot is refused for the side of its order', () => {
	const { post } = openVenue();
	for (const [side, price, retCode] of [['Buy', '90000', 170193] as const, ['Sell', '1000', 170194] as const]) {
		const order = { ...SPOT_ORDER, side, price: side === 'Buy' ? '64000' : '66000', orderLinkId: side };
		expect(post('/v5/order/create', order).retCode).toBe(0);
		const change = { category: 'spot', symbol: 'BTCUSDT', orderLinkId: side };
		expect(post('/v5/order/amend', { ...change, price }).retCode).toBe(retCode);
		expect(post('/v5/order/amend', change).retCode).toBe(10001);
		expect(post('/v5/order/amend', { ...change, orderLinkId: 'gone', qty: '0.1' }).retCode).toBe(170213);
	}
});

test('cancel-all says what it means, and cancels no more than that', () => {
	const { post, get } = openVenue();
	post('/v5/order/create', LIMIT_ORDER);
	post('/v5/order/create', { ...LIMIT_ORDER, symbol: 'ETHUSDT', price: '3200.00' });
	post('/v5/order/create', SPOT_ORDER);
	expect(post('/v5/order/cancel-all', { category: 'linear' }).retCode).toBe(10001);
	const one = post('/v5/order/cancel-all', { category: 'linear', symbol: 'ETHUSDT', settleCoin: 'USDT' });
	expect(one.result).toMatchObject({ success: '1', list: [{ orderLinkId: '' }] });
	expect(post('/v5/order/cancel-all', { category: 'linear', settleCoin: 'USDT' }).result.list).toHaveLength(1);
	expect(get('/v5/order/realtime', 'category=spot').result.list).toHaveLength(1);
	expect(post('/v5/order/cancel-all', { category: 'spot' }).result.list).toHaveLength(1);
});

test('items of a batch stand or fall alone', () => {
	const { post } = openVenue();
	const { category: _, ...item } = LIMIT_ORDER;
	const created = post('/v5/order/create-batch', {
		category: 'linear',
		request: [
			{ ...item, orderLinkId: 'b-1' },
			{ ...item, symbol: 'NOPE', orderLinkId: 'b-2' },
			7,
			{ ...item, orderLinkId: 'b-1' },
		],
	});
	expect(created).toMatchObject({ retCode: 0, retMsg: 'OK' });
	expect(codes(created)).toEqual([0, 10001, 10001, 110072]);
	expect(created.result.list).toEqual([
		{
			category: 'linear',
			symbol: 'BTCUSDT',
			orderId: expect.stringMatching(/./) as unknown,
			orderLinkId: 'b-1',
			createAt: String(NOW_MS),
		},
		{ category: 'linear', symbol: 'NOPE', orderId: '', orderLinkId: 'b-2', createAt: '' },
		{ category: 'linear', symbol: '', orderId: '', orderLinkId: '', createAt: '' },
		{ category: 'linear', symbol: 'BTCUSDT', orderId: '', orderLinkId: 'b-1', createAt: '' },
	]);
	const orderId = created.result.list[0]?.orderId;
	const amended = post('/v5/order/amend-batch', {
		category: 'linear',
		request: [
			{ symbol: 'BTCUSDT', orderId, price: '64980.00', qty: null },
			{ symbol: 'BTCUSDT', orderLinkId: 'gone', price: '1.00' },
		],
	});
	expect(codes(amended)).toEqual([0, 110001]);
	expect(amended.result.list[1]).toEqual({ category: 'linear', symbol: 'BTCUSDT', orderId: '', orderLinkId: 'gone' });
	const cancelled = post('/v5/order/cancel-batch', {
		category: 'linear',
		request: [{ symbol: 'BTCUSDT', orderId: 'never' }, { symbol: 'BTCUSDT', orderLinkId: 'b-1' }, { symbol: 'BTCUSDT' }],
	});
	expect(codes(cancelled)).toEqual([110001, 0, 10001]);
	expect(cancelled.result.list[0]).toEqual({ category: 'linear', symbol: 'BTCUSDT', orderId: 'never', orderLinkId: '' });
});

test.each([
	{ category: 'linear', most: 20 },
	{ category: 'spot', most: 10 },
])('a $category batch has at most $most orders', ({ category, most }) => {
	const { post } = openVenue();
	const item = { ...(category === 'spot' ? SPOT_ORDER : LIMIT_ORDER) };
	const send = (count: number): number =>
		post('/v5/order/create-batch', { category, request: Array.from({ length: count }, () => item) }).retCode;
	expect([send(0), send(most), send(most + 1)]).toEqual([10001, 0, 10001]);
});

function codes(reply: Reply): number[] {
	return (reply.retExtInfo.list ?? []).map(({ code }) => code);
}
