/** Prices, books and bars of both markets of Binance as plain numbers, for models and screens. */
import type { z } from 'zod';
import type { Instrument } from '../../domain/instrument.ts';
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
import type { Market } from './codec/frames.ts';
import { SPOT_KLINES_MAX } from './klines.ts';
import { BinanceReads } from './reads.ts';
import { BOOK_TICKER, DAY_ROW, LAST_PRICE, PREMIUM } from './reads-schemas.ts';
import type { BinanceRest } from './rest.ts';
import type { BinanceStreams } from './streams.ts';

export interface BinanceMarketReaderParts {
	readonly venue: string;
	readonly rests: Readonly<Record<Market, BinanceRest>>;
	readonly venueClock: Pick<VenueClock, 'venueNowMs'>;
	readonly streams: Pick<BinanceStreams, 'followKlines'>;
}

const TIMEOUT_MS = 5_000;
/** Of a call for spot; more of them weigh twenty times as much. */
const SYMBOLS_MAX = 20;
/** Last, best and mark of futures are three lists. */
const FUTURES_LISTS = 3;
/** What futures can be asked for. */
const FUTURES_DEPTHS = [5, 10, 20, 50, 100, 500, 1_000] as const;
const DEPTH_MAX = 1_000;
/** Both markets take as many; longer pages of futures weigh double. */
const PAGE_MAX = SPOT_KLINES_MAX;

export class BinanceMarketReader implements MarketReader {
	readonly venue: string;
	readonly #parts: BinanceMarketReaderParts;

	constructor(parts: BinanceMarketReaderParts) {
		this.venue = parts.venue;
		this.#parts = parts;
	}

	callCount(asked: MarketAsked): number {
		switch (asked.kind) {
			case 'prices': {
				const { spot, linear } = byMarket(asked.instruments);
				return Math.ceil(spot.length / SYMBOLS_MAX) + (linear.length > 0 ? FUTURES_LISTS : 0);
			}
			case 'book':
				return 1;
			case 'bars':
				return pageCount(asked.count, PAGE_MAX);
		}
	}

