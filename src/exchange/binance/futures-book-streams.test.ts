import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANN, BOB, FuturesWorld, PERP } from './futures-ws.fixture.ts';
import { NOW_MS } from './scene.fixture.ts';
import type { Client, Message } from './ws.fixture.ts';

function listening(world: FuturesWorld, ...streams: string[]): Client {
	const client = world.connect('/public/ws');
	world.subscribe(client, ...streams);
	return client;
}

function rowsOf(value: unknown): [string, string][] {
	return Array.isArray(value)
		? value.map((row: unknown) => (Array.isArray(row) ? [String(row[0]), String(row[1])] : ['', '']))
		: [];
}

function depth(world: FuturesWorld): Message {
	return world.look('/fapi/v1/depth', 'symbol=BTCUSDT&limit=1000');
}

/** A book as a client keeps it, by the venue's rules for futures. */
class Kept {
	readonly levels = new Map<string, string>();
	readonly #snapshotId: number;
	#lastU = 0;

	constructor(snapshot: Message) {
		this.#snapshotId = Number(snapshot['lastUpdateId']);
		for (const [side, rows] of [
			['b', rowsOf(snapshot['bids'])],
			['a', rowsOf(snapshot['asks'])],
		] as const) {
			for (const [price, qty] of rows) this.levels.set(`${side}${price}`, qty);
		}
	}

