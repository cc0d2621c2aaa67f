/**
 * A linear perpetual position, one-way mode, as exact integers. The cost basis is a sum of signed trade values, not an
 * average price: what a reduction releases by division leaves the rest behind in the position, so cost and realised
 * profit always add up to what was traded, and a flat position has a cost of exactly zero.
 */
import type { OrderSide } from './book.ts';
import type { Listing } from './listing.ts';
import { ceilDiv, chargeAtoms } from './money.ts';

/** Leverage is counted in hundredths, since venues step it by 0.01. */
export const LEVERAGE_ONE = 100;
const LEVERAGE_DEFAULT = 10 * LEVERAGE_ONE;

export interface PositionFill {
	readonly realisedAtoms: bigint;
	readonly closedLots: number;
}

export class Position {
	readonly listing: Listing;
	/** Above zero: long. */
	qtyLotsSigned = 0;
	/** What the open quantity was bought (above zero) or sold (below zero) for. */
	costAtomsSigned = 0n;
	realisedAtoms = 0n;
	fundingPaidAtoms = 0n;
	leverageHundredths = LEVERAGE_DEFAULT;
	/** Values at limit price of the resting orders that could open or grow the position. */
	buyOrdersAtoms = 0n;
	sellOrdersAtoms = 0n;
	openedAtMs = 0;
	updatedAtMs = 0;
	dirty = false;

	constructor(listing: Listing) {
		this.listing = listing;
		this.leverageHundredths = Math.min(LEVERAGE_DEFAULT, listing.maxLeverage * LEVERAGE_ONE);
	}

	/** How much an order of this side could take off the position. */
	closableLots(side: OrderSide): number {
		return Math.max(0, side === 'sell' ? this.qtyLotsSigned : -this.qtyLotsSigned);
	}

	trade(side: OrderSide, priceTicks: number, qtyLots: number, nowMs: number): PositionFill {
		const direction = side === 'buy' ? 1 : -1;
		const closedLots = Math.min(qtyLots, this.closableLots(side));
		let realisedAtoms = 0n;
		if (closedLots > 0) {
			const releasedAtoms = (this.costAtomsSigned * BigInt(closedLots)) / BigInt(Math.abs(this.qtyLotsSigned));
			realisedAtoms = -BigInt(direction) * this.listing.valueAtoms(priceTicks, closedLots) - releasedAtoms;
			this.costAtomsSigned -= releasedAtoms;
			this.qtyLotsSigned += direction * closedLots;
			this.realisedAtoms += realisedAtoms;
		}
		const openedLots = qtyLots - closedLots;
		if (openedLots > 0) {
			if (this.qtyLotsSigned === 0) this.openedAtMs = nowMs;
			this.costAtomsSigned += BigInt(direction) * this.listing.valueAtoms(priceTicks, openedLots);
			this.qtyLotsSigned += direction * openedLots;
		}
		this.updatedAtMs = nowMs;
		return { realisedAtoms, closedLots };
	}

	/** Profit (above zero) if all were closed at the mark price. Without a mark price, none. */
	unrealisedAtoms(markTicks: number): bigint {
		if (markTicks === 0 || this.qtyLotsSigned === 0) return 0n;
		return this.listing.valueAtoms(markTicks, this.qtyLotsSigned) - this.costAtomsSigned;
	}

	/**
	 * Initial margin of the position together with its resting orders: the worse of "all buys fill" and "all sells
	 * fill", over the leverage, rounded up. Without a mark price the position counts at cost.
	 */
	marginAtoms(markTicks: number): bigint {
		return this.marginWith(markTicks, this.leverageHundredths, 0n, 0n);
	}

	/** The same if orders of these values rested too, at that leverage. */
	marginWith(markTicks: number, leverageHundredths: number, moreBuysAtoms: bigint, moreSellsAtoms: bigint): bigint {
		const held = markTicks === 0 ? this.costAtomsSigned : this.listing.valueAtoms(markTicks, this.qtyLotsSigned);
		const long = held + this.buyOrdersAtoms + moreBuysAtoms;
		const short = this.sellOrdersAtoms + moreSellsAtoms - held;
		const worse = long > short ? long : short;
		return worse <= 0n ? 0n : ceilDiv(worse * BigInt(LEVERAGE_ONE), BigInt(leverageHundredths));
	}

	/** What must be left of the account's equity for this position, rounded up. Without a mark price, nothing. */
	maintenanceAtoms(markTicks: number): bigint {
		return chargeAtoms(this.listing.valueAtoms(markTicks, Math.abs(this.qtyLotsSigned)), this.listing.maintenanceRateE8);
	}

	/** What a holder pays at a funding rate (longs pay when it is above zero), rounded against the holder. */
	fundingAtoms(rateInE8: number, markTicks: number): bigint {
		if (this.qtyLotsSigned === 0) return 0n;
		return chargeAtoms(this.listing.valueAtoms(markTicks, this.qtyLotsSigned), rateInE8);
	}
}
