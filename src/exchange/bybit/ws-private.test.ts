import { describe, expect, test } from 'vitest';
import { limitOrder } from '../core/exchange.fixture.ts';
import { BYBIT_OPTIONS } from './venue.ts';
import { type Client, type Message, rows, World } from './ws.fixture.ts';

const PRIVATE = '/v5/private';
const ALL = ['order', 'execution', 'execution.fast', 'position', 'wallet'];

function follow(world: World, topics: readonly string[], apiKey = 'KEY'): Client {
	const client = world.login(PRIVATE, apiKey);
	expect(world.ask(client, { op: 'subscribe', args: topics })[0]).toMatchObject({ success: true });
	return client;
}

/** Topic and the members that tell the story, a line each. */
function story(messages: readonly Message[]): string[] {
	return messages.map((message) => {
		const [row] = rows(message);
		const words = ['orderStatus', 'rejectReason', 'price', 'qty', 'leavesQty', 'execQty', 'isMaker', 'size'];
		return [message['topic'], ...words.flatMap((word) => (row?.[word] === undefined ? [] : [row[word]]))].join(' ');
	});
}

describe('the login', () => {
	test('is acknowledged, and a second one does no harm', () => {
		const world = new World();
		const client = world.connect(PRIVATE);
		const args = world.credentials();
		expect(world.ask(client, { op: 'auth', args })).toEqual([{ success: true, ret_msg: '', op: 'auth', conn_id: 'sim-1' }]);
		expect(world.ask(client, { req_id: 'a', op: 'auth', args: ['KEY', 1, 'x'] })).toEqual([
			{ success: true, ret_msg: '', op: 'auth', conn_id: 'sim-1', req_id: 'a' },
		]);
	});

	test('takes the expiry as text too', () => {
		const world = new World();
		const [apiKey, expires, signature] = world.credentials();
		const client = world.connect(PRIVATE);
		expect(world.ask(client, { op: 'auth', args: [apiKey, String(expires), signature] })[0]).toMatchObject({ success: true });
	});

	test.each([
		{ name: 'a wrong signature', args: (world: World) => world.credentials('KEY', 'WRONG') },
		{ name: 'a key that is bound to another address', args: (world: World) => world.credentials('ELSEWHERE') },
		{ name: 'an unknown key', args: (world: World) => world.credentials('NOBODY') },
		{
			name: 'an expiry in the past',
			args: (world: World) => {
				const args = world.credentials();
				world.nowMs += 5_000;
				return args;
			},
		},
		{ name: 'missing arguments', args: () => [] },
	])('fails over $name and leaves the socket open', ({ args }) => {
		const world = new World();
		const client = world.connect(PRIVATE);
		expect(world.ask(client, { op: 'auth', args: args(world) })).toEqual([
			{ success: false, ret_msg: 'Params Error', op: 'auth', conn_id: 'sim-1' },
		]);
		expect(client.closedWith).toBeNull();
		expect(world.ask(client, { op: 'subscribe', args: ['order'] })[0]).toMatchObject({ success: false });
	});

	test('closes the socket when it fails, if the venue is told to', () => {
		const world = new World({ options: { ...BYBIT_OPTIONS, closesAfterFailedLogin: true } });
		const client = world.connect(PRIVATE);
		world.tell(client, { op: 'auth', args: [] });
		expect(client.closedWith).toBe(1008);
	});

	test('signs as the venue documents it', () => {
		const world = new World();
		world.nowMs = 1_771_000_005_000;
		expect(world.credentials()).toEqual([
			'KEY',
			1_771_000_010_000,
			'12b5bf7eda6f16093132feb10585dd4af7b569af1ff98c620cfcf65b9f18d598',
		]);
	});
});

describe('private subscriptions', () => {
	test('that are partly bad are partly done', () => {
		const world = new World();
		const client = world.login(PRIVATE);
		expect(world.ask(client, { req_id: 's', op: 'subscribe', args: ['order', 'xyz'] })).toEqual([
			{
				success: false,
				ret_msg:
					'Batch subscription partially succeeded and partially failed.Successful subscriptions are as follows:[order]. ' +
					'Subscription to the following topics failed because the topic does not exist or there is a subscription conflict:[xyz].',
				op: 'subscribe',
				conn_id: 'sim-1',
				req_id: 's',
			},
		]);
		world.venue.exchange.place(limitOrder('ann', 'buy', '1', '100'), world.nowMs);
		expect(client.take().map(({ topic }) => topic)).toEqual(['order']);
	});

	test.each([
		{ name: 'both forms at once', args: ['order', 'order.linear'], bad: '[order.linear]' },
		{ name: 'a topic twice', args: ['order', 'order'], bad: '[order]' },
		{ name: 'what only options have', args: ['order', 'greeks'], bad: '[greeks]' },
		{ name: 'a spot position', args: ['order', 'position.spot'], bad: '[position.spot]' },
		{ name: 'the wallet of a category', args: ['order', 'wallet.linear'], bad: '[wallet.linear]' },
	])('refuse $name', ({ args, bad }) => {
		const world = new World();
		const [answer] = world.ask(world.login(PRIVATE), { op: 'subscribe', args });
		expect(answer?.['ret_msg']).toMatch(new RegExp(`conflict:\\${bad.slice(0, -1)}\\]\\.$`));
	});

	test('are limited by their length, and refused as a whole beyond it', () => {
		const world = new World();
		const client = world.login(PRIVATE);
		const args = ['order', 'x'.repeat(20_995)];
		expect(world.ask(client, { op: 'subscribe', args: [...args, 'y'] })[0]).toMatchObject({
			success: false,
			ret_msg: 'error:args length >21000',
		});
		world.venue.exchange.place(limitOrder('ann', 'buy', '1', '100'), world.nowMs);
		expect(client.take()).toEqual([]);
		expect(world.ask(client, { op: 'subscribe', args })[0]).toMatchObject({
			ret_msg: expect.stringContaining('[order]') as unknown,
		});
	});

	test('by category hear of that category only, under the name they asked for', () => {
		const world = new World();
		const client = follow(world, ['order.linear', 'execution.fast.linear']);
		world.venue.exchange.place(limitOrder('ann', 'buy', '1', '100'), world.nowMs);
		const spot = { ...limitOrder('ann', 'buy', '1', '100'), symbol: 'BTCUSDT.spot' };
		expect(world.venue.exchange.place(spot, world.nowMs).kind).toBe('accepted');
		expect(client.take().map(({ topic }) => topic)).toEqual(['order.linear']);
	});

	test('are answered with a pong that has the time', () => {
		const world = new World();
		const client = world.login(PRIVATE);
		expect(world.ask(client, { req_id: 'p1', op: 'ping' })).toEqual([
			{ req_id: 'p1', op: 'pong', args: [String(world.nowMs)], conn_id: 'sim-1' },
		]);
	});
});

