/**
 * The venues of an app, opened, and what they trade as one list: each is asked for its own symbols, all at once, and an
 * index means the same instrument everywhere. Where one refuses, none stays open.
 */
import { type Category, type Instrument, type InstrumentSpec, instrumentIndex, makeInstrument } from '../domain/instrument.ts';
import type { InstrumentRecord } from '../domain/journal-record.ts';
import { timeMs } from '../domain/units.ts';
import { instrumentOf, type LeftOrder } from '../engine/recovery.ts';
import type { Clock } from '../ports/clock.ts';
import type { WantedSymbol } from '../venues/wire/instruments.ts';
import type { Venue, VenueParts, VenueSetup } from '../venues/wire/venue.ts';
import { symbolId } from './symbol-names.ts';

export interface TradedSymbol extends WantedSymbol {
	/** Needed where there are several venues. */
	readonly venue?: string;
}

export interface VenuesWanted {
	readonly setups: readonly VenueSetup[];
	/** What may be traded; nothing else is. */
	readonly symbols: readonly TradedSymbol[];
	/** Orders that may still be open from earlier runs. */
	readonly left: readonly Left[];
	/** Of instruments in earlier runs, the last one last. */
	readonly grids: readonly InstrumentRecord[];
}

export type VenuesOpened =
	| {
			readonly kind: 'open';
			readonly venues: readonly Venue[];
			readonly instruments: readonly Instrument[];
			/** As they were in other grids, the oldest first. */
			readonly former: readonly Instrument[];
	  }
	/** One plain sentence each. */
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

type Refused = Extract<VenuesOpened, { kind: 'refused' }>;

/** An order, or whatever else of ours may be there. */
export interface Left extends Pick<LeftOrder, 'orderId' | 'instrumentId'> {
	/** Nothing is lost where the venue lists the symbol no more. */
	readonly mayBeGone?: boolean;
}

interface Placed extends WantedSymbol {
	readonly venue: string;
}

/** `partsOf` gives each venue what it is opened with. */
export async function openVenues(
	wanted: VenuesWanted,
	clock: Clock,
	partsOf: (setup: VenueSetup) => VenueParts,
): Promise<VenuesOpened> {
	const { setups, left } = wanted;
	const troubles = [...whyNotVenues(wanted), ...whyNotLeft(wanted)];
	if (troubles.length > 0) return { kind: 'refused', sentences: troubles };
	const symbols = wanted.symbols.map((each) => ({ ...each, venue: venueOf(each, setups) }));
	await using opening = new AsyncDisposableStack();
	const venues = setups.map((setup) => opening.use(setup.open(partsOf(setup))));
	const followed = symbolsOf(left, symbols);
	const loaded = await Promise.all(venues.map((venue) => venue.load(ofVenue(venue, symbols), ofVenue(venue, followed))));
	const refused = loaded.flatMap((each) => (each.kind === 'refused' ? each.sentences : []));
	if (refused.length > 0) return { kind: 'refused', sentences: refused };
	const specs = loaded.flatMap((each) => (each.kind === 'loaded' ? each.specs : []));
	const made = instrumentsOf(specs, wanted.grids, clock);
	if (made.kind === 'refused') return made;
	opening.move();
	return { kind: 'open', venues, instruments: made.instruments, former: formerOf(made.instruments, wanted.grids) };
}

/** What no venue need be asked about. */
function whyNotVenues({ setups, symbols }: VenuesWanted): readonly string[] {
	if (symbols.length === 0) return ['no symbol is named: name at least one, such as BTCUSDT'];
	const names = setups.map(({ name }) => name);
	const ids = symbols.map((each) => symbolId(venueOf(each, setups), each.category, each.symbol));
	const isAgain = (id: string, index: number): boolean => ids.indexOf(id) < index;
	const twice = new Set(symbols.filter((_, index) => isAgain(ids[index] ?? '', index)).map(({ symbol }) => symbol));
	const nowhere = symbols.filter((each) => !names.includes(venueOf(each, setups)));
	const inverse = symbols.filter(({ category }) => category === 'inverse');
	return [
		...[...new Set(names.filter((name, index) => names.indexOf(name) < index))].map((name) => `two venues are called ${name}`),
		...nowhere.map(({ symbol }) => `${symbol} is to be traded at no venue of these: ${names.join(', ')}`),
		...[...twice].map((symbol) => `${symbol} is named twice among the symbols: name it once`),
		...inverse.map(({ symbol }) => `${symbol} is to be traded as an inverse contract, and only spot and linear can be`),
	];
}

