/**
 * The books that Bybit offers for download: the frames of one `orderbook.<depth>.<symbol>` topic, one a line, as they were
 * pushed. When they arrived anywhere they do not say, so the time of the push stands for it. Nor do they say of which market
 * they are: symbols are spelled alike in all three.
 */
import type { Category, Instrument } from '../../domain/instrument.ts';
import type { MarketSink, RecordedInstrument } from '../../domain/market-record.ts';
import { timeMs } from '../../domain/units.ts';
import { isObject, type JsonObject, wholeNumber } from '../wire/plain-values.ts';
import {
	ArrivalTimes,
	badFrame,
	isSymbol,
	LineFault,
	noCounts,
	RecordedBook,
	type RecordedFormat,
	type Replay,
	readingInstrument,
	StepFinder,
	type Survey,
	type Surveyed,
} from '../wire/recorded.ts';
import { BookSync } from './codec/book-sync.ts';
import type { BookFrame, PublicSink } from './codec/frames.ts';
import { createPublicDecoder } from './codec/scan-public.ts';
import { TopicTable } from './codec/topic-table.ts';

const TOPIC = /^orderbook\.\d+\.(.+)$/;
const BEGINS = '{"topic":"orderbook.';

export const BYBIT_ARCHIVE: RecordedFormat = {
	about: `the archive of Bybit, '${BEGINS}…' a line`,
	isLike: (line) => textOf(line.subarray(0, BEGINS.length)) === BEGINS,
	survey: (category) => new ArchiveSurvey(category ?? 'linear'),
};

class ArchiveSurvey implements Survey {
	readonly #category: Category;
	readonly #prices = new StepFinder();
	readonly #sizes = new StepFinder();
	#topic: string | undefined;
	#symbol = '';
	#firstAtUs: number | undefined;
	lastAtUs = 0;

	constructor(category: Category) {
		this.#category = category;
	}

	line(bytes: Uint8Array): void {
		const frame = parsed(bytes);
		const { topic, ts, data } = frame;
		if (this.#topic === undefined) this.#begin(topic);
		if (topic !== this.#topic) {
			throw new LineFault(`it is of ${String(topic)}, and what is in front of it of ${this.#topic}: one book at a time`);
		}
		const atMs = wholeNumber(ts);
		if (typeof atMs === 'string') throw new LineFault(`the time of its push, ts, is ${atMs}`);
		this.lastAtUs = atMs * 1000;
		this.#firstAtUs ??= this.lastAtUs;
		if (!isObject(data)) throw new LineFault('the frame has no data');
		for (const side of [data['b'], data['a']]) this.#see(side);
	}

	end(): Surveyed {
		if (this.#topic === undefined) return { kind: 'nothing', sentence: 'there is no frame in it' };
		const recorded: RecordedInstrument = {
			venue: 'bybit',
			category: this.#category,
			symbol: this.#symbol,
			tickSize: this.#prices.step,
			lotSize: this.#sizes.step,
		};
		const instrument = readingInstrument(recorded);
		if (instrument === undefined) return { kind: 'nothing', sentence: 'its prices and sizes have too many digits' };
		return {
			kind: 'found',
			instrument: recorded,
			firstAtUs: this.#firstAtUs ?? 0,
			lastAtUs: this.lastAtUs,
			replay: (sink) => new ArchiveReplay(instrument, sink),
		};
	}

	#begin(topic: unknown): void {
		const symbol = typeof topic === 'string' ? TOPIC.exec(topic)?.[1] : undefined;
		if (typeof topic !== 'string' || !isSymbol(symbol)) throw new LineFault('it is no frame of a book of one symbol');
		this.#topic = topic;
		this.#symbol = symbol;
	}

	#see(levels: unknown): void {
		if (!Array.isArray(levels)) return;
		for (const level of levels as readonly unknown[]) {
			if (!Array.isArray(level)) continue;
			this.#prices.see(level[0]);
			this.#sizes.see(level[1]);
		}
	}
}

class ArchiveReplay implements Replay, PublicSink {
	readonly counts = noCounts();
	readonly #times = new ArrivalTimes(this.counts);
	readonly #sync = new BookSync();
	readonly #book: RecordedBook;
	readonly #decoder;

	constructor(instrument: Instrument, sink: MarketSink) {
		const topics = new TopicTable();
		topics.set(instrument);
		this.#decoder = createPublicDecoder(topics);
		this.#book = new RecordedBook(sink, this.#sync, this.counts);
	}

	line(bytes: Uint8Array): void {
		// When it arrived is only known behind its levels.
		const decoded = this.#decoder.decode(bytes, this, timeMs(0));
		if (typeof decoded === 'object') throw badFrame(decoded);
		this.counts.frames++;
	}

	book(frame: BookFrame): void {
		const { delta, pushedAtMs } = frame;
		this.#times.next(pushedAtMs * 1000);
		delta.receivedAtMs = pushedAtMs;
		const at = this.#times.of(delta.venueAtMs);
		const wasWaiting = this.#sync.state.kind === 'waiting';
		const verdict = this.#sync.judge(frame);
		if (verdict === 'apply') this.#book.tell(at, delta);
		else if (verdict === 'broken') this.#break(at);
		else if (wasWaiting) this.counts.lostBooks++;
		else this.counts.oldBooks++;
	}

	trade(): void {
		this.counts.others++;
	}

	other(): void {
		this.counts.others++;
	}

	#break(at: Parameters<RecordedBook['lose']>[0]): void {
		this.counts.lostBooks++;
		this.#book.lose(at);
	}
}

function parsed(bytes: Uint8Array): JsonObject {
	const text = textOf(bytes);
	try {
		const frame: unknown = JSON.parse(text);
		if (isObject(frame)) return frame;
	} catch {
		throw new LineFault('it is no whole JSON');
	}
	throw new LineFault('it is JSON, and no frame');
}

function textOf(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