describe('the life of an order', () => {
	test('is told from its birth over an amend and two fills to its cancel', () => {
		const world = new World();
		const { exchange } = world.venue;
		const client = follow(world, ALL);
		const placed = exchange.place(limitOrder('ann', 'buy', '0.010', '50000', { clientOrderId: 'mm-1' }), world.nowMs);
		if (placed.kind === 'refused') throw new Error(placed.reason);
		expect(story(client.take()).slice(0, 1)).toEqual(['order New EC_NoError 50000.0 0.010 0.010']);
		const order = { orderId: placed.orderId };
		exchange.amend({ accountId: 'ann', symbol: 'BTCUSDT', order, priceTicks: 500_100 }, world.nowMs);
		expect(story(client.take()).slice(0, 1)).toEqual(['order New EC_NoError 50010.0 0.010 0.010']);
		exchange.place(limitOrder('bob', 'sell', '0.004', '50010'), world.nowMs);
		const filled = client.take();
		expect(story(filled)).toEqual([
			'execution.fast 0.004 true',
			'execution 0.006 0.004 true',
			'order PartiallyFilled EC_NoError 50010.0 0.010 0.006',
			'position 0.004',
			'wallet',
		]);
		const [fast, execution, , position, wallet] = filled.map((message) => rows(message)[0]);
		expect(fast).toEqual({
			category: 'linear',
			symbol: 'BTCUSDT',
			execId: execution?.['execId'],
			execPrice: '50010.0',
			execQty: '0.004',
			orderId: execution?.['orderId'],
			isMaker: true,
			orderLinkId: '',
			side: 'Buy',
			execTime: String(world.nowMs),
			seq: execution?.['seq'],
		});
		// 0.004 x 50010 x 0.0002
		expect(execution).toMatchObject({
			category: 'linear',
			execFee: '0.040008',
			feeRate: '0.0002',
			orderLinkId: 'mm-1',
			execPnl: '0',
			extraFees: [],
		});
		expect(position).toMatchObject({ category: 'linear', entryPrice: '50010.0', side: 'Buy', seq: execution?.['seq'] });
		expect(position).not.toHaveProperty('avgPrice');
		expect(wallet).toMatchObject({ accountType: 'UNIFIED', coin: [{ coin: 'USDT', walletBalance: '999999.959992' }] });
		exchange.cancel({ accountId: 'ann', symbol: 'BTCUSDT', order }, world.nowMs);
		const [last, moved] = client.take();
		expect(rows(last)[0]).toMatchObject({
			orderStatus: 'Cancelled',
			cancelType: 'CancelByUser',
			cumExecQty: '0.004',
			leavesQty: '0.000',
		});
		expect(moved).toMatchObject({ topic: 'position', data: [{ size: '0.004' }] });
	});

	test('ends at once for a post-only order that would trade', () => {
		const world = new World();
		const { exchange } = world.venue;
		exchange.place(limitOrder('bob', 'sell', '1', '50000'), world.nowMs);
		const client = follow(world, ['order', 'execution']);
		exchange.place(limitOrder('ann', 'buy', '1', '50000', { timeInForce: 'post-only' }), world.nowMs);
		const last = client.take().at(-1);
		expect(last).toMatchObject({
			topic: 'order',
			data: [
				{ orderStatus: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity', cumExecQty: '0.000', timeInForce: 'PostOnly' },
			],
		});
	});

	test('pays a fee as a taker and says what closing a position earned', () => {
		const world = new World();
		const { exchange } = world.venue;
		const client = follow(world, ['execution']);
		exchange.place(limitOrder('bob', 'sell', '1', '50000'), world.nowMs);
		exchange.place(limitOrder('ann', 'buy', '1', '50000'), world.nowMs);
		exchange.place(limitOrder('bob', 'buy', '1', '50100'), world.nowMs);
		exchange.place(limitOrder('ann', 'sell', '1', '50100'), world.nowMs);
		expect(client.take().map((message) => rows(message)[0])).toMatchObject([
			{ isMaker: false, execFee: '27.5', execPnl: '0', closedSize: '0' },
			{ isMaker: false, execFee: '27.555', execPnl: '100', closedSize: '1.000' },
		]);
	});

	test('is told to every socket of the account and to no other', () => {
		const world = new World();
		const first = follow(world, ['order']);
		const second = follow(world, ['order', 'wallet'], 'READER');
		const other = follow(world, ALL, 'BOB');
		first.connection?.closed(world.nowMs);
		world.venue.exchange.place(limitOrder('ann', 'buy', '1', '100'), world.nowMs);
		expect([first, second, other].map((client) => client.take().length)).toEqual([0, 1, 0]);
	});
});
