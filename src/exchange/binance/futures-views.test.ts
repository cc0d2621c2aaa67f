import { describe, expect, test } from 'vitest';
import { Listing } from '../core/listing.ts';
import { atoms } from '../core/money.ts';
import type { OrderCreator, OrderView } from '../core/views.ts';
import { USUAL_TERMS } from './futures-order-terms.ts';
import { averagePrice, futuresClientId, futuresExpiry, futuresMoney, futuresTimeInForce } from './futures-views.ts';
import { FUTURES_BTC } from './scene.fixture.ts';

const LISTING = new Listing(FUTURES_BTC);

test.each([
	{ name: 'an open order', type: 'limit', cancelReason: null, expected: '0' },
	{ name: 'one its owner cancelled', type: 'limit', cancelReason: 'user', expected: '0' },
	{ name: 'one of two of an account that met', type: 'limit', cancelReason: 'self-trade', expected: '1' },
	{ name: 'the rest of one that takes or goes', type: 'limit', cancelReason: 'ioc-remainder', expected: '2' },
	{ name: 'one that had nothing left to reduce', type: 'limit', cancelReason: 'reduce-only', expected: '4' },
	{ name: 'one of an account that was liquidated', type: 'limit', cancelReason: 'liquidation', expected: '5' },
	{ name: 'the rest of a market order', type: 'market', cancelReason: 'ioc-remainder', expected: '9' },
	{ name: 'a market order that met nothing', type: 'market', cancelReason: 'no-liquidity', expected: '9' },
	{ name: 'all or nothing that could not have all', type: 'limit', cancelReason: 'fok-not-fillable', expected: '10' },
	{ name: 'a post-only order moved across', type: 'limit', cancelReason: 'post-only-would-cross', expected: '11' },
] as const)('$name expired for reason $expected', ({ type, cancelReason, expected }) => {
	expect(futuresExpiry({ type, cancelReason })).toBe(expected);
});

describe('averages', () => {
	test.each([
		{ name: 'nothing', value: '0', lots: 0, expected: '0.00' },
		{ name: 'an even price keeps the decimals of its grid', value: '650', lots: 10, expected: '65000.00' },
		{ name: 'one that does not come out even has eight, cut', value: '0.00000002', lots: 3, expected: '0.00000666' },
		{ name: 'one in between has no idle zeros', value: '649.95125', lots: 10, expected: '64995.125' },
	])('$name', ({ value, lots, expected }) => {
		expect(averagePrice(LISTING, atoms(value), lots)).toBe(expected);
	});
});

test('money has eight decimals, and none where there is none', () => {
	expect([futuresMoney(0n), futuresMoney(-1n), futuresMoney(atoms('12.5'))]).toEqual(['0', '-0.00000001', '12.50000000']);
});

test('time in force: a market order shows the usual one, an end date goes before all', () => {
	const shown = (type: OrderView['type'], timeInForce: OrderView['timeInForce'], goodTillMs = 0): string =>
		futuresTimeInForce({ type, timeInForce }, { ...USUAL_TERMS, goodTillMs });
	expect([shown('market', 'ioc'), shown('limit', 'post-only'), shown('limit', 'fok'), shown('limit', 'gtc', 1)]).toEqual([
		'GTC',
		'GTX',
		'FOK',
		'GTD',
	]);
});

test('orders that no client placed go by ids that clients know', () => {
	const shown = (createdBy: OrderCreator, clientOrderId = ''): string =>
		futuresClientId({ orderId: '7', clientOrderId, createdBy });
	expect([shown('account', 'mm-1'), shown('account'), shown('liquidation'), shown('adl'), shown('settlement')]).toEqual([
		'mm-1',
		'web_8389766100200300007',
		'autoclose-8389766100200300007',
		'adl_autoclose',
		'settlement_autoclose-8389766100200300007',
	]);
});
