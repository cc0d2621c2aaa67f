/**
 * Asks over REST whether books that have said nothing for a while still are what the venue has: a market in which nothing
 * happens and a stream that was silenced look the same from here (F37). Few symbols are asked about one by one, many at
 * once, so that a round weighs little whatever the number.
 */
import { countSteps } from '../../domain/grid.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { Lots, Ticks } from '../../domain/units.ts';
import type { Touch } from './book-feed.ts';
import type { Read } from './read.ts';
import type { BookTicker } from './reads-schemas.ts';

/** Of one symbol, or of all. */
export type AskBest = (symbol: string | undefined, heard: (read: Read<readonly BookTicker[]>) => void) => void;

interface Probed {
	readonly instrument: Instrument;
}

export interface BookProbeParts<Book extends Probed> {
	readonly ask: AskBest;
	/** 'unreadable': the venue's words for it make no sense. */
	readonly heard: (book: Book, touch: Touch | 'unreadable', askedAtMs: number) => void;
}

const SINGLE_MAX = 4;

export class BookProbe<Book extends Probed> {
	readonly #parts: BookProbeParts<Book>;
	/** Asked about, and not answered yet. */
	readonly #asked = new Set<Book>();

	constructor(parts: BookProbeParts<Book>) {
		this.#parts = parts;
	}

	ask(quiet: readonly Book[]): void {
		const books = quiet.filter((book) => !this.#asked.has(book));
		if (books.length > SINGLE_MAX) this.#ask(undefined, books);
		else for (const book of books) this.#ask(book.instrument.symbol, [book]);
	}

	#ask(symbol: string | undefined, books: readonly Book[]): void {
		for (const book of books) this.#asked.add(book);
		this.#parts.ask(symbol, (read) => {
			for (const book of books) this.#asked.delete(book);
			// What fails is asked again at the next look, and until then the book grows old.
			if (read.kind === 'failed') return;
			const rows = new Map(read.value.map((row) => [row.symbol, row]));
			for (const book of books) {
				const row = rows.get(book.instrument.symbol);
				if (row !== undefined) this.#parts.heard(book, touchOf(row, book.instrument) ?? 'unreadable', read.askedAtMs);
			}
		});
	}
}

/** Sizes between two lots are counted up, as those of books are; an empty side is zero in both. */
export function touchOf(row: BookTicker, { priceGrid, qtyGrid }: Instrument): Touch | undefined {
	const bid = countSteps(priceGrid, row.bidPrice);
	const bidLots = countSteps(qtyGrid, row.bidQty, 'up');
	const ask = countSteps(priceGrid, row.askPrice);
	const askLots = countSteps(qtyGrid, row.askQty, 'up');
	if (bid.kind !== 'ok' || bidLots.kind !== 'ok' || ask.kind !== 'ok' || askLots.kind !== 'ok') return undefined;
	return {
		bestBidTicks: bid.count as Ticks,
		bestBidLots: bidLots.count as Lots,
		bestAskTicks: ask.count as Ticks,
		bestAskLots: askLots.count as Lots,
	};
}
