import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atoms } from '../core/money.ts';
import { ANN, BOB, FuturesWorld, listOf, ORDER, only, orderOf, PERP } from './futures-ws.fixture.ts';
import { asMessage, type Message } from './ws.fixture.ts';

function accountOf(message: Message | undefined): Message {
	return asMessage(message?.['a']);
}

/** An account with little money and a big long position. */
function daring(world: FuturesWorld): void {
	world.exchange.withdraw(ANN, 'USDT', atoms('499000'), world.nowMs);
	world.rest('POST', '/fapi/v1/leverage', { symbol: 'BTCUSDT', leverage: 100 });
	world.trade('0.5', '65000');
}

function mark(world: FuturesWorld, price: string): void {
	world.exchange.setMarkPrice(PERP, world.contract.price.count(price), world.nowMs);
}

describe('the account', () => {
	test('money that comes and goes is told with what it was', () => {
		const world = new FuturesWorld();
		const client = world.listening();
		world.exchange.deposit(ANN, 'USDT', atoms('5.5'), world.nowMs);
		world.exchange.withdraw(ANN, 'USDT', atoms('100'), world.nowMs);
		expect(client.take().map(accountOf)).toEqual([
			{ m: 'DEPOSIT', B: [{ a: 'USDT', wb: '500005.50000000', cw: '500005.50000000', bc: '5.50000000' }], P: [] },
			{ m: 'WITHDRAW', B: [{ a: 'USDT', wb: '499905.50000000', cw: '499905.50000000', bc: '-100.00000000' }], P: [] },
		]);
	});

	test('a fill that costs nothing names the wallet too', () => {
		const world = new FuturesWorld();
		world.exchange.operator.accounts.setFees(ANN, PERP, { makerRateE8: 0, takerRateE8: 0 });
		const client = world.listening();
		world.trade();
		expect(only(client, 'ACCOUNT_UPDATE').map(accountOf)).toMatchObject([
			{ m: 'ORDER', B: [{ a: 'USDT', wb: '500000.00000000', bc: '0' }], P: [{ pa: '0.100' }] },
		]);
	});

	test('funding is told by the wallet alone', () => {
		const world = new FuturesWorld();
		world.trade('0.1', '65000');
		const client = world.listening();
		world.exchange.applyFunding(PERP, { rateE8: 10_000, markTicks: world.contract.price.count('65000') }, world.nowMs);
		expect(client.take().map(accountOf)).toMatchObject([{ m: 'FUNDING_FEE', B: [{ a: 'USDT', bc: '-0.65000000' }], P: [] }]);
		world.exchange.deposit(ANN, 'USDT', atoms('1'), world.nowMs);
		expect(client.take().map(accountOf)).toMatchObject([{ m: 'DEPOSIT', B: [{ bc: '1.00000000' }] }]);
	});

	test('leverage is told, whoever set it', () => {
		const world = new FuturesWorld();
		const client = world.listening();
		world.rest('POST', '/fapi/v1/leverage', { symbol: 'BTCUSDT', leverage: 25 });
		world.rest('POST', '/fapi/v1/leverage', { symbol: 'BTCUSDT', leverage: 25 });
		world.exchange.operator.accounts.setLeverage(ANN, PERP, 5_00, world.nowMs);
		const { nowMs } = world;
		expect(client.take()).toEqual([
			{ e: 'ACCOUNT_CONFIG_UPDATE', E: nowMs, T: nowMs, ac: { s: 'BTCUSDT', l: 25 } },
			{ e: 'ACCOUNT_CONFIG_UPDATE', E: nowMs, T: nowMs, ac: { s: 'BTCUSDT', l: 5 } },
		]);
	});

	test('a margin call comes once before the end, and again after a recovery', () => {
		const world = new FuturesWorld();
		daring(world);
		const client = world.listening();
		world.pass(2_000);
		expect(client.take()).toEqual([]);
		mark(world, '63400');
		world.pass(3_000);
		expect(client.take()).toMatchObject([
			{
				e: 'MARGIN_CALL',
				p: [{ s: 'BTCUSDT', ps: 'BOTH', pa: '0.500', mt: 'CROSSED', iw: '0', mp: '63400.00', up: '-800.00000000' }],
			},
		]);
		mark(world, '65000');
		world.pass(2_000);
		mark(world, '63400');
		world.pass(2_000);
		expect(client.take().map(({ e }) => e)).toEqual(['MARGIN_CALL']);
	});

	test('closing by force is an order of the venue, calculated, and the account is told of it', () => {
		const world = new FuturesWorld();
		daring(world);
		const client = world.listening();
		world.put(BOB, 'buy', '0.2', '63201');
		world.put(BOB, 'buy', '0.3', '63200');
		mark(world, '63100');
		const all = client.take();
		const orders = all.filter(({ e }) => e === 'ORDER_TRADE_UPDATE').map(orderOf);
		expect(orders.map(({ x }) => x)).toEqual(['NEW', 'CALCULATED', 'CALCULATED']);
		for (const order of orders) expect(order['c']).toMatch(/^autoclose-\d+$/);
		expect(orders.at(-1)).toMatchObject({ X: 'FILLED', S: 'SELL', z: '0.500', R: true });
		expect(all.filter(({ e }) => e === 'TRADE_LITE')).toEqual([]);
		expect(accountOf(all.at(-1))).toMatchObject({ m: 'ORDER', B: [{ bc: '0' }], P: [{ pa: '0' }] });
	});

	test('where nothing is left, what is still owed is cleared by the insurance', () => {
		const world = new FuturesWorld();
		daring(world);
		// The price at which nothing is left is none of the grid: closing there leaves a debt.
		world.exchange.withdraw(ANN, 'USDT', atoms('0.01'), world.nowMs);
		const client = world.listening();
		mark(world, '62000');
		const last = accountOf(only(client, 'ACCOUNT_UPDATE').at(-1));
		expect(last).toMatchObject({ m: 'INSURANCE_CLEAR', B: [{ a: 'USDT', wb: '0', bc: '0.01000000' }], P: [{ pa: '0' }] });
	});
});

