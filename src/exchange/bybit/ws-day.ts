/**
 * What a symbol traded in the last 24 hours, for tickers: first, highest and lowest price, volume and turnover, kept by
 * the minute. Bounded: one row a minute, the oldest dropped.
 */
import type { PublicTrade } from '../core/views.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

interface Minute {
	readonly startMs: number;
	readonly openTicks: number;
	closeTicks: number;
	highTicks: number;
	lowTicks: number;
	volumeLots: number;
	turnoverAtoms: bigint;
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

const NOTHING: DayView = { highTicks: 0, lowTicks: 0, dayAgoTicks: 0, hourAgoTicks: 0, volumeLots: 0, turnoverAtoms: 0n };

export class TradingDay {
	readonly #minutes: Minute[] = [];
	/** Last price before the oldest row. */
	#beforeTicks = 0;
	#view: DayView | null = null;
	#viewedMinute = -1;

	apply(trade: PublicTrade, valueAtoms: bigint): void {
		const startMs = Math.floor(trade.atMs / MINUTE_MS) * MINUTE_MS;
		let minute = this.#minutes.at(-1);
		if (minute === undefined || minute.startMs < startMs) {
			const { priceTicks } = trade;
			minute = {
				startMs,
				openTicks: priceTicks,
				closeTicks: priceTicks,
				highTicks: priceTicks,
				lowTicks: priceTicks,
				volumeLots: 0,
				turnoverAtoms: 0n,
			};
			this.#minutes.push(minute);
		}
		minute.closeTicks = trade.priceTicks;
		minute.highTicks = Math.max(minute.highTicks, trade.priceTicks);
		minute.lowTicks = Math.min(minute.lowTicks, trade.priceTicks);
		minute.volumeLots += trade.qtyLots;
		minute.turnoverAtoms += valueAtoms;
		this.#view = null;
	}

	view(nowMs: number): DayView {
		const minuteNo = Math.floor(nowMs / MINUTE_MS);
		if (this.#view !== null && this.#viewedMinute === minuteNo) return this.#view;
		this.#forget(nowMs - DAY_MS);
		this.#viewedMinute = minuteNo;
		this.#view = this.#sum(nowMs);
		return this.#view;
	}

	#forget(olderThanMs: number): void {
		let count = 0;
		for (const minute of this.#minutes) {
			if (minute.startMs >= olderThanMs) break;
			this.#beforeTicks = minute.closeTicks;
			count += 1;
		}
		if (count > 0) this.#minutes.splice(0, count);
	}

	#sum(nowMs: number): DayView {
		const first = this.#minutes[0];
		if (first === undefined) {
			const ticks = this.#beforeTicks;
			return ticks === 0 ? NOTHING : { ...NOTHING, highTicks: ticks, lowTicks: ticks, dayAgoTicks: ticks, hourAgoTicks: ticks };
		}
		const dayAgoTicks = this.#beforeTicks === 0 ? first.openTicks : this.#beforeTicks;
		let hourAgoTicks = dayAgoTicks;
		let highTicks = first.highTicks;
		let lowTicks = first.lowTicks;
		let volumeLots = 0;
		let turnoverAtoms = 0n;
		for (const minute of this.#minutes) {
			if (minute.startMs < nowMs - HOUR_MS) hourAgoTicks = minute.closeTicks;
			highTicks = Math.max(highTicks, minute.highTicks);
			lowTicks = Math.min(lowTicks, minute.lowTicks);
			volumeLots += minute.volumeLots;
			turnoverAtoms += minute.turnoverAtoms;
		}
		return { highTicks, lowTicks, dayAgoTicks, hourAgoTicks, volumeLots, turnoverAtoms };
	}
}
