/** The control façade against a real exchange, without sockets: what it answers, what it changes, what it refuses. */
import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { accepted, limitOrder, NOW_MS, openExchange } from '../core/exchange.fixture.ts';
import type { Exchange } from '../core/exchange.ts';
import { type KeyRights, USUAL_RIGHTS } from '../key-rights.ts';
import type { BoxAccount, ControlledBox } from './controlled-box.ts';
import { createControl } from './facade.ts';
import type { FaultDesk } from './fault-desk.ts';
import { SteeredClock } from './steered-clock.ts';
import { Tap } from './tap.ts';

const TOKEN = 'secret';
const FAULTS: FaultDesk = {
	list: () => [{ id: '1', name: 'drop-ack' }],
	inject: (name) => (name === 'drop-ack' ? { kind: 'injected', id: '1' } : { kind: 'refused', message: `no fault ${name}` }),
	clear: (id) => (id === undefined || id === '1' ? 1 : 0),
	counts: () => ({ 'drop-ack': 3 }),
};

let exchange: Exchange;
let box: ControlledBox & { resets: number; readonly rights: { name: string; rights: KeyRights }[] };

beforeEach(() => {
	exchange = openExchange();
	const keyed: BoxAccount[] = [{ name: 'ann', apiKey: 'K', apiSecret: 'S' }];
	box = {
		exchange,
		clock: new SteeredClock(new VirtualClock(NOW_MS)),
		tap: new Tap(),
		faults: FAULTS,
		resets: 0,
		rights: [],
		accounts: () => keyed,
		addAccount: (name) => {
			const account = { name, apiKey: 'K2', apiSecret: 'S2' };
			exchange.openAccount(name);
			keyed.push(account);
			return account;
		},
		setKeyRights: (name, rights) => {
			box.rights.push({ name, rights });
			return keyed.some((each) => each.name === name);
		},
		addPublicKey: (name, publicKeyPem) => (publicKeyPem === 'PEM' ? `${name} by public key` : undefined),
		reset: () => {
			box.resets += 1;
		},
	};
});

function ask(line: string, body: unknown = '', more: { token?: string; box?: ControlledBox } = {}) {
	const [method = '', target = ''] = line.split(' ');
	const [path = '', query = ''] = target.split('?');
	const reply = createControl(more.box ?? box, { token: TOKEN }).request(
		{
			method,
			path,
			query,
			headers: { authorization: `Bearer ${more.token ?? TOKEN}` },
			body: typeof body === 'string' ? body : JSON.stringify(body),
			remote: '127.0.0.1',
		},
		NOW_MS,
	);
	return { status: reply.status, headers: reply.headers, json: JSON.parse(reply.body) as Record<string, unknown> };
}

