/** REST and the sockets read one tape, so whatever happens they cannot tell two stories of a market. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limitOrder } from '../core/exchange.fixture.ts';
import { asMessage, type Client, type Message, rows, World } from './ws.fixture.ts';

const CATEGORIES = ['linear', 'spot'] as const;
const INTERVALS = ['1', '5', '60', 'D'];
const HOUR_MS = 3_600_000;

type Category = (typeof CATEGORIES)[number];

interface Step {
	readonly category: Category;
	readonly act: 'trade' | 'rest' | 'mark' | 'wait';
	/** In whole units of the quote coin, above 50,000. */
	readonly price: number;
	readonly waitMs: number;
}

const step: fc.Arbitrary<Step> = fc.record({
	category: fc.constantFrom(...CATEGORIES),
	act: fc.constantFrom('trade', 'trade', 'rest', 'mark', 'wait'),
	price: fc.nat(200),
	waitMs: fc.oneof(fc.nat(500), fc.nat(90_000), fc.nat(30 * HOUR_MS)),
});

function act(world: World, { category, act: what, price }: Step): void {
	const { exchange } = world.venue;
	const symbol = category === 'spot' ? 'BTCUSDT.spot' : 'BTCUSDT';
	const listing = exchange.listing(symbol);
	if (listing === undefined) throw new Error(`${symbol} is not listed`);
	const priceTicks = listing.price.count(String(50_000 + price));
	const order = { ...limitOrder('ann', 'buy', '0.010', '50000'), symbol, priceTicks, qtyLots: listing.qty.count('0.010') };
	if (what === 'mark') exchange.setMarkPrice(symbol, priceTicks, world.nowMs);
	if (what === 'rest' || what === 'trade') exchange.place(order, world.nowMs);
	if (what === 'trade') exchange.place({ ...order, accountId: 'bob', side: 'sell' }, world.nowMs);
}

/**
 * Jumps near the end of a wait, so that long ones are cheap, and ends it where every topic has had its turn. Who is to
 * listen on must say so, or the venue takes it for dead.
 */
function wait(world: World, ms: number, listeners: Iterable<Listener>): void {
	const endMs = Math.ceil((world.nowMs + ms + 1_500) / 1_000) * 1_000;
	if (endMs - world.nowMs > 2_000) world.nowMs = Math.ceil((endMs - 2_000) / 10) * 10;
	for (const listener of listeners) listener.ping(world);
	world.pass(endMs - world.nowMs);
}

/** What a client knows from a stream: the last snapshot and all deltas since; the last row of candles by their start. */
class Listener {
	readonly ticker = new Map<string, unknown>();
	readonly candles = new Map<string, Message>();
	readonly #client: Client;

