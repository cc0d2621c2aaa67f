/** How filters of a symbol change for the worse, and what they were before. */
import type { FilterChange } from '../core/filters.ts';
import type { Listing } from '../core/listing.ts';
import { atoms, formatAtoms } from '../core/money.ts';

export interface ChangeAndBefore {
	readonly change: FilterChange;
	readonly before: FilterChange;
}

const BAND_MIN_ATOMS = 10_000n;

export function largerFilters(listing: Listing, form: 'tick' | 'lot' | 'notional', times: number): ChangeAndBefore {
	const { spec, price, qty } = listing;
	switch (form) {
		case 'tick':
			return {
				change: { tickSize: price.format(price.count(spec.tickSize) * times) },
				before: { tickSize: spec.tickSize },
			};
		case 'lot':
			return changedLots(listing, qty.count(spec.lotSize) * times);
		case 'notional':
			return {
				change: { minNotional: plain(formatAtoms(atoms(spec.minNotional) * BigInt(times))) },
				before: { minNotional: spec.minNotional },
			};
	}
}

export function smallerLimits(listing: Listing, form: 'quantity' | 'band', parts: number): ChangeAndBefore {
	const { spec, qty } = listing;
	const { priceBand, maxQty, maxMarketQty = maxQty } = spec;
	if (form === 'band') {
		if (priceBand === undefined) return { change: {}, before: {} };
		const bandAtoms = atoms(priceBand) / BigInt(parts);
		const shrunk = bandAtoms < BAND_MIN_ATOMS ? BAND_MIN_ATOMS : bandAtoms;
		return { change: { priceBand: plain(formatAtoms(shrunk)) }, before: { priceBand } };
	}
	const less = (text: string): string =>
		qty.format(Math.max(listing.minLots, listing.wholeLots(Math.floor(qty.count(text) / parts))));
	return { change: { maxQty: less(maxQty), maxMarketQty: less(maxMarketQty) }, before: { maxQty, maxMarketQty } };
}

/** Smallest and largest quantities go along, since they are multiples of the lot size. */
function changedLots({ spec, qty }: Listing, stepLots: number): ChangeAndBefore {
	const { lotSize, minQty, maxQty, maxMarketQty = maxQty } = spec;
	const least = Math.ceil(qty.count(minQty) / stepLots) * stepLots;
	const most = (text: string): string => qty.format(Math.max(least, Math.floor(qty.count(text) / stepLots) * stepLots));
	return {
		change: { lotSize: qty.format(stepLots), minQty: qty.format(least), maxQty: most(maxQty), maxMarketQty: most(maxMarketQty) },
		before: { lotSize, minQty, maxQty, maxMarketQty },
	};
}

/** Without zeros that say nothing. */
function plain(text: string): string {
	return text.replace(/\.?0+$/, '');
}
