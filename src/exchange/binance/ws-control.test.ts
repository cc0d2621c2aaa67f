import { describe, expect, test } from 'vitest';
import { ANN, BOB, type Client, World } from './ws.fixture.ts';

const UNWRAPPED = '/ws';
const WRAPPED = '/stream';

/** A trade, and what the socket hears of it. */
function tradeHeard(world: World, client: Client): unknown[] {
	world.place(BOB, 'sell', '0.1', '65000');
	world.place(ANN, 'buy', '0.1', '65000');
	return client.take();
}

describe('what a client may ask of a socket of streams', () => {
	test.each([
		{ name: 'a number', id: 7 },
		{ name: 'a text', id: '7' },
		{ name: 'nothing', id: null },
	])('the answer repeats an id that is $name, with its type', ({ id }) => {
		const world = new World();
		const client = world.connect(UNWRAPPED);
		expect(world.ask(client, { method: 'SUBSCRIBE', params: ['btcusdt@trade'], id })).toEqual([{ result: null, id }]);
	});

	test('what is subscribed to is listed, and heard until it is unsubscribed', () => {
		const world = new World();
		const client = world.connect(UNWRAPPED);
		world.subscribe(client, 'btcusdt@trade', 'btcusdt@depth');
		expect(world.ask(client, { method: 'LIST_SUBSCRIPTIONS', id: 2 })).toEqual([
			{ result: ['btcusdt@trade', 'btcusdt@depth'], id: 2 },
		]);
		expect(tradeHeard(world, client)).toMatchObject([{ e: 'trade', q: '0.10000000' }]);
		expect(world.ask(client, { method: 'UNSUBSCRIBE', params: ['btcusdt@trade'], id: 3 })).toEqual([{ result: null, id: 3 }]);
		expect(tradeHeard(world, client)).toEqual([]);
		expect(world.ask(client, { method: 'LIST_SUBSCRIPTIONS', id: 4 })).toEqual([{ result: ['btcusdt@depth'], id: 4 }]);
	});

	test('subscribing twice sends everything once', () => {
		const world = new World();
		const client = world.connect(UNWRAPPED);
		world.subscribe(client, 'btcusdt@trade', 'btcusdt@trade');
		world.subscribe(client, 'btcusdt@trade');
		expect(tradeHeard(world, client)).toHaveLength(1);
	});

	test('subscribing again begins nothing anew', () => {
		const world = new World();
		const client = world.connect(UNWRAPPED);
		world.subscribe(client, 'btcusdt@depth5@100ms');
		world.pass(200);
		expect(client.take()).toHaveLength(1);
		world.subscribe(client, 'btcusdt@depth5@100ms');
		world.pass(200);
		expect(client.take()).toEqual([]);
	});

	test.each([
		{ name: 'no JSON', frame: '{', error: { code: 3 }, id: null },
		{ name: 'no object', frame: '[]', error: { code: 2 }, id: null },
		{ name: 'no method', frame: { id: 1 }, error: { code: 2 }, id: 1 },
		{ name: 'an id with a fraction', frame: { method: 'LIST_SUBSCRIPTIONS', id: 1.5 }, error: { code: 2 }, id: null },
		{ name: 'an id that is too long', frame: { method: 'LIST_SUBSCRIPTIONS', id: 'x'.repeat(37) }, error: { code: 2 }, id: null },
		{ name: 'an unknown method', frame: { method: 'BUY', id: 'a' }, error: { code: 2 }, id: 'a' },
		{ name: 'no list', frame: { method: 'SUBSCRIBE', params: 'btcusdt@trade', id: 1 }, error: { code: 2 }, id: 1 },
		{ name: 'a list of numbers', frame: { method: 'SUBSCRIBE', params: [[1]], id: 1 }, error: { code: 2 }, id: 1 },
		{
			name: 'no name of a stream',
			frame: { method: 'SUBSCRIBE', params: ['btcusdt@trade', 'btcusdt@nonsense'], id: 1 },
			error: { code: 2, msg: 'Invalid request: invalid stream' },
			id: 1,
		},
		{
			name: 'an unknown property',
			frame: { method: 'SET_PROPERTY', params: ['colour', true], id: 1 },
			error: { code: 0 },
			id: 1,
		},
		{
			name: 'a property without a value',
			frame: { method: 'SET_PROPERTY', params: ['combined'], id: 1 },
			error: { code: 1 },
			id: 1,
		},
		{
			name: 'an unknown property to read',
			frame: { method: 'GET_PROPERTY', params: ['colour'], id: 1 },
			error: { code: 0 },
			id: 1,
		},
	])('$name is refused, and the socket stays open', ({ frame, error, id }) => {
		const world = new World();
		const client = world.connect(UNWRAPPED);
		expect(world.ask(client, frame)).toMatchObject([{ error, id }]);
		expect(world.ask(client, { method: 'LIST_SUBSCRIPTIONS', id: 2 })).toEqual([{ result: [], id: 2 }]);
	});

	test.each(['nosuchcoin@trade', 'BTCUSDT@trade', '!ticker@arr', 'btcusdt@referencePrice'])(
		'%s is taken, listed and silent',
		(name) => {
			const world = new World();
			const client = world.connect(UNWRAPPED);
			expect(world.ask(client, { method: 'SUBSCRIBE', params: [name], id: 1 })).toEqual([{ result: null, id: 1 }]);
			expect(tradeHeard(world, client)).toEqual([]);
			expect(world.ask(client, { method: 'LIST_SUBSCRIPTIONS', id: 2 })).toEqual([{ result: [name], id: 2 }]);
		},
	);

	test('a connection has no more than 1024 streams', () => {
		const world = new World();
		const client = world.connect(UNWRAPPED);
		const names = Array.from({ length: 1_024 }, (_, index) => `coin${index}@trade`);
		expect(world.ask(client, { method: 'SUBSCRIBE', params: names, id: 1 })).toEqual([{ result: null, id: 1 }]);
		const more = { method: 'SUBSCRIBE', params: ['btcusdt@trade'], id: 2 };
		expect(world.ask(client, more)).toEqual([{ error: { code: 4, msg: 'Too many subscriptions' }, id: 2 }]);
	});

	test('who sends more than five messages in a second is cut off', () => {
		const world = new World();
		const client = world.connect(UNWRAPPED);
		for (let round = 0; round < 2; round += 1) {
			for (let count = 0; count < 5; count += 1) world.ask(client, { method: 'LIST_SUBSCRIPTIONS', id: count });
			expect(client.closedWith).toBeNull();
			world.pass(1_000);
		}
		for (let count = 0; count < 6; count += 1) world.ask(client, { method: 'LIST_SUBSCRIPTIONS', id: count });
		expect(client.closedWith).toBe(1008);
		expect(tradeHeard(world, client)).toEqual([]);
	});
});

