/** What is told to a writer is what a reader tells, and nothing that is broken is ever told as if it were whole. */
import { crc32, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BookDelta } from '../../domain/book-delta.ts';
import type { Arrival, MarketSink, RecordedInstrument } from '../../domain/market-record.ts';
import { type Lots, type Ticks, type TimeMs, timeMs } from '../../domain/units.ts';
import { FIRST_LINE, marketBlock, textBlock } from './recording-blocks.ts';
import { type ReadAt, RecordingReader } from './recording-reader.ts';
import { LOST_REASONS } from './recording-rows.ts';
import { RecordingWriter } from './recording-writer.ts';

const BTC: RecordedInstrument = { venue: 'binance', category: 'linear', symbol: 'BTCUSDT', tickSize: '0.1', lotSize: '0.001' };
const ETH: RecordedInstrument = { ...BTC, category: 'spot', symbol: 'ETHUSDT', tickSize: '0.01' };

type Told = readonly [name: string, at: Arrival, ...rest: unknown[]];

/** Copies at once, since what it is handed is lent. */
class Ear implements MarketSink {
	readonly told: Told[] = [];

	book(at: Arrival, delta: BookDelta): void {
		const levels = Array.from({ length: delta.count }, (_, i) => [delta.sideAt(i), delta.ticksAt(i), delta.lotsAt(i)]);
		this.told.push(['book', { ...at }, delta.kind, delta.sequence, delta.venueAtMs, delta.receivedAtMs, levels]);
	}

	bookLost(at: Arrival, reason: string): void {
		this.told.push(['bookLost', { ...at }, reason]);
	}

	top(at: Arrival, top: Parameters<MarketSink['top']>[1]): void {
		this.told.push(['top', { ...at }, { ...top }]);
	}

	trade(at: Arrival, trade: Parameters<MarketSink['trade']>[1]): void {
		this.told.push(['trade', { ...at }, { ...trade }]);
	}

	mark(at: Arrival, mark: Parameters<MarketSink['mark']>[1]): void {
		this.told.push(['mark', { ...at }, { ...mark }]);
	}
}

type Say = (sink: MarketSink, at: Arrival) => void;

function bytesOf(instruments: readonly RecordedInstrument[], tell: (writer: RecordingWriter) => void): Buffer {
	const parts: Uint8Array[] = [];
	const writer = new RecordingWriter(instruments, (bytes) => parts.push(bytes));
	tell(writer);
	writer.end();
	return Buffer.concat(parts);
}

function reading(bytes: Buffer): ReadAt {
	return (buffer, offset) => bytes.copy(buffer, 0, Math.min(offset, bytes.length));
}

function read(bytes: Buffer): Ear {
	const ear = new Ear();
	const reader = new RecordingReader(reading(bytes));
	while (reader.tellNext(ear)) continue;
	return ear;
}

function book(kind: 'snapshot' | 'delta', levels: readonly (readonly ['bid' | 'ask', number, number])[], sequence = 7): Say {
	return (sink, at) => {
		const delta = new BookDelta();
		delta.reset(kind, sequence, at.venueAtMs, timeMs(Math.floor(at.arrivedAtUs / 1000)));
		for (const [side, ticks, lots] of levels) delta.push(side, ticks as Ticks, lots as Lots);
		sink.book(at, delta);
	};
}

const trade: Say = (sink, at) => sink.trade(at, { priceTicks: 5 as Ticks, qtyLots: 2 as Lots, takerSide: 'buy' });

function at(arrivedAtUs: number, instrument = 0): Arrival {
	return { instrument, arrivedAtUs, venueAtMs: timeMs(1_771_000_000_000) };
}