describe('what is refused', () => {
	test.each([
		['GET /v1/nothing', '', 404, 'there is no /v1/nothing; GET /v1 lists what there is'],
		['PUT /v1/accounts', '', 405, '/v1/accounts knows no PUT; it knows GET, POST'],
		['GET /v1/accounts/zoe', '', 404, 'no account "zoe"; there are: ann, bob, cyd'],
		['GET /v1/accounts/__proto__', '', 404, 'no account "__proto__"'],
		['GET /v1/symbols/%E0%A4%A', '', 404, 'no symbol "%E0%A4%A"'],
		['GET /v1/symbols/DOGE/book', '', 404, 'no symbol "DOGE"; there are: BTCUSDT, ETHUSDT.spot'],
		['GET /v1/symbols/BTCUSDT/book?depth=0', '', 400, 'depth in the query is "0", expected a whole number from 1 to 10000'],
		['GET /v1/symbols/BTCUSDT/book?deep=1', '', 400, 'unknown field "deep" in the query; there are: depth'],
		['GET /v1/accounts/ann/orders?state=gone', '', 400, 'expected one of open, closed'],
		['GET /v1/accounts/ann/orders?symbol=X', '', 404, 'no symbol "X"'],
		['POST /v1/accounts', 'no json', 400, 'the body is no JSON object'],
		['POST /v1/accounts', '[]', 400, 'the body is no JSON object'],
		['POST /v1/accounts', {}, 400, 'name in the body is missing, expected 1 to 40 letters'],
		['POST /v1/accounts', { name: 'a b' }, 400, 'name in the body is "a b"'],
		['POST /v1/accounts', '{"name":"x","__proto__":{"y":1}}', 400, 'unknown field "__proto__" in the body'],
		['POST /v1/accounts', { name: 'ann' }, 409, 'there is an account ann already'],
		['POST /v1/accounts/ann/deposit', { coin: 'USDT', amount: '-1' }, 400, 'amount in the body is "-1"'],
		['POST /v1/accounts/ann/deposit', { coin: 'USDT', amount: '0' }, 400, 'expected an amount above zero'],
		['POST /v1/accounts/ann/deposit', { coin: 'XYZ', amount: '1' }, 409, 'the exchange refuses: unknown-coin'],
		['POST /v1/accounts/ann/withdraw', { coin: 'USDT', amount: '999999' }, 409, 'insufficient-balance'],
		[
			'POST /v1/symbols/BTCUSDT/status',
			{ status: 'on' },
			400,
			'expected one of trading, post-only, reduce-only, cancel-only, halted, closed',
		],
		['POST /v1/symbols/BTCUSDT/status', {}, 400, 'the body is empty, expected a status'],
		['POST /v1/symbols/BTCUSDT/filters', { tick: '1' }, 400, 'unknown field "tick" in the body; there are: tickSize'],
		[
			'POST /v1/symbols/BTCUSDT/filters',
			{ tickSize: '0.15' },
			409,
			'invalid-filter: tickSize is 0.15, expected a multiple of 0.1',
		],
		['POST /v1/symbols/BTCUSDT/spike', { rate: '-0.95', forMs: 1 }, 400, 'expected a fraction from -0.9 to 10'],
		['POST /v1/symbols/BTCUSDT/spike', { rate: 'up', forMs: 1 }, 400, 'expected a fraction'],
		['POST /v1/symbols/BTCUSDT/funding', { rate: '7' }, 400, 'expected a fraction'],
		['POST /v1/symbols/BTCUSDT/funding', {}, 409, 'invalid-price'],
		['POST /v1/accounts/ann/adl', { symbol: 'X', qty: '1' }, 404, 'no symbol "X"'],
		[
			'POST /v1/accounts/ann/adl',
			{ symbol: 'BTCUSDT', qty: '0.0001' },
			400,
			'qty in the body is "0.0001", expected a multiple of 0.001',
		],
		['POST /v1/accounts/ann/adl', { symbol: 'BTCUSDT', qty: '1' }, 409, 'no-position'],
		['POST /v1/accounts/ann/trades', { symbol: 'BTCUSDT', side: 'up', qty: '1' }, 400, 'expected one of buy, sell'],
		['POST /v1/accounts/ann/trades', { symbol: 'BTCUSDT', side: 'buy', qty: '1' }, 409, 'invalid-price'],
		['POST /v1/accounts/ann/orders', { symbol: 'BTCUSDT', side: 'buy', qty: '1' }, 400, 'price in the body is missing'],
		['POST /v1/accounts/ann/orders/9/fill', {}, 404, 'no order "9" of ann'],
		['POST /v1/accounts/ann/orders/9/fill', { qty: '1', leave: '1' }, 400, 'expected one of them'],
		['POST /v1/accounts/ann/orders/9/self-trade', '', 409, 'order-not-found'],
		['POST /v1/accounts/ann/leverage', { symbol: 'BTCUSDT', leverage: '101' }, 409, 'invalid-leverage'],
		['POST /v1/accounts/ann/position-mode', { symbol: 'BTCUSDT', mode: 'both' }, 400, 'expected one of one-way, hedge'],
		['POST /v1/accounts/ann/fees', { symbol: 'BTCUSDT', makerRate: '1' }, 400, "expected a fraction such as '-0.0001'"],
		['POST /v1/accounts/ann/fees', { symbol: 'BTCUSDT', makerRate: '0' }, 400, 'expected both or none'],
		['POST /v1/accounts/ann/fee-coin', { coin: 'DOGE' }, 409, 'unknown-coin'],
		['POST /v1/accounts/ann/key', { readOnly: 1 }, 400, 'readOnly in the body is 1, expected true or false'],
		['POST /v1/accounts/zoe/key', {}, 404, 'no account "zoe"'],
		['POST /v1/accounts/bob/key', {}, 409, 'bob has no key; GET /v1/accounts lists who has one'],
		['POST /v1/symbols/BTCUSDT/mark-price', { price: '65000.05' }, 400, 'expected a multiple of 0.1 (off-grid)'],
		['POST /v1/symbols/BTCUSDT/mark-price', { price: '-1' }, 400, 'expected a multiple of 0.1'],
		['POST /v1/symbols/BTCUSDT/mark-price', { price: '0' }, 409, 'invalid-price'],
		['POST /v1/symbols/BTCUSDT/funding-rate', { rate: '7' }, 400, 'expected a fraction'],
		['POST /v1/symbols/ETHUSDT.spot/funding-rate', { rate: '0.1' }, 409, 'invalid-amount'],
		['POST /v1/time/advance', { ms: 10 }, 409, 'time is running'],
		['POST /v1/time/advance', { ms: 1.5 }, 400, 'expected a whole number'],
		['POST /v1/faults', { name: 'flood' }, 400, 'no fault flood'],
		['DELETE /v1/faults/9', '', 404, 'no fault "9" is in force'],
	])('%s %j', (line, body, status, message) => {
		const before = exchange.stateHash();
		const answer = ask(line, body);
		expect(answer.json['error']).toContain(message);
		expect(answer.status).toBe(status);
		expect(exchange.stateHash()).toBe(before);
	});

	test('whoever does not know the token, whatever is asked for', () => {
		expect(ask('POST /v1/reset', '', { token: 'guess' }).status).toBe(401);
		expect(ask('GET /v1/nothing', '', { token: '' }).status).toBe(401);
		expect(box.resets).toBe(0);
	});

	test('a wrong method says which are right', () => {
		expect(ask('POST /v1/state').headers['allow']).toBe('GET');
	});

	test('faults, where there is no desk for them', () => {
		expect(ask('GET /v1/faults', '', { box: { ...box, exchange, faults: undefined } }).status).toBe(501);
	});
});

