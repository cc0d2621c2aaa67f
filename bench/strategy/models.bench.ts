/**
 * One closed bar for a signal model: taken by itself as `src/strategy/models` does, against the same worked out again from
 * the prices that are kept. Every symbol pays it for every model at every bar; what is lost here is lost on hundreds of
 * symbols in the same second. Both see the same bars and must say the same.
 * A memory of 400 bars against the usual one of 10 to 35 shows whether a bar's cost grows with it: 1 says that it does not.
 */
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { createModel } from '../../src/strategy/models/create-model.ts';
import { MODEL_DEFAULTS } from '../../src/strategy/models/model-spec.ts';
import type { BarModelSpec } from '../../src/strategy/models/models-plain.ts';
import { type Benchmark, type BenchOptions, type BenchResult, measurePaired, type Variant } from '../harness.ts';
import { recompute } from './recompute.ts';

const SIZES = { tiny: { rounds: 3, warmupRounds: 1, perRun: 20 }, full: { rounds: 100, warmupRounds: 100, perRun: 400 } };
const MEMORY_SIZES = { tiny: { rounds: 3, warmupRounds: 1, perRun: 50 }, full: { rounds: 100, warmupRounds: 20, perRun: 8_000 } };
/** Bars before those that are timed: what a desk fetches at its start. */
const HISTORY_BARS = 500;
const LONG = 400;

const { 'book-imbalance': _ofBooks, ...SPECS } = MODEL_DEFAULTS;

/** The usual parameters, and those of a long memory. */
const MEMORIES: readonly { readonly usual: BarModelSpec; readonly long: BarModelSpec }[] = [
	{ usual: SPECS['sma-cross'], long: { ...SPECS['sma-cross'], fast: 200, slow: LONG } },
	{ usual: SPECS['ema-cross'], long: { ...SPECS['ema-cross'], fast: 200, slow: LONG } },
	{ usual: SPECS.rsi, long: { ...SPECS.rsi, period: LONG } },
	{ usual: SPECS.macd, long: { ...SPECS.macd, fast: 200, slow: LONG } },
	{ usual: SPECS.bollinger, long: { ...SPECS.bollinger, period: LONG } },
	{ usual: SPECS.momentum, long: { ...SPECS.momentum, period: LONG } },
];

export default {
	name: 'strategy/models',
	async run(options: BenchOptions): Promise<BenchResult> {
		const results: BenchResult[] = [];
		for (const { usual, long } of MEMORIES) {
			results.push(await againstRecomputation({ name: usual.kind, spec: usual }, options));
			results.push(await againstRecomputation({ name: `${long.kind} of ${LONG}`, spec: long }, options));
			results.push(await usualAgainstLong({ usual, long }, options));
		}
		return {
			cases: results.flatMap(({ cases }) => cases),
			ratios: Object.fromEntries(results.flatMap(({ ratios }) => Object.entries(ratios))),
		};
	},
} satisfies Benchmark;

async function againstRecomputation(
	{ name, spec }: { readonly name: string; readonly spec: BarModelSpec },
	{ tiny }: BenchOptions,
): Promise<BenchResult> {
	const { rounds, warmupRounds, perRun } = tiny ? SIZES.tiny : SIZES.full;
	const prices = walk(HISTORY_BARS + perRun);
	const recomputed = (): number => {
		let sum = 0;
		for (let count = HISTORY_BARS + 1; count <= prices.length; count++) sum += Math.round(recompute(spec, prices, count) * 1e6);
		return sum;
	};
	const { cases, ratio } = await measurePaired({
		variants: { 'bar by bar': barByBar(spec, prices), recomputed },
		rounds,
		warmupRounds,
		workPerRun: perRun,
		work: 'bar',
	});
	return {
		cases: Object.values(cases).map((one) => ({ ...one, name: `${name}, ${one.name}` })),
		ratios: { [`${name}, bar by bar vs recomputed`]: ratio({ theirs: 'recomputed', ours: 'bar by bar' }) },
	};
}

async function usualAgainstLong({ usual, long }: (typeof MEMORIES)[number], { tiny }: BenchOptions): Promise<BenchResult> {
	const { rounds, warmupRounds, perRun } = tiny ? MEMORY_SIZES.tiny : MEMORY_SIZES.full;
	const prices = walk(HISTORY_BARS + perRun);
	const { cases, ratio } = await measurePaired({
		variants: { usual: barByBar(usual, prices), long: barByBar(long, prices) },
		rounds,
		warmupRounds,
		workPerRun: perRun,
		work: 'bar',
		checksums: 'free',
	});
	return {
		cases: Object.values(cases).map((one) => ({ ...one, name: `${usual.kind}, ${one.name} memory` })),
		ratios: { [`${usual.kind}, memory of ${LONG} vs usual`]: ratio({ theirs: 'usual', ours: 'long' }) },
	};
}

/** Every run begins behind the same history, so that all runs see the same. */
function barByBar(spec: BarModelSpec, prices: Float64Array): Variant {
	let model = createModel(spec);
	const bar = { close: 0 };
	const apply = (index: number): void => {
		bar.close = prices[index] as number;
		model.applyBar(bar);
	};
	return {
		prepare() {
			model = createModel(spec);
			for (let index = 0; index < HISTORY_BARS; index++) apply(index);
		},
		run() {
			let sum = 0;
			for (let index = HISTORY_BARS; index < prices.length; index++) {
				apply(index);
				sum += Math.round(model.value * 1e6);
			}
			return sum;
		},
	};
}

function walk(count: number): Float64Array {
	const rng = seededRng(7);
	const prices = new Float64Array(count);
	let price = 64_000;
	for (let index = 0; index < count; index++) {
		price *= 1 + (rng.next() - 0.5) * 0.002;
		prices[index] = price;
	}
	return prices;
}
