import { describe, expect, test } from 'vitest';
import type { OrderOperation } from './operations.ts';
import { BYBIT_OPTIONS } from './venue.ts';
import { asMessage, type Message, rows, World } from './ws.fixture.ts';
import type { RunLimited } from './ws-trade.ts';

const TRADE = '/v5/trade';
const ORDER = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', price: '50000.0' };

const TRACE_ID: unknown = expect.stringMatching(/^[0-9a-f]{32}$/);

interface Call {
	readonly operation: OrderOperation;
	readonly accountId: string;
	readonly body: unknown;
}

/** An order desk that takes everything and remembers it. */
function stub(calls: Call[]): RunLimited {
	return (_venue, operation, { key, body }) => {
		calls.push({ operation, accountId: key.accountId, body });
		const result = { orderId: String(calls.length), orderLinkId: '' };
		return { answer: { retCode: 0, retMsg: 'OK', result, retExtInfo: {} }, headers: { 'X-Bapi-Limit': '10' } };
	};
}

function request(world: World, op: string, body: object, more: object = {}): object {
	return { reqId: 'r-1', header: { 'X-BAPI-TIMESTAMP': String(world.nowMs) }, op, args: [body], ...more };
}

function codeOf(answers: readonly Message[]): unknown {
	expect(answers).toHaveLength(1);
	expect(answers[0]).not.toHaveProperty('success');
	return answers[0]?.['retCode'];
}

describe('the login to the trade socket', () => {
	test('answers with a code, and a second time that it is done', () => {
		const world = new World();
		const client = world.connect(TRADE);
		const frame = { reqId: 'a', op: 'auth', args: world.credentials() };
		expect(world.ask(client, frame)).toEqual([{ reqId: 'a', retCode: 0, retMsg: 'OK', op: 'auth', connId: 'sim-1' }]);
		expect(codeOf(world.ask(client, frame))).toBe(20001);
		expect(codeOf(world.ask(client, request(world, 'order.create', ORDER)))).toBe(0);
	});

	test('echoes the id under the name it came with', () => {
		const world = new World();
		expect(world.ask(world.connect(TRADE), { req_id: 'b', op: 'auth', args: world.credentials() })[0]).toMatchObject({
			req_id: 'b',
		});
	});

	test.each([
		{ name: 'a wrong signature', code: 10004, args: (world: World) => world.credentials('KEY', 'WRONG') },
		{ name: 'an unknown key', code: 10003, args: (world: World) => world.credentials('NOBODY') },
		{ name: 'a key that is bound to another address', code: 10010, args: (world: World) => world.credentials('ELSEWHERE') },
		{ name: 'no arguments', code: 10001, args: () => [] },
	])('refuses $name, and orders after it', ({ code, args }) => {
		const calls: Call[] = [];
		const world = new World({ run: stub(calls) });
		const client = world.connect(TRADE);
		expect(codeOf(world.ask(client, { op: 'auth', args: args(world) }))).toBe(code);
		expect(codeOf(world.ask(client, request(world, 'order.create', ORDER)))).toBe(10003);
		expect(client.closedWith).toBeNull();
		expect(calls).toEqual([]);
	});
});

