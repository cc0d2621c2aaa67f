import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { atoms } from '../core/money.ts';
import { ANN, asMessage, BOB, BTC, type Client, type Message, World } from './ws.fixture.ts';

const API = '/ws-api/v3';
const ORDER: Message = {
	symbol: 'BTCUSDT',
	side: 'BUY',
	type: 'LIMIT',
	timeInForce: 'GTC',
	price: '64000.00',
	quantity: '0.01000',
};

function listening(world: World, apiKey = 'ANN'): Client {
	const client = world.connect(API);
	expect(world.call(client, 'userDataStream.subscribe.signature', world.signed({}, apiKey))).toMatchObject({ status: 200 });
	return client;
}

/** The events of the only subscription. */
function heard(client: Client): Message[] {
	return client.take().map((message) => {
		expect(message['subscriptionId']).toBe(0);
		return asMessage(message['event']);
	});
}

function reports(client: Client): Message[] {
	return heard(client).filter((event) => event['e'] === 'executionReport');
}

describe('execution reports', () => {
	test('a new order has all its letters, and the money it holds is told after it', () => {
		const world = new World();
		const client = listening(world);
		const { nowMs } = world;
		const answer = world.call(client, 'order.place', world.signed({ ...ORDER, newClientOrderId: 'mm-1' }));
		const i = asMessage(answer['result'])['orderId'];
		expect(heard(client)).toEqual([
			{
				e: 'executionReport',
				E: nowMs,
				s: 'BTCUSDT',
				c: 'mm-1',
				S: 'BUY',
				o: 'LIMIT',
				f: 'GTC',
				q: '0.01000000',
				p: '64000.00000000',
				P: '0.00000000',
				F: '0.00000000',
				g: -1,
				C: '',
				x: 'NEW',
				X: 'NEW',
				r: 'NONE',
				i,
				l: '0.00000000',
				z: '0.00000000',
				L: '0.00000000',
				n: '0',
				N: null,
				T: nowMs,
				t: -1,
				I: expect.any(Number) as number,
				w: true,
				m: false,
				M: false,
				O: nowMs,
				Z: '0.00000000',
				Y: '0.00000000',
				Q: '0.00000000',
				W: nowMs,
				V: 'EXPIRE_MAKER',
			},
			{ e: 'outboundAccountPosition', E: nowMs, u: nowMs, B: [{ a: 'USDT', f: '499360.00000000', l: '640.00000000' }] },
		]);
	});

	test('each fill is one report, with the trade and what the order has become', () => {
		const world = new World();
		const client = listening(world);
		world.call(client, 'order.place', world.signed({ ...ORDER, newClientOrderId: 'mm-1' }));
		client.take();
		world.pass(50);
		world.place(BOB, 'sell', '0.004', '64000');
		const first = heard(client);
		expect(first).toMatchObject([
			{
				e: 'executionReport',
				c: 'mm-1',
				C: '',
				x: 'TRADE',
				X: 'PARTIALLY_FILLED',
				l: '0.00400000',
				z: '0.00400000',
				L: '64000.00000000',
				n: '0.00000400',
				N: 'BTC',
				Y: '256.00000000',
				Z: '256.00000000',
				m: true,
				w: true,
				T: world.nowMs,
				O: world.nowMs - 50,
			},
			{
				e: 'outboundAccountPosition',
				B: [
					{ a: 'BTC', f: '10.00399600', l: '0.00000000' },
					{ a: 'USDT', f: '499360.00000000', l: '384.00000000' },
				],
			},
		]);
		world.place(BOB, 'sell', '0.01', '63900');
		const [last] = reports(client);
		expect(last).toMatchObject({ x: 'TRADE', X: 'FILLED', l: '0.00600000', z: '0.01000000', Z: '640.00000000', w: false });
		expect(last?.['t']).not.toBe(first[0]?.['t']);
		const trades = asMessage(world.call(client, 'myTrades', world.signed({ symbol: 'BTCUSDT' }))['result']);
		expect([asMessage(trades['0'])['id'], asMessage(trades['1'])['id']]).toEqual([first[0]?.['t'], last?.['t']]);
	});

	test('a cancel has its own name in c and the order its name in C', () => {
		const world = new World();
		const client = listening(world);
		world.call(client, 'order.place', world.signed({ ...ORDER, newClientOrderId: 'mm-1' }));
		client.take();
		const cancel = { symbol: 'BTCUSDT', origClientOrderId: 'mm-1', newClientOrderId: 'cxl-1' };
		world.call(client, 'order.cancel', world.signed(cancel));
		expect(heard(client)).toMatchObject([
			{ x: 'CANCELED', X: 'CANCELED', c: 'cxl-1', C: 'mm-1', w: false, r: 'NONE' },
			{ e: 'outboundAccountPosition', B: [{ a: 'USDT', f: '500000.00000000', l: '0.00000000' }] },
		]);
	});

	test('cancelling all names each cancel as its answer does', () => {
		const world = new World();
		const client = listening(world);
		for (const newClientOrderId of ['mm-1', 'mm-2'])
			world.call(client, 'order.place', world.signed({ ...ORDER, newClientOrderId }));
		client.take();
		const answer = world.call(client, 'openOrders.cancelAll', world.signed({ symbol: 'BTCUSDT' }));
		const names = Object.values(asMessage(answer['result'])).map((each) => asMessage(each)['clientOrderId']);
		expect(reports(client)).toMatchObject([
			{ x: 'CANCELED', C: 'mm-1', c: names[0] },
			{ x: 'CANCELED', C: 'mm-2', c: names[1] },
		]);
	});

	test('an amend keeps the order and tells its new name, its old one and its new quantity', () => {
		const world = new World();
		const client = listening(world);
		world.call(client, 'order.place', world.signed({ ...ORDER, newClientOrderId: 'mm-1' }));
		const [placed] = reports(client);
		const amend = { symbol: 'BTCUSDT', origClientOrderId: 'mm-1', newQty: '0.006', newClientOrderId: 'mm-2' };
		const answer = world.call(client, 'order.amend.keepPriority', world.signed(amend));
		expect(answer).toMatchObject({ status: 200 });
		const [report] = reports(client);
		expect(report).toMatchObject({ x: 'REPLACED', X: 'NEW', c: 'mm-2', C: 'mm-1', q: '0.00600000', i: placed?.['i'], w: true });
		expect(report?.['I']).toBe(asMessage(answer['result'])['executionId']);
	});

	test.each([
		{ name: 'the rest of an IOC order', order: { timeInForce: 'IOC' }, eR: 'UNFILLED_IOC_QUANTITY_EXPIRED', z: '0.00500000' },
		{ name: 'a FOK order', order: { timeInForce: 'FOK' }, eR: 'UNFILLED_FOK_ORDER_EXPIRED', z: '0.00000000' },
	])('$name expires with its reason', ({ order, eR, z }) => {
		const world = new World();
		world.place(BOB, 'sell', '0.005', '64000');
		const client = listening(world);
		world.call(client, 'order.place', world.signed({ ...ORDER, ...order }));
		expect(reports(client).at(-1)).toMatchObject({ x: 'EXPIRED', X: 'EXPIRED', eR, z, w: false, l: '0.00000000', t: -1 });
	});

	test('what the operator takes out expires under its own name', () => {
		const world = new World();
		const client = listening(world);
		const orderId = world.place(ANN, 'buy', '0.01', '64000', { clientOrderId: 'mm-1' });
		client.take();
		world.exchange.cancel({ accountId: ANN, symbol: BTC, order: { orderId }, reason: 'admin' }, world.nowMs);
		expect(reports(client)).toMatchObject([{ x: 'EXPIRED', X: 'EXPIRED', eR: 'EXCHANGE_CANCELED', c: 'mm-1', C: '' }]);
	});

	test('a prevented trade tells the other order and the trade that would have been', () => {
		const world = new World();
		const client = listening(world);
		const ids = ['resting', 'coming'].map((newClientOrderId, index) => {
			const terms = index === 0 ? {} : { side: 'SELL', price: '63000.00', quantity: '0.004' };
			const answer = world.call(client, 'order.place', world.signed({ ...ORDER, ...terms, newClientOrderId }));
			return asMessage(answer['result'])['orderId'];
		});
		expect(reports(client).filter(({ x }) => x === 'TRADE_PREVENTION')).toEqual([
			expect.objectContaining({
				c: 'resting',
				C: '',
				X: 'EXPIRED_IN_MATCH',
				i: ids[0],
				U: ids[1],
				u: -1,
				v: expect.any(Number) as number,
				A: '0.01000000',
				B: '0.01000000',
				Cs: 'BTCUSDT',
				pl: '0.00400000',
				pL: '64000.00000000',
				pY: '256.00000000',
				w: false,
			}) as unknown,
		]);
	});

	test('a market order for an amount shows the amount', () => {
		const world = new World();
		world.place(BOB, 'sell', '1', '64000');
		const client = listening(world);
		world.call(client, 'order.place', world.signed({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '640' }));
		const all = reports(client);
		expect(all.map(({ x, X }) => `${String(x)} ${String(X)}`)).toEqual(['NEW NEW', 'TRADE FILLED']);
		expect(all[1]).toMatchObject({ o: 'MARKET', f: 'GTC', p: '0.00000000', Q: '640.00000000', z: '0.01000000', m: false });
	});
});