	constructor(world: World, category: Category) {
		this.#client = world.connect(`/v5/public/${category}`);
		const args = ['tickers.BTCUSDT', ...INTERVALS.map((interval) => `kline.${interval}.BTCUSDT`)];
		world.tell(this.#client, { op: 'subscribe', args });
	}

	ping(world: World): void {
		world.tell(this.#client, { op: 'ping' });
	}

	read(): void {
		for (const message of this.#client.take()) {
			if (message['topic'] === 'tickers.BTCUSDT') this.#readTicker(message);
			else for (const row of rows(message)) this.candles.set(`${String(row['interval'])} ${String(row['start'])}`, row);
		}
	}

	#readTicker({ type, data }: Message): void {
		if (type === 'snapshot') this.ticker.clear();
		for (const [name, value] of Object.entries(asMessage(data))) this.ticker.set(name, value);
	}
}

function restTicker(world: World, category: Category): Message {
	const list: unknown = world.look('/v5/market/tickers', `category=${category}&symbol=BTCUSDT`)['list'];
	return asMessage(Array.isArray(list) ? list[0] : null);
}

function checkTicker(world: World, category: Category, { ticker }: Listener): void {
	const told = restTicker(world, category);
	const heard = Object.fromEntries([...ticker].filter(([name]) => name !== 'tickDirection'));
	expect(told, category).toMatchObject(heard);
	expect(Object.keys(heard).length).toBe(category === 'spot' ? 9 : 24);
}

/** Every candle that REST lists and a socket has told says the same; the running one has been told if there is any. */
function checkCandles(world: World, category: Category, { candles }: Listener): void {
	for (const interval of INTERVALS) {
		const list: unknown = world.look('/v5/market/kline', `category=${category}&symbol=BTCUSDT&interval=${interval}`)['list'];
		if (!Array.isArray(list)) throw new Error('candles must be a list');
		for (const [index, row] of list.entries()) {
			const [start, ...told] = Array.isArray(row) ? row.map(String) : [];
			const heard = candles.get(`${interval} ${start}`);
			if (index === 0) expect(heard, `the running candle of ${interval}`).toBeDefined();
			if (heard === undefined) continue;
			const { open, high, low, close, volume, turnover } = heard;
			expect([open, high, low, close, volume, turnover], `${category} ${interval} ${start}`).toEqual(told);
		}
	}
}

test('tickers and candles by REST are those of the sockets at every instant, and so for who comes late', () => {
	fc.assert(
		fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
			const world = new World();
			world.nowMs = Math.floor(world.nowMs / 1_000) * 1_000;
			const early = new Map(CATEGORIES.map((category) => [category, new Listener(world, category)]));
			for (const each of steps) {
				act(world, each);
				wait(world, each.waitMs, early.values());
				for (const [category, listener] of early) {
					const late = new Listener(world, category);
					for (const one of [listener, late]) {
						one.read();
						checkTicker(world, category, one);
						checkCandles(world, category, one);
					}
				}
			}
		}),
		{ numRuns: 40 },
	);
});

test('a ticker by REST is that of the socket at each of its pushes, tick by tick', () => {
	const world = new World();
	const listener = new Listener(world, 'linear');
	for (let count = 0; count < 300; count += 1) {
		act(world, { category: 'linear', act: count % 3 === 0 ? 'rest' : 'trade', price: (count * 37) % 201, waitMs: 0 });
		world.pass(10);
		listener.read();
		if (world.nowMs % 100 === 0) checkTicker(world, 'linear', listener);
	}
});

test('a ticker by REST forgets a trade of yesterday when the socket does', () => {
	const world = new World();
	act(world, { category: 'linear', act: 'trade', price: 7, waitMs: 0 });
	world.nowMs += 24 * HOUR_MS - 180_000;
	const listener = new Listener(world, 'linear');
	const volumes: unknown[] = [];
	for (let count = 0; count < 40; count += 1) {
		world.nowMs = Math.ceil((world.nowMs + 8_000) / 10_000) * 10_000 - 10;
		world.pass(10);
		listener.ping(world);
		listener.read();
		checkTicker(world, 'linear', listener);
		volumes.push(listener.ticker.get('volume24h'));
	}
	expect([...new Set(volumes)]).toEqual(['0.010', '0.000']);
});

test('a trade has one id, one sequence and one time, over REST and over sockets', () => {
	const world = new World();
	const client = world.connect('/v5/public/linear');
	world.ask(client, { op: 'subscribe', args: ['publicTrade.BTCUSDT'] });
	for (const price of [1, 5, 3]) act(world, { category: 'linear', act: 'trade', price, waitMs: 0 });
	world.pass(10);
	const heard = rows(client.take()[0]).map(({ i, seq, T, p, v, S }) => [i, String(seq), String(T), p, v, S]);
	const list: unknown = world.look('/v5/market/recent-trade', 'category=linear&symbol=BTCUSDT')['list'];
	const told = (Array.isArray(list) ? list.map(asMessage) : []).map((row) => [
		row['execId'],
		row['seq'],
		row['time'],
		row['price'],
		row['size'],
		row['side'],
	]);
	expect(told).toEqual(heard.reverse());
	expect(told).toHaveLength(3);
});
