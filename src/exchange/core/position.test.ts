import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PERP } from './exchange.fixture.ts';
import { Listing } from './listing.ts';
import { Position } from './position.ts';

const listing = new Listing(PERP);

describe('a position', () => {
	test.each([
		{ name: 'opens long', trades: [['buy', 100, 5]], qty: 5, costTickLots: 500, realised: 0 },
		{
			name: 'grows at another price',
			trades: [
				['buy', 100, 5],
				['buy', 110, 5],
			],
			qty: 10,
			costTickLots: 1_050,
			realised: 0,
		},
		{
			name: 'realises what a reduction earns',
			trades: [
				['buy', 100, 10],
				['sell', 110, 4],
			],
			qty: 6,
			costTickLots: 600,
			realised: 40,
		},
		{
			name: 'flips, opening at the new price',
			trades: [
				['buy', 100, 4],
				['sell', 90, 10],
			],
			qty: -6,
			costTickLots: -540,
			realised: -40,
		},
		{
			name: 'short earns when bought back lower',
			trades: [
				['sell', 100, 4],
				['buy', 90, 4],
			],
			qty: 0,
			costTickLots: 0,
			realised: 40,
		},
	] as const)('$name', ({ trades, qty, costTickLots, realised }) => {
		const position = new Position(listing);
		for (const [side, priceTicks, qtyLots] of trades) position.trade(side, priceTicks, qtyLots, 0);
		expect(position.qtyLotsSigned).toBe(qty);
		expect(position.costAtomsSigned).toBe(BigInt(costTickLots) * listing.tickLotAtoms);
		expect(position.realisedAtoms).toBe(BigInt(realised) * listing.tickLotAtoms);
	});

	const trade = fc.record({
		side: fc.constantFrom('buy' as const, 'sell' as const),
		priceTicks: fc.integer({ min: 1, max: 1_000_000 }),
		qtyLots: fc.integer({ min: 1, max: 1_000 }),
	});

	test('loses nothing to rounding: realised minus cost is always what was paid out', () => {
		fc.assert(
			fc.property(fc.array(trade, { maxLength: 60 }), (trades) => {
				const position = new Position(listing);
				let spentAtoms = 0n;
				for (const { side, priceTicks, qtyLots } of trades) {
					const { realisedAtoms, closedLots } = position.trade(side, priceTicks, qtyLots, 0);
					spentAtoms += (side === 'buy' ? 1n : -1n) * listing.valueAtoms(priceTicks, qtyLots);
					if (closedLots === 0) expect(realisedAtoms).toBe(0n);
					expect(position.realisedAtoms - position.costAtomsSigned).toBe(-spentAtoms);
					if (position.qtyLotsSigned === 0) expect(position.costAtomsSigned).toBe(0n);
				}
			}),
			{ numRuns: 500 },
		);
	});

	test('needs margin for the worse of its two sides, rounded up', () => {
		const position = new Position(listing);
		position.leverageHundredths = 300;
		position.trade('buy', 1_000, 10, 0);
		const held = listing.valueAtoms(1_000, 10);
		expect(position.marginAtoms(1_000)).toBe((held + 2n) / 3n);
		position.sellOrdersAtoms = held;
		expect(position.marginAtoms(1_000)).toBe((held + 2n) / 3n);
		position.sellOrdersAtoms = 3n * held;
		expect(position.marginAtoms(1_000)).toBe((2n * held + 2n) / 3n);
	});

	test('funding is rounded against the holder on both sides', () => {
		const long = new Position(listing);
		const short = new Position(listing);
		long.trade('buy', 333, 1, 0);
		short.trade('sell', 333, 1, 0);
		// 333 ticks times one lot are 3,330,000 atoms; at 1e-8 that is 0.0333 of an atom.
		expect([long.fundingAtoms(1, 333), short.fundingAtoms(1, 333)]).toEqual([1n, 0n]);
		expect([long.fundingAtoms(-1, 333), short.fundingAtoms(-1, 333)]).toEqual([0n, 1n]);
	});
});
