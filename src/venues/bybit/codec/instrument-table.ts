/**
 * Which instruments a connection is about, found by the bytes of a topic (public) or of category and symbol (private)
 * without making a string. An instrument that changes is set again and takes the place of its older version.
 */
import { type Category, type Instrument, isSameGrid } from '../../../domain/instrument.ts';
import { asciiBytes, ByteTable, isPlainWord } from './byte-table.ts';
import { BOOK_DEPTHS, type BookDepth } from './frames.ts';

/** A subscription as its frames name it. */
export interface Topic {
	readonly kind: 'book' | 'trade';
	/** 0 for trades. */
	readonly depth: BookDepth | 0;
	readonly instrument: Instrument;
	readonly symbolBytes: Uint8Array;
}

/** The hot topics of one public connection, which is about one category. */
export class TopicTable {
	readonly #byBytes = new ByteTable<Topic>();
	readonly #byText = new Map<string, Topic>();

	set(instrument: Instrument): void {
		const symbolBytes = asciiBytes(instrument.symbol);
		for (const depth of BOOK_DEPTHS) {
			this.#add(`orderbook.${depth}.${instrument.symbol}`, { kind: 'book', depth, instrument, symbolBytes });
		}
		this.#add(`publicTrade.${instrument.symbol}`, { kind: 'trade', depth: 0, instrument, symbolBytes });
	}

	find(bytes: Uint8Array, start: number, end: number): Topic | undefined {
		return this.#byBytes.find(bytes, start, end);
	}

	findText(topic: string): Topic | undefined {
		return this.#byText.get(topic);
	}

	#add(name: string, topic: Topic): void {
		// A name that needs escapes or more than ASCII is left to the plain decoder, which knows it by its text.
		if (isPlainWord(name)) this.#byBytes.set(name, topic);
		this.#byText.set(name, topic);
	}
}

/** Grids change a few times a year; no order outlives so many. */
const FORMER_MAX = 8;
const NONE: readonly Instrument[] = [];

/** All instruments of the account's private connection. */
export class InstrumentTable {
	readonly #byBytes: Readonly<Record<Category, ByteTable<Instrument>>> = {
		spot: new ByteTable(),
		linear: new ByteTable(),
		inverse: new ByteTable(),
	};
	readonly #byText: Readonly<Record<Category, Map<string, Instrument>>> = {
		spot: new Map(),
		linear: new Map(),
		inverse: new Map(),
	};

	/** Newest first: orders that stand keep their old prices and sizes, whatever the grid has become (F59). */
	readonly #former = new Map<string, readonly Instrument[]>();

	set(instrument: Instrument): void {
		const known = this.findText(instrument.category, instrument.symbol);
		if (known !== undefined && !isSameGrid(known, instrument)) {
			this.#former.set(known.id, [known, ...this.formerOf(known)].slice(0, FORMER_MAX));
		}
		if (isPlainWord(instrument.symbol)) this.#byBytes[instrument.category].set(instrument.symbol, instrument);
		this.#byText[instrument.category].set(instrument.symbol, instrument);
	}

	find(category: Category, bytes: Uint8Array, start: number, end: number): Instrument | undefined {
		return this.#byBytes[category].find(bytes, start, end);
	}

	/** Earlier versions with other grids. */
	formerOf({ id }: Instrument): readonly Instrument[] {
		return this.#former.get(id) ?? NONE;
	}

	findText(category: Category, symbol: string): Instrument | undefined {
		return this.#byText[category].get(symbol);
	}
}
