/**
 * What a recording comes to: how much of everything, and the book at its end. The same figures are
 * taken of what was told while it was written and of what it tells afterwards; unless they are equal it is not kept.
 */
import { createBook } from '../domain/book.ts';
import type { BookDelta } from '../domain/book-delta.ts';
import type { Arrival, MarketSink, RecordedMark, RecordedTop, RecordedTrade } from '../domain/market-record.ts';

export interface RecordingFigures {
	readonly records: number;
	readonly snapshots: number;
	readonly deltas: number;
	readonly levels: number;
	readonly bookLosses: number;
	/** Times that the best bid stood at or above the best ask when a message had been applied. */
	readonly crossed: number;
	readonly tops: number;
	readonly trades: number;
	readonly marks: number;
	/** Average price of all trades by quantity, in ticks; NaN without any. */
	readonly vwapTicks: number;
	readonly bestBidTicks: number;
	readonly bestAskTicks: number;
	readonly isBookWhole: boolean;
	readonly bookHash: number;
	/** Follows from every figure of every record, in their order. */
	readonly check: number;
}

/** Of one instrument. */
export class RecordingTally implements MarketSink {
	readonly #book = createBook();
	#records = 0;
	#snapshots = 0;
	#deltas = 0;
	#levels = 0;
	#bookLosses = 0;
	#crossed = 0;
	#tops = 0;
	#trades = 0;
	#marks = 0;
	#lots = 0;
	#ticksTimesLots = 0;
	#check = 0;

	book(at: Arrival, delta: BookDelta): void {
		this.#arrived(at);
		if (delta.kind === 'snapshot') this.#snapshots++;
		else this.#deltas++;
		this.#levels += delta.count;
		this.#book.apply(delta);
		if (this.#book.isCrossed) this.#crossed++;
		this.#mix(delta.sequence, delta.count);
		for (let i = 0; i < delta.count; i++) this.#mix(delta.ticksAt(i) * (delta.sideAt(i) === 'bid' ? 1 : -1), delta.lotsAt(i));
	}

	bookLost(at: Arrival, reason: Parameters<MarketSink['bookLost']>[1]): void {
		this.#arrived(at);
		this.#bookLosses++;
		this.#book.distrust(reason);
		this.#mix(reason.charCodeAt(0), reason.length);
	}

	top(at: Arrival, { sequence, bidTicks, bidLots, askTicks, askLots }: RecordedTop): void {
		this.#arrived(at);
		this.#tops++;
		this.#mix(sequence, 0);
		this.#mix(bidTicks, bidLots);
		this.#mix(askTicks, askLots);
	}

	trade(at: Arrival, { priceTicks, qtyLots, takerSide }: RecordedTrade): void {
		this.#arrived(at);
		this.#trades++;
		this.#lots += qtyLots;
		this.#ticksTimesLots += priceTicks * qtyLots;
		this.#mix(priceTicks, takerSide === 'buy' ? qtyLots : -qtyLots);
	}

	mark(at: Arrival, { markTicks, fundingRate, nextFundingAtMs }: RecordedMark): void {
		this.#arrived(at);
		this.#marks++;
		this.#mix(markTicks, fundingRate);
		this.#mix(nextFundingAtMs, 0);
	}

	figures(): RecordingFigures {
		const book = this.#book;
		return {
			records: this.#records,
			snapshots: this.#snapshots,
			deltas: this.#deltas,
			levels: this.#levels,
			bookLosses: this.#bookLosses,
			crossed: this.#crossed,
			tops: this.#tops,
			trades: this.#trades,
			marks: this.#marks,
			vwapTicks: this.#ticksTimesLots / this.#lots,
			bestBidTicks: book.bestBidTicks,
			bestAskTicks: book.bestAskTicks,
			isBookWhole: book.trust.kind === 'whole',
			bookHash: book.hash(),
			check: this.#check,
		};
	}

	#arrived({ instrument, arrivedAtUs, venueAtMs }: Arrival): void {
		this.#records++;
		this.#mix(arrivedAtUs, venueAtMs + instrument);
	}

	#mix(a: number, b: number): void {
		this.#check = mixDouble(mixDouble(this.#check, a), b);
	}
}

const PRIME = 0x01000193;
const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

/** FNV-1a by words, over all bits of the figure. */
function mixDouble(hash: number, figure: number): number {
	double[0] = figure;
	const low = Math.imul(hash ^ (halves[0] ?? 0), PRIME);
	return Math.imul(low ^ (low >>> 15) ^ (halves[1] ?? 0), PRIME) >>> 0;
}
