/**
 * The trades of a symbol, added up by the minute: all candles, finished and running, and the figures of the last day
 * come from here, whoever shows them. Bounded to two weeks of minutes with trades; the oldest are dropped. A candle
 * opens where the one before it closed, as the venue's do, and a time without trades is flat; before the first trade
 * there is nothing.
 */

import type { PublicTrade } from '../core/views.ts';
import { firstFrom } from '../first-from.ts';
import { candleSpan, type Span } from './calendar.ts';

const MINUTES_KEPT = 20_160;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** High and low are of its trades alone; a candle counts its opening price too. */
interface Minute {
	readonly startMs: number;
	readonly openTicks: number;
	highTicks: number;
	lowTicks: number;
	closeTicks: number;
	volumeLots: number;
	turnoverAtoms: bigint;
	/** Of the last trade in it. */
	atMs: number;
}

export interface Candle {
	readonly startMs: number;
	readonly openTicks: number;
	readonly highTicks: number;
	readonly lowTicks: number;
	readonly closeTicks: number;
	readonly volumeLots: number;
	readonly turnoverAtoms: bigint;
	/** Of the last trade in it; where there was none, its beginning. */
	readonly atMs: number;
}

/** Prices are 0 before the first trade. */
export interface DayView {
	readonly highTicks: number;
	readonly lowTicks: number;
	/** The price of a day ago, or of the first trade if that is younger. */
	readonly dayAgoTicks: number;
	readonly hourAgoTicks: number;
	readonly volumeLots: number;
	readonly turnoverAtoms: bigint;
}

/** What the minutes of a day add up to but for its last one, which alone may change still. */
interface Finished extends Pick<DayView, 'highTicks' | 'lowTicks' | 'volumeLots' | 'turnoverAtoms'> {
	readonly first: Minute;
	readonly last: Minute;
}

const NOTHING: DayView = { highTicks: 0, lowTicks: 0, dayAgoTicks: 0, hourAgoTicks: 0, volumeLots: 0, turnoverAtoms: 0n };

export class Minutes {
	#rows: Minute[] = [];
	#day: DayView | null = null;
	/** The minute in which the day was last added up: its window moves by whole minutes. */
	#dayMinuteMs = -1;
	#finished: Finished | null = null;

	add(trade: PublicTrade, valueAtoms: bigint): void {
		const { priceTicks, qtyLots, atMs } = trade;
		const minute = this.#minuteOf(trade);
		minute.highTicks = Math.max(minute.highTicks, priceTicks);
		minute.lowTicks = Math.min(minute.lowTicks, priceTicks);
		minute.closeTicks = priceTicks;
		minute.volumeLots += qtyLots;
		minute.turnoverAtoms += valueAtoms;
		minute.atMs = Math.max(minute.atMs, atMs);
		this.#day = null;
	}

	/** The candle of a span, which may be running still. */
	candle({ startMs, nextMs }: Span): Candle | null {
		const next = firstFrom(this.#rows, nextMs);
		const first = firstFrom(this.#rows, startMs);
		if (next === 0) return null;
		if (first === next) return flat(startMs, this.#rows[first - 1]?.closeTicks ?? 0);
		return merged(this.#rows.slice(first, next), startMs);
	}

	/** The latest `limit` candles that begin within the two instants, newest first; the first one may be unfinished. */
	list(
		interval: string,
		{ fromMs, toMs, limit }: { readonly fromMs: number; readonly toMs: number; readonly limit: number },
	): readonly Candle[] {
		const candles: Candle[] = [];
		let span = candleSpan(interval, Math.max(0, toMs));
		while (candles.length < limit && span.startMs >= fromMs) {
			const candle = this.candle(span);
			if (candle === null) break;
			candles.push(candle);
			span = candleSpan(interval, span.startMs - 1);
		}
		return candles;
	}

	day(nowMs: number): DayView {
		const minuteMs = candleSpan('1', nowMs).startMs;
		if (this.#day === null || this.#dayMinuteMs !== minuteMs) this.#day = this.#addUpDay(minuteMs);
		this.#dayMinuteMs = minuteMs;
		return this.#day;
	}

	#minuteOf({ atMs, priceTicks }: PublicTrade): Minute {
		const { startMs } = candleSpan('1', atMs);
		const last = this.#rows.at(-1);
		if (last !== undefined && last.startMs >= startMs) return last;
		const minute: Minute = {
			startMs,
			openTicks: last?.closeTicks ?? priceTicks,
			highTicks: priceTicks,
			lowTicks: priceTicks,
			closeTicks: priceTicks,
			volumeLots: 0,
			turnoverAtoms: 0n,
			atMs,
		};
		this.#rows.push(minute);
		if (this.#rows.length >= 2 * MINUTES_KEPT) this.#rows = this.#rows.slice(-MINUTES_KEPT);
		return minute;
	}

	#addUpDay(minuteMs: number): DayView {
		const begin = firstFrom(this.#rows, minuteMs - DAY_MS);
		const first = this.#rows[begin];
		const last = this.#rows.at(-1);
		if (first === undefined || last === undefined) {
			const ticks = last?.closeTicks ?? 0;
			return ticks === 0 ? NOTHING : { ...NOTHING, highTicks: ticks, lowTicks: ticks, dayAgoTicks: ticks, hourAgoTicks: ticks };
		}
		let finished = this.#finished;
		if (finished?.first !== first || finished.last !== last) finished = addUp(this.#rows.slice(begin, -1), first, last);
		this.#finished = finished;
		const hourAgoTicks = this.#rows[firstFrom(this.#rows, minuteMs - HOUR_MS) - 1]?.closeTicks ?? first.openTicks;
		return {
			highTicks: Math.max(finished.highTicks, last.highTicks),
			lowTicks: Math.min(finished.lowTicks, last.lowTicks),
			dayAgoTicks: first.openTicks,
			hourAgoTicks,
			volumeLots: finished.volumeLots + last.volumeLots,
			turnoverAtoms: finished.turnoverAtoms + last.turnoverAtoms,
		};
	}
}

function addUp(rows: readonly Minute[], first: Minute, last: Minute): Finished {
	let { highTicks, lowTicks } = first;
	let volumeLots = 0;
	let turnoverAtoms = 0n;
	for (const row of rows) {
		highTicks = Math.max(highTicks, row.highTicks);
		lowTicks = Math.min(lowTicks, row.lowTicks);
		volumeLots += row.volumeLots;
		turnoverAtoms += row.turnoverAtoms;
	}
	return { first, last, highTicks, lowTicks, volumeLots, turnoverAtoms };
}

function merged(rows: readonly Minute[], startMs: number): Candle {
	const openTicks = rows[0]?.openTicks ?? 0;
	let [highTicks, lowTicks, closeTicks] = [openTicks, openTicks, openTicks];
	let volumeLots = 0;
	let turnoverAtoms = 0n;
	let atMs = startMs;
	for (const row of rows) {
		highTicks = Math.max(highTicks, row.highTicks);
		lowTicks = Math.min(lowTicks, row.lowTicks);
		closeTicks = row.closeTicks;
		volumeLots += row.volumeLots;
		turnoverAtoms += row.turnoverAtoms;
		atMs = Math.max(atMs, row.atMs);
	}
	return { startMs, openTicks, highTicks, lowTicks, closeTicks, volumeLots, turnoverAtoms, atMs };
}

function flat(startMs: number, ticks: number): Candle {
	const prices = { openTicks: ticks, highTicks: ticks, lowTicks: ticks, closeTicks: ticks };
	return { startMs, ...prices, volumeLots: 0, turnoverAtoms: 0n, atMs: startMs };
}
