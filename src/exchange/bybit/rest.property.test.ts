/** Whatever arrives, the façade answers as the venue would, and what it refuses has changed nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LIMIT_ORDER, NOW_MS, openVenue, readReply, signed } from './rest.fixture.ts';
import { ORDER_ROUTES, PRIVATE_ROUTES } from './rest-routes.ts';

const POSTS = [
	...ORDER_ROUTES.keys(),
	...[...PRIVATE_ROUTES.keys()].filter((key) => key.startsWith('POST')).map((key) => key.slice(5)),
];
const GETS = [
	...[...PRIVATE_ROUTES.keys()].filter((key) => key.startsWith('GET')).map((key) => key.slice(4)),
	...['time', 'instruments-info', 'tickers', 'orderbook', 'kline', 'recent-trade', 'price-limit'].map(
		(name) => `/v5/market/${name}`,
	),
];

const scalar = fc.oneof(
	fc.constantFrom<unknown>(
		'linear',
		'spot',
		'option',
		'BTCUSDT',
		'ETHUSDT',
		'Buy',
		'Sell',
		'Limit',
		'Market',
		'x-1',
		'a b',
		'',
		null,
	),
	fc.constantFrom<unknown>('0', '0.010', '64990.00', '-1', '1e5', '0x10', 'NaN', '9'.repeat(60), 7, -0, 1e300, true, false),
	fc.string({ maxLength: 12 }),
	fc.jsonValue({ maxDepth: 1 }),
);
const NAMES = [
	...['category', 'symbol', 'side', 'orderType', 'qty', 'price', 'timeInForce', 'orderLinkId', 'orderId', 'reduceOnly', 'mode'],
	...['smpType', 'positionIdx', 'settleCoin', 'baseCoin', 'orderFilter', 'marketUnit', 'buyLeverage', 'sellLeverage', 'interval'],
	...['limit', 'cursor', 'startTime', 'endTime', 'start', 'end', 'product', 'timeWindow', 'modifyEnable', 'coin', 'accountType'],
	...['__proto__', 'constructor', 'request', 'closeOnTrigger', 'triggerPrice'],
];
const changes = fc.dictionary(fc.constantFrom(...NAMES), scalar, { maxKeys: 5 });
const order = changes.map((changed) => ({ ...LIMIT_ORDER, orderLinkId: 'resting', ...changed }));
const body = fc.oneof(
	{ weight: 6, arbitrary: order.map((value) => JSON.stringify(value)) },
	{
		weight: 3,
		arbitrary: fc
			.tuple(fc.array(fc.oneof(order, scalar), { maxLength: 4 }), changes)
			.map(([request, changed]) => JSON.stringify({ category: 'linear', request, ...changed })),
	},
	{ weight: 1, arbitrary: fc.string() },
);

test('mutated bodies are answered in the venue’s envelope, and refusals leave no trace', () => {
	const { handle, exchange, post } = openVenue();
	post('/v5/order/create', { ...LIMIT_ORDER, orderLinkId: 'resting' });
	let refusals = 0;
	fc.assert(
		fc.property(fc.constantFrom(...POSTS), body, (path, text) => {
			const before = exchange.stateHash();
			const reply = readReply(handle(signed('POST', path, text), NOW_MS));
			expect([reply.status, typeof reply.retCode, typeof reply.retMsg, reply.time]).toEqual([200, 'number', 'string', NOW_MS]);
			const items = reply.retExtInfo?.list ?? [];
			const nothingDone = reply.retCode !== 0 || (items.length > 0 && items.every(({ code }) => code !== 0));
			if (!nothingDone) return;
			refusals += 1;
			expect(exchange.stateHash()).toBe(before);
		}),
		{ numRuns: 4_000 },
	);
	expect(refusals).toBeGreaterThan(1_000);
});

test('questions of any form change nothing', () => {
	const { handle, exchange, post } = openVenue();
	for (let count = 0; count < 5; count += 1) post('/v5/order/create', LIMIT_ORDER);
	const before = exchange.stateHash();
	const query = fc.oneof(changes.map(queryOf), fc.string());
	fc.assert(
		fc.property(fc.constantFrom(...GETS), query, (path, text) => {
			const reply = readReply(handle(signed('GET', path, text), NOW_MS));
			expect([reply.status, typeof reply.retCode, typeof reply.result]).toEqual([200, 'number', 'object']);
			expect(exchange.stateHash()).toBe(before);
		}),
		{ numRuns: 3_000 },
	);
});

test('what reaches no handler has an HTTP status of its own', () => {
	const { handle } = openVenue();
	const good = signed('GET', '/v5/account/info', '');
	const status = (changed: Partial<typeof good>): number => handle({ ...good, ...changed }, NOW_MS).status;
	expect(status({})).toBe(200);
	expect(status({ path: '/v5/nope' })).toBe(404);
	expect(status({ method: 'POST' })).toBe(404);
	expect(status({ method: 'DELETE' })).toBe(400);
	expect(status({ body: '{}' })).toBe(403);
	expect(status({ path: '__proto__' })).toBe(404);
});

function queryOf(members: Record<string, unknown>): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(members))
		query.append(name, typeof value === 'string' ? value : JSON.stringify(value));
	return query.toString();
}
