import { describe, expect, test } from 'vitest';
import { eventText } from '../core/exchange.fixture.ts';
import { Exchange } from '../core/exchange.ts';
import { atoms } from '../core/money.ts';
import { StateHash } from '../core/state-hash.ts';
import { correlation } from './correlation.fixture.ts';
import { createMarket, MARKET_STEP_MS, type Market } from './market.ts';
import { FOUR_MARKETS, FOUR_PERPETUALS } from './preset.ts';
import { SeededRng } from './seeded-rng.fixture.ts';

const START_MS = 1_771_000_000_000;
const WARMUP_STEPS = 20;

interface World {
	readonly exchange: Exchange;
	readonly market: Market;
	nowMs: number;
}

function open(seed: number, isThin = false): World {
	const exchange = new Exchange({ listings: FOUR_PERPETUALS });
	const market = createMarket({ exchange, rng: new SeededRng(seed), symbols: FOUR_MARKETS, isThin });
	return { exchange, market, nowMs: START_MS };
}

function run(world: World, steps: number, afterStep: () => void = () => {}): void {
	for (let count = 0; count < steps; count += 1) {
		world.nowMs += MARKET_STEP_MS;
		world.market.step(world.nowMs);
		afterStep();
	}
}

function eventHash(seed: number, isThin = false): string {
	const world = open(seed, isThin);
	const hash = new StateHash();
	world.exchange.subscribe((event) => hash.add(eventText(event)));
	run(world, 50);
	return hash.add(world.exchange.stateHash()).digest();
}

describe('the synthetic market', () => {
	test('is the same for the same seed and another for another', () => {
		const first = eventHash(1);
		expect(eventHash(1)).toBe(first);
		expect(eventHash(2)).not.toBe(first);
	});

	test('quotes both sides of every symbol a few ticks apart, near the latent price', () => {
		const world = open(3);
		const spreads = new Map<string, number[]>(FOUR_MARKETS.map(({ symbol }) => [symbol, []]));
		run(world, WARMUP_STEPS);
		run(world, 1_000, () => {
			for (const { symbol } of FOUR_MARKETS) {
				const { bidTicks, askTicks } = world.exchange.touch(symbol);
				expect(bidTicks, symbol).toBeGreaterThan(0);
				expect(askTicks, symbol).toBeGreaterThan(bidTicks);
				spreads.get(symbol)?.push(askTicks - bidTicks);
			}
		});
		for (const [symbol, ticks] of spreads) {
			ticks.sort((left, right) => left - right);
			expect(ticks[500], `median spread of ${symbol}`).toBeLessThanOrEqual(5);
			expect(ticks[950], `95th percentile of ${symbol}`).toBeLessThanOrEqual(20);
			const { bidTicks } = world.exchange.touch(symbol);
			const tickSize = Number(world.exchange.listing(symbol)?.spec.tickSize);
			expect((bidTicks * tickSize) / (world.market.latentPrice(symbol) ?? 0)).toBeCloseTo(1, 3);
			expect(world.exchange.trades(symbol).length, `trades of ${symbol}`).toBeGreaterThan(50);
		}
	});

	test('has volatility that clusters and symbols that move together, in what one can see', () => {
		const world = open(5);
		const mids = new Map<string, number[]>(FOUR_MARKETS.map(({ symbol }) => [symbol, []]));
		run(world, WARMUP_STEPS);
		let count = 0;
		run(world, 12_000, () => {
			count += 1;
			if (count % 10 !== 0) return;
			for (const { symbol } of FOUR_MARKETS) {
				const { bidTicks, askTicks } = world.exchange.touch(symbol);
				mids.get(symbol)?.push(Math.log((bidTicks + askTicks) / 2));
			}
		});
		const returns = [...mids.values()].map((logs) => logs.slice(1).map((log, index) => log - (logs[index] ?? log)));
		const [btc = [], eth = [], sol = []] = returns;
		const sizes = btc.map(Math.abs);
		const clustering = [1, 2, 3, 5, 8].map((lag) => correlation(sizes, sizes.slice(lag)));
		expect(clustering.reduce((sum, value) => sum + value, 0) / clustering.length).toBeGreaterThan(0.04);
		expect(correlation(btc, eth)).toBeGreaterThan(0.4);
		expect(correlation(btc, sol)).toBeGreaterThan(0.2);
	});

	test('keeps its resting orders and its debts bounded', () => {
		const world = open(7);
		let openOrdersMax = 0;
		run(world, 2_000, () => {
			if (world.nowMs % 5_000 !== 0) return;
			const count = world.exchange.accounts().reduce((sum, accountId) => sum + world.exchange.openOrders(accountId).length, 0);
			openOrdersMax = Math.max(openOrdersMax, count);
		});
		expect(openOrdersMax).toBeGreaterThan(100);
		expect(openOrdersMax).toBeLessThanOrEqual(4 * (2 * 2 * 3 + 2 * 16));
		for (const accountId of world.exchange.accounts())
			expect(world.exchange.balances(accountId)[0]?.availableAtoms ?? 0n).toBeGreaterThan(atoms('900000000'));
	});

	test('takes a quote that the price has run over, and goes on', () => {
		const world = open(9);
		run(world, WARMUP_STEPS);
		world.exchange.openAccount('victim');
		world.exchange.deposit('victim', 'USDT', atoms('10000000'), world.nowMs);
		const priceTicks = world.exchange.touch('BTCUSDT').bidTicks;
		const order = { accountId: 'victim', symbol: 'BTCUSDT', side: 'buy', type: 'limit', timeInForce: 'post-only' } as const;
		world.exchange.place({ ...order, priceTicks, qtyLots: 3_000 }, world.nowMs);
		for (let count = 0; count < 30 && world.exchange.openOrders('victim').length > 0; count += 1) run(world, 100);
		expect(world.exchange.positions('victim')[0]?.qtyLotsSigned).toBe(3_000);
		const informed = world.exchange.executions('market-informed', 'BTCUSDT');
		const intoVictim = informed.filter((execution) => execution.side === 'sell' && execution.priceTicks === priceTicks);
		expect(intoVictim.length).toBeGreaterThan(5);
		run(world, WARMUP_STEPS);
		const { bidTicks, askTicks } = world.exchange.touch('BTCUSDT');
		expect(askTicks - bidTicks).toBeLessThan(20);
	});

	test('pays funding when the calendar says so', () => {
		const world = open(11);
		run(world, WARMUP_STEPS);
		const dueAtMs = world.exchange.ticker('BTCUSDT')?.nextFundingAtMs ?? 0;
		expect(dueAtMs).toBeGreaterThan(world.nowMs);
		let payments = 0;
		world.exchange.subscribe((event) => {
			if (event.kind === 'execution' && event.execution.kind === 'funding') payments += 1;
		});
		world.market.step(dueAtMs - 1);
		expect(payments).toBe(0);
		world.market.step(dueAtMs);
		expect(payments).toBeGreaterThan(0);
	});
});

