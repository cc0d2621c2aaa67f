/**
 * HOT: a map from short ASCII words to values that is asked with a stretch of bytes, so that a lookup makes no string.
 * Budget: 20 ns for a topic of 20 bytes, part of the figure in codec.bench.ts of each venue. Fence: filled at start
 * and when an instrument changes; only asked afterwards. Twin: a Map of strings, in the test.
 */

const SLOTS_AT_START = 64;
const PRIME = 0x01000193;

interface Entry<Value> {
	readonly hash: number;
	readonly word: Uint8Array;
	value: Value;
}

export class ByteTable<Value> {
	#slots: (Entry<Value> | undefined)[] = new Array<Entry<Value> | undefined>(SLOTS_AT_START).fill(undefined);
	#count = 0;

	static of<Value>(entries: Iterable<readonly [word: string, value: Value]>): ByteTable<Value> {
		const table = new ByteTable<Value>();
		for (const [word, value] of entries) table.set(word, value);
		return table;
	}

	/** A word that is there already gets the new value. Throws on words that `isPlainWord` refuses. */
	set(word: string, value: Value): void {
		if (!isPlainWord(word)) throw new RangeError(`not a plain word: ${JSON.stringify(word)}`);
		const bytes = asciiBytes(word);
		const found = this.#entry(bytes, 0, bytes.length);
		if (found !== undefined) {
			found.value = value;
			return;
		}
		if ((this.#count + 1) * 2 > this.#slots.length) this.#grow();
		this.#place({ hash: hashOf(bytes, 0, bytes.length), word: bytes, value });
		this.#count++;
	}

	/** The value of the word that stands from `start` to before `end`. */
	find(bytes: Uint8Array, start: number, end: number): Value | undefined {
		return this.#entry(bytes, start, end)?.value;
	}

	#entry(bytes: Uint8Array, start: number, end: number): Entry<Value> | undefined {
		const slots = this.#slots;
		const mask = slots.length - 1;
		const hash = hashOf(bytes, start, end);
		for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
			const entry = slots[slot];
			if (entry === undefined) return undefined;
			if (entry.hash === hash && isAt(bytes, start, end, entry.word)) return entry;
		}
	}

	#place(entry: Entry<Value>): void {
		const mask = this.#slots.length - 1;
		let slot = entry.hash & mask;
		while (this.#slots[slot] !== undefined) slot = (slot + 1) & mask;
		this.#slots[slot] = entry;
	}

	#grow(): void {
		const old = this.#slots;
		this.#slots = new Array<Entry<Value> | undefined>(old.length * 2).fill(undefined);
		for (const entry of old) if (entry !== undefined) this.#place(entry);
	}
}

/** Printable ASCII that stands in JSON as it is, and no longer than any word of the venue's. */
export function isPlainWord(word: string): boolean {
	return /^[\x20-\x7e]{1,64}$/.test(word) && !/["\\]/.test(word);
}

export function asciiBytes(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Whether `word` is exactly what stands from `start` to before `end`. */
function isAt(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
	const length = word.length;
	if (end - start !== length) return false;
	for (let i = 0; i < length; i++) if (bytes[start + i] !== word[i]) return false;
	return true;
}

/** Four bytes at a step: a multiplication for each would cost more than the comparison that follows. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
	let hash = end - start;
	let at = start;
	for (const last = end - 3; at < last; at += 4) {
		const four =
			(bytes[at] as number) |
			((bytes[at + 1] as number) << 8) |
			((bytes[at + 2] as number) << 16) |
			((bytes[at + 3] as number) << 24);
		hash = Math.imul(hash ^ four, PRIME);
		hash ^= hash >>> 15;
	}
	for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), PRIME);
	return (hash ^ (hash >>> 13)) & 0x3fffffff;
}
