/**
 * HOT: runs for every quoter in every tick. What the market without us says a thing is worth.
 * Budget: bench/execution/tick. Fence: `readForeignTop` fills one object of the caller and allocates nothing; it is
 * valid until the next call. Twin: in ladder-plain.ts.
 * Our own lots are taken out of the book first. Otherwise our best bid raises the mid that it is quoted from, and a
 * ladder alone in a thin book climbs on itself.
 */
import type { InstrumentView } from './strategy.ts';

/** Best prices with lots of others behind them, and the others' depth there and behind it. */
export interface ForeignTop {
	bidTicks: number;
	bidDepthLots: number;
	askTicks: number;
	askDepthLots: number;
}

/**
 * Book levels looked at on a side. A symbol has at most 40 open orders of ours, each at two prices while it is amended,
 * so a book of which this many levels hold nobody else is not a market to price from.
 */
export const SCANNED_LEVELS_MAX = 128;

/** False when either side holds nobody but us; `into` is then not to be used. */
export function readForeignTop(view: InstrumentView, depthLevels: number, into: ForeignTop): boolean {
	const { book } = view;
	let bestTicks = 0;
	let depthLots = 0;
	let counted = 0;
	let scanned = Math.min(book.bidCount, SCANNED_LEVELS_MAX);
	for (let index = 0; index < scanned && counted < depthLevels; index++) {
		const ticks = book.bidTicksAt(index);
		const lots = book.bidLotsAt(index) - view.ownLotsAt('buy', ticks);
		if (!(lots > 0)) continue;
		if (counted === 0) bestTicks = ticks;
		depthLots += lots;
		counted++;
	}
	if (counted === 0) return false;
	into.bidTicks = bestTicks;
	into.bidDepthLots = depthLots;

	depthLots = 0;
	counted = 0;
	scanned = Math.min(book.askCount, SCANNED_LEVELS_MAX);
	for (let index = 0; index < scanned && counted < depthLevels; index++) {
		const ticks = book.askTicksAt(index);
		const lots = book.askLotsAt(index) - view.ownLotsAt('sell', ticks);
		if (!(lots > 0)) continue;
		if (counted === 0) bestTicks = ticks;
		depthLots += lots;
		counted++;
	}
	into.askTicks = bestTicks;
	into.askDepthLots = depthLots;
	return counted > 0 && into.bidTicks < into.askTicks;
}

/** In ticks, and between them: half a tick where the spread is odd. */
export function midTicks(top: ForeignTop): number {
	return (top.bidTicks + top.askTicks) / 2;
}

/** Never outside the best prices: near the ask where bids are many, since that is where the next trades will be. */
export function microTicks(top: ForeignTop): number {
	return top.bidTicks + ((top.askTicks - top.bidTicks) * top.bidDepthLots) / (top.bidDepthLots + top.askDepthLots);
}

/** From -1, all depth among the asks, to 1. */
export function imbalanceOf(top: ForeignTop): number {
	return (top.bidDepthLots - top.askDepthLots) / (top.bidDepthLots + top.askDepthLots);
}
