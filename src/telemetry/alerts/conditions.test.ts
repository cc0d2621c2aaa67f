import { describe, expect, test } from 'vitest';
import type { ALERTS } from './alert-codes.ts';
import { conditionsOf, isOfPicture, type Picture } from './conditions.ts';

const still: Picture = { latch: undefined, pauses: [], symbols: [] };
const held = (cause: string): Picture => ({
	...still,
	symbols: [{ id: 'bybit:linear:BTCUSDT', venue: 'bybit', holds: [{ cause, reason: 'because' }] }],
});
const codesOf = (picture: Picture): string[] => conditionsOf(picture).map(({ code }) => code);

describe('a pause of the account', () => {
	test.each([
		['operator', 'paused-by-operator'],
		['sentinel', 'no-sentinel'],
		['warm-up', 'warming-up'],
		['recovery', 'recovering'],
		['bybit reconcile', 'comparing'],
		['bybit private stream', 'orders-unheard'],
		['binance ban', 'banned'],
		['unknown', 'orders-in-doubt'],
		['slow journal', 'journal-slow'],
		['journal', 'journal-refused'],
		['clock', 'clock-off'],
		['throttling', 'throttled'],
		['something that nobody thought of', 'paused'],
	])('for %s is the alert %s', (cause, code) => {
		expect(codesOf({ ...still, pauses: [{ cause, reason: 'because' }] })).toEqual([code]);
	});

	test('of a venue names it, and two venues are two alerts', () => {
		const pauses = ['bybit ban', 'binance ban'].map((cause) => ({ cause, reason: 'because' }));
		expect(conditionsOf({ ...still, pauses }).map(({ venue }) => venue)).toEqual(['bybit', 'binance']);
	});
});

describe('a hold of a symbol', () => {
	test.each([
		['book', 'book-stale'],
		['outlier', 'price-outlier'],
		['symbol-mode', 'not-trading'],
		['strategy', 'strategy-failed'],
		['runaway', 'runaway'],
		['lag', 'loop-lagged'],
		['guard', 'unguarded'],
		['position mode', 'account-mode'],
		['margin mode', 'account-mode'],
		['breaker', 'orders-refused'],
		['flatten', 'symbol-closing'],
		['exit', 'symbol-closing'],
		['stricter-limits', 'limits-tightened'],
		['operator', 'paused-by-operator'],
		['something new', 'symbol-held'],
	])('for %s is the alert %s', (cause, code) => {
		expect(conditionsOf(held(cause))).toMatchObject([
			{ code, symbol: 'bybit:linear:BTCUSDT', venue: 'bybit', sentence: 'because' },
		]);
	});
});

test.each([
	['kill', 'killed'],
	['reduceOnly', 'reduce-only'],
] as const)('a latch of %s is the alert %s', (level, code) => {
	expect(conditionsOf({ ...still, latch: { level, reason: 'because' } })).toMatchObject([{ code, sentence: 'because' }]);
});

test('what a picture can tell of ends with it, and what happened outside of it does not', () => {
	const outside = ['bug', 'orders-left', 'stream-down', 'sink-failing', 'key-expires', 'memory-high', 'disk-low', 'test'];
	for (const code of outside) expect(isOfPicture(code as keyof typeof ALERTS), code).toBe(false);
	for (const code of ['killed', 'reduce-only', 'paused', 'symbol-held', 'book-stale', 'no-sentinel']) {
		expect(isOfPicture(code as keyof typeof ALERTS), code).toBe(true);
	}
});
