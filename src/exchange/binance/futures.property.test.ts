import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAtoms } from '../core/money.ts';
import { openFutures } from './futures.fixture.ts';
import { FuturesDesk } from './futures-desk.ts';
import { createFuturesRoutes } from './futures-routes.ts';
import { ANN, BOB, openVenue, type Row, type Values } from './scene.fixture.ts';

const ANY_NUMBER: unknown = expect.any(Number);
const ANY_TEXT: unknown = expect.any(String);

const CLIENTS = [ANN, BOB];
const ITEMS_MAX = 5;

/** The first one, mostly. */
function often(first: string, ...others: readonly string[]): fc.Arbitrary<string> {
	return fc.oneof(
		{ weight: 4, arbitrary: fc.constant(first) },
		{ weight: 1 + (others.length >> 1), arbitrary: fc.constantFrom(...others) },
	);
}

/** Orders that cross, refuse, repeat ids and run out of steps: a few prices and ids, so that things happen. */
const order = fc.record(
	{
		symbol: often('BTCUSDT', 'ETHUSDT', 'NONE'),
		side: fc.constantFrom('BUY', 'SELL'),
		type: often('LIMIT', 'STOP'),
		timeInForce: often('GTC', 'GTX', 'IOC', 'FOK'),
		quantity: often('0.010', '0.002', '0.0005', '0.020'),
		price: often('65000.00', '64990.00', '65010.00', '65000.05', '3300.00'),
		newClientOrderId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
		reduceOnly: often('false', 'true'),
		selfTradePreventionMode: fc.constantFrom('NONE', 'EXPIRE_MAKER', 'EXPIRE_TAKER', 'EXPIRE_BOTH'),
	},
	{ requiredKeys: ['symbol', 'side', 'type', 'timeInForce', 'quantity', 'price'] },
);

const change = fc.record({
	symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT'),
	side: fc.constantFrom('BUY', 'SELL'),
	quantity: fc.constantFrom('0.010', '0.002', '0.0005', '0.020'),
	price: fc.constantFrom('65000.00', '64990.00', '65010.00'),
	origClientOrderId: fc.constantFrom('a', 'b', 'c', 'd'),
});

const step = fc.record({
	client: fc.constantFrom(...CLIENTS),
	work: fc.oneof(
		fc.record({ method: fc.constant('POST'), items: fc.array(order, { minLength: 1, maxLength: ITEMS_MAX }) }),
		fc.record({ method: fc.constant('PUT'), items: fc.array(change, { minLength: 1, maxLength: ITEMS_MAX }) }),
	),
});

/** Ids of the venue's own giving are the same in both worlds, so whole answers are compared. */
test('a batch does what its items do one by one, and answers what they answer', () => {
	fc.assert(
		fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
			const [batched, single] = [openFutures(), openFutures()];
			for (const { client, work } of steps) {
				const values: Values = { batchOrders: JSON.stringify(work.items) };
				const together = batched.call<readonly Row[]>(work.method, '/fapi/v1/batchOrders', values, { client }).body;
				const apart = work.items.map((item) => single.call(work.method, '/fapi/v1/order', item as Values, { client }).body);
				expect(together).toEqual(apart);
			}
			expect(batched.venue.exchange.stateHash()).toBe(single.venue.exchange.stateHash());
		}),
		{ numRuns: 60 },
	);
});

test('what an account shows adds up to what the exchange holds of it, and its fills to its position', () => {
	fc.assert(
		fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
			const scene = openFutures();
			for (const { client, work } of steps) {
				scene.call(work.method, '/fapi/v1/batchOrders', { batchOrders: JSON.stringify(work.items) }, { client });
			}
			for (const client of CLIENTS) {
				const accountId = client.key.accounts.futures;
				const balance = scene.venue.exchange.balances(accountId).find(({ coin }) => coin === 'USDT');
				const shown = scene.call('GET', '/fapi/v3/account', {}, { client }).body;
				const number = (name: string): number => Number(shown[name]);
				expect(number('totalInitialMargin').toFixed(8)).toBe(formatAtoms(balance?.marginAtoms ?? -1n));
				expect(number('totalPositionInitialMargin') + number('totalOpenOrderInitialMargin')).toBeCloseTo(
					number('totalInitialMargin'),
					6,
				);
				const fills = scene.call<readonly Row[]>(
					'GET',
					'/fapi/v1/userTrades',
					{ symbol: 'BTCUSDT', limit: 1_000 },
					{ client },
				).body;
				const bought = fills.reduce((sum, fill) => sum + (fill['buyer'] === true ? 1 : -1) * Number(fill['qty']), 0);
				const risk = scene.call<readonly Row[]>('GET', '/fapi/v3/positionRisk', { symbol: 'BTCUSDT' }, { client }).body;
				expect(Number(risk[0]?.['positionAmt'] ?? 0)).toBeCloseTo(bought, 9);
			}
		}),
		{ numRuns: 40 },
	);
});

const ROUTES = [...createFuturesRoutes(new FuturesDesk(openVenue())).routes.keys()];
const NAMES = ['symbol', 'side', 'type', 'timeInForce', 'quantity', 'price', 'orderId', 'origClientOrderId', 'batchOrders']
	.concat(['orderIdList', 'limit', 'fromId', 'startTime', 'endTime', 'interval', 'leverage', 'countdownTime', 'marginType'])
	.concat(['dualSidePosition', 'goodTillDate', 'priceMatch', 'modifyId', 'reduceOnly', 'positionSide', 'newClientOrderId']);
const value = fc.oneof(
	fc.constantFrom('BTCUSDT', 'BUY', 'LIMIT', 'GTC', 'GTD', '1m', 'true', '[]', '[{}]', '["a"]', '[1]', '{', 'QUEUE', 'ISOLATED'),
	fc.constantFrom('0', '-1', '1e3', '0.010', '65000', '9007199254740993', '99999999999999999999', '0x10', '1.', ''),
	fc.string({ unit: 'grapheme', maxLength: 40 }),
);

test('whatever is sent, every route answers JSON with a status that clients know, and what it refuses has changed nothing', () => {
	fc.assert(
		fc.property(fc.constantFrom(...ROUTES), fc.dictionary(fc.constantFrom(...NAMES), value), (route, values) => {
			const [method = '', path = ''] = route.split(' ');
			const scene = openFutures();
			scene.place('BUY', '0.010', '64990.00', { newClientOrderId: 'a' });
			const before = scene.venue.exchange.stateHash();
			const reply = scene.call(method, path, values);
			expect([200, 400, 401]).toContain(reply.status);
			if (reply.status === 200) return;
			expect(reply.body).toMatchObject({ code: ANY_NUMBER, msg: ANY_TEXT });
			expect(scene.venue.exchange.stateHash()).toBe(before);
		}),
		{ numRuns: 400 },
	);
});
