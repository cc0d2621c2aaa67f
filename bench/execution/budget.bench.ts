/**
 * A rate limit that is far too small for what is wanted: 50 symbols with 20 quotes each in a market that wanders, at ten
 * orders a second and verb. It stands for every day at a venue that counts orders; what goes wrong here is paid to those
 * who hit stale quotes. Measured is the sum over all quotes of adverse mispricing times time, in basis points × seconds,
 * by value (T9) and for the two usual ways of taking turns; quotes that are too timid are shown beside it, since they
 * are what spending by value pays with. And how long a full requote takes against a token bucket of our share that is
 * never late (PT13). All in virtual time, so a figure is the same on every machine. A refusal by the venue, whose windows
 * are its own, fails the benchmark.
 */
import { BUDGET_OPTIONS } from '../../src/execution/rate-budget.ts';
import { type BenchCase, type Benchmark, type BenchOptions, type BenchResult, Samples } from '../harness.ts';
import { byValue, firstInFirstOut, type Policy, roundRobin } from './budget-policies.ts';
import { BudgetScene, type SceneSize } from './budget-scene.ts';
import { PER_SEC } from './budget-venue.ts';

interface Size extends SceneSize {
	readonly seeds: readonly number[];
	readonly wanderMs: number;
}

const SIZES: { readonly tiny: Size; readonly full: Size } = {
	tiny: { symbols: 4, levels: 5, seeds: [1], wanderMs: 20_000 },
	full: { symbols: 50, levels: 10, seeds: [1, 2, 3], wanderMs: 300_000 },
};
const JUMP_BPS = 30;

interface Run {
	readonly adverseBpsSec: number;
	readonly timidBpsSec: number;
	readonly requoteSec: number;
	readonly idealSec: number;
	readonly refusals: number;
	readonly commands: number;
}

export default {
	name: 'execution/budget',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const size = tiny ? SIZES.tiny : SIZES.full;
		const valued = size.seeds.map((seed) => run(size, byValue(), seed));
		const queued = size.seeds.map((seed) => run(size, firstInFirstOut(), seed));
		const turned = size.seeds.map((seed) => run(size, roundRobin(), seed));
		const cases = [
			caseOf('by value', 'adverse bps·s', valued, ({ adverseBpsSec }) => adverseBpsSec),
			caseOf('first in, first out', 'adverse bps·s', queued, ({ adverseBpsSec }) => adverseBpsSec),
			caseOf('round robin', 'adverse bps·s', turned, ({ adverseBpsSec }) => adverseBpsSec),
			caseOf('full requote', 's', valued, ({ requoteSec }) => requoteSec),
			caseOf('full requote, ideal token bucket', 's', valued, ({ idealSec }) => idealSec),
			caseOf('by value, too timid', 'bps·s', valued, ({ timidBpsSec }) => timidBpsSec),
			caseOf('first in, first out, too timid', 'bps·s', queued, ({ timidBpsSec }) => timidBpsSec),
			caseOf('refused by the venue', 'commands', [...valued, ...queued, ...turned], ({ refusals }) => refusals),
		];
		const [ours, fifo, robin, requote, ideal] = cases.map(({ p50 }) => p50) as [number, number, number, number, number];
		return {
			cases,
			ratios: { firstInFirstOutVsOurs: fifo / ours, roundRobinVsOurs: robin / ours, idealRequoteVsOurs: ideal / requote },
		};
	},
} satisfies Benchmark;

function run(size: Size, policy: Policy, seed: number): Run {
	const scene = new BudgetScene(size, policy, seed);
	scene.jump(0);
	scene.rest();
	const requoteSec = scene.jump(JUMP_BPS) / 1_000;
	scene.rest();
	scene.wander(size.wanderMs);
	const { refusals, takenCount: commands } = scene.venue;
	if (refusals > 0) throw new Error(`the venue refused ${refusals} of ${commands + refusals} commands`);
	const { adverseBpsSec, timidBpsSec } = scene;
	return { adverseBpsSec, timidBpsSec, requoteSec, idealSec: idealSec(scene.quoteCount), refusals, commands };
}

/** A full bucket at the start, then so many tokens a second. */
function idealSec(commands: number): number {
	const perSec = Math.floor(PER_SEC * BUDGET_OPTIONS.share);
	return (commands - perSec) / perSec;
}

function caseOf(name: string, unit: string, runs: readonly Run[], figure: (run: Run) => number): BenchCase {
	const samples = new Samples(runs.length);
	for (const run of runs) samples.record(figure(run));
	const checksum = runs.reduce((sum, { commands }) => (sum * 31 + commands) % 1_000_003, 0);
	return { name, unit, sampleCount: samples.count, ...samples.percentiles(), checksum };
}
