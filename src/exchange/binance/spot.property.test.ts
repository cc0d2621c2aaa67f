/** Whatever is sent to spot: an answer that clients can read, no mistake of ours, no money made, and no trace of a refusal. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atoms } from '../core/money.ts';
import { ANN, ANN_ED25519, BOB, NOW_MS, openRest, type RestDesk } from './scene.fixture.ts';
import { SPOT_ROUTES } from './spot-routes.ts';

const ROUTES = [...SPOT_ROUTES.keys()];
const STATUSES = [200, 400, 401, 404, 409, 429];

const anyValue = fc.oneof(
	fc.constantFrom('BTCUSDT', 'ETHUSDT', 'BUY', 'SELL', 'LIMIT', 'LIMIT_MAKER', 'MARKET', 'GTC', 'IOC', 'FOK', 'FULL', 'true'),
	fc.constantFrom(
		'0.01',
		'0.02',
		'65000.00',
		'64999.00',
		'65001.00',
		'1',
		'4100200001',
		'4100200003',
		'880001',
		'1m',
		'["BTCUSDT"]',
	),
	fc.constantFrom('a', 'b', 'STOP_ON_FAILURE', 'ALLOW_FAILURE', 'EXPIRE_BOTH', 'NONE', '', '-1', '1e5', '0', String(NOW_MS)),
	fc.string({ maxLength: 12 }),
);
const NAMES = [
	...['symbol', 'side', 'type', 'timeInForce', 'quantity', 'price', 'quoteOrderQty', 'newClientOrderId', 'newOrderRespType'],
	...['selfTradePreventionMode', 'orderId', 'origClientOrderId', 'cancelReplaceMode', 'cancelOrderId', 'cancelOrigClientOrderId'],
	...[
		'newQty',
		'limit',
		'startTime',
		'endTime',
		'fromId',
		'interval',
		'symbols',
		'recvWindow',
		'cancelRestrictions',
		'windowSize',
	],
];
/** Half of all are good orders, so that something happens. */
const anyCall = fc.record({
	route: fc.oneof(fc.constantFrom(...ROUTES), fc.constantFrom('POST /api/v3/order', 'POST /api/v3/order/cancelReplace')),
	client: fc.constantFrom(ANN, BOB, ANN_ED25519),
	values: fc.oneof(
		fc.dictionary(fc.constantFrom(...NAMES), anyValue, { maxKeys: 8 }),
		fc.record({
			symbol: fc.constant('BTCUSDT'),
			side: fc.constantFrom('BUY', 'SELL'),
			type: fc.constant('LIMIT'),
			timeInForce: fc.constantFrom('GTC', 'IOC'),
			quantity: fc.constantFrom('0.01', '0.03'),
			price: fc.constantFrom('64999.00', '65000.00', '65001.00'),
			newClientOrderId: fc.constantFrom('a', 'b', 'c', 'd'),
			cancelReplaceMode: fc.constantFrom('STOP_ON_FAILURE', 'ALLOW_FAILURE'),
			cancelOrigClientOrderId: fc.constantFrom('a', 'b'),
		}),
	),
});

function money({ venue: { exchange } }: RestDesk, coin: string): bigint {
	const accounts = exchange.accounts().flatMap((account) => exchange.balances(account));
	const held = accounts.filter((each) => each.coin === coin).reduce((sum, { walletAtoms }) => sum + walletAtoms, 0n);
	return held + (exchange.houseBalances().find((each) => each.coin === coin)?.atoms ?? 0n);
}

test('whatever is sent, the answer is JSON with a known status, money stays and a refusal leaves no trace', () => {
	fc.assert(
		fc.property(fc.array(anyCall, { maxLength: 25 }), (calls) => {
			const desk = openRest();
			for (const { route, client, values } of calls) {
				const [method = '', path = ''] = route.split(' ');
				const before = desk.venue.exchange.stateHash();
				const { status, body } = desk.call(method, path, values, { client });
				expect(STATUSES).toContain(status);
				if (status !== 200)
					expect(body).toMatchObject({ code: expect.any(Number) as unknown, msg: expect.any(String) as unknown });
				if (status === 400 || method === 'GET') expect(desk.venue.exchange.stateHash()).toBe(before);
			}
			for (const [coin, all] of [
				['USDT', '2000000'],
				['BTC', '40'],
				['ETH', '400'],
			] as const) {
				expect(money(desk, coin)).toBe(atoms(all));
			}
		}),
		{ numRuns: 300 },
	);
});
