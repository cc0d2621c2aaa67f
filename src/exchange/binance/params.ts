/**
 * Parameters of a request by name, wherever they stood: query, form body, or the `params` of a frame. All are texts, as
 * they were written. Each is read as absent, of the asked type, or as a refusal; unknown ones are ignored.
 */
import { parseDecimal } from '../core/decimal.ts';
import { DECIMAL_RANGE, duplicate, emptyParameter, illegal, missing, Refusal, SYMBOL_WRONG, WHOLE_RANGE } from './refusal.ts';
import type { BinanceMarket, BinanceSymbol, BinanceVenue } from './venue.ts';

const WHOLE = /^\d{1,15}$/;
const ID = /^\d{1,19}$/;
const DECIMAL = /^\d{1,20}(?:\.\d{1,20})?$/;

export class Params {
	readonly #values: ReadonlyMap<string, string>;

	constructor(values: ReadonlyMap<string, string>) {
		this.#values = values;
	}

	/** A name that stands in both is taken from the query; twice in one of them is refused. */
	static ofRequest(query: string, body: string): Params | Refusal {
		const values = new Map<string, string>();
		for (const text of [body, query]) {
			const here = new Set<string>();
			for (const [name, value] of new URLSearchParams(text)) {
				if (here.has(name)) return duplicate(name);
				here.add(name);
				values.set(name, value);
			}
		}
		return new Params(values);
	}

	/**
	 * Of JSON read by `parseAsWritten`, so numbers are texts already; `null` is absent, a list is its JSON. Undefined if
	 * it is no object.
	 */
	static ofJson(value: unknown): Params | undefined {
		if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
		const values = new Map<string, string>();
		for (const [name, member] of Object.entries(value)) {
			if (member === null || member === undefined) continue;
			values.set(name, typeof member === 'string' ? member : JSON.stringify(member));
		}
		return new Params(values);
	}

	/** In the order in which they were written. */
	entries(): Iterable<[name: string, value: string]> {
		return this.#values.entries();
	}

	has(name: string): boolean {
		return this.#values.has(name);
	}

	/** An empty one is absent. */
	raw(name: string): string | undefined {
		const value = this.#values.get(name);
		return value === '' ? undefined : value;
	}

	/** Under any spelling of its name in small and large letters. */
	rawAnyCase(name: string): string | undefined {
		const small = name.toLowerCase();
		for (const [each, value] of this.#values) if (each.toLowerCase() === small) return value === '' ? undefined : value;
		return undefined;
	}

	text(name: string): string | undefined | Refusal {
		const value = this.#values.get(name);
		return value === '' ? emptyParameter(name) : value;
	}

	mustText(name: string): string | Refusal {
		return this.raw(name) ?? missing(name);
	}

	/** A whole number that a double holds. */
	whole(name: string): number | undefined | Refusal {
		const value = this.raw(name);
		if (value === undefined) return undefined;
		return WHOLE.test(value) ? Number(value) : illegal(name, WHOLE_RANGE);
	}

	mustWhole(name: string): number | Refusal {
		return this.whole(name) ?? missing(name);
	}

	/** A whole number of any size, as text. */
	id(name: string): string | undefined | Refusal {
		const value = this.raw(name);
		return value === undefined || ID.test(value) ? value : illegal(name, '^[0-9]{1,20}$');
	}

	/** A plain decimal, as text. */
	decimal(name: string): string | undefined | Refusal {
		const value = this.raw(name);
		if (value === undefined) return undefined;
		return DECIMAL.test(value) && parseDecimal(value) !== null ? value : illegal(name, DECIMAL_RANGE);
	}

	flag(name: string): boolean | undefined | Refusal {
		const value = this.raw(name)?.toLowerCase();
		if (value === undefined) return undefined;
		return value === 'true' || value === 'false' ? value === 'true' : illegal(name, '^(true|false)$');
	}

	/** One of these words, or what is said where it is none of them. */
	word<Word extends string>(name: string, words: readonly Word[], wrong: Refusal): Word | undefined | Refusal {
		const value = this.raw(name);
		return value === undefined ? undefined : (words.find((each) => each === value) ?? wrong);
	}

	/** A size of page: above the largest it is cut. */
	limit(preset: number, most: number): number | Refusal {
		const value = this.whole('limit');
		if (value instanceof Refusal) return value;
		return Math.min(value === undefined || value === 0 ? preset : value, most);
	}

	/** The symbol that must be named. */
	symbol(venue: BinanceVenue, market: BinanceMarket): BinanceSymbol | Refusal {
		const name = this.mustText('symbol');
		return name instanceof Refusal ? name : (venue.find(market, name) ?? SYMBOL_WRONG);
	}
}