	async prices(instruments: readonly Instrument[], signal?: AbortSignal): Promise<Prices> {
		const { spot, linear } = byMarket(instruments);
		const asked: [readonly Instrument[], Promise<Prices>][] = chunksOf(spot).map((chunk) => [chunk, this.#spot(chunk, signal)]);
		if (linear.length > 0) asked.push([linear, this.#futures(linear, signal)]);
		const found = await Promise.all(asked.map(([group, read]) => orCalledOff(signal, read, (why) => all(group, why))));
		return new Map(found.flatMap((prices) => [...prices]));
	}

	orderBook(instrument: Instrument, depth: number, signal?: AbortSignal): Promise<MarketRead<BookRead>> {
		return orCalledOff(signal, this.#book(instrument, Math.min(depth, DEPTH_MAX), signal), (why) => why);
	}

	bars(instrument: Instrument, of: BarsAsked, signal?: AbortSignal): Promise<MarketRead<readonly Bar[]>> {
		return orCalledOff(signal, this.#bars(instrument, of, signal), (why) => why);
	}

	followBars(instrument: Instrument, interval: BarInterval, heard: BarHeard): Disposable | undefined {
		return this.#parts.streams.followKlines(instrument.index, interval, (kline, counted) =>
			heard(barOfKline(counted, kline), kline.isClosed),
		);
	}

	/** One that the venue has dropped spoils the call for all in it: then each is asked alone. */
	async #spot(chunk: readonly Instrument[], signal: AbortSignal | undefined): Promise<Prices> {
		const read = await this.#reads('spot', signal).dayRows(chunk.map(({ symbol }) => symbol));
		if (read.kind === 'failed') {
			if (read.class !== 'fatal' || chunk.length === 1) return all(chunk, read);
			const each = await Promise.all(chunk.map((instrument) => this.#spot([instrument], signal)));
			return new Map(each.flatMap((prices) => [...prices]));
		}
		const rows = rowsBySymbol(read.value);
		return new Map(
			chunk.map((instrument) => {
				const row = rowOf(instrument, DAY_ROW, rows);
				if (row.kind === 'failed') return [instrument.index, row];
				const { lastPrice, bidPrice, askPrice } = row.value;
				return [instrument.index, priceOf(instrument, { lastPrice, bidPrice, askPrice, atMs: read.askedAtMs })];
			}),
		);
	}

	async #futures(group: readonly Instrument[], signal: AbortSignal | undefined): Promise<Prices> {
		const reads = this.#reads('linear', signal);
		const [first] = group;
		const symbol = group.length === 1 ? first?.symbol : undefined;
		const [last, best, mark] = await Promise.all([
			reads.futuresRows('last', symbol),
			reads.futuresRows('best', symbol),
			reads.futuresRows('mark', symbol),
		]);
		if (last.kind === 'failed') return all(group, last);
		if (best.kind === 'failed') return all(group, best);
		if (mark.kind === 'failed') return all(group, mark);
		const rows = { last: rowsBySymbol(last.value), best: rowsBySymbol(best.value), mark: rowsBySymbol(mark.value) };
		const atMs = Math.min(last.askedAtMs, best.askedAtMs, mark.askedAtMs);
		return new Map(group.map((instrument) => [instrument.index, futuresPrice(instrument, rows, atMs)]));
	}

	async #book(instrument: Instrument, depth: number, signal: AbortSignal | undefined): Promise<MarketRead<BookRead>> {
		const market = marketOf(instrument);
		const limit = market === 'spot' ? depth : (FUTURES_DEPTHS.find((each) => each >= depth) ?? DEPTH_MAX);
		const read = await this.#reads(market, signal).book(instrument.symbol, limit);
		if (read.kind === 'failed') return read;
		return bookOf(instrument, { ...read.value, depth, atMs: read.askedAtMs });
	}

	#bars(instrument: Instrument, of: BarsAsked, signal: AbortSignal | undefined): Promise<MarketRead<readonly Bar[]>> {
		const { interval } = of;
		return readBars({
			asked: of,
			venueNowMs: this.#parts.venueClock.venueNowMs(),
			pageMax: PAGE_MAX,
			page: async ({ beginsUntilMs: endTime, limit }) => {
				const read = await this.#reads(marketOf(instrument), signal).klines(instrument.symbol, { interval, endTime, limit });
				if (read.kind === 'failed') return read;
				return { kind: 'ok', value: read.value.map(({ openAtMs: startAtMs, ...row }) => ({ ...row, startAtMs })) };
			},
		});
	}

	#reads(market: Market, signal: AbortSignal | undefined): BinanceReads {
		const terms = { rank: 'models', isWanted: () => signal?.aborted !== true } as const;
		return new BinanceReads(this.#parts.rests[market], BRIEF_PATIENCE, TIMEOUT_MS, terms);
	}
}

function marketOf({ category }: Instrument): Market {
	return category === 'spot' ? 'spot' : 'linear';
}

function byMarket(instruments: readonly Instrument[]): Readonly<Record<Market, readonly Instrument[]>> {
	const { spot = [], linear = [] } = Object.groupBy(instruments, marketOf);
	return { spot, linear };
}

function chunksOf(instruments: readonly Instrument[]): readonly (readonly Instrument[])[] {
	const count = Math.ceil(instruments.length / SYMBOLS_MAX);
	return Array.from({ length: count }, (_, at) => instruments.slice(at * SYMBOLS_MAX, (at + 1) * SYMBOLS_MAX));
}

type Rows = ReadonlyMap<unknown, unknown>;

function futuresPrice(
	instrument: Instrument,
	rows: { readonly last: Rows; readonly best: Rows; readonly mark: Rows },
	atMs: number,
): MarketRead<PriceRead> {
	const last = rowOf(instrument, LAST_PRICE, rows.last);
	if (last.kind === 'failed') return last;
	const best = rowOf(instrument, BOOK_TICKER, rows.best);
	if (best.kind === 'failed') return best;
	const mark = rowOf(instrument, PREMIUM, rows.mark);
	if (mark.kind === 'failed') return mark;
	const { bidPrice, askPrice } = best.value;
	const { markPrice, lastFundingRate } = mark.value;
	return priceOf(instrument, { lastPrice: last.value.price, bidPrice, askPrice, markPrice, lastFundingRate, atMs });
}

function rowOf<Schema extends z.ZodType>(instrument: Instrument, schema: Schema, rows: Rows): MarketRead<z.infer<Schema>> {
	const row = rows.get(instrument.symbol);
	if (row === undefined) return missingRow(instrument);
	const parsed = schema.safeParse(row);
	return parsed.success ? { kind: 'ok', value: parsed.data } : badRow(instrument);
}

function priceOf(
	{ index }: Instrument,
	of: {
		readonly lastPrice: string;
		readonly bidPrice: string;
		readonly askPrice: string;
		readonly markPrice?: string;
		readonly lastFundingRate?: string;
		readonly atMs: number;
	},
): MarketRead<PriceRead> {
	return {
		kind: 'ok',
		value: {
			instrument: index,
			last: Number(of.lastPrice),
			bid: Number(of.bidPrice),
			ask: Number(of.askPrice),
			mark: numberOf(of.markPrice),
			fundingRate: numberOf(of.lastFundingRate),
			atMs: of.atMs as TimeMs,
		},
	};
}
