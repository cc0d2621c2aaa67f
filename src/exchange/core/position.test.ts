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
		for (const [side, priceTicks, qtyLots] of trades) position.trade({ side, priceTicks, qtyLots, feeAtoms: 0n, nowMs: 0 });
		expect(position.qtyLotsSigned).toBe(qty);
		expect(position.costAtomsSigned).toBe(BigInt(costTickLots) * listing.tickLotAtoms);
		expect(position.realisedAtoms).toBe(BigInt(realised) * listing.tickLotAtoms);
	});

	const tradeShape = {
		side: fc.constantFrom('buy' as const, 'sell' as const),
		priceTicks: fc.integer({ min: 1, max: 1_000_000 }),
		qtyLots: fc.integer({ min: 1, max: 1_000 }),
	};
	const trade = fc.record(tradeShape);

	test('loses nothing to rounding: realised minus cost is always what was paid out', () => {
		fc.assert(
			fc.property(fc.array(trade, { maxLength: 60 }), (trades) => {
				const position = new Position(listing);
				let spentAtoms = 0n;
				for (const { side, priceTicks, qtyLots } of trades) {
					const { realisedAtoms, closedLots } = position.trade({ side, priceTicks, qtyLots, feeAtoms: 0n, nowMs: 0 });
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
		position.trade({ side: 'buy', priceTicks: 1_000, qtyLots: 10, feeAtoms: 0n, nowMs: 0 });
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
		long.trade({ side: 'buy', priceTicks: 333, qtyLots: 1, feeAtoms: 0n, nowMs: 0 });
		short.trade({ side: 'sell', priceTicks: 333, qtyLots: 1, feeAtoms: 0n, nowMs: 0 });
		// 333 ticks times one lot are 3,330,000 atoms; at 1e-8 that is 0.0333 of an atom.
		expect([long.fundingAtoms(1, 333), short.fundingAtoms(1, 333)]).toEqual([1n, 0n]);
		expect([long.fundingAtoms(-1, 333), short.fundingAtoms(-1, 333)]).toEqual([0n, 1n]);
	});

	test('tells of each closing what it made: less both fees and the funding of the part that goes', () => {
		const position = new Position(listing);
		const fill = { qtyLots: 4, nowMs: 0 } as const;
		expect(position.trade({ ...fill, side: 'buy', priceTicks: 100, feeAtoms: 40n }).closing).toBeNull();
		position.payFunding(8n, 0);
		const unit = listing.tickLotAtoms;
		const half = position.trade({ side: 'sell', priceTicks: 110, qtyLots: 2, feeAtoms: 30n, nowMs: 0 });
		expect(half.closing).toEqual({
			entryAtoms: 200n * unit,
			exitAtoms: 220n * unit,
			openFeeAtoms: 20n,
			closeFeeAtoms: 30n,
			pnlAtoms: 20n * unit - 20n - 30n - 4n,
		});
		// Two of the six close, four open anew: a third of the fee belongs to the closing.
		const flip = position.trade({ side: 'sell', priceTicks: 90, qtyLots: 6, feeAtoms: 60n, nowMs: 0 });
		expect(flip.closing).toMatchObject({ openFeeAtoms: 20n, closeFeeAtoms: 20n, pnlAtoms: -20n * unit - 20n - 20n - 4n });
		expect(position.sessionAtoms).toBe(-40n);
		expect(position.feesPaidAtoms).toBe(130n);
	});

	test('adds up: all that closings made is all that was realised, less all fees and funding, once it is flat', () => {
		const step = fc.record({
			...tradeShape,
			feeAtoms: fc.bigInt({ min: -1_000n, max: 9_999n }),
			funding: fc.bigInt(-999n, 999n),
		});
		fc.assert(
			fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
				const position = new Position(listing);
				let madeAtoms = 0n;
				for (const { funding, ...each } of steps) {
					madeAtoms += position.trade({ ...each, nowMs: 0 }).closing?.pnlAtoms ?? 0n;
					if (position.qtyLotsSigned !== 0) position.payFunding(funding, 0);
				}
				const leftLots = position.qtyLotsSigned;
				if (leftLots !== 0) {
					const side = leftLots > 0 ? 'sell' : 'buy';
					const last = position.trade({ side, priceTicks: 7, qtyLots: Math.abs(leftLots), feeAtoms: 5n, nowMs: 0 });
					madeAtoms += last.closing?.pnlAtoms ?? 0n;
				}
				expect(madeAtoms).toBe(position.realisedAtoms - position.feesPaidAtoms - position.fundingPaidAtoms);
			}),
		);
	});
});
