/**
 * Remembers which facts have been counted, so that a stream that repeats itself after a reconnect or a restart moves
 * nothing twice. Memory is bounded: past the bound the oldest facts, by the venue's own time, are forgotten, and the
 * newest forgotten time becomes a horizon. Whatever is at or behind the horizon and not remembered may be new or may be
 * a repeat: nobody can tell, so it is answered `beyondMemory`, never guessed at.
 *
 * Ids are kept as they came, since others keep them, too: a text made of them would be kept beside them, for each of tens
 * of thousands of fills.
 */
import type { Side } from '../domain/side.ts';
import type { TimeMs } from '../domain/units.ts';

export type Novelty = 'new' | 'duplicate' | 'beyondMemory';

/** What an id may need beside it to name one fact. */
export type FactSide = Side | 'none';

/** Plain data, oldest first; `ids[i]` happened at `timesMs[i]`, on the side of which `sides[i]` is the first letter. */
export interface FactMemorySnapshot {
	readonly ids: readonly string[];
	readonly sides: string;
	readonly timesMs: readonly number[];
	readonly horizonMs: number;
}

/** Before any instant: nothing has been forgotten yet. */
const NO_HORIZON = -1;
const SIDES: readonly FactSide[] = ['buy', 'sell', 'none'];

export class FactMemory {
	readonly #max: number;
	readonly #known: Readonly<Record<FactSide, Set<string>>> = { buy: new Set(), sell: new Set(), none: new Set() };
	/** Parallel arrays sorted by time. Facts come nearly in order, so a new one goes in at or close to the end. */
	readonly #ids: string[] = [];
	readonly #sides: FactSide[] = [];
	readonly #timesMs: number[] = [];
	#horizonMs = NO_HORIZON;

	constructor(max: number) {
		if (!Number.isSafeInteger(max) || max < 1) throw new RangeError(`a memory holds at least one fact, found ${max}`);
		this.#max = max;
	}

	static restore(max: number, snapshot: FactMemorySnapshot): FactMemory {
		const memory = new FactMemory(max);
		memory.#horizonMs = snapshot.horizonMs;
		snapshot.ids.forEach((id, i) => {
			const atMs = snapshot.timesMs[i];
			if (atMs === undefined) throw new RangeError(`fact ${id} has no time in the snapshot`);
			const side = SIDES.find((each) => each[0] === snapshot.sides[i]);
			if (side === undefined) throw new RangeError(`fact ${id} has no side in the snapshot`);
			memory.#insert({ id, atMs, side });
		});
		return memory;
	}

	/** `new` means: count it, it is remembered from now on. On any other answer nothing has changed. */
	take(id: string, atMs: TimeMs, side: FactSide = 'none'): Novelty {
		if (this.#known[side].has(id)) return 'duplicate';
		if (atMs <= this.#horizonMs) return 'beyondMemory';
		this.#insert({ id, atMs, side });
		return 'new';
	}

	/** The newest instant among the facts, from where a gap must be filled; undefined before the first one. */
	get newestMs(): TimeMs | undefined {
		return this.#timesMs.at(-1) as TimeMs | undefined;
	}

	snapshot(): FactMemorySnapshot {
		return Object.freeze({
			ids: Object.freeze([...this.#ids]),
			sides: this.#sides.map((side) => side[0]).join(''),
			timesMs: Object.freeze([...this.#timesMs]),
			horizonMs: this.#horizonMs,
		});
	}

	#insert({ id, atMs, side }: { readonly id: string; readonly atMs: number; readonly side: FactSide }): void {
		let at = this.#timesMs.length;
		while (at > 0 && (this.#timesMs[at - 1] ?? 0) > atMs) at -= 1;
		this.#known[side].add(id);
		this.#ids.splice(at, 0, id);
		this.#sides.splice(at, 0, side);
		this.#timesMs.splice(at, 0, atMs);
		if (this.#ids.length > this.#max) this.#forgetOldest();
	}

	#forgetOldest(): void {
		const id = this.#ids.shift();
		const side = this.#sides.shift();
		const atMs = this.#timesMs.shift();
		if (id === undefined || side === undefined || atMs === undefined) return;
		this.#known[side].delete(id);
		this.#horizonMs = Math.max(this.#horizonMs, atMs);
	}
}
