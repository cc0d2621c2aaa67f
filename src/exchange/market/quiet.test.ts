/** A market that rests: always the same ladder, put back after somebody took from it, and never in anybody's way. */
import { beforeEach, expect, test } from 'vitest';
import { accepted, limitOrder, NOW_MS, openExchange, SPOT } from '../core/exchange.fixture.ts';
import { createEmptyMarket, createQuietMarket } from './quiet.ts';

const SYMBOLS = [
	{ symbol: 'BTCUSDT', startPrice: '65000', typicalQty: '0.050' },
	{ symbol: SPOT.symbol, startPrice: '3300', typicalQty: '1' },
];

let exchange: ReturnType<typeof openExchange>;

beforeEach(() => {
	exchange = openExchange();
});

const book = (symbol = 'BTCUSDT') => exchange.book(symbol, 100);

test('25 levels a side around the starting price, on spot too', () => {
	createQuietMarket(exchange, SYMBOLS).step(NOW_MS);
	expect([book()?.bids.length, book()?.asks.length]).toEqual([25, 25]);
	// This pair takes three open orders of an account and no more.
	expect([book(SPOT.symbol)?.bids.length, book(SPOT.symbol)?.asks.length]).toEqual([2, 1]);
	expect(exchange.touch('BTCUSDT')).toEqual({ bidTicks: 649_967, askTicks: 650_033 });
	expect(exchange.ticker('BTCUSDT')?.markTicks).toBe(650_000);
});

test('nothing changes while nobody trades; what was taken comes back with the next step', () => {
	const market = createQuietMarket(exchange, SYMBOLS);
	market.step(NOW_MS);
	const before = book();
	market.step(NOW_MS + 100);
	expect(book()).toEqual(before);
	accepted(exchange.place(limitOrder('ann', 'buy', '0.12', '65020'), NOW_MS + 150));
	expect(book()?.asks).not.toEqual(before?.asks);
	market.step(NOW_MS + 200);
	expect(book()?.asks.map(({ priceTicks }) => priceTicks)).toEqual(before?.asks.map(({ priceTicks }) => priceTicks));
});

test('levels that would trade with a client who stands there wait until he is gone', () => {
	const market = createQuietMarket(exchange, SYMBOLS);
	market.step(NOW_MS);
	const { orderId } = accepted(exchange.place(limitOrder('ann', 'buy', '1', '65020'), NOW_MS + 50));
	market.step(NOW_MS + 100);
	expect(exchange.order('ann', { orderId })?.leavesLots).toBe(850);
	expect(exchange.touch('BTCUSDT').askTicks).toBeGreaterThan(650_200);
	exchange.cancel({ accountId: 'ann', symbol: 'BTCUSDT', order: { orderId } }, NOW_MS + 150);
	market.step(NOW_MS + 200);
	expect(exchange.touch('BTCUSDT')).toEqual({ bidTicks: 649_967, askTicks: 650_033 });
});

test('an empty market has a mark price, set once, and no orders', () => {
	const market = createEmptyMarket(exchange, SYMBOLS);
	market.step(NOW_MS);
	expect([book()?.bids, exchange.ticker('BTCUSDT')?.markTicks]).toEqual([[], 650_000]);
	exchange.setMarkPrice('BTCUSDT', 640_000, NOW_MS + 50);
	market.step(NOW_MS + 100);
	expect(exchange.ticker('BTCUSDT')?.markTicks).toBe(640_000);
});
