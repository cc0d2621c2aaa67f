/**
 * HOT: what one quoter wants, slot by slot. A strategy fills it, risk clips it, the planner compares it with what
 * stands. Reused from tick to tick. Budget: bench/execution/tick.
 */
import type { Side } from './side.ts';
import { LEVELS_MAX, quoteSlot, SLOT_COUNT, takeSlot } from './slot.ts';
import type { Lots, Ticks } from './units.ts';

export class Targets {
	/** Lots wanted in each slot; 0 where nothing is. */
	readonly qtyLots = new Float64Array(SLOT_COUNT);
	readonly priceTicks = new Float64Array(SLOT_COUNT);
	/** One past the highest level that is wanted, by side. */
	buyLevels = 0;
	sellLevels = 0;
	takeReduceOnly = false;
	hasTake = false;
	/** Why a side has no quote, in the strategy's or the risk layer's words. */
	buyReason: string | undefined;
	sellReason: string | undefined;
	/** What the quotes were priced from, for people to look at; NaN where there are none, or the strategy does not say. */
	fairTicks = Number.NaN;
	reservationTicks = Number.NaN;

	reset(): void {
		this.qtyLots.fill(0);
		this.buyLevels = 0;
		this.sellLevels = 0;
		this.takeReduceOnly = false;
		this.hasTake = false;
		this.buyReason = undefined;
		this.sellReason = undefined;
		this.fairTicks = Number.NaN;
		this.reservationTicks = Number.NaN;
	}

	quote(side: Side, level: number, price: Ticks, qty: Lots): void {
		if (!(level >= 0 && level < LEVELS_MAX)) throw new RangeError(`level must be 0 to ${LEVELS_MAX - 1}, found ${level}`);
		const slot = quoteSlot(side, level);
		this.qtyLots[slot] = qty;
		this.priceTicks[slot] = price;
		if (side === 'buy') {
			if (level >= this.buyLevels) this.buyLevels = level + 1;
		} else if (level >= this.sellLevels) {
			this.sellLevels = level + 1;
		}
	}

	take(side: Side, worstPrice: Ticks, qty: Lots, options: { readonly reduceOnly: boolean }): void {
		const slot = takeSlot(side);
		this.qtyLots[slot] = qty;
		this.priceTicks[slot] = worstPrice;
		this.takeReduceOnly = options.reduceOnly;
		this.hasTake = true;
	}

	noQuote(side: Side, reason: string): void {
		if (side === 'buy') this.buyReason = reason;
		else this.sellReason = reason;
	}

	pricedFrom(fairTicks: number, reservationTicks: number): void {
		this.fairTicks = fairTicks;
		this.reservationTicks = reservationTicks;
	}

	/** Wants nothing on this side any more, and says why. */
	withdraw(side: Side, reason: string): void {
		const first = quoteSlot(side, 0);
		this.qtyLots.fill(0, first, first + LEVELS_MAX);
		if (side === 'buy') this.buyLevels = 0;
		else this.sellLevels = 0;
		this.noQuote(side, reason);
	}
}
