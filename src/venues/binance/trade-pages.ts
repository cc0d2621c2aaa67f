/**
 * Our trades in one symbol since a moment, or our payments, whole or not at all (F32). The venue lists at most a day (spot) or a week
 * (futures) at once, and at most so many. Of a span with more than that it shows some in a row, and does not say from which
 * end: what lies before the first and behind the last of them is asked for again, each by itself, and what comes twice is
 * dropped by its id. Pure: the page reader and the venue's time are handed in.
 */
import { isObject, type JsonObject } from '../wire/plain-values.ts';
import type { Market } from './codec/frames.ts';
import { idText } from './codec/lossless.ts';
import type { Read, ReadFailed } from './read.ts';

export interface TradePagesAsked {
	readonly market: Market;
	readonly sinceMs: number;
	readonly venueNowMs: () => number;
	/** What tells a row from all others, as digits; undefined where it bears nothing of the kind. */
	readonly idOf: (row: JsonObject) => RowId | undefined;
	readonly page: (of: {
		readonly startTime: number;
		readonly endTime: number;
		readonly limit: number;
	}) => Promise<Read<readonly unknown[]>>;
}

export const TRADES_A_PAGE = 1_000;
const HOUR_MS = 3_600_000;
/** A little less than the venue allows: whether it counts the last millisecond is not for us to find out. */
const SPAN_MS: Record<Market, number> = { spot: 24 * HOUR_MS - 1_000, linear: 7 * 24 * HOUR_MS - 1_000 };
const PAGES_MAX = 200;

interface Span {
	readonly fromMs: number;
	readonly toMs: number;
}

export async function readTrades({
	market,
	sinceMs,
	venueNowMs,
	idOf,
	page,
}: TradePagesAsked): Promise<Read<readonly unknown[]>> {
	const rows = new Map<string, Placed>();
	const spans: Span[] = [spanFrom(Math.max(0, Math.floor(sinceMs)), market)];
	for (let count = 0; count < PAGES_MAX; count += 1) {
		const span = spans.pop();
		if (span === undefined) break;
		const { fromMs: startTime, toMs: endTime } = span;
		const askedAtMs = venueNowMs();
		const read = await page({ startTime, endTime, limit: TRADES_A_PAGE });
		if (read.kind === 'failed') return read;
		const placed = placesOf(read.value, idOf);
		if (placed === undefined) return inconclusive('a row bears no id or no time');
		for (const each of placed) rows.set(each.id, each);
		const [firstMs, lastMs] = [earliestOf(placed), latestOf(placed)];
		if (placed.length >= TRADES_A_PAGE) {
			if (firstMs === lastMs) return inconclusive('a whole page is of one millisecond');
			spans.push({ fromMs: lastMs, toMs: endTime }, { fromMs: startTime, toMs: firstMs });
		} else if (spans.length === 0) {
			// The last part of all that was asked for so far; the newest window ends behind the venue's present.
			if (endTime >= askedAtMs) return { ...read, value: inOrder(rows.values()) };
			spans.push(spanFrom(endTime + 1, market));
		}
	}
	return inconclusive(`it has more than ${PAGES_MAX} pages`);
}

function spanFrom(fromMs: number, market: Market): Span {
	return { fromMs, toMs: fromMs + SPAN_MS[market] };
}

/** `id` tells rows apart; `number` puts those of one moment in order. */
export interface RowId {
	readonly id: string;
	readonly number: string;
}

interface Placed extends RowId {
	readonly atMs: number;
	readonly row: unknown;
}

/** Undefined: one of them cannot be told from the others. */
function placesOf(rows: readonly unknown[], idOf: TradePagesAsked['idOf']): readonly Placed[] | undefined {
	const placed = rows.flatMap((row) => placeOf(row, idOf) ?? []);
	return placed.length === rows.length ? placed : undefined;
}

function earliestOf(placed: readonly Placed[]): number {
	return placed.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY);
}

function latestOf(placed: readonly Placed[]): number {
	return placed.reduce((most, { atMs }) => Math.max(most, atMs), Number.NEGATIVE_INFINITY);
}

/** Oldest first. */
function inOrder(placed: Iterable<Placed>): readonly unknown[] {
	return [...placed].sort((left, right) => left.atMs - right.atMs || compareIds(left.number, right.number)).map(({ row }) => row);
}

/** Digits of any number. */
function compareIds(left: string, right: string): number {
	return left.length - right.length || (left < right ? -1 : Number(left > right));
}

function placeOf(row: unknown, idOf: TradePagesAsked['idOf']): Placed | undefined {
	if (!isObject(row)) return undefined;
	const { time } = row;
	const id = idOf(row);
	return id !== undefined && typeof time === 'number' && Number.isSafeInteger(time) ? { ...id, atMs: time, row } : undefined;
}

export function tradeId(row: JsonObject): RowId | undefined {
	const [trade, order] = [idText(row['id']), idText(row['orderId'])];
	// Two orders of our own that meet have one trade, and it is listed for each of them.
	return trade === undefined || order === undefined ? undefined : { id: `${trade} ${order}`, number: trade };
}

/** Of money that came or went. */
export function paymentId(row: JsonObject): RowId | undefined {
	const id = idText(row['tranId']);
	return id === undefined ? undefined : { id, number: id };
}

function inconclusive(why: string): ReadFailed {
	return { kind: 'failed', class: 'transient', code: undefined, sentence: `the list cannot be used: ${why}` };
}
