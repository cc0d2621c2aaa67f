/**
 * The exchange in a box as a server. It stands for what every request of every test, demo and simulation over sockets
 * costs; a slow box would show up as latency that no venue has.
 * Signed creates, alone and ten in a batch, with 16 connections, and on the trade socket also 16 under way on one
 * connection; beside a bare Node server that gives back the same bytes. Client and servers have a process each, and only
 * one server works at a time. Client bytes are signed and ready beforehand and are the same for both. Orders rest; after
 * each round the venue's truth must show every one of them, and then they are cancelled, untimed.
 * Half load: evenly spaced, half as many a second as the box took at most, and from the instant that each was due.
 * Fan-out: one book topic to 50 listeners while orders move the book, beside the same frames sent by the bare server.
 */
import { type BenchCase, type Benchmark, type BenchOptions, type BenchResult, type Percentiles, Samples } from '../harness.ts';
import { BATCH_SIZE } from './server-orders.ts';
import { IN_FLIGHT, type LoadShape, Scene, SIDES, type Side } from './server-scene.ts';

const LISTENER_COUNT = 50;
const SIZES = {
	tiny: { rounds: 1, warmupRounds: 0, creates: 40, batches: 20, paced: 20, moves: 40 },
	full: { rounds: 5, warmupRounds: 1, creates: 4_000, batches: 800, paced: 3_000, moves: 2_000 },
};
const MOVES_PER_SEC = 400;
/** One connection's orders go to one account, and that may have 500 open ones of each of four symbols. */
const ONE_ACCOUNT_CREATES_MAX = 2_000;

interface Shape extends LoadShape {
	readonly name: string;
	readonly ratio: string;
}

const SHAPES: readonly Shape[] = [
	{
		name: 'HTTP create',
		ratio: 'httpCreate',
		protocol: 'http',
		operation: 'create',
		connectionCount: IN_FLIGHT,
		perConnection: 1,
	},
	{
		name: 'HTTP batch',
		ratio: 'httpBatch',
		protocol: 'http',
		operation: 'create-batch',
		connectionCount: IN_FLIGHT,
		perConnection: 1,
	},
	{ name: 'WS create', ratio: 'wsCreate', protocol: 'ws', operation: 'create', connectionCount: IN_FLIGHT, perConnection: 1 },
	{
		name: 'WS create, one socket',
		ratio: 'wsCreateOneSocket',
		protocol: 'ws',
		operation: 'create',
		connectionCount: 1,
		perConnection: IN_FLIGHT,
	},
	{ name: 'WS batch', ratio: 'wsBatch', protocol: 'ws', operation: 'create-batch', connectionCount: IN_FLIGHT, perConnection: 1 },
];

type Size = (typeof SIZES)['full'];

type PerSideCase = Readonly<Record<Side, BenchCase>>;

export default {
	name: 'exchange/server',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		await using scene = new Scene();
		await scene.start();
		return await measure(scene, tiny ? SIZES.tiny : SIZES.full);
	},
} satisfies Benchmark;

async function measure(scene: Scene, size: Size): Promise<BenchResult> {
	const cases: BenchCase[] = [];
	const ratios: Record<string, number> = {};
	for (const shape of SHAPES) {
		const full = await fullLoad(scene, size, shape);
		cases.push(full.cases.bare, full.cases.box);
		ratios[`${shape.ratio}BoxVsBare`] = full.ratio;
		ratios[`${shape.ratio}CpuBoxVsBare`] = full.cpuRatio;
		if (shape.operation === 'create' && shape.connectionCount > 1)
			cases.push(...(await halfLoad(scene, size, shape, (full.cases.box.perSec ?? 0) / 2)));
	}
	cases.push(...(await fanOut(scene, size)));
	return { cases, ratios };
}

