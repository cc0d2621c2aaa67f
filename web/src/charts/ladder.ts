/** The book as rows of the ladder, with what is ours in each. Pure. */
import type { SymbolView } from '../../../src/api/types.ts';
import { type PriceWindow, priceOf, rowOf } from './price-window.ts';

export interface LadderRow {
	readonly price: number;
	readonly side: 'bid' | 'ask' | undefined;
	readonly qty: number;
	readonly own: number;
	/** What stands before our first order in this row, as far as anybody outside can tell. */
	readonly ahead: number | null;
	/** A wish of the strategy that does not stand in the book yet. */
	readonly wished: boolean;
}

/** Highest price first, as a ladder is read. */
export function ladderRows(view: Pick<SymbolView, 'bids' | 'asks' | 'targets'>, window: PriceWindow): LadderRow[] {
	const rows = Array.from({ length: window.rows }, (_, row) => emptyRow(priceOf(window, row)));
	for (const [side, levels] of [['bid', view.bids] as const, ['ask', view.asks] as const]) {
		for (const level of levels) {
			const row = rows[rowOf(window, level.price)];
			if (row === undefined) continue;
			row.side ??= side;
			row.qty += level.qty;
			row.own += level.own;
			if (level.ahead !== null) row.ahead = Math.max(row.ahead ?? 0, level.ahead);
		}
	}
	for (const target of view.targets) {
		const row = rows[rowOf(window, target.price)];
		if (row !== undefined && row.own === 0) row.wished = true;
	}
	return rows.reverse();
}

interface Filling {
	price: number;
	side: LadderRow['side'];
	qty: number;
	own: number;
	ahead: number | null;
	wished: boolean;
}

function emptyRow(price: number): Filling {
	return { price, side: undefined, qty: 0, own: 0, ahead: null, wished: false };
}

/** The longest bar: nearly the most in sight, so that one wall leaves the others readable. */
export function barScale(rows: readonly LadderRow[]): number {
	const quantities = rows
		.map((row) => row.qty)
		.filter((qty) => qty > 0)
		.sort((a, b) => a - b);
	return quantities[Math.floor((quantities.length - 1) * 0.95)] ?? 1;
}

/** One sentence for those who do not see the picture. */
export function ladderSentence(view: SymbolView, price: (value: number) => string): string {
	const { row } = view;
	if (row.bid === null || row.ask === null) return `${row.name}: no book.`;
	const ours = [...view.bids.map((level) => [level, 'bid'] as const), ...view.asks.map((level) => [level, 'ask'] as const)]
		.filter(([level]) => level.own > 0)
		.map(([level, side]) => {
			const ahead = level.ahead === null ? '' : `, ${level.ahead} before us`;
			return `our ${side} of ${level.own} at ${price(level.price)}${ahead}`;
		});
	const standing = ours.length === 0 ? 'we have nothing in sight' : ours.join('; ');
	return `${row.name}: best bid ${price(row.bid)}, best ask ${price(row.ask)}; ${standing}.`;
}
