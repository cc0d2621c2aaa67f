/**
 * Remembers which facts have been counted, so that a stream that repeats itself after a reconnect or a restart moves
 * nothing twice. Memory is bounded: past the bound the oldest facts, by the venue's own time, are forgotten, and the
 * newest forgotten time becomes a horizon. Whatever is at or behind the horizon and not remembered may be new or may be
 * a repeat: nobody can tell, so it is answered `beyondMemory`, never guessed at.
 *
 * Ids are kept as they came, since others keep them, too: a text made of them would be kept beside them, for each of tens
 * of thousands of fills. Facts lie in a ring that doubles until it has room for as many as the bound allows, and never
 * takes more after that. A list that is pushed to and shifted from, and a set for each side, would take half as much
 * again, or twice as much, at some moment hours after they were full.
 *
 *   │ 7 │ 8 │ 3 │ 4 │ 5 │ 6 │
 *               ▲ first, the oldest
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

interface Fact {
	readonly id: string;
	readonly atMs: number;
	readonly side: FactSide;
}

/** Before any instant: nothing has been forgotten yet. */
const NO_HORIZON = -1;
const SIDES: readonly FactSide[] = ['buy', 'sell', 'none'];
/** One each, so that one number tells on which sides an id is known. */
const BIT: Readonly<Record<FactSide, number>> = { buy: 1, sell: 2, none: 4 };
/** By bit. */
const LETTERS: readonly string[] = ['', 'b', 's', '', 'n'];
const ROOM_MIN = 16;

export class FactMemory {
	readonly #max: number;
	/** By id, the bits of the sides on which it is known. */
	readonly #known = new Map<string, number>();
	/** Rings beside each other, from `#first` on sorted by time. Facts come nearly in order: a new one goes close to the end. */
	#ids: string[] = [];
	#bits = new Uint8Array();
	#timesMs = new Float64Array();
	#first = 0;
	#count = 0;
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
		if (((this.#known.get(id) ?? 0) & BIT[side]) !== 0) return 'duplicate';
		if (atMs <= this.#horizonMs) return 'beyondMemory';
		this.#insert({ id, atMs, side });
		return 'new';
	}

	/** The newest instant among the facts, from where a gap must be filled; undefined before the first one. */
	get newestMs(): TimeMs | undefined {
		return this.#count === 0 ? undefined : (this.#timesMs[this.#place(this.#count - 1)] as TimeMs);
	}

	snapshot(): FactMemorySnapshot {
		const [ids, letters, timesMs]: [string[], string[], number[]] = [[], [], []];
		for (let after = 0; after < this.#count; after += 1) {
			const place = this.#place(after);
			ids.push(this.#ids[place] ?? '');
			letters.push(LETTERS[this.#bits[place] ?? 0] ?? '');
			timesMs.push(this.#timesMs[place] ?? 0);
		}
		const frozen = { ids: Object.freeze(ids), sides: letters.join(''), timesMs: Object.freeze(timesMs) };
		return Object.freeze({ ...frozen, horizonMs: this.#horizonMs });
	}

	#insert({ id, atMs, side }: Fact): void {
		if (this.#count === this.#max && atMs < (this.#timesMs[this.#first] ?? 0)) {
			// Older than all there is, it would be the first to go.
			this.#horizonMs = Math.max(this.#horizonMs, atMs);
			return;
		}
		if (this.#count === this.#max) this.#forgetOldest();
		else if (this.#count === this.#ids.length) this.#makeRoom();
		let place = this.#place(this.#count);
		for (let after = this.#count - 1; after >= 0; after -= 1) {
			const before = this.#place(after);
			if ((this.#timesMs[before] ?? 0) <= atMs) break;
			this.#copy(before, place);
			place = before;
		}
		this.#ids[place] = id;
		this.#bits[place] = BIT[side];
		this.#timesMs[place] = atMs;
		this.#count += 1;
		this.#known.set(id, (this.#known.get(id) ?? 0) | BIT[side]);
	}

	#copy(from: number, to: number): void {
		this.#ids[to] = this.#ids[from] ?? '';
		this.#bits[to] = this.#bits[from] ?? 0;
		this.#timesMs[to] = this.#timesMs[from] ?? 0;
	}

	/** Of the fact that is so many after the oldest. */
	#place(after: number): number {
		const place = this.#first + after;
		return place < this.#ids.length ? place : place - this.#ids.length;
	}

	#forgetOldest(): void {
		const id = this.#ids[this.#first] ?? '';
		const rest = (this.#known.get(id) ?? 0) & ~(this.#bits[this.#first] ?? 0);
		if (rest === 0) this.#known.delete(id);
		else this.#known.set(id, rest);
		this.#horizonMs = Math.max(this.#horizonMs, this.#timesMs[this.#first] ?? 0);
		this.#first = this.#place(1);
		this.#count -= 1;
	}

	/** Nothing was forgotten yet, or the ring would be as large as it gets: the oldest lies at the front. */
	#makeRoom(): void {
		const room = Math.min(this.#max, Math.max(ROOM_MIN, this.#count * 2));
		const [ids, bits, timesMs] = [this.#ids, this.#bits, this.#timesMs];
		this.#ids = new Array<string>(room).fill('');
		this.#bits = new Uint8Array(room);
		this.#timesMs = new Float64Array(room);
		for (const [place, id] of ids.entries()) this.#ids[place] = id;
		this.#bits.set(bits);
		this.#timesMs.set(timesMs);
	}
}
