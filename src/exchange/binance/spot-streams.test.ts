import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SPOT } from '../core/exchange.fixture.ts';
import { Listing } from '../core/listing.ts';
import { NOW_MS } from './scene.fixture.ts';
import { SpotPrinter } from './spot-stream-views.ts';
import { spotPrice, spotQty } from './spot-views.ts';
import { ANN, asMessage, BOB, BTC, type Client, type Message, World } from './ws.fixture.ts';

function listening(world: World, ...streams: string[]): Client {
	const client = world.connect('/ws');
	world.subscribe(client, ...streams);
	return client;
}

function trade(world: World, qty = '0.1', price = '65000'): void {
	world.place(BOB, 'sell', qty, price);
	world.place(ANN, 'buy', qty, price);
}

/** A book as a client keeps it, by side and price. */
class Kept {
	readonly levels = new Map<string, string>();
	lastId = 0;

	constructor(snapshot: Message) {
		this.lastId = Number(snapshot['lastUpdateId']);
		for (const [side, rows] of [
			['b', rowsOf(snapshot['bids'])],
			['a', rowsOf(snapshot['asks'])],
		] as const) {
			for (const [price, qty] of rows) this.levels.set(`${side}${price}`, qty);
		}
	}

	/** By the venue's rules for spot; false where something is missing. */
	apply(event: Message): boolean {
		if (Number(event['u']) <= this.lastId) return true;
		if (Number(event['U']) > this.lastId + 1) return false;
		this.lastId = Number(event['u']);
		for (const side of ['b', 'a'] as const) {
			for (const [price, qty] of rowsOf(event[side])) {
				if (Number(qty) === 0) this.levels.delete(`${side}${price}`);
				else this.levels.set(`${side}${price}`, qty);
			}
		}
		return true;
	}

	sorted(): string[] {
		return [...this.levels].map(([name, qty]) => `${name} ${qty}`).sort();
	}
}

function rowsOf(value: unknown): [string, string][] {
	return Array.isArray(value)
		? value.map((row: unknown) => (Array.isArray(row) ? [String(row[0]), String(row[1])] : ['', '']))
		: [];
}

function snapshot(world: World): Kept {
	return new Kept(world.look('/api/v3/depth', 'symbol=BTCUSDT&limit=5000'));
}

describe('the diff stream', () => {
	test('says what changed since the last frame, absolutely, and 0 where a level is gone', () => {
		const world = new World();
		world.place(BOB, 'sell', '0.2', '65010');
		const client = listening(world, 'btcusdt@depth@100ms');
		const { lastId } = snapshot(world);
		world.place(BOB, 'buy', '0.3', '64990');
		world.place(BOB, 'buy', '0.1', '64990');
		world.place(BOB, 'buy', '0.5', '64995.5');
		world.place(ANN, 'buy', '0.2', '65010');
		world.pass(100);
		expect(client.take()).toEqual([
			{
				e: 'depthUpdate',
				E: expect.any(Number) as number,
				s: 'BTCUSDT',
				U: lastId + 1,
				u: lastId + 4,
				b: [
					['64995.50000000', '0.50000000'],
					['64990.00000000', '0.40000000'],
				],
				a: [['65010.00000000', '0.00000000']],
			},
		]);
		world.pass(1_000);
		expect(client.take()).toEqual([]);
	});

	test.each([
		{ stream: 'btcusdt@depth@100ms', frames: 10 },
		{ stream: 'btcusdt@depth', frames: 1 },
	])('$stream comes $frames times a second at most', ({ stream, frames }) => {
		const world = new World();
		const client = listening(world, stream);
		world.pass(1_000);
		for (let count = 0; count < 100; count += 1) {
			world.place(BOB, 'buy', '0.01', String(60_000 + count));
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
				const world = new World();
				let client: Client | null = null;
				const orders: string[] = [];
				const kept: Kept[] = [];
				for (const [index, { side, lots, tick, passMs, isCancel, looks }] of steps.entries()) {
					if (index === joinAt) client = listening(world, 'btcusdt@depth@100ms');
					const accountId = side === 'buy' ? ANN : BOB;
					const orderId = isCancel ? orders.shift() : undefined;
					if (orderId === undefined) orders.push(world.place(accountId, side, `0.00${lots + 10}`, String(65_000 + tick)));
					else
						for (const each of [ANN, BOB])
							world.exchange.cancel({ accountId: each, symbol: BTC, order: { orderId } }, world.nowMs);
					if (client !== null && looks) kept.push(snapshot(world));
					world.pass(passMs);
					for (const event of client?.take() ?? []) for (const book of kept) expect(book.apply(event)).toBe(true);
				}
				world.pass(200);
				for (const event of client?.take() ?? []) for (const book of kept) expect(book.apply(event)).toBe(true);
				const truth = snapshot(world);
				for (const book of kept) expect([book.lastId, book.sorted()]).toEqual([truth.lastId, truth.sorted()]);
			}),
			{ numRuns: 60 },
		);
	});

	test('frames follow each other without a gap', () => {
		const world = new World();
		const client = listening(world, 'btcusdt@depth@100ms');
		for (let count = 0; count < 50; count += 1) {
			trade(world, '0.1', String(65_000 + (count % 7)));
			world.place(BOB, 'buy', '0.1', String(60_000 + count));
			world.pass(30);
		}
		world.pass(100);
		const events = client.take();
		expect(events.length).toBeGreaterThan(10);
		for (const [index, event] of events.slice(1).entries()) expect(event['U']).toBe(Number(events[index]?.['u']) + 1);
	});

	test('who comes back after nobody listened hears nothing of before', () => {
		const world = new World();
		const client = listening(world, 'btcusdt@depth@100ms');
		world.place(BOB, 'buy', '0.1', '60000');
		world.ask(client, { method: 'UNSUBSCRIBE', params: ['btcusdt@depth@100ms'], id: 2 });
		world.pass(200);
		world.subscribe(client, 'btcusdt@depth@100ms');
		world.pass(200);
		expect(client.take()).toEqual([]);
	});
});

