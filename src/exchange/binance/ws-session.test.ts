import { describe, expect, test } from 'vitest';
import { ANN, BOB, World } from './ws.fixture.ts';
import { FRAME_LENGTH_MAX } from './ws-frame.ts';

const DAY_MS = 86_400_000;
const GOODBYE_MS = 600_000;

describe('the life of a socket', () => {
	test.each([
		{ path: '/ws', said: { e: 'serverShutdown' } },
		{ path: '/stream', said: { stream: '!serverShutdown', data: { e: 'serverShutdown' } } },
		{ path: '/ws-api/v3', said: { event: { e: 'serverShutdown' } } },
	])('$path is told of its end once, and closed after a day', ({ path, said }) => {
		const world = new World();
		const client = world.connect(path);
		world.pass(DAY_MS - GOODBYE_MS - 1_000, 60_000);
		expect(client.take()).toEqual([]);
		world.pass(2_000, 1_000);
		expect(client.take()).toMatchObject([said]);
		world.pass(GOODBYE_MS - 2_000, 1_000);
		expect(client.closedWith).toBeNull();
		world.pass(2_000, 1_000);
		expect([client.take(), client.closedWith]).toEqual([[], 1001]);
	});

	test('a frame that is too long closes the socket', () => {
		const world = new World();
		const client = world.connect('/ws');
		world.ask(client, 'x'.repeat(FRAME_LENGTH_MAX));
		expect(client.closedWith).toBeNull();
		world.ask(client, 'x'.repeat(FRAME_LENGTH_MAX + 1));
		expect(client.closedWith).toBe(1009);
	});

	test('whoever has gone hears nothing any more', () => {
		const world = new World();
		const client = world.connect('/ws/btcusdt@trade');
		client.connection?.closed(world.nowMs);
		world.place(BOB, 'sell', '0.1', '65000');
		world.place(ANN, 'buy', '0.1', '65000');
		expect(client.texts).toEqual([]);
	});

	test('pings are asked for: every 20 s, to be answered within a minute', () => {
		const heartbeat = { everyMs: 20_000, answerMsMax: 60_000 };
		const world = new World();
		expect([world.connect('/ws').heartbeat, world.connect('/ws-api/v3').heartbeat]).toEqual([heartbeat, heartbeat]);
	});

	test('an address may connect 300 times in five minutes', () => {
		const world = new World();
		for (let count = 0; count < 300; count += 1) world.connect('/ws');
		expect(world.attempt('/ws')).toMatchObject({ kind: 'refused', status: 429 });
		world.pass(300_000, 10_000);
		expect(world.attempt('/ws').kind).toBe('connected');
	});

	test('limits that are lifted let more in', () => {
		const world = new World({ limitFactor: Number.POSITIVE_INFINITY });
		for (let count = 0; count < 301; count += 1) world.connect('/ws');
		const client = world.connect('/ws');
		for (let count = 0; count < 20; count += 1) world.ask(client, { method: 'LIST_SUBSCRIPTIONS', id: count });
		expect(client.closedWith).toBeNull();
	});
});
