import { describe, expect, test } from 'vitest';
import { limitOrder } from '../core/exchange.fixture.ts';
import { SeededRng } from '../market/seeded-rng.fixture.ts';
import { BYBIT_OPTIONS } from './venue.ts';
import { Client, World } from './ws.fixture.ts';

const PATHS = ['/v5/public/linear', '/v5/public/spot', '/v5/public/inverse', '/v5/private', '/v5/trade'];

describe('connecting', () => {
	test.each(['/v5/public', '/v5/public/option', '/', '/v5/private/'])('to %s is refused', (path) => {
		const world = new World();
		expect(world.sockets.connect({ path, query: '', remote: 'here' }, new Client(), world.nowMs)).toMatchObject({
			kind: 'refused',
			status: 404,
		});
	});

	test('is limited by address', () => {
		const world = new World();
		for (let count = 0; count < 500; count += 1) world.connect('/v5/private').connection?.closed(world.nowMs);
		expect(() => world.connect('/v5/private')).toThrow('403');
		world.nowMs += 300_000;
		expect(() => world.connect('/v5/private')).not.toThrow();
	});
});

describe('market data sockets', () => {
	test('are limited by address and category', () => {
		// A hundredth of the limits: 5 connections in five minutes, 10 sockets of a category.
		const world = new World({ options: { ...BYBIT_OPTIONS, limitFactor: 0.01 } });
		const connect = (path: string): string => {
			world.nowMs += 60_000;
			const target = { path, query: '', remote: 'here' };
			const connected = world.sockets.connect(target, new Client(), world.nowMs);
			return connected.kind === 'refused' ? String(connected.status) : 'connected';
		};
		const tries = Array.from({ length: 11 }, () => connect('/v5/public/linear'));
		expect(tries).toEqual([...Array.from({ length: 10 }, () => 'connected'), '403']);
		expect([connect('/v5/public/spot'), connect('/v5/private')]).toEqual(['connected', 'connected']);
	});
});

describe('silence', () => {
	const cases = [
		{ name: 'an idle public socket', path: '/v5/public/linear', query: '', fromMs: 60_000, toMs: 91_000 },
		{ name: 'a private socket', path: '/v5/private', query: '', fromMs: 600_000, toMs: 631_000 },
		{ name: 'a socket that asked for a minute', path: '/v5/trade', query: 'max_active_time=1m', fromMs: 60_000, toMs: 91_000 },
		{
			name: 'a socket that asked for half of one',
			path: '/v5/trade',
			query: 'max_active_time=30s',
			fromMs: 30_000,
			toMs: 61_000,
		},
		{
			name: 'a socket that asked for too little',
			path: '/v5/trade',
			query: 'max_active_time=3s',
			fromMs: 600_000,
			toMs: 631_000,
		},
	];
	test.each(cases)('closes $name', ({ path, query, fromMs, toMs }) => {
		const world = new World();
		world.pass(10);
		const client = world.connect(path, { query });
		world.pass(fromMs);
		expect(client.closedWith).toBeNull();
		world.pass(toMs - fromMs);
		expect(client.closedWith).toBe(1001);
	});

	test('of ten minutes closes a public socket even if it listens to something', () => {
		const world = new World();
		world.pass(10);
		const client = world.connect('/v5/public/linear');
		world.ask(client, { op: 'subscribe', args: ['publicTrade.BTCUSDT'] });
		world.pass(600_000);
		expect(client.closedWith).toBeNull();
		world.pass(31_000);
		expect(client.closedWith).toBe(1001);
	});

	test('does not close a public socket that listens to something, nor one that pings', () => {
		const world = new World();
		const listening = world.connect('/v5/public/linear');
		world.ask(listening, { op: 'subscribe', args: ['publicTrade.BTCUSDT'] });
		const pinging = world.connect('/v5/public/linear');
		for (let count = 0; count < 10; count += 1) {
			world.pass(20_000);
			world.ask(pinging, { op: 'ping' });
		}
		expect([listening.closedWith, pinging.closedWith]).toEqual([null, null]);
	});
});

describe('frames', () => {
	test('that are too long close the socket, after which nothing is heard or said', () => {
		const world = new World();
		const client = world.connect('/v5/public/linear');
		world.ask(client, { op: 'subscribe', args: ['orderbook.50.BTCUSDT'] });
		world.tell(client, ' '.repeat(262_145));
		expect(client.closedWith).toBe(1009);
		expect(world.ask(client, { op: 'ping' })).toEqual([]);
		world.venue.exchange.place(limitOrder('ann', 'buy', '1', '100'), world.nowMs);
		world.pass(1_000);
		expect(client.take()).toEqual([]);
	});

	test('mutated by the thousand are answered as the venue would, and never throw', () => {
		const rng = new SeededRng(17);
		const world = new World();
		const frames = seeds(world);
		const clients = PATHS.map((path) => (path.includes('public') ? world.connect(path) : world.login(path)));
		for (let count = 0; count < 6_000; count += 1) {
			const text = mutate(frames[rng.below(frames.length)] ?? '', rng);
			const index = rng.below(clients.length);
			const client = clients[index];
			if (client === undefined) throw new Error('no such client');
			world.tell(client, text);
			expect(client.closedWith, text).toBeNull();
			for (const answer of client.take()) {
				const known = 'topic' in answer || typeof answer[index === 4 ? 'retCode' : 'success'] === 'boolean';
				const code = typeof answer['retCode'] === 'number' && index === 4;
				expect(known || code || answer['op'] === 'pong', `${text} answered by ${JSON.stringify(answer)}`).toBe(true);
			}
			if (count % 100 === 0) world.pass(10);
		}
	});
});

function seeds(world: World): string[] {
	const order = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', price: '50000.0' };
	const header = { 'X-BAPI-TIMESTAMP': String(world.nowMs) };
	const topics = ['orderbook.50.BTCUSDT', 'publicTrade.BTCUSDT', 'tickers.BTCUSDT', 'kline.1.BTCUSDT', 'order', 'wallet'];
	return [
		{ op: 'ping', req_id: 'p' },
		{ op: 'subscribe', args: topics },
		{ op: 'unsubscribe', args: topics.slice(0, 2), req_id: 3 },
		{ op: 'auth', args: world.credentials() },
		{ reqId: '1', op: 'order.create', header, args: [order] },
		{ op: 'order.amend', header, args: [{ ...order, orderId: '7c1e2a40-0000-4000-8000-000000000001' }] },
		{ op: 'order.cancel-batch', header, args: [{ category: 'linear', request: [order, order] }] },
		{ op: 'order.create-batch', header, args: [{ category: 'spot', request: [order, null, 3] }] },
	].map((frame) => JSON.stringify(frame));
}

const SNIPPETS = [
	'null',
	'[]',
	'{}',
	'-1',
	'1e999',
	'"',
	'\\u0000',
	'__proto__',
	',',
	':',
	'.',
	'99999999999999999999',
	'true',
	'\ud800',
];

/** One to four small accidents: something cut out, doubled, replaced or put in. */
function mutate(text: string, rng: SeededRng): string {
	let mutated = text;
	for (let left = rng.below(4) + 1; left > 0; left -= 1) {
		const from = rng.below(mutated.length + 1);
		const to = Math.min(mutated.length, from + rng.below(8));
		const between = [SNIPPETS[rng.below(SNIPPETS.length)] ?? '', mutated.slice(from, to).repeat(2), ''][rng.below(3)] ?? '';
		mutated = mutated.slice(0, from) + between + mutated.slice(to);
	}
	return mutated;
}