describe('the thin market', () => {
	test('is the same for the same seed, and not the ordinary one', () => {
		expect(eventHash(1, true)).toBe(eventHash(1, true));
		expect(eventHash(1, true)).not.toBe(eventHash(1));
	});

	test('changes nearly every book at nearly every step, with a third of the work', () => {
		const eventsOf = (isThin: boolean): { events: number; changes: number } => {
			const world = open(13, isThin);
			run(world, WARMUP_STEPS);
			let events = 0;
			let changes = 0;
			const moved = new Set<string>();
			world.exchange.subscribe((event) => {
				events += 1;
				if (event.kind === 'book-level') moved.add(event.symbol);
			});
			run(world, 1_000, () => {
				changes += moved.size;
				moved.clear();
			});
			return { events, changes };
		};
		const thin = eventsOf(true);
		expect(thin.changes / (1_000 * FOUR_MARKETS.length)).toBeGreaterThan(0.95);
		expect(thin.events).toBeLessThan(eventsOf(false).events / 3);
	});

	test('has two sides, trades, and a depth of its own behind the touch', () => {
		const world = open(15, true);
		run(world, WARMUP_STEPS);
		run(world, 1_000, () => {
			for (const { symbol } of FOUR_MARKETS) {
				const { bidTicks, askTicks } = world.exchange.touch(symbol);
				expect(bidTicks > 0 && askTicks > bidTicks, symbol).toBe(true);
			}
		});
		for (const { symbol } of FOUR_MARKETS) {
			expect(world.exchange.trades(symbol).length, symbol).toBeGreaterThan(50);
			expect(world.exchange.book(symbol, 50)?.bids.length, symbol).toBeGreaterThan(5);
		}
	});
});