	/** What became of an event: `stale`, or applied, or it shows that something is missing. */
	apply(event: Message): 'stale' | 'applied' | 'gap' {
		const [first, last, before] = [Number(event['U']), Number(event['u']), Number(event['pu'])];
		if (last < this.#snapshotId) return 'stale';
		const follows = this.#lastU === 0 ? first <= this.#snapshotId || before === this.#snapshotId : before === this.#lastU;
		if (!follows) return 'gap';
		this.#lastU = last;
		for (const side of ['b', 'a'] as const) {
			for (const [price, qty] of rowsOf(event[side])) {
				if (Number(qty) === 0) this.levels.delete(`${side}${price}`);
				else this.levels.set(`${side}${price}`, qty);
			}
		}
		return 'applied';
	}

	sorted(): string[] {
		return [...this.levels].map(([name, qty]) => `${name} ${qty}`).sort();
	}
}

describe('the diff stream', () => {
	test('says what changed since the last frame, and which update that was', () => {
		const world = new FuturesWorld();
		world.put(BOB, 'sell', '0.2', '65010');
		const client = listening(world, 'btcusdt@depth@100ms');
		const before = Number(depth(world)['lastUpdateId']);
		world.put(BOB, 'buy', '0.3', '64990');
		world.put(BOB, 'buy', '0.1', '64990');
		world.put(BOB, 'buy', '0.5', '64995.5');
		world.put(ANN, 'buy', '0.2', '65010');
		const changedAtMs = world.nowMs;
		world.pass(100);
		const [frame, ...more] = client.take();
		expect(more).toEqual([]);
		expect(frame).toEqual({
			e: 'depthUpdate',
			E: expect.any(Number) as number,
			T: changedAtMs,
			s: 'BTCUSDT',
			ps: 'BTCUSDT',
			st: 1,
			U: expect.any(Number) as number,
			u: depth(world)['lastUpdateId'],
			pu: before,
			b: [
				['64995.50', '0.500'],
				['64990.00', '0.400'],
			],
			a: [['65010.00', '0.000']],
		});
		// Numbers leave gaps, so nobody gets away with counting.
		expect(Number(frame?.['U'])).toBeGreaterThan(before + 1);
		expect(Number(frame?.['u'])).toBeGreaterThan(Number(frame?.['U']));
		world.pass(1_000);
		expect(client.take()).toEqual([]);
	});

	test.each([
		{ stream: 'btcusdt@depth@100ms', frames: 10 },
		{ stream: 'btcusdt@depth', frames: 4 },
		{ stream: 'btcusdt@depth@500ms', frames: 2 },
		{ stream: 'btcusdt@depth5', frames: 4 },
		{ stream: 'btcusdt@depth20@100ms', frames: 10 },
	])('$stream comes $frames times a second at most', ({ stream, frames }) => {
		const world = new FuturesWorld();
		const client = listening(world, stream);
		world.pass(999 - (world.nowMs % 1_000), 1);
		world.put(BOB, 'buy', '0.01', '62000');
		world.pass(1);
		client.take();
		for (let count = 0; count < 100; count += 1) {
			world.put(BOB, 'buy', '0.01', String(62_000 + count));
			world.pass(10);
		}
		expect(client.take()).toHaveLength(frames);
	});

	test('with the book of REST it makes the same book, whatever happens, at any moment of joining', () => {
		const step = fc.record({
			side: fc.constantFrom('buy', 'sell'),
			lots: fc.integer({ min: 1, max: 50 }),
			tick: fc.integer({ min: 0, max: 30 }),
			passMs: fc.constantFrom(0, 0, 10, 70, 150),
			isCancel: fc.boolean(),
			looks: fc.boolean(),
		});
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 20 }), (steps, joinAt) => {
				const world = new FuturesWorld();
				let client: Client | null = null;
				const orders: string[] = [];
				const kept: Kept[] = [];
				const hear = (): void => {
					for (const event of client?.take() ?? []) for (const book of kept) expect(book.apply(event)).not.toBe('gap');
				};
				for (const [index, { side, lots, tick, passMs, isCancel, looks }] of steps.entries()) {
					if (index === joinAt) client = listening(world, 'btcusdt@depth@100ms');
					const accountId = side === 'buy' ? ANN : BOB;
					const orderId = isCancel ? orders.shift() : undefined;
					if (orderId === undefined) orders.push(world.put(accountId, side, `0.0${lots + 10}`, String(65_000 + tick)));
					else
						for (const each of [ANN, BOB])
							world.exchange.cancel({ accountId: each, symbol: PERP, order: { orderId } }, world.nowMs);
					if (client !== null && looks) kept.push(new Kept(depth(world)));
					world.pass(passMs);
					hear();
				}
				world.pass(200);
				hear();
				const truth = new Kept(depth(world)).sorted();
				for (const book of kept) expect(book.sorted()).toEqual(truth);
			}),
			{ numRuns: 60 },
		);
	});

	test('each frame names the one before it, and a frame that is left out shows', () => {
		const world = new FuturesWorld();
		const client = listening(world, 'btcusdt@depth@100ms');
		const kept = new Kept(depth(world));
		for (let count = 0; count < 50; count += 1) {
			world.put(BOB, 'buy', '0.1', String(62_000 + count));
			world.pass(30);
		}
		world.pass(100);
		const events = client.take();
		expect(events.length).toBeGreaterThan(10);
		for (const [index, event] of events.slice(1).entries()) expect(event['pu']).toBe(events[index]?.['u']);
		const fates = events.filter((_, index) => index !== 5).map((event) => kept.apply(event));
		expect(fates.slice(0, 6)).toEqual(['applied', 'applied', 'applied', 'applied', 'applied', 'gap']);
	});

	test('who comes back after nobody listened hears nothing of before, and where it went on from', () => {
		const world = new FuturesWorld();
		const client = listening(world, 'btcusdt@depth@100ms');
		world.put(BOB, 'buy', '0.1', '64000');
		world.ask(client, { method: 'UNSUBSCRIBE', params: ['btcusdt@depth@100ms'], id: 2 });
		world.put(BOB, 'buy', '0.1', '64001');
		world.pass(200);
		world.subscribe(client, 'btcusdt@depth@100ms');
		const { lastUpdateId } = depth(world);
		world.pass(200);
		expect(client.take()).toEqual([]);
		world.put(BOB, 'buy', '0.1', '64002');
		world.pass(200);
		expect(client.take()).toMatchObject([{ pu: lastUpdateId, b: [['64002.00', '0.100']] }]);
	});
});

