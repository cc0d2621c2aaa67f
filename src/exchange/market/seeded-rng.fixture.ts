/** A generator for the tests of this folder, so that they need nothing from elsewhere. Not for anything else. */
import type { Rng } from '../../ports/rng.ts';

export class SeededRng implements Rng {
	readonly #seed: number;
	#state: number;

	constructor(seed: number) {
		this.#seed = seed >>> 0;
		this.#state = this.#seed;
	}

	next(): number {
		this.#state = (this.#state + 0x9e3779b9) >>> 0;
		return mix(this.#state) / 2 ** 32;
	}

	below(bound: number): number {
		return Math.floor(this.next() * bound);
	}

	fork(name: string): SeededRng {
		let seed = this.#seed;
		for (let index = 0; index < name.length; index += 1) seed = mix((seed + name.charCodeAt(index) * 0x9e3779b9) >>> 0);
		return new SeededRng(seed);
	}
}

function mix(value: number): number {
	let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
	return (mixed ^ (mixed >>> 16)) >>> 0;
}
