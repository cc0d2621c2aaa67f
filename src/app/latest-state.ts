/**
 * The state of each symbol as it is published for whoever looks from outside: prices, what we hold, and the signals in
 * force. Made when it is asked for; nothing is made while a tick runs.
 */
import type { EngineEvent, SignalEvent } from '../domain/event.ts';
import { type Instrument, priceToNumber, printQty } from '../domain/instrument.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../ports/clock.ts';

export interface SymbolState {
	readonly venue: string;
	readonly category: string;
	readonly symbol: string;
	/** Null where there is no sound book, or no such price. */
	readonly bid: number | null;
	readonly ask: number | null;
	readonly mid: number | null;
	readonly mark: number | null;
	readonly fundingRate: number | null;
	/** Of the base coin, below zero where it is owed. */
	readonly position: string;
	/** By source. */
	readonly signals: Readonly<Record<string, { readonly value: number; readonly confidence: number }>>;
}

interface Watched {
	readonly engine: Pick<Engine, 'market'>;
	readonly instruments: readonly Instrument[];
}

/** As many as the engine remembers; a further one is not taken. */
const SOURCES_MAX = 64;

export class LatestState {
	readonly #clock: Clock;
	readonly #signals = new Map<number, Map<string, SignalEvent>>();
	#watched: Watched | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	watch(watched: Watched): void {
		this.#watched = watched;
	}

	/** Every event, of which there are many. */
	hear(event: EngineEvent): void {
		if (event.kind !== 'signal') return;
		const bySource = this.#signals.get(event.instrument) ?? new Map<string, SignalEvent>();
		if (bySource.size >= SOURCES_MAX && !bySource.has(event.source)) return;
		bySource.set(event.source, event);
		this.#signals.set(event.instrument, bySource);
	}

	/** By `<venue>:<symbol>`; where a venue has the symbol in several categories, by `<venue>:<category>:<symbol>`. */
	*states(): Iterable<readonly [key: string, state: SymbolState]> {
		const { engine, instruments } = this.#watched ?? { instruments: [] };
		for (const instrument of instruments) {
			const market = engine?.market(instrument.index);
			if (market === undefined) continue;
			const isSound = market.isBookSound;
			const priceOf = (ticks: number): number | null => (ticks > 0 ? priceToNumber(market.instrument, ticks) : null);
			const { venue, category, symbol } = instrument;
			const state: SymbolState = {
				...{ venue, category, symbol },
				bid: isSound ? priceOf(market.book.bestBidTicks) : null,
				ask: isSound ? priceOf(market.book.bestAskTicks) : null,
				mid: isSound ? priceOf(market.book.midTwiceTicks / 2) : null,
				mark: priceOf(market.markTicks),
				fundingRate: category === 'spot' ? null : market.fundingRate,
				position: printQty(market.instrument, market.positionLotsSigned),
				signals: this.#signalsOf(instrument.index),
			};
			yield [keyOf(instrument, instruments), state];
		}
	}

	#signalsOf(index: number): SymbolState['signals'] {
		const bySource = this.#signals.get(index);
		const signals: Record<string, { readonly value: number; readonly confidence: number }> = {};
		for (const { source, value, confidence, expiresAtMono } of bySource?.values() ?? []) {
			if (expiresAtMono > this.#clock.monotonicMs()) signals[source] = { value, confidence };
			else bySource?.delete(source);
		}
		return signals;
	}
}

function keyOf({ venue, category, symbol }: Instrument, instruments: readonly Instrument[]): string {
	const isOne = instruments.filter((each) => each.venue === venue && each.symbol === symbol).length === 1;
	return isOne ? `${venue}:${symbol}` : `${venue}:${category}:${symbol}`;
}