/** An order that nobody can look up any more must not be forgotten over it. */
function whyNotLeft({ setups, left }: VenuesWanted): readonly string[] {
	const others = left.filter(({ instrumentId }) => !setups.some(({ name }) => instrumentId.startsWith(`${name}:`)));
	return others.map(({ orderId, instrumentId }) => `${orderId} may be open as ${instrumentId}, which is not traded here`);
}

/** The only one there is, unless it is said. */
function venueOf({ venue }: TradedSymbol, setups: readonly VenueSetup[]): string {
	return venue ?? (setups.length === 1 ? (setups[0]?.name ?? '') : '');
}

/** What earlier runs have left is followed until it is gone, whether it is quoted now or not. */
function symbolsOf(left: readonly Left[], wanted: readonly Placed[]): readonly Placed[] {
	const ids = new Set(wanted.map(({ venue, category, symbol }) => symbolId(venue, category, symbol)));
	const others = left.filter(({ instrumentId }) => !ids.has(instrumentId)).map(({ instrumentId }) => instrumentId);
	return [...new Set(others)].map((id) => {
		const [venue = '', category, symbol = ''] = id.split(':');
		const mayBeGone = left.every((each) => each.instrumentId !== id || each.mayBeGone === true);
		return { venue, category: category as Category, symbol, ...(mayBeGone ? { mayBeGone } : {}) };
	});
}

function ofVenue({ name }: Venue, symbols: readonly Placed[]): readonly WantedSymbol[] {
	const its = symbols.filter(({ venue }) => venue === name);
	return its.map(({ category, symbol, mayBeGone }) => ({ category, symbol, ...(mayBeGone === true ? { mayBeGone } : {}) }));
}

type InstrumentsMade = { readonly kind: 'made'; readonly instruments: readonly Instrument[] } | Refused;

function instrumentsOf(specs: readonly InstrumentSpec[], grids: readonly InstrumentRecord[], clock: Clock): InstrumentsMade {
	const instruments: Instrument[] = [];
	const sentences: string[] = [];
	for (const [index, spec] of specs.entries()) {
		const place = { index: instrumentIndex(index), version: 1, refreshedAtMs: timeMs(clock.wallMs()) };
		const made = makeInstrument(spec, place);
		if (made.kind === 'made') instruments.push({ ...made.instrument, version: versionOf(made.instrument, grids) });
		else sentences.push(`${spec.symbol} cannot be traded: its ${made.field} is ${made.found}, expected ${made.expected}`);
	}
	return sentences.length > 0 ? { kind: 'refused', sentences } : { kind: 'made', instruments };
}

/** A number stands for one grid, over all runs: what is written down of an order or a fill counts in that one. */
function versionOf(instrument: Instrument, grids: readonly InstrumentRecord[]): number {
	const last = grids.findLast(({ instrumentId }) => instrumentId === instrument.id);
	if (last === undefined) return 1;
	return isOnGrid(instrument, last) ? last.version : last.version + 1;
}

/** Orders and fills of earlier runs may be on a grid that is no more (F59). */
function formerOf(instruments: readonly Instrument[], grids: readonly InstrumentRecord[]): readonly Instrument[] {
	return grids.flatMap((grid) => {
		const now = instruments.find(({ id }) => id === grid.instrumentId);
		return now === undefined || isOnGrid(now, grid) ? [] : [instrumentOf(grid, now.index)];
	});
}

function isOnGrid({ priceGrid, qtyGrid }: Instrument, { tickSize, lotSize }: InstrumentRecord): boolean {
	return priceGrid.step === tickSize && qtyGrid.step === lotSize;
}
