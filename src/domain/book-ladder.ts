/**
 * HOT: the levels of one side of a book: their keys (see book-delta.ts) in order, the best last, and their lots in a table.
 * Budget: that of book.ts. Fence: only book.ts holds ladders; it hands out numbers, never arrays.
 * Twin: book-plain.ts, one suite for both.
 *
 *      far                       best
 *   ··· | k0  k1  k2 ...      kN-1 | ···        Room at both ends: a level that comes or goes moves the shorter part
 *       head                       tail         only, so changes at the touch and at the far end are both cheap.
 */
import { LotsTable } from './book-table.ts';

const LEVELS_AT_START = 128;
/** Up to here a loop moves keys faster than copyWithin, which costs a call out of compiled code. */
const LOOP_MAX = 48;
/** How far to look for a key from the best downwards before halving. */
const SCAN_MAX = 16;

export class Ladder {
	#keys = new Float64Array(LEVELS_AT_START);
	#head = LEVELS_AT_START / 2;
	/** One past the best level. */
	#tail = LEVELS_AT_START / 2;
	readonly #lots = new LotsTable();

	get count(): number {
		return this.#tail - this.#head;
	}

	/** The key at a distance from the best level; 0 past the far end. */
	keyAt(index: number): number {
		return index >= 0 && index < this.#tail - this.#head ? (this.#keys[this.#tail - 1 - index] as number) : 0;
	}

	lotsOf(key: number): number {
		return this.#lots.get(key);
	}

	set(key: number, lots: number): void {
		if (this.#lots.set(key, lots)) this.#insert(key);
	}

	/** False when there was no such level. */
	remove(key: number): boolean {
		if (!this.#lots.delete(key)) return false;
		const at = this.#find(key);
		const keys = this.#keys;
		const head = this.#head;
		const tail = this.#tail;
		if (at - head < tail - at) {
			if (at - head > LOOP_MAX) keys.copyWithin(head + 1, head, at);
			else for (let i = at; i > head; i--) keys[i] = keys[i - 1] as number;
			this.#head = head + 1;
		} else {
			if (tail - at > LOOP_MAX) keys.copyWithin(at, at + 1, tail);
			else for (let i = at + 1; i < tail; i++) keys[i - 1] = keys[i] as number;
			this.#tail = tail - 1;
		}
		return true;
	}

	clear(): void {
		this.#lots.clear();
		this.#head = this.#keys.length >>> 1;
		this.#tail = this.#head;
	}

	/** Drops the farthest levels beyond the bound and says how many they were. */
	trim(levelsMax: number): number {
		const excess = this.#tail - this.#head - levelsMax;
		if (excess <= 0) return 0;
		for (let i = 0; i < excess; i++) this.#lots.delete(this.#keys[this.#head++] as number);
		this.#lots.shrink();
		return excess;
	}

	/** The index of the first key that is not below the given one. */
	#find(key: number): number {
		const keys = this.#keys;
		let low = this.#head;
		let high = this.#tail;
		if (low === high || key <= (keys[low] as number)) return low;
		for (const end = Math.max(low, high - SCAN_MAX); high > end; high--) {
			if ((keys[high - 1] as number) < key) return high;
		}
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((keys[middle] as number) < key) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	#insert(key: number): void {
		if (this.#head === 0 || this.#tail === this.#keys.length) this.#recentre();
		const at = this.#find(key);
		const keys = this.#keys;
		const head = this.#head;
		const tail = this.#tail;
		if (at - head < tail - at) {
			if (at - head > LOOP_MAX) keys.copyWithin(head - 1, head, at);
			else for (let i = head; i < at; i++) keys[i - 1] = keys[i] as number;
			keys[at - 1] = key;
			this.#head = head - 1;
		} else {
			if (tail - at > LOOP_MAX) keys.copyWithin(at + 1, at, tail);
			else for (let i = tail; i > at; i--) keys[i] = keys[i - 1] as number;
			keys[at] = key;
			this.#tail = tail + 1;
		}
	}

	/** Makes room at both ends again, in an array twice as long once the keys fill half of it. */
	#recentre(): void {
		const count = this.count;
		const capacity = count * 2 > this.#keys.length ? this.#keys.length * 2 : this.#keys.length;
		const head = (capacity - count) >>> 1;
		const old = this.#keys.subarray(this.#head, this.#tail);
		if (capacity > this.#keys.length) this.#keys = new Float64Array(capacity);
		this.#keys.set(old, head);
		this.#head = head;
		this.#tail = head + count;
	}
}
