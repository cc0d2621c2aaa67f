/** Spot market orders for an amount of the quote coin, as REST and the streams take and show them. */
import { describe, expect, test } from 'vitest';
import { MAKER, openVenue, type Reply, type Row } from './rest.fixture.ts';
import { rows, World } from './ws.fixture.ts';

const MARKET = { category: 'spot', symbol: 'BTCUSDT', orderType: 'Market' };
const RESTING = { category: 'spot', symbol: 'BTCUSDT', orderType: 'Limit', qty: '0.1000' };

/** A tenth of a bitcoin at 65000 and one at 65010 for sale, one at 64990 and one at 64980 wanted. */
function open(): ReturnType<typeof openVenue> {
	const desk = openVenue();
	for (const [side, price] of [
		['Sell', '65000'],
		['Sell', '65010'],
		['Buy', '64990'],
		['Buy', '64980'],
	]) {
		expect(desk.post('/v5/order/create', { ...RESTING, side, price }, { key: MAKER }).retCode).toBe(0);
	}
	return desk;
}

function placed(desk: ReturnType<typeof openVenue>, order: object): Row | undefined {
	const { retCode, result }: Reply = desk.post('/v5/order/create', { ...MARKET, ...order });
	expect(retCode).toBe(0);
	return desk.get('/v5/order/realtime', `category=spot&orderId=${result.orderId}`).result.list[0];
}

describe('a spot market order', () => {
	test('buys for an amount unless told otherwise, and shows what was left of it', () => {
		const desk = open();
		const order = placed(desk, { side: 'Buy', qty: '100' });
		// 15 lots of 6.5 are 97.5; the rest buys none.
		expect(order).toMatchObject({
			qty: '100',
			price: '0',
			marketUnit: 'quoteCoin',
			orderStatus: 'PartiallyFilledCanceled',
			rejectReason: 'EC_CancelForNoFullFill',
			cancelType: 'UNKNOWN',
			avgPrice: '65000.00',
			cumExecQty: '0.0015',
			cumExecValue: '97.5',
			leavesQty: '0.0000',
			leavesValue: '2.5',
		});
		expect(desk.get('/v5/execution/list', 'category=spot').result.list[0]).toMatchObject({
			orderQty: '0.0000',
			orderPrice: '0.00',
			execQty: '0.0015',
			execValue: '97.5',
			leavesQty: '0.0000',
			feeCurrency: 'BTC',
		});
	});

	test.each([
		{
			name: 'an amount that comes out even',
			order: { side: 'Buy', qty: '130', marketUnit: 'quoteCoin' },
			qty: '130',
			filled: '0.0020',
		},
		{ name: 'a quantity to buy', order: { side: 'Buy', qty: '0.0020', marketUnit: 'baseCoin' }, qty: '0.0020', filled: '0.0020' },
		{ name: 'a quantity to sell', order: { side: 'Sell', qty: '0.0020' }, qty: '0.0020', filled: '0.0020' },
		{
			name: 'an amount to sell for',
			order: { side: 'Sell', qty: '64.99', marketUnit: 'quoteCoin' },
			qty: '64.99',
			filled: '0.0010',
		},
	])('takes $name, and is filled', ({ order, qty, filled }) => {
		const unit = 'marketUnit' in order ? order.marketUnit : 'baseCoin';
		expect(placed(open(), order)).toMatchObject({
			qty,
			marketUnit: unit,
			cumExecQty: filled,
			orderStatus: 'Filled',
			rejectReason: 'EC_NoError',
			leavesValue: '0',
		});
	});

	test('is cancelled where the book ends', () => {
		expect(placed(open(), { side: 'Buy', qty: '20000' })).toMatchObject({
			orderStatus: 'PartiallyFilledCanceled',
			rejectReason: 'EC_CancelForNoFullFill',
			cumExecQty: '0.2000',
			cumExecValue: '13001',
			leavesValue: '6999',
		});
	});

	test.each([
		{ name: 'less than the smallest value', order: { side: 'Buy', qty: '4.99' }, retCode: 170140 },
		{ name: 'less than one lot', order: { side: 'Buy', qty: '5' }, retCode: 170136 },
		{ name: 'a quantity worth less than that', order: { side: 'Sell', qty: '0.0000' }, retCode: 170130 },
		{ name: 'more than anybody may spend', order: { side: 'Buy', qty: '6000000.01' }, retCode: 170124 },
		{ name: 'more decimals than money has', order: { side: 'Buy', qty: '100.123456789' }, retCode: 170148 },
		{ name: 'no number', order: { side: 'Buy', qty: '1e2' }, retCode: 170130 },
		{ name: 'more than there is', order: { side: 'Buy', qty: '500000.01' }, retCode: 170131 },
		{ name: 'a unit that does not exist', order: { side: 'Buy', qty: '100', marketUnit: 'coin' }, retCode: 10001 },
	])('is refused: $name → $retCode', ({ order, retCode }) => {
		const desk = open();
		const before = desk.exchange.stateHash();
		expect(desk.post('/v5/order/create', { ...MARKET, ...order }).retCode).toBe(retCode);
		expect(desk.exchange.stateHash()).toBe(before);
	});

	test('stands in a batch among others, by its own unit', () => {
		const desk = open();
		const request = [
			{ ...MARKET, side: 'Buy', qty: '130' },
			{ ...MARKET, side: 'Buy', qty: '1' },
			{ ...MARKET, side: 'Sell', qty: '0.0020' },
		];
		const { retExtInfo } = desk.post('/v5/order/create-batch', { category: 'spot', request });
		expect(retExtInfo.list?.map(({ code }) => code)).toEqual([0, 170140, 0]);
	});

	test('a price outside the band is refused with the price that would do', () => {
		const { retCode, retMsg } = open().post('/v5/order/create', { ...RESTING, side: 'Buy', price: '90000' });
		expect([retCode, retMsg]).toEqual([170193, 'Buy order price cannot be higher than 71500.00USDT.']);
	});

	test('a cancel by another order filter finds nothing', () => {
		const desk = open();
		const { result } = desk.post('/v5/order/create', { ...RESTING, side: 'Buy', price: '60000' });
		const cancel = { category: 'spot', symbol: 'BTCUSDT', orderId: result.orderId };
		expect(desk.post('/v5/order/cancel', { ...cancel, orderFilter: 'tpslOrder' }).retCode).toBe(170213);
		expect(desk.post('/v5/order/cancel', { ...cancel, orderFilter: 'x' }).retCode).toBe(170202);
		expect(desk.post('/v5/order/cancel-all', { category: 'spot', orderFilter: 'x' }).retCode).toBe(170202);
		expect(desk.post('/v5/order/cancel', { ...cancel, orderFilter: 'Order' }).retCode).toBe(0);
	});
});

