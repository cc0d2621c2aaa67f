/** The synthetic market under an operator: it follows a spike and comes back, and keeps to filters that change. */
import { expect, test } from 'vitest';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { Exchange } from '../core/exchange.ts';
import { createMarket, MARKET_STEP_MS } from './market.ts';
import { FOUR_MARKETS, FOUR_PERPETUALS } from './preset.ts';

const NOW_MS = 1_771_000_000_000;
const BTC = 'BTCUSDT';

function openMarket() {
	const exchange = new Exchange({ listings: FOUR_PERPETUALS });
	const market = createMarket({ exchange, rng: seededRng(5), symbols: FOUR_MARKETS });
	let nowMs = NOW_MS;
	const pass = (ms: number): void => {
		for (const untilMs = nowMs + ms; nowMs < untilMs; ) {
			nowMs += MARKET_STEP_MS;
			market.step(nowMs);
		}
	};
	const midTicks = (): number => {
		const { bidTicks, askTicks } = exchange.touch(BTC);
		return (bidTicks + askTicks) / 2;
	};
	pass(5_000);
	return { exchange, pass, midTicks, now: () => nowMs };
}

test('a spike of five per cent is a spike of mark price, book and trades, and then it is over', () => {
	const { exchange, pass, midTicks, now } = openMarket();
	const before = midTicks();
	const times = (): number[] =>
		[midTicks(), exchange.ticker(BTC)?.markTicks ?? 0, exchange.trades(BTC).at(-1)?.priceTicks ?? 0].map(
			(ticks) => ticks / before,
		);
	exchange.operator.spike(BTC, { rateE8: 5_000_000, untilMs: now() + 2_000 }, now());
	pass(1_500);
	for (const each of times()) expect(Math.abs(each - 1.05)).toBeLessThan(0.005);
	pass(3_000);
	for (const each of times()) expect(Math.abs(each - 1)).toBeLessThan(0.005);
});

test('after a change of tick and lot size new quotes stand on the new grid, and the market lives on', () => {
	const { exchange, pass } = openMarket();
	const listing = exchange.listing(BTC);
	const tickSize = listing?.price.format(10) ?? '';
	const lotSize = listing?.qty.format(10) ?? '';
	const result = exchange.operator.changeFilters(BTC, { tickSize, lotSize, minQty: lotSize }, NOW_MS);
	expect(result).toEqual({ kind: 'done' });
	const tradesBefore = Number(exchange.trades(BTC).at(-1)?.tradeId);
	pass(60_000);
	expect(Number(exchange.trades(BTC).at(-1)?.tradeId)).toBeGreaterThan(tradesBefore + 20);
	// All quotes of a maker, and not just those that happened to fit.
	expect(exchange.openOrders('market-touch-1', BTC).length).toBeGreaterThanOrEqual(5);
	const book = exchange.book(BTC, 3);
	const touch = [...(book?.bids ?? []), ...(book?.asks ?? [])];
	expect(touch).toHaveLength(6);
	for (const { priceTicks } of touch) expect(priceTicks % 10).toBe(0);
});