describe('the best levels', () => {
	test('partial depth names no symbol and comes once for whoever joins, then with each change', () => {
		const world = new World();
		for (let count = 0; count < 7; count += 1) world.place(BOB, 'sell', '0.1', String(65_000 + count));
		world.place(BOB, 'buy', '0.2', '64000');
		const client = listening(world, 'btcusdt@depth5@100ms');
		world.pass(100);
		const first = { lastUpdateId: snapshot(world).lastId, bids: [['64000.00000000', '0.20000000']] };
		const [frame, ...more] = client.take();
		expect([frame, more]).toMatchObject([first, []]);
		expect(rowsOf(frame?.['asks']).map(([price]) => price)).toEqual([0, 1, 2, 3, 4].map((count) => `${65_000 + count}.00000000`));
		world.pass(300);
		expect(client.take()).toEqual([]);
		world.place(BOB, 'buy', '0.1', '64001');
		world.pass(100);
		expect(client.take()).toHaveLength(1);
	});

	test('bookTicker comes at once, and only when a best price or its quantity is another', () => {
		const world = new World();
		world.place(BOB, 'sell', '0.1', '65010');
		world.place(BOB, 'buy', '0.1', '64990');
		const client = listening(world, 'btcusdt@bookTicker');
		world.place(BOB, 'buy', '0.1', '64000');
		world.place(BOB, 'sell', '0.1', '66000');
		expect(client.take()).toEqual([]);
		world.place(BOB, 'buy', '0.2', '64990');
		expect(client.take()).toEqual([
			{ u: snapshot(world).lastId, s: 'BTCUSDT', b: '64990.00000000', B: '0.30000000', a: '65010.00000000', A: '0.10000000' },
		]);
		world.place(ANN, 'buy', '0.1', '65010');
		expect(client.take()).toMatchObject([{ a: '66000.00000000' }]);
	});

	test('bookTicker tells the book as it is, though several levels went at once', () => {
		const world = new World();
		for (let count = 0; count < 3; count += 1) world.place(BOB, 'sell', '0.1', String(65_000 + count));
		const client = listening(world, 'btcusdt@bookTicker');
		world.place(ANN, 'buy', '0.5', '65002');
		expect(client.take()).toMatchObject([
			{ u: snapshot(world).lastId, b: '65002.00000000', B: '0.20000000', a: '0.00000000', A: '0.00000000' },
		]);
	});
});

describe('trades', () => {
	test('trade and aggTrade come at once, with the side of the taker', () => {
		const world = new World();
		const client = listening(world, 'btcusdt@trade', 'btcusdt@aggTrade');
		trade(world, '0.1', '65000');
		const [row] = [world.look('/api/v3/trades', 'symbol=BTCUSDT')['0']].map(asMessage);
		const id = row?.['id'];
		expect(client.take()).toEqual([
			{ e: 'trade', E: NOW_MS, s: 'BTCUSDT', t: id, p: '65000.00000000', q: '0.10000000', T: NOW_MS, m: false, M: true },
			{
				e: 'aggTrade',
				E: NOW_MS,
				s: 'BTCUSDT',
				a: id,
				p: '65000.00000000',
				q: '0.10000000',
				f: id,
				l: id,
				T: NOW_MS,
				m: false,
				M: true,
			},
		]);
		world.place(BOB, 'buy', '0.1', '64000');
		world.place(ANN, 'sell', '0.1', '64000');
		expect(client.take()).toMatchObject([{ m: true }, { m: true }]);
	});
});

