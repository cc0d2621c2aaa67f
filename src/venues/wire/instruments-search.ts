/** Why a symbol that somebody asked for cannot be traded, in one plain sentence with the way out in it. */
import type { Category } from '../../domain/instrument.ts';

/** Symbols of one category, with the venue's word for their status. */
export type Listed = ReadonlyMap<string, string>;

const TYPOS_MAX = 2;
const EXAMPLES_MAX = 3;

export interface Sought {
	readonly symbol: string;
	readonly category: Category;
	/** The category asked for comes first. */
	readonly listed: ReadonlyMap<Category, Listed>;
	readonly venueName: string;
	/** The venue's word for a symbol that trades. */
	readonly tradingWord: string;
}

export function whyNot({ symbol, category, listed, venueName, tradingWord }: Sought): string {
	const here = listed.get(category);
	const status = here?.get(symbol);
	if (status === tradingWord) return `${symbol} is listed in category ${category}, but its description cannot be read`;
	if (status !== undefined) return `${symbol} is listed in category ${category} but not trading: its status is ${status}`;
	for (const [other, symbols] of listed) {
		if (other === category || !symbols.has(symbol)) continue;
		return `${symbol} is no symbol of category ${category}; there is one in category ${other}: name that category, or another symbol`;
	}
	const meant = nearest(symbol, [...(here?.keys() ?? [])]);
	const hint =
		meant === undefined
			? `${here?.size ?? 0} are listed there${examplesOf([...(here?.keys() ?? [])])}`
			: `did you mean ${meant}?`;
	return `${venueName} has no symbol ${JSON.stringify(symbol)} in category ${category}; ${hint}`;
}

function examplesOf(symbols: readonly string[]): string {
	return symbols.length === 0 ? '' : `, such as ${symbols.slice(0, EXAMPLES_MAX).join(', ')}`;
}

export function nearest(word: string, known: readonly string[]): string | undefined {
	const upper = word.toUpperCase().replace(/[^A-Z0-9]/g, '');
	let best: string | undefined;
	let fewest = TYPOS_MAX + 1;
	for (const each of known) {
		// Nothing so much longer or shorter can be near enough.
		if (Math.abs(each.length - upper.length) >= fewest) continue;
		const typos = changesBetween(upper, each);
		if (typos >= fewest) continue;
		fewest = typos;
		best = each;
	}
	return best;
}

/** Letters to add, take away or exchange. */
function changesBetween(from: string, to: string): number {
	let above = Array.from({ length: to.length + 1 }, (_, column) => column);
	for (let row = 1; row <= from.length; row += 1) {
		const now = [row];
		for (let column = 1; column <= to.length; column += 1) {
			const exchanged = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
			now.push(Math.min((above[column] ?? 0) + 1, (now[column - 1] ?? 0) + 1, exchanged));
		}
		above = now;
	}
	return above[to.length] ?? 0;
}
