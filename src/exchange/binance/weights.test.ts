/** Windows that begin at whole seconds and minutes, what they refuse, and who is banned. */
import { describe, expect, test } from 'vitest';
import { NOW_MS, openRest, SPOT_ORDER } from './scene.fixture.ts';
import { FUTURES_LIMITS, Limits, ONE_ORDER, SPOT_LIMITS } from './weights.ts';

const MINUTE_MS = 60_000;
/** A whole minute. */
const START_MS = Math.floor(NOW_MS / MINUTE_MS) * MINUTE_MS;
const HERE = '10.0.0.1';

describe('the weight of an address', () => {
	test('is used up within its minute and whole again with the next', () => {
		const limits = new Limits(SPOT_LIMITS, 1);
		expect(limits.useWeight(HERE, 5_999, START_MS)).toBeNull();
		expect(limits.useWeight(HERE, 2, START_MS + 59_999)).toMatchObject({
			status: 429,
			code: -1003,
			more: { retryAtMs: START_MS + MINUTE_MS },
		});
		expect(limits.useWeight(HERE, 1, START_MS + 59_999)).toBeNull();
		expect(limits.useWeight('10.0.0.2', 6_000, START_MS)).toBeNull();
		expect(limits.useWeight(HERE, 6_000, START_MS + MINUTE_MS)).toBeNull();
	});

	test('is given back, though never more than was used', () => {
		const limits = new Limits(SPOT_LIMITS, 1);
		limits.useWeight(HERE, 10, START_MS);
		limits.giveBackWeight(HERE, 4, START_MS);
		expect(limits.headers(HERE, null, START_MS)).toMatchObject({ 'x-mbx-used-weight-1m': '6' });
		limits.giveBackWeight(HERE, 40, START_MS);
		expect(limits.headers(HERE, null, START_MS)).toMatchObject({ 'x-mbx-used-weight-1m': '0' });
	});

	test('goes with the factor of the box, and has no end without limits', () => {
		expect(new Limits(FUTURES_LIMITS, 2).useWeight(HERE, 4_800, START_MS)).toBeNull();
		expect(new Limits(FUTURES_LIMITS, 2).useWeight(HERE, 4_801, START_MS)).not.toBeNull();
		expect(new Limits(FUTURES_LIMITS, Number.POSITIVE_INFINITY).useWeight(HERE, 1e9, START_MS)).toBeNull();
	});
});

describe('a ban', () => {
	/** Asks on and on until it is banned; answers with how long for. */
	function insist(limits: Limits, nowMs: number): number {
		for (let count = 0; count < 100; count += 1) {
			const refusal = limits.useWeight(HERE, 6_001, nowMs);
			if (refusal?.status === 418) return (refusal.more.retryAtMs ?? 0) - nowMs;
		}
		return 0;
	}

	test('comes after the fiftieth refusal of a minute and holds whatever is asked', () => {
		const limits = new Limits(SPOT_LIMITS, 1);
		for (let count = 0; count < 50; count += 1) expect(limits.useWeight(HERE, 6_001, START_MS)?.status).toBe(429);
		expect(limits.useWeight(HERE, 6_001, START_MS)).toMatchObject({
			status: 418,
			code: -1003,
			msg: `Way too much request weight used; IP banned until ${START_MS + 2 * MINUTE_MS}. Please use WebSocket Streams for live updates to avoid bans.`,
		});
		expect(limits.useWeight(HERE, 1, START_MS + 2 * MINUTE_MS - 1)?.status).toBe(418);
		expect(limits.useWeight(HERE, 1, START_MS + 2 * MINUTE_MS)).toBeNull();
	});

	test('lasts twice as long each time, up to three days', () => {
		const limits = new Limits(SPOT_LIMITS, 1);
		let nowMs = START_MS;
		const minutes: number[] = [];
		for (let count = 0; count < 13; count += 1) {
			const lastsMs = insist(limits, nowMs);
			minutes.push(lastsMs / MINUTE_MS);
			nowMs += lastsMs;
		}
		expect(minutes.slice(0, 4)).toEqual([2, 4, 8, 16]);
		expect(minutes.at(-1)).toBe(3 * 24 * 60);
	});
});