const whole = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const lots = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const level = fc.tuple(fc.constantFrom('bid' as const, 'ask' as const), whole, lots);
const says: fc.Arbitrary<Say> = fc.oneof(
	fc
		.tuple(fc.constantFrom('snapshot' as const, 'delta' as const), fc.array(level, { maxLength: 40 }), lots)
		.map(([kind, levels, sequence]) => book(kind, levels, sequence)),
	fc.constantFrom(...LOST_REASONS).map(
		(reason): Say =>
			(sink, when) =>
				sink.bookLost(when, reason),
	),
	fc.tuple(lots, lots, lots, lots, lots).map(
		([sequence, bidTicks, bidLots, askTicks, askLots]): Say =>
			(sink, when) =>
				sink.top(when, {
					sequence,
					bidTicks: bidTicks as Ticks,
					bidLots: bidLots as Lots,
					askTicks: askTicks as Ticks,
					askLots: askLots as Lots,
				}),
	),
	fc.tuple(whole, whole, fc.constantFrom('buy' as const, 'sell' as const)).map(
		([priceTicks, qtyLots, takerSide]): Say =>
			(sink, when) =>
				sink.trade(when, { priceTicks: priceTicks as Ticks, qtyLots: qtyLots as Lots, takerSide }),
	),
	fc.tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true }), lots).map(
		([markTicks, fundingRate, nextFundingAtMs]): Say =>
			(sink, when) =>
				sink.mark(when, { markTicks, fundingRate, nextFundingAtMs: nextFundingAtMs as TimeMs }),
	),
);
const record = fc.record({
	say: says,
	laterByUs: fc.integer({ min: 0, max: 10_000_000 }),
	instrument: fc.integer({ min: 0, max: 1 }),
	venueAtMs: lots,
});

function tellAll(sink: MarketSink, records: readonly (typeof record extends fc.Arbitrary<infer One> ? One : never)[]): void {
	let arrivedAtUs = 1_771_000_000_000_000;
	for (const { say, laterByUs, instrument, venueAtMs } of records) {
		arrivedAtUs += laterByUs;
		say(sink, { instrument, arrivedAtUs, venueAtMs: venueAtMs as TimeMs });
	}
}

test('what was told is told again: all of it, in its order, to the last digit', () => {
	fc.assert(
		fc.property(fc.array(record, { maxLength: 60 }), (records) => {
			const told = new Ear();
			tellAll(told, records);
			const bytes = bytesOf([BTC, ETH], (writer) => tellAll(writer, records));
			expect(read(bytes).told).toEqual(told.told);
			expect(new RecordingReader(reading(bytes)).instruments).toEqual([BTC, ETH]);
		}),
	);
});

test('goes over many blocks, and holds books larger than one', () => {
	const levels = Array.from({ length: 20_000 }, (_, i) => ['ask', i + 1, i] as const);
	const small = Array.from({ length: 500 }, (_, i) => book('delta', [['bid', i + 1, 3]], i));
	const says = [trade, book('snapshot', levels), ...small, book('snapshot', levels), trade];
	const tell = (sink: MarketSink): void => says.forEach((say, index) => say(sink, at(1_000 + index)));
	const told = new Ear();
	tell(told);
	expect(read(bytesOf([BTC], tell)).told).toEqual(told.told);
});

