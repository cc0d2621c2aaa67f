/** One symbol in decimal text, as programs of somebody's own write and read it: prices, quantities, books and orders. */
import type { BookView } from '../domain/book.ts';
import type { GridRefusal } from '../domain/grid.ts';
import { type Category, type Instrument, parsePrice, parseQty, printPrice, printQty } from '../domain/instrument.ts';
import { printMoney } from '../domain/money.ts';
import type { Order } from '../domain/order.ts';
import type { OrderState } from '../domain/order-life.ts';
import type { Side } from '../domain/side.ts';
import type { Lots, Ticks } from '../domain/units.ts';

/** What the venue demands of orders in a symbol. */
export interface SymbolRules {
	readonly symbol: string;
	readonly category: Category;
	/** Prices are multiples of it. */
	readonly tickSize: string;
	/** Quantities are multiples of it. */
	readonly lotSize: string;
	readonly qtyMin: string;
	readonly qtyMax: string;
	/** Price times quantity of an order, at least. */
	readonly notionalMin: string;
}

export interface BookRow {
	readonly price: string;
	readonly qty: string;
	/** How much of `qty` may be orders of this app. */
	readonly own: string;
}

export interface OpenOrder {
	readonly clientOrderId: string;
	readonly symbol: string;
	readonly side: Side;
	readonly state: OrderState;
	readonly price: string;
	/** In total, with what is filled. */
	readonly qty: string;
	readonly filled: string;
	/** Why it ended or is in doubt, where anybody said. */
	readonly reason: string | undefined;
}

/** Plain decimal text, or a number that prints as such; nothing is rounded unless it is asked for. */
export type Amount = string | number;

/** Towards zero, away from it, or to the nearer of the two. */
export type RoundTo = 'down' | 'up' | 'nearest';

export function rulesOf(instrument: Instrument): SymbolRules {
	const { symbol, category, priceGrid, qtyGrid, qtyLotsMin, qtyLotsMax, notionalMin } = instrument;
	return {
		symbol,
		category,
		tickSize: priceGrid.step,
		lotSize: qtyGrid.step,
		qtyMin: printQty(instrument, qtyLotsMin),
		qtyMax: printQty(instrument, qtyLotsMax),
		notionalMin: printMoney(notionalMin),
	};
}

export function orderText(order: Order): OpenOrder {
	const { orderId, instrument, side, state, priceTicks, qtyLots, filledLots, reason } = order;
	return {
		clientOrderId: orderId,
		symbol: instrument.symbol,
		side,
		state,
		price: printPrice(instrument, priceTicks),
		qty: printQty(instrument, qtyLots),
		filled: printQty(instrument, filledLots),
		reason,
	};
}

/** The best rows of one side, from the touch outwards. */
export function rowsOf(
	instrument: Instrument,
	shown: { readonly book: BookView; readonly side: Side; readonly rowsMax: number; ownLotsAt(side: Side, price: Ticks): number },
): readonly BookRow[] {
	const { book, side, rowsMax } = shown;
	const isBuy = side === 'buy';
	const count = Math.min(rowsMax, isBuy ? book.bidCount : book.askCount);
	return Array.from({ length: count }, (_, at) => {
		const price = isBuy ? book.bidTicksAt(at) : book.askTicksAt(at);
		return {
			price: printPrice(instrument, price),
			qty: printQty(instrument, isBuy ? book.bidLotsAt(at) : book.askLotsAt(at)),
			own: printQty(instrument, shown.ownLotsAt(side, price) as Lots),
		};
	});
}

export function priceTicksOf(instrument: Instrument, price: Amount): Ticks {
	const parsed = parsePrice(instrument, String(price));
	if (parsed.kind === 'ok') return parsed.value;
	throw refused(`price of ${instrument.symbol}`, price, instrument.priceGrid.step, parsed.reason);
}

export function qtyLotsOf(instrument: Instrument, qty: Amount): Lots {
	const parsed = parseQty(instrument, String(qty));
	if (parsed.kind === 'ok') return parsed.value;
	throw refused(`quantity of ${instrument.symbol}`, qty, instrument.qtyGrid.step, parsed.reason);
}

export function roundedPrice(instrument: Instrument, price: number, to: RoundTo): string {
	return printPrice(instrument, countOf(instrument.priceGrid, price, to) as Ticks);
}

export function roundedQty(instrument: Instrument, qty: number, to: RoundTo): string {
	return printQty(instrument, countOf(instrument.qtyGrid, qty, to) as Lots);
}

/** Of a step: what a float lacks of a whole step is taken for the noise of whatever was calculated before. */
const NOISE = 1e-6;

function countOf({ stepUnits, scale }: Instrument['priceGrid'], value: number, to: RoundTo): number {
	const steps = (value * 10 ** scale) / stepUnits;
	const count = to === 'down' ? Math.floor(steps + NOISE) : to === 'up' ? Math.ceil(steps - NOISE) : Math.round(steps);
	if (Number.isSafeInteger(count) && count >= 0) return Math.abs(count);
	throw new RangeError(`${value} cannot be rounded to a price or quantity: expected a number from 0 up that is not too large`);
}

const SENTENCES: Record<GridRefusal, (step: string) => string> = {
	'not-a-decimal': () => "expected plain decimal text, such as '64000.5'",
	negative: () => 'it may not be negative',
	'off-grid': (step) => `it must be a multiple of ${step}; round it with roundPrice or roundQty`,
	'too-large': () => 'it is too large',
};

function refused(what: string, found: Amount, step: string, reason: GridRefusal): RangeError {
	return new RangeError(`the ${what} is '${found}': ${SENTENCES[reason](step)}`);
}
