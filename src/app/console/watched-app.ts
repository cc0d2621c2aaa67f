/** An app as far as it is looked at, and how its symbols are named there. */
import { type Instrument, priceToNumber } from '../../domain/instrument.ts';
import { type MonoMs, monoMs } from '../../domain/units.ts';
import type { Clock } from '../../ports/clock.ts';
import type { App } from '../app.ts';
import { findSymbol, shownName } from '../symbol-names.ts';

export type WatchedApp = Pick<App, 'engine' | 'portfolio' | 'instruments' | 'venues'>;

/** Its name says to whoever serves the console that the asker is wrong, and not we. */
export class UnknownSymbol extends Error {
	override readonly name = 'UnknownSymbol';
}

/** By its shortest name or its id. Throws an UnknownSymbol. */
export function symbolMeant({ instruments }: Pick<WatchedApp, 'instruments'>, name: string): Instrument {
	const meant = findSymbol(name, instruments);
	if (meant.kind === 'found') return meant.found;
	if (meant.kind === 'several') throw new UnknownSymbol(`${name} is several symbols here: say ${meant.ids.join(' or ')}`);
	const known = instruments.map((each) => shownName(each, instruments));
	throw new UnknownSymbol(`${name} is not among the symbols here: ${known.join(', ')}`);
}

export function nowMonoOf(clock: Clock): MonoMs {
	return monoMs(clock.monotonicMs());
}

/** A price that is only shown. */
export function shownPrice(instrument: Instrument, ticks: number): number | null {
	return ticks > 0 ? priceToNumber(instrument, ticks) : null;
}
