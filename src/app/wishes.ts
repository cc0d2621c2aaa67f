/**
 * A strategy for loops of somebody's own: it wants, on each symbol, just what it was last told. Level by level from the
 * touch outwards, in the order in which a side's quotes are given.
 */
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
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
	readonly #wishes = new Map<InstrumentIndex, readonly Wish[]>();

	/** Instead of what was wanted before; an empty list wants nothing there. */
	set(instrument: Instrument, wishes: readonly Wish[]): void {
		for (const side of ['buy', 'sell'] as const) {
			const count = wishes.filter((wish) => wish.side === side).length;
			if (count > LEVELS_MAX)
				throw new RangeError(`${count} ${side} quotes on ${instrument.symbol}; a side has ${LEVELS_MAX} at most`);
		}
		this.#wishes.set(instrument.index, wishes);
	}

	init(): null {
		return null;
	}

	onEvent(): void {}

	quote: Strategy<null>['quote'] = (views, _state, out) => {
		const level = { buy: 0, sell: 0 };
		for (const { side, priceTicks, qtyLots } of this.#wishes.get(views.subject.instrument.index) ?? []) {
			out.quote(side, level[side], priceTicks, qtyLots);
			level[side] += 1;
		}
	};
}
