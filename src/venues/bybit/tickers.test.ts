import { expect, test } from 'vitest';
import { BTCUSDT, makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import { Ticker } from './tickers.ts';

const frame = (type: string, data: object) => ({ topic: 'tickers.BTCUSDT', type, data: { symbol: 'BTCUSDT', ...data } });
const WHOLE = { markPrice: '65000.05', fundingRate: '-0.0001', nextFundingTime: '1771027200000' };

test('what is missing in a delta is unchanged; a snapshot says everything anew', () => {
	const ticker = new Ticker();
	expect(ticker.apply(frame('snapshot', WHOLE), BTCUSDT)).toEqual({
		markTicks: 650_000.5,
		fundingRate: -0.0001,
		nextFundingAtMs: 1_771_027_200_000,
	});
	expect(ticker.apply(frame('delta', { markPrice: '65000.10' }), BTCUSDT)).toMatchObject({
		markTicks: 650_001,
		fundingRate: -0.0001,
	});
	expect(ticker.apply(frame('snapshot', { markPrice: '65000.10' }), BTCUSDT), 'a dated future has no funding').toMatchObject({
		fundingRate: 0,
		nextFundingAtMs: 0,
	});
});

test('where the beginning was lost the first mark that is told begins, with what was known of the rest', () => {
	const ticker = new Ticker();
	expect(ticker.apply(frame('delta', { fundingRate: '0.5' }), BTCUSDT)).toBe(undefined);
	expect(ticker.apply(frame('delta', { markPrice: '65000.05' }), BTCUSDT)).toMatchObject({
		markTicks: 650_000.5,
		fundingRate: 0,
	});
	ticker.apply(frame('snapshot', WHOLE), BTCUSDT);
	ticker.restart();
	expect(ticker.apply(frame('delta', { fundingRate: '0.5' }), BTCUSDT), 'no mark of this subscription yet').toBe(undefined);
	expect(ticker.apply(frame('delta', { markPrice: '65000.05' }), BTCUSDT), 'the same mark as before').toMatchObject({
		markTicks: 650_000.5,
		fundingRate: -0.0001,
	});
	expect(ticker.apply(frame('delta', { markPrice: '65000.05' }), BTCUSDT)).toBe(undefined);
});

test.each([
	['another symbol', frame('snapshot', { ...WHOLE, symbol: 'ETHUSDT' })],
	['another type', frame('update', WHOLE)],
	['no price', frame('snapshot', { fundingRate: '0' })],
	['a price of zero', frame('snapshot', { ...WHOLE, markPrice: '0' })],
	['a price that is a number', frame('snapshot', { ...WHOLE, markPrice: 65_000 })],
	['a price with an exponent', frame('snapshot', { ...WHOLE, markPrice: '6e4' })],
	['a time between milliseconds', frame('snapshot', { ...WHOLE, nextFundingTime: '1.5' })],
	['no data', { topic: 'tickers.BTCUSDT', type: 'snapshot' }],
])('with %s it is bad and changes nothing', (_name, message) => {
	const ticker = new Ticker();
	ticker.apply(frame('snapshot', WHOLE), BTCUSDT);
	expect(ticker.apply(message, BTCUSDT)).toBe('bad');
	expect(ticker.apply(frame('delta', { fundingRate: '0.5' }), BTCUSDT)).toMatchObject({ markTicks: 650_000.5, fundingRate: 0.5 });
});

test('ticks are those of the version of the instrument that counts now', () => {
	const finer = makeTestInstrument({ tickSize: '0.01' });
	expect(new Ticker().apply(frame('snapshot', WHOLE), finer)).toMatchObject({ markTicks: 6_500_005 });
});
