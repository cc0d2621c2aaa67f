/**
 * What is written where a crash cannot take it, in the order in which it happened: everything that a later run of ours
 * has to know and that the venue cannot tell it. Plain data, so that any version of the program can read it; ticks and
 * lots count on the grid of the instrument's version, which was written down before.
 */
import type { DecideAction, EntryRule, ExitReason, ExitRules, Readings, Wish } from './decision.ts';
import type { Category } from './instrument.ts';
import type { OrderType, TimeInForce } from './order.ts';
import type { Side } from './side.ts';

/** A run of the engine begins. Ids of orders that carry its tag are ours from now on, for ever (O1). */
export interface RunRecord {
	readonly kind: 'run';
	readonly runTag: string;
	readonly atMs: number;
	readonly mode: string;
	/** Of the program and of its settings; a restart with others does not adopt what it finds (F75). */
	readonly build: string;
	readonly settings: string;
}

export interface InstrumentRecord {
	readonly kind: 'instrument';
	readonly instrumentId: string;
	readonly version: number;
	readonly venue: string;
	readonly category: Category;
	readonly symbol: string;
	readonly baseCurrency: string;
	readonly quoteCurrency: string;
	readonly settleCurrency: string;
	readonly tickSize: string;
	readonly lotSize: string;
}

/** Decided and approved; its bytes may leave once this is safe, so after a crash it may exist (I2). */
export interface PlaceRecord {
	readonly kind: 'place';
	readonly orderId: string;
	readonly instrumentId: string;
	readonly version: number;
	/** Strategy and symbol that wanted it; empty for the desk. */
	readonly owner: string;
	readonly slot: number;
	readonly side: Side;
	readonly orderType: OrderType;
	readonly timeInForce: TimeInForce;
	readonly reduceOnly: boolean;
	readonly priceTicks: number;
	readonly qtyLots: number;
}

export interface AmendRecord {
	readonly kind: 'amend';
	readonly orderId: string;
	readonly version: number;
	readonly priceTicks: number;
	/** Total, filled part included. */
	readonly qtyLots: number;
}

export interface CancelRecord {
	readonly kind: 'cancel';
	readonly orderId: string;
}

/** The venue's word, our refusal or the fence: this order fills no more. */
export interface OverRecord {
	readonly kind: 'over';
	readonly orderId: string;
	readonly state: 'filled' | 'cancelled' | 'rejected' | 'expired';
	/** Empty where there is none. */
	readonly reason: string;
}

export interface ExecutionRecord {
	readonly kind: 'execution';
	readonly executionId: string;
	readonly instrumentId: string;
	readonly version: number;
	readonly clientOrderId: string;
	readonly venueOrderId: string;
	readonly side: Side;
	readonly priceTicks: number;
	readonly qtyLots: number;
	/** Decimal text, as all money here. */
	readonly fee: string;
	readonly feeCurrency: string;
	readonly isMaker: boolean;
	readonly tradedAtMs: number;
}

/** So much of an open order is filled: in a summary, and where an execution did not say whose it was. */
export interface FilledRecord {
	readonly kind: 'filled';
	readonly orderId: string;
	readonly qty: string;
}

/** What losses are counted from (PT16): equity at the start of a day of UTC, by its number since 1970, and the highest. */
export interface EquityRecord {
	readonly kind: 'equity';
	readonly day: number;
	readonly dayStart: number;
	readonly peak: number;
}

/** In a summary: the last order id that was given out, whatever became of its order. */
export interface MarkRecord {
	readonly kind: 'mark';
	readonly timestampMs: number;
	readonly counter: number;
}

export interface FundingRecord {
	readonly kind: 'funding';
	readonly fundingId: string;
	readonly instrumentId: string;
	readonly amount: string;
	readonly currency: string;
	readonly fundedAtMs: number;
}

/** What we had, written as the ledger writes itself; the executions behind it are counted already. */
export interface LedgerRecord {
	readonly kind: 'ledger';
	readonly snapshot: object;
}

/** In a summary, behind the ledger: one of its accounts. */
export interface AccountRecord {
	readonly kind: 'account';
	readonly snapshot: { readonly instrumentId: string };
}

