/** Spot market orders for an amount of the quote coin. */
import { describe, expect, test } from 'vitest';
import type { SelfTradePolicy } from './book.ts';
import { accepted, limitOrder, NOW_MS, openExchange, PERP, reasonOf, record, SPOT, walletAtoms } from './exchange.fixture.ts';
import type { Exchange } from './exchange.ts';
import { atoms } from './money.ts';
import type { PlaceMarketFor } from './requests.ts';

const BUY = { accountId: 'ann', symbol: SPOT.symbol, side: 'buy', type: 'market' } as const;

/** One ether at 3000 and one at 3001, of bob. */
function open(): Exchange {
	const exchange = openExchange();
	for (const price of ['3000.00', '3001.00']) exchange.place(limitOrder('bob', 'sell', '1', price, { spec: SPOT }), NOW_MS);
	return exchange;
}

describe('a market buy for an amount', () => {
	test.each([
		{ name: 'a part of the best level', amount: '1500', filledLots: 5_000, spent: '1500' },
		{ name: 'all but less than a lot', amount: '1500.29', filledLots: 5_000, spent: '1500' },
		{ name: 'exactly one level', amount: '3000', filledLots: 10_000, spent: '3000' },
		{ name: 'into the next level', amount: '4500.50', filledLots: 15_000, spent: '4500.50' },
		{ name: 'not one lot of the next level', amount: '3000.30', filledLots: 10_000, spent: '3000' },
		{ name: 'the whole book', amount: '6001', filledLots: 20_000, spent: '6001' },
	])('spends $name and is filled: $amount', ({ amount, filledLots, spent }) => {
		const exchange = open();
		const before = walletAtoms(exchange, 'ann', 'USDT');
		const { order } = accepted(exchange.place({ ...BUY, quoteAtoms: atoms(amount) }, NOW_MS));
		expect(order).toMatchObject({
			status: 'filled',
			quoteAtoms: atoms(amount),
			qtyLots: filledLots,
			filledLots,
			filledValueAtoms: atoms(spent),
		});
		expect(walletAtoms(exchange, 'ann', 'USDT')).toBe(before - atoms(spent));
	});

	test('takes the whole book when the amount would pay for more, and the rest is cancelled', () => {
		const { order } = accepted(open().place({ ...BUY, quoteAtoms: atoms('7000') }, NOW_MS));
		expect(order).toMatchObject({ status: 'cancelled', cancelReason: 'ioc-remainder', filledLots: 20_000, leavesLots: 0 });
		expect(order.filledValueAtoms).toBe(atoms('6001'));
	});

	test('goes no further than the price band, where there is one', () => {
		const exchange = openExchange({ listings: [PERP, { ...SPOT, priceBand: '0.01' }] });
		for (const price of ['3000.00', '3100.00']) exchange.place(limitOrder('bob', 'sell', '1', price, { spec: SPOT }), NOW_MS);
		exchange.setMarkPrice(SPOT.symbol, 300_000, NOW_MS);
		const { order } = accepted(exchange.place({ ...BUY, quoteAtoms: atoms('4500') }, NOW_MS));
		expect(order).toMatchObject({ status: 'cancelled', cancelReason: 'ioc-remainder', qtyLots: 15_000, filledLots: 10_000 });
	});

	test('finds nothing in an empty book and is cancelled', () => {
		const { order } = accepted(openExchange().place({ ...BUY, quoteAtoms: atoms('100') }, NOW_MS));
		expect(order).toMatchObject({ status: 'cancelled', cancelReason: 'no-liquidity', filledLots: 0 });
	});

	test.each<{ selfTrade: SelfTradePolicy; status: string; filledLots: number; ownOrder: string }>([
		{ selfTrade: 'none', status: 'filled', filledLots: 11_666, ownOrder: 'partially-filled' },
		{ selfTrade: 'cancel-maker', status: 'filled', filledLots: 11_666, ownOrder: 'cancelled' },
		{ selfTrade: 'cancel-taker', status: 'cancelled', filledLots: 10_000, ownOrder: 'new' },
		{ selfTrade: 'cancel-both', status: 'cancelled', filledLots: 10_000, ownOrder: 'cancelled' },
	])('with an order of its own between, spends no more under $selfTrade', ({ selfTrade, status, filledLots, ownOrder }) => {
		const exchange = open();
		const own = accepted(exchange.place(limitOrder('ann', 'sell', '1', '3000.50', { spec: SPOT }), NOW_MS)).orderId;
		const { order } = accepted(exchange.place({ ...BUY, quoteAtoms: atoms('3500'), selfTrade }, NOW_MS));
		expect({ status: order.status, filledLots: order.filledLots }).toEqual({ status, filledLots });
		expect(order.filledValueAtoms <= atoms('3500')).toBe(true);
		expect(exchange.order('ann', { orderId: own })?.status).toBe(ownOrder);
	});

	test.each<{ name: string; change: Partial<Record<keyof PlaceMarketFor, unknown>>; reason: string }>([
		{ name: 'nothing', change: { quoteAtoms: 0n }, reason: 'invalid-amount' },
		{ name: 'less than nothing', change: { quoteAtoms: -1n }, reason: 'invalid-amount' },
		{ name: 'less than the smallest value', change: { quoteAtoms: atoms('0.99') }, reason: 'below-min-notional' },
		{ name: 'more than there is', change: { quoteAtoms: atoms('100000.00000001') }, reason: 'insufficient-balance' },
		{ name: 'more than the largest order', change: { quoteAtoms: atoms('90000000000') }, reason: 'above-max-quantity' },
		{ name: 'on a perpetual', change: { symbol: PERP.symbol }, reason: 'invalid-amount' },
		{ name: 'reduce-only', change: { reduceOnly: true }, reason: 'reduce-only-not-reducing' },
	])('$name is refused as $reason, and nothing changes', ({ change, reason }) => {
		const exchange = open();
		const before = exchange.stateHash();
		const events = record(exchange);
		const request = { ...BUY, quoteAtoms: atoms('100'), ...change } as PlaceMarketFor;
		expect(reasonOf(exchange.place(request, NOW_MS))).toBe(reason);
		expect(exchange.stateHash()).toBe(before);
		expect(events).toEqual([]);
	});

	test('an amount below the price of one lot is refused', () => {
		const exchange = openExchange();
		exchange.place(limitOrder('bob', 'sell', '0.0001', '50000.00', { spec: SPOT }), NOW_MS);
		expect(reasonOf(exchange.place({ ...BUY, quoteAtoms: atoms('4.99') }, NOW_MS))).toBe('below-min-quantity');
	});
});

