/**
 * For which share of the time both sides of a symbol stood in the book. Told now and then how things are, and takes
 * that to hold until it is told again; a fold, so it costs the same however long the run is.
 */
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import { isInBook } from '../domain/order-life.ts';
import type { MonoMs } from '../domain/units.ts';

interface Span {
	readonly startedAtMono: MonoMs;
	seenAtMono: MonoMs;
	isTwoSided: boolean;
	quotedMs: number;
}

export class QuoteUptime {
	readonly #spans: (Span | undefined)[] = [];

	see(instrument: InstrumentIndex, isTwoSided: boolean, nowMono: MonoMs): void {
		const span = this.#spans[instrument];
		if (span === undefined) {
			this.#spans[instrument] = { startedAtMono: nowMono, seenAtMono: nowMono, isTwoSided, quotedMs: 0 };
			return;
		}
		if (span.isTwoSided) span.quotedMs += nowMono - span.seenAtMono;
		span.seenAtMono = nowMono;
		span.isTwoSided = isTwoSided;
	}

	/** From 0 to 1, up to the last time that it was told. */
	share(instrument: InstrumentIndex): number {
		const span = this.#spans[instrument];
		if (span === undefined) return 0;
		const sinceMs = span.seenAtMono - span.startedAtMono;
		return sinceMs > 0 ? span.quotedMs / sinceMs : 0;
	}
}

/** Orders that a strategy quotes stand in the book on both sides. */
export function standsOnBothSides(openOrders: readonly Order[]): boolean {
	let [buys, sells] = [false, false];
	for (const { quoter, state, side } of openOrders) {
		if (quoter < 0 || !isInBook(state)) continue;
		if (side === 'buy') buys = true;
		else sells = true;
	}
	return buys && sells;
}
