/**
 * The trading workflow over many symbols, as a desk runs it after each bar: price, book and bars, a decision, an order and
 * its end, over real sockets to an exchange in a box that is 40 ms away. Beside it the same one after the other, each read
 * and each symbol waiting for the one before, as a script without concurrency does it. What is lost here, the last symbol's
 * decision is late by.
 *
 * Said openly: for the ratios the venue's rate limits are lifted, and ours with them. With both on, fifty symbols take as
 * long as their orders need at eight a second, which is our share of what the venue takes: `limitedIdealVsOurs` holds that
 * against what buckets of that size make it. An order that is refused for being one too many throws.
 */
import { extraNames } from '../../src/exchange/market/extra.ts';
import {
	type BenchCase,
	type Benchmark,
	type BenchOptions,
	type BenchResult,
	measurePaired,
	nowNs,
	Samples,
} from '../harness.ts';
import { openDesks } from './workflow-app.ts';

interface Size {
	readonly symbols: number;
	readonly rounds: number;
	readonly warmupRounds: number;
}

interface Plan {
	readonly roundTripMs: number;
	readonly sizes: readonly Size[];
	/** With limits on. */
	readonly limited: Size;
}

const FULL: Plan = {
	roundTripMs: 40,
	sizes: [
		{ symbols: 5, rounds: 8, warmupRounds: 2 },
		{ symbols: 50, rounds: 2, warmupRounds: 1 },
	],
	limited: { symbols: 50, rounds: 2, warmupRounds: 0 },
};
const TINY: Plan = {
	roundTripMs: 1,
	sizes: [{ symbols: 2, rounds: 2, warmupRounds: 0 }],
	limited: { symbols: 2, rounds: 1, warmupRounds: 0 },
};

/** What may leave in a second: reads, and orders, of which our share of the venue's ten. */
const READS_PER_SEC = 20;
const ORDERS_PER_SEC = 8;

export default {
	name: 'trading/workflow',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const plan = tiny ? TINY : FULL;
		if (!tiny) console.error(`  the box: ${plan.roundTripMs} ms away, market at rest, the venue's rate limits and ours lifted`);
		const cases: BenchCase[] = [];
		const ratios: Record<string, number> = {};
		for (const size of plan.sizes) {
			const raced = await race(plan.roundTripMs, size);
			cases.push(...Object.values(raced.cases));
			ratios[`concurrentVsSequential${size.symbols}`] = raced.ratio({ theirs: 'sequential', ours: 'concurrent' });
		}
		const limited = await measureLimited(plan);
		cases.push(limited.measured);
		ratios['limitedIdealVsOurs'] = limited.ratio;
		return { cases, ratios };
	},
} satisfies Benchmark;

async function race(roundTripMs: number, { symbols, rounds, warmupRounds }: Size) {
	const names = extraNames(symbols * 2);
	const { desks, closing } = await openDesks(
		{ roundTripMs, names, limits: 'off' },
		{
			sequential: { symbols: names.slice(0, symbols), concurrency: 1 },
			concurrent: { symbols: names.slice(symbols), concurrency: symbols },
		},
	);
	await using _ = closing;
	const variantOf = (name: string) => () => desks[name]?.run() ?? Promise.reject(new Error(`no desk ${name}`));
	const raced = await measurePaired({
		...{ rounds, warmupRounds, workPerRun: 1, work: `${symbols} symbols` },
		variants: { sequential: variantOf('sequential'), concurrent: variantOf('concurrent') },
	});
	return raced;
}

/** Alone, with the venue's limits and ours: against the time that a bucket of as many reads a second makes it. */
async function measureLimited({ roundTripMs, limited: { symbols, rounds } }: Plan) {
	const names = extraNames(symbols);
	const { desks, closing } = await openDesks(
		{ roundTripMs, names, limits: 'venue' },
		{ limited: { symbols: names, concurrency: symbols } },
	);
	await using _ = closing;
	const desk = desks['limited'];
	if (desk === undefined) throw new Error('it was opened');
	const samples = new Samples(rounds);
	let [idealMs, oursMs, checksum] = [0, 0, 0];
	for (let round = 0; round < rounds; round += 1) {
		// The bucket is full again.
		await new Promise((resolve) => setTimeout(resolve, symbols > 5 ? 1_500 : 0));
		const callsBefore = desk.callCount;
		const startNs = nowNs();
		checksum += await desk.run();
		const tookNs = nowNs() - startNs;
		samples.record(tookNs);
		oursMs += tookNs / 1e6;
		const reads = secondsFor(desk.callCount - callsBefore, READS_PER_SEC);
		idealMs += Math.max(reads, secondsFor(symbols, ORDERS_PER_SEC)) * 1_000 + 2 * roundTripMs;
	}
	const measured = {
		...{ name: 'concurrent, with limits', unit: `ns/${symbols} symbols`, sampleCount: rounds, checksum },
		...samples.percentiles(),
	};
	return { measured, ratio: idealMs / oursMs };
}

/** From the first to the last of them, out of a bucket that is full at the beginning. */
function secondsFor(count: number, perSec: number): number {
	return Math.max(0, Math.floor((count - 1) / perSec));
}