describe('candles', () => {
	test('the running candle comes every two seconds while it changes, and once more when it is done', () => {
		const world = new World();
		// At the beginning of a minute.
		world.pass(60_000 - (world.nowMs % 60_000), 1_000);
		const startMs = world.nowMs;
		const client = listening(world, 'btcusdt@kline_1m');
		world.pass(4_000);
		expect(client.take()).toEqual([]);
		trade(world, '0.1', '65000');
		trade(world, '0.2', '65010');
		world.pass(10_000);
		const running = client.take();
		expect(running).toHaveLength(1);
		expect(running[0]).toMatchObject({
			e: 'kline',
			s: 'BTCUSDT',
			k: {
				t: startMs,
				T: startMs + 59_999,
				s: 'BTCUSDT',
				i: '1m',
				o: '65000.00000000',
				c: '65010.00000000',
				h: '65010.00000000',
				l: '65000.00000000',
				v: '0.30000000',
				n: 2,
				x: false,
				q: '19502.00000000',
				V: '0.30000000',
				Q: '19502.00000000',
				B: '0',
			},
		});
		world.pass(startMs + 60_020 - world.nowMs);
		expect(client.take()).toMatchObject([
			{ k: { t: startMs, n: 2, x: true } },
			{ k: { t: startMs + 60_000, n: 0, f: -1, L: -1, x: false } },
		]);
	});

	test('a candle of a second comes every second', () => {
		const world = new World();
		const client = listening(world, 'btcusdt@kline_1s');
		trade(world);
		world.pass(3_500);
		const done = client.take().filter((message) => asMessage(message['k'])['x'] === true);
		expect(done.length).toBe(3);
	});

	test('an interval that there is not is no stream', () => {
		const world = new World();
		const client = world.connect('/ws');
		expect(world.ask(client, { method: 'SUBSCRIBE', params: ['btcusdt@kline_7m'], id: 1 })).toMatchObject([
			{ error: { code: 2 } },
		]);
	});
});

describe('the figures of the day', () => {
	test('come once a second while they change, and say what REST says', () => {
		const world = new World();
		const client = listening(world, 'btcusdt@ticker', 'btcusdt@miniTicker', 'btcusdt@avgPrice', '!miniTicker@arr');
		world.pass(2_000);
		expect(client.take()).toEqual([]);
		trade(world, '0.1', '65000');
		trade(world, '0.3', '66000');
		world.pass(1_000);
		const day = world.look('/api/v3/ticker/24hr', 'symbol=BTCUSDT');
		const common = {
			s: 'BTCUSDT',
			c: day['lastPrice'],
			o: day['openPrice'],
			h: day['highPrice'],
			l: day['lowPrice'],
			v: day['volume'],
			q: day['quoteVolume'],
		};
		const full = {
			...common,
			e: '24hrTicker',
			p: day['priceChange'],
			P: day['priceChangePercent'],
			w: day['weightedAvgPrice'],
			x: day['prevClosePrice'],
			Q: day['lastQty'],
			b: day['bidPrice'],
			B: day['bidQty'],
			a: day['askPrice'],
			A: day['askQty'],
			O: day['openTime'],
			F: day['firstId'],
			L: day['lastId'],
			n: 2,
		};
		const frames = client.take();
		expect(frames).toHaveLength(4);
		expect(frames).toMatchObject([
			full,
			{ ...common, e: '24hrMiniTicker' },
			{
				e: 'avgPrice',
				s: 'BTCUSDT',
				i: '5m',
				w: world.look('/api/v3/avgPrice', 'symbol=BTCUSDT')['price'],
				T: expect.any(Number) as number,
			},
			{ 0: { ...common, e: '24hrMiniTicker' } },
		]);
		expect(full).toMatchObject({ c: '66000.00000000', P: '1.538', w: '65750.00000000', p: '1000.00000000' });
		world.pass(5_000);
		expect(client.take()).toEqual([]);
	});
});

test('prices and quantities of streams have the very digits of REST', () => {
	for (const [tickSize, lotSize] of [
		['0.01', '0.0001'],
		['0.00001', '1'],
		['5', '0.1'],
	] as const) {
		const listing = new Listing({ ...SPOT, tickSize, lotSize, minQty: lotSize });
		const print = new SpotPrinter(listing);
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (count) => {
				expect([print.price(count), print.qty(count)]).toEqual([spotPrice(listing, count), spotQty(listing, count)]);
			}),
			{ numRuns: 50 },
		);
	}
});