describe('a market sell for an amount', () => {
	const SELL = { ...BUY, side: 'sell' } as const;

	/** Somebody pays 3000 for one ether and 2999 for another. */
	function openBids(): Exchange {
		const exchange = openExchange();
		for (const price of ['3000.00', '2999.00']) exchange.place(limitOrder('bob', 'buy', '1', price, { spec: SPOT }), NOW_MS);
		return exchange;
	}

	test.each([
		{ name: 'a part of the best level', amount: '1500', filledLots: 5_000, got: '1500' },
		{ name: 'all but less than a lot', amount: '1500.29', filledLots: 5_000, got: '1500' },
		{ name: 'into the next level', amount: '4499.50', filledLots: 15_000, got: '4499.50' },
		{ name: 'not one lot of the next level', amount: '3000.29', filledLots: 10_000, got: '3000' },
	])('gets $name and never more: $amount', ({ amount, filledLots, got }) => {
		const { order } = accepted(openBids().place({ ...SELL, quoteAtoms: atoms(amount) }, NOW_MS));
		expect(order).toMatchObject({ status: 'filled', filledLots, filledValueAtoms: atoms(got), quoteAtoms: atoms(amount) });
	});

	test('gives the whole book what it takes, and the rest is cancelled', () => {
		const exchange = openBids();
		const { order } = accepted(exchange.place({ ...SELL, quoteAtoms: atoms('7000') }, NOW_MS));
		expect(order).toMatchObject({ status: 'cancelled', cancelReason: 'ioc-remainder', filledLots: 20_000 });
		expect(exchange.balances('ann').find(({ coin }) => coin === 'ETH')?.lockedAtoms).toBe(0n);
	});

	test('needs the coins that go for it', () => {
		const exchange = openBids();
		exchange.withdraw('ann', 'ETH', atoms('9.6'), NOW_MS);
		expect(reasonOf(exchange.place({ ...SELL, quoteAtoms: atoms('1500') }, NOW_MS))).toBe('insufficient-balance');
		expect(exchange.place({ ...SELL, quoteAtoms: atoms('1200') }, NOW_MS).kind).toBe('accepted');
	});
});
