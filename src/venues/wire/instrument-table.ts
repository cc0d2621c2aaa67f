/**
 * The instruments that an account's records are about, found by the bytes of a symbol without making a string. An
 * instrument that changes is set again and takes the place of its older version, which stays at hand if its grid was
 * another.
 */
import { type Category, type Instrument, isSameGrid } from '../../domain/instrument.ts';
import { ByteTable, isPlainWord } from './byte-table.ts';

/** Grids change a few times a year; no order outlives so many. */
const FORMER_MAX = 8;
const NONE: readonly Instrument[] = [];

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
