/**
 * Bars out of what venues list and stream, in one form for all of them: closed ones, oldest first, each once. A list with
 * a bar that cannot be is not used at all.
 */
import { parseDecimal } from '../../domain/decimal.ts';
import { stepsToNumber } from '../../domain/grid.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { BAR_MS, type Bar, type BarsAsked, type MarketRead } from '../../domain/market-read.ts';
import type { TimeMs } from '../../domain/units.ts';
import type { StreamKline } from './stream-kline.ts';

/** Decimal text, as the venue lists them. */
export interface BarRow {
	readonly startAtMs: number;
	readonly open: string;
	readonly high: string;
	readonly low: string;
	readonly close: string;
	readonly volume: string;
}

/** A page of rows in any order: the last `limit` that begin at `beginsUntilMs` or before. */
export type ReadPage = (of: { readonly beginsUntilMs: number; readonly limit: number }) => Promise<MarketRead<readonly BarRow[]>>;

/** More than any model of ours looks back. */
const BARS_MAX = 10_000;

export interface BarsPaging {
	readonly asked: BarsAsked;
	readonly venueNowMs: number;
	readonly pageMax: number;
	readonly page: ReadPage;
}

/** Pages back until there are enough, or the venue has no more. */
export async function readBars({ asked, venueNowMs, pageMax, page }: BarsPaging): Promise<MarketRead<readonly Bar[]>> {
	const { interval, count, endAtMs = venueNowMs } = asked;
	if (!Number.isSafeInteger(count) || count < 1 || count > BARS_MAX) {
		return failed('fatal', `asked for ${count} bars: from 1 to ${BARS_MAX} can be read`);
	}
	const lengthMs = BAR_MS[interval];
	const bars: Bar[] = [];
	// The last one that is surely over.
	let beginsUntilMs = Math.floor((Math.min(endAtMs, venueNowMs - 1) + 1) / lengthMs) * lengthMs - lengthMs;
	while (bars.length < count) {
		const limit = Math.min(pageMax, count - bars.length);
		const read = await page({ beginsUntilMs, limit });
		if (read.kind === 'failed') return read;
		const older = barsOf(read.value, { lengthMs, beginsUntilMs });
		if (older === undefined) return failed('transient', 'the venue lists bars that cannot be');
		bars.unshift(...older.slice(-limit));
		const [first] = older;
		if (first === undefined || older.length < limit) break;
		beginsUntilMs = first.startAtMs - lengthMs;
	}
	return { kind: 'ok', value: bars };
}

/** How many calls that takes at most. */
export function pageCount(count: number, pageMax: number): number {
	return Math.max(1, Math.ceil(count / pageMax));
}

/** Of the running one or of one that has just closed. */
export function barOfKline({ priceGrid, qtyGrid }: Instrument, kline: StreamKline<string>): Bar {
	const price = (ticks: number): number => stepsToNumber(priceGrid, ticks);
	return {
		startAtMs: kline.startAtMs,
		endAtMs: kline.endAtMs,
		open: price(kline.openTicks),
		high: price(kline.highTicks),
		low: price(kline.lowTicks),
		close: price(kline.closeTicks),
		volume: stepsToNumber(qtyGrid, kline.volumeLots),
	};
}

function barsOf(
	rows: readonly BarRow[],
	{ lengthMs, beginsUntilMs }: { readonly lengthMs: number; readonly beginsUntilMs: number },
): readonly Bar[] | undefined {
	const bars: Bar[] = [];
	for (const row of rows.toSorted((a, b) => a.startAtMs - b.startAtMs)) {
		const bar = barOf(row, lengthMs);
		if (bar === undefined || bar.startAtMs === bars.at(-1)?.startAtMs) return undefined;
		if (bar.startAtMs <= beginsUntilMs) bars.push(bar);
	}
	return bars;
}

function barOf(row: BarRow, lengthMs: number): Bar | undefined {
	const [open, high, low, close, volume] = [row.open, row.high, row.low, row.close, row.volume].map(fromZero);
	if (!open || !high || !low || !close || volume === undefined || row.startAtMs % lengthMs !== 0) return undefined;
	if (high < Math.max(open, close) || low > Math.min(open, close)) return undefined;
	const { startAtMs } = row;
	return { startAtMs: startAtMs as TimeMs, endAtMs: (startAtMs + lengthMs - 1) as TimeMs, open, high, low, close, volume };
}

function fromZero(text: string): number | undefined {
	const parsed = parseDecimal(text);
	return parsed === undefined || parsed.units < 0n ? undefined : Number(text);
}

function failed(failure: 'fatal' | 'transient', sentence: string): MarketRead<never> {
	return { kind: 'failed', class: failure, sentence };
}
