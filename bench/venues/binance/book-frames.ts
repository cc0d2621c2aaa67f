/**
 * Diffs of a book of 1000 levels a side as the venue sends them, from the seeded stream of bench/domain/book-stream.ts:
 * spot with eight decimals everywhere, futures with those of the tick and the lot. Recorded BTCUSDT diffs of 100 ms change
 * some 30 levels on either market; in a panic a thousand, so there is a kind of frame that does.
 */
import type { Market } from '../../../src/venues/binance/codec/frames.ts';
import { BookStream, type ParsedMessage } from '../../domain/book-stream.ts';
import type { PeerUnits } from '../peer-book.ts';

export interface FrameKind {
	readonly market: Market;
	readonly changesPerFrame: number;
}

export const FRAME_KINDS = {
	spot: { market: 'spot', changesPerFrame: 30 },
	futures: { market: 'linear', changesPerFrame: 34 },
	panic: { market: 'spot', changesPerFrame: 1000 },
} as const satisfies Readonly<Record<string, FrameKind>>;

export const SYMBOL = 'BTCUSDT';
const LEVEL_COUNT = 1000;
const START_MS = 1_771_000_000_100;
const PUSH_MS = 100;
const FIRST_UPDATE_ID = 70_120_400_101;
/** Updates that one frame sums up; ids of futures run on over all symbols, so that some are left out in between. */
const UPDATES_PER_FRAME = 25;
const LEFT_OUT = 40;

interface Units extends PeerUnits {
	readonly priceDecimals: number;
	readonly sizeDecimals: number;
}

/** The stream counts in ticks of 0.1 and lots of 0.001, whatever is printed. */
export const UNITS: Readonly<Record<Market, Units>> = {
	spot: { ticksPerOne: 10, lotsPerOne: 1000, priceDecimals: 8, sizeDecimals: 8 },
	linear: { ticksPerOne: 10, lotsPerOne: 1000, priceDecimals: 2, sizeDecimals: 3 },
};

export interface BookFrames {
	/** The answer to a question about depth, and the update that it is at. */
	readonly snapshot: Uint8Array;
	/** Newly made each time, as a socket would hand them over: young and in cache. */
	diffs(from: number, to: number): Buffer[];
}

export function makeBookFrames({ market, changesPerFrame }: FrameKind, frameCount: number): BookFrames {
	const isPanic = changesPerFrame > 100;
	const stream = new BookStream({
		seed: 7,
		levelCount: LEVEL_COUNT,
		messageCount: isPanic ? 1 : frameCount,
		changesPerMessage: isPanic ? 12 : changesPerFrame,
	});
	const messages = (from: number, to: number): ParsedMessage[] => {
		if (!isPanic) return stream.parse(from, to);
		return Array.from({ length: to - from }, (_, i) => panic(stream.snapshot, from + i, changesPerFrame));
	};
	return {
		snapshot: Buffer.from(JSON.stringify(depthAnswer(market, stream.snapshot)), 'latin1'),
		diffs: (from, to) =>
			messages(from, to).map((message, i) => Buffer.from(JSON.stringify(diff(market, from + i, message)), 'latin1')),
	};
}

/** New sizes for every other level of both sides, in turn for these and for those. */
function panic({ bids, asks }: ParsedMessage, index: number, changeCount: number): ParsedMessage {
	const every = Math.round((bids.length + asks.length) / changeCount);
	const resized = (levels: [number, number][]): [number, number][] =>
		levels
			.filter((_, i) => i % every === index % every)
			.map(([ticks, lots], i) => [ticks, 1 + ((lots * 7_919 + i * 104_729 + index * 1_299_709) % 20_000)]);
	return { bids: resized(bids), asks: resized(asks) };
}

function depthAnswer(market: Market, { bids, asks }: ParsedMessage): object {
	const at = market === 'linear' ? { E: START_MS, T: START_MS - 2 } : {};
	return { lastUpdateId: FIRST_UPDATE_ID - 1, ...at, bids: levels(market, bids), asks: levels(market, asks) };
}

function diff(market: Market, index: number, { bids, asks }: ParsedMessage): object {
	const E = START_MS + index * PUSH_MS;
	const step = market === 'linear' ? UPDATES_PER_FRAME + LEFT_OUT : UPDATES_PER_FRAME;
	const U = FIRST_UPDATE_ID + index * step;
	const u = U + UPDATES_PER_FRAME - 1;
	const sides = {
		b: levels(
			market,
			bids.sort(([a], [b]) => b - a),
		),
		a: levels(
			market,
			asks.sort(([a], [b]) => a - b),
		),
	};
	if (market === 'spot') return { e: 'depthUpdate', E, s: SYMBOL, U, u, ...sides };
	const pu = index === 0 ? FIRST_UPDATE_ID - 1 : U - LEFT_OUT - 1;
	return { e: 'depthUpdate', E, T: E - 2, s: SYMBOL, ps: SYMBOL, st: 1, U, u, pu, ...sides };
}

function levels(market: Market, side: readonly [number, number][]): [string, string][] {
	const { ticksPerOne, lotsPerOne, priceDecimals, sizeDecimals } = UNITS[market];
	return side.map(([ticks, lots]) => [(ticks / ticksPerOne).toFixed(priceDecimals), (lots / lotsPerOne).toFixed(sizeDecimals)]);
}