describe('how frames are dressed', () => {
	test.each([
		{ path: UNWRAPPED, combined: false },
		{ path: WRAPPED, combined: true },
	])('$path begins with combined = $combined', ({ path, combined }) => {
		const world = new World();
		const client = world.connect(path);
		world.subscribe(client, 'btcusdt@trade');
		expect(world.ask(client, { method: 'GET_PROPERTY', params: ['combined'], id: 2 })).toEqual([{ result: combined, id: 2 }]);
		const data = { e: 'trade', s: 'BTCUSDT' };
		expect(tradeHeard(world, client)).toMatchObject([combined ? { stream: 'btcusdt@trade', data } : data]);
	});

	test('a client may change its mind', () => {
		const world = new World();
		const client = world.connect(UNWRAPPED);
		world.subscribe(client, 'btcusdt@trade');
		expect(world.ask(client, { method: 'SET_PROPERTY', params: ['combined', true], id: 2 })).toEqual([{ result: null, id: 2 }]);
		expect(tradeHeard(world, client)).toMatchObject([{ stream: 'btcusdt@trade', data: { e: 'trade' } }]);
		world.ask(client, { method: 'SET_PROPERTY', params: ['combined', false], id: 3 });
		expect(tradeHeard(world, client)).toMatchObject([{ e: 'trade' }]);
	});

	test.each([
		{ path: '/ws/btcusdt@trade', query: '', names: ['btcusdt@trade'] },
		{ path: '/ws/btcusdt@trade/btcusdt@depth', query: '', names: ['btcusdt@trade', 'btcusdt@depth'] },
		{ path: '/stream', query: 'streams=btcusdt@trade/btcusdt@depth', names: ['btcusdt@trade', 'btcusdt@depth'] },
		{ path: '/stream', query: 'streams=', names: [] },
		{ path: '/stream-spot/ws/0', query: '', names: [] },
	])('$path?$query subscribes to $names and answers nothing', ({ path, query, names }) => {
		const world = new World();
		const client = world.connect(path, query);
		expect(client.take()).toEqual([]);
		expect(world.ask(client, { method: 'LIST_SUBSCRIPTIONS', id: 1 })).toEqual([{ result: names, id: 1 }]);
	});
});
