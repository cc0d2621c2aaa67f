/**
 * The trades of a symbol, added up: candles of every length the venue shows, finished and running, and the figures of the
 * last day. Whole minutes are kept for two weeks of trading, seconds for an hour; the oldest are dropped. A candle opens
 * with its first trade; a time without trades is flat at the last price; before the first trade there is nothing.
 */

import type { PublicTrade } from '../core/views.ts';
import { firstFrom } from '../first-from.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** The first Monday after the epoch, which was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
const MINUTES_KEPT = 20_160;
const SECONDS_KEPT = 3_600;

/** Months have no length of their own: 0. */
const INTERVALS: Readonly<Record<string, number>> = {
	'1s': SECOND_MS,
	'1m': MINUTE_MS,
	'3m': 3 * MINUTE_MS,
	'5m': 5 * MINUTE_MS,
	'15m': 15 * MINUTE_MS,
	'30m': 30 * MINUTE_MS,
	'1h': HOUR_MS,
	'2h': 2 * HOUR_MS,
	'4h': 4 * HOUR_MS,
	'6h': 6 * HOUR_MS,
	'8h': 8 * HOUR_MS,
	'12h': 12 * HOUR_MS,
	'1d': DAY_MS,
	'3d': 3 * DAY_MS,
	'1w': WEEK_MS,
	'1M': 0,
};

export interface Candle {
	readonly startMs: number;
	/** Its last millisecond. */
	readonly endMs: number;
	readonly openTicks: number;
	readonly highTicks: number;
	readonly lowTicks: number;
	readonly closeTicks: number;
	readonly volumeLots: number;
	readonly turnoverAtoms: bigint;
	readonly tradeCount: number;
	/** Of trades whose taker bought. */
	readonly takerBuyLots: number;
	readonly takerBuyAtoms: bigint;
	/** The exchange's own numbers of its trades, '' where there was none. */
	readonly firstTradeId: string;
	readonly lastTradeId: string;
}

type Sum = { -readonly [Name in keyof Candle]: Candle[Name] };

export function isCandleInterval(text: string): boolean {
	return Object.hasOwn(INTERVALS, text);
}

/** First and last millisecond of the candle that an instant falls into, in UTC. */
export function candleSpan(interval: string, atMs: number): { readonly startMs: number; readonly endMs: number } {
	const lengthMs = INTERVALS[interval] ?? MINUTE_MS;
	if (lengthMs === 0) return monthSpan(atMs);
	const offsetMs = lengthMs === WEEK_MS ? FIRST_MONDAY_MS : 0;
	const startMs = Math.floor((atMs - offsetMs) / lengthMs) * lengthMs + offsetMs;
	return { startMs, endMs: startMs + lengthMs - 1 };
}

export class Candles {
	readonly #minutes = new Row('1m', MINUTES_KEPT);
	readonly #seconds = new Row('1s', SECONDS_KEPT);

	add(trade: PublicTrade, valueAtoms: bigint): void {
		this.#minutes.add(trade, valueAtoms);
		this.#seconds.add(trade, valueAtoms);
	}

	/** The candle that an instant falls into, null before the first trade. */
	at(interval: string, atMs: number): Candle | null {
		return this.#row(interval).sum(candleSpan(interval, atMs));
	}

	/**
	 * Oldest first: the first `limit` that begin at `fromMs` or later where that is given, else the last ones that begin at
	 * `toMs` or before.
	 */
	list(
		interval: string,
		{ fromMs, toMs, limit }: { readonly fromMs: number | undefined; readonly toMs: number; readonly limit: number },
	): readonly Candle[] {
		const found: Candle[] = [];
		const earliestMs = fromMs ?? 0;
		const lastMs = fromMs === undefined ? toMs : Math.min(toMs, this.#lastOf(interval, fromMs, limit));
		let span = candleSpan(interval, Math.max(0, lastMs));
		while (found.length < limit && span.startMs >= earliestMs) {
			const candle = this.#row(interval).sum(span);
			if (candle === null) break;
			found.push(candle);
			span = candleSpan(interval, span.startMs - 1);
		}
		return found.reverse();
	}

	/** The last twenty-four hours, to the minute; null before the first trade. */
	day(nowMs: number): Candle | null {
		return this.latest(DAY_MS, nowMs);
	}

	/** So much time before the end of the present minute; null before the first trade. */
	latest(lengthMs: number, nowMs: number): Candle | null {
		const { endMs } = candleSpan('1m', nowMs);
		return this.#minutes.sum({ startMs: endMs + 1 - lengthMs, endMs });
	}

	#row(interval: string): Row {
		return interval === '1s' ? this.#seconds : this.#minutes;
	}

