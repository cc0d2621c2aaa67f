/** How the sentinel reaches Binance, against the exchange in a box: all of ours on both markets, and nothing else. */
import { beforeEach, describe, expect, test } from 'vitest';
import { USUAL_RIGHTS } from '../../src/exchange/key-rights.ts';
import type { Transport } from '../../src/network/transport.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import type { Market } from '../../src/venues/binance/codec/frames.ts';
import { BinanceOwnOrders } from '../../src/venues/binance/own-orders.ts';
import { makeCredentials } from '../../src/venues/binance/sign.ts';
import { idOf, MARKETS, OrderWorld, URLS } from './binance-order-world.ts';

const OURS = new Set(['aaaa', 'bbbb']);
const where = (category: Market, account?: string) => ({ category, settleCoin: 'USDT', account });

let world: OrderWorld;
beforeEach(async () => {
	world = await OrderWorld.open({ calls: { orderEntry: 'rest' } });
});

function own(name = 'alice', given: { readonly apiSecret?: string; readonly transport?: Transport } = {}): BinanceOwnOrders {
	const account = world.venue.accounts.find((each) => each.name === name);
	const made = makeCredentials({ apiKey: account?.apiKey ?? '', apiSecret: given.apiSecret ?? account?.apiSecret ?? '' });
	if (made.kind === 'refused') throw new Error(made.sentence);
	const parts = { transport: given.transport ?? world.transport, clock: world.clock, rng: seededRng(5) };
	return new BinanceOwnOrders({ urls: URLS, credentials: made.credentials, recvWindowMs: 5_000 }, parts);
}

/** As on the real exchange, where the account says what it may, and what its key may is another question. */
function permitting(forbidden: RegExp): Transport {
	const { transport } = world;
	const permitted = (body: Uint8Array): Uint8Array =>
		Buffer.from(
			Buffer.from(body)
				.toString()
				.replace(forbidden, (said) => said.replace('false', 'true')),
		);
	return {
		request: (call, heard) =>
			transport.request(call, (said) => heard(said.kind === 'reply' ? { ...said, body: permitted(said.body) } : said)),
		connect: (target, handler) => transport.connect(target, handler),
		warm: () => {},
		pools: () => transport.pools(),
		[Symbol.asyncDispose]: async () => {},
	};
}

/** Whose the engine's key is, as the venue says it. */
async function accountOf(name: string): Promise<string> {
	using other = own(name);
	const said = await world.settle(other.list(where('spot', 'nobody'), OURS));
	const found = /of the account (\S+), and/.exec(typeof said === 'string' ? said : '')?.[1];
	if (found === undefined) throw new Error(`no account in ${JSON.stringify(said)}`);
	return found;
}

test('a batch that was one too many is not taken apart into many more (F52)', async () => {
	const asked: string[] = [];
	const { transport } = world;
	const body = Buffer.from('{"code":-1003,"msg":"Too many requests."}');
	const refusing: Transport = {
		request: (call, heard) => {
			if (call.method !== 'DELETE') return transport.request(call, heard);
			asked.push(call.target.split('?')[0] ?? '');
			world.clock.after(10, () => heard({ kind: 'reply', status: 429, header: () => undefined, body }));
			return { abort: () => {} };
		},
		connect: (target, handler) => transport.connect(target, handler),
		warm: () => {},
		pools: () => transport.pools(),
		[Symbol.asyncDispose]: async () => {},
	};
	using sentinel = own('alice', { transport: refusing });
	const orders = Array.from({ length: 10 }, (_, i) => ({ symbol: 'BTCUSDT', clientOrderId: idOf(i + 1, { runTag: 'aaaa' }) }));
	await world.settle(sentinel.cancel(where('linear'), orders));
	expect(asked).toEqual(['/fapi/v1/batchOrders']);
});

