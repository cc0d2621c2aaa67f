/** The form in which both tables of refusals are written. */
import type { FailureClass } from '../../domain/outcome.ts';

export interface ErrorRow {
	readonly code: number;
	readonly meaning: string;
	readonly order: FailureClass;
	/** "No such order" on a cancel, an amend or a query: no proof of how it ended (F21, F23). */
	readonly gone?: true;
}

/** One code that says many things: what it means stands in its text, of which this is the beginning. */
export type TextRow = Omit<ErrorRow, 'code'> & { readonly text: string };

export type Plain = readonly [code: number, meaning: string];

export function all(order: FailureClass, rows: readonly Plain[]): ErrorRow[] {
	return rows.map(([code, meaning]) => ({ code, meaning, order }));
}
