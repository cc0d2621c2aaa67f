/**
 * The ticker topics. Contracts send all fields once and then only those that changed; spot sends all its fields every
 * time, and no best prices among them.
 */

import { Pace } from '../pace.ts';
import type { Tape } from './tape.ts';
import { bestFields, contractFields, dayFields, spotFields, type TickerFields } from './ticker-view.ts';
import type { TopicStream } from './ws-stream.ts';

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
		const changed: Record<string, string> = { symbol: this.#tape.shown.symbol };
		let isChanged = false;
		for (const name in fields) {
			const text = fields[name];
			if (text === undefined || this.#published[name] === text) continue;
			changed[name] = text;
			isChanged = true;
		}
		this.#published = fields;
		if (!isChanged) return [];
		return [this.#spot ? this.#frame('snapshot', nowMs, fields) : this.#frame('delta', nowMs, changed)];
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