/** A changed order may meet another of the same account: then the trade's one number stands for a fill of each side. */
function fillOf({ t: trade, S: side }: Message): string {
	return `${String(trade)} ${String(side)}`;
}

test('folded together, the events are the orders, the money and the positions of REST', () => {
	const step = fc.record({
		bot: fc.constantFrom('ANN', 'BOB'),
		side: fc.constantFrom('BUY', 'SELL'),
		tick: fc.integer({ min: 0, max: 6 }),
		lots: fc.integer({ min: 1, max: 9 }),
		deed: fc.constantFrom('place', 'place', 'place', 'ioc', 'cancel', 'modify', 'fund', 'deposit'),
	});
	fc.assert(
		fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
			const world = new FuturesWorld();
			const client = world.listening();
			const orders = new Map<unknown, Message>();
			const traded = new Map<unknown, number>();
			const [fast, slow] = [[] as unknown[], [] as unknown[]];
			let [wallet, held, seenMs] = ['500000.00000000', '0', 0];
			const hear = (message: Message): void => {
				expect(Number(message['E'])).toBeGreaterThanOrEqual(seenMs);
				seenMs = Number(message['E']);
				if (message['e'] === 'TRADE_LITE') fast.push(fillOf(message));
				if (message['e'] === 'ORDER_TRADE_UPDATE') {
					const order = orderOf(message);
					orders.set(order['c'], order);
					if (order['x'] !== 'TRADE') return;
					slow.push(fillOf(order));
					traded.set(order['c'], (traded.get(order['c']) ?? 0) + Math.round(Number(order['l']) * 1e3));
				}
				if (message['e'] !== 'ACCOUNT_UPDATE') return;
				for (const each of listOf(accountOf(message)['B'])) wallet = String(each['wb']);
				for (const each of listOf(accountOf(message)['P'])) held = String(each['pa']);
			};
			for (const [count, { bot, side, tick, lots, deed }] of steps.entries()) {
				const open = world.exchange.openOrders(bot === 'ANN' ? ANN : BOB).at(tick % 3);
				const terms = { ...ORDER, side, price: `${65_000 + tick}.00`, quantity: `0.0${lots}`, newClientOrderId: `o-${count}` };
				const ofOpen = { symbol: 'BTCUSDT', origClientOrderId: open?.clientOrderId ?? 'none' };
				const change = { ...ofOpen, side: open?.side === 'sell' ? 'SELL' : 'BUY', quantity: '0.015', price: terms.price };
				if (deed === 'place') world.call(world.api, 'order.place', world.signed(terms, bot));
				else if (deed === 'ioc') world.call(world.api, 'order.place', world.signed({ ...terms, timeInForce: 'IOC' }, bot));
				else if (deed === 'cancel') world.call(world.api, 'order.cancel', world.signed(ofOpen, bot));
				else if (deed === 'modify') world.call(world.api, 'order.modify', world.signed(change, bot));
				else if (deed === 'deposit') world.exchange.deposit(ANN, 'USDT', atoms('0.01'), world.nowMs);
				else world.exchange.applyFunding(PERP, { rateE8: 10_000 * (tick - 3), markTicks: 650_000 }, world.nowMs);
				world.pass(300);
				for (const message of client.take()) hear(message);
			}
			const rows = Object.values(world.rest('GET', '/fapi/v1/allOrders', { symbol: 'BTCUSDT' })).map(asMessage);
			const told = rows.map(({ clientOrderId }) => orders.get(clientOrderId));
			expect(told.map((order) => [order?.['X'], order?.['q'], Number(order?.['z']), order?.['p']])).toEqual(
				rows.map(({ status, origQty, executedQty, price }) => [status, origQty, Number(executedQty), price]),
			);
			for (const { clientOrderId, executedQty } of rows) {
				expect(traded.get(clientOrderId) ?? 0).toBe(Math.round(Number(executedQty) * 1e3));
			}
			expect(fast).toEqual(slow);
			expect(new Set(slow).size).toBe(slow.length);
			const account = world.rest('GET', '/fapi/v3/account');
			const [asset] = listOf(account['assets']).filter(({ asset: coin }) => coin === 'USDT');
			expect(Number(wallet)).toBe(Number(asset?.['walletBalance']));
			const position = listOf(account['positions']).find(({ symbol }) => symbol === 'BTCUSDT');
			expect(Number(held)).toBe(Number(position?.['positionAmt'] ?? 0));
		}),
		{ numRuns: 60 },
	);
});
