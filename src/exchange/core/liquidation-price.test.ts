/** The shown liquidation price is where liquidation happens: not one tick before, and there at the latest. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accepted, INVERSE, limitOrder, NOW_MS, openExchange, PERP, walletAtoms } from './exchange.fixture.ts';
import type { Exchange } from './exchange.ts';
import type { ListingSpec } from './listing.ts';
import { atoms } from './money.ts';

const SECOND: ListingSpec = { ...PERP, symbol: 'XBTUSDT' };
interface Scene {
	readonly spec: ListingSpec;
	readonly side: 'buy' | 'sell';
	readonly qtyLots: number;
	readonly entryTicks: number;
	/** What ann has left beyond what her positions need, as a part in a thousand of the position's value. */
	readonly cushion: number;
	readonly otherLots: number;
	/** How far the marks have gone since. */
	readonly driftTicks: number;
}

/** Bob and cyd are rich; only ann can fall. She may hold another perpetual behind the same money. */
function openScene({ spec, side, qtyLots, entryTicks, cushion, otherLots, driftTicks }: Scene): Exchange {
	const exchange = openExchange({ listings: [PERP, SECOND, { ...INVERSE, maxQty: '10000000' }] });
	for (const accountId of ['ann', 'bob']) {
		exchange.deposit(accountId, 'USDT', atoms('100000000'), NOW_MS);
		exchange.deposit(accountId, 'BTC', atoms('100000'), NOW_MS);
	}
	for (const { symbol } of [PERP, SECOND, INVERSE]) {
		exchange.setMarkPrice(symbol, entryTicks, NOW_MS);
		exchange.setLeverage('ann', symbol, 10_000);
	}
	trade(exchange, spec.symbol, side, qtyLots, entryTicks);
	if (otherLots > 0) trade(exchange, SECOND.symbol, 'buy', otherLots, entryTicks);
	const coin = spec.kind === 'inverse' ? 'BTC' : 'USDT';
	const listing = exchange.listing(spec.symbol);
	const valueAtoms = listing?.valueAtoms(entryTicks, qtyLots) ?? 0n;
	const spareAtoms = exchange.balances('ann').find((balance) => balance.coin === coin)?.availableAtoms ?? 0n;
	for (const { symbol } of [spec, SECOND]) exchange.setMarkPrice(symbol, entryTicks + driftTicks, NOW_MS);
	exchange.withdraw('ann', coin, spareAtoms - (valueAtoms * BigInt(cushion)) / 1_000n, NOW_MS);
	return exchange;
}

function trade(exchange: Exchange, symbol: string, side: 'buy' | 'sell', qtyLots: number, priceTicks: number): void {
	const other = side === 'buy' ? 'sell' : 'buy';
	const limit = { symbol, type: 'limit', timeInForce: 'gtc', priceTicks, qtyLots } as const;
	accepted(exchange.place({ ...limit, accountId: 'bob', side: other }, NOW_MS));
	accepted(exchange.place({ ...limit, accountId: 'ann', side }, NOW_MS));
}

function heldLots(exchange: Exchange, symbol: string): number {
	return exchange.positions('ann').find((position) => position.symbol === symbol)?.qtyLotsSigned ?? 0;
}

const scene = fc.record({
	spec: fc.constantFrom(PERP, INVERSE),
	side: fc.constantFrom('buy' as const, 'sell' as const),
	qtyLots: fc.integer({ min: 10, max: 40_000 }),
	entryTicks: fc.integer({ min: 500_000, max: 700_000 }),
	cushion: fc.integer({ min: 1, max: 400 }),
	otherLots: fc.constantFrom(0, 0, 7, 900),
	driftTicks: fc.integer({ min: -200, max: 200 }),
});

describe('the liquidation price', () => {
	test('is the first mark price that closes the position, for longs and shorts, linear and inverse', () => {
		let judged = 0;
		fc.assert(
			fc.property(scene, (given) => {
				const { symbol } = given.spec;
				const ticks = openScene(given).liquidationTicks('ann', symbol);
				if (ticks === 0) return;
				judged += 1;
				const safer = given.side === 'buy' ? 1 : -1;
				const spared = openScene(given);
				spared.setMarkPrice(symbol, ticks + safer, NOW_MS);
				expect(heldLots(spared, symbol)).not.toBe(0);
				const closed = openScene(given);
				closed.setMarkPrice(symbol, ticks, NOW_MS);
				expect(heldLots(closed, symbol)).toBe(0);
			}),
			{ numRuns: 300 },
		);
		expect(judged).toBeGreaterThan(250);
	});

	test('is the one that stands in the liquidation tests', () => {
		const exchange = openExchange();
		exchange.setLeverage('ann', PERP.symbol, 10_000);
		exchange.setMarkPrice(PERP.symbol, 600_000, NOW_MS);
		accepted(exchange.place(limitOrder('bob', 'sell', '1', '60000.0'), NOW_MS));
		accepted(exchange.place(limitOrder('ann', 'buy', '1', '60000.0'), NOW_MS));
		exchange.withdraw('ann', 'USDT', walletAtoms(exchange, 'ann', 'USDT') - atoms('1000'), NOW_MS);
		expect(exchange.liquidationTicks('ann', PERP.symbol)).toBe(592_964);
	});

	test('is none without a position, and none where no price takes all the money', () => {
		const exchange = openExchange();
		exchange.setMarkPrice(PERP.symbol, 600_000, NOW_MS);
		expect(exchange.liquidationTicks('ann', PERP.symbol)).toBe(0);
		accepted(exchange.place(limitOrder('bob', 'sell', '0.001', '60000.0'), NOW_MS));
		accepted(exchange.place(limitOrder('ann', 'buy', '0.001', '60000.0'), NOW_MS));
		expect(exchange.liquidationTicks('ann', PERP.symbol)).toBe(0);
	});

	test('is none for a short of an inverse contract that holds enough of the coin: at no price does it owe more', () => {
		const exchange = openExchange({ listings: [INVERSE] });
		for (const accountId of ['ann', 'bob']) exchange.deposit(accountId, 'BTC', atoms('100000'), NOW_MS);
		exchange.setMarkPrice(INVERSE.symbol, 600_000, NOW_MS);
		trade(exchange, INVERSE.symbol, 'sell', 100, 600_000);
		expect(heldLots(exchange, INVERSE.symbol)).toBe(-100);
		expect(exchange.liquidationTicks('ann', INVERSE.symbol)).toBe(0);
	});
});