describe('money', () => {
	test('deposits and withdrawals are told as such, fills are not', () => {
		const world = new World();
		const client = listening(world);
		const { nowMs } = world;
		world.exchange.deposit(ANN, 'USDT', atoms('5.5'), nowMs);
		expect(heard(client)).toEqual([
			{ e: 'balanceUpdate', E: nowMs, a: 'USDT', d: '5.50000000', T: nowMs },
			{ e: 'outboundAccountPosition', E: nowMs, u: nowMs, B: [{ a: 'USDT', f: '500005.50000000', l: '0.00000000' }] },
		]);
		world.exchange.withdraw(ANN, 'BTC', atoms('1'), nowMs);
		expect(heard(client)).toMatchObject([{ e: 'balanceUpdate', a: 'BTC', d: '-1.00000000' }, { B: [{ a: 'BTC' }] }]);
		world.place(BOB, 'sell', '0.1', '64000');
		world.place(ANN, 'buy', '0.1', '64000');
		expect(heard(client).filter(({ e }) => e === 'balanceUpdate')).toEqual([]);
	});

	test('what the stream says last is what the account holds', () => {
		const world = new World();
		const client = listening(world);
		const told = new Map<string, Message>();
		for (let count = 0; count < 40; count += 1) {
			const [side, other] = count % 3 === 0 ? (['buy', 'sell'] as const) : (['sell', 'buy'] as const);
			world.place(ANN, side, '0.013', String(64_000 + (count % 5)), { selfTrade: 'cancel-maker' });
			world.place(BOB, other, '0.007', String(64_002), { selfTrade: 'cancel-maker' });
			if (count % 7 === 0) world.exchange.deposit(ANN, 'BTC', atoms('0.01'), world.nowMs);
			if (count % 11 === 0) world.exchange.cancelAll({ accountId: ANN }, world.nowMs);
			for (const event of heard(client)) {
				if (event['e'] !== 'outboundAccountPosition') continue;
				for (const each of Object.values(asMessage(event['B'])).map(asMessage)) told.set(String(each['a']), each);
			}
		}
		const account = asMessage(world.call(client, 'account.status', world.signed({}))['result']);
		const truth = Object.values(asMessage(account['balances'])).map(asMessage);
		expect(truth.map(({ asset, free, locked }) => ({ a: asset, f: free, l: locked }))).toEqual(
			expect.arrayContaining([told.get('BTC'), told.get('USDT')]) as unknown,
		);
	});
});

