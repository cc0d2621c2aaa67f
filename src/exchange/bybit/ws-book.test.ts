import { describe, expect, test } from 'vitest';
import { limitOrder, NOW_MS } from '../core/exchange.fixture.ts';
import { Exchange } from '../core/exchange.ts';
import { createMarket, MARKET_STEP_MS } from '../market/market.ts';
import { FOUR_MARKETS, FOUR_PERPETUALS } from '../market/preset.ts';
import { SeededRng } from '../market/seeded-rng.fixture.ts';
import { asMessage, type Message, parse, World } from './ws.fixture.ts';

const DEPTHS = [1, 50, 200, 1000];
const MESSAGES_WANTED = 10_000;

/** The book as a client builds it, by the venue's rules for clients. */
class ClientBook {
	readonly bids = new Map<string, string>();
	readonly asks = new Map<string, string>();
	updateId = 0;
	messageCount = 0;

	/** From the book of REST. */
	begin({ b, a, u }: Message): void {
		merge(this.bids, levels(b));
		merge(this.asks, levels(a));
		this.updateId = Number(u);
	}

	apply(text: string): void {
		const { type, data, topic } = parse(text);
		const { b, a, u } = asMessage(data);
		if (type === 'snapshot') {
			this.bids.clear();
			this.asks.clear();
		} else {
			expect(u, String(topic)).toBe(this.updateId + 1);
			expect(levels(b).length + levels(a).length).toBeGreaterThan(0);
		}
		expect(levels(b)).toEqual([...levels(b)].sort((left, right) => Number(right[0]) - Number(left[0])));
		expect(levels(a)).toEqual([...levels(a)].sort((left, right) => Number(left[0]) - Number(right[0])));
		merge(this.bids, levels(b));
		merge(this.asks, levels(a));
		this.updateId = Number(u);
		this.messageCount += 1;
	}
}

function levels(value: unknown): [string, string][] {
	if (!Array.isArray(value)) throw new Error('a side must be a list');
	return value.map((row: unknown) => (Array.isArray(row) ? [String(row[0]), String(row[1])] : ['', '']));
}

function merge(side: Map<string, string>, changes: readonly [string, string][]): void {
	for (const [price, size] of changes) {
		if (size === '0') side.delete(price);
		else side.set(price, size);
	}
}

/** How many prices of the client's side differ from the exchange's. */
function differences(exchange: Exchange, symbol: string, depth: number, client: ClientBook): number {
	const listing = exchange.listing(symbol);
	const book = exchange.book(symbol, depth);
	if (listing === undefined || book === undefined) throw new Error(`${symbol} is not listed`);
	let count = Math.abs(client.bids.size - book.bids.length) + Math.abs(client.asks.size - book.asks.length);
	for (const { priceTicks, qtyLots } of book.bids) {
		if (client.bids.get(listing.price.format(priceTicks)) !== listing.qty.format(qtyLots)) count += 1;
	}
	for (const { priceTicks, qtyLots } of book.asks) {
		if (client.asks.get(listing.price.format(priceTicks)) !== listing.qty.format(qtyLots)) count += 1;
	}
	return count;
}

