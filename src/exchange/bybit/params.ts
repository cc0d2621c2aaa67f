/**
 * Parameters of a request, whether they came as a query or as JSON: read by name, each either absent, of the asked
 * type, or a refusal. A member that is `null` or an empty text counts as absent, as it does on the venue; unknown
 * members are ignored.
 */
import { params as paramsError, Refusal } from './codes.ts';
import type { BybitCategory, BybitSymbol, BybitVenue } from './venue.ts';

const CATEGORIES: readonly string[] = ['spot', 'linear', 'inverse', 'option'];
const WHOLE_NUMBER = /^\d{1,15}$/;

export type AnyCategory = BybitCategory | 'option';

export class Params {
	/** Read through `raw` only: what is inherited is no member. */
	readonly #members: Readonly<Record<string, unknown>>;

	private constructor(members: Readonly<Record<string, unknown>>) {
		this.#members = members;
	}

	static ofQuery(query: string): Params {
		const members = Object.create(null) as Record<string, unknown>;
		for (const [name, value] of new URLSearchParams(query)) members[name] ??= value;
		return new Params(members);
	}

	/** Undefined if it is no JSON object. Takes no copy, since every order of a batch comes through here. */
	static ofJson(value: unknown): Params | undefined {
		return isObject(value) ? new Params(value) : undefined;
	}

	raw(name: string): unknown {
		const value = Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
		return value === null || value === '' ? undefined : value;
	}

	text(name: string): string | undefined | Refusal {
		const value = this.raw(name);
		return value === undefined || typeof value === 'string' ? value : paramsError(`${name} must be a string`);
	}

	mustText(name: string): string | Refusal {
		return this.text(name) ?? paramsError(`${name} is required`);
	}

	/** A whole number from 0 up, as a JSON number or in digits. */
	count(name: string): number | undefined | Refusal {
		const value = this.raw(name);
		if (value === undefined) return undefined;
		if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
		if (typeof value === 'string' && WHOLE_NUMBER.test(value)) return Number(value);
		return paramsError(`${name} invalid`);
	}

	flag(name: string): boolean | Refusal {
		const value = this.raw(name);
		if (value === undefined) return false;
		return typeof value === 'boolean' ? value : paramsError(`${name} must be a boolean`);
	}

	category(): AnyCategory | Refusal {
		const value = this.raw('category');
		if (value === undefined) return paramsError('category is required');
		return isCategory(value) ? value : paramsError('category invalid');
	}

	/** A size of page: above the largest it is cut, below one refused. */
	limit(preset: number, most: number): number | Refusal {
		const value = this.count('limit');
		if (value instanceof Refusal) return value;
		if (value === undefined) return preset;
		return value < 1 ? paramsError('limit invalid') : Math.min(value, most);
	}
}

/** The symbol named, if it trades in that category. */
export function findSymbol(venue: BybitVenue, category: AnyCategory, given: Params): BybitSymbol | Refusal {
	const name = given.mustText('symbol');
	if (name instanceof Refusal) return name;
	return venue.find(category, name) ?? unknownSymbol(category);
}

function unknownSymbol(category: AnyCategory): Refusal {
	return category === 'spot' ? new Refusal(170121, 'Invalid symbol.') : paramsError('symbol invalid');
}

/**
 * The symbols that `symbol`, else `baseCoin`, else `settleCoin` select; all of the category if none is given. A name
 * that does not exist selects nothing, except a symbol, which is refused.
 */
export function selectSymbols(venue: BybitVenue, category: AnyCategory, given: Params): readonly BybitSymbol[] | Refusal {
	const symbol = given.text('symbol');
	const baseCoin = given.text('baseCoin');
	const settleCoin = given.text('settleCoin');
	for (const each of [symbol, baseCoin, settleCoin]) if (each instanceof Refusal) return each;
	if (typeof symbol === 'string') {
		const found = venue.find(category, symbol);
		return found === undefined ? unknownSymbol(category) : [found];
	}
	const all = venue.symbols.filter((each) => each.category === category);
	if (baseCoin !== undefined) return all.filter((each) => venue.listing(each).spec.baseCoin === baseCoin);
	if (settleCoin !== undefined) return all.filter((each) => venue.listing(each).settleCoin === settleCoin);
	return all;
}

/** Where a call must say which contracts it means. */
export function checkSelection(given: Params): Refusal | null {
	const named = ['symbol', 'baseCoin', 'settleCoin'].some((name) => given.raw(name) !== undefined);
	return named ? null : paramsError('Missing some parameters that must be filled in, symbol or settleCoin or baseCoin');
}

function isCategory(value: unknown): value is AnyCategory {
	return typeof value === 'string' && CATEGORIES.includes(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
