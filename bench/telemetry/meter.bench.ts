/**
 * Recording one duration, as every request, flush and tick does. It stands for what it costs to be watched; a regression
 * is paid on the order path. Ours beside what prom-client would take for the same, and beside Node's own histogram, which
 * is as quick but keeps no counts at bounds that a scraper could be told. Durations as an exchange 40 ms away gives them.
 *
 * And what it costs to have a function measured that takes next to no time itself: `timed` around it, or not.
 */
import { createHistogram } from 'node:perf_hooks';
import { Histogram } from 'prom-client';
import { systemClock } from '../../src/network/system-clock.ts';
import { timed } from '../../src/ports/timed.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { BOUNDS_MS } from '../../src/telemetry/buckets.ts';
import { PrometheusMeter } from '../../src/telemetry/prometheus-meter.ts';
import { type Benchmark, type BenchOptions, type BenchResult, measurePaired } from '../harness.ts';

const RECORDS = 10_000;
const ROUNDS = { tiny: { rounds: 2, warmupRounds: 0 }, full: { rounds: 200, warmupRounds: 50 } };

export default {
	name: 'telemetry/meter',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const rng = seededRng(1);
		const durations = Float64Array.from({ length: RECORDS }, () => 40 + 10 * rng.next() ** 4);
		const ours = new PrometheusMeter().request('place', 'ws-batch');
		const labelNames = ['verb', 'api'];
		const peer = new Histogram({ name: 'requests', help: 'peer', labelNames, buckets: [...BOUNDS_MS], registers: [] });
		const node = createHistogram();
		const { cases, ratio } = await measurePaired({
			...(tiny ? ROUNDS.tiny : ROUNDS.full),
			workPerRun: RECORDS,
			work: 'record',
			variants: {
				ours: () => {
					for (const ms of durations) ours.record(ms);
					return RECORDS;
				},
				promClient: () => {
					for (const ms of durations) peer.observe({ verb: 'place', api: 'ws-batch' }, ms);
					return RECORDS;
				},
				nodeHistogram: () => {
					for (const ms of durations) node.record(Math.ceil(ms * 1_000));
					return RECORDS;
				},
			},
		});
		const calls = await measureCalls(tiny);
		return {
			cases: [cases.ours, cases.promClient, cases.nodeHistogram, calls.timed, calls.bare],
			ratios: {
				oursVsPromClient: ratio({ theirs: 'promClient', ours: 'ours' }),
				oursVsNodeHistogram: ratio({ theirs: 'nodeHistogram', ours: 'ours' }),
			},
		};
	},
} satisfies Benchmark;

async function measureCalls(tiny: boolean) {
	const meter = new PrometheusMeter();
	const mixed = (one: number, other: number): number => (Math.imul(one, 31) + other) >>> 0;
	const mixedTimed = timed(systemClock(), meter.stage('decide'), mixed);
	const repeated = (mix: typeof mixed) => (): number => {
		let sum = 0;
		for (let call = 0; call < RECORDS; call += 1) sum = mix(sum, call);
		return sum;
	};
	const { cases } = await measurePaired({
		...(tiny ? ROUNDS.tiny : ROUNDS.full),
		...{ workPerRun: RECORDS, work: 'call' },
		variants: { timed: repeated(mixedTimed), bare: repeated(mixed) },
	});
	return cases;
}
