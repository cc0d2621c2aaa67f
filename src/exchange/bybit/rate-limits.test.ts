import { expect, test } from 'vitest';
import { LIMIT_ORDER, MAKER, NOW_MS, openVenue, type Reply } from './rest.fixture.ts';

const ITEM = { symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.001', price: '60000.00' };

function batchOf(count: number): unknown {
	return { category: 'linear', request: Array.from({ length: count }, () => ITEM) };
}

function status(reply: Reply): (string | number | undefined)[] {
	return [reply.retCode, reply.headers['X-Bapi-Limit'], reply.headers['X-Bapi-Limit-Status']];
}

test('the eleventh order within a second is refused, with the headers that say until when', () => {
	const { post, exchange } = openVenue({});
	const create = (nowMs: number): Reply => post('/v5/order/create', LIMIT_ORDER, { nowMs });
	for (let count = 9; count >= 0; count -= 1) expect(status(create(NOW_MS))).toEqual([0, '10', String(count)]);
	const before = exchange.stateHash();
	const refused = create(NOW_MS + 999);
	expect(status(refused)).toEqual([10006, '10', '0']);
	expect(refused.headers['X-Bapi-Limit-Reset-Timestamp']).toBe(String(NOW_MS + 1_000));
	expect([refused.status, refused.retMsg.startsWith('Too many visits!')]).toEqual([200, true]);
	expect(exchange.stateHash()).toBe(before);
	expect(status(create(NOW_MS + 1_000))).toEqual([0, '10', '9']);
});

test('accounts, endpoints and markets have buckets of their own', () => {
	const { post } = openVenue({});
	for (let count = 0; count < 11; count += 1) post('/v5/order/create', LIMIT_ORDER);
	expect(post('/v5/order/create', LIMIT_ORDER).retCode).toBe(10006);
	expect(post('/v5/order/create', LIMIT_ORDER, { key: MAKER }).retCode).toBe(0);
	expect(status(post('/v5/order/create', { ...LIMIT_ORDER, category: 'spot' }))).toEqual([0, '20', '19']);
	expect(status(post('/v5/order/create', { ...LIMIT_ORDER, category: 'inverse', symbol: 'BTCUSD' }))[2]).toBe('9');
	expect(status(post('/v5/order/create-batch', batchOf(3)))).toEqual([0, '10', '7']);
});

test('a batch is cut where its bucket ends', () => {
	const { post } = openVenue({});
	post('/v5/order/create-batch', batchOf(7));
	const cut = post('/v5/order/create-batch', batchOf(5));
	expect(status(cut)).toEqual([0, '10', '0']);
	expect(cut.retExtInfo.list?.map(({ code }) => code)).toEqual([0, 0, 0, 10006, 10006]);
	expect(cut.result.list.map(({ orderId }) => orderId === '')).toEqual([false, false, false, true, true]);
	const none = post('/v5/order/create-batch', batchOf(2));
	expect(status(none)).toEqual([0, '10', '0']);
	expect(none.retExtInfo.list?.map(({ code }) => code)).toEqual([10006, 10006]);
});

test('the factor multiplies all limits', () => {
	expect(status(openVenue({ limitFactor: 10 }).post('/v5/order/create', LIMIT_ORDER))).toEqual([0, '100', '99']);
	expect(openVenue().post('/v5/order/create', LIMIT_ORDER).headers).toHaveProperty('X-Bapi-Limit');
});

test('an address that asks too often is locked out for ten minutes', () => {
	const { handle } = openVenue({});
	const ask = (remote: string, nowMs: number): number =>
		handle({ method: 'GET', path: '/v5/market/time', query: '', headers: {}, body: '', remote }, nowMs).status;
	for (let count = 0; count < 600; count += 1) expect(ask('here', NOW_MS)).toBe(200);
	expect([ask('here', NOW_MS), ask('there', NOW_MS)]).toEqual([403, 200]);
	expect([ask('here', NOW_MS + 599_999), ask('here', NOW_MS + 600_000)]).toEqual([403, 200]);
});
