/**
 * Chance, as a thing that is handed in. Each component asks for a stream of its own by name, so that one more draw
 * here changes nothing there.
 */
export interface Rng {
	/** Uniform in [0, 1). */
	next(): number;
	/** Uniform whole number in [0, bound), for a whole `bound` from 1 to 2^32. */
	below(bound: number): number;
	/** An independent stream that depends only on this stream's seed and the name, not on draws made so far. */
	fork(name: string): Rng;
}
