import { expect, test } from 'vitest';
import { Exchange } from '../exchange/core/exchange.ts';
import { createMarket } from '../exchange/market/market.ts';
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
