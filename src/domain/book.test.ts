import { describe, expect, test } from 'vitest';
import { bookSuite, levelsOf } from './book.suite.ts';
import { createBook, type OrderBook } from './book.ts';
import { BookDelta } from './book-delta.ts';
import { createPlainBook } from './book-plain.ts';
import { lots, ticks, timeMs } from './units.ts';

bookSuite('the fast book', createBook);
bookSuite('the plain book', createPlainBook);

/** A kind of market; together they reach every path of the fast book. */
interface Market {
	readonly name: string;
	readonly levelsMax: number;
	readonly changesPerMessage: number;
	readonly changeCount: number;
	/** Where the mid starts. Prices that differ by multiples of 2^32 are one to the table's hash, which must tell them apart. */
	readonly midTicks: number;
	/** How many price steps a change may lie from the mid, and how wide a step is. */
	readonly reachSteps: number;
	readonly stepTicks: number;
	/** 1 spreads changes evenly over the reach, more draws them to the touch. */
	readonly nearness: number;
	readonly deleteShare: number;
	/** Share of messages that are snapshots; as many end in distrust, a fifth as many in a clear. */
	readonly upsetShare: number;
	readonly trims: boolean;
}

const ORDINARY = { levelsMax: 2000, midTicks: 640_000, stepTicks: 1, deleteShare: 0.3, upsetShare: 0.01, trims: false };
const MARKETS: readonly Market[] = [
	{ ...ORDINARY, name: 'bursts at the touch', changesPerMessage: 6, changeCount: 250_000, reachSteps: 30, nearness: 3 },
	{
		...ORDINARY,
		name: 'full sides',
		levelsMax: 40,
		changesPerMessage: 12,
		changeCount: 250_000,
		reachSteps: 200,
		nearness: 2,
		trims: true,
	},
	{ ...ORDINARY, name: 'a deep book', changesPerMessage: 250, changeCount: 200_000, reachSteps: 2_000, nearness: 2 },
	{
		...ORDINARY,
		name: 'floods',
		changesPerMessage: 2_500,
		changeCount: 150_000,
		reachSteps: 40_000,
		nearness: 1,
		upsetShare: 0.2,
		trims: true,
	},
	{
		...ORDINARY,
		name: 'prices that share their low 32 bits',
		changesPerMessage: 20,
		changeCount: 150_000,
		midTicks: 2 ** 50,
		reachSteps: 60,
		stepTicks: 2 ** 32,
		nearness: 1,
		deleteShare: 0.45,
	},
];

describe('the fast book and its plain twin agree over a million random changes', () => {
	test('which are a million', () => {
		expect(MARKETS.reduce((sum, { changeCount }) => sum + changeCount, 0)).toBe(1_000_000);
	});

	test.each(MARKETS)('$name', (market) => {
		const seed = 20_240_731;
		const random = seededRandom(seed);
		const fast = createBook({ levelsMax: market.levelsMax });
		const plain = createPlainBook({ levelsMax: market.levelsMax });
		const delta = new BookDelta();
		const reached = new Set<string>();
		let midTicks = market.midTicks;
		let changeCount = 0;
		for (let index = 1; changeCount < market.changeCount; index++) {
			midTicks += market.stepTicks * Math.round((random() - 0.5) * market.reachSteps * 0.1);
			delta.reset(random() < market.upsetShare ? 'snapshot' : 'delta', index, timeMs(index), timeMs(index + 1));
			fill(delta, market, midTicks, random);
			changeCount += delta.count;
			const isCleared = random() < market.upsetShare / 5;
			const isDistrusted = random() < market.upsetShare;
			for (const book of [fast, plain]) {
				book.apply(delta);
				if (isDistrusted) book.distrust('gap');
				if (isCleared) book.clear();
			}
			const where = `seed ${seed}, message ${index}`;
			const glance = glanceOf(fast);
			if (glance !== glanceOf(plain)) expect(glance, where).toBe(glanceOf(plain));
			if (fast.hash() !== plain.hash()) expect(levelsOf(fast), where).toEqual(levelsOf(plain));
			if (index % 16 === 0) compareQueries(fast, plain, randomTicks(market, midTicks, random), where);
			if (fast.isCrossed) reached.add('crossed');
			if (fast.isTwoSided && !fast.isCrossed) reached.add('uncrossed');
			if (fast.unknownDeleteCount > 0) reached.add('unknown deletes');
			if (fast.isTrimmed) reached.add('trimmed');
			reached.add(fast.trust.kind);
		}
		const expected = ['broken', 'crossed', 'uncrossed', 'unknown deletes', 'whole', ...(market.trims ? ['trimmed'] : [])];
		expect(
			expected.filter((what) => !reached.has(what)),
			'never reached',
		).toEqual([]);
	});
});

/** All that can be read without walking the book, as one string, since a million deep comparisons take minutes. */
function glanceOf(book: OrderBook): string {
	return [
		[
			book.bestBidTicks,
			book.bestBidLots,
			book.bestAskTicks,
			book.bestAskLots,
			book.midTwiceTicks,
			book.isCrossed,
			book.isTwoSided,
		],
		[book.version, book.topVersion, book.sequence, book.venueAtMs, book.receivedAtMs, JSON.stringify(book.trust)],
		[book.bidCount, book.askCount, book.unknownDeleteCount, book.trimmedLevelCount, book.isTrimmed],
	].join();
}

function compareQueries(fast: OrderBook, plain: OrderBook, priceTicks: number, where: string): void {
	for (const side of ['bid', 'ask'] as const) {
		expect(fast.lotsAt(side, ticks(priceTicks)), where).toBe(plain.lotsAt(side, ticks(priceTicks)));
		expect(fast.lotsWithin(side, 7), where).toBe(plain.lotsWithin(side, 7));
		const vwapTicks = plain.vwapTicks(side, lots(250));
		const fastVwapTicks = fast.vwapTicks(side, lots(250));
		if (Number.isNaN(vwapTicks)) expect(fastVwapTicks, where).toBeNaN();
		else expect(Math.abs(fastVwapTicks / vwapTicks - 1), where).toBeLessThan(1e-12);
	}
}

function fill(delta: BookDelta, market: Market, midTicks: number, random: () => number): void {
	const count = 1 + Math.floor(random() * market.changesPerMessage * 2);
	// Snapshots come best first from venues; ours come so half of the time.
	const isSorted = delta.kind === 'snapshot' && random() < 0.5;
	const crosses = random() < 0.1;
	const prices = Array.from({ length: count }, () => randomTicks(market, midTicks, random));
	if (isSorted) prices.sort((a, b) => a - b);
	for (const priceTicks of prices) {
		const isBid = priceTicks < midTicks !== (crosses && random() < 0.1);
		const size = random() < market.deleteShare ? 0 : 1 + Math.floor(random() * 99);
		delta.push(isBid ? 'bid' : 'ask', ticks(priceTicks), lots(size));
	}
}

function randomTicks(market: Market, midTicks: number, random: () => number): number {
	const steps = Math.ceil(random() ** market.nearness * market.reachSteps);
	return midTicks + (random() < 0.5 ? -steps : steps) * market.stepTicks;
}

function seededRandom(seed: number): () => number {
	let state = seed;
	return () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) / 2 ** 32;
	};
}
