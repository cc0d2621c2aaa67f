/**
 * Pages of lists that are newest first. A cursor names the last row shown by its number, which only ever grows: rows
 * that come or go between two pages never shift the others, so none is lost or shown twice. Nothing is remembered.
 */
import { params, Refusal } from './codes.ts';
import type { Params } from './params.ts';

const CURSOR = /^pg_(\d{1,15})$/;

export interface Page<Row> {
	readonly rows: readonly Row[];
	/** '' on the last page. Letters, digits, `_` and `-` only, since some clients encode it once more. */
	readonly nextPageCursor: string;
}

export function pageOf<Row>(
	rows: readonly Row[],
	numberOf: (row: Row) => number,
	given: Params,
	sizes: { readonly preset: number; readonly most: number },
): Page<Row> | Refusal {
	const size = given.limit(sizes.preset, sizes.most);
	if (size instanceof Refusal) return size;
	const before = readCursor(given);
	if (before instanceof Refusal) return before;
	const rest = rows.filter((row) => numberOf(row) < before).sort((left, right) => numberOf(right) - numberOf(left));
	const shown = rest.slice(0, size);
	const last = shown.at(-1);
	const more = last !== undefined && rest.length > size;
	return { rows: shown, nextPageCursor: more ? `pg_${numberOf(last)}` : '' };
}

function readCursor(given: Params): number | Refusal {
	const text = given.text('cursor');
	if (text instanceof Refusal) return text;
	if (text === undefined) return Number.POSITIVE_INFINITY;
	const match = CURSOR.exec(text);
	return match === null ? params('cursor invalid') : Number(match[1]);
}
