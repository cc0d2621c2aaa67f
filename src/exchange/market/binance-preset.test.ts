/** The presets hold together: grids fit, leaders exist, and both markets of a coin have their own key. */
import { describe, expect, test } from 'vitest';
import { Exchange } from '../core/exchange.ts';
import { BINANCE_PRESETS, binanceExtras } from './binance-preset.ts';
import { createMarket, type MarketSymbol } from './market.ts';
import { FOUR_MARKETS, FOUR_PERPETUALS } from './preset.ts';
import { SeededRng } from './seeded-rng.fixture.ts';

const START_MS = 1_771_000_000_000;

describe('the presets of Binance', () => {
	test('are four coins on two markets, listed under keys of their own', () => {
		expect(BINANCE_PRESETS.map(({ listing }) => listing.symbol)).toEqual([
			...['BTC', 'ETH', 'SOL', 'XRP'].map((coin) => `binance-futures:${coin}USDT`),
			...['BTC', 'ETH', 'SOL', 'XRP'].map((coin) => `binance-spot:${coin}USDT`),
		]);
	});

	test('trade beside the others, at nearly their prices', () => {
		const presets = [...BINANCE_PRESETS, ...binanceExtras('SYN001USDT').map((each) => ({ ...each, market: alone(each.market) }))];
		const exchange = new Exchange({ listings: [...FOUR_PERPETUALS, ...presets.map(({ listing }) => listing)] });
		const symbols = [...FOUR_MARKETS, ...presets.map(({ market }) => market)];
		const market = createMarket({ exchange, rng: new SeededRng(3), symbols });
		for (let step = 0; step < 50; step += 1) market.step(START_MS + step * 100);
		for (const { listing, name, place } of presets) {
			expect(exchange.ticker(listing.symbol)?.fundingRateE8).toBe(place === 'spot' ? 0 : 10_000);
			const { bidTicks, askTicks } = exchange.touch(listing.symbol);
			expect(bidTicks).toBeGreaterThan(0);
			expect(askTicks).toBeGreaterThan(bidTicks);
			const leader = FOUR_PERPETUALS.find(({ symbol }) => symbol === name);
			if (leader === undefined) continue;
			const there = exchange.touch(leader.symbol).bidTicks * Number(leader.tickSize);
			expect(Math.abs((bidTicks * Number(listing.tickSize)) / there - 1)).toBeLessThan(0.002);
		}
	});

	test('of other names are none', () => {
		expect(binanceExtras('BTCUSDT')).toEqual([]);
	});
});

function alone({ latentOf, ...market }: MarketSymbol): MarketSymbol {
	expect(latentOf).toBe('SYN001USDT');
	return market;
}
