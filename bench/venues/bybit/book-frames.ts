/**
 * Frames of `orderbook.50.BTCUSDT` as the venue sends them, from the seeded stream of bench/domain/book-stream.ts: the
 * same members in the same order, prices with the two decimals the venue prints for a tick of 0.10, sizes with three and
 * "0" for a level that is gone. A recorded frame of 12 changes is some 400 bytes long, and so are these.
 */
import { asciiBytes } from '../../../src/venues/wire/byte-table.ts';
import { BookStream, type ParsedMessage } from '../../domain/book-stream.ts';

const TOPIC = 'orderbook.50.BTCUSDT';
const SYMBOL = 'BTCUSDT';
const LEVEL_COUNT = 50;
const CHANGES_PER_FRAME = 12;
const FIRST_UPDATE_ID = 41_200_310;
const FIRST_CROSS_SEQUENCE = 880_012_345_670;
const START_MS = 1_771_000_000_100;
const PUSH_MS = 20;
const PRICE_DECIMALS = 2;
export const TICKS_PER_ONE = 10;
export const LOTS_PER_ONE = 1000;

export interface BookFrames {
	readonly snapshot: Uint8Array;
	/** Newly made each time, as a socket would hand them over: young and in cache. */
	deltas(from: number, to: number): Buffer[];
}

export function makeBookFrames(frameCount: number): BookFrames {
	const stream = new BookStream({
		seed: 7,
		levelCount: LEVEL_COUNT,
		messageCount: frameCount,
		changesPerMessage: CHANGES_PER_FRAME,
	});
	return {
		snapshot: asciiBytes(frame('snapshot', 0, stream.snapshot)),
		deltas: (from, to) =>
			stream.parse(from, to).map((message, i) => Buffer.from(frame('delta', from + i + 1, message), 'latin1')),
	};
}

function frame(type: 'snapshot' | 'delta', index: number, { bids, asks }: ParsedMessage): string {
	const cts = START_MS + index * PUSH_MS;
	const data = {
		s: SYMBOL,
		b: bids.sort(([a], [b]) => b - a).map(level),
		a: asks.sort(([a], [b]) => a - b).map(level),
		u: FIRST_UPDATE_ID + index,
		seq: FIRST_CROSS_SEQUENCE + index * 7,
	};
	return JSON.stringify({ topic: TOPIC, type, ts: cts + 2, data, cts });
}

function level([ticks, lots]: [number, number]): [string, string] {
	const price = `${Math.floor(ticks / TICKS_PER_ONE)}.${String(ticks % TICKS_PER_ONE).padEnd(PRICE_DECIMALS, '0')}`;
	return [price, lots === 0 ? '0' : (lots / LOTS_PER_ONE).toFixed(3)];
}