	/** Where the last of so many candles begins. */
	#lastOf(interval: string, fromMs: number, limit: number): number {
		const lengthMs = INTERVALS[interval] ?? MINUTE_MS;
		const { startMs } = candleSpan(interval, fromMs);
		const firstMs = startMs >= fromMs ? startMs : startMs + (lengthMs || MONTH_MS_MAX);
		return firstMs + (limit - 1) * (lengthMs || MONTH_MS_MAX);
	}
}

const MONTH_MS_MAX = 31 * DAY_MS;

/** Sums of one length, in order, without the times in which nothing happened. */
class Row {
	readonly #interval: string;
	readonly #kept: number;
	#sums: Sum[] = [];

	constructor(interval: string, kept: number) {
		this.#interval = interval;
		this.#kept = kept;
	}

	add(trade: PublicTrade, valueAtoms: bigint): void {
		const sum = this.#sumOf(trade);
		const { priceTicks, qtyLots, takerSide, tradeId } = trade;
		sum.highTicks = Math.max(sum.highTicks, priceTicks);
		sum.lowTicks = Math.min(sum.lowTicks, priceTicks);
		sum.closeTicks = priceTicks;
		sum.volumeLots += qtyLots;
		sum.turnoverAtoms += valueAtoms;
		sum.tradeCount += 1;
		sum.lastTradeId = tradeId;
		if (takerSide === 'sell') return;
		sum.takerBuyLots += qtyLots;
		sum.takerBuyAtoms += valueAtoms;
	}

	/** Flat at the last price before it where nothing traded; null where nothing had. */
	sum({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): Candle | null {
		const begin = firstFrom(this.#sums, startMs);
		const next = firstFrom(this.#sums, endMs + 1);
		if (next === 0) return null;
		const before = this.#sums[begin - 1]?.closeTicks ?? 0;
		if (begin === next) return emptySum({ startMs, endMs }, before);
		const sum = emptySum({ startMs, endMs }, this.#sums[begin]?.openTicks ?? before);
		for (const each of this.#sums.slice(begin, next)) merge(sum, each);
		return sum;
	}

	#sumOf({ atMs, priceTicks, tradeId }: PublicTrade): Sum {
		const span = candleSpan(this.#interval, atMs);
		const last = this.#sums.at(-1);
		// Time may be set back by hand; what trades then counts where the clock had been.
		if (last !== undefined && last.startMs >= span.startMs) return last;
		const sum = { ...emptySum(span, priceTicks), firstTradeId: tradeId };
		this.#sums.push(sum);
		if (this.#sums.length >= 2 * this.#kept) this.#sums = this.#sums.slice(-this.#kept);
		return sum;
	}
}

function emptySum({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }, ticks: number): Sum {
	return {
		startMs,
		endMs,
		openTicks: ticks,
		highTicks: ticks,
		lowTicks: ticks,
		closeTicks: ticks,
		volumeLots: 0,
		turnoverAtoms: 0n,
		tradeCount: 0,
		takerBuyLots: 0,
		takerBuyAtoms: 0n,
		firstTradeId: '',
		lastTradeId: '',
	};
}

function merge(sum: Sum, part: Candle): void {
	sum.highTicks = Math.max(sum.highTicks, part.highTicks);
	sum.lowTicks = Math.min(sum.lowTicks, part.lowTicks);
	sum.closeTicks = part.closeTicks;
	sum.volumeLots += part.volumeLots;
	sum.turnoverAtoms += part.turnoverAtoms;
	sum.tradeCount += part.tradeCount;
	sum.takerBuyLots += part.takerBuyLots;
	sum.takerBuyAtoms += part.takerBuyAtoms;
	if (sum.firstTradeId === '') sum.firstTradeId = part.firstTradeId;
	sum.lastTradeId = part.lastTradeId;
}

function monthSpan(atMs: number): { readonly startMs: number; readonly endMs: number } {
	const days = Math.floor(atMs / DAY_MS);
	let startDay = 0;
	for (let month = 0; ; month += 1) {
		const nextDay = startDay + monthDays(1970 + Math.floor(month / 12), month % 12);
		if (days < nextDay) return { startMs: startDay * DAY_MS, endMs: nextDay * DAY_MS - 1 };
		startDay = nextDay;
	}
}

function monthDays(year: number, monthIndex: number): number {
	const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
	return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][monthIndex] ?? 30;
}
