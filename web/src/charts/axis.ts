/** What a chart runs over. Pure. */
import { timeOfDay } from '../format.ts';

export type Axis =
	| { readonly kind: 'time' }
	/** By powers of ten, with these ticks. */
	| { readonly kind: 'powers'; readonly head: string; readonly unit: string; readonly ticks: readonly number[] };

export function labelled(axis: Axis, value: number): string {
	return axis.kind === 'time' ? timeOfDay(value) : `${value} ${axis.unit}`;
}

/** Seconds only where ticks are closer than a minute, since there is little room. */
export function tickLabel(axis: Axis, value: number, distance: number): string {
	const text = labelled(axis, value);
	return axis.kind === 'time' && distance >= 60_000 ? text.slice(0, 5) : text;
}

const TABLE_ROWS_MAX = 30;

/** Which rows stand in the table of a long series: evenly, always with the last, newest first. */
export function everyRow(length: number): number[] {
	const stride = Math.max(1, Math.ceil(length / TABLE_ROWS_MAX));
	const rows: number[] = [];
	for (let row = length - 1; row >= 0; row -= stride) rows.push(row);
	return rows;
}
