/**
 * Matching orders. It stands for what every command costs inside the exchange in a box, in simulations and backtests:
 * what is lost here is lost on each order of each simulated day.
 * Taking: 71 % limit, 24 % cancel, 5 % market orders, with string ids, acknowledgements, fills, post-only and self-trade
 * checks on both sides, against nodejs-order-book, which gets the same stream and must give the same fills and the same
 * book. Commands are built beforehand and not timed; accounts and margin are not part of it. Ours also reports every
 * level change, which the peer does not.
 * Amending: 9 % GTC, 3 % IOC, 6 % cancel, 82 % amend around 1,000 resting orders over 750 prices, each operation timed
 * alone; a sample includes one reading of the clock, some 40 ns.
 */
import {
	type BenchCase,
	type Benchmark,
	type BenchOptions,
	type BenchResult,
	measurePaired,
	nowNs,
	Samples,
	type Variant,
} from '../harness.ts';
import { type Contestant, OwnContestant, PeerContestant } from './matching-contestants.ts';
import { AmendingStream, type StreamCommand, TakingStream } from './matching-stream.ts';

const SEED = 20_260_301;
const TAKING = { tiny: { rounds: 2, warmupRounds: 1, perRun: 500 }, full: { rounds: 40, warmupRounds: 6, perRun: 20_000 } };
const AMENDING = { tiny: { warmup: 100, timed: 500 }, full: { warmup: 500_000, timed: 1_000_000 } };

export default {
	name: 'exchange/matching',
	async run(options: BenchOptions): Promise<BenchResult> {
		const taking = await compareTaking(options);
		return { cases: [...taking.cases, timeAmending(options)], ratios: taking.ratios };
	},
} satisfies Benchmark;

async function compareTaking({ tiny }: BenchOptions): Promise<BenchResult> {
	const { rounds, warmupRounds, perRun } = tiny ? TAKING.tiny : TAKING.full;
	await assertSameFills(tiny ? 2_000 : 100_000);
	const contestants = {
		ours: new OwnContestant(),
		nodejsOrderBook: await PeerContestant.load(),
	};
	const { cases, ratio } = await measurePaired({
		variants: {
			ours: replay(contestants.ours, perRun),
			nodejsOrderBook: replay(contestants.nodejsOrderBook, perRun),
		},
		rounds,
		warmupRounds,
		workPerRun: perRun,
		work: 'command',
	});
	assertSame('final books', [contestants.ours.levels(), contestants.nodejsOrderBook.levels()]);
	return {
		cases: Object.values(cases).map((one) => ({ ...one, name: `taking, ${one.name}` })),
		ratios: { oursVsNodejsOrderBook: ratio({ theirs: 'nodejsOrderBook', ours: 'ours' }) },
	};
}

/** Each contestant has a stream of its own from the same seed, and its book lives on from run to run. */
function replay(contestant: Contestant, perRun: number): Variant {
	const stream = new TakingStream(SEED);
	return { prepare: () => contestant.load(stream.next(perRun)), run: () => contestant.play() };
}

/** Untimed: every fill, refusal and expiry of one long run, in order, and the book it leaves. */
async function assertSameFills(count: number): Promise<void> {
	const contestants = [new OwnContestant(), await PeerContestant.load()];
	for (const contestant of contestants) {
		contestant.logging = true;
		contestant.load(new TakingStream(SEED + 1).next(count));
		contestant.play();
	}
	for (const { log, expired } of contestants) {
		if (log.length === 0 || expired.length === 0)
			throw new Error('the stream made no fills or no expiries, so comparing them says nothing');
	}
	assertSame(
		'fills',
		contestants.map(({ log }) => log),
	);
	assertSame(
		'self-trade expiries',
		contestants.map(({ expired }) => expired),
	);
	assertSame(
		'books',
		contestants.map((contestant) => contestant.levels()),
	);
}

function assertSame(what: string, values: readonly unknown[]): void {
	const texts = values.map((value) => JSON.stringify(value));
	if (texts.some((text) => text !== texts[0])) throw new Error(`${what} differ between contestants`);
}

function timeAmending({ tiny }: BenchOptions): BenchCase {
	const { warmup, timed } = tiny ? AMENDING.tiny : AMENDING.full;
	const stream = new AmendingStream(SEED);
	const own = new OwnContestant();
	own.load([...stream.start(), ...stream.next(warmup)]);
	own.play();
	const commands = stream.next(timed);
	const samples = new Samples(timed);
	globalThis.gc?.();
	for (let index = 0; index < commands.length; index++) {
		const startNs = nowNs();
		own.one(commands[index] as StreamCommand);
		samples.record(nowNs() - startNs);
	}
	if (Math.abs(own.orderCount - 1_000) > 400) throw new Error(`the mix should hold about 1,000 orders, found ${own.orderCount}`);
	const percentiles = samples.percentiles();
	return {
		name: 'amending, ours',
		unit: 'ns/command',
		sampleCount: timed,
		...percentiles,
		perSec: 1e9 / percentiles.p50,
		checksum: own.checksum,
	};
}
