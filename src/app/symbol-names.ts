/**
 * What people and programs call a symbol that is traded: as its venue spells it where that says which one is meant, or
 * more of the id in front of it (`linear:BTCUSDT`, `binance:linear:BTCUSDT`) where several go by one name.
 */
import type { Category } from '../domain/instrument.ts';

export interface NamedSymbol {
	/** `venue:category:symbol`. */
	readonly id: string;
	readonly symbol: string;
}

export type SymbolFound<Named> =
	| { readonly kind: 'found'; readonly found: Named }
	| { readonly kind: 'none' }
	/** All that it could mean. */
	| { readonly kind: 'several'; readonly ids: readonly string[] };

export function symbolId(venue: string, category: Category, symbol: string): string {
	return `${venue}:${category}:${symbol}`;
}

export function findSymbol<Named extends NamedSymbol>(name: string, among: readonly Named[]): SymbolFound<Named> {
	const meant = among.filter(({ id }) => id === name || id.endsWith(`:${name}`));
	const [found] = meant;
	if (found === undefined) return { kind: 'none' };
	return meant.length === 1 ? { kind: 'found', found } : { kind: 'several', ids: meant.map(({ id }) => id) };
}

/** The shortest of its names that means nothing else. */
export function shownName({ id, symbol }: NamedSymbol, among: readonly NamedSymbol[]): string {
	return findSymbol(symbol, among).kind === 'several' ? id : symbol;
}