/** As many requests as 16 under way allow: rates by the median of the rounds, latencies of all requests of all rounds. */
async function fullLoad(
	scene: Scene,
	size: Size,
	shape: Shape,
): Promise<{ readonly cases: PerSideCase; readonly ratio: number; readonly cpuRatio: number }> {
	const wished = shape.operation === 'create' ? size.creates : size.batches;
	const count = shape.connectionCount === 1 ? Math.min(wished, ONE_ACCOUNT_CREATES_MAX) : wished;
	const ordersPerRequest = shape.operation === 'create' ? 1 : BATCH_SIZE;
	const rates = samplesPerSide(size.rounds);
	const cpu = samplesPerSide(size.rounds);
	const latencies = samplesPerSide(size.rounds * count);
	await alternate(size, async (side, round) => {
		const { tookMs, latenciesMs, cpuMs } = await scene.burst(side, { ...shape, count });
		if (round < 0) return;
		rates[side].record((1_000 * count) / tookMs);
		cpu[side].record(cpuMs);
		for (const latencyMs of latenciesMs) latencies[side].record(latencyMs);
	});
	const median = (side: Side): number => rates[side].percentiles().p50;
	const caseOf = (side: Side): BenchCase =>
		caseOfSamples(`${shape.name}, ${side}`, latencies[side], median(side) * ordersPerRequest);
	return {
		cases: { bare: caseOf('bare'), box: caseOf('box') },
		ratio: median('box') / median('bare'),
		cpuRatio: cpu.bare.percentiles().p50 / cpu.box.percentiles().p50,
	};
}

/** The p99 that the box adds is the median, over the rounds, of its p99 less that of the bare server next to it. */
async function halfLoad(scene: Scene, size: Size, shape: Shape, perSec: number): Promise<BenchCase[]> {
	const latencies = samplesPerSide(size.rounds * size.paced);
	const p99s = { box: [] as number[], bare: [] as number[] };
	await alternate(size, async (side, round) => {
		const { latenciesMs } = await scene.burst(side, { ...shape, count: size.paced, perSec });
		if (round < 0) return;
		for (const latencyMs of latenciesMs) latencies[side].record(latencyMs);
		p99s[side].push(percentilesOf(latenciesMs).p99);
	});
	const name = `${shape.name} at half load`;
	const addedMs = p99s.box.map((p99, round) => Math.max(0, p99 - (p99s.bare[round] ?? 0)));
	return [
		...SIDES.map((side) => caseOfSamples(`${name}, ${side}`, latencies[side], perSec)),
		{ name: `${name}, p99 that the box adds`, unit: 'ms', sampleCount: addedMs.length, ...percentilesOf(addedMs) },
	];
}

async function fanOut(scene: Scene, { moves }: Size): Promise<BenchCase[]> {
	const shape = { protocol: 'http', operation: 'create', perConnection: 1, connectionCount: IN_FLIGHT } as const;
	const burst = { ...shape, count: moves, perSec: MOVES_PER_SEC };
	const heardOf = async (side: Side, work: () => Promise<void>) => {
		await scene.subscribe(side, LISTENER_COUNT);
		const startMs = performance.now();
		await work();
		const tookMs = performance.now() - startMs;
		return { ...(await scene.heard()), tookMs };
	};
	const box = await heardOf('box', async () => void (await scene.burst('box', burst)));
	if (box.frames.length < 2) throw new Error('the book did not move, so nothing was sent to anybody');
	const everyMs = box.tookMs / box.frames.length;
	const bare = await heardOf('bare', async () => {
		await Promise.all([scene.broadcast(box.frames, everyMs), scene.burst('bare', burst)]);
	});
	const caseOf = (side: Side, { latenciesMs, tookMs }: typeof box): BenchCase => ({
		name: `fan-out to ${LISTENER_COUNT}, until the last has it, ${side}`,
		unit: 'ms',
		sampleCount: latenciesMs.length,
		...percentilesOf(latenciesMs.map((latencyMs) => Math.max(0, latencyMs))),
		perSec: (1_000 * LISTENER_COUNT * latenciesMs.length) / tookMs,
	});
	return [caseOf('bare', bare), caseOf('box', box)];
}

function percentilesOf(values: readonly number[]): Percentiles {
	const samples = new Samples(values.length);
	for (const value of values) samples.record(value);
	return samples.percentiles();
}

function samplesPerSide(countMax: number): Readonly<Record<Side, Samples>> {
	return { bare: new Samples(countMax), box: new Samples(countMax) };
}

function caseOfSamples(name: string, samples: Samples, perSec: number): BenchCase {
	return { name, unit: 'ms', sampleCount: samples.count, ...samples.percentiles(), perSec };
}

/** Warms up, and then lets the servers take turns, with the order turned round each time. */
async function alternate({ rounds, warmupRounds }: Size, run: (side: Side, round: number) => Promise<void>): Promise<void> {
	for (let round = -warmupRounds; round < rounds; round += 1) {
		for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) await run(side, round);
	}
}
