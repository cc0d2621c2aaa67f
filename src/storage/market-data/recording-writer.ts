/**
 * Makes the bytes of a recording of what it is told, block by block, and hands them on in order. It keeps one block in
 * memory. `end` makes the recording whole; nothing may be told after it.
 */
import type { DistrustReason } from '../../domain/book.ts';
import type { BookDelta } from '../../domain/book-delta.ts';
import type {
	Arrival,
	MarketSink,
	RecordedInstrument,
	RecordedMark,
	RecordedTop,
	RecordedTrade,
} from '../../domain/market-record.ts';
import { FIRST_LINE, marketBlock, textBlock } from './recording-blocks.ts';
import { BOOK_WORDS, LOST_REASONS, ROW, ROW_WORDS } from './recording-rows.ts';

/** 256 kB: small enough to seek in, large enough to be packed well. A book of 20 000 levels makes a larger one of its own. */
const BLOCK_WORDS = 32_768;

export class RecordingWriter implements MarketSink {
	readonly #out: (bytes: Uint8Array) => void;
	readonly #instrumentCount: number;
	#words = new Float64Array(BLOCK_WORDS);
	#at = 0;
	#recordCount = 0;
	#recordsBefore = 0;
	#firstAtUs = 0;
	#lastAtUs = 0;

	/** What `out` is handed is the receiver's to keep. */
	constructor(instruments: readonly RecordedInstrument[], out: (bytes: Uint8Array) => void) {
		this.#out = out;
		this.#instrumentCount = instruments.length;
		out(FIRST_LINE);
		out(textBlock('head', JSON.stringify({ instruments })));
	}

	book(at: Arrival, delta: BookDelta): void {
		const words = this.#begin(at, delta.kind === 'snapshot' ? ROW.snapshot : ROW.delta, BOOK_WORDS + delta.count * 2);
		words[this.#at++] = delta.sequence;
		words[this.#at++] = delta.count;
		for (let i = 0; i < delta.count; i++) {
			const ticks = delta.ticksAt(i);
			words[this.#at++] = delta.sideAt(i) === 'bid' ? ticks : -ticks;
			words[this.#at++] = delta.lotsAt(i);
		}
	}

	bookLost(at: Arrival, reason: DistrustReason): void {
		const words = this.#begin(at, ROW.lost);
		words[this.#at++] = LOST_REASONS.indexOf(reason);
	}

	top(at: Arrival, { sequence, bidTicks, bidLots, askTicks, askLots }: RecordedTop): void {
		const words = this.#begin(at, ROW.top);
		words[this.#at++] = sequence;
		words[this.#at++] = bidTicks;
		words[this.#at++] = bidLots;
		words[this.#at++] = askTicks;
		words[this.#at++] = askLots;
	}

	trade(at: Arrival, { priceTicks, qtyLots, takerSide }: RecordedTrade): void {
		const words = this.#begin(at, ROW.trade);
		words[this.#at++] = priceTicks;
		words[this.#at++] = qtyLots;
		words[this.#at++] = takerSide === 'buy' ? 1 : -1;
	}

	mark(at: Arrival, { markTicks, fundingRate, nextFundingAtMs }: RecordedMark): void {
		const words = this.#begin(at, ROW.mark);
		words[this.#at++] = markTicks;
		words[this.#at++] = fundingRate;
		words[this.#at++] = nextFundingAtMs;
	}

	end(): void {
		this.#flush();
		this.#out(textBlock('end', JSON.stringify({ records: this.#recordsBefore })));
	}

	#begin(at: Arrival, kind: number, length = ROW_WORDS[kind] ?? 0): Float64Array {
		const { instrument, arrivedAtUs, venueAtMs } = at;
		if (!(Number.isSafeInteger(arrivedAtUs) && arrivedAtUs >= this.#lastAtUs) || !(instrument < this.#instrumentCount)) {
			throw new RangeError(`a record of instrument ${instrument} at ${arrivedAtUs} us cannot follow one at ${this.#lastAtUs} us`);
		}
		if (this.#at + length > BLOCK_WORDS) this.#flush();
		if (length > this.#words.length) this.#words = new Float64Array(length);
		if (this.#recordCount === 0) this.#firstAtUs = arrivedAtUs;
		this.#recordCount++;
		this.#lastAtUs = arrivedAtUs;
		const words = this.#words;
		words[this.#at++] = kind;
		words[this.#at++] = instrument;
		words[this.#at++] = arrivedAtUs;
		words[this.#at++] = venueAtMs;
		return words;
	}

	#flush(): void {
		if (this.#recordCount === 0) return;
		const span = { recordCount: this.#recordCount, firstAtUs: this.#firstAtUs, lastAtUs: this.#lastAtUs };
		this.#out(marketBlock(this.#words.subarray(0, this.#at), span));
		this.#recordsBefore += this.#recordCount;
		this.#recordCount = 0;
		this.#at = 0;
	}
}
