/** What streams bring in anyway, as plain numbers: it costs no call. */
import type { BookView } from '../domain/book.ts';
import { createBook, type OrderBook } from '../domain/book.ts';
import type { EngineEvent } from '../domain/event.ts';
import { stepsToNumber } from '../domain/grid.ts';
import { type Instrument, type InstrumentIndex, priceToNumber } from '../domain/instrument.ts';
import type { BookLevel } from '../domain/market-read.ts';
import type { HeardMarket } from './market-feeds.ts';

/** The engine has one of each of its instruments. */
export interface MarketPicture {
	readonly instrument: Instrument;
	readonly book: BookView;
	readonly lastTradeTicks: number;
	readonly markTicks: number;
	readonly fundingRate: number;
}

/** A book that has lost its place, or is crossed or one-sided, is not shown. */
export function heardIn(pictureOf: (instrument: InstrumentIndex) => MarketPicture | undefined): HeardMarket {
	return {
		price({ index }) {
			const picture = pictureOf(index);
			if (picture === undefined || !isSound(picture.book)) return undefined;
			const { instrument, book, lastTradeTicks, markTicks, fundingRate } = picture;
			return {
				instrument: index,
				last: priceToNumber(instrument, lastTradeTicks),
				bid: priceToNumber(instrument, book.bestBidTicks),
				ask: priceToNumber(instrument, book.bestAskTicks),
				mark: priceToNumber(instrument, markTicks),
				fundingRate,
				atMs: book.venueAtMs,
			};
		},
		book({ index }, depth) {
			const picture = pictureOf(index);
			if (picture === undefined || !isSound(picture.book)) return undefined;
			const { instrument, book } = picture;
			const bids = levels(Math.min(depth, book.bidCount), (at) => level(instrument, book.bidTicksAt(at), book.bidLotsAt(at)));
			const asks = levels(Math.min(depth, book.askCount), (at) => level(instrument, book.askTicksAt(at), book.askLotsAt(at)));
			return { instrument: index, bids, asks, atMs: book.venueAtMs };
		},
	};
}

interface Followed extends MarketPicture {
	instrument: Instrument;
	readonly book: OrderBook;
	lastTradeTicks: number;
	markTicks: number;
	fundingRate: number;
}

/** The same pictures where there is no engine: hears what the streams of venues tell. */
export class FollowedMarket {
	/** As many as were followed. */
	readonly #followed = new Map<InstrumentIndex, Followed>();

	follow(instruments: readonly Instrument[]): void {
		for (const instrument of instruments) {
			const nothing = { lastTradeTicks: 0, markTicks: 0, fundingRate: 0 };
			this.#followed.set(instrument.index, { instrument, book: createBook(), ...nothing });
		}
	}

	pictureOf(instrument: InstrumentIndex): MarketPicture | undefined {
		return this.#followed.get(instrument);
	}

	hear(event: EngineEvent): void {
		switch (event.kind) {
			case 'book':
				this.#followed.get(event.instrument)?.book.apply(event.delta);
				break;
			case 'bookLost':
				this.#followed.get(event.instrument)?.book.distrust(event.reason);
				break;
			case 'trade':
				this.#change(event.instrument, { lastTradeTicks: event.priceTicks });
				break;
			case 'mark':
				this.#change(event.instrument, { markTicks: event.markTicks, fundingRate: event.fundingRate });
				break;
			case 'instrument':
				this.#regrid(event.instrument);
				break;
			default: // of orders and accounts, which nobody has here
		}
	}

	#change(index: InstrumentIndex, to: Partial<Pick<Followed, 'lastTradeTicks' | 'markTicks' | 'fundingRate'>>): void {
		const followed = this.#followed.get(index);
		if (followed !== undefined) Object.assign(followed, to);
	}

	/** The same mark is another number of finer ticks. */
	#regrid(instrument: Instrument): void {
		const followed = this.#followed.get(instrument.index);
		if (followed === undefined) return;
		const scale = stepsToNumber(followed.instrument.priceGrid, 1) / stepsToNumber(instrument.priceGrid, 1);
		followed.instrument = instrument;
		followed.markTicks *= scale;
		followed.lastTradeTicks *= scale;
	}
}

function isSound({ trust, isTwoSided, isCrossed }: BookView): boolean {
	return trust.kind === 'whole' && isTwoSided && !isCrossed;
}

function levels(count: number, at: (index: number) => BookLevel): readonly BookLevel[] {
	return Array.from({ length: count }, (_, index) => at(index));
}

function level({ priceGrid, qtyGrid }: Instrument, ticks: number, lots: number): BookLevel {
	return { price: stepsToNumber(priceGrid, ticks), qty: stepsToNumber(qtyGrid, lots) };
}