describe('order operations', () => {
	test.each(['order.create', 'order.amend', 'order.cancel', 'order.create-batch', 'order.amend-batch', 'order.cancel-batch'])(
		'%s hands its argument on and answers by its id',
		(op) => {
			const calls: Call[] = [];
			const world = new World({ run: stub(calls) });
			const client = world.login(TRADE);
			expect(world.ask(client, request(world, op, ORDER))).toEqual([
				{
					reqId: 'r-1',
					retCode: 0,
					retMsg: 'OK',
					op,
					data: { orderId: '1', orderLinkId: '' },
					retExtInfo: {},
					header: { 'X-Bapi-Limit': '10', Traceid: TRACE_ID, Timenow: String(world.nowMs) },
					connId: 'sim-1',
				},
			]);
			expect(calls).toEqual([{ operation: op, accountId: 'ann', body: ORDER }]);
		},
	);

	test.each([
		{ name: 'without a time', code: 10001, more: () => ({ header: {} }) },
		{ name: 'with the time as a number', code: 10001, more: (nowMs: number) => ({ header: { 'X-BAPI-TIMESTAMP': nowMs } }) },
		{
			name: 'that is too old',
			code: 10002,
			more: (nowMs: number) => ({ header: { 'X-BAPI-TIMESTAMP': String(nowMs - 5_001) } }),
		},
		{
			name: 'from the future',
			code: 10002,
			more: (nowMs: number) => ({ header: { 'X-BAPI-TIMESTAMP': String(nowMs + 1_000) } }),
		},
		{
			name: 'that is older than its own window',
			code: 10002,
			more: (nowMs: number) => ({ header: { 'X-BAPI-TIMESTAMP': String(nowMs - 101), 'X-BAPI-RECV-WINDOW': '100' } }),
		},
		{ name: 'with an id that is too long', code: 10001, more: () => ({ reqId: 'x'.repeat(37) }) },
		{ name: 'with two orders', code: 10001, more: () => ({ args: [ORDER, ORDER] }) },
		{ name: 'without an order', code: 10001, more: () => ({ args: [] }) },
		{ name: 'with a text for an order', code: 10001, more: () => ({ args: ['order'] }) },
		{ name: 'that cancels all', code: 10404, more: () => ({ op: 'order.cancel-all' }) },
		{ name: 'that subscribes', code: 10404, more: () => ({ op: 'subscribe' }) },
	])('refuse a request $name', ({ code, more }) => {
		const calls: Call[] = [];
		const world = new World({ run: stub(calls) });
		const client = world.login(TRADE);
		expect(codeOf(world.ask(client, request(world, 'order.create', ORDER, more(world.nowMs))))).toBe(code);
		expect(calls).toEqual([]);
	});

	test('refuse an id used before on this connection; another connection counts for itself', () => {
		const calls: Call[] = [];
		const world = new World({ run: stub(calls) });
		const frame = request(world, 'order.create', ORDER);
		const first = world.login(TRADE);
		const second = world.login(TRADE);
		expect([first, first, second].map((client) => codeOf(world.ask(client, frame)))).toEqual([0, 20006, 0]);
		expect(calls).toHaveLength(2);
	});

	test('need no id', () => {
		const world = new World({ run: stub([]) });
		const client = world.login(TRADE);
		const frame = request(world, 'order.create', ORDER, { reqId: undefined });
		expect([world.ask(client, frame), world.ask(client, frame)].map((answers) => answers[0]?.['reqId'])).toEqual([
			undefined,
			undefined,
		]);
	});

	test('are refused to a key that may only read, or that is gone', () => {
		const world = new World({ run: stub([]) });
		expect(codeOf(world.ask(world.login(TRADE, 'READER'), request(world, 'order.create', ORDER)))).toBe(10005);
		const client = world.login(TRADE);
		world.venue.removeKey('KEY');
		expect(codeOf(world.ask(client, request(world, 'order.create', ORDER)))).toBe(10003);
	});

	test('are limited by address', () => {
		const world = new World({ run: stub([]) });
		const client = world.login(TRADE);
		const codes = Array.from({ length: 3_001 }, (_, index) =>
			codeOf(world.ask(client, request(world, 'order.cancel', ORDER, { reqId: String(index) }))),
		);
		expect([codes.filter((code) => code === 0).length, codes.at(-1)]).toEqual([3_000, 10403]);
	});
});

describe('the trade socket in front of the exchange', () => {
	test('creates, amends and cancels, and shows what is left of the limit', () => {
		const world = new World();
		const { exchange } = world.venue;
		const client = world.login(TRADE);
		const created = world.ask(client, request(world, 'order.create', { ...ORDER, orderLinkId: 'mm-1' }))[0];
		expect(created).toMatchObject({
			retCode: 0,
			data: { orderLinkId: 'mm-1' },
			header: { 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '9' },
		});
		const name = { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'mm-1' };
		expect(codeOf(world.ask(client, request(world, 'order.amend', { ...name, price: '49000.0' }, { reqId: '2' })))).toBe(0);
		expect(exchange.openOrders('ann')).toMatchObject([{ priceTicks: 490_000 }]);
		expect(codeOf(world.ask(client, request(world, 'order.cancel', name, { reqId: '3' })))).toBe(0);
		expect(exchange.openOrders('ann')).toEqual([]);
		expect(world.ask(client, request(world, 'order.cancel', name, { reqId: '4' }))[0]).toMatchObject({
			retCode: 110001,
			data: {},
		});
	});

	test('answers a batch with two lists, item by item, and cuts it where the limit ends', () => {
		const world = new World();
		const client = world.login(TRADE);
		const { category: _, ...item } = ORDER;
		const items = Array.from({ length: 12 }, (_order, index) => ({ ...item, orderLinkId: `b${index === 1 ? 0 : index}` }));
		const [answer] = world.ask(client, request(world, 'order.create-batch', { category: 'linear', request: items }));
		const list = asMessage(answer?.['data'])['list'];
		const codes = asMessage(answer?.['retExtInfo'])['list'];
		expect(answer?.['retCode']).toBe(0);
		expect(list).toHaveLength(12);
		expect(rows({ data: codes }).map(({ code }) => code)).toEqual([0, 110072, 0, 0, 0, 0, 0, 0, 0, 0, 10006, 10006]);
		expect(world.venue.exchange.openOrders('ann')).toHaveLength(9);
		const more = request(world, 'order.create-batch', { category: 'linear', request: items.slice(0, 2) }, { reqId: '2' });
		expect(world.ask(client, more)[0]).toMatchObject({ retCode: 0, retExtInfo: { list: [{ code: 10006 }, { code: 10006 }] } });
	});

	test('has no limit if the venue lifts them', () => {
		const world = new World({ options: { ...BYBIT_OPTIONS, limitFactor: Number.POSITIVE_INFINITY } });
		const client = world.login(TRADE);
		for (let count = 0; count < 50; count += 1) {
			expect(codeOf(world.ask(client, request(world, 'order.create', ORDER, { reqId: String(count) })))).toBe(0);
		}
	});

	test('answers pings, and pongs not at all', () => {
		const world = new World();
		const client = world.connect(TRADE);
		expect(world.ask(client, { op: 'ping' })).toEqual([
			{ retCode: 0, retMsg: 'OK', op: 'pong', data: [String(world.nowMs)], connId: 'sim-1' },
		]);
		expect(world.ask(client, { op: 'pong' })).toEqual([]);
	});
});
