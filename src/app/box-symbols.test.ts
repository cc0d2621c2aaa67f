import { expect, test } from 'vitest';
import { Exchange } from '../exchange/core/exchange.ts';
import { EXTRA_PERPETUALS_MAX, extraNames, extraPerpetual } from '../exchange/market/extra.ts';
import { createMarket } from '../exchange/market/market.ts';
import { createQuietMarket } from '../exchange/market/quiet.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { BOX_SYMBOLS, boxSymbols } from './box-symbols.ts';

/** The market of some symbols after a few seconds. */
function live(chosen: readonly string[]): Exchange {
	const { listings, markets } = boxSymbols(chosen);
	const exchange = new Exchange({ listings });
	const market = createMarket({ exchange, rng: seededRng(5), symbols: markets });
	for (let step = 0; step < 50; step += 1) market.step(1_771_000_000_000 + step * 100);
	return exchange;
}

test('an inverse contract trades alone, or along with the perpetual it follows', () => {
	const alone = live(['BTCUSD']);
	expect(alone.symbols()).toEqual(['BTCUSD']);
	const together = live(['BTCUSDT', 'BTCUSD']);
	for (const exchange of [alone, together]) {
		expect(exchange.trades('BTCUSD').length).toBeGreaterThan(0);
		const { bidTicks, askTicks } = exchange.touch('BTCUSD');
		expect(bidTicks > 0 && askTicks > bidTicks).toBe(true);
	}
	const [mine, its] = [together.ticker('BTCUSD')?.markTicks ?? 0, together.ticker('BTCUSDT')?.markTicks ?? 1];
	expect(Math.abs(mine / its - 1)).toBeLessThan(0.002);
});

test('what else is listed changes nothing about a linear perpetual', () => {
	const book = (chosen: readonly string[]) => live(chosen).book('ETHUSDT', 50);
	expect(book(BOX_SYMBOLS)).toEqual(book(BOX_SYMBOLS.filter((symbol) => symbol !== 'BTCUSD')));
});

test('extra perpetuals trade beside the others', () => {
	const exchange = live(['BTCUSDT', ...extraNames(3)]);
	expect(exchange.symbols()).toEqual(['BTCUSDT', 'spot:BTCUSDT', 'SYN001USDT', 'SYN002USDT', 'SYN003USDT']);
	for (const symbol of extraNames(3)) {
		const { bidTicks, askTicks } = exchange.touch(symbol);
		expect(bidTicks > 0 && askTicks > bidTicks, symbol).toBe(true);
	}
});

test('every extra perpetual can be listed, has a book and its own name', () => {
	const names = extraNames(EXTRA_PERPETUALS_MAX);
	expect(new Set(names).size).toBe(EXTRA_PERPETUALS_MAX);
	const { listings, markets } = boxSymbols(names);
	const exchange = new Exchange({ listings });
	createQuietMarket(exchange, markets).step(1_771_000_000_000);
	for (const symbol of names) expect(exchange.book(symbol, 50)?.bids.length, symbol).toBe(25);
});

test.each(['SYN000USDT', 'SYN401USDT', 'SYN1USDT', 'SYN001USD', 'BTCUSDT'])('%s is no extra perpetual', (symbol) => {
	expect(extraPerpetual(symbol)).toBeUndefined();
});

test('only the chosen categories are listed, and who follows a symbol that is not there has a price of its own', () => {
	const named = (categories: Parameters<typeof boxSymbols>[1]) => boxSymbols(['BTCUSDT', 'ETHUSDT', 'BTCUSD'], categories);
	expect(named(['linear']).listings.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);
	const { listings, markets, shown } = named(['spot', 'inverse']);
	expect(listings.map(({ symbol }) => symbol)).toEqual(['spot:BTCUSDT', 'spot:ETHUSDT', 'BTCUSD']);
	expect(shown.map(({ category }) => category)).toEqual(['spot', 'spot', 'inverse']);
	expect(markets.map(({ latentOf }) => latentOf)).toEqual([undefined, undefined, undefined]);
	const exchange = new Exchange({ listings });
	createMarket({ exchange, rng: seededRng(5), symbols: markets }).step(1_771_000_000_000);
	expect(exchange.touch('spot:BTCUSDT').bidTicks).toBeGreaterThan(0);
});
