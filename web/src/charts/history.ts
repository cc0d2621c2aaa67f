/**
 * An hour of seconds of one symbol, or of all together, kept on the page: loaded once, then lengthened by what is new.
 * Pure. Where an answer overlaps what is known it is right, and asking again changes nothing.
 */
import type { HistoryView } from '../../../src/api/types.ts';

/** What the engine keeps; the page need not keep more. */
export const SAMPLES_MAX = 3_600;
export const DEPTH_COLUMNS_MAX = 600;
const FILLS_MAX = 2_000;

const SERIES = [
	'mid',
	'fair',
	'reservation',
	'ownBid',
	'ownAsk',
	'position',
	'positionMax',
	'profit',
	'spread',
	'inventory',
	'fees',
	'funding',
] as const;

export type SeriesName = (typeof SERIES)[number];

/** From when on to ask for news. */
export function newsSince(past: HistoryView | undefined): number {
	return past?.atMs.at(-1) ?? 0;
}

/** `news` is the answer to a question for all after `sinceMs`. */
export function mergeHistory(past: HistoryView | undefined, news: HistoryView, sinceMs: number): HistoryView {
	if (past === undefined || past.symbol !== news.symbol) return news;
	const join = joiner(past.atMs, news.atMs, sinceMs, SAMPLES_MAX);
	const merged: HistoryView = {
		...news,
		atMs: join(past.atMs, news.atMs),
		fills: mergeFills(past.fills, news.fills),
		depth: mergeDepth(past.depth, news.depth, sinceMs),
	};
	for (const name of SERIES) merged[name] = join(past[name], news[name]);
	return merged;
}

/** The news has what was heard of since, whenever it happened: a fill may be told again, or late. */
function mergeFills(past: HistoryView['fills'], news: HistoryView['fills']): HistoryView['fills'] {
	const known = new Map([...past, ...news].map((fill) => [`${fill.atMs} ${fill.side} ${fill.price} ${fill.qty}`, fill]));
	return [...known.values()].toSorted((a, b) => a.atMs - b.atMs).slice(-FILLS_MAX);
}

function mergeDepth(past: HistoryView['depth'], news: HistoryView['depth'], sinceMs: number): HistoryView['depth'] {
	// Rows of another height cannot stand beside these.
	if (past.step !== news.step && news.atMs.length > 0) return news;
	const join = joiner(past.atMs, news.atMs, sinceMs, DEPTH_COLUMNS_MAX);
	return { atMs: join(past.atMs, news.atMs), low: join(past.low, news.low), step: past.step, qty: join(past.qty, news.qty) };
}

/** Joins columns as long as these two: the old ones up to and with `sinceMs`, the new ones after it, and the last `max` of both. */
function joiner(pastAtMs: readonly number[], newsAtMs: readonly number[], sinceMs: number, max: number) {
	const kept = countUpTo(pastAtMs, sinceMs);
	const begin = countUpTo(newsAtMs, sinceMs);
	return <T>(past: readonly T[], news: readonly T[]): T[] => [...past.slice(0, kept), ...news.slice(begin)].slice(-max);
}

function countUpTo(atMs: readonly number[], sinceMs: number): number {
	const index = atMs.findIndex((at) => at > sinceMs);
	return index === -1 ? atMs.length : index;
}

/** The last value that is one. */
export function lastOf(values: readonly (number | null)[]): number | null {
	return values.findLast((value) => value !== null) ?? null;
}
