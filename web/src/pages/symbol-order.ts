/** Which symbols a list shows, and in which order. Pure. */
import type { SymbolRow } from '../../../src/api/types.ts';

export const ORDERS = [
	{ value: 'name', text: 'By name' },
	{ value: 'silent', text: 'Silent sides first' },
	{ value: 'held', text: 'Most held first' },
	{ value: 'loss', text: 'Largest loss first' },
] as const;

export type Order = (typeof ORDERS)[number]['value'];

const RANK: Record<Order, (row: SymbolRow) => number> = {
	name: () => 0,
	silent: (row) => Number(row.buy.isQuoting) + Number(row.sell.isQuoting),
	held: (row) => -Math.abs(row.positionWorth),
	loss: (row) => row.profit,
};

export function shownSymbols(rows: readonly SymbolRow[], filter: string, order: Order): SymbolRow[] {
	const words = filter.toLowerCase().split(/\s+/);
	const rank = RANK[order];
	return rows
		.filter((row) => words.every((word) => `${row.id} ${row.name} ${row.venue}`.toLowerCase().includes(word)))
		.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}