describe('the order book topics', () => {
	test('let a client build the very book of the exchange, at every update of every depth', () => {
		const exchange = new Exchange({ listings: FOUR_PERPETUALS });
		const market = createMarket({ exchange, rng: new SeededRng(11), symbols: FOUR_MARKETS });
		const world = new World({ exchange });
		market.step(world.nowMs);
		let messageCount = 0;
		let wrongCount = 0;
		const seen = new Map(DEPTHS.map((depth) => [depth, 0]));
		const follow = (symbol: string, depth: number): void => {
			const book = new ClientBook();
			const read = (text: string): void => {
				if (!text.startsWith('{"topic"')) return;
				book.apply(text);
				messageCount += 1;
				seen.set(depth, (seen.get(depth) ?? 0) + 1);
				// A late subscriber starts from what is published, which may be a moment old.
				if (book.messageCount > 1) wrongCount += differences(exchange, symbol, depth, book);
			};
			world.tell(world.connect('/v5/public/linear', { read }), { op: 'subscribe', args: [`orderbook.${depth}.${symbol}`] });
		};
		for (const { symbol } of FOUR_MARKETS) for (const depth of DEPTHS) follow(symbol, depth);
		for (let step = 0; messageCount < MESSAGES_WANTED; step += 1) {
			expect(step).toBeLessThan(5_000);
			market.step(world.nowMs);
			if (step === 55) for (const depth of DEPTHS) follow('BTCUSDT', depth);
			world.pass(MARKET_STEP_MS);
		}
		expect(wrongCount).toBe(0);
		for (const [depth, count] of seen) expect(count, `messages of depth ${depth}`).toBeGreaterThan(500);
	});

	test('repeat the best prices every three seconds, and only those', () => {
		const world = new World();
		world.venue.exchange.place(limitOrder('bob', 'buy', '1', '50000'), NOW_MS);
		const client = world.connect('/v5/public/linear');
		world.ask(client, { op: 'subscribe', args: ['orderbook.1.BTCUSDT', 'orderbook.50.BTCUSDT'] });
		world.pass(10_000);
		const messages = client.take();
		expect(messages.map(({ topic, type }) => [topic, type])).toEqual([
			['orderbook.1.BTCUSDT', 'snapshot'],
			['orderbook.1.BTCUSDT', 'snapshot'],
			['orderbook.1.BTCUSDT', 'snapshot'],
		]);
		expect(new Set(messages.map(({ data }) => asMessage(data)['u']))).toEqual(new Set([1]));
	});

	test('push no oftener than their depth allows, and say what changed', () => {
		const world = new World();
		const client = world.connect('/v5/public/linear');
		world.tell(client, { op: 'subscribe', args: DEPTHS.map((depth) => `orderbook.${depth}.BTCUSDT`) });
		world.pass(200);
		client.take();
		for (let step = 0; step < 100; step += 1) {
			world.venue.exchange.place(limitOrder('bob', 'buy', '1', String(50_000 + step)), world.nowMs);
			world.pass(10);
		}
		const messages = client.take();
		const count = (depth: number): number => messages.filter(({ topic }) => topic === `orderbook.${depth}.BTCUSDT`).length;
		expect(DEPTHS.map(count)).toEqual([100, 50, 10, 5]);
		const last = messages.findLast(({ topic }) => topic === 'orderbook.50.BTCUSDT');
		expect(last).toMatchObject({
			type: 'delta',
			ts: world.nowMs,
			cts: world.nowMs - 10,
			data: {
				s: 'BTCUSDT',
				b: [
					['50099.0', '1.000'],
					['50098.0', '1.000'],
					['50049.0', '0'],
					['50048.0', '0'],
				],
				a: [],
			},
		});
	});

	test('of the full depth are deltas only, that fit onto the full book of REST', () => {
		const world = new World();
		const { exchange } = world.venue;
		const place = (price: string): void => {
			const order = { ...limitOrder('bob', 'buy', '0.010', '100'), symbol: 'BTCUSDT.spot' };
			const listing = exchange.listing(order.symbol);
			exchange.place({ ...order, priceTicks: listing?.price.count(price) ?? 0, qtyLots: 100 }, world.nowMs);
		};
		const look = (): Message => world.look('/v5/market/full_orderbook', 'category=spot&symbol=BTCUSDT');
		for (let count = 0; count < 30; count += 1) place(String(40_000 + count));
		const client = world.connect('/v5/public/spot');
		expect(world.ask(client, { op: 'subscribe', args: ['orderbook.full.BTCUSDT'] })).toHaveLength(1);
		world.pass(200);
		expect(client.take()).toEqual([]);
		const mine = new ClientBook();
		mine.begin(look());
		for (let count = 0; count < 40; count += 1) {
			place(String(41_000 + count));
			world.pass(50);
		}
		const messages = client.take();
		expect(messages.length).toBeGreaterThan(5);
		for (const message of messages) {
			expect(message['type']).toBe('delta');
			mine.apply(JSON.stringify(message));
		}
		expect(differences(exchange, 'BTCUSDT.spot', 10_000, mine)).toBe(0);
		expect(look()['u']).toBe(mine.updateId);
		expect(mine.bids.size).toBe(70);
	});
});