/** A level that only a person lowers; it survives every restart. */
export interface LatchRecord {
	readonly kind: 'latch';
	readonly level: 'reduceOnly' | 'kill';
	readonly reason: string;
	readonly atMs: number;
}

export interface RearmRecord {
	readonly kind: 'rearm';
	readonly by: string;
	readonly atMs: number;
}

/** What somebody asked the engine to do, and what came of it. */
export interface ControlRecord {
	readonly kind: 'control';
	readonly action: string;
	readonly detail: string;
	readonly result: string;
	readonly atMs: number;
}

/** A pass of the reconciler (Q5). */
export interface ReconciledRecord {
	readonly kind: 'reconciled';
	readonly venue: string;
	readonly atMs: number;
	readonly verdict: 'clean' | 'repaired' | 'inconclusive' | 'desync';
	readonly ordersFixed: number;
	readonly orphansClosed: number;
	readonly isPaused: boolean;
	readonly actions: readonly string[];
}

/**
 * What the desk's question came to. One that places an order is safe together with it; any other has placed nothing, and
 * nothing depends on it but that it is not decided again.
 */
export interface DecisionRecord {
	readonly kind: 'decision';
	readonly decisionId: string;
	readonly instrumentId: string;
	readonly atMs: number;
	readonly decision: Wish;
	readonly reasons: readonly string[];
	/** Empty where none was placed. */
	readonly orderId: string;
	/** The decision whose position it closes; empty where it opens one of its own. */
	readonly closes: string;
	readonly qty: string;
	readonly signal: DecideAction['signal'];
	readonly entry: EntryRule;
	readonly exits: ExitRules;
	readonly readings: Readings;
	readonly isDryRun: boolean;
}

/** What a decision opened is being closed, by this order; or without one: so much of it is not ours to close any more. */
export interface ExitRecord {
	readonly kind: 'exit';
	readonly decisionId: string;
	readonly atMs: number;
	readonly reason: ExitReason;
	/** Empty where none was placed. */
	readonly orderId: string;
	readonly qty: string;
}

/** In a summary, behind its decision: what became of it. Quantities and amounts are decimal text. */
export interface WatchRecord {
	readonly kind: 'watch';
	readonly decisionId: string;
	readonly orders: readonly { readonly orderId: string; readonly filled: string; readonly isOver: boolean }[];
	/** Closed by orders that are not in the list any more, or by somebody else. */
	readonly closed: string;
	/** Of the fills whose price is known: how much, for how much. */
	readonly priced: string;
	readonly cost: string;
	/** Of the first fill; 0 before it. */
	readonly filledAtMs: number;
	/** Empty while nothing has asked for its exit. */
	readonly exitReason: ExitReason | '';
}

/** How long the stages of the workflow took that asked for the decision, and how far its order had come by then. */
export interface RanRecord {
	readonly kind: 'ran';
	readonly decisionId: string;
	readonly atMs: number;
	readonly executionDurationMs: number;
	readonly stages: StageTimes;
	/** Empty where no order was placed. */
	readonly orderState: string;
}

export interface StageTimes {
	readonly fetchMs: number;
	readonly signalMs: number;
	readonly riskMs: number;
	readonly orderMs: number;
	readonly portfolioMs: number;
}

/** What we had at a moment, as the portfolio shows itself. */
export interface SnapshotRecord {
	readonly kind: 'portfolio';
	readonly atMs: number;
	readonly portfolio: object;
}

/** An orderly end; `left` are orders that could not be proven gone. A run without one has crashed. */
export interface StoppedRecord {
	readonly kind: 'stopped';
	readonly atMs: number;
	readonly left: readonly string[];
}

export type JournalRecord =
	| RunRecord
	| InstrumentRecord
	| PlaceRecord
	| AmendRecord
	| CancelRecord
	| OverRecord
	| ExecutionRecord
	| FilledRecord
	| MarkRecord
	| EquityRecord
	| FundingRecord
	| LedgerRecord
	| AccountRecord
	| LatchRecord
	| RearmRecord
	| ControlRecord
	| ReconciledRecord
	| DecisionRecord
	| ExitRecord
	| WatchRecord
	| RanRecord
	| SnapshotRecord
	| StoppedRecord;
