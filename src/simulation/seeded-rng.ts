/**
 * Chance from a seed: xoshiro128** with its state spread by splitmix32. Good for simulations, useless for secrets. A
 * fork depends on the seed and the name only, so components do not disturb each other's draws.
 */
import type { Rng } from '../ports/rng.ts';

export function seededRng(seed: number): Rng {
	return new SeededRng(seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0);
}

class SeededRng implements Rng {
	readonly #low: number;
	readonly #high: number;
	/** Four words, as signed integers. A field each: taking an array apart costs more than the whole draw. */
	#a: number;
	#b: number;
	#c: number;
	#d: number;

	constructor(low: number, high: number) {
		this.#low = low;
		this.#high = high;
		// Each half of the state depends on both halves of the seed: neighbours share nothing, and no two seeds all of it.
		const one = splitmix32(splitmix32(low ^ 0x9e3779b9)() ^ high);
		const other = splitmix32(splitmix32(high ^ 0x7f4a7c15)() ^ low);
		this.#a = one() | 0;
		this.#b = other() | 0;
		this.#c = one() | 0;
		this.#d = other() | 1;
	}

	next(): number {
		// 53 bits, as many as a double holds.
		return ((this.#draw() >>> 5) * 67_108_864 + (this.#draw() >>> 6)) / 9_007_199_254_740_992;
	}

	below(bound: number): number {
		return Math.floor(this.next() * bound);
	}

	fork(name: string): Rng {
		let low = this.#low ^ 0x811c9dc5;
		let high = this.#high ^ 0x01000193;
		for (let i = 0; i < name.length; i += 1) {
			low = Math.imul(low ^ name.charCodeAt(i), 0x01000193) >>> 0;
			high = Math.imul(high ^ (name.charCodeAt(i) + i), 0x85ebca6b) >>> 0;
		}
		return new SeededRng(low >>> 0, high >>> 0);
	}

	#draw(): number {
		const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
		const shifted = this.#b << 9;
		const c = this.#c ^ this.#a;
		const d = this.#d ^ this.#b;
		this.#b ^= c;
		this.#a ^= d;
		this.#c = c ^ shifted;
		this.#d = rotate(d, 11) | 0;
		return result;
	}
}

function rotate(value: number, bits: number): number {
	return ((value << bits) | (value >>> (32 - bits))) >>> 0;
}

function splitmix32(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x9e3779b9) >>> 0;
		let mixed = state ^ (state >>> 16);
		mixed = Math.imul(mixed, 0x21f0aaad);
		mixed ^= mixed >>> 15;
		mixed = Math.imul(mixed, 0x735a2d97);
		return (mixed ^ (mixed >>> 15)) >>> 0;
	};
}
