/**
 * Tells a sink what recorded frames of Binance say. The book is joined as it is live: diffs wait for a snapshot, which
 * stands among the frames where its answer came, and are told behind it, at the moment at which the book became whole.
 */
import type { Instrument } from '../../domain/instrument.ts';
import type { MarketSink } from '../../domain/market-record.ts';
import { type TimeMs, timeMs } from '../../domain/units.ts';
import { ArrivalTimes, badFrame, LineFault, noCounts, RecordedBook, type Replay } from '../wire/recorded.ts';
import { BookSync } from './codec/book-sync.ts';
import { DepthDecoder } from './codec/depth-snapshot.ts';
import { DiffBuffer } from './codec/diff-buffer.ts';
import type { BookFrame, Market, MarkFrame, PublicDecoder, PublicSink, PublicTrade, TopFrame } from './codec/frames.ts';
import { createPublicDecoder } from './codec/scan-public.ts';
import { StreamTable } from './codec/stream-table.ts';
import { arrivedAtUs, isSnapshot, JSON_FROM } from './recorded-line.ts';

export interface Recorded {
	readonly market: Market;
	readonly instrument: Instrument;
	/** Else partial books, if any, are all that there is. */
	readonly hasDiffs: boolean;
	/** Else trades that the venue has added up, if any, are all that there is. */
	readonly hasTrades: boolean;
}

export class FramesReplay implements Replay, PublicSink {
	readonly counts = noCounts();
	readonly #of: Recorded;
	readonly #sink: MarketSink;
	readonly #decoder: PublicDecoder;
	readonly #depth = new DepthDecoder();
	readonly #times = new ArrivalTimes(this.counts);
	readonly #sync: BookSync;
	readonly #book: RecordedBook;
	readonly #waiting = new DiffBuffer();

	constructor(of: Recorded, sink: MarketSink) {
		this.#of = of;
		this.#sink = sink;
		const streams = new StreamTable(of.market);
		streams.set(of.instrument);
		this.#decoder = createPublicDecoder(streams);
		this.#sync = new BookSync(of.market);
		this.#book = new RecordedBook(sink, this.#sync, this.counts);
	}

	line(bytes: Uint8Array): void {
		const atUs = arrivedAtUs(bytes);
		if (atUs === undefined) throw new LineFault('the file has changed since it was looked through');
		this.#times.next(atUs);
		this.counts.frames++;
		const json = bytes.subarray(JSON_FROM);
		const receivedAtMs = timeMs(Math.floor(atUs / 1000));
		if (isSnapshot(json) && this.#of.hasDiffs) return this.#snapshot(json, receivedAtMs);
		const decoded = this.#decoder.decode(json, this, receivedAtMs);
		if (typeof decoded === 'object') throw badFrame(decoded);
	}

	book(frame: BookFrame): void {
		if (frame.source === 'partial') this.#partial(frame);
		else this.#diff(frame);
	}

	top(frame: TopFrame): void {
		const { updateId, bidTicks, bidLots, askTicks, askLots, pushedAtMs } = frame;
		this.#sink.top(this.#times.of(pushedAtMs), { sequence: updateId, bidTicks, bidLots, askTicks, askLots });
	}

	trade(trade: PublicTrade): void {
		if (trade.isAggregate && this.#of.hasTrades) this.counts.others++;
		else this.#sink.trade(this.#times.of(trade.tradedAtMs), trade);
	}

	mark(frame: MarkFrame): void {
		this.#sink.mark(this.#times.of(frame.pushedAtMs), frame);
	}

	other(): void {
		this.counts.others++;
	}

	#snapshot(json: Uint8Array, receivedAtMs: TimeMs): void {
		const delta = this.#depth.decode(json, this.#of.instrument, receivedAtMs);
		if (delta.kind === 'bad') throw badFrame(delta);
		const verdict = this.#sync.judgeSnapshot(delta.sequence, this.#waiting.first);
		if (verdict !== 'apply') {
			this.counts.oldBooks++;
			return;
		}
		// Spot does not say when it was taken.
		this.#book.tell(this.#times.of(this.#of.market === 'spot' ? undefined : delta.venueAtMs), delta);
		for (const frame of this.#waiting.take()) {
			this.counts.lostBooks--;
			this.#diff(frame);
		}
	}

	#diff(frame: BookFrame): void {
		const verdict = this.#sync.judge(frame);
		const at = this.#times.of(frame.delta.venueAtMs);
		if (verdict === 'apply') return this.#book.tell(at, frame.delta);
		if (verdict === 'skip') {
			this.counts.oldBooks++;
			return;
		}
		if (verdict === 'broken') this.#book.lose(at);
		// Of no use until a snapshot reaches it, which may never come.
		this.counts.lostBooks++;
		this.#waiting.push(frame);
	}

	#partial(frame: BookFrame): void {
		const { hasDiffs, market } = this.#of;
		if (hasDiffs) {
			this.counts.others++;
			return;
		}
		const verdict = this.#sync.judgePartial(frame);
		const at = this.#times.of(market === 'spot' ? undefined : frame.delta.venueAtMs);
		if (verdict === 'apply') this.#book.tell(at, frame.delta);
		else if (verdict === 'broken') this.#book.lose(at);
		else this.counts.oldBooks++;
	}
}
