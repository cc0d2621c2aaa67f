/** Binance's wire as the faults see it: what is what, how the venue says no, and what becomes of a text that is spoiled. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BINANCE_DIALECT as DIALECT } from './binance-dialect.ts';

const NOW_MS = 1_771_000_000_123;
const request = (line: string, more: { readonly body?: string; readonly query?: string } = {}) => {
	const [method = '', path = ''] = line.split(' ');
	return { method, path, query: '', body: '', headers: {}, remote: '1', ...more };
};

const DIFF = JSON.stringify({
	e: 'depthUpdate',
	E: NOW_MS,
	s: 'BTCUSDT',
	U: 101,
	u: 105,
	pu: 100,
	b: [
		['64999.90', '1.250'],
		['64999.80', '0'],
	],
	a: [['65000.00', '0.800']],
});
const WRAPPED = `{"stream":"btcusdt@depth@100ms","data":${DIFF}}`;

describe('what is what', () => {
	test.each([
		['POST /api/v3/order', 'order.create'],
		['DELETE /api/v3/openOrders', 'order.cancel-all'],
		['PUT /api/v3/order/amend/keepPriority', 'order.amend'],
		['POST /api/v3/order/cancelReplace', 'order.replace'],
		['PUT /fapi/v1/order', 'order.amend'],
		['POST /fapi/v1/batchOrders', 'order.create-batch'],
		['GET /api/v3/order', ''],
		['POST /api/v3/order/test', ''],
	])('%s is %j', (line, operation) => {
		expect(DIALECT.operation(request(line))).toBe(operation);
	});

	test('only what cancels is a cancel', () => {
		for (const operation of ['order.cancel', 'order.cancel-all', 'order.cancel-batch'])
			expect(DIALECT.isCancel(operation)).toBe(true);
		for (const operation of ['order.create', 'order.replace', 'order.amend', '']) expect(DIALECT.isCancel(operation)).toBe(false);
	});

	test.each([
		['/ws-api/v3', 'ws-trade'],
		['/ws-fapi/v1', 'ws-trade'],
		['/private/ws/KEY', 'ws-private'],
		['/public/stream', 'ws-public'],
		['/ws/btcusdt@trade', 'ws-public'],
	])('%s is a %s socket', (path, channel) => {
		expect(DIALECT.channel(path)).toBe(channel);
	});

	test.each([
		[WRAPPED, 'btcusdt@depth@100ms'],
		[DIFF, 'btcusdt@depth'],
		['{"u":5,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"}', 'btcusdt@bookTicker'],
		['{"lastUpdateId":5,"bids":[],"asks":[]}', '@depth'],
		['{"e":"trade","E":1,"s":"BTCUSDT","t":1}', 'btcusdt@trade'],
		['{"subscriptionId":0,"event":{"e":"executionReport","E":1,"s":"BTCUSDT","c":"a"}}', 'order'],
		['{"e":"ORDER_TRADE_UPDATE","E":1,"T":1,"o":{"s":"BTCUSDT","c":"a"}}', 'order'],
		['{"stream":"KEY","data":{"e":"ACCOUNT_UPDATE","E":1}}', 'position'],
		['{"id":1,"status":200,"result":{}}', ''],
		['{"result":null,"id":1}', ''],
	])('%s is of topic %j', (frame, topic) => {
		expect(DIALECT.topicOf(frame)).toBe(topic);
	});

	test('frames of a client', () => {
		expect(DIALECT.read('{"method":"SUBSCRIBE","params":["a","b"],"id":1}')).toEqual({ kind: 'subscribe', topics: ['a', 'b'] });
		expect(DIALECT.read('{"id":"r","method":"v3/order.place","params":{}}')).toEqual({
			kind: 'order',
			operation: 'order.create',
			id: 'r',
		});
		expect(DIALECT.read('{"id":7,"method":"order.modify"}')).toEqual({ kind: 'order', operation: 'order.amend', id: '7' });
		expect(DIALECT.read('{"id":7,"method":"session.logon","params":{"apiKey":"K"}}')).toEqual({ kind: 'login', apiKey: 'K' });
		for (const text of ['{"id":7,"method":"ping"}', '{"method":3}', '[]', 'x'])
			expect(DIALECT.read(text)).toEqual({ kind: 'other' });
	});

	test('answers about orders', () => {
		expect(DIALECT.answered('{"id":7,"status":200,"result":{"symbol":"BTCUSDT","orderId":1}}')).toMatchObject({ id: '7' });
		expect(DIALECT.answered('{"id":"r","status":400,"error":{"code":-2010,"msg":""}}')).toMatchObject({ id: 'r' });
		expect(DIALECT.answered('{"id":7,"status":200,"result":{"serverTime":1}}')).toBeUndefined();
	});
});

describe('how the venue says no', () => {
	test.each([
		['venue-timeout', 503, -1007],
		['venue-restarting', 503, -1006],
		['too-many', 429, -1003],
		['closed', 503, -1016],
		['halted', 400, -1013],
		['key-permission', 401, -2015],
	] as const)('%s', (refusal, status, code) => {
		const reply = DIALECT.refuse(refusal, NOW_MS, 1_500);
		expect(reply).toMatchObject({ status });
		expect(JSON.parse(reply.body)).toMatchObject({ code });
		expect(reply.headers['retry-after']).toBe(refusal === 'too-many' ? '2' : undefined);
		expect(DIALECT.isTooMany(reply)).toBe(refusal === 'too-many');
		const frame = JSON.parse(DIALECT.refuseFrame(refusal, '{"id":7,"method":"order.place"}', NOW_MS, 1_500)) as object;
		expect(frame).toMatchObject({ id: 7, status, error: { code } });
		if (refusal === 'too-many')
			expect(frame).toMatchObject({ error: { data: { serverTime: NOW_MS, retryAfter: NOW_MS + 1_500 } } });
	});

	test('of a subscription, and to who is banned', () => {
		expect(JSON.parse(DIALECT.refuseSubscription('{"method":"SUBSCRIBE","id":9}'))).toMatchObject({ id: 9, error: { code: 2 } });
		expect(DIALECT.refuseBanned()).toMatchObject({ status: 418 });
	});
});

describe('spoiling', () => {
	const items = [1, 2, 3].map((count) => `{"orderId":838976610020030040${count},"clientOrderId":"c${count}"}`);
	const batch = `[${items.join(',')}]`;

	test('a batch keeps ids that no double holds', () => {
		expect(DIALECT.reshapeBatch(batch, 'short', () => 1)).toBe(`[${items[0]},${items[2]}]`);
		expect(DIALECT.reshapeBatch(batch, 'shuffled', () => 0)).toBe(`[${items[1]},${items[2]},${items[0]}]`);
		expect(DIALECT.reshapeBatch(batch, 'doubled', () => 0)).toBe(`[${batch.slice(1, -1)},${items[0]}]`);
		expect(DIALECT.reshapeBatch(batch, 'foreign', () => 0)).toBe(
			`[{"orderId":0,"clientOrderId":"foreign-0"},${items[1]},${items[2]}]`,
		);
		expect(DIALECT.reshapeBatch('{"code":-1}', 'short', () => 0)).toBeUndefined();
	});

	test('the size of a batch stands in its form', () => {
		expect(DIALECT.itemCount(`batchOrders=${encodeURIComponent('[{},{}]')}&timestamp=1`)).toBe(2);
		expect(DIALECT.itemCount('symbol=BTCUSDT&orderIdList=[1,2,3]')).toBe(3);
		expect(DIALECT.itemCount('')).toBe(1);
	});

	test('the numbers of a book move together', () => {
		expect(DIALECT.sequenceOf(WRAPPED)).toBe(105);
		expect(JSON.parse(DIALECT.withSequence(DIFF, 95))).toMatchObject({ U: 91, u: 95, pu: 90 });
		expect(DIALECT.sequenceOf('{"u":5,"s":"BTCUSDT"}')).toBeUndefined();
		expect(DIALECT.isSnapshot(DIFF)).toBe(false);
		expect(DIALECT.isSnapshot('{"lastUpdateId":5,"bids":[],"asks":[]}')).toBe(true);
	});

	test.each([
		[
			'crossed',
			{
				b: [
					['130000.00', '1'],
					['64999.90', '1.250'],
					['64999.80', '0'],
				],
				a: [['65000.00', '0.800']],
			},
		],
		[
			'locked',
			{
				b: [
					['65000.00', '1'],
					['64999.90', '1.250'],
					['64999.80', '0'],
				],
				a: [['65000.00', '1']],
			},
		],
		[
			'zero-price',
			{
				b: [
					['0', '1'],
					['64999.90', '1.250'],
					['64999.80', '0'],
				],
				a: [['65000.00', '0.800']],
			},
		],
		[
			'negative-price',
			{
				b: [
					['-65000.00', '1'],
					['64999.90', '1.250'],
					['64999.80', '0'],
				],
				a: [['65000.00', '0.800']],
			},
		],
	] as const)('a book that is %s', (form, expected) => {
		expect(JSON.parse(DIALECT.corruptLevel(DIFF, form) ?? '')).toEqual({ ...(JSON.parse(DIFF) as object), ...expected });
		expect(JSON.parse(DIALECT.corruptLevel(WRAPPED, form) ?? '')).toMatchObject({ data: expected });
	});

	test('a side that is empty can be said of the best levels, and not by changes', () => {
		const partial = JSON.stringify({ lastUpdateId: 160, bids: [['64999.90', '1.250']], asks: [['65000.00', '0.800']] });
		expect(JSON.parse(DIALECT.corruptLevel(partial, 'one-sided') ?? '')).toMatchObject({
			bids: [['64999.90', '1.250']],
			asks: [['65000.00', '0']],
		});
		for (const form of ['one-sided', 'empty'] as const) expect(DIALECT.corruptLevel(DIFF, form)).toBeUndefined();
	});

	test('client ids go from orders and from nothing else', () => {
		const report = '{"event":{"e":"executionReport","s":"BTCUSDT","c":"mine","C":"old","i":1}}';
		expect(DIALECT.withoutClientIds(report)).toBe('{"event":{"e":"executionReport","s":"BTCUSDT","c":"","C":"","i":1}}');
		expect(DIALECT.withoutClientIds('{"e":"24hrMiniTicker","s":"BTCUSDT","c":"65000"}')).toBeUndefined();
	});

	test('lists are emptied, messages replaced', () => {
		expect(DIALECT.emptied('[{"orderId":1}]')).toBe('[]');
		expect(DIALECT.emptied('[]')).toBeUndefined();
		expect(DIALECT.emptied('{"balances":[1]}')).toBeUndefined();
		expect(DIALECT.withMessage('{"code":-1,"msg":"a"}', 'b')).toBe('{"code":-1,"msg":"b"}');
		expect(DIALECT.withMessage('[]', 'b')).toBeUndefined();
	});

	test('nothing throws, whatever the text', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.json(), fc.constantFrom(DIFF, WRAPPED, batch, '{"e":"depthUpdate","u":')), (text) => {
				DIALECT.read(text);
				DIALECT.topicOf(text);
				DIALECT.answered(text);
				DIALECT.refuseFrame('too-many', text, 1, 1);
				DIALECT.refuseSubscription(text);
				DIALECT.reshapeBatch(text, 'foreign', () => 0);
				DIALECT.itemCount(text);
				DIALECT.corruptLevel(text, 'crossed');
				DIALECT.withSequence(text, 3);
				DIALECT.withoutClientIds(text);
				DIALECT.withMessage(text, 'x');
				DIALECT.emptied(text);
			}),
		);
	});
});