test('means what the format says, whoever wrote it', () => {
	const rows = [
		[1, 0, 1_500, 9, 70, 2, 99, 5, -100, 6],
		[2, 1, 1_501, 0, 71, 1, -100, 0],
		...[0, 1, 2, 3, 4, 5].map((reason) => [3, 0, 1_502, 9, reason]),
		[4, 0, 1_503, 9, 72, 99, 5, 100, 6],
		[5, 0, 1_504, 9, 100, 3, 1],
		[5, 0, 1_504, 9, 100, 3, -1],
		[6, 0, 1_999, 9, 99.5, -0.0001, 17],
	];
	const block = marketBlock(Float64Array.from(rows.flat()), { recordCount: rows.length, firstAtUs: 1_500, lastAtUs: 1_999 });
	const head = textBlock('head', JSON.stringify({ instruments: [BTC, ETH] }));
	const end = textBlock('end', JSON.stringify({ records: rows.length }));
	const when = (arrivedAtUs: number, venueAtMs = 9, instrument = 0): unknown => ({ instrument, arrivedAtUs, venueAtMs });
	const levels = [
		['bid', 99, 5],
		['ask', 100, 6],
	];
	expect(read(Buffer.concat([FIRST_LINE, head, block, end])).told).toEqual([
		['book', when(1_500), 'snapshot', 70, 9, 1, levels],
		['book', when(1_501, 0, 1), 'delta', 71, 0, 1, [['ask', 100, 0]]],
		...['gap', 'crossed', 'stale', 'disconnected', 'checksum', 'unreadable'].map((reason) => ['bookLost', when(1_502), reason]),
		['top', when(1_503), { sequence: 72, bidTicks: 99, bidLots: 5, askTicks: 100, askLots: 6 }],
		['trade', when(1_504), { priceTicks: 100, qtyLots: 3, takerSide: 'buy' }],
		['trade', when(1_504), { priceTicks: 100, qtyLots: 3, takerSide: 'sell' }],
		['mark', when(1_999), { markTicks: 99.5, fundingRate: -0.0001, nextFundingAtMs: 17 }],
	]);
});

test('a block lies on the disk as the format says', () => {
	const block = Buffer.from(marketBlock(Float64Array.from([5, 0, 1, 1, 5, 2, 1]), { recordCount: 1, firstAtUs: 1, lastAtUs: 2 }));
	expect(block.subarray(0, 4).toString()).toBe('EKB1');
	expect([4, 8, 12, 16].map((offset) => block.readUInt32LE(offset))).toEqual([2, block.length - 40, 56, 1]);
	expect([block.readDoubleLE(20), block.readDoubleLE(28)]).toEqual([1, 2]);
	expect(block.readUInt32LE(36)).toBe(crc32(Buffer.concat([block.subarray(0, 36), block.subarray(40)])));
	expect(new Float64Array(new Uint8Array(inflateRawSync(block.subarray(40))).buffer)).toEqual(
		Float64Array.from([5, 0, 1, 1, 5, 2, 1]),
	);
	expect(textBlock('head', '{}')[4]).toBe(1);
	expect(textBlock('end', '{}')[4]).toBe(3);
});

test('is recognised by its first bytes, and read by nobody who does not know it', () => {
	const bytes = bytesOf([BTC], (writer) => trade(writer, at(1)));
	expect(bytes.subarray(0, FIRST_LINE.length).toString()).toBe('evenkeel recording 1\n');
	expect(() => read(Buffer.from('evenkeel recording 2\nand more of it'))).toThrow('another version');
	expect(() => read(Buffer.from('1723161255030314667 {"stream":"x"}'))).toThrow('does not begin as a recording does');
	expect(() => read(Buffer.alloc(0))).toThrow('does not begin as a recording does');
});

const SAMPLE = bytesOf([BTC], (writer) => {
	book('snapshot', [
		['bid', 99, 5],
		['ask', 100, 5],
	])(writer, at(1));
	trade(writer, at(2));
});

