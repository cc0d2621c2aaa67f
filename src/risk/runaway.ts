/**
 * Notices a symbol that fills like no quoter should (PT14): too many fills of one side in ten seconds, or one side's
 * fills of a minute adding up to more than the position limit. It only says so; the caller holds the symbol until a
 * person or `RUNAWAY_CLEAN_MS` lifts it. Memory is fixed per symbol and side, however fast fills come.
 */
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { Side } from '../domain/side.ts';
import type { MonoMs } from '../domain/units.ts';
import { SecondCounts } from './second-counts.ts';

/** Fills of one side that a symbol may have within the window; the next one is too many. */
export const SIDE_FILLS_MAX = 30;
const SIDE_FILLS_WINDOW_MS = 10_000;
/** PT14: how long a symbol stays held that ran away and that nobody released. */
export const RUNAWAY_CLEAN_MS = 300_000;

/** A lot counts for that long and up to one second more, never less. */
const VOLUME_WINDOW_MS = 60_000;

export interface GuardedFill {
	readonly instrument: InstrumentIndex;
	readonly side: Side;
	readonly qtyLots: number;
	readonly monoMs: MonoMs;
	/** The position limit of the symbol in lots, at today's price. NaN, where there is no price, holds. */
	readonly positionLotsMax: number;
}

export class FillGuard {
	readonly #buys: SideFills[] = [];
	readonly #sells: SideFills[] = [];

	/** Takes a fill that is booked for the first time. A text is the reason to hold the symbol. */
	apply(fill: GuardedFill): string | undefined {
		const { instrument, side, qtyLots, monoMs, positionLotsMax } = fill;
		const sides = side === 'buy' ? this.#buys : this.#sells;
		let fills = sides[instrument];
		if (fills === undefined) {
			fills = new SideFills();
			sides[instrument] = fills;
		}
		const isTooOften = fills.count(monoMs);
		const minuteLots = fills.add(qtyLots, monoMs);
		const noun = side === 'buy' ? 'buys' : 'sells';
		if (isTooOften) return `more than ${SIDE_FILLS_MAX} ${noun} filled within ${SIDE_FILLS_WINDOW_MS / 1_000} s`;
		if (minuteLots <= positionLotsMax) return undefined;
		return `${noun} of ${minuteLots} lots filled within 60 s, above the position limit of ${positionLotsMax} lots`;
	}
}

class SideFills {
	/** The moments of the last fills, the oldest at `#next`: a fill is one too many if that one is still in the window. */
	readonly #moments = new Float64Array(SIDE_FILLS_MAX).fill(Number.NEGATIVE_INFINITY);
	#next = 0;
	readonly #lots = new SecondCounts(VOLUME_WINDOW_MS);

	count(nowMono: number): boolean {
		const oldest = this.#moments[this.#next] ?? Number.NEGATIVE_INFINITY;
		this.#moments[this.#next] = nowMono;
		this.#next = (this.#next + 1) % SIDE_FILLS_MAX;
		return nowMono - oldest < SIDE_FILLS_WINDOW_MS;
	}

	add(lots: number, nowMono: number): number {
		this.#lots.add(lots, nowMono);
		return this.#lots.sum(nowMono);
	}
}
