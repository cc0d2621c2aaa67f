/** What the private topics say of a batch: the orders of one account and category share a frame. */
import { expect, test } from 'vitest';
import { limitOrder } from '../core/exchange.fixture.ts';
import { type Client, parse, rows, World } from './ws.fixture.ts';

const TOPICS = ['order', 'execution', 'position', 'wallet'];

function follow(world: World, topics: readonly string[], apiKey = 'KEY'): Client {
	const client = world.login('/v5/private', apiKey);
	world.ask(client, { op: 'subscribe', args: topics });
	return client;
}

/** Topic and how often which member. */
function story(client: Client): string[] {
	return client.take().map((message) => {
		const words = rows(message).map((row) => row['orderStatus'] ?? row['execQty'] ?? row['size'] ?? row['accountType']);
		return [message['topic'], ...words].join(' ');
	});
}

test('orders that rest share a frame, and their position is shown once, as it is at the end', () => {
	const world = new World();
	const client = follow(world, TOPICS);
	world.venue.inBatch(() => {
		for (const price of ['100', '101', '102']) world.venue.exchange.place(limitOrder('ann', 'buy', '1', price), world.nowMs);
	});
	expect(story(client)).toEqual(['order New New New', 'position 0']);
});

test('nothing overtakes what happened before it', () => {
	const world = new World();
	const { exchange } = world.venue;
	exchange.place(limitOrder('bob', 'sell', '1', '200'), world.nowMs);
	const client = follow(world, ['order', 'execution', 'position']);
	world.venue.inBatch(() => {
		exchange.place(limitOrder('ann', 'buy', '1', '100'), world.nowMs);
		exchange.place(limitOrder('ann', 'buy', '1', '200'), world.nowMs);
		exchange.place(limitOrder('ann', 'buy', '1', '101'), world.nowMs);
	});
	expect(story(client)).toEqual([
		'order New New',
		'position 1.000',
		'execution 1.000',
		'order Filled',
		'position 1.000',
		'order New',
		'position 1.000',
	]);
});

test('a batch that breaks off tells what it has done, and what comes later goes at once again', () => {
	const world = new World();
	const client = follow(world, ['order']);
	expect(() =>
		world.venue.inBatch(() => {
			world.venue.exchange.place(limitOrder('ann', 'buy', '1', '100'), world.nowMs);
			throw new Error('a mistake');
		}),
	).toThrow('a mistake');
	expect(story(client)).toEqual(['order New']);
	world.venue.exchange.place(limitOrder('ann', 'buy', '1', '101'), world.nowMs);
	expect(story(client)).toEqual(['order New']);
});

test('each account hears of its own orders alone', () => {
	const world = new World();
	const [ann, bob] = [follow(world, ['order']), follow(world, ['order'], 'BOB')];
	world.venue.inBatch(() => {
		world.venue.exchange.place(limitOrder('ann', 'buy', '1', '100'), world.nowMs);
		world.venue.exchange.place(limitOrder('bob', 'buy', '1', '99'), world.nowMs);
		world.venue.exchange.place(limitOrder('ann', 'buy', '1', '98'), world.nowMs);
	});
	expect([story(ann), story(bob)]).toEqual([['order New', 'order New'], ['order New']]);
});

test('on the trade socket the answer to a batch comes before what the streams tell of it', () => {
	const world = new World();
	const heard: unknown[] = [];
	const listener = world.connect('/v5/private', { read: (text) => heard.push(parse(text)['topic']) });
	world.tell(listener, { op: 'auth', args: world.credentials() });
	world.tell(listener, { op: 'subscribe', args: ['order'] });
	const trader = world.connect('/v5/trade', { read: (text) => heard.push(parse(text)['op']) });
	world.tell(trader, { op: 'auth', args: world.credentials() });
	heard.length = 0;
	const header = { 'X-BAPI-TIMESTAMP': String(world.nowMs) };
	const order = { symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '1', price: '100' };
	const args = [{ category: 'linear', request: [order, order] }];
	world.tell(trader, { reqId: '1', header, op: 'order.create-batch', args });
	expect(heard).toEqual(['order.create-batch', 'order']);
});
