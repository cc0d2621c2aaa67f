/**
 * The candle topics: the running candle about once a second while it changes, and once more with `confirm` when it is
 * done. What a candle says is the tape's business, so it is what REST says. Nothing is sent before a symbol's first
 * trade.
 */

import { Pace } from '../pace.ts';
import { candleSpan, type Span } from './calendar.ts';
import type { Candle } from './minutes.ts';
import { money } from './printing.ts';
import type { Tape } from './tape.ts';
import type { TopicStream } from './ws-stream.ts';

const PUSH_MS = 1_000;

export class KlineStream implements TopicStream {
	readonly #tape: Tape;
	readonly #topic: string;
	readonly #interval: string;
	readonly #pace = new Pace(PUSH_MS);
	/** Of the running candle, as far as it has been told. */
	#span: Span = { startMs: 0, nextMs: 0 };
	#changed = false;

	constructor(tape: Tape, topic: string, interval: string) {
		this.#tape = tape;
		this.#topic = topic;
		this.#interval = interval;
	}

	start(nowMs: number, alone: boolean): string | null {
		if (alone) {
			this.#span = candleSpan(this.#interval, nowMs);
			this.#changed = false;
		}
		const candle = this.#tape.minutes.candle(this.#span);
		return candle === null ? null : this.#frame(candle, nowMs, false);
	}

	trade(): void {
		this.#changed = true;
	}

	due(nowMs: number): readonly string[] {
		const frames = this.#close(nowMs);
		if (!this.#changed || !this.#pace.reached(nowMs)) return frames;
		this.#changed = false;
		const candle = this.#tape.minutes.candle(this.#span);
		return candle === null ? frames : [...frames, this.#frame(candle, nowMs, false)];
	}

	/** Ends a candle whose time is over; of several that passed without a tick only the last is begun. */
	#close(nowMs: number): readonly string[] {
		if (nowMs < this.#span.nextMs) return [];
		const done = this.#tape.minutes.candle(this.#span);
		const frames = done === null ? [] : [this.#frame(done, nowMs, true)];
		this.#span = candleSpan(this.#interval, nowMs);
		this.#changed = true;
		return frames;
	}

	#frame(candle: Candle, nowMs: number, confirm: boolean): string {
		const { price, qty } = this.#tape.listing;
		const row = {
			start: candle.startMs,
			end: this.#span.nextMs - 1,
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
