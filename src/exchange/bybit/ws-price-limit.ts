/** The price limit topic: the highest price of a buy and the lowest of a sale, told at once and whenever they move. */

import { Pace } from '../pace.ts';
import type { Tape } from './tape.ts';
import type { TopicStream } from './ws-stream.ts';

const PUSH_MS = 300;

export class PriceLimitStream implements TopicStream {
	readonly #tape: Tape;
	readonly #topic: string;
	readonly #pace = new Pace(PUSH_MS);
	#published = '';

	constructor(tape: Tape, topic: string) {
		this.#tape = tape;
		this.#topic = topic;
	}

	start(nowMs: number, alone: boolean): string {
		if (alone) this.#published = this.#data();
		return this.#frame(nowMs);
	}

	due(nowMs: number): readonly string[] {
		if (!this.#pace.reached(nowMs)) return [];
		const data = this.#data();
		if (data === this.#published) return [];
		this.#published = data;
		return [this.#frame(nowMs)];
	}

	#data(): string {
		const { shown } = this.#tape;
		return JSON.stringify({
			symbol: shown.symbol,
			buyLmt: this.#tape.limitPrice('buy'),
			sellLmt: this.#tape.limitPrice('sell'),
		});
	}

	/** Unlike other topics it has no type. */
	#frame(nowMs: number): string {
		return `{"topic":${JSON.stringify(this.#topic)},"data":${this.#published},"ts":${nowMs}}`;
	}
}
