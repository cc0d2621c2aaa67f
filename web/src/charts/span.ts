/** The last minutes of a history. Pure. */
import type { HistoryView } from '../../../src/api/types.ts';
import type { SeriesName } from './history.ts';

export interface Slice {
	readonly atMs: readonly number[];
	readonly of: (name: SeriesName) => readonly (number | null)[];
	readonly fills: HistoryView['fills'];
}

export function lastMinutes(history: HistoryView, minutes: number): Slice {
	const last = history.atMs.at(-1) ?? 0;
	const fromMs = last - minutes * 60_000;
	const first = history.atMs.findIndex((atMs) => atMs >= fromMs);
	const begin = first === -1 ? history.atMs.length : first;
	return {
		atMs: history.atMs.slice(begin),
		of: (name) => history[name].slice(begin),
		fills: history.fills.filter((fill) => fill.atMs >= fromMs),
	};
}
