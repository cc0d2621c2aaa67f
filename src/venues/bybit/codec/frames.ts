/**
 * What the codec promises. A decoder takes the bytes of one whole frame and tells a sink what it says, in our own units:
 * whole ticks and lots, converted exactly. It never throws, keeps nothing of the frame, and says 'bad' to what it cannot
 * read instead of guessing; a bad public frame tells its sink nothing at all.
 *
 *   bytes ─► scanner (known shapes, no JSON) ─ taken ─► sink
 *              └─ anything unexpected ─► plain twin (JSON.parse, explicit checks) ─► sink, or 'bad'
 *
 * What the sink is handed is lent where its type says so. A sink must not call the decoder that is calling it.
 */
import type { BookDelta } from '../../../domain/book-delta.ts';
import type { Execution, OrderReport } from '../../../domain/execution.ts';
import type { Instrument } from '../../../domain/instrument.ts';
import type { Money } from '../../../domain/money.ts';
import type { Side } from '../../../domain/side.ts';
import type { Lots, Ticks, TimeMs } from '../../../domain/units.ts';
import type { BadValue } from '../../wire/plain-values.ts';

/** No frame of the venue comes near: 1000 levels a side are 50 kB, 1024 trades 200 kB (F06). */
export const FRAME_BYTES_MAX = 1 << 20;
/** The venue sends at most 1024 in one frame; executions and orders far fewer. */
export const ITEMS_MAX = 4096;

/** What can be subscribed to. */
export const BOOK_DEPTHS = [1, 50, 200, 1000] as const;
/** What frames may be of: books of 500 levels are offered no more, and are what the venue's archive is made of. */
export const FRAME_DEPTHS = [...BOOK_DEPTHS, 500] as const;
export type BookDepth = (typeof FRAME_DEPTHS)[number];

/** Lent until the sink's call returns. */
export interface BookFrame {
	readonly instrument: Instrument;
	readonly depth: BookDepth;
	/** `sequence` is the frame's `u`, which counts the messages of this depth; `venueAtMs` is the matching engine's time. */
	readonly delta: BookDelta;
	/** The venue's number over all depths of the symbol: rises with gaps, smaller is older. */
	readonly crossSequence: number;
	/** When the venue pushed it; of a repeated frame later than `venueAtMs`. */
	readonly pushedAtMs: TimeMs;
}

/** Lent until the sink's call returns. */
export interface PublicTrade {
	readonly instrument: Instrument;
	readonly priceTicks: Ticks;
	readonly qtyLots: Lots;
	readonly takerSide: Side;
	readonly tradedAtMs: TimeMs;
	/** Agreed outside the book: says nothing about what the book would have given. */
	readonly isBlock: boolean;
}

export interface PublicSink {
	book(frame: BookFrame): void;
	/** Once for each trade, oldest first. */
	trade(trade: PublicTrade): void;
	/** A frame of any other kind: answers, pongs, tickers, klines. Outside data, and to be checked as such. */
	other(message: unknown): void;
}

/** Why the position changed. All of them are executions; only the first follows from an order of somebody's choice. */
export const EXECUTION_CAUSES = ['Trade', 'AdlTrade', 'BustTrade', 'Settle', 'Delivery'] as const;
export type ExecutionCause = (typeof EXECUTION_CAUSES)[number];

/** An execution told early, without its fee; the full one follows under the same id. */
export interface FastFill {
	readonly executionId: string;
	readonly instrument: Instrument;
	/** Empty for every maker: match by the venue's id (F87). */
	readonly clientOrderId: string;
	readonly venueOrderId: string;
	readonly side: Side;
	readonly priceTicks: Ticks;
	readonly qtyLots: Lots;
	readonly isMaker: boolean;
	readonly tradedAtMs: TimeMs;
}

export interface FundingPayment {
	readonly fundingId: string;
	readonly instrument: Instrument;
	/** Above zero is received, below zero is paid. */
	readonly amount: Money;
	readonly currency: string;
	readonly fundedAtMs: TimeMs;
}

export interface PrivateSink {
	order(report: OrderReport): void;
	execution(execution: Execution, cause: ExecutionCause): void;
	fastFill(fill: FastFill): void;
	funding(payment: FundingPayment): void;
	/** A record that may have changed the position in a way we cannot book: compare the position with the venue's. */
	unbooked(instrument: Instrument): void;
	/** A record of an instrument that is not ours to follow; nothing is known but that it exists. */
	unlisted(): void;
	other(message: unknown): void;
}

export type BadReason =
	| BadValue
	| 'too-large'
	| 'not-json'
	| 'not-an-object'
	| 'unknown-instrument' // a topic that nobody subscribed to
	| 'wrong-symbol' // the data are about another symbol than the topic
	| 'unknown-word' // of a set that is closed: a side, a frame type, an order status
	| 'bad-id'
	| 'contradiction' // members that cannot all be true
	| 'too-many';

/**
 * `where` is a path such as `data.b[3][0]` and never text from the venue. `instrument` and `depth` are known once the
 * topic is: the book of a bad book frame is broken from here on.
 */
export interface BadFrame {
	readonly kind: 'bad';
	readonly reason: BadReason;
	readonly where: string;
	readonly instrument: Instrument | undefined;
	readonly depth: BookDepth | undefined;
}

/** 'taken': the sink was told, through its own methods; 'other': through `other`. */
export type Decoded = 'taken' | 'other' | BadFrame;

export interface PublicDecoder {
	decode(bytes: Uint8Array, sink: PublicSink, receivedAtMs: TimeMs): Decoded;
}

/**
 * A private frame holds records that stand for themselves, so the good ones are told even if another one is bad; the
 * first bad one is the answer, and calls for reading the state anew over REST.
 */
export interface PrivateDecoder {
	decode(bytes: Uint8Array, sink: PrivateSink): Decoded;
}