describe('the best levels', () => {
	test('partial depth has the form of a change, and comes once for whoever joins, then with each change', () => {
		const world = new FuturesWorld();
		for (let count = 0; count < 7; count += 1) world.put(BOB, 'sell', '0.1', String(65_000 + count));
		world.put(BOB, 'buy', '0.2', '64000');
		const client = listening(world, 'btcusdt@depth5@100ms');
		world.pass(100);
		const { lastUpdateId } = depth(world);
		const [frame, ...more] = client.take();
		expect([frame, more]).toMatchObject([
			{ e: 'depthUpdate', s: 'BTCUSDT', st: 1, u: lastUpdateId, pu: lastUpdateId, b: [['64000.00', '0.200']] },
			[],
		]);
		expect(rowsOf(frame?.['a']).map(([price]) => price)).toEqual([0, 1, 2, 3, 4].map((count) => `${65_000 + count}.00`));
		world.pass(300);
		expect(client.take()).toEqual([]);
		world.put(BOB, 'buy', '0.1', '64001');
		world.put(BOB, 'buy', '0.1', '64002');
		world.pass(100);
		const [next, ...others] = client.take();
		expect([next, others]).toMatchObject([{ u: depth(world)['lastUpdateId'], pu: frame?.['u'] }, []]);
		// It spans both changes.
		expect(Number(next?.['U'])).toBeLessThan(Number(next?.['u']) - 1);
		world.put(BOB, 'buy', '0.1', '64003');
		world.pass(100);
		const [last] = client.take();
		expect(last?.['pu']).toBe(next?.['u']);
		expect(Number(last?.['U'])).toBeGreaterThan(Number(next?.['u']));
	});

	test('bookTicker tells the book as it is, though several levels went at once', () => {
		const world = new FuturesWorld();
		for (let count = 0; count < 3; count += 1) world.put(BOB, 'sell', '0.1', String(65_000 + count));
		const client = listening(world, 'btcusdt@bookTicker');
		world.put(ANN, 'buy', '0.5', '65002');
		expect(client.take()).toMatchObject([{ u: depth(world)['lastUpdateId'], b: '65002.00', B: '0.200', a: '0.00', A: '0.000' }]);
	});

	test('bookTicker comes at once, and only when a best price or its quantity is another', () => {
		const world = new FuturesWorld();
		world.put(BOB, 'sell', '0.1', '65010');
		world.put(BOB, 'buy', '0.1', '64990');
		const client = listening(world, 'btcusdt@bookTicker');
		world.put(BOB, 'buy', '0.1', '64000');
		world.put(BOB, 'sell', '0.1', '66000');
		expect(client.take()).toEqual([]);
		world.put(BOB, 'buy', '0.2', '64990');
		expect(client.take()).toEqual([
			{
				e: 'bookTicker',
				u: depth(world)['lastUpdateId'],
				E: NOW_MS,
				T: NOW_MS,
				s: 'BTCUSDT',
				b: '64990.00',
				B: '0.300',
				a: '65010.00',
				A: '0.100',
				ps: 'BTCUSDT',
				st: 1,
			},
		]);
		world.put(ANN, 'buy', '0.1', '65010');
		expect(client.take()).toMatchObject([{ a: '66000.00' }]);
	});

	test('of all symbols, every five seconds those that have changed', () => {
		const world = new FuturesWorld();
		world.put(BOB, 'buy', '0.1', '64990');
		const client = listening(world, '!bookTicker');
		world.pass(5_000);
		expect(client.take().map(({ s, b }) => [s, b])).toEqual([
			['BTCUSDT', '64990.00'],
			['ETHUSDT', '0.00'],
		]);
		for (let count = 0; count < 5; count += 1) world.put(BOB, 'buy', '0.1', String(64_991 + count));
		world.pass(5_000);
		expect(client.take().map(({ s, b }) => [s, b])).toEqual([['BTCUSDT', '64995.00']]);
	});
});
