/**
 * A strategy for loops of somebody's own: it wants, on each symbol, just what it was last told. Level by level from the
 * touch outwards, in the order in which a side's quotes are given.
 */
import { type Instrument, type InstrumentIndex, isSameGrid } from '../domain/instrument.ts';
import type { Side } from '../domain/side.ts';
import { LEVELS_MAX } from '../domain/slot.ts';
import type { Lots, Ticks } from '../domain/units.ts';
import type { Strategy } from '../strategy/strategy.ts';

export interface Wish {
	readonly side: Side;
	readonly priceTicks: Ticks;
	readonly qtyLots: Lots;
}

export class Wishes implements Strategy<null> {
	readonly name = 'wishes';
	readonly #wanted = new Map<InstrumentIndex, { readonly instrument: Instrument; readonly wishes: readonly Wish[] }>();

	/** Instead of what was wanted before; an empty list wants nothing there. */
	set(instrument: Instrument, wishes: readonly Wish[]): void {
		for (const side of ['buy', 'sell'] as const) {
			const count = wishes.filter((wish) => wish.side === side).length;
			if (count > LEVELS_MAX)
				throw new RangeError(`${count} ${side} quotes on ${instrument.symbol}; a side has ${LEVELS_MAX} at most`);
		}
		this.#wanted.set(instrument.index, { instrument, wishes });
	}

	init(): null {
		return null;
	}

	onEvent(): void {}

	quote: Strategy<null>['quote'] = (views, _state, out) => {
		const { instrument } = views.subject;
		const wanted = this.#wanted.get(instrument.index);
		if (wanted === undefined) return;
		// Ticks and lots of another grid are other prices and quantities: nothing is wanted until it is said anew.
		if (!isSameGrid(wanted.instrument, instrument)) return;
		const level = { buy: 0, sell: 0 };
		for (const { side, priceTicks, qtyLots } of wanted.wishes) {
			out.quote(side, level[side], priceTicks, qtyLots);
			level[side] += 1;
		}
	};
}