test('folded together, the reports are the orders, and every fill comes once', () => {
	const step = fc.record({
		bot: fc.constantFrom('ANN', 'BOB'),
		side: fc.constantFrom('BUY', 'SELL'),
		tick: fc.integer({ min: 0, max: 6 }),
		lots: fc.integer({ min: 1, max: 9 }),
		deed: fc.constantFrom('place', 'place', 'place', 'ioc', 'cancel', 'amend', 'cancelAll'),
	});
	fc.assert(
		fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
			const world = new World();
			const client = listening(world);
			const state = new Map<unknown, Message>();
			const traded = new Map<unknown, number>();
			const trades = new Set<unknown>();
			let count = 0;
			for (const { bot, side, tick, lots, deed } of steps) {
				count += 1;
				const open = world.exchange.openOrders(bot === 'ANN' ? ANN : BOB).at(tick % 3)?.clientOrderId ?? 'none';
				const call = (method: string, params: Message) =>
					world.call(client, method, world.signed({ symbol: 'BTCUSDT', ...params }, bot));
				const terms = { ...ORDER, side, price: String(64_000 + tick), quantity: `0.0${lots}`, newClientOrderId: `o-${count}` };
				if (deed === 'place') call('order.place', terms);
				else if (deed === 'ioc') call('order.place', { ...terms, timeInForce: 'IOC' });
				else if (deed === 'cancel') call('order.cancel', { origClientOrderId: open });
				else if (deed === 'amend') call('order.amend.keepPriority', { origClientOrderId: open, newQty: '0.005' });
				else call('openOrders.cancelAll', {});
				world.pass(300);
				for (const report of reports(client)) {
					state.set(report['i'], report);
					if (report['x'] !== 'TRADE') continue;
					trades.add(report['t']);
					traded.set(report['i'], (traded.get(report['i']) ?? 0) + Math.round(Number(report['l']) * 1e5));
				}
			}
			const all = asMessage(world.call(client, 'allOrders', world.signed({ symbol: 'BTCUSDT' }))['result']);
			const orders = Object.values(all).map(asMessage);
			expect(
				orders.map(({ orderId, status, executedQty, origQty, clientOrderId }) => [
					orderId,
					status,
					executedQty,
					origQty,
					clientOrderId,
				]),
			).toEqual(
				orders.map(({ orderId }) => {
					const report = state.get(orderId) ?? {};
					return [report['i'], report['X'], report['z'], report['q'], report['x'] === 'CANCELED' ? report['C'] : report['c']];
				}),
			);
			expect(orders.map(({ executedQty }) => Math.round(Number(executedQty) * 1e5))).toEqual(
				orders.map(({ orderId }) => traded.get(orderId) ?? 0),
			);
			const mine = Object.values(asMessage(world.call(client, 'myTrades', world.signed({ symbol: 'BTCUSDT' }))['result'])).map(
				asMessage,
			);
			expect(new Set(mine.map(({ id }) => id))).toEqual(trades);
		}),
		{ numRuns: 60 },
	);
});

