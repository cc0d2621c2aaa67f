/**
 * The interface of every strategy: market in, wished quotes out. A strategy is synchronous and pure, has no clock of
 * its own, and keeps whatever it remembers in a plain state object that the engine holds and can write down. One
 * quoter is one strategy on one instrument (its subject); through `views.of` it can read every instrument of every
 * venue that the engine follows, so cross-venue pricing and hedging need nothing more than this.
 */
import type { BookView } from '../domain/book.ts';
import type { EngineEvent } from '../domain/event.ts';
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
import type { Side } from '../domain/side.ts';
import type { Lots, MonoMs, SignedLots, Ticks } from '../domain/units.ts';

export interface SignalView {
	/** From -1 to 1; 0 where none is in force. */
	readonly value: number;
	readonly confidence: number;
}

/** One instrument as a strategy sees it. Valid until the call returns; take numbers out of it, never keep it. */
export interface InstrumentView {
	readonly instrument: Instrument;
	readonly book: BookView;
	/** The book can be priced from: whole, fresh, two-sided, not crossed. Quoting on anything else is refused anyway. */
	readonly isBookTrusted: boolean;
	readonly positionLotsSigned: SignedLots;
	/** Average price of the position in ticks, for models; 0 when flat. */
	readonly averageTicks: number;
	/** 0 until the venue has published one. */
	readonly markTicks: number;
	readonly fundingRate: number;
	readonly lastTradeTicks: number;
	/** Lots of our own orders that may rest at this price, so that we never take ourselves for the market. */
	ownLotsAt(side: Side, ticks: Ticks): number;
	signal(source: string): SignalView;
}

export interface Views {
	readonly nowMono: MonoMs;
	/** The instrument that is being quoted. */
	readonly subject: InstrumentView;
	/** Undefined where the engine does not follow that instrument. */
	of(instrument: InstrumentIndex): InstrumentView | undefined;
}

/** Why a side has no quote; shown to the operator as a sentence, so keep the list speaking. */
export type NoQuoteReason =
	| 'book-not-trusted'
	| 'edge-too-small'
	| 'inventory-limit'
	| 'signal-veto'
	| 'size-below-minimum'
	| 'out-of-band'
	| 'switched-off';

/**
 * Where a strategy puts what it wants. Levels count from 0, the one nearest the touch; a level that is not set is not
 * wanted. A quote is post-only and rests; a take is an immediate-or-cancel order with a worst price, for hedges.
 */
export interface TargetSink {
	quote(side: Side, level: number, price: Ticks, qty: Lots): void;
	take(side: Side, worstPrice: Ticks, qty: Lots, options: { readonly reduceOnly: boolean }): void;
	noQuote(side: Side, reason: NoQuoteReason): void;
	/** What it takes for the fair price and where it quotes around, for people to look at; nothing follows from it. */
	pricedFrom(fairTicks: number, reservationTicks: number): void;
}

export interface Strategy<State = unknown> {
	readonly name: string;
	/** What it was made with, as plain data: a record of a session has to say which strategy it was. */
	readonly params?: object;
	/** A plain, serialisable object; called once per subject. */
	init(subject: Instrument): State;
	/** Every event that concerns the subject, and every signal. May change `state`, nothing else. */
	onEvent(event: EngineEvent, state: State): void;
	/** Fills `out` with all that is wanted now; what it leaves out is withdrawn. */
	quote(views: Views, state: State, out: TargetSink): void;
}
