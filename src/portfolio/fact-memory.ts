/**
 * Remembers which facts have been counted, so that a stream that repeats itself after a reconnect or a restart moves
 * nothing twice. Memory is bounded: past the bound the oldest facts, by the venue's own time, are forgotten, and the
 * newest forgotten time becomes a horizon. Whatever is at or behind the horizon and not remembered may be new or may be
 * a repeat: nobody can tell, so it is answered `beyondMemory`, never guessed at.
 */
import type { TimeMs } from '../domain/units.ts';

export type Novelty = 'new' | 'duplicate' | 'beyondMemory';

/** Plain data, oldest first; `ids[i]` happened at `timesMs[i]`. */
export interface FactMemorySnapshot {
	readonly ids: readonly string[];
	readonly timesMs: readonly number[];
	readonly horizonMs: number;
}

/** Before any instant: nothing has been forgotten yet. */
const NO_HORIZON = -1;

export class FactMemory {
	readonly #max: number;
	readonly #known = new Set<string>();
	/** Two parallel arrays sorted by time. Facts come nearly in order, so a new one goes in at or close to the end. */
	readonly #ids: string[] = [];
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
			memory.#insert(id, atMs);
		});
		return memory;
	}

	/** `new` means: count it, it is remembered from now on. On any other answer nothing has changed. */
	take(id: string, atMs: TimeMs): Novelty {
		if (this.#known.has(id)) return 'duplicate';
		if (atMs <= this.#horizonMs) return 'beyondMemory';
		this.#insert(id, atMs);
		return 'new';
	}

	/** The newest instant among the facts, from where a gap must be filled; undefined before the first one. */
	get newestMs(): TimeMs | undefined {
		return this.#timesMs.at(-1) as TimeMs | undefined;
	}

	snapshot(): FactMemorySnapshot {
		return Object.freeze({
			ids: Object.freeze([...this.#ids]),
			timesMs: Object.freeze([...this.#timesMs]),
			horizonMs: this.#horizonMs,
		});
	}

	#insert(id: string, atMs: number): void {
		let at = this.#timesMs.length;
		while (at > 0 && (this.#timesMs[at - 1] ?? 0) > atMs) at -= 1;
		this.#known.add(id);
		this.#ids.splice(at, 0, id);
		this.#timesMs.splice(at, 0, atMs);
		if (this.#ids.length > this.#max) this.#forgetOldest();
	}

	#forgetOldest(): void {
		const id = this.#ids.shift();
		const atMs = this.#timesMs.shift();
		if (id === undefined || atMs === undefined) return;
		this.#known.delete(id);
		this.#horizonMs = Math.max(this.#horizonMs, atMs);
	}
}