describe('subscriptions', () => {
	test('of the key that has logged on end with its logout, and say so', () => {
		const world = new World();
		const client = world.connect(API);
		expect(world.call(client, 'userDataStream.subscribe')).toMatchObject({ status: 401, error: { code: -2015 } });
		world.call(client, 'session.logon', world.signed({}, 'ANN-ED25519'));
		expect(world.call(client, 'userDataStream.subscribe')).toMatchObject({ status: 200, result: { subscriptionId: 0 } });
		expect(world.call(client, 'userDataStream.subscribe.signature', world.signed({}, 'BOB'))).toMatchObject({
			result: { subscriptionId: 1 },
		});
		expect(world.call(client, 'session.status')).toMatchObject({ result: { userDataStream: true } });
		world.call(client, 'session.logout');
		expect(client.take()).toEqual([{ subscriptionId: 0, event: { e: 'eventStreamTerminated', E: world.nowMs } }]);
		expect(world.call(client, 'session.subscriptions')).toMatchObject({ result: [{ subscriptionId: 1 }] });
		world.place(BOB, 'buy', '0.1', '60000');
		world.place(ANN, 'buy', '0.1', '60000');
		expect(client.take().map(({ subscriptionId }) => subscriptionId)).toEqual([1, 1]);
	});

	test('of a key end when another logs on in its place', () => {
		const world = new World();
		const client = world.connect(API);
		world.call(client, 'session.logon', world.signed({}, 'ANN-ED25519'));
		world.call(client, 'userDataStream.subscribe');
		world.call(client, 'session.logon', world.signed({}, 'ANN-ED25519'));
		expect(client.take()).toEqual([]);
		expect(world.call(client, 'session.logon', world.signed({}, 'ED25519-READER'))).toMatchObject({
			result: { apiKey: 'ED25519-READER' },
		});
		expect(client.take()).toMatchObject([{ subscriptionId: 0, event: { e: 'eventStreamTerminated' } }]);
	});

	test('an account is heard once, under whichever of its keys', () => {
		const world = new World();
		const client = listening(world);
		const again = { status: 400, error: { code: -2035 } };
		expect(world.call(client, 'userDataStream.subscribe.signature', world.signed({}))).toMatchObject(again);
		expect(world.call(client, 'userDataStream.subscribe.signature', world.signed({}, 'ANN-ED25519'))).toMatchObject(again);
		expect(listening(world)).toBeDefined();
	});

	test('are ended by name or all together, and no others', () => {
		const world = new World();
		const client = listening(world);
		world.call(client, 'userDataStream.subscribe.signature', world.signed({}, 'BOB'));
		const notActive = { status: 400, error: { code: -2036 } };
		expect(world.call(client, 'userDataStream.unsubscribe', { subscriptionId: 7 })).toMatchObject(notActive);
		expect(world.call(client, 'userDataStream.unsubscribe', { subscriptionId: 0 })).toMatchObject({ status: 200, result: {} });
		expect(client.take()).toMatchObject([{ subscriptionId: 0, event: { e: 'eventStreamTerminated' } }]);
		world.place(ANN, 'buy', '0.1', '60000');
		expect(client.take()).toEqual([]);
		expect(world.call(client, 'userDataStream.unsubscribe')).toMatchObject({ status: 200, result: {} });
		expect(client.take()).toMatchObject([{ subscriptionId: 1 }]);
		expect(world.call(client, 'userDataStream.unsubscribe')).toMatchObject(notActive);
		expect(world.call(client, 'userDataStream.subscribe.signature', world.signed({}))).toMatchObject({
			result: { subscriptionId: 2 },
		});
	});

	test('need a signature, and a key that is valid, then and later', () => {
		const world = new World();
		const client = world.connect(API);
		const { signature: _, ...unsigned } = world.signed({});
		expect(world.call(client, 'userDataStream.subscribe.signature', unsigned)).toMatchObject({
			status: 400,
			error: { code: -1102 },
		});
		const heir = listening(world);
		world.venue.removeKey('ANN');
		world.pass(10);
		expect(heard(heir)).toMatchObject([{ e: 'eventStreamTerminated' }]);
		world.place(ANN, 'buy', '0.1', '60000');
		expect(heir.take()).toEqual([]);
	});

	test('go with their connection', () => {
		const world = new World();
		const client = listening(world);
		client.connection?.closed(world.nowMs);
		const looks = vi.spyOn(world.exchange, 'balances');
		world.place(ANN, 'buy', '0.1', '60000');
		expect([client.texts, looks.mock.calls]).toEqual([[], []]);
	});
});
