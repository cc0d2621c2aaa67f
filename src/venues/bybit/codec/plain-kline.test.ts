import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BTCUSDT, makeTestInstrument } from '../../../../test/fixtures/instruments.ts';
import { KLINE_INTERVALS, klineTopic, klineTopicOf, readKlines } from './plain-kline.ts';

/** As the venue's documents show one. */
const ROW = {
	start: 1_771_000_000_000,
	end: 1_771_000_059_999,
	interval: '1',
	open: '65000.00',
	close: '65001.20',
	high: '65002.00',
	low: '64998.00',
	volume: '12.345',
	turnover: '802400.10',
	confirm: false,
	timestamp: 1_771_000_000_998,
};

function frame(...rows: readonly unknown[]) {
	return { topic: 'kline.1.BTCUSDT', type: 'snapshot', ts: 1_771_000_001_000, data: rows };
}

test('a candle is counted in ticks and lots', () => {
	expect(readKlines(frame(ROW), '1', BTCUSDT)).toEqual([
		{
			instrument: 0,
			interval: '1',
			startAtMs: 1_771_000_000_000,
			endAtMs: 1_771_000_059_999,
			openTicks: 650_000,
			highTicks: 650_020,
			lowTicks: 649_980,
			closeTicks: 650_012,
			volumeLots: 12_345,
			turnover: 802_400.1,
			isClosed: false,
			lastTradeAtMs: 1_771_000_000_998,
		},
	]);
});

test('one without trades is one', () => {
	const row = { ...ROW, open: '65000', close: '65000', high: '65000', low: '65000', volume: '0', turnover: '0', confirm: true };
	expect(readKlines(frame(row), '1', BTCUSDT)).toMatchObject([
		{ openTicks: 650_000, volumeLots: 0, turnover: 0, isClosed: true },
	]);
});

test('a candle that began on a finer grid than that of today lies between the ticks (F59)', () => {
	const coarser = makeTestInstrument({ tickSize: '0.50', lotSize: '0.01', version: 2 });
	expect(readKlines(frame({ ...ROW, close: '65001.20' }), '1', coarser)).toMatchObject([
		{ openTicks: 130_000, closeTicks: 130_002.4, volumeLots: 1_234.5 },
	]);
});

test('all of a frame, in its order', () => {
	const next = { ...ROW, start: ROW.end + 1, end: ROW.end + 60_000 };
	const klines = readKlines(frame({ ...ROW, confirm: true }, next), '1', BTCUSDT);
	expect(klines).toMatchObject([
		{ startAtMs: ROW.start, isClosed: true },
		{ startAtMs: next.start, isClosed: false },
	]);
});

describe('is bad as a whole', () => {
	const { confirm: _confirm, ...unconfirmed } = ROW;
	test.each([
		['that is a list', [], 'not-an-object', 'frame'],
		['of another type', { ...frame(ROW), type: 'delta' }, 'unknown-word', 'type'],
		['without data', { topic: 'kline.1.BTCUSDT', type: 'snapshot' }, 'missing', 'data'],
		['with more rows than any', frame(...Array<object>(4_097).fill(ROW)), 'too-many', 'data'],
		['with a row that is none', frame(ROW, 7), 'missing', 'data[1]'],
		['of another interval', frame({ ...ROW, interval: '5' }), 'unknown-word', 'data[0].interval'],
		['that does not say whether it is done', frame(unconfirmed), 'missing', 'data[0].confirm'],
		['done in a word', frame({ ...ROW, confirm: 'true' }), 'missing', 'data[0].confirm'],
		['with a time as text', frame({ ...ROW, start: '1771000000000' }), 'missing', 'data[0].start'],
		['with a time between milliseconds', frame({ ...ROW, timestamp: 0.5 }), 'not-whole', 'data[0].timestamp'],
		['that ends before it begins', frame({ ...ROW, end: ROW.start - 1 }), 'contradiction', 'data[0].end'],
		['with a price as number', frame({ ...ROW, open: 65_000 }), 'missing', 'data[0].open'],
		['with an exponent', frame({ ...ROW, close: '6.5e4' }), 'not-a-decimal', 'data[0].close'],
		['with a price of nothing', frame({ ...ROW, low: '0.00' }), 'zero', 'data[0].low'],
		['with a price below', frame({ ...ROW, high: '-65002' }), 'negative', 'data[0].high'],
		['with a volume below', frame({ ...ROW, volume: '-1' }), 'negative', 'data[0].volume'],
		['without turnover', frame({ ...ROW, turnover: '' }), 'not-a-decimal', 'data[0].turnover'],
		['whose high is not the highest', frame({ ...ROW, high: '65001.10' }), 'contradiction', 'data[0].high'],
		['whose low is not the lowest', frame({ ...ROW, low: '65000.10' }), 'contradiction', 'data[0].low'],
		['with a second row that is bad', frame(ROW, { ...ROW, open: '' }), 'not-a-decimal', 'data[1].open'],
	])('a frame %s', (_name, message, reason, where) => {
		expect(readKlines(message, '1', BTCUSDT)).toEqual({ kind: 'bad', reason, where, instrument: BTCUSDT, depth: undefined });
	});
});

test('whatever comes, it is read or bad, and what is read is a candle', () => {
	const word = fc.oneof(fc.anything(), fc.constantFrom('0', '1', '65000.1', '-1', '1e5', ''), fc.integer());
	const row = fc.record(Object.fromEntries(Object.keys(ROW).map((key) => [key, word])), { requiredKeys: [] });
	const mixed = row.map((changes) => ({ ...ROW, ...changes }));
	fc.assert(
		fc.property(
			fc.oneof(
				fc.anything(),
				fc.array(fc.oneof(mixed, row, fc.anything())).map((rows) => frame(...rows)),
			),
			(message) => {
				const klines = readKlines(message, '1', BTCUSDT);
				if ('reason' in klines) return;
				for (const { lowTicks, highTicks, openTicks, closeTicks, volumeLots, turnover } of klines) {
					expect(lowTicks).toBeGreaterThan(0);
					for (const each of [openTicks, closeTicks]) expect(each >= lowTicks && each <= highTicks).toBe(true);
					expect(volumeLots >= 0 && turnover >= 0).toBe(true);
				}
			},
		),
	);
});

test('topics are the venue’s words, there and back; nothing else is one', () => {
	for (const interval of KLINE_INTERVALS) {
		const topic = klineTopic({ interval, symbol: 'BTC-26DEC26' });
		expect(topic).toBe(`kline.${interval}.BTC-26DEC26`);
		expect(klineTopicOf({ topic })).toEqual({ interval, symbol: 'BTC-26DEC26' });
	}
	for (const topic of ['kline.2.BTCUSDT', 'kline.1', 'kline.1.', 'tickers.BTCUSDT', 'xkline.1.BTCUSDT', 7, undefined]) {
		expect(klineTopicOf({ topic })).toBe(undefined);
	}
	expect(klineTopicOf(null)).toBe(undefined);
});