describe('orders of an account', () => {
	test('are counted in two windows, and refused by the first that is full', () => {
		const limits = new Limits(FUTURES_LIMITS, 1);
		expect(limits.useOrders('ann', { short: 300, long: 60 }, START_MS)).toBeNull();
		expect(limits.useOrders('ann', ONE_ORDER, START_MS + 9_999)).toMatchObject({
			status: 429,
			code: -1015,
			msg: 'Too many new orders; current limit is 300 orders per 10 SECOND.',
			more: { retryAtMs: START_MS + 10_000 },
		});
		expect(limits.useOrders('bob', ONE_ORDER, START_MS)).toBeNull();
		expect(limits.useOrders('ann', { short: 1, long: 1_141 }, START_MS + 10_000)).toMatchObject({
			more: { retryAtMs: START_MS + MINUTE_MS },
		});
		expect(limits.useOrders('ann', { short: 1, long: 1_140 }, START_MS + 10_000)).toBeNull();
		expect(limits.orderCounts('ann', START_MS + 10_000).map(({ count }) => count)).toEqual([1, 1_200]);
	});

	test('are shown in headers and lists in the words of the venue', () => {
		const limits = new Limits(SPOT_LIMITS, 1);
		limits.useOrders('ann', ONE_ORDER, START_MS);
		expect(limits.headers(HERE, 'ann', START_MS)).toEqual({
			'x-mbx-used-weight': '0',
			'x-mbx-used-weight-1m': '0',
			'x-mbx-order-count-10s': '1',
			'x-mbx-order-count-1d': '1',
		});
		expect(limits.counts(HERE, 'ann', START_MS)).toEqual([
			{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50, count: 1 },
			{ rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 160_000, count: 1 },
			{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000, count: 0 },
		]);
	});
});

describe('what a call on spot costs', () => {
	const limited = { limitFactor: 1 };

	test('an order that stands weighs nothing and counts; one that is refused weighs one and does not', () => {
		const desk = openRest(limited);
		const placed = desk.call('POST', '/api/v3/order', SPOT_ORDER);
		expect(placed.headers).toMatchObject({
			'x-mbx-used-weight-1m': '0',
			'x-mbx-order-count-10s': '1',
			'x-mbx-order-count-1d': '1',
		});
		const refused = desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, quantity: '0' });
		expect(refused.headers).toMatchObject({ 'x-mbx-used-weight-1m': '1', 'x-mbx-order-count-10s': '1' });
	});

	test('the first fill of an order takes it off the count, and no later one', () => {
		const desk = openRest(limited);
		const count = () => desk.call('GET', '/api/v3/rateLimit/order').body;
		const sell = { ...SPOT_ORDER, side: 'SELL', quantity: '0.004' };
		const market = { symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', quantity: '0.004' };
		for (let each = 0; each < 2; each += 1) desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, newClientOrderId: `c${each}` });
		expect(count()).toMatchObject([{ count: 2 }, { count: 2 }]);
		desk.call('POST', '/api/v3/order', { ...market, selfTradePreventionMode: 'NONE' });
		// The maker is off and so is the taker.
		expect(count()).toMatchObject([{ count: 1 }, { count: 1 }]);
		desk.call('POST', '/api/v3/order', { ...sell, timeInForce: 'IOC', selfTradePreventionMode: 'NONE' });
		expect(count()).toMatchObject([{ count: 1 }, { count: 1 }]);
	});

	test('the fifty-first order of ten seconds is refused, with when to come again', () => {
		const desk = openRest(limited);
		const nowMs = START_MS + 3_500;
		for (let each = 0; each < 50; each += 1) expect(desk.call('POST', '/api/v3/order', SPOT_ORDER, { nowMs }).status).toBe(200);
		const refused = desk.call('POST', '/api/v3/order', SPOT_ORDER, { nowMs });
		expect(refused).toMatchObject({ status: 429, body: { code: -1015 }, headers: { 'retry-after': '7' } });
		expect(desk.call('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' }, { nowMs }).status).toBe(200);
		expect(desk.call('POST', '/api/v3/order', SPOT_ORDER, { nowMs: START_MS + 10_000 }).status).toBe(200);
	});

	const weights = [
		['GET /api/v3/time', {}, 1],
		['GET /api/v3/exchangeInfo', {}, 20],
		['GET /api/v3/depth', { symbol: 'BTCUSDT' }, 5],
		['GET /api/v3/depth', { symbol: 'BTCUSDT', limit: 101 }, 25],
		['GET /api/v3/depth', { symbol: 'BTCUSDT', limit: 1_000 }, 50],
		['GET /api/v3/depth', { symbol: 'BTCUSDT', limit: 5_000 }, 250],
		['GET /api/v3/ticker/bookTicker', {}, 4],
		['GET /api/v3/ticker/bookTicker', { symbol: 'BTCUSDT' }, 2],
		['GET /api/v3/ticker/24hr', { symbols: '["BTCUSDT","ETHUSDT"]' }, 2],
		['GET /api/v3/ticker/24hr', {}, 80],
		['GET /api/v3/openOrders', {}, 80],
		['GET /api/v3/openOrders', { symbol: 'BTCUSDT' }, 6],
		['GET /api/v3/account', {}, 20],
		['GET /api/v3/myTrades', { symbol: 'BTCUSDT' }, 20],
		['GET /api/v3/myTrades', { symbol: 'BTCUSDT', orderId: 1 }, 5],
		['GET /api/v3/rateLimit/order', {}, 40],
	] as const;
	test.each(weights)('%s %j', (line, values, expected) => {
		const [method, path] = line.split(' ');
		const { status, headers } = openRest(limited).call(method ?? '', path ?? '', values);
		expect({ status, weight: headers['x-mbx-used-weight-1m'] }).toEqual({ status: 200, weight: String(expected) });
	});
});
