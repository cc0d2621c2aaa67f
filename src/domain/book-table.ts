/**
 * HOT: lots by price key, for one side of a book: an open-addressing hash table in one typed array.
 * Budget: that of book.ts. Fence: only book-ladder.ts holds tables; numbers go in and out.
 * Twin: the Map in book-plain.ts, one suite for both.
 *
 * Most changes of a book are new sizes of levels it has. A table finds those in about 3 ns, however deep the level lies;
 * searching the sorted keys costs 12 to 23 ns, nearly all of it mispredicted branches.
 */
const SLOTS_MIN = 64;
/** 2^32 / golden ratio: neighbouring prices, which is what books are full of, land far apart and without collisions. */
const SPREAD = 0x9e3779b1;

export class LotsTable {
	/** Pairs of (key, lots); key 0 and lots 0 mark a free slot. At most a quarter of the slots is taken: probing ends early. */
	#slots = new Float64Array(SLOTS_MIN * 2);
	#mask = SLOTS_MIN - 1;
	#shift = 32 - Math.log2(SLOTS_MIN);
	#count = 0;

	get slotCount(): number {
		return this.#mask + 1;
	}

	/** Lots at the key; 0 when there are none. */
	get(key: number): number {
		return this.#slots[this.#find(key) * 2 + 1] as number;
	}

	/** True when the key is new. */
	set(key: number, lots: number): boolean {
		const slots = this.#slots;
		const slot = this.#find(key);
		slots[slot * 2 + 1] = lots;
		if (slots[slot * 2] === key) return false;
		slots[slot * 2] = key;
		if (++this.#count * 4 > this.#mask) this.#rebuild((this.#mask + 1) * 2);
		return true;
	}

	/** False when the key was not there. */
	delete(key: number): boolean {
		const slots = this.#slots;
		const mask = this.#mask;
		let hole = this.#find(key);
		if (slots[hole * 2] !== key) return false;
		this.#count--;
		// Later members of the probe run move up into the hole unless that would put them before their home slot.
		for (let slot = (hole + 1) & mask; slots[slot * 2] !== 0; slot = (slot + 1) & mask) {
			const other = slots[slot * 2] as number;
			const home = Math.imul(other | 0, SPREAD) >>> this.#shift;
			if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
			slots[hole * 2] = other;
			slots[hole * 2 + 1] = slots[slot * 2 + 1] as number;
			hole = slot;
		}
		slots[hole * 2] = 0;
		slots[hole * 2 + 1] = 0;
		return true;
	}

	clear(): void {
		this.#slots.fill(0);
		this.#count = 0;
	}

	/** Gives back the memory of a flood of levels. A table one size too large stays, lest it grow and shrink by turns. */
	shrink(): void {
		let slotCount = SLOTS_MIN;
		while (this.#count * 4 >= slotCount) slotCount *= 2;
		if (slotCount * 4 <= this.#mask + 1) this.#rebuild(slotCount);
	}

	/** The slot of the key, or the free slot where it belongs. */
	#find(key: number): number {
		const slots = this.#slots;
		const mask = this.#mask;
		let slot = Math.imul(key | 0, SPREAD) >>> this.#shift;
		for (;;) {
			const found = slots[slot * 2] as number;
			if (found === key || found === 0) return slot;
			slot = (slot + 1) & mask;
		}
	}

	#rebuild(slotCount: number): void {
		const old = this.#slots;
		this.#slots = new Float64Array(slotCount * 2);
		this.#mask = slotCount - 1;
		this.#shift = 32 - Math.log2(slotCount);
		for (let at = 0; at < old.length; at += 2) {
			const key = old[at] as number;
			if (key === 0) continue;
			const slot = this.#find(key);
			this.#slots[slot * 2] = key;
			this.#slots[slot * 2 + 1] = old[at + 1] as number;
		}
	}
}
