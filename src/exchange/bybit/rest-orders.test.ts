import { expect, test } from 'vitest';
import { type Desktop, LIMIT_ORDER, MAKER, NOW_MS, openVenue } from './rest.fixture.ts';

const DAY_MS = 86_400_000;
const LINEAR = 'category=linear&symbol=BTCUSDT';

/** The ids of all pages; `between` is called after each. */
function walk(
	desktop: Desktop,
	path: string,
	query: string,
	idKey: 'orderId' | 'orderLinkId',
	between: () => void = () => undefined,
): string[] {
	const ids: string[] = [];
	let cursor = '';
	for (let page = 0; page < 20; page += 1) {
		const { retCode, result } = desktop.get(path, cursor === '' ? query : `${query}&cursor=${cursor}`);
		expect(retCode).toBe(0);
		ids.push(...result.list.map((row) => row[idKey]));
		cursor = result.nextPageCursor;
		if (cursor === '') return ids;
		expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
		between();
	}
	throw new Error('the pages do not end');
}

test('pages of open orders lose and repeat none while orders come and go', () => {
	const desktop = openVenue();
	const placed = Array.from({ length: 130 }, () => desktop.post('/v5/order/create', LIMIT_ORDER).result.orderId);
	const newestFirst = placed.toReversed();
	expect(walk(desktop, '/v5/order/realtime', `${LINEAR}&limit=50`, 'orderId')).toEqual(newestFirst);
	expect(walk(desktop, '/v5/order/realtime', `${LINEAR}&limit=1000`, 'orderId')).toEqual(newestFirst);
	const seen = walk(desktop, '/v5/order/realtime', `${LINEAR}&limit=50`, 'orderId', () => {
		desktop.post('/v5/order/create', LIMIT_ORDER);
		desktop.post('/v5/order/cancel', { ...LIMIT_ORDER, orderId: newestFirst[49] });
	});
	expect(seen).toEqual(newestFirst);
	expect(desktop.get('/v5/order/realtime', `${LINEAR}&cursor=x`).retCode).toBe(10001);
	expect(desktop.get('/v5/order/realtime', `${LINEAR}&limit=0`).retCode).toBe(10001);
});

test('a linear list must say which contracts', () => {
	const { get } = openVenue();
	expect(get('/v5/order/realtime', 'category=linear').retCode).toBe(10001);
	expect(get('/v5/order/realtime', 'category=linear&settleCoin=USDT').retCode).toBe(0);
	expect(get('/v5/order/realtime', 'category=spot').retCode).toBe(0);
	expect(get('/v5/order/realtime', 'category=option').result).toEqual({ category: 'option', list: [], nextPageCursor: '' });
});

test('fills show as executions, newest first, in pages', () => {
	const desktop = openVenue();
	const { post, get } = desktop;
	for (let count = 0; count < 120; count += 1) {
		post('/v5/order/create', { ...LIMIT_ORDER, side: 'Sell', price: '65000.00', qty: '0.002' }, { key: MAKER });
		post('/v5/order/create', { ...LIMIT_ORDER, price: '65000.00', qty: '0.001', timeInForce: 'IOC', orderLinkId: `t-${count}` });
	}
	const ids = walk(desktop, '/v5/execution/list', `${LINEAR}&limit=50`, 'orderLinkId');
	expect(ids).toEqual(Array.from({ length: 120 }, (_, index) => `t-${119 - index}`));
	const [row] = get('/v5/execution/list', `category=linear&orderLinkId=t-7`).result.list;
	expect(row).toMatchObject({
		symbol: 'BTCUSDT',
		orderLinkId: 't-7',
		side: 'Buy',
		execPrice: '65000.00',
		execQty: '0.001',
		execValue: '65',
		execType: 'Trade',
		execFee: '0.03575',
		feeRate: '0.00055',
		feeCurrency: 'USDT',
		isMaker: false,
		createType: 'CreateByUser',
		execTime: String(NOW_MS),
	});
	const history = walk(desktop, '/v5/order/history', `${LINEAR}&orderStatus=Filled`, 'orderLinkId');
	expect(history).toEqual(ids);
	expect(get('/v5/order/history', 'category=linear&orderLinkId=t-7').result.list[0]).toMatchObject({
		orderStatus: 'Filled',
		avgPrice: '65000.00',
		cumExecQty: '0.001',
		cumExecValue: '65',
		cumFeeDetail: { USDT: '0.03575' },
		leavesQty: '0.000',
	});
	expect(get('/v5/execution/list', `${LINEAR}&execType=Funding`).result.list).toEqual([]);
});

test('a closed order without fills is in the history for a day', () => {
	const { post, get } = openVenue();
	const { result } = post('/v5/order/create', LIMIT_ORDER);
	post('/v5/order/cancel-all', { category: 'linear', symbol: 'BTCUSDT' });
	const known = (nowMs: number): number => get('/v5/order/history', LINEAR, { nowMs }).result.list.length;
	expect([known(NOW_MS), known(NOW_MS + DAY_MS), known(NOW_MS + DAY_MS + 1)]).toEqual([1, 1, 0]);
	expect(get('/v5/order/realtime', `${LINEAR}&openOnly=1`).result.list[0]?.orderId).toBe(result.orderId);
	expect(get('/v5/order/realtime', LINEAR).result.list).toEqual([]);
	const span = (from: number, to: number): number =>
		get('/v5/order/history', `${LINEAR}&startTime=${from}&endTime=${to}`).retCode;
	expect(span(NOW_MS - 7 * DAY_MS, NOW_MS)).toBe(0);
	expect(span(NOW_MS - 7 * DAY_MS - 1, NOW_MS)).toBe(10001);
});

test('the fills of an order are found after the order itself is forgotten', () => {
	const { post, get } = openVenue();
	post('/v5/order/create', { ...LIMIT_ORDER, side: 'Sell', price: '65000.00' }, { key: MAKER });
	const { result } = post('/v5/order/create', { ...LIMIT_ORDER, orderType: 'Market', orderLinkId: 'old' });
	for (let count = 0; count < 1_000; count += 1) post('/v5/order/create', { ...LIMIT_ORDER, timeInForce: 'IOC' });
	expect(get('/v5/order/realtime', `${LINEAR}&orderId=${result.orderId}`).result.list).toEqual([]);
	for (const name of [`orderId=${result.orderId}`, 'orderLinkId=old']) {
		expect(get('/v5/execution/list', `category=linear&${name}`).result.list).toMatchObject([{ orderLinkId: 'old' }]);
	}
});
