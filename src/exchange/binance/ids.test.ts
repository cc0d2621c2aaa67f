/** Ids lose no digit and come back; addresses of sockets lead where they should. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownOrderId, ownTradeCount, shownFirstUpdateId, shownOrderId, shownTradeId, shownUpdateId } from './ids.ts';
import { socketTarget } from './socket-target.ts';
import { BINANCE_MARKETS } from './venue.ts';

describe('ids', () => {
	test('of orders and trades come back from what was shown', () => {
		fc.assert(
			fc.property(fc.constantFrom(...BINANCE_MARKETS), fc.integer({ min: 1 }), (market, count) => {
				expect(ownOrderId(market, shownOrderId(market, String(count)).toString())).toBe(String(count));
				expect(ownTradeCount(market, shownTradeId(market, String(count)).toString())).toBe(BigInt(count));
			}),
		);
	});

	test('of futures orders are beyond what a double holds', () => {
		expect(shownOrderId('futures', '1') > BigInt(Number.MAX_SAFE_INTEGER)).toBe(true);
		expect(shownOrderId('futures', '401')).toBe(8_389_766_100_200_300_401n);
	});

	test('that were never given out belong to nothing', () => {
		for (const text of ['0', '17', '4100200000', 'x', '', '99999999999999999999'])
			expect(ownOrderId('spot', text)).toBeUndefined();
	});

	test('of book updates follow each other on spot, and leave gaps on futures', () => {
		expect(shownFirstUpdateId('spot', 8)).toBe(shownUpdateId('spot', 7) + 1);
		expect(shownFirstUpdateId('futures', 8)).toBeGreaterThan(shownUpdateId('futures', 7) + 1);
		expect(shownFirstUpdateId('futures', 8)).toBeLessThanOrEqual(shownUpdateId('futures', 8));
	});
});

describe('the address of a socket', () => {
	const cases = [
		['/ws', '', { market: 'spot', door: 'streams', part: null, isCombined: false, names: [] }],
		['/ws/btcusdt@trade/btcusdt@depth', '', { market: 'spot', isCombined: false, names: ['btcusdt@trade', 'btcusdt@depth'] }],
		[
			'/stream',
			'streams=btcusdt@trade/ethusdt@trade',
			{ market: 'spot', isCombined: true, names: ['btcusdt@trade', 'ethusdt@trade'] },
		],
		['/stream', 'streams=', { market: 'spot', isCombined: true, names: [] }],
		['/stream-spot/ws/0', '', { market: 'spot', isCombined: false, names: ['0'] }],
		['/public/ws/0', '', { market: 'futures', part: 'public', names: ['0'] }],
		['/market/stream', 'streams=btcusdt@aggTrade', { market: 'futures', part: 'market', isCombined: true }],
		['/private/ws/KEY', '', { market: 'futures', part: 'private', names: ['KEY'] }],
		['/some/private/stream', 'listenKey=KEY', { market: 'futures', part: 'private', isCombined: true }],
		['/ws-api/v3', 'returnRateLimits=false', { market: 'spot', door: 'ws-api' }],
		['/ws-fapi/v1', '', { market: 'futures', door: 'ws-api' }],
	] as const;
	test.each(cases)('%s?%s', (path, query, expected) => {
		expect(socketTarget({ path, query, remote: '1' })).toMatchObject(expected);
	});

	test('that is none', () => {
		for (const path of ['/', '/api/v3/order', '/wss', '/public'])
			expect(socketTarget({ path, query: '', remote: '1' })).toBeUndefined();
	});
});
