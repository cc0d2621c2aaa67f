/**
 * What a recording of market data tells: everything that could be seen of some instruments, in the order in which it
 * arrived, in whole ticks and lots. Whoever reads a venue's own format tells it to a sink; so does whoever reads a
 * recording of ours, so that the two can be held against each other.
 */
import type { DistrustReason } from './book.ts';
import type { BookDelta } from './book-delta.ts';
import type { Category } from './instrument.ts';
import type { Side } from './side.ts';
import type { Lots, Ticks, TimeMs } from './units.ts';

/** As much of an instrument as its market data say: what prices and sizes are counted in, and not what may be ordered. */
export interface RecordedInstrument {
	readonly venue: string;
	readonly category: Category;
	readonly symbol: string;
	/** The steps that the recording counts in; no coarser than the venue's own. */
	readonly tickSize: string;
	readonly lotSize: string;
}

/** Lent until the sink's call returns. */
export interface Arrival {
	/** Place of the instrument in the recording's list. */
	readonly instrument: number;
	/** On the clock of whoever recorded it: whole microseconds since 1970. Never less than in the record before. */
	readonly arrivedAtUs: number;
	/** On the venue's clock; 0 where the venue did not say. */
	readonly venueAtMs: TimeMs;
}

/** Lent until the sink's call returns. */
export interface RecordedTrade {
	readonly priceTicks: Ticks;
	readonly qtyLots: Lots;
	readonly takerSide: Side;
}

/** The best prices, told apart from the book and mostly before it; an empty side has 0 ticks and 0 lots. Lent likewise. */
export interface RecordedTop {
	/** The venue's number of the book that they are of. */
	readonly sequence: number;
	readonly bidTicks: Ticks;
	readonly bidLots: Lots;
	readonly askTicks: Ticks;
	readonly askLots: Lots;
}

/** Lent likewise. */
export interface RecordedMark {
	/** Marks may lie between ticks. */
	readonly markTicks: number;
	readonly fundingRate: number;
	readonly nextFundingAtMs: TimeMs;
}

/** A sink must not call whoever is telling it. */
export interface MarketSink {
	/** Books are joined already: each delta follows the one before, or there was a `bookLost` and a snapshot between them. */
	book(at: Arrival, delta: BookDelta): void;
	/** From here to its next snapshot the book is not known. */
	bookLost(at: Arrival, reason: DistrustReason): void;
	top(at: Arrival, top: RecordedTop): void;
	trade(at: Arrival, trade: RecordedTrade): void;
	mark(at: Arrival, mark: RecordedMark): void;
}
