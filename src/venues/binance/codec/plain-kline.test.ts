import { expect, test } from 'vitest';
import { BTCUSDT } from '../../../../test/fixtures/instruments.ts';
import { KLINE_INTERVALS, klineStream, klineStreamOf, readKlines } from './plain-kline.ts';

/** As the venue's documents show one. */
const ROW = {
	...{ t: 1_770_999_960_000, T: 1_771_000_019_999, s: 'BTCUSDT', i: '1m', f: 880_001, L: 880_011 },
	...{ o: '65000.00', c: '65001.20', h: '65002.00', l: '64998.00', v: '12.345', n: 11, x: false },
	...{ q: '802400.10', V: '6.100', Q: '396500.00', B: '0' },
};

const frame = (row: unknown, data: object = {}) => ({
	stream: 'btcusdt@kline_1m',
	data: { e: 'kline', E: 1_771_000_002_000, s: 'BTCUSDT', k: row, ...data },
});

test('a candle is counted in ticks and lots', () => {
	expect(readKlines(frame(ROW), '1m', BTCUSDT)).toEqual([
		{
			instrument: 0,
			interval: '1m',
			startAtMs: 1_770_999_960_000,
			endAtMs: 1_771_000_019_999,
			openTicks: 650_000,
			highTicks: 650_020,
			lowTicks: 649_980,
			closeTicks: 650_012,
			volumeLots: 12_345,
			turnover: 802_400.1,
			isClosed: false,
			tradeCount: 11,
		},
	]);
});

test.each([
	['another interval', frame({ ...ROW, i: '3m' }), 'unknown-word', 'data.k.i'],
	['another symbol', frame(ROW, { s: 'ETHUSDT' }), 'wrong-symbol', 'data.s'],
	['another event', frame(ROW, { e: 'trade' }), 'unknown-word', 'data.e'],
	['no candle', frame(undefined), 'missing', 'data.k'],
	['no data', { stream: 'btcusdt@kline_1m' }, 'missing', 'data'],
	['no word on its end', frame({ ...ROW, x: 1 }), 'missing', 'data.k.x'],
	['no price', frame({ ...ROW, o: 'much' }), 'not-a-decimal', 'data.k.o'],
	['a price of zero', frame({ ...ROW, l: '0' }), 'zero', 'data.k.l'],
	['a negative volume', frame({ ...ROW, v: '-1' }), 'negative', 'data.k.v'],
	['half a trade', frame({ ...ROW, n: 0.5 }), 'not-whole', 'data.k.n'],
	['a high below its close', frame({ ...ROW, h: '65001.10' }), 'contradiction', 'data.k.h'],
	['a low above its open', frame({ ...ROW, l: '65000.10' }), 'contradiction', 'data.k.l'],
	['an end before its start', frame({ ...ROW, T: 5 }), 'contradiction', 'data.k.T'],
])('%s is bad', (_, message, reason, where) => {
	expect(readKlines(message, '1m', BTCUSDT)).toMatchObject({ kind: 'bad', reason, where, instrument: BTCUSDT });
});

test('streams are known by their names', () => {
	for (const interval of KLINE_INTERVALS) {
		const stream = klineStream('BTCUSDT', interval);
		expect(stream).toBe(`btcusdt@kline_${interval}`);
		expect(klineStreamOf({ stream, data: {} })).toBe(stream);
	}
	for (const message of [
		{ stream: 'btcusdt@trade' },
		{ stream: 5 },
		{ e: 'kline' },
		'btcusdt@kline_1m',
		{ stream: '@kline_1m' },
	]) {
		expect(klineStreamOf(message)).toBeUndefined();
	}
});
