/** Spot pairs in the synthetic market. */
import { describe, expect, test } from 'vitest';
import { Exchange } from '../core/exchange.ts';
import { LatentPrices } from './latent.ts';
import { createMarket, MARKET_STEP_MS, type MarketSymbol } from './market.ts';
import { FOUR_MARKETS, FOUR_PERPETUALS, TWO_SPOT_MARKETS, TWO_SPOTS } from './preset.ts';
import { SeededRng } from './seeded-rng.fixture.ts';

const START_MS = 1_771_000_000_000;

function open(symbols: readonly MarketSymbol[], seed = 3): { exchange: Exchange; run: (steps: number) => void } {
	const exchange = new Exchange({ listings: [...FOUR_PERPETUALS, ...TWO_SPOTS] });
	const market = createMarket({ exchange, rng: new SeededRng(seed), symbols });
	let nowMs = START_MS;
	const run = (steps: number): void => {
		for (let count = 0; count < steps; count += 1) {
			nowMs += MARKET_STEP_MS;
			market.step(nowMs);
		}
	};
	return { exchange, run };
}

describe('spot pairs in the market', () => {
	test('have two sides, trades and no mark price, and stay within a few basis points of their perpetual', () => {
		const { exchange, run } = open([...FOUR_MARKETS, ...TWO_SPOT_MARKETS]);
		const mid = (symbol: string): number => {
			const { bidTicks, askTicks } = exchange.touch(symbol);
			expect(bidTicks, symbol).toBeGreaterThan(0);
			expect(askTicks, symbol).toBeGreaterThan(bidTicks);
			return ((bidTicks + askTicks) / 2) * Number(exchange.listing(symbol)?.spec.tickSize);
		};
		let basisMax = 0;
		run(20);
		for (let count = 0; count < 1_500; count += 1) {
			run(1);
			for (const name of ['BTCUSDT', 'ETHUSDT']) basisMax = Math.max(basisMax, Math.abs(mid(`spot:${name}`) / mid(name) - 1));
		}
		expect(basisMax).toBeGreaterThan(0.00005);
		expect(basisMax).toBeLessThan(0.0015);
		for (const { symbol } of TWO_SPOT_MARKETS) {
			expect(exchange.trades(symbol).length, symbol).toBeGreaterThan(50);
			expect(exchange.ticker(symbol)).toMatchObject({ markTicks: 0, fundingRateE8: 0, nextFundingAtMs: 0 });
		}
	});

	test('beside them, the perpetuals trade just as they do alone', () => {
		const [alone, beside] = [open(FOUR_MARKETS), open([...FOUR_MARKETS, ...TWO_SPOT_MARKETS])];
		for (const world of [alone, beside]) world.run(300);
		const trades = ({ exchange }: typeof alone): unknown[] =>
			exchange.trades('BTCUSDT').map(({ priceTicks, qtyLots, takerSide, atMs }) => [priceTicks, qtyLots, takerSide, atMs]);
		expect(trades(alone).length).toBeGreaterThan(50);
		expect(trades(beside)).toEqual(trades(alone));
	});

	test('leave every account of the market with both coins to trade on, and all coins accounted for', () => {
		const { exchange, run } = open([...FOUR_MARKETS, ...TWO_SPOT_MARKETS]);
		run(1);
		const sums = (): Map<string, bigint> => {
			const atoms = new Map(exchange.houseBalances().map((balance) => [balance.coin, balance.atoms]));
			for (const accountId of exchange.accounts()) {
				for (const { coin, walletAtoms, availableAtoms } of exchange.balances(accountId)) {
					expect(availableAtoms, `${coin} of ${accountId}`).toBeGreaterThan(0n);
					if (coin !== 'USDT') atoms.set(coin, (atoms.get(coin) ?? 0n) + walletAtoms);
				}
			}
			atoms.delete('USDT');
			return atoms;
		};
		const before = sums();
		expect([...before.keys()].sort()).toEqual(['BTC', 'ETH']);
		run(1_000);
		expect(sums()).toEqual(before);
	});

	test('a symbol cannot follow one that is not there, or one that follows itself', () => {
		const [spot] = TWO_SPOT_MARKETS;
		if (spot === undefined) throw new Error('no spot market');
		expect(() => open([spot])).toThrow('spot:BTCUSDT follows BTCUSDT');
		expect(() => open([...FOUR_MARKETS, spot, { ...spot, symbol: 'spot:ETHUSDT', latentOf: 'spot:BTCUSDT' }])).toThrow('follows');
	});
});

test('a follower is its leader but for a basis that wanders around nothing', () => {
	const leader = { symbol: 'A', startPrice: 65_000, volatilityPerYear: 0.5, commonShare: 0.9 };
	const latent = new LatentPrices(new SeededRng(5), [{ ...leader, symbol: 'B', latentOf: 'A' }, leader]);
	const bases: number[] = [];
	for (let count = 0; count < 40_000; count += 1) {
		latent.step(1_000);
		bases.push(Math.log(latent.price(0) / latent.price(1)));
	}
	const deviation = Math.sqrt(bases.reduce((sum, basis) => sum + basis * basis, 0) / bases.length);
	expect(deviation).toBeGreaterThan(0.0001);
	expect(deviation).toBeLessThan(0.0002);
	expect(bases.reduce((sum, basis) => sum + basis, 0) / bases.length).toBeCloseTo(0, 4);
});
