/**
 * Candles of a symbol, for the past: kept by the minute from its trades and added up to whatever interval is asked
 * for. Bounded to two weeks of minutes; the oldest are dropped. A time without trades is a flat candle at the last
 * price; before the first trade there is none.
 */
import type { PublicTrade } from '../core/views.ts';
import { candleSpan, type Span } from './ws-calendar.ts';

const MINUTES_KEPT = 20_160;

export interface Kline {
	readonly startMs: number;
	openTicks: number;
	highTicks: number;
	lowTicks: number;
	closeTicks: number;
	volumeLots: number;
	turnoverAtoms: bigint;
}

export class KlineStore {
	#minutes: Kline[] = [];

	add(trade: PublicTrade, valueAtoms: bigint): void {
		const { startMs } = candleSpan('1', trade.atMs);
		let minute = this.#minutes.at(-1);
		if (minute === undefined || minute.startMs < startMs) {
			minute = flat(startMs, trade.priceTicks);
			this.#minutes.push(minute);
			if (this.#minutes.length >= 2 * MINUTES_KEPT) this.#minutes = this.#minutes.slice(-MINUTES_KEPT);
		}
		minute.highTicks = Math.max(minute.highTicks, trade.priceTicks);
		minute.lowTicks = Math.min(minute.lowTicks, trade.priceTicks);
		minute.closeTicks = trade.priceTicks;
		minute.volumeLots += trade.qtyLots;
		minute.turnoverAtoms += valueAtoms;
	}

	/** The latest `limit` candles that begin within the two instants, newest first; the first one may be unfinished. */
	list(interval: string, { fromMs, toMs, limit }: { fromMs: number; toMs: number; limit: number }): readonly Kline[] {
		const first = this.#minutes[0];
		if (first === undefined) return [];
		const oldestMs = Math.max(fromMs, candleSpan(interval, first.startMs).startMs);
		const spans: Span[] = [];
		let span = candleSpan(interval, Math.max(0, toMs));
		while (spans.length < limit && span.startMs >= oldestMs) {
			spans.push(span);
			span = candleSpan(interval, span.startMs - 1);
		}
		return this.#fill(spans.reverse()).reverse();
	}

	/** Both the spans and the minutes rise, so each minute is looked at once. */
	#fill(spans: readonly Span[]): Kline[] {
		const filled: Kline[] = [];
		let index = 0;
		let lastTicks = 0;
		for (const { startMs, nextMs } of spans) {
			let candle: Kline | null = null;
			for (let minute = this.#minutes[index]; minute !== undefined && minute.startMs < nextMs; minute = this.#minutes[index]) {
				if (minute.startMs >= startMs) candle = merged(candle, minute, startMs);
				lastTicks = minute.closeTicks;
				index += 1;
			}
			filled.push(candle ?? flat(startMs, lastTicks));
		}
		return filled;
	}
}

function merged(candle: Kline | null, minute: Kline, startMs: number): Kline {
	if (candle === null) return { ...minute, startMs };
	candle.highTicks = Math.max(candle.highTicks, minute.highTicks);
	candle.lowTicks = Math.min(candle.lowTicks, minute.lowTicks);
	candle.closeTicks = minute.closeTicks;
	candle.volumeLots += minute.volumeLots;
	candle.turnoverAtoms += minute.turnoverAtoms;
	return candle;
}

function flat(startMs: number, ticks: number): Kline {
	return { startMs, openTicks: ticks, highTicks: ticks, lowTicks: ticks, closeTicks: ticks, volumeLots: 0, turnoverAtoms: 0n };
}
