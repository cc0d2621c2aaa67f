import { describe, expect, test } from 'vitest';
import { BOB, type Client, type Message, World } from './ws.fixture.ts';

const API = '/ws-api/v3';
const ORDER: Message = {
	symbol: 'BTCUSDT',
	side: 'BUY',
	type: 'LIMIT',
	timeInForce: 'GTC',
	price: '64000.00',
	quantity: '0.01000',
};
const WEIGHT = { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 };

function loggedOn(world: World): Client {
	const client = world.connect(API);
	expect(world.call(client, 'session.logon', world.signed({}, 'ANN-ED25519'))).toMatchObject({ status: 200 });
	return client;
}

describe('requests and answers', () => {
	test('an order is answered as by REST, with the limits that it used', () => {
		const world = new World();
		const client = world.connect(API);
		const answer = world.call(
			client,
			'order.place',
			world.signed({ ...ORDER, newClientOrderId: 'mm-1', newOrderRespType: 'RESULT' }),
		);
		expect(answer).toMatchObject({
			status: 200,
			result: { symbol: 'BTCUSDT', clientOrderId: 'mm-1', status: 'NEW', price: '64000.00000000', origQty: '0.01000000' },
			rateLimits: [
				{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50, count: 1 },
				{ rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 160_000, count: 1 },
				// Connecting weighs two, an order that succeeds nothing.
				{ ...WEIGHT, count: 2 },
			],
		});
	});

	test.each([
		{ name: 'a number', id: 12 },
		{ name: 'a text', id: '0123456789abcdef0123456789abcdef' },
		{ name: 'null', id: null },
	])('an id that is $name comes back as it was', ({ id }) => {
		const world = new World();
		const [answer] = world.ask(world.connect(API), { id, method: 'ping' });
		expect(answer).toEqual({ id, status: 200, result: {}, rateLimits: [{ ...WEIGHT, count: 3 }] });
	});

	test('a method may carry a version, and parameters that it does not know', () => {
		const world = new World();
		const client = world.connect(API);
		expect(world.call(client, 'v3/time', { returnRateLimits: false })).toMatchObject({ result: { serverTime: world.nowMs } });
		const depth = { symbol: 'BTCUSDT', limit: 5, timestamp: 1, signature: 'x' };
		expect(world.call(client, 'depth', depth)).toMatchObject({ status: 200, result: { bids: [], asks: [] } });
	});

	test('the limits are left out where the address or the request asks for that', () => {
		const world = new World();
		const silent = world.connect(API, 'returnRateLimits=false');
		expect(world.call(silent, 'ping')).not.toHaveProperty('rateLimits');
		expect(world.call(silent, 'ping', { returnRateLimits: true })).toHaveProperty('rateLimits');
		const usual = world.connect(API);
		expect(world.call(usual, 'ping', { returnRateLimits: false })).not.toHaveProperty('rateLimits');
		expect(world.call(usual, 'ping')).toHaveProperty('rateLimits');
	});

	test.each([
		{ name: 'no JSON', frame: '{"id":', answer: { id: null, status: 400, error: { code: -1135 } } },
		{ name: 'no method', frame: { id: 1 }, answer: { id: 1, status: 400, error: { code: -1102 } } },
		{
			name: 'a bad id',
			frame: { id: 'x'.repeat(37), method: 'ping' },
			answer: { id: null, status: 400, error: { code: -1100 } },
		},
		{
			name: 'an unknown method',
			frame: { id: 1, method: 'order.dream' },
			answer: { id: 1, status: 400, error: { code: -1020 } },
		},
		{ name: 'parameters in a list', frame: { id: 1, method: 'ping', params: [1] }, answer: { id: 1, status: 400 } },
		{
			name: 'an unknown symbol',
			frame: { id: 1, method: 'depth', params: { symbol: 'X' } },
			answer: { status: 400, error: { code: -1121 } },
		},
	])('$name is refused and the connection goes on', ({ frame, answer }) => {
		const world = new World();
		const client = world.connect(API);
		expect(world.ask(client, frame)).toMatchObject([answer]);
		expect(world.call(client, 'ping')).toMatchObject({ status: 200 });
	});

	test('what the exchange refuses has the code and text of REST', () => {
		const world = new World();
		world.place(BOB, 'sell', '0.1', '63000');
		const { timeInForce: _, ...terms } = ORDER;
		const maker = world.signed({ ...terms, type: 'LIMIT_MAKER' });
		expect(world.call(world.connect(API), 'order.place', maker)).toMatchObject({
			status: 400,
			error: { code: -2010, msg: 'Order would immediately match and take.' },
		});
	});

	test('half a replacement tells both halves in the error', () => {
		const world = new World();
		const client = world.connect(API);
		world.call(client, 'order.place', world.signed({ ...ORDER, newClientOrderId: 'old' }));
		world.place(BOB, 'sell', '0.1', '64500');
		const { timeInForce: _, ...terms } = ORDER;
		const replace = {
			...terms,
			type: 'LIMIT_MAKER',
			price: '65000',
			cancelOrigClientOrderId: 'old',
			cancelReplaceMode: 'STOP_ON_FAILURE',
		};
		expect(world.call(client, 'order.cancelReplace', world.signed(replace))).toMatchObject({
			status: 409,
			error: { code: -2021, data: { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', newOrderResponse: { code: -2010 } } },
		});
	});

	test('a replacement that only cancels, since there are too many orders, is half done', () => {
		const world = new World({ limitFactor: 1 / 50 });
		const client = world.connect(API);
		world.call(client, 'order.place', world.signed({ ...ORDER, newClientOrderId: 'old' }));
		const how = {
			cancelReplaceMode: 'STOP_ON_FAILURE',
			orderRateLimitExceededMode: 'CANCEL_ONLY',
			cancelOrigClientOrderId: 'old',
		};
		expect(world.call(client, 'order.cancelReplace', world.signed({ ...ORDER, ...how }))).toMatchObject({
			status: 409,
			error: { code: -2021, data: { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', newOrderResponse: { code: -1015 } } },
		});
		expect(world.call(client, 'order.place', world.signed(ORDER))).toMatchObject({ status: 429, error: { code: -1015 } });
	});

	test('too much weight says when to come again, and a ban until when it lasts', () => {
		const world = new World({ limitFactor: 1 / 1_000 });
		const client = world.connect(API);
		for (let count = 0; count < 4; count += 1) expect(world.call(client, 'ping')).toMatchObject({ status: 200 });
		const retryAfter = (Math.floor(world.nowMs / 60_000) + 1) * 60_000;
		expect(world.call(client, 'ping')).toMatchObject({
			status: 429,
			error: { code: -1003, data: { serverTime: world.nowMs, retryAfter } },
			rateLimits: [{ count: 6, limit: 6 }],
		});
		for (let count = 0; count < 60; count += 1) world.call(client, 'ping');
		const banned = world.call(client, 'ping');
		const bannedUntil = expect.any(Number) as number;
		expect(banned).toMatchObject({
			status: 418,
			error: { code: -1003, data: { serverTime: world.nowMs, retryAfter: bannedUntil } },
		});
		expect(world.attempt(API)).toMatchObject({ kind: 'refused', status: 418 });
	});
});

describe('who may ask', () => {
	test('both texts of a signature are taken: plain and percent-encoded', () => {
		const world = new World();
		const client = world.connect(API);
		for (const encode of [(text: string) => text, encodeURIComponent]) {
			const params = world.signed({ note: 'a b:c' }, 'ANN', { encode });
			expect(world.call(client, 'account.status', params)).toMatchObject({ status: 200 });
		}
	});

	test('numbers are signed as they were written', () => {
		const world = new World();
		const client = world.connect(API);
		const params = world.signed({ symbol: 'BTCUSDT', recvWindow: 5000, orderId: 1 });
		expect(world.call(client, 'order.status', params)).toMatchObject({ error: { code: -2013 } });
	});

	test.each([
		{ name: 'no key', params: () => ({ timestamp: 1 }), status: 400, code: -1102 },
		{ name: 'an unknown key', params: (world: World) => world.signed({}, 'NOBODY'), status: 401, code: -2015 },
		{ name: 'a wrong signature', params: (world: World) => ({ ...world.signed({}), more: 1 }), status: 400, code: -1022 },
		{
			name: 'an old timestamp',
			params: (world: World) => world.signed({}, 'ANN', { timestamp: world.nowMs - 5_001 }),
			status: 400,
			code: -1021,
		},
	])('$name is refused', ({ params, status, code }) => {
		const world = new World();
		expect(world.call(world.connect(API), 'account.status', params(world))).toMatchObject({ status, error: { code } });
	});

	test('a key that may only read places nothing', () => {
		const world = new World();
		const client = world.connect(API);
		expect(world.call(client, 'account.status', world.signed({}, 'READER'))).toMatchObject({ status: 200 });
		expect(world.call(client, 'order.place', world.signed(ORDER, 'READER'))).toMatchObject({
			status: 401,
			error: { code: -2015 },
		});
	});
});

describe('a session', () => {
	test('says who has logged on, since when, and who has not', () => {
		const world = new World();
		const client = world.connect(API);
		const connectedSince = world.nowMs;
		const nobody = { apiKey: null, authorizedSince: null, connectedSince, returnRateLimits: true, userDataStream: false };
		expect(world.call(client, 'session.status')).toMatchObject({ result: { ...nobody, serverTime: world.nowMs } });
		world.pass(500);
		const authorizedSince = world.nowMs;
		const eddy = { ...nobody, apiKey: 'ANN-ED25519', authorizedSince, serverTime: world.nowMs };
		expect(world.call(client, 'session.logon', world.signed({}, 'ANN-ED25519'))).toMatchObject({ status: 200, result: eddy });
		expect(world.call(client, 'session.status')).toMatchObject({ result: eddy });
		expect(world.call(client, 'session.logout')).toMatchObject({ status: 200, result: nobody });
	});

	test('is for Ed25519 keys alone', () => {
		const world = new World();
		const client = world.connect(API);
		expect(world.call(client, 'session.logon', world.signed({}))).toMatchObject({ status: 400, error: { code: -1022 } });
		expect(world.call(client, 'session.status')).toMatchObject({ result: { apiKey: null } });
	});

	test('needs neither key nor signature after that, but still a timestamp that is fresh', () => {
		const world = new World();
		const client = loggedOn(world);
		const { nowMs } = world;
		expect(world.call(client, 'order.place', { ...ORDER, timestamp: nowMs })).toMatchObject({ status: 200 });
		expect(world.call(client, 'order.place', ORDER)).toMatchObject({ status: 400, error: { code: -1102 } });
		expect(world.call(client, 'order.place', { ...ORDER, timestamp: nowMs - 5_001 })).toMatchObject({ error: { code: -1021 } });
		world.call(client, 'session.logout');
		expect(world.call(client, 'order.place', { ...ORDER, timestamp: nowMs })).toMatchObject({
			status: 400,
			error: { code: -1102 },
		});
	});

	test('may do what its key may', () => {
		const world = new World();
		const client = world.connect(API);
		world.call(client, 'session.logon', world.signed({}, 'ED25519-READER'));
		expect(world.call(client, 'account.status', { timestamp: world.nowMs })).toMatchObject({ status: 200 });
		const order = { ...ORDER, timestamp: world.nowMs };
		expect(world.call(client, 'order.place', order)).toMatchObject({ status: 401, error: { code: -2015 } });
	});

	test('a request with a key of its own is judged by that alone', () => {
		const world = new World();
		const client = loggedOn(world);
		const [mine, his] = [{ timestamp: world.nowMs }, world.signed({}, 'BOB')];
		world.exchange.deposit(BOB, 'BTC', 1n, world.nowMs);
		const holding = (free: string): object => ({
			result: { balances: [{ asset: 'BTC', free }, {}, {}] },
		});
		expect(world.call(client, 'account.status', mine)).toMatchObject(holding('10.00000000'));
		expect(world.call(client, 'account.status', his)).toMatchObject(holding('10.00000001'));
		expect(world.call(client, 'account.status', { ...mine, signature: 'x' })).toMatchObject({ status: 401 });
	});

	test('ends by itself when its key is revoked, and says so once', () => {
		const world = new World();
		const client = loggedOn(world);
		world.venue.removeKey('ANN-ED25519');
		world.pass(10);
		expect(client.take()).toEqual([
			{ id: null, status: 401, error: { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' } },
		]);
		world.pass(1_000);
		expect(client.take()).toEqual([]);
		expect(world.call(client, 'session.status')).toMatchObject({ result: { apiKey: null } });
	});
});
