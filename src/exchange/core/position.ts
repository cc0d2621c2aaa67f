/**
 * A position in a perpetual, one-way mode, as exact integers. The cost basis is a sum of signed trade values, not an
 * average price: what a reduction releases by division leaves the rest behind in the position, so cost and realised
 * profit always add up to what was traded, and a flat position has a cost of exactly zero. All of it is in the settle
 * coin; who is long of an inverse contract has a cost below zero, since what it is worth in coin is what he owes.
 */
import type { OrderSide } from './book.ts';
import type { Listing } from './listing.ts';
import { ceilDiv, chargeAtoms } from './money.ts';
import type { Closing } from './views.ts';

/** Leverage is counted in hundredths, since venues step it by 0.01. */
export const LEVERAGE_ONE = 100;
const LEVERAGE_DEFAULT = 10 * LEVERAGE_ONE;

export interface PositionFill {
	readonly realisedAtoms: bigint;
	readonly closedLots: number;
	readonly closing: Closing | null;
}

interface PositionTrade {
	readonly side: OrderSide;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly feeAtoms: bigint;
	readonly nowMs: number;
}

export class Position {
	readonly listing: Listing;
	/** Above zero: long. */
	qtyLotsSigned = 0;
	/** What the open quantity counted when it was opened; see `Listing.positionAtoms`. */
	costAtomsSigned = 0n;
	realisedAtoms = 0n;
	fundingPaidAtoms = 0n;
	feesPaidAtoms = 0n;
	/** Realised profit less fees and funding, since the position was last opened. */
	sessionAtoms = 0n;
	/** The last fill or funding payment; '' before the first. */
	lastExecId = '';
	/** Opening fees and funding of the quantity that is still open. */
	#openFeesAtoms = 0n;
	#openFundingAtoms = 0n;
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

	trade({ side, priceTicks, qtyLots, feeAtoms, nowMs }: PositionTrade): PositionFill {
		const direction = side === 'buy' ? 1 : -1;
		const closedLots = Math.min(qtyLots, this.closableLots(side));
		const openedLots = qtyLots - closedLots;
		const tradedAtoms = this.listing.positionAtoms(priceTicks, direction * qtyLots);
		// What rounding leaves over goes with the part that closes, so that both parts are the whole.
		const openedAtoms = this.listing.positionAtoms(priceTicks, direction * openedLots);
		const closeFeeAtoms = (feeAtoms * BigInt(closedLots)) / BigInt(qtyLots);
		let realisedAtoms = 0n;
		let closing: Closing | null = null;
		if (closedLots > 0) {
			const share = (sumAtoms: bigint): bigint => (sumAtoms * BigInt(closedLots)) / BigInt(Math.abs(this.qtyLotsSigned));
			const releasedAtoms = share(this.costAtomsSigned);
			const openFeeAtoms = share(this.#openFeesAtoms);
			const fundingAtoms = share(this.#openFundingAtoms);
			realisedAtoms = openedAtoms - tradedAtoms - releasedAtoms;
			this.costAtomsSigned -= releasedAtoms;
			this.qtyLotsSigned += direction * closedLots;
			this.realisedAtoms += realisedAtoms;
			this.sessionAtoms += realisedAtoms - closeFeeAtoms;
			this.#openFeesAtoms -= openFeeAtoms;
			this.#openFundingAtoms -= fundingAtoms;
			closing = {
				entryAtoms: absolute(releasedAtoms),
				exitAtoms: absolute(tradedAtoms - openedAtoms),
				openFeeAtoms,
				closeFeeAtoms,
				pnlAtoms: realisedAtoms - openFeeAtoms - closeFeeAtoms - fundingAtoms,
			};
		}
		if (openedLots > 0) {
			if (this.qtyLotsSigned === 0) {
				this.openedAtMs = nowMs;
				this.sessionAtoms = 0n;
			}
			this.sessionAtoms -= feeAtoms - closeFeeAtoms;
			this.#openFeesAtoms += feeAtoms - closeFeeAtoms;
			this.costAtomsSigned += openedAtoms;
			this.qtyLotsSigned += direction * openedLots;
		}
		this.feesPaidAtoms += feeAtoms;
		this.updatedAtMs = nowMs;
		return { realisedAtoms, closedLots, closing };
	}

	payFunding(paidAtoms: bigint, nowMs: number): void {
		this.fundingPaidAtoms += paidAtoms;
		this.sessionAtoms -= paidAtoms;
		this.#openFundingAtoms += paidAtoms;
		this.updatedAtMs = nowMs;
	}

	/** Profit (above zero) if all were closed at the mark price. Without a mark price, none. */
	unrealisedAtoms(markTicks: number): bigint {
		if (markTicks === 0 || this.qtyLotsSigned === 0) return 0n;
		return this.listing.positionAtoms(markTicks, this.qtyLotsSigned) - this.costAtomsSigned;
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
		const costAtoms = this.qtyLotsSigned < 0 === this.costAtomsSigned < 0n ? this.costAtomsSigned : -this.costAtomsSigned;
		const held = markTicks === 0 ? costAtoms : this.listing.valueAtoms(markTicks, this.qtyLotsSigned);
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

function absolute(sumAtoms: bigint): bigint {
	return sumAtoms < 0n ? -sumAtoms : sumAtoms;
}
