import { describe, expect, test } from 'vitest';
import { lots, monoMs, signedLots, ticks, timeMs } from './units.ts';

const NOT_WHOLE = [0.5, 1e-8, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, Number('1e400')];

describe('units', () => {
	test.each([ticks, lots, timeMs])('%o takes whole numbers from 0 up to 2^53 - 1', (make) => {
		expect(make(0)).toBe(0);
		expect(make(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
		for (const wrong of [...NOT_WHOLE, -1, -0.1]) expect(() => make(wrong), String(wrong)).toThrow(RangeError);
	});

	test('signed lots may be below zero, and zero has no sign', () => {
		expect(signedLots(-5)).toBe(-5);
		expect(signedLots(-Number.MAX_SAFE_INTEGER)).toBe(-Number.MAX_SAFE_INTEGER);
		expect(Object.is(signedLots(-0), 0)).toBe(true);
		for (const wrong of [...NOT_WHOLE, -(2 ** 53)]) expect(() => signedLots(wrong), String(wrong)).toThrow(RangeError);
	});

	test('a monotonic moment may be fractional or below zero, but is a number', () => {
		expect(monoMs(-0.25)).toBe(-0.25);
		for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
			expect(() => monoMs(wrong)).toThrow(RangeError);
		}
	});

	test('a refusal says what was found', () => {
		expect(() => ticks(0.5)).toThrow('ticks must be a whole safe number from 0 up, found 0.5');
	});
});
