/**
 * A diff from its bytes to the updated book of 1000 levels a side: the usual one of spot and of futures, and one that
 * changes a thousand levels. On a busy day tens of thousands of them come each minute and symbol, and what one costs is
 * taken from every decision behind it. Ours has all checks on: update ids, crossed book. All who keep a book must end with
 * the same one. Then the order update that tells of a fill, whose id no double holds.
 */
import type { Market } from '../../../src/venues/binance/codec/frames.ts';
import {
	type BenchCase,
	type Benchmark,
	type BenchOptions,
	type BenchResult,
	measurePaired,
	type Variant,
} from '../../harness.ts';
import { type Contestant, type Contestants, contestants } from './book-contestants.ts';
import { type BookFrames, FRAME_KINDS, type FrameKind, makeBookFrames } from './book-frames.ts';
import { orderContestants } from './order-contestants.ts';

interface Sizes {
	readonly rounds: number;
	readonly warmupRounds: number;
	readonly perRun: number;
}

const TINY: Sizes = { rounds: 3, warmupRounds: 1, perRun: 5 };
const FULL: Readonly<Record<keyof typeof FRAME_KINDS, Sizes>> = {
	spot: { rounds: 200, warmupRounds: 40, perRun: 100 },
	futures: { rounds: 200, warmupRounds: 40, perRun: 100 },
	panic: { rounds: 120, warmupRounds: 30, perRun: 10 },
};
const FULL_ORDERS: Sizes = { rounds: 200, warmupRounds: 40, perRun: 200 };

export default {
	name: 'venues/binance/codec',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const cases: BenchCase[] = [];
		const ratios: Record<string, number> = {};
		for (const name of ['spot', 'futures', 'panic'] as const) {
			const compared = await compareBooks(name, FRAME_KINDS[name], tiny ? TINY : FULL[name]);
			cases.push(...compared.cases);
			Object.assign(ratios, compared.ratios);
		}
		const orders = await compareOrders(tiny ? TINY : FULL_ORDERS);
		return { cases: [...cases, ...orders.cases], ratios: { ...ratios, ...orders.ratios } };
	},
} satisfies Benchmark;

/**
 * One contestant after the other, unlike elsewhere: V8 keeps the short texts of parsed frames in a table of its own and in
 * its old space, and whoever is timed between two that parse is slowed to half its pace by what they leave behind.
 */
async function compareBooks(name: string, kind: FrameKind, { rounds, warmupRounds, perRun }: Sizes): Promise<BenchResult> {
	const frames = makeBookFrames(kind, (rounds + warmupRounds) * perRun);
	const all = await contestants(kind.market satisfies Market);
	const cases: BenchCase[] = [];
	for (const [who, one] of Object.entries(all)) {
		const options = { rounds, warmupRounds, workPerRun: perRun, work: 'frame' };
		const measured = await measurePaired({ ...options, variants: { [who]: replay(frames, one, perRun) } });
		cases.push(...Object.values<BenchCase>(measured.cases));
	}
	assertSameBooks(all);
	const p50 = (who: keyof Contestants): number => cases.find((one) => one.name === who)?.p50 ?? Number.NaN;
	return {
		cases: cases.map((one) => ({ ...one, name: `${name}, ${one.name}` })),
		ratios: {
			[`${name}OursVsJsonParse`]: p50('JSON.parse alone') / p50('ours'),
			[`${name}OursVsCcxt`]: p50('ccxt') / p50('ours'),
			[`${name}OursVsTwin`]: p50('twin') / p50('ours'),
		},
	};
}

/** Each run takes the next piece of the stream, so that the book lives on as it would in a day of trading. */
function replay(frames: BookFrames, contestant: Contestant, perRun: number): Variant {
	let next = 0;
	let piece: Buffer[] = [];
	contestant.start(frames.snapshot);
	return {
		prepare() {
			piece = frames.diffs(next, next + perRun);
			next += perRun;
		},
		run() {
			for (let i = 0; i < piece.length; i++) contestant.take(piece[i] as Buffer);
			return contestant.bestBidLots();
		},
	};
}

async function compareOrders({ rounds, warmupRounds, perRun }: Sizes): Promise<BenchResult> {
	const { cases, ratio } = await measurePaired({
		variants: orderContestants(perRun),
		rounds,
		warmupRounds,
		workPerRun: perRun,
		work: 'frame',
		checksums: 'free',
	});
	return {
		cases: Object.values<BenchCase>(cases).map((one) => ({ ...one, name: `order, ${one.name}` })),
		ratios: {
			orderOursVsJsonParse: ratio({ theirs: 'JSON.parse alone', ours: 'ours' }),
			orderOursVsTwin: ratio({ theirs: 'twin', ours: 'ours' }),
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