describe('what is told', () => {
	test('every route is listed', () => {
		const { routes } = ask('GET /v1').json as { routes: { method: string; path: string }[] };
		expect(routes.map(({ method, path }) => `${method} ${path}`)).toContain('POST /v1/accounts/:account/withdraw');
	});

	test('orders, executions, positions and books in decimals', () => {
		accepted(exchange.place(limitOrder('ann', 'buy', '0.5', '65000.1', { clientOrderId: 'mine' }), NOW_MS));
		accepted(exchange.place(limitOrder('bob', 'sell', '0.2', '65000.1'), NOW_MS));
		expect(ask('GET /v1/accounts/ann/orders').json).toMatchObject({
			orders: [{ clientOrderId: 'mine', price: '65000.1', qty: '0.500', filled: '0.200', status: 'partially-filled' }],
		});
		expect(ask('GET /v1/accounts/bob/orders?state=closed&symbol=BTCUSDT').json).toMatchObject({ orders: [{ status: 'filled' }] });
		expect(ask('GET /v1/accounts/bob/executions').json).toMatchObject({
			executions: [{ price: '65000.1', qty: '0.200', fee: '7.15001100', maker: false }],
		});
		expect(ask('GET /v1/accounts/bob/positions').json).toMatchObject({ positions: [{ qtySigned: '-0.200' }] });
		expect(ask('GET /v1/symbols/BTCUSDT/book').json).toMatchObject({ bids: [['65000.1', '0.300']], asks: [] });
		expect(ask('GET /v1/symbols/BTCUSDT/trades?limit=1').json).toMatchObject({ trades: [{ takerSide: 'sell' }] });
		expect(ask('GET /v1/accounts/ann').json).toMatchObject({ name: 'ann', openOrders: [{ leaves: '0.300' }] });
		expect(ask('GET /v1/symbols').status).toBe(200);
		expect(ask('GET /v1/state').json).toMatchObject({ frozen: false, faultCounts: { 'drop-ack': 3 } });
	});

	test('accounts with their keys where they have some', () => {
		expect(ask('GET /v1/accounts').json).toEqual({
			accounts: [
				{ name: 'ann', apiKey: 'K', apiSecret: 'S' },
				{ name: 'bob', apiKey: null, apiSecret: null },
				{ name: 'cyd', apiKey: null, apiSecret: null },
			],
		});
	});

	test('the wire, from a number on, until it is forgotten', () => {
		for (const text of ['a', 'b', 'c']) box.tap.record(NOW_MS, { kind: 'in', socket: 1, text });
		expect(ask('GET /v1/tap?after=1&limit=1').json).toMatchObject({ entries: [{ number: 3, text: 'c' }] });
		expect(ask('DELETE /v1/tap').json).toEqual({ entries: [] });
		expect(ask('GET /v1/tap').json).toEqual({ entries: [] });
	});
});

