import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitOrder } from '../core/exchange.fixture.ts';
import { KEY, signed } from './rest.fixture.ts';
import { type Client, type Message, parse, rows, World } from './ws.fixture.ts';

const PRIVATE = '/v5/private';

/** A world in which Ann protects her contracts, and perhaps her spot orders, and rests one order of each. */
function protectedWorld(windows: { readonly DERIVATIVES?: number; readonly SPOT?: number } = { DERIVATIVES: 10 }): World {
	const world = new World();
	const settings = world.venue.desk.settings('ann').dcpWindowSec;
	if (windows.DERIVATIVES !== undefined) settings.set('DERIVATIVES', windows.DERIVATIVES);
	if (windows.SPOT !== undefined) settings.set('SPOT', windows.SPOT);
	const order = limitOrder('ann', 'buy', '1', '100');
	world.venue.exchange.place(order, world.nowMs);
	world.venue.exchange.place({ ...order, symbol: 'BTCUSDT.spot' }, world.nowMs);
	return world;
}

function listen(world: World, topics: readonly string[], apiKey = 'KEY'): Client {
	const client = world.login(PRIVATE, apiKey);
	expect(world.ask(client, { op: 'subscribe', args: topics })).toMatchObject([{ success: true }]);
	return client;
}

function lose(world: World, client: Client): void {
	client.connection?.closed(world.nowMs);
}

/** What Ann has open: P for the perpetual, S for spot. */
function open(world: World): string {
	return world.venue.exchange
		.openOrders('ann')
		.map(({ symbol }) => (symbol === 'BTCUSDT' ? 'P' : 'S'))
		.join('');
}

