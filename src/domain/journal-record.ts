/**
 * What is written where a crash cannot take it, in the order in which it happened: everything that a later run of ours
 * has to know and that the venue cannot tell it. Plain data, so that any version of the program can read it; ticks and
 * lots count on the grid of the instrument's version, which was written down before.
 */
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
	| StoppedRecord;
