/**
 * Everything that can happen to the engine, as one union. Each event carries both clocks: wall time names the instant
 * for ids and reports, monotonic time measures ages and delays, so that a clock that jumps disturbs neither. Events are
 * never changed after they are made; the book event alone is lent: its delta is valid until `step` returns.
 */
import type { DistrustReason } from './book.ts';
import type { BookDelta } from './book-delta.ts';
import type { Verb } from './command.ts';
import type { DecideAction } from './decision.ts';
import type { Execution, OrderReport } from './execution.ts';
import type { Category, Instrument, InstrumentIndex } from './instrument.ts';
import type { RanRecord, SnapshotRecord } from './journal-record.ts';
import type { Money } from './money.ts';
import type { OrderId } from './order-id.ts';
import type { ItemOutcome } from './outcome.ts';
import type { Side } from './side.ts';
import type { Lots, MonoMs, SignedLots, Ticks, TimeMs } from './units.ts';

interface At {
	readonly wallMs: TimeMs;
	readonly monoMs: MonoMs;
}

export interface BookEvent extends At {
	readonly kind: 'book';
	readonly instrument: InstrumentIndex;
	readonly delta: BookDelta;
}

/** What the book of one instrument shows is not to be believed any more; its next snapshot makes it whole again. */
export interface BookLostEvent extends At {
	readonly kind: 'bookLost';
	readonly instrument: InstrumentIndex;
	readonly reason: DistrustReason;
}

export interface TradeEvent extends At {
	readonly kind: 'trade';
	readonly instrument: InstrumentIndex;
	readonly priceTicks: Ticks;
	readonly qtyLots: Lots;
	readonly takerSide: Side;
}

/** Mark price and the funding rate that is being built up, as the venue publishes them. */
export interface MarkEvent extends At {
	readonly kind: 'mark';
	readonly instrument: InstrumentIndex;
	/** Marks may lie between ticks. */
	readonly markTicks: number;
	readonly fundingRate: number;
	readonly nextFundingAtMs: TimeMs;
}

export interface OrderReportEvent extends At {
	readonly kind: 'orderReport';
	readonly report: OrderReport;
}

export interface ExecutionEvent extends At {
	readonly kind: 'execution';
	readonly execution: Execution;
}

/** The venue's answer to one batch, or the news that none will come. */
export interface AnswerEvent extends At {
	readonly kind: 'answer';
	readonly batchId: number;
	readonly items: readonly ItemOutcome[];
}

/** The intents of a flush are on disk: their bytes may leave. */
export interface JournaledEvent extends At {
	readonly kind: 'journaled';
	readonly flushId: number;
	readonly ok: boolean;
}

/**
 * The end of a look-up of one order: what the venue knew of it, reports and executions, was told just before.
 * `isComplete` is false after an error or half an answer, which proves nothing; nothing found in a complete one is an
 * absence at that time of the venue's clock, which alone is no proof either (I7).
 */
export interface LookedUpEvent extends At {
	readonly kind: 'lookedUp';
	readonly orderId: OrderId;
	readonly isFound: boolean;
	readonly isComplete: boolean;
	readonly venueAtMs: TimeMs;
}

/**
 * All that the venue says is open, and what it says we hold, read in one go; what changed while it was read may be in it
 * or not. Executions that we had not heard of were told just before. Half a picture bears no lists.
 */
export interface CensusEvent extends At {
	readonly kind: 'census';
	readonly venue: string;
	/** When the reading began: what we did after is not in it. */
	readonly beganAtMono: MonoMs;
	readonly found:
		| {
				readonly orders: readonly OrderReport[];
				readonly positions: readonly { readonly instrument: InstrumentIndex; readonly positionLotsSigned: SignedLots }[];
				/** Of the symbols whose modes were looked at this time. */
				readonly modes?: readonly SymbolMode[];
				/** The share of what backs our positions that the venue wants kept: at 1 it closes them by force. */
				readonly marginUsed?: number | undefined;
		  }
		| undefined;
}

/** How a person has set up the account for a symbol (F62). */
export interface SymbolMode {
	readonly instrument: InstrumentIndex;
	/** Two positions in it, one each way; undefined where that could not be found out. */
	readonly isHedged?: boolean | undefined;
	/** What backs its positions, in the venue's own word. */
	readonly margin?: string | undefined;
	/** So many times what backs a position it may be worth, by the venue's rule. */
	readonly leverage?: number | undefined;
}

/** What the venue says of its own count of our requests, in the headers of an answer or by refusing one. */
export interface RateEvent extends At {
	readonly kind: 'rate';
	readonly venue: string;
	readonly category: Category;
	readonly verb: Verb;
	readonly limit: number;
	readonly remaining: number;
	readonly resetInMs: number;
	readonly isRefusal: boolean;
	/** By name, which of the rules for this verb is meant, where the venue has several; all of them unless said. */
	readonly rule?: string;
}

/** How far the venue's clock is ahead of ours, as measured. */
export interface VenueClockEvent extends At {
	readonly kind: 'venueClock';
	readonly venue: string;
	readonly offsetMs: number;
}

export interface TimerEvent extends At {
	readonly kind: 'timer';
	readonly key: string;
}

/** We did not run: the machine slept, or somebody stopped us. All that we know is at least so old (F58). */
export interface SleptEvent extends At {
	readonly kind: 'slept';
	readonly forMs: number;
}

/** We run, but our own loop came late by so much: what we saw in between was old, and so were our quotes (F43). */
export interface LaggedEvent extends At {
	readonly kind: 'lagged';
	readonly byMs: number;
}