describe('a broken one', () => {
	test('that was cut anywhere is an error', () => {
		for (let length = 0; length < SAMPLE.length; length++) {
			expect(() => read(SAMPLE.subarray(0, length)), `${length} of ${SAMPLE.length} bytes`).toThrow(
				/ends in the middle|does not begin/,
			);
		}
	});

	test('of which any one bit is wrong is an error', () => {
		for (let bit = 0; bit < SAMPLE.length * 8; bit++) {
			const bytes = Buffer.from(SAMPLE);
			bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
			expect(() => read(bytes), `bit ${bit}`).toThrow(/begin|version|damaged|ends in the middle/);
		}
	});

	test('that asks for more memory than any block needs is no block', () => {
		for (const offset of [8, 12]) {
			const bytes = Buffer.from(SAMPLE);
			bytes.writeUInt32LE(5 << 20, FIRST_LINE.length + offset);
			expect(() => read(bytes)).toThrow('no block begins here');
		}
	});

	test('says where it is broken', () => {
		const bytes = Buffer.from(SAMPLE);
		const last = bytes.length - 1;
		bytes[last] = (bytes[last] as number) ^ 1;
		expect(() => read(bytes)).toThrow(expect.objectContaining({ name: 'RecordingError', code: 'damaged' }));
		expect(() => read(bytes)).toThrow(/the block at byte \d+ is damaged: its check does not hold/);
		expect(() => read(SAMPLE.subarray(0, -1))).toThrow(expect.objectContaining({ code: 'cut' }));
	});

	test('that lacks a block between two whole ones is an error', () => {
		const head = Buffer.concat([FIRST_LINE, textBlock('head', JSON.stringify({ instruments: [BTC] }))]);
		expect(read(Buffer.concat([head, textBlock('end', '{"records":0}')])).told).toEqual([]);
		expect(() => read(Buffer.concat([head, textBlock('end', '{"records":1}')]))).toThrow('counts another number of records');
		expect(() => read(Buffer.concat([head, textBlock('end', 'no JSON')]))).toThrow('counts another number of records');
	});

	const row = (...words: number[]): Float64Array => Float64Array.from(words);
	test.each([
		['of no known kind', row(9, 0, 1, 1, 1), 1, 'of no known kind'],
		['of an instrument that is not in the list', row(5, 1, 1, 1, 5, 2, 1), 1, 'no instrument of the list'],
		['that is cut', row(5, 0, 1, 1, 5, 2), 1, 'of no known kind, or cut'],
		['with fewer levels than it says', row(1, 0, 1, 1, 7, 2, 100, 1), 1, 'levels of a book are cut'],
		['with a level that is none', row(1, 0, 1, 1, 7, 1, 0, 1), 1, 'a level needs a whole price'],
		['with half a lot', row(1, 0, 1, 1, 7, 1, 100, 0.5), 1, 'a level needs'],
		['that loses a book for no known reason', row(3, 0, 1, 1, 9), 1, 'for no known reason'],
		['less than its block says', row(5, 0, 1, 1, 5, 2, 1), 2, 'fewer records than it says'],
		['more than its block says', row(5, 0, 1, 1, 5, 2, 1, 5, 0, 1, 1, 5, 2, 1), 1, 'more records than it says'],
	])('with a record %s is an error', (_, rows, recordCount, message) => {
		const block = marketBlock(rows, { recordCount, firstAtUs: 1, lastAtUs: 1 });
		const head = textBlock('head', JSON.stringify({ instruments: [BTC] }));
		const end = textBlock('end', JSON.stringify({ records: rows.length > 7 ? 2 : 1 }));
		expect(() => read(Buffer.concat([FIRST_LINE, head, block, end]))).toThrow(message);
	});

	test('whose list of instruments comes late or twice is an error', () => {
		const head = textBlock('head', JSON.stringify({ instruments: [BTC] }));
		expect(() => read(Buffer.concat([FIRST_LINE, textBlock('end', '{"records":0}')]))).toThrow('begins with its list');
		expect(() => read(Buffer.concat([FIRST_LINE, head, head]))).toThrow('comes twice');
	});

	test.each([
		['no list at all', '{}'],
		['no JSON', '{'],
		['an instrument without its steps', JSON.stringify({ instruments: [{ ...BTC, tickSize: undefined }] })],
		['a market that is none', JSON.stringify({ instruments: [{ ...BTC, category: 'option' }] })],
	])('with %s for instruments is an error', (_, text) => {
		expect(() => read(Buffer.concat([FIRST_LINE, textBlock('head', text)]))).toThrow('list of instruments cannot be read');
	});
});

test('a writer refuses what no recording may hold: an unknown instrument, and time that goes back', () => {
	const writer = new RecordingWriter([BTC], () => {});
	trade(writer, at(10));
	expect(() => trade(writer, at(9))).toThrow('cannot follow one at 10 us');
	expect(() => trade(writer, at(10, 1))).toThrow('instrument 1');
	expect(() => trade(writer, at(10.5))).toThrow('cannot follow');
	trade(writer, at(10));
});
