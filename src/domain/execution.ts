/**
 * Facts that a venue states about orders and money. An execution is counted once, by its id; a report is one look at
 * an order, and may be late, repeated or out of order.
 */
import type { Instrument } from './instrument.ts';
import type { Money } from './money.ts';
import type { Side } from './side.ts';
import type { Lots, Ticks, TimeMs } from './units.ts';

export interface Execution {
	readonly executionId: string;
	readonly instrument: Instrument;
	/** The client order id as the venue gives it; empty where it hides it (F87). */
	readonly clientOrderId: string;
	readonly venueOrderId: string;
	readonly side: Side;
	readonly priceTicks: Ticks;
	readonly qtyLots: Lots;
	/** Above zero is paid, below zero is a rebate. */
	readonly fee: Money;
	readonly feeCurrency: string;
	readonly isMaker: boolean;
	readonly tradedAtMs: TimeMs;
}

export type ReportedStatus = 'working' | 'filled' | 'cancelled' | 'rejected' | 'expired';

export interface OrderReport {
	readonly instrument: Instrument;
	readonly clientOrderId: string;
	readonly venueOrderId: string;
	readonly side: Side;
	readonly status: ReportedStatus;
	readonly priceTicks: Ticks;
	readonly qtyLots: Lots;
	readonly filledLots: Lots;
	readonly reason: string | undefined;
	/** The venue's own time of this version, which orders reports when they arrive shuffled. */
	readonly updatedAtMs: TimeMs;
	/** A look-up answers for the order as it is now; a stream tells what once was. */
	readonly source: 'stream' | 'lookup';
}