describe('what is changed', () => {
	test('accounts and their money', () => {
		expect(ask('POST /v1/accounts', { name: 'dan' }).json).toEqual({ name: 'dan', apiKey: 'K2', apiSecret: 'S2' });
		ask('POST /v1/accounts/dan/deposit', { coin: 'USDT', amount: '100.5' });
		const { json } = ask('POST /v1/accounts/dan/withdraw', { coin: 'USDT', amount: 0.5 });
		expect(json).toMatchObject({ balances: [{ coin: 'USDT', wallet: '100.00000000' }, { coin: 'ETH' }] });
	});

	test('what a key may do: all of it is said anew each time', () => {
		const bound = { readOnly: true, address: '127.0.0.1' };
		const rights = { ...USUAL_RIGHTS, readOnly: true, addresses: ['127.0.0.1'] };
		expect(ask('POST /v1/accounts/ann/key', bound).json).toEqual({ name: 'ann', ...rights });
		ask('POST /v1/accounts/ann/key', { spot: false, contracts: false, withdraw: true });
		ask('POST /v1/accounts/ann/key', {});
		expect(box.rights).toEqual([
			{ name: 'ann', rights },
			{ name: 'ann', rights: { ...USUAL_RIGHTS, spot: false, contracts: false, withdraw: true } },
			{ name: 'ann', rights: USUAL_RIGHTS },
		]);
	});

	test('symbols: status, mark price, funding rate', () => {
		expect(ask('POST /v1/symbols/BTCUSDT/status', { status: 'halted' }).json).toMatchObject({ status: 'halted' });
		expect(ask('POST /v1/symbols/BTCUSDT/mark-price', { price: 65000.5 }).json).toMatchObject({ markPrice: '65000.5' });
		expect(ask('POST /v1/symbols/BTCUSDT/funding-rate', { rate: '-0.0001' }).json).toMatchObject({ fundingRateE8: -10_000 });
	});

	test('symbols: filters, spike, funding, announced end, end', () => {
		expect(ask('POST /v1/symbols/BTCUSDT/filters', { tickSize: '0.5', minNotional: 20 }).json).toMatchObject({
			filters: { tickSize: '0.5', minNotional: '20', lotSize: '0.001' },
		});
		ask('POST /v1/symbols/BTCUSDT/mark-price', { price: '65000' });
		ask('POST /v1/accounts/ann/trades', { symbol: 'BTCUSDT', side: 'buy', qty: '1' });
		expect(ask('POST /v1/symbols/BTCUSDT/funding', { rate: '0.0001' }).status).toBe(200);
		ask('POST /v1/symbols/BTCUSDT/funding-rate', { rate: '0.0002' });
		expect(ask('POST /v1/funding').json).toEqual({ symbols: ['BTCUSDT'] });
		expect(ask('GET /v1/accounts/ann/positions').json).toMatchObject({ positions: [{ fundingPaid: '19.50000000' }] });
		expect(ask('POST /v1/symbols/BTCUSDT/spike', { rate: '0.1', forMs: 10 }).json).toMatchObject({ markPrice: '71500.0' });
		expect(ask('POST /v1/symbols/BTCUSDT/status', { deliveryAtMs: NOW_MS + 5 }).json).toMatchObject({
			status: 'trading',
			deliveryAtMs: NOW_MS + 5,
		});
		expect(ask('POST /v1/symbols/BTCUSDT/status', { status: 'closed' }).json).toMatchObject({
			status: 'closed',
			deliveryAtMs: NOW_MS,
		});
		expect(ask('GET /v1/accounts/ann/executions?symbol=BTCUSDT').json).toMatchObject({
			executions: [{ reason: 'trade' }, { kind: 'funding' }, { kind: 'funding' }, { reason: 'settlement', price: '71500.0' }],
		});
	});

	test('accounts: trades, orders, fills, modes and fees', () => {
		ask('POST /v1/symbols/BTCUSDT/mark-price', { price: '65000' });
		const trade = { symbol: 'BTCUSDT', side: 'sell', qty: '1' };
		expect(ask('POST /v1/accounts/ann/trades', trade).json).toMatchObject({ positions: [{ qtySigned: '-1.000' }] });
		expect(ask('POST /v1/accounts/ann/adl', { symbol: 'BTCUSDT', qty: '0.4', price: '64000' }).json).toMatchObject({
			positions: [{ qtySigned: '-0.600', realised: '400.00000000' }],
		});
		const order = ask('POST /v1/accounts/ann/orders', { symbol: 'BTCUSDT', side: 'buy', qty: '1', price: '64000' }).json;
		expect(order).toMatchObject({ clientOrderId: '', status: 'new' });
		const at = `POST /v1/accounts/ann/orders/${order['orderId'] as string}`;
		expect(ask(`${at}/fill`, { qty: '0.2' }).json).toMatchObject({ leaves: '0.800' });
		expect(ask(`${at}/fill`, { leave: '0.001' }).json).toMatchObject({ leaves: '0.001', status: 'partially-filled' });
		expect(ask(`${at}/self-trade`).json).toMatchObject({ status: 'cancelled', cancelReason: 'self-trade' });
		expect(ask('POST /v1/accounts/ann/leverage', { symbol: 'BTCUSDT', leverage: '2.5' }).json).toMatchObject({
			positions: [{ leverage: 2.5 }],
		});
		expect(ask('POST /v1/accounts/bob/fees', { symbol: 'BTCUSDT', makerRate: '-0.0001', takerRate: '0' }).status).toBe(200);
		expect(exchange.operator.accounts.feeRates('bob', 'BTCUSDT')).toEqual({ makerRateE8: -10_000, takerRateE8: 0 });
		ask('POST /v1/accounts/bob/fees', { symbol: 'BTCUSDT' });
		expect(exchange.operator.accounts.feeRates('bob', 'BTCUSDT')).toBeNull();
		expect(ask('POST /v1/accounts/bob/fee-coin', { coin: 'ETH' }).json).toEqual({ name: 'bob', coin: 'ETH' });
		ask('POST /v1/accounts/bob/position-mode', { symbol: 'BTCUSDT', mode: 'hedge' });
		const refused = ask('POST /v1/accounts/bob/orders', { symbol: 'BTCUSDT', side: 'buy', qty: '1', price: '64000' });
		expect(refused.json['error']).toContain('position-mode-mismatch');
	});

	test('time: frozen, moved, let go', () => {
		expect(ask('POST /v1/time/freeze').json).toEqual({ nowMs: NOW_MS, frozen: true });
		expect(ask('POST /v1/time/advance', { ms: 1_500 }).json).toEqual({ nowMs: NOW_MS + 1_500, frozen: true });
		expect(ask('POST /v1/time/resume').json).toEqual({ nowMs: NOW_MS + 1_500, frozen: false });
		expect(ask('GET /v1/time').json).toMatchObject({ frozen: false });
	});

	test('faults, and everything at once', () => {
		expect(ask('POST /v1/faults', { name: 'drop-ack', parameters: { count: 1 } }).json).toEqual({ id: '1' });
		expect(ask('GET /v1/faults').json).toEqual({ faults: [{ id: '1', name: 'drop-ack' }], counts: { 'drop-ack': 3 } });
		expect(ask('DELETE /v1/faults/1').json).toEqual({ cleared: 1 });
		expect(ask('DELETE /v1/faults').json).toEqual({ cleared: 1 });
		expect(ask('POST /v1/reset').json).toMatchObject({ accounts: [{ name: 'ann' }] });
		expect(box.resets).toBe(1);
	});
});

describe('a public key', () => {
	test('becomes one more key of an account', () => {
		expect(ask('POST /v1/accounts/ann/public-key', { publicKey: 'PEM' })).toMatchObject({
			status: 200,
			json: { name: 'ann', apiKey: 'ann by public key' },
		});
	});

	test.each([
		['ann', { publicKey: 'nonsense' }, 400],
		['ann', {}, 400],
		['bob', { publicKey: 'PEM' }, 409],
		['nobody', { publicKey: 'PEM' }, 404],
	])('of %s from %j is refused', (name, body, status) => {
		expect(ask(`POST /v1/accounts/${name}/public-key`, body)).toMatchObject({ status });
	});
});
