/**
 * What every benchmark shares: the shape of its result, timing of variants against each other, and latency percentiles.
 * A comparison alternates its variants, turns their order round each time, and reports the ratio of medians; a mean
 * alone is never reported. Each variant returns a checksum of what it computed, so that no work can be optimised away
 * and variants that claim to do the same are caught when they do not.
 */
export interface BenchOptions {
	/** A run of a few milliseconds for `npm test`: nothing is measured, but all code runs and all checks hold. */
	readonly tiny: boolean;
	/** Where it is measured, for those that can be elsewhere; the usual place unless said. */
	readonly venue?: BenchVenue;
	/** Those parts alone whose title has this in it, of what is measured in parts; all of them unless said. */
	readonly only?: string;
}

/** `mixed`: both venues and markets in one engine. */
export const BENCH_VENUES = ['bybit', 'binance-futures', 'binance-spot', 'mixed'] as const;
export type BenchVenue = (typeof BENCH_VENUES)[number];

/** Nearest-rank percentiles of the samples. */
export interface Percentiles {
	readonly p50: number;
	readonly p90: number;
	readonly p95: number;
	readonly p99: number;
	readonly p999: number;
	readonly p9999: number;
	readonly max: number;
}

export interface BenchCase extends Percentiles {
	readonly name: string;
	/** What one sample counts, such as 'ns/message' or 'ms'. */
	readonly unit: string;
	readonly sampleCount: number;
	/** Work per second at the median, where that means something. */
	readonly perSec?: number;
	/** The same for the same work on every run and machine. */
	readonly checksum?: number;
}

export interface BenchResult {
	readonly cases: readonly BenchCase[];
	/** Named so that larger is better for us: 'oursVsCcxt50' is their median divided by ours. */
	readonly ratios: Readonly<Record<string, number>>;
}

/** The default export of a `*.bench.ts` file. The name is its path below `bench/`, such as 'domain/book'. */
export interface Benchmark {
	readonly name: string;
	run(options: BenchOptions): Promise<BenchResult>;
}

/** Samples of one quantity, in memory that is reserved before the first one. */
export class Samples {
	readonly #values: Float64Array;
	#count = 0;

	constructor(countMax: number) {
		this.#values = new Float64Array(countMax);
	}

	get count(): number {
		return this.#count;
	}

	/** Throws when full, since leaving out the last samples would flatter the figures. */
	record(value: number): void {
		if (this.#count === this.#values.length) throw new RangeError(`room for ${this.#values.length} samples, and one more came`);
		this.#values[this.#count++] = value;
	}

	/** All of them to the others. */
	into(others: Samples): void {
		for (const value of this.#values.subarray(0, this.#count)) others.record(value);
	}

	/** The same samples in another unit. */
	dividedBy(unit: number): Samples {
		const divided = new Samples(this.#count);
		for (const value of this.#values.subarray(0, this.#count)) divided.record(value / unit);
		return divided;
	}

	percentiles(): Percentiles {
		if (this.#count === 0) throw new RangeError('no samples, so no percentiles');
		const sorted = this.#values.slice(0, this.#count).sort();
		const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
		return {
			p50: rank(0.5),
			p90: rank(0.9),
			p95: rank(0.95),
			p99: rank(0.99),
			p999: rank(0.999),
			p9999: rank(0.9999),
			max: rank(1),
		};
	}
}

/** Nanoseconds from an arbitrary start. One reading costs some 40 ns: time many small pieces of work together. */
export function nowNs(): number {
	return performance.now() * 1e6;
}

export interface Variant {
	/** Runs before each `run`, untimed: fresh inputs, the next piece of a stream. */
	prepare?(): void;
	/** The timed work; answers with a checksum of what it did. */
	run(): number | Promise<number>;
}

export interface PairedOptions<Name extends string> {
	readonly variants: Readonly<Record<Name, Variant | Variant['run']>>;
	readonly rounds: number;
	/** Rounds before those that count, so that the compiler has seen the code. */
	readonly warmupRounds: number;
	/** Pieces of work (messages, commands) in one `run`; a sample is the time of a run divided by this. */
	readonly workPerRun: number;
	/** The piece of work in the unit, such as 'message'. */
	readonly work: string;
	/** 'equal' (the default): variants do the same work, and a round in which their checksums differ throws. */
	readonly checksums?: 'equal' | 'free';
}

export interface PairedResult<Name extends string> {
	readonly cases: Readonly<Record<Name, BenchCase>>;
	/** How many times faster `ours` is than `theirs`, by medians. */
	ratio(pair: { readonly theirs: Name; readonly ours: Name }): number;
}

export async function measurePaired<Name extends string>(options: PairedOptions<Name>): Promise<PairedResult<Name>> {
	const names = Object.keys(options.variants) as Name[];
	const samples = new Map(names.map((name) => [name, new Samples(options.rounds)]));
	const checksums = new Map(names.map((name) => [name, 0]));
	globalThis.gc?.();
	for (let round = -options.warmupRounds; round < options.rounds; round++) {
		const order = round % 2 === 0 ? names : names.toReversed();
		const roundSums = new Map<Name, number>();
		for (const name of order) {
			const { checksum, tookNs } = await time(options.variants[name]);
			roundSums.set(name, checksum);
			checksums.set(name, chain(checksums.get(name) ?? 0, checksum));
			if (round >= 0) samples.get(name)?.record(tookNs / options.workPerRun);
		}
		if (options.checksums !== 'free') assertEqual(roundSums, round);
	}
	const cases = Object.fromEntries(
		names.map((name) => [name, caseOf(name, options.work, samples.get(name) as Samples, checksums.get(name) ?? 0)]),
	) as Record<Name, BenchCase>;
	return { cases, ratio: ({ theirs, ours }) => cases[theirs].p50 / cases[ours].p50 };
}

async function time(variant: Variant | Variant['run']): Promise<{ checksum: number; tookNs: number }> {
	const { prepare, run } = typeof variant === 'function' ? { prepare: undefined, run: variant } : variant;
	prepare?.call(variant);
	const startNs = nowNs();
	const answer = run.call(variant);
	// Awaiting a number would put the microtask queue into the time of synchronous work.
	const checksum = typeof answer === 'number' ? answer : await answer;
	return { checksum, tookNs: nowNs() - startNs };
}

function caseOf(name: string, work: string, samples: Samples, checksum: number): BenchCase {
	const percentiles = samples.percentiles();
	const perSec = 1e9 / percentiles.p50;
	return { name, unit: `ns/${work}`, sampleCount: samples.count, ...percentiles, perSec, checksum };
}

/** Joins the checksums of all rounds to one; 32 bits, so that it prints the same everywhere. */
function chain(sum: number, next: number): number {
	return (Math.imul(sum, 31) + Math.round(next)) >>> 0;
}

function assertEqual(sums: ReadonlyMap<string, number>, round: number): void {
	if (new Set(sums.values()).size <= 1) return;
	const found = [...sums].map(([name, sum]) => `${name} ${sum}`).join(', ');
	throw new Error(`variants disagree in round ${round}: ${found}`);
}
