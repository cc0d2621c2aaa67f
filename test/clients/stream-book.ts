/** A book as a client keeps it from Bybit's frames, with every state it went through, to hold against what REST says. */

export type Level = readonly [price: string, qty: string];

export interface BookFrame {
	readonly topic: string;
	readonly type: 'snapshot' | 'delta';
	readonly data: {
		readonly s: string;
		readonly b: readonly Level[];
		readonly a: readonly Level[];
		readonly u: number;
		readonly seq: number;
	};
}

export interface BookState {
	readonly u: number;
	readonly seq: number;
	readonly bids: readonly Level[];
	readonly asks: readonly Level[];
}

/** Plenty for a test of seconds. */
const STATES_KEPT = 2_000;

export class StreamBook {
	readonly #bids = new Map<string, string>();
	readonly #asks = new Map<string, string>();
	readonly #states = new Map<number, BookState>();
	readonly #gaps: string[] = [];
	#last: BookState | undefined;

	apply({ topic, type, data }: BookFrame): void {
		if (type === 'snapshot') {
			this.#bids.clear();
			this.#asks.clear();
		} else if (data.u !== (this.#last?.u ?? Number.NaN) + 1) {
			this.#gaps.push(`${topic}: u ${data.u} follows ${this.#last?.u ?? 'nothing'}`);
		}
		put(this.#bids, data.b);
		put(this.#asks, data.a);
		this.#last = {
			u: data.u,
			seq: data.seq,
			bids: [...this.#bids].sort(([left], [right]) => Number(right) - Number(left)),
			asks: [...this.#asks].sort(([left], [right]) => Number(left) - Number(right)),
		};
		this.#states.set(data.seq, this.#last);
		if (this.#states.size > STATES_KEPT) this.#states.delete(this.#states.keys().next().value ?? 0);
	}

	get last(): BookState | undefined {
		return this.#last;
	}

	/** Deltas that did not follow the message before them. */
	get gaps(): readonly string[] {
		return this.#gaps;
	}

	/** As it stood after the frame with this sequence, if there was one. */
	at(seq: number): BookState | undefined {
		return this.#states.get(seq);
	}
}

function put(side: Map<string, string>, levels: readonly Level[]): void {
	for (const [price, qty] of levels) {
		if (Number(qty) === 0) side.delete(price);
		else side.set(price, qty);
	}
}
