/**
 * The candle topics: the running candle about once a second while it changes, and once more with `confirm` when it is
 * done. A candle without trades is flat at the last price. Nothing is sent before a symbol's first trade.
 */
import type { PublicTrade } from '../core/views.ts';
import { money } from './printing.ts';
import { candleSpan, type Span } from './ws-calendar.ts';
import { Pace, type TopicStream } from './ws-stream.ts';
import type { Tape, TapedTrade } from './ws-tape.ts';

const PUSH_MS = 1_000;

interface Candle extends Span {
	readonly openTicks: number;
	closeTicks: number;
	highTicks: number;
	lowTicks: number;
	volumeLots: number;
	turnoverAtoms: bigint;
	/** Of the last trade in it. */
	atMs: number;
}

export class KlineStream implements TopicStream {
	readonly #tape: Tape;
	readonly #topic: string;
	readonly #interval: string;
	readonly #pace = new Pace(PUSH_MS);
	#candle: Candle | null = null;
	#changed = false;

	constructor(tape: Tape, topic: string, interval: string) {
		this.#tape = tape;
		this.#topic = topic;
		this.#interval = interval;
	}

	start(nowMs: number, alone: boolean): string | null {
		if (alone) this.#replay();
		this.#close(nowMs);
		return this.#candle === null ? null : this.#frame(this.#candle, nowMs, false);
	}

	trade({ trade }: TapedTrade): void {
		this.#add(trade);
	}

	due(nowMs: number): readonly string[] {
		const frames = this.#close(nowMs);
		if (this.#candle === null || !this.#changed || !this.#pace.reached(nowMs)) return frames;
		this.#changed = false;
		return [...frames, this.#frame(this.#candle, nowMs, false)];
	}

	/** What the exchange still remembers of the running candle, from before anybody listened. */
	#replay(): void {
		this.#candle = null;
		for (const trade of this.#tape.venue.exchange.trades(this.#tape.shown.exchangeKey)) this.#add(trade);
	}

	#add(trade: PublicTrade): void {
		const { priceTicks, qtyLots, atMs } = trade;
		if (this.#candle === null || atMs >= this.#candle.nextMs) {
			this.#candle = flat(candleSpan(this.#interval, atMs), this.#candle?.closeTicks ?? priceTicks);
		}
		const candle = this.#candle;
		candle.closeTicks = priceTicks;
		candle.highTicks = Math.max(candle.highTicks, priceTicks);
		candle.lowTicks = Math.min(candle.lowTicks, priceTicks);
		candle.volumeLots += qtyLots;
		candle.turnoverAtoms += this.#tape.listing.valueAtoms(priceTicks, qtyLots);
		candle.atMs = Math.max(candle.atMs, atMs);
		this.#changed = true;
	}

	/** Ends a candle whose time is over; of several that passed without a trade only the last is begun. */
	#close(nowMs: number): readonly string[] {
		const candle = this.#candle;
		if (candle === null || nowMs < candle.nextMs) return [];
		this.#candle = flat(candleSpan(this.#interval, nowMs), candle.closeTicks);
		this.#changed = true;
		return [this.#frame(candle, nowMs, true)];
	}

	#frame(candle: Candle, nowMs: number, confirm: boolean): string {
		const { price, qty } = this.#tape.listing;
		const row = {
			start: candle.startMs,
			end: candle.nextMs - 1,
			interval: this.#interval,
			open: price.format(candle.openTicks),
			close: price.format(candle.closeTicks),
			high: price.format(candle.highTicks),
			low: price.format(candle.lowTicks),
			volume: qty.format(candle.volumeLots),
			turnover: money(candle.turnoverAtoms),
			confirm,
			timestamp: candle.atMs,
		};
		return JSON.stringify({ topic: this.#topic, type: 'snapshot', ts: nowMs, data: [row] });
	}
}

function flat(span: Span, ticks: number): Candle {
	const turnoverAtoms = 0n;
	return {
		...span,
		openTicks: ticks,
		closeTicks: ticks,
		highTicks: ticks,
		lowTicks: ticks,
		volumeLots: 0,
		turnoverAtoms,
		atMs: span.startMs,
	};
}
