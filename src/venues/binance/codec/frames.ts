/**
 * What the codec promises. A decoder takes the bytes of one whole frame and tells a sink what it says, in our own units:
 * whole ticks and lots, converted exactly. It never throws, keeps nothing of the frame, and says 'bad' to what it cannot
 * read instead of guessing; a bad frame tells its sink nothing at all, unless it holds several records (see PrivateDecoder).
 *
 *   bytes ─► scanner (known shapes, no JSON) ─ taken ─► sink
 *              └─ anything unexpected ─► plain twin (JSON.parse, explicit checks) ─► sink, or 'bad'
 *
 * Frames come raw or in the combined form `{"stream":…,"data":…}`; both are read alike. What the sink is handed is lent
 * where its type says so. A sink must not call the decoder that is calling it.
 */
import type { BookDelta } from '../../../domain/book-delta.ts';
import type { Execution, OrderReport } from '../../../domain/execution.ts';
import type { Category, Instrument } from '../../../domain/instrument.ts';
import type { Money } from '../../../domain/money.ts';
import type { Side } from '../../../domain/side.ts';
import type { Lots, SignedLots, Ticks, TimeMs } from '../../../domain/units.ts';
import type { BadValue } from '../../wire/plain-values.ts';

/** The two markets are two sets of hosts, and each has its own spelling of the same things. */
export type Market = Extract<Category, 'spot' | 'linear'>;

/** A snapshot of 5000 levels a side is some 350 kB; nothing else comes near (F05, F06). */
export const FRAME_BYTES_MAX = 1 << 20;

/** Lent until the sink's call returns. */
export interface BookFrame {
	readonly instrument: Instrument;
	/** 'diff': levels that changed. 'partial': the best few levels as they are, each time anew. */
	readonly source: 'diff' | 'partial';
	/**
	 * `sequence` is the last update that is in it. `venueAtMs` is the matching engine's time on futures; spot does not tell
	 * it, so there it is the time of the push, and of a partial book, which has none at all, the time of receipt.
	 */
	readonly delta: BookDelta;
	/** The update after which it begins: futures say it (`pu`), on spot it is the one before the first (`U`). */
	readonly previousId: number;
	readonly pushedAtMs: TimeMs;
}

/** The best prices, sent whenever they change. Lent until the sink's call returns. */
export interface TopFrame {
	readonly instrument: Instrument;
	readonly updateId: number;
	/** An empty side has 0 ticks and 0 lots. */
	readonly bidTicks: Ticks;
	readonly bidLots: Lots;
	readonly askTicks: Ticks;
	readonly askLots: Lots;
	/** The time of the push, which spot does not tell. */
	readonly pushedAtMs: TimeMs | undefined;
}

/** Lent until the sink's call returns. */
export interface PublicTrade {
	readonly instrument: Instrument;
	readonly priceTicks: Ticks;
	readonly qtyLots: Lots;
	readonly takerSide: Side;
	readonly tradedAtMs: TimeMs;
	/** Fills of one taker at one price, added up. The same trades come one by one on the other stream: take one of the two. */
	readonly isAggregate: boolean;
}

export interface MarkFrame {
	readonly instrument: Instrument;
	/** Marks may lie between ticks. */
	readonly markTicks: number;
	readonly fundingRate: number;
	readonly nextFundingAtMs: TimeMs;
	readonly pushedAtMs: TimeMs;
}

export interface PublicSink {
	book(frame: BookFrame): void;
	top(frame: TopFrame): void;
	trade(trade: PublicTrade): void;
	mark(frame: MarkFrame): void;
	/** A frame of any other kind: answers, klines, tickers, as it came, with its wrapper. Outside data, and to be checked as such. */
	other(message: unknown): void;
}

/** Why the position changed. All of them are executions; only the first follows from an order of somebody's choice. */
export type ExecutionCause = 'trade' | 'liquidation' | 'deleveraging' | 'settlement';

/** An execution told early, without its fee; the full one follows under the same id. */
export interface FastFill {
	readonly executionId: string;
	readonly instrument: Instrument;
	readonly clientOrderId: string;
	readonly venueOrderId: string;
	readonly side: Side;
	readonly priceTicks: Ticks;
	readonly qtyLots: Lots;
	readonly isMaker: boolean;
	readonly tradedAtMs: TimeMs;
}

export interface BalanceNews {
	readonly currency: string;
	/** All of the coin: free and locked on spot; the wallet without open profits on futures. */
	readonly total: Money;
	/** What new orders may use; futures do not say it. */
	readonly free: Money | undefined;
	readonly changedAtMs: TimeMs;
}

export interface PositionNews {
	readonly instrument: Instrument;
	readonly positionLotsSigned: SignedLots;
	readonly changedAtMs: TimeMs;
}

export interface PrivateSink {
	order(report: OrderReport): void;
	execution(execution: Execution, cause: ExecutionCause): void;
	fastFill(fill: FastFill): void;
	balance(news: BalanceNews): void;
	position(news: PositionNews): void;
	/** Something happened that we cannot book: compare with the venue. Undefined: it does not say to which instrument. */
	unbooked(instrument: Instrument | undefined): void;
	/** A record of an instrument that is not ours to follow; nothing is known but that it exists. */
	unlisted(): void;
	/** Answers, `listenKeyExpired`, `eventStreamTerminated` and the like, as they came, with their wrapper. */
	other(message: unknown): void;
}

export type BadReason =
	| BadValue
	| 'too-large'
	| 'not-json'
	| 'not-an-object'
	| 'unknown-instrument' // a stream that nobody subscribed to
	| 'wrong-symbol' // the data are about another symbol than the stream
	| 'unknown-word' // of a set that is closed: a side, an event, an order status
	| 'bad-id'
	| 'contradiction' // members that cannot all be true
	| 'too-many';

/**
 * `where` is a path such as `data.b[3][0]` and never text from the venue. `instrument` is known once stream or symbol are,
 * and `isBook` then says that its book is broken from here on.
 */
export interface BadFrame {
	readonly kind: 'bad';
	readonly reason: BadReason;
	readonly where: string;
	readonly instrument: Instrument | undefined;
	readonly isBook: boolean;
}

/** 'taken': the sink was told, through its own methods, or there was nothing to tell; 'other': through `other`. */
export type Decoded = 'taken' | 'other' | BadFrame;

export interface PublicDecoder {
	decode(bytes: Uint8Array, sink: PublicSink, receivedAtMs: TimeMs): Decoded;
}

/**
 * One record may say several things (an order and its fill), and an account update many; the good ones are told even if
 * another is bad. The first bad one is the answer, and calls for reading the state anew over REST.
 */
export interface PrivateDecoder {
	decode(bytes: Uint8Array, sink: PrivateSink): Decoded;
}