test('the trade socket takes an amount too, and the streams show it as REST does', () => {
	const world = new World();
	const [trade, maker, stream] = [world.login('/v5/trade'), world.login('/v5/trade', 'BOB'), world.login('/v5/private')];
	world.ask(stream, { op: 'subscribe', args: ['order', 'execution'] });
	const send = (client: typeof trade, body: object): unknown =>
		world.ask(client, { header: { 'X-BAPI-TIMESTAMP': String(world.nowMs) }, op: 'order.create', args: [body] })[0]?.['retCode'];
	expect(send(maker, { ...RESTING, side: 'Sell', price: '65000' })).toBe(0);
	expect(send(trade, { ...MARKET, side: 'Buy', qty: '100' })).toBe(0);
	const frames = stream.take();
	const order = frames.findLast(({ topic }) => topic === 'order');
	expect(rows(order)[0]).toMatchObject({
		category: 'spot',
		qty: '100',
		marketUnit: 'quoteCoin',
		orderStatus: 'PartiallyFilledCanceled',
		cumExecQty: '0.0015',
		cumExecValue: '97.5',
		leavesValue: '2.5',
		closedPnl: '0',
	});
	const execution = frames.find(({ topic }) => topic === 'execution');
	expect(rows(execution)[0]).toMatchObject({ execQty: '0.0015', orderQty: '0.0000', marketUnit: 'quoteCoin' });
});
