/**
 * A book frame of 12 changes from its bytes to the updated book, 50 levels a side; on a busy day hundreds of thousands of
 * them come each minute, and what one costs is taken from every decision behind it. Ours has all checks on: update id,
 * cross sequence, crossed book. Then the same through a real loopback `ws`, whose sender is a process of its own and
 * hands over prepared bytes, so that it costs next to nothing. All who keep a book must end with the same one.
 */
import {
	type BenchCase,
	type Benchmark,
	type BenchOptions,
	type BenchResult,
	measurePaired,
	type Variant,
} from '../../harness.ts';
import { type Contestant, type Contestants, contestants } from './book-contestants.ts';
import { type BookFrames, makeBookFrames } from './book-frames.ts';
import { FrameFeed } from './frame-feed.ts';

const SIZES = {
	tiny: { rounds: 3, warmupRounds: 1, perRun: 10, wsRounds: 2, wsWarmupRounds: 1, wsPerRun: 10 },
	full: { rounds: 200, warmupRounds: 40, perRun: 200, wsRounds: 30, wsWarmupRounds: 6, wsPerRun: 5_000 },
};

export default {
	name: 'venues/bybit/codec',
	async run(options: BenchOptions): Promise<BenchResult> {
		const alone = await compareAlone(options);
		const through = await compareThroughWs(options);
		return { cases: [...alone.cases, ...through.cases], ratios: { ...alone.ratios, ...through.ratios } };
	},
} satisfies Benchmark;

async function compareAlone({ tiny }: BenchOptions): Promise<BenchResult> {
	const { rounds, warmupRounds, perRun } = tiny ? SIZES.tiny : SIZES.full;
	const frames = makeBookFrames((rounds + warmupRounds) * perRun);
	const all = await contestants();
	const { cases, ratio } = await measurePaired({
		variants: Object.fromEntries(Object.entries(all).map(([name, one]) => [name, replay(frames, one, perRun)])),
		rounds,
		warmupRounds,
		workPerRun: perRun,
		work: 'frame',
		checksums: 'free',
	});
	assertSameBooks(all);
	return {
		cases: Object.values<BenchCase>(cases),
		ratios: {
			oursVsJsonParse: ratio({ theirs: 'JSON.parse alone', ours: 'ours' }),
			oursVsCcxt: ratio({ theirs: 'ccxt', ours: 'ours' }),
			oursVsBybitApi: ratio({ theirs: 'bybit-api + orderbooks', ours: 'ours' }),
			oursVsTwin: ratio({ theirs: 'twin', ours: 'ours' }),
		},
	};
}

/** Each run takes the next piece of the stream, so that the book lives on as it would in a day of trading. */
function replay(frames: BookFrames, contestant: Contestant, perRun: number): Variant {
	let next = 0;
	let piece: Buffer[] = [];
	contestant.take(Buffer.from(frames.snapshot));
	return {
		prepare() {
			piece = frames.deltas(next, next + perRun);
			next += perRun;
		},
		run() {
			for (let i = 0; i < piece.length; i++) contestant.take(piece[i] as Buffer);
			return contestant.bestBidLots();
		},
	};
}

async function compareThroughWs({ tiny }: BenchOptions): Promise<BenchResult> {
	const { wsRounds: rounds, wsWarmupRounds: warmupRounds, wsPerRun: perRun } = tiny ? SIZES.tiny : SIZES.full;
	const frameCount = (rounds + warmupRounds) * perRun;
	const { snapshot } = makeBookFrames(1);
	const all = await contestants();
	await using feed = new FrameFeed(frameCount);
	const variants: Record<string, Variant> = {};
	for (const [name, contestant] of Object.entries(all)) {
		contestant.take(Buffer.from(snapshot));
		const line = await feed.open((frame) => contestant.take(frame));
		variants[name] = {
			async run() {
				await line.take(perRun);
				return contestant.bestBidLots();
			},
		};
	}
	const { cases, ratio } = await measurePaired({
		variants,
		rounds,
		warmupRounds,
		workPerRun: perRun,
		work: 'frame',
		checksums: 'free',
	});
	assertSameBooks(all);
	return {
		cases: Object.values(cases).map((one) => ({ ...one, name: `through ws, ${one.name}` })),
		ratios: {
			oursVsJsonParseThroughWs: ratio({ theirs: 'JSON.parse alone', ours: 'ours' }),
			oursVsCcxtThroughWs: ratio({ theirs: 'ccxt', ours: 'ours' }),
			oursVsBybitApiThroughWs: ratio({ theirs: 'bybit-api + orderbooks', ours: 'ours' }),
		},
	};
}

function assertSameBooks(all: Contestants): void {
	const hashes = Object.entries(all).flatMap(([name, one]) => {
		const hash = one.hash();
		return hash === undefined ? [] : [{ name, hash }];
	});
	const odd = hashes.find(({ hash }) => hash !== hashes[0]?.hash);
	if (odd !== undefined)
		throw new Error(`${odd.name} and ${hashes[0]?.name} end with different books: ${JSON.stringify(hashes)}`);
}
