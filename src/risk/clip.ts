/**
 * HOT: cuts what a strategy wants down to what its symbol may still hold, from the touch outwards, before orders are
 * planned. What in-flight orders might add on top is the gate's business. Budget: bench/execution/tick.
 */
import type { Instrument } from '../domain/instrument.ts';
import type { Side } from '../domain/side.ts';
import { quoteSlot } from '../domain/slot.ts';
import type { Targets } from '../domain/targets.ts';

export interface ClipLimits {
	readonly positionNotionalMax: number;
	readonly orderNotionalMax: number;
}

/** What is held, and what orders of others could still fill (F76): an `Exposure`. */
export interface ClipHeld {
	readonly heldLots: number;
	readonly foreignBuyLots: number;
	readonly foreignSellLots: number;
}

/**
 * After this no side of the targets, filled completely, would take the position past its limit, nor what it adds together
 * with what others have open on that side; the way back to flat is never cut for them. A position is valued like at the
 * gate, at the larger of a level's price and the reference: what is bought below the mid is worth the mid.
 */
export function clip(targets: Targets, held: ClipHeld, instrument: Instrument, limits: ClipLimits, referenceTicks = 0): void {
	clipSide(targets, 'buy', held, instrument, limits, referenceTicks);
	clipSide(targets, 'sell', held, instrument, limits, referenceTicks);
}

function clipSide(
	targets: Targets,
	side: Side,
	held: ClipHeld,
	instrument: Instrument,
	limits: ClipLimits,
	referenceTicks: number,
): void {
	const levels = side === 'buy' ? targets.buyLevels : targets.sellLevels;
	if (levels === 0) return;
	const heldLots = side === 'buy' ? held.heldLots : -held.heldLots;
	const foreignLots = side === 'buy' ? held.foreignBuyLots : held.foreignSellLots;
	const first = quoteSlot(side, 0);
	let usedLots = 0;
	let cut = false;
	let left = 0;
	for (let slot = first; slot < first + levels; slot += 1) {
		const wanted = targets.qtyLots[slot] ?? 0;
		if (wanted === 0) continue;
		const price = targets.priceTicks[slot] ?? 0;
		const heldMax = lotsWithin(limits.positionNotionalMax, Math.max(price, referenceTicks) * instrument.tickLotNumber);
		const orderMax = lotsWithin(limits.orderNotionalMax, price * instrument.tickLotNumber);
		// Below zero once it is past flat.
		const untilFlat = -heldLots - usedLots;
		let allowed = Math.min(wanted, Math.max(heldMax + untilFlat - foreignLots, untilFlat), orderMax, instrument.qtyLotsMax);
		const isTooSmall = allowed < instrument.qtyLotsMin || allowed * price < instrument.notionalTickLotsMin;
		if (!(allowed > 0) || isTooSmall) allowed = 0;
		if (allowed !== wanted) {
			cut = true;
			targets.qtyLots[slot] = allowed;
		}
		usedLots += allowed;
		if (allowed > 0) left += 1;
	}
	if (cut && left === 0) targets.withdraw(side, 'position-limit');
}

/** The most lots that are worth no more than this: a quotient that was rounded up must not give one that the gate refuses. */
export function lotsWithin(notionalMax: number, worthOfLot: number): number {
	const lots = Math.floor(notionalMax / worthOfLot);
	return lots * worthOfLot > notionalMax ? lots - 1 : lots;
}
