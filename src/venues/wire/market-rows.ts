/** What the readers of both venues have in common: books out of decimal text, rows by their symbol, reads called off. */
import type { Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import type { BookLevel, BookRead, MarketRead, PriceRead } from '../../domain/market-read.ts';
import type { TimeMs } from '../../domain/units.ts';
import { isObject } from './plain-values.ts';

export type Prices = ReadonlyMap<InstrumentIndex, MarketRead<PriceRead>>;
type Failed = Extract<MarketRead<never>, { readonly kind: 'failed' }>;

/** Text of a price that may be missing. */
export function numberOf(text: string | undefined): number {
	return text === undefined ? 0 : Number(text);
}

/** Crossed or unsorted it is nobody's book. */
export function bookOf(
	{ index }: Instrument,
	rows: {
		readonly bids: readonly (readonly [price: string, qty: string])[];
		readonly asks: readonly (readonly [price: string, qty: string])[];
		readonly depth: number;
		readonly atMs: number;
	},
): MarketRead<BookRead> {
	const [bids, asks] = [rows.bids, rows.asks].map((side) =>
		side.slice(0, rows.depth).map(([price, qty]): BookLevel => ({ price: Number(price), qty: Number(qty) })),
	);
	if (bids === undefined || asks === undefined || !isBook(bids, asks)) {
		return failed('the venue shows a book that cannot be');
	}
	return { kind: 'ok', value: { instrument: index, bids, asks, atMs: rows.atMs as TimeMs } };
}

function isBook(bids: readonly BookLevel[], asks: readonly BookLevel[]): boolean {
	// From the lowest bid to the highest ask every price is above the one before.
	const prices = [...bids.toReversed(), ...asks].map(({ price }) => price);
	return prices.every((price, at) => price > (prices[at - 1] ?? 0));
}

/** Of a list, or of the one row that was asked for. */
export function rowsBySymbol(found: unknown): ReadonlyMap<unknown, unknown> {
	const rows: readonly unknown[] = Array.isArray(found) ? found : [found];
	return new Map(rows.flatMap((row) => (isObject(row) ? [[row['symbol'], row] as const] : [])));
}

export function missingRow({ symbol }: Instrument): Failed {
	return failed(`the venue says nothing of ${symbol}`);
}

export function badRow({ symbol }: Instrument): Failed {
	return failed(`what the venue says of ${symbol} cannot be used`);
}

export function all(instruments: readonly Instrument[], read: MarketRead<PriceRead>): Prices {
	return new Map(instruments.map(({ index }) => [index, read]));
}

/** Who calls a read off hears that at once; what is still to be sent for it is not. */
export function orCalledOff<Value>(
	signal: AbortSignal | undefined,
	read: Promise<Value>,
	otherwise: (why: Failed) => Value,
): Promise<Value> {
	if (signal === undefined) return read;
	return new Promise((resolve) => {
		const onAbort = (): void => resolve(otherwise(failed('called off before there was an answer')));
		if (signal.aborted) return onAbort();
		signal.addEventListener('abort', onAbort);
		void read.then((value) => {
			signal.removeEventListener('abort', onAbort);
			resolve(value);
		});
	});
}

function failed(sentence: string): Failed {
	return { kind: 'failed', class: 'transient', sentence };
}