/** What the venue says we hold, to check our own sum against; never the source of a position. */
export interface PositionEvent extends At {
	readonly kind: 'position';
	readonly instrument: InstrumentIndex;
	readonly positionLotsSigned: SignedLots;
}

export interface BalanceEvent extends At {
	readonly kind: 'balance';
	readonly venue: string;
	/** As the venue's capabilities call it, where they know several. */
	readonly wallet?: string;
	readonly currency: string;
	/** What new orders may use. */
	readonly free: Money;
	readonly total: Money;
}

export interface FundingEvent extends At {
	readonly kind: 'funding';
	readonly fundingId: string;
	readonly instrument: InstrumentIndex;
	/** Above zero is received, below zero is paid. */
	readonly amount: Money;
	readonly currency: string;
	readonly fundedAtMs: TimeMs;
}

/** A filter, a fee or the status of a symbol changed: the new version, at the same index. */
export interface InstrumentEvent extends At {
	readonly kind: 'instrument';
	readonly instrument: Instrument;
}

export interface StreamEvent extends At {
	readonly kind: 'stream';
	readonly venue: string;
	readonly stream: 'public' | 'private' | 'order';
	readonly up: boolean;
}

/** Outside knowledge reaches strategies in this form only. */
export interface SignalEvent extends At {
	readonly kind: 'signal';
	readonly instrument: InstrumentIndex;
	readonly source: string;
	/** From -1 (sell) to 1 (buy). */
	readonly value: number;
	readonly confidence: number;
	readonly expiresAtMono: MonoMs;
}

export type Scope = { readonly kind: 'all' } | { readonly kind: 'instrument'; readonly instrument: InstrumentIndex };

/** Who asked for a pause; `guard`: the venue's own watch over us does not stand. Only the same one lifts it. */
export type PauseCause = 'operator' | 'sentinel' | 'guard';

export type ControlAction =
	/** An operator's, unless a cause is given; so is the next. */
	| { readonly kind: 'pause'; readonly scope: Scope; readonly reason: string; readonly cause?: PauseCause }
	| { readonly kind: 'resume'; readonly scope: Scope; readonly cause?: PauseCause | 'flatten' }
	/** Something went on behind our back: cancel all, and quote again once comparisons with the venue were clean. */
	| { readonly kind: 'compare'; readonly reason: string }
	| { readonly kind: 'cancelAll'; readonly scope: Scope }
	| { readonly kind: 'setParallel'; readonly parallel: boolean }
	/** Each an `EngineChange` of `engine/changes.ts`, whose words this room does not know; all of them at once. */
	| {
			readonly kind: 'changeSettings';
			readonly changes: readonly object[] /** Who, where it is no file. */;
			readonly by?: string;
	  }
	/** One tick over these symbols, now (T1). */
	| { readonly kind: 'processTick'; readonly instruments: readonly InstrumentIndex[] }
	/** Close what is held, in slices; after a kill this is KL5, at other times a symbol's way out. */
	| { readonly kind: 'flatten'; readonly scope: Scope; readonly reason: string }
	/** Shut the gate for good: cancel everything, place nothing more. The first act of an orderly stop. */
	| {
			readonly kind: 'shutGate';
			readonly reason: string;
			/** Until a person re-arms, restarts included, unless it is only for as long as this run lasts. */
			readonly lasts?: 'thisRun';
	  }
	/** Positions may only shrink from here on, until a person re-arms, restarts included (KL3). */
	| { readonly kind: 'reduceOnly'; readonly reason: string }
	/** A person takes a kill or reduce-only back, once nothing is open and the venues were found to agree. */
	| { readonly kind: 'rearm'; readonly by: string }
	| {
			readonly kind: 'placeOrder';
			readonly instrument: InstrumentIndex;
			readonly side: Side;
			readonly orderType: 'limit' | 'market';
			readonly timeInForce: 'gtc' | 'postOnly' | 'ioc' | 'fok';
			readonly reduceOnly: boolean;
			readonly priceTicks: Ticks;
			readonly qtyLots: Lots;
			/** It is a part of a larger one, all of whose parts together are never more than that (PT23). */
			readonly parent?: { readonly id: string; readonly qtyLots: Lots };
	  }
	| { readonly kind: 'amendOrder'; readonly orderId: OrderId; readonly priceTicks: Ticks; readonly qtyLots: Lots }
	| { readonly kind: 'cancelOrder'; readonly orderId: OrderId }
	/** What the trading desk read and would do: decided once, and what it opens is watched to its exit. */
	| DecideAction
	/** Into the journal, behind whatever was decided before. */
	| { readonly kind: 'keep'; readonly record: RanRecord | SnapshotRecord };

/** A person or a program outside asks for something; an event like any other, so that a replay repeats it. */
export interface ControlEvent extends At {
	readonly kind: 'control';
	readonly action: ControlAction;
}

export type EngineEvent =
	| BookEvent
	| BookLostEvent
	| TradeEvent
	| MarkEvent
	| OrderReportEvent
	| ExecutionEvent
	| AnswerEvent
	| JournaledEvent
	| LookedUpEvent
	| CensusEvent
	| RateEvent
	| VenueClockEvent
	| TimerEvent
	| SleptEvent
	| LaggedEvent
	| PositionEvent
	| BalanceEvent
	| FundingEvent
	| InstrumentEvent
	| StreamEvent
	| SignalEvent
	| ControlEvent;
