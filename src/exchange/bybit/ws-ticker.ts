/**
 * The ticker topics. Contracts send all fields once and then only those that changed; spot sends all its fields every
 * time, and no best prices among them.
 */
import type { Tape } from './tape.ts';
import { bestFields, contractFields, dayFields, spotFields, type TickerFields } from './ticker-view.ts';
import { Pace, type TopicStream } from './ws-stream.ts';

const CONTRACT_INTERVAL_MS = 100;
const SPOT_INTERVAL_MS = 50;

export class TickerStream implements TopicStream {
	readonly #tape: Tape;
	readonly #topic: string;
	readonly #spot: boolean;
	readonly #pace: Pace;
	#published: TickerFields = {};

	constructor(tape: Tape, topic: string) {
		this.#tape = tape;
		this.#topic = topic;
		this.#spot = tape.shown.category === 'spot';
		this.#pace = new Pace(this.#spot ? SPOT_INTERVAL_MS : CONTRACT_INTERVAL_MS);
	}

	start(nowMs: number, alone: boolean): string {
		if (alone) this.#published = this.#fields(nowMs);
		return this.#frame('snapshot', nowMs, this.#published);
	}

	due(nowMs: number): readonly string[] {
		if (!this.#pace.reached(nowMs)) return [];
		const fields = this.#fields(nowMs);
		const changed = Object.entries(fields).filter(([name, text]) => this.#published[name] !== text);
		this.#published = fields;
		if (changed.length === 0) return [];
		if (this.#spot) return [this.#frame('snapshot', nowMs, fields)];
		return [this.#frame('delta', nowMs, { symbol: this.#tape.shown.symbol, ...Object.fromEntries(changed) })];
	}

	#frame(type: 'snapshot' | 'delta', nowMs: number, data: TickerFields): string {
		return JSON.stringify({ topic: this.#topic, type, data, cs: this.#tape.bookSeq, ts: nowMs });
	}

	#fields(nowMs: number): TickerFields {
		const tape = this.#tape;
		if (this.#spot) return { ...dayFields(tape, nowMs), ...spotFields(tape) };
		return { ...dayFields(tape, nowMs), ...bestFields(tape), ...contractFields(tape, nowMs), tickDirection: tape.direction };
	}
}