describe.each(MARKETS)('%s', (market) => {
	test('finds our orders of every symbol, cancels them by id, and touches no others', async () => {
		const [btc, eth] = [world.instrument(market), world.instrument(market, 'ETHUSDT')];
		const ours = Array.from({ length: 27 }, (_, i) =>
			world.place(idOf(i + 1, { runTag: i % 2 === 0 ? 'aaaa' : 'bbbb' }), i % 3 === 0 ? eth : btc),
		);
		const others = [world.place(idOf(1, { runTag: 'zzzz' }), btc), world.place('by-hand', eth)];
		await world.outcomes([...ours.slice(0, 9), ...others, ...ours.slice(9)]);
		expect(world.open(market)).toHaveLength(29);
		using sentinel = own();
		const listed = await world.settle(sentinel.list(where(market), OURS));
		if (typeof listed === 'string') throw new Error(listed);
		expect(listed.map(({ clientOrderId }) => clientOrderId).toSorted()).toEqual(ours.map(({ orderId }) => orderId).toSorted());
		await world.settle(sentinel.cancel(where(market), listed));
		expect(await world.settle(sentinel.list(where(market), OURS))).toEqual([]);
		expect(world.open(market).map((line) => line.split(' ')[0])).toEqual(others.map(({ orderId }) => orderId).toSorted());
	});

	test('a cancel that is lost on its way is asked again', async () => {
		const order = world.place(idOf(1, { runTag: 'aaaa' }), world.instrument(market));
		await world.outcomes([order]);
		world.inject('drop-request', { operation: 'order.cancel', count: 2 });
		using sentinel = own();
		await world.settle(sentinel.cancel(where(market), [{ symbol: 'BTCUSDT', clientOrderId: order.orderId }]));
		expect(world.open(market)).toEqual([]);
	});

	test('rehearses: able where key and account are known, unsure where the engine’s is not', async () => {
		using sentinel = own();
		expect(await world.settle(sentinel.rehearse(where(market, await accountOf('alice'))))).toEqual({ kind: 'able' });
		expect(await world.settle(sentinel.rehearse(where(market)))).toMatchObject({ kind: 'unsure', detail: /the engine's key/ });
	});

	test('a key of another account proves nothing by an empty list', async () => {
		using sentinel = own('bob');
		const account = await accountOf('alice');
		const sentence = expect.stringContaining(`the engine trades on ${account}`) as string;
		expect(await world.settle(sentinel.list(where(market, account), OURS))).toEqual(sentence);
		expect(await world.settle(sentinel.rehearse(where(market, account)))).toEqual({ kind: 'unable', detail: sentence });
	});

	test('a wrong secret, and a key that may only read, are found out before they are needed', async () => {
		using wrong = own('alice', { apiSecret: 'WRONG' });
		expect(await world.settle(wrong.rehearse(where(market)))).toMatchObject({ kind: 'unable' });
		world.venue.setKeyRights('alice', { ...USUAL_RIGHTS, readOnly: true });
		using reader = own();
		const told = await world.settle(reader.rehearse(where(market)));
		expect(told).toMatchObject({ kind: 'unable', detail: expect.stringContaining('may not cancel') as string });
	});

	test.each([
		['account', /"canTrade":false/],
		['key', /"enable(SpotAndMarginTrading|Futures)":false/g],
	])('what the %s may do does not make up for what the other may not', async (_name, forbidden) => {
		world.venue.setKeyRights('alice', { ...USUAL_RIGHTS, readOnly: true });
		using reader = own('alice', { transport: permitting(forbidden) });
		const told = await world.settle(reader.rehearse(where(market)));
		expect(told).toMatchObject({ kind: 'unable', detail: expect.stringContaining('may not cancel') as string });
	});

	test('a list that cannot be had is no empty one', async () => {
		world.unreachable(true);
		using sentinel = own();
		expect(await world.settle(sentinel.list(where(market), OURS))).toEqual(expect.stringContaining('no answer') as string);
	});
});

test('batches that the venue does not take go one by one', async () => {
	const orders = [1, 2, 3].map((counter) => world.place(idOf(counter, { runTag: 'aaaa' }), world.instrument('linear')));
	await world.outcomes(orders);
	world.inject('revoke-key', { reason: 'permission', operation: 'order.cancel-batch' });
	using sentinel = own();
	const named = orders.map(({ orderId }) => ({ symbol: 'BTCUSDT', clientOrderId: orderId }));
	await world.settle(sentinel.cancel(where('linear'), named));
	expect(world.open('linear')).toEqual([]);
});
