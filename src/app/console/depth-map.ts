/**
 * The depth of one book over time: a column a second, of so many equal steps of price around the middle, each with the
 * quantity that stands in it. What lies farther out is left out.
 */
import { stepsToNumber } from '../../domain/grid.ts';
import { priceToNumber } from '../../domain/instrument.ts';
import type { MarketState } from '../../engine/market-state.ts';
import { thinned } from './last-ones.ts';
import type { HistoryView } from './views.ts';

type Depth = HistoryView['depth'];

/** Ten minutes. */
export const COLUMNS_KEPT = 600;
/** In one answer. */
const COLUMNS_SHOWN_MAX = 300;
export const STEPS = 80;
/** One step of price, as a share of the price when it was first looked at; a tick at least. */
const STEP_SHARE = 0.000_05;
const DIGITS = 5;

export const NO_DEPTH: Depth = Object.freeze({ atMs: [], low: [], step: 0, qty: [] });

export class DepthMap {
	readonly #atMs = new Float64Array(COLUMNS_KEPT);
	/** The lowest price of each column, in steps. */
	readonly #lowSteps = new Float64Array(COLUMNS_KEPT);
	readonly #qty = new Float64Array(COLUMNS_KEPT * STEPS);
	#stepTicks = 0;
	/** One step of price in the quote currency; another grid begins anew. */
	#step = 0;
	#count = 0;

	look(market: MarketState, atMs: number): void {
		const { instrument, book } = market;
		if (!market.isBookSound) return;
		const midTicks = book.midTwiceTicks / 2;
		const tick = priceToNumber(instrument, 1);
		if (this.#stepTicks === 0 || this.#step !== this.#stepTicks * tick) {
			this.#stepTicks = Math.max(1, Math.round(midTicks * STEP_SHARE));
			this.#step = this.#stepTicks * tick;
			this.#count = 0;
		}
		const column = this.#count % COLUMNS_KEPT;
		const lowStep = Math.floor(midTicks / this.#stepTicks) - STEPS / 2;
		this.#atMs[column] = atMs;
		this.#lowSteps[column] = lowStep;
		this.#qty.fill(0, column * STEPS, (column + 1) * STEPS);
		for (let at = 0; at < book.bidCount; at += 1) {
			if (!this.#add(column, book.bidTicksAt(at), book.bidLotsAt(at), lowStep)) break;
		}
		for (let at = 0; at < book.askCount; at += 1) {
			if (!this.#add(column, book.askTicksAt(at), book.askLotsAt(at), lowStep)) break;
		}
		const lot = stepsToNumber(instrument.qtyGrid, 1);
		for (let at = column * STEPS; at < (column + 1) * STEPS; at += 1) this.#qty[at] = (this.#qty[at] ?? 0) * lot;
		this.#count += 1;
	}

	/** Oldest first. */
	since(sinceMs: number): Depth {
		const columns: number[] = [];
		for (let back = Math.min(this.#count, COLUMNS_KEPT); back >= 1; back -= 1) {
			const column = (this.#count - back) % COLUMNS_KEPT;
			if ((this.#atMs[column] ?? 0) > sinceMs) columns.push(column);
		}
		const shown = thinned(columns, COLUMNS_SHOWN_MAX);
		return {
			atMs: shown.map((column) => this.#atMs[column] ?? 0),
			low: shown.map((column) => Number(((this.#lowSteps[column] ?? 0) * this.#step).toPrecision(12))),
			step: this.#step,
			qty: shown.map((column) => Array.from(this.#qty.subarray(column * STEPS, (column + 1) * STEPS), short)),
		};
	}

	/** False where it lies farther out than the map goes. */
	#add(column: number, ticks: number, lots: number, lowStep: number): boolean {
		const step = Math.floor(ticks / this.#stepTicks) - lowStep;
		if (step < 0 || step >= STEPS) return false;
		const at = column * STEPS + step;
		this.#qty[at] = (this.#qty[at] ?? 0) + lots;
		return true;
	}
}

/** Of a quantity so many digits are enough for a colour. */
function short(figure: number): number {
	return Number(figure.toPrecision(DIGITS));
}
