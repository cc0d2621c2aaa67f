/**
 * A hash of a book's levels, for tests, checkers and comparing replicas. It reads through the public view, so every
 * implementation gives the same answer for the same levels. It walks the whole book: not for the hot path.
 */
const START = 0x811c9dc5;
const PRIME = 0x01000193;
const TWO_TO_32 = 2 ** 32;

interface Levels {
	readonly bidCount: number;
	readonly askCount: number;
	bidTicksAt(index: number): number;
	bidLotsAt(index: number): number;
	askTicksAt(index: number): number;
	askLotsAt(index: number): number;
}

export function hashBook(book: Levels): number {
	let hash = mix(START, book.bidCount);
	for (let i = 0; i < book.bidCount; i++) hash = mix(mix(hash, book.bidTicksAt(i)), book.bidLotsAt(i));
	for (let i = 0; i < book.askCount; i++) hash = mix(mix(hash, book.askTicksAt(i)), book.askLotsAt(i));
	return hash >>> 0;
}

/** FNV-1a by words instead of bytes, with a shift so that high bits reach low ones. Takes all 53 bits of the value. */
function mix(hash: number, value: number): number {
	const low = Math.imul(hash ^ (value >>> 0), PRIME);
	const high = Math.imul(low ^ (low >>> 15) ^ ((value / TWO_TO_32) >>> 0), PRIME);
	return high ^ (high >>> 13);
}
