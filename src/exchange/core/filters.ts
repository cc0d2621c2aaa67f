/**
 * The filters of a listing, read out of the decimals of its spec: what an order's price, quantity and value must be.
 * What contradicts itself, or does not fit the ticks and lots the symbol was listed with, is told in words.
 */
import { MAX_ORDER_LOTS } from './book.ts';
import { type Grid, parseDecimal, rescale } from './decimal.ts';
import { ATOM_DECIMALS, RATE_ONE } from './money.ts';

export interface FilterSpec {
	readonly tickSize: string;
	readonly lotSize: string;
	readonly minQty: string;
	readonly maxQty: string;
	/** Limit if market orders have a lower one. */
	readonly maxMarketQty?: string;
	/**
	 * Smallest value of an order, in the quote coin or of an inverse contract in the base coin; reduce-only orders are
	 * exempt. '0': none.
	 */
	readonly minNotional: string;
	/** How far a buy may be above the mark price and a sell below it, as a fraction. Unset: no band. */
	readonly priceBand?: string;
}

/** What changes; the rest stays. */
export type FilterChange = Partial<FilterSpec>;

export interface Filters {
	/** In ticks and lots of the first spec. */
	readonly tickStep: number;
	readonly lotStep: number;
	readonly minLots: number;
	readonly maxLots: number;
	readonly maxMarketLots: number;
	readonly minNotionalAtoms: bigint;
	readonly bandE8: number | null;
}

export type ReadFilters =
	| { readonly kind: 'read'; readonly filters: Filters }
	| { readonly kind: 'refused'; readonly message: string };

export function readFilters(spec: FilterSpec, grids: { readonly price: Grid; readonly qty: Grid }): ReadFilters {
	const { tickSize, lotSize, minQty, maxQty, maxMarketQty = maxQty, minNotional, priceBand } = spec;
	const tickStep = stepOf(grids.price, 'tickSize', tickSize);
	if (typeof tickStep === 'string') return refused(tickStep);
	const lotStep = stepOf(grids.qty, 'lotSize', lotSize);
	if (typeof lotStep === 'string') return refused(lotStep);
	const lots: number[] = [];
	for (const [name, text] of Object.entries({ minQty, maxQty, maxMarketQty })) {
		const parsed = grids.qty.parse(text);
		if (parsed.kind === 'refused' || parsed.count % lotStep !== 0) {
			return refused(`${name} is ${text}, expected a multiple of the lot size ${lotSize}`);
		}
		lots.push(parsed.count);
	}
	const [minLots = 0, maxLots = 0, maxMarketLots = 0] = lots;
	if (minLots < 1 || maxLots < minLots || maxMarketLots < minLots || maxLots > MAX_ORDER_LOTS) {
		return refused(`quantities must be 1 to ${MAX_ORDER_LOTS} lots, found ${minQty} to ${maxQty}`);
	}
	const minNotionalAtoms = scaled(minNotional, ATOM_DECIMALS);
	if (minNotionalAtoms === null) return refused(`minNotional is ${minNotional}, expected a decimal such as 5`);
	const bandE8 = priceBand === undefined ? null : scaled(priceBand, ATOM_DECIMALS);
	if (priceBand !== undefined && (bandE8 === null || bandE8 > RATE_ONE)) {
		return refused(`priceBand is ${priceBand}, expected a fraction from 0 to 1`);
	}
	const filters = { tickStep, lotStep, minLots, maxLots, maxMarketLots, minNotionalAtoms };
	return { kind: 'read', filters: { ...filters, bandE8: bandE8 === null ? null : Number(bandE8) } };
}

function stepOf(grid: Grid, name: string, text: string): number | string {
	const parsed = grid.parse(text);
	if (parsed.kind === 'count' && parsed.count >= 1) return parsed.count;
	return `${name} is ${text}, expected a multiple of ${grid.stepText}, the one it was listed with`;
}

function scaled(text: string, decimals: number): bigint | null {
	const value = parseDecimal(text);
	return value === null ? null : rescale(value, decimals);
}

function refused(message: string): ReadFilters {
	return { kind: 'refused', message };
}
