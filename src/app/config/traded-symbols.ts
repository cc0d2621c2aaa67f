/**
 * All that the configuration lets be traded, at all venues, and what each symbol goes by: in the configuration under the
 * name of its account, in the engine under that of its venue. The venue is called by the exchange's own name where there
 * is one account of it, and by the account's where there are several.
 */
import type { WantedSymbol } from '../../venues/wire/instruments.ts';
import { type NamedSymbol, shownName, symbolId } from '../symbol-names.ts';
import { type Kind, kindOf, type Mode, symbolsOf, type Venue, venuesOf } from './venue-section.ts';

export interface ConfiguredSymbol extends NamedSymbol, WantedSymbol {
	/** The name of the account. */
	readonly account: string;
	/** What the engine calls it: as short as can be. */
	readonly engineName: string;
}

export interface Venues {
	readonly mode: Mode;
	readonly venues: Readonly<Record<string, Venue>>;
}

export function configuredSymbols(config: Venues): readonly ConfiguredSymbol[] {
	const entries = Object.entries(venuesOf(config));
	const names = entries.flatMap(([account, entry]) => {
		const venue = engineVenue(account, config);
		return symbolsOf(entry).map((of) => ({ account, of, engine: named(venue, of) }));
	});
	const inEngine = names.map(({ engine }) => engine);
	return names.map(({ account, of, engine }) => ({
		...named(account, of),
		account,
		category: of.category,
		engineName: shownName(engine, inEngine),
	}));
}

/** What events, instruments and metrics call the venue of this account. */
export function engineVenue(account: string, config: Venues): string {
	const kinds: Readonly<Record<string, Kind>> = Object.fromEntries(
		Object.entries(venuesOf(config)).map(([name, entry]) => [name, kindOf(name, entry)]),
	);
	const kind = kinds[account];
	const isAlone = Object.values(kinds).filter((each) => each === kind).length === 1;
	return isAlone && kind !== undefined ? kind : account;
}

function named(venue: string, { category, symbol }: WantedSymbol): NamedSymbol {
	return { id: symbolId(venue, category, symbol), symbol };
}
