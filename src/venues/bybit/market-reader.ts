/** Prices, books and bars of Bybit as plain numbers, for models and screens. */
import type { Category, Instrument } from '../../domain/instrument.ts';
import type {
	Bar,
	BarHeard,
	BarInterval,
	BarsAsked,
	BookRead,
	MarketAsked,
	MarketRead,
	MarketReader,
	PriceRead,
} from '../../domain/market-read.ts';
import type { TimeMs } from '../../domain/units.ts';
import { barOfKline, pageCount, readBars } from '../wire/bars.ts';
import { all, badRow, bookOf, missingRow, numberOf, orCalledOff, type Prices, rowsBySymbol } from '../wire/market-rows.ts';
import { BRIEF_PATIENCE } from '../wire/patience.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import type { KlineInterval } from './codec/plain-kline.ts';
import { BybitReads } from './reads.ts';
import { TICKER } from './reads-schemas.ts';
import type { BybitRest } from './rest.ts';
import type { BybitStreams } from './streams.ts';

export interface BybitMarketReaderParts {
	readonly venue: string;
	readonly rest: BybitRest;
	readonly venueClock: Pick<VenueClock, 'venueNowMs'>;
	readonly streams: Pick<BybitStreams, 'followKlines'>;
}

const WORDS: Readonly<Record<BarInterval, KlineInterval>> = {
	...{ '1m': '1', '3m': '3', '5m': '5', '15m': '15', '30m': '30' },
	...{ '1h': '60', '2h': '120', '4h': '240', '6h': '360', '12h': '720', '1d': 'D' },
};
const TIMEOUT_MS = 5_000;
const DEPTH_MAX = 1_000;
const PAGE_MAX = 1_000;

export class BybitMarketReader implements MarketReader {
	readonly venue: string;
	readonly #parts: BybitMarketReaderParts;

	constructor(parts: BybitMarketReaderParts) {
		this.venue = parts.venue;
		this.#parts = parts;
	}

	callCount(asked: MarketAsked): number {
		switch (asked.kind) {
			case 'prices':
				return byCategory(asked.instruments).size;
			case 'book':
				return 1;
			case 'bars':
				return pageCount(asked.count, PAGE_MAX);
		}
	}

	/** Of a category in one call: the row of one symbol, or all there are. */
	async prices(instruments: readonly Instrument[], signal?: AbortSignal): Promise<Prices> {
		const groups = [...byCategory(instruments)];
		const found = await Promise.all(
			groups.map(([category, group]) => orCalledOff(signal, this.#pricesOf(category, group, signal), (why) => all(group, why))),
		);
		return new Map(found.flatMap((prices) => [...prices]));
	}

	orderBook(instrument: Instrument, depth: number, signal?: AbortSignal): Promise<MarketRead<BookRead>> {
		return orCalledOff(signal, this.#book(instrument, Math.min(depth, DEPTH_MAX), signal), (why) => why);
	}

	bars(instrument: Instrument, of: BarsAsked, signal?: AbortSignal): Promise<MarketRead<readonly Bar[]>> {
		return orCalledOff(signal, this.#bars(instrument, of, signal), (why) => why);
	}

	followBars(instrument: Instrument, interval: BarInterval, heard: BarHeard): Disposable | undefined {
		return this.#parts.streams.followKlines(instrument.index, WORDS[interval], (kline, counted) =>
			heard(barOfKline(counted, kline), kline.isClosed),
		);
	}

	async #pricesOf(category: Category, group: readonly Instrument[], signal: AbortSignal | undefined): Promise<Prices> {
		const [first] = group;
		const symbol = group.length === 1 ? first?.symbol : undefined;
		const read = await this.#reads(signal).tickerRows(category, symbol);
		if (read.kind === 'failed') return all(group, read);
		const rows = rowsBySymbol(read.value);
		const atMs = read.venueAtMs ?? this.#parts.venueClock.venueNowMs();
		return new Map(group.map((instrument) => [instrument.index, priceOf(instrument, rows.get(instrument.symbol), atMs)]));
	}

	async #book(instrument: Instrument, depth: number, signal: AbortSignal | undefined): Promise<MarketRead<BookRead>> {
		const read = await this.#reads(signal).orderBook(instrument.category, instrument.symbol, depth);
		if (read.kind === 'failed') return read;
		const { b: bids, a: asks, ts } = read.value;
		// Of a book that nobody has changed for a while its own time may be old; what was read is not.
		const atMs = read.venueAtMs ?? ts;
		return bookOf(instrument, { bids, asks, depth, atMs });
	}

	#bars({ category, symbol }: Instrument, of: BarsAsked, signal: AbortSignal | undefined): Promise<MarketRead<readonly Bar[]>> {
		const interval = WORDS[of.interval];
		return readBars({
			asked: of,
			venueNowMs: this.#parts.venueClock.venueNowMs(),
			pageMax: PAGE_MAX,
			page: async ({ beginsUntilMs, limit }) => {
				const read = await this.#reads(signal).klines(category, symbol, { interval, end: beginsUntilMs, limit });
				if (read.kind === 'failed') return read;
				const rows = read.value.map(([at, open, high, low, close, volume]) => {
					return { startAtMs: Number(at), open, high, low, close, volume };
				});
				return { kind: 'ok', value: rows };
			},
		});
	}

	#reads(signal: AbortSignal | undefined): BybitReads {
		return new BybitReads(this.#parts.rest, BRIEF_PATIENCE, TIMEOUT_MS, () => signal?.aborted !== true);
	}
}

function byCategory(instruments: readonly Instrument[]): ReadonlyMap<Category, readonly Instrument[]> {
	return Map.groupBy(instruments, ({ category }) => category);
}

function priceOf(instrument: Instrument, row: unknown, atMs: number): MarketRead<PriceRead> {
	if (row === undefined) return missingRow(instrument);
	const parsed = TICKER.safeParse(row);
	if (!parsed.success) return badRow(instrument);
	const { lastPrice, bid1Price, ask1Price, markPrice, fundingRate } = parsed.data;
	return {
		kind: 'ok',
		value: {
			instrument: instrument.index,
			last: numberOf(lastPrice),
			bid: numberOf(bid1Price),
			ask: numberOf(ask1Price),
			mark: numberOf(markPrice),
			fundingRate: numberOf(fundingRate),
			atMs: atMs as TimeMs,
		},
	};
}
