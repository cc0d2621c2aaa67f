/**
 * Live data of some symbols for people who want a client alone: the very streams that the engine takes, with a book kept
 * for each symbol, told in decimal text. Listeners hear from a timer, so that what they throw is theirs alone; prices that
 * came in between are left out, the newest is always told.
 */
import { createBook, type OrderBook } from '../../domain/book.ts';
import type { EngineEvent } from '../../domain/event.ts';
import type { Grid } from '../../domain/grid.ts';
import type { InstrumentSpec } from '../../domain/instrument.ts';
import { type Instrument, instrumentIndex, makeInstrument, printPrice, printQty } from '../../domain/instrument.ts';
import { timeMs } from '../../domain/units.ts';
import type { Clock } from '../../ports/clock.ts';
import type { BookLevel, CandleShown, FeedListener } from './client-types.ts';
import type { LiveKline } from './codec/plain-kline.ts';
import { BinanceStreams, type BinanceStreamsParts } from './streams.ts';

export type FeedParts = Omit<BinanceStreamsParts, 'bookOf' | 'openUser'>;

/** Of a side, as far as they are told. */
const LEVELS_TOLD = 20;
const LOOK_EVERY_MS = 10;

interface Followed {
	instrument: Instrument;
	readonly book: OrderBook;
	last: string | undefined;
	mark: string | undefined;
	/** A timer to tell of it runs. */
	isDue: boolean;
}

export class ClientFeed implements AsyncDisposable {
	readonly #clock: Clock;
	readonly #streams: BinanceStreams;
	readonly #listener: FeedListener;
	readonly #followed: readonly Followed[];
	#isStopped = false;

	constructor(parts: FeedParts, specs: readonly InstrumentSpec[], listener: FeedListener) {
		this.#clock = parts.clock;
		this.#listener = listener;
		this.#followed = specs.map((spec, at) => followed(spec, at, parts.clock));
		this.#streams = new BinanceStreams({ ...parts, bookOf: (index) => this.#followed[index]?.book });
		this.#streams.subscribe(
			this.#followed.map(({ instrument }) => instrument),
			(event) => this.#hear(event),
		);
		this.#followCandles();
	}

	/** Resolves when every book is whole, or when so long has passed; then the books still come by themselves. */
	async ready(withinMs: number): Promise<boolean> {
		const untilMono = this.#clock.monotonicMs() + withinMs;
		while (!this.#isWhole && !this.#isStopped && this.#clock.monotonicMs() < untilMono) {
			await new Promise<void>((resolve) => {
				this.#clock.after(LOOK_EVERY_MS, resolve);
			});
		}
		return this.#isWhole;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isStopped = true;
		await this.#streams[Symbol.asyncDispose]();
	}

	get #isWhole(): boolean {
		return this.#followed.every(({ book }) => book.trust.kind === 'whole');
	}

	#followCandles(): void {
		const { candle } = this.#listener;
		if (candle === undefined) return;
		for (const { instrument } of this.#followed) {
			this.#streams.followKlines(instrument.index, candle.interval, (kline) => {
				this.#later(() => candle.heard(candleOf(instrument, kline)));
			});
		}
	}

	#hear(event: EngineEvent): void {
		switch (event.kind) {
			case 'book':
				return this.#applyTo(event.instrument, (one) => one.book.apply(event.delta));
			case 'bookLost':
				return this.#applyTo(event.instrument, (one) => {
					one.book.distrust(event.reason);
					this.#later(() => this.#listener.lost?.(one.instrument.symbol));
				});
			case 'trade': {
				const { priceTicks, qtyLots, takerSide } = event;
				return this.#applyTo(event.instrument, (one) => {
					const { symbol } = one.instrument;
					one.last = printPrice(one.instrument, priceTicks);
					const trade = { symbol, price: one.last, qty: printQty(one.instrument, qtyLots), takerSide };
					this.#later(() => this.#listener.trade?.(trade));
				});
			}
			case 'mark':
				return this.#applyTo(event.instrument, (one) => {
					one.mark = textOf(one.instrument.priceGrid, event.markTicks, MARK_DIGITS_MORE);
				});
			default:
				return;
		}
	}

	#applyTo(index: number, change: (one: Followed) => void): void {
		const one = this.#followed[index];
		if (one === undefined) return;
		change(one);
		if (one.isDue) return;
		one.isDue = true;
		this.#later(() => {
			one.isDue = false;
			if (one.book.trust.kind === 'whole') this.#tell(one);
		});
	}

	#tell(one: Followed): void {
		const { instrument, book, last, mark } = one;
		const { ticker, book: toldBook } = this.#listener;
		const { symbol } = instrument;
		const rows = (side: 'bid' | 'ask'): readonly BookLevel[] => rowsOf(instrument, book, side);
		if (ticker !== undefined) {
			const [bid, ask] = [rowsOf(instrument, book, 'bid', 1)[0], rowsOf(instrument, book, 'ask', 1)[0]];
			ticker({
				...{ symbol, last, mark },
				...{ bid: bid?.price ?? '', bidQty: bid?.qty ?? '', ask: ask?.price ?? '', askQty: ask?.qty ?? '' },
			});
		}
		toldBook?.({ symbol, bids: rows('bid'), asks: rows('ask') });
	}

	#later(tell: () => void): void {
		this.#clock.after(0, () => {
			if (!this.#isStopped) tell();
		});
	}
}

/** Marks lie between ticks. */
const MARK_DIGITS_MORE = 4;

function followed(spec: InstrumentSpec, at: number, clock: Clock): Followed {
	const made = makeInstrument(spec, { index: instrumentIndex(at), version: 1, refreshedAtMs: timeMs(clock.wallMs()) });
	if (made.kind === 'refused') throw new RangeError(`${spec.symbol} cannot be followed: its ${made.field} is ${made.found}`);
	return { instrument: made.instrument, book: createBook(), last: undefined, mark: undefined, isDue: false };
}

function candleOf({ symbol, priceGrid, qtyGrid }: Instrument, kline: LiveKline): CandleShown {
	const { startAtMs, openTicks, highTicks, lowTicks, closeTicks, volumeLots, isClosed } = kline;
	return {
		symbol,
		startAtMs,
		open: textOf(priceGrid, openTicks),
		high: textOf(priceGrid, highTicks),
		low: textOf(priceGrid, lowTicks),
		close: textOf(priceGrid, closeTicks),
		volume: textOf(qtyGrid, volumeLots),
		isClosed,
	};
}

/** Of a count of steps that need not be whole. */
function textOf({ stepUnits, scale }: Grid, count: number, digitsMore = 0): string {
	return ((count * stepUnits) / 10 ** scale).toFixed(scale + digitsMore);
}

function rowsOf(instrument: Instrument, book: OrderBook, side: 'bid' | 'ask', levelsMax = LEVELS_TOLD): readonly BookLevel[] {
	const isBid = side === 'bid';
	const count = Math.min(levelsMax, isBid ? book.bidCount : book.askCount);
	return Array.from({ length: count }, (_, at) => ({
		price: printPrice(instrument, isBid ? book.bidTicksAt(at) : book.askTicksAt(at)),
		qty: printQty(instrument, isBid ? book.bidLotsAt(at) : book.askLotsAt(at)),
	}));
}