describe('disconnect protection', () => {
	test('cancels the orders of the product once the window has passed without a listener, and says why', () => {
		const world = protectedWorld();
		const watched = listen(world, ['dcp.future']);
		const beside = listen(world, ['order']);
		lose(world, watched);
		world.pass(10_000);
		expect(open(world)).toBe('PS');
		world.pass(10);
		expect(open(world)).toBe('S');
		expect(rows(beside.take()[0])[0]).toMatchObject({ symbol: 'BTCUSDT', orderStatus: 'Cancelled', cancelType: 'CancelByDCP' });
	});

	test('is set and read by REST', () => {
		const world = protectedWorld({});
		const call = (method: 'GET' | 'POST', path: string, text: string): Message =>
			parse(world.rest(signed(method, path, text, { key: KEY, nowMs: world.nowMs }), world.nowMs).body);
		const set = (body: object): unknown => call('POST', '/v5/order/disconnected-cancel-all', JSON.stringify(body))['retCode'];
		expect([2, 301].map((timeWindow) => set({ product: 'DERIVATIVES', timeWindow }))).toEqual([10001, 10001]);
		expect([set({ product: 'DERIVATIVES', timeWindow: 3 }), set({ product: 'SPOT', timeWindow: 300 })]).toEqual([0, 0]);
		expect(call('GET', '/v5/account/query-dcp-info', '')['result']).toEqual({
			dcpInfos: [
				{ product: 'DERIVATIVES', dcpStatus: 'ON', timeWindow: '3' },
				{ product: 'SPOT', dcpStatus: 'ON', timeWindow: '300' },
			],
		});
		lose(world, listen(world, ['dcp.future', 'dcp.spot']));
		world.pass(3_010);
		expect(open(world)).toBe('S');
	});

	test('does nothing while one of two sockets lives, and counts from the death of the last', () => {
		const world = protectedWorld();
		const first = listen(world, ['dcp.future']);
		const second = listen(world, ['dcp.future']);
		lose(world, first);
		world.pass(60_000);
		expect(open(world)).toBe('PS');
		lose(world, second);
		world.pass(10_000);
		expect(open(world)).toBe('PS');
		world.pass(10);
		expect(open(world)).toBe('S');
	});

	test('is disarmed by a socket that comes back within the window, and armed again by its loss', () => {
		const world = protectedWorld();
		lose(world, listen(world, ['dcp.future']));
		world.pass(9_000);
		const again = listen(world, ['dcp.future']);
		world.pass(60_000);
		expect(open(world)).toBe('PS');
		lose(world, again);
		world.pass(10_010);
		expect(open(world)).toBe('S');
	});

	test('comes once: orders placed afterwards stay until a listener is lost again', () => {
		const world = protectedWorld();
		lose(world, listen(world, ['dcp.future']));
		world.pass(10_010);
		world.venue.exchange.place(limitOrder('ann', 'buy', '1', '101'), world.nowMs);
		world.pass(60_000);
		expect(open(world)).toBe('SP');
	});

	test('takes a socket for lost that fell silent for too long', () => {
		const world = protectedWorld();
		const client = world.connect(PRIVATE, { query: 'max_active_time=30s' });
		world.tell(client, { op: 'auth', args: world.credentials() });
		world.tell(client, { op: 'subscribe', args: ['dcp.future'] });
		while (client.closedWith === null) world.pass(10);
		world.pass(10_000);
		expect(open(world)).toBe('PS');
		world.pass(10);
		expect(open(world)).toBe('S');
	});

	test.each([
		{ name: 'a socket that listens to something else', windows: { DERIVATIVES: 10 }, topics: ['order'], left: 'PS' },
		{ name: 'no window', windows: {}, topics: ['dcp.future', 'dcp.spot'], left: 'PS' },
		{ name: 'the window of another product', windows: { DERIVATIVES: 10 }, topics: ['dcp.spot', 'dcp.option'], left: 'PS' },
		{ name: 'spot', windows: { SPOT: 3 }, topics: ['dcp.future', 'dcp.spot'], left: 'P' },
		{ name: 'both', windows: { SPOT: 3, DERIVATIVES: 300 }, topics: ['dcp.future', 'dcp.spot'], left: '' },
	])('of $name leaves "$left"', ({ windows, topics, left }) => {
		const world = protectedWorld(windows);
		lose(world, listen(world, topics));
		world.pass(301_000);
		expect(open(world)).toBe(left);
	});

	test('is no business of a socket that has left the topic, nor of other accounts', () => {
		const world = protectedWorld();
		const client = listen(world, ['dcp.future', 'order']);
		world.ask(client, { op: 'unsubscribe', args: ['dcp.future'] });
		lose(world, client);
		lose(world, listen(world, ['dcp.future'], 'BOB'));
		world.pass(20_000);
		expect(open(world)).toBe('PS');
	});

	test('does not count a socket that has left the topic among the living', () => {
		const world = protectedWorld();
		const left = listen(world, ['dcp.future']);
		const watched = listen(world, ['dcp.future']);
		world.ask(left, { op: 'unsubscribe', args: ['dcp.future'] });
		lose(world, watched);
		world.pass(10_010);
		expect(open(world)).toBe('S');
	});

	test('fires exactly when the last listener has been gone for longer than the window, whatever sockets do', () => {
		const step = fc.record({ socket: fc.nat(2), waitMs: fc.integer({ min: 0, max: 4 }).map((count) => count * 1_000) });
		fc.assert(
			fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
				const world = protectedWorld({ DERIVATIVES: 3 });
				const clients: (Client | null)[] = [null, null, null];
				let lostAtMs: number | null = null;
				let fired = false;
				for (const { socket, waitMs } of steps) {
					const client = clients[socket];
					if (client) lose(world, client);
					clients[socket] = client ? null : listen(world, ['dcp.future']);
					const alive = clients.some((each) => each !== null);
					if (alive) lostAtMs = null;
					else lostAtMs = world.nowMs;
					world.pass(waitMs);
					fired ||= lostAtMs !== null && world.nowMs - lostAtMs > 3_000;
					expect(open(world)).toBe(fired ? 'S' : 'PS');
				}
			}),
			{ numRuns: 60 },
		);
	});
});
