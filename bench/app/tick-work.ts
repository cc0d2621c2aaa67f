/**
 * What every contestant has to do in a tick. Each symbol has ten orders, five a side, on one of two ladders that share no
 * price: a tick takes all of them from one ladder to the other, by cancelling and placing anew or by amending.
 */
import type { Side } from '../../src/domain/side.ts';
import { extraPerpetual } from '../../src/exchange/market/extra.ts';

export const ORDERS_PER_SYMBOL = 10;
/** As many as the venue takes in one call. */
export const BATCH_MAX = 20;

const LEVELS = ORDERS_PER_SYMBOL / 2;
/** In ticks: from the middle, between levels, and between the ladders. */
const NEAREST = 40;
const LEVEL_STEP = 4;
const LADDER_SHIFT = 2;

/** `replace`: ten cancels and ten places a symbol; `requote`: the ten orders move. */
export type Kind = 'replace' | 'requote';

export interface WorkQuote {
	readonly side: Side;
	readonly price: string;
	readonly qty: string;
}

export interface WorkSymbol {
	readonly symbol: string;
	readonly tickSize: string;
	readonly lotSize: string;
	readonly ladders: readonly [readonly WorkQuote[], readonly WorkQuote[]];
}

export function workOf(symbols: readonly string[]): readonly WorkSymbol[] {
	return symbols.map((symbol) => {
		const known = extraPerpetual(symbol);
		if (known === undefined) throw new RangeError(`${symbol} is no extra perpetual of the box`);
		const { listing, market } = known;
		const { tickSize, lotSize } = listing;
		const ladder = (shift: number) =>
			quotesOf({ midTicks: Number(market.startPrice) / Number(tickSize), shift, tickSize }, market);
		return { symbol, tickSize, lotSize, ladders: [ladder(0), ladder(LADDER_SHIFT)] };
	});
}

function quotesOf(
	{ midTicks, shift, tickSize }: { readonly midTicks: number; readonly shift: number; readonly tickSize: string },
	{ typicalQty: qty }: { readonly typicalQty: string },
): readonly WorkQuote[] {
	const decimals = tickSize.split('.')[1]?.length ?? 0;
	const priceAt = (ticks: number): string => (Math.round(ticks) * Number(tickSize)).toFixed(decimals);
	return Array.from({ length: LEVELS }, (_, level) => {
		const distance = NEAREST + level * LEVEL_STEP + shift;
		return [
			{ side: 'buy' as const, price: priceAt(midTicks - distance), qty },
			{ side: 'sell' as const, price: priceAt(midTicks + distance), qty },
		];
	}).flat();
}

/** An order that a client of its own bookkeeping knows to stand. */
export interface Standing {
	readonly symbol: WorkSymbol;
	readonly id: string;
	readonly quote: WorkQuote;
}

/** The bookkeeping of the clients that have none of their own: which orders stand, and what comes next. */
export class WorkSheet {
	readonly symbols: readonly WorkSymbol[];
	readonly #mark: string;
	#standing: readonly Standing[] = [];
	#ladder: 0 | 1 = 0;
	#lastId = 0;

	/** Ids begin with the mark. */
	constructor(symbols: readonly WorkSymbol[], mark: string) {
		this.symbols = symbols;
		this.#mark = mark;
	}

	/** What goes and what comes instead, in the order of the symbols; afterwards the new ones stand. */
	next(kind: Kind): { readonly gone: readonly Standing[]; readonly come: readonly Standing[] } {
		this.#ladder = this.#ladder === 0 ? 1 : 0;
		const gone = this.#standing;
		const come = this.symbols.flatMap((symbol) => symbol.ladders[this.#ladder].map((quote) => ({ symbol, quote })));
		const idOf = (at: number): string => (kind === 'requote' ? gone[at]?.id : undefined) ?? this.#newId();
		this.#standing = come.map((each, at) => ({ ...each, id: idOf(at) }));
		return { gone, come: this.#standing };
	}

	#newId(): string {
		this.#lastId += 1;
		return `${this.#mark}${this.#lastId}`;
	}
}

export function inBatches<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
	const batches: (readonly Item[])[] = [];
	for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
	return batches;
}
