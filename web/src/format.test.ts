import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { age, amount, bps, fixed, moment, ms, NOTHING, percent, placesOf, price, signed, signedMoney } from './format.ts';

describe('figures as text', () => {
	test.each([
		[1234.5, 2, '1,234.50'],
		[-1234.5, 2, '−1,234.50'],
		[-0.001, 2, '0.00'],
		[0, 0, '0'],
		[Number.NaN, 2, NOTHING],
		[null, 2, NOTHING],
		[undefined, 2, NOTHING],
		[Number.POSITIVE_INFINITY, 2, NOTHING],
	])('%d with %d places is %s', (value, places, text) => {
		expect(fixed(value, places)).toBe(text);
	});

	test('a sign stands before what is not nothing', () => {
		expect([signed(1.234, 2), signed(-1.234, 2), signed(0.001, 2), signed(0, 2)]).toEqual(['+1.23', '−1.23', '0.00', '0.00']);
		expect(signedMoney('12.5')).toBe('+12.50');
		expect(signedMoney('')).toBe(NOTHING);
		expect(bps(null)).toBe(NOTHING);
		expect(bps(-0.5)).toBe('−0.50 bp');
	});

	test('a price has the places of its step, or those that a price of its size usually has', () => {
		expect(price(64_250.5, 0.1)).toBe('64,250.5');
		expect(price(0.1242, 0.00001)).toBe('0.12420');
		expect([price(64_250.51), price(148.2), price(0.59), price(0.0000123)]).toEqual([
			'64,250.51',
			'148.200',
			'0.59000',
			'0.00001230',
		]);
		expect([placesOf(0.05), placesOf(1), placesOf(10), placesOf(0.0001)]).toEqual([2, 0, 0, 4]);
	});

	test('durations come in the unit that suits them', () => {
		expect([ms(0.0123), ms(1.234), ms(234.5), ms(2_345)]).toEqual(['12 µs', '1.2 ms', '235 ms', '2.3 s']);
		expect([age(0), age(59_999), age(61_000), age(3_600_000), age(200_000_000)]).toEqual([
			'0.0 s',
			'59 s',
			'1 min 1 s',
			'1 h 0 min',
			'2 d 7 h',
		]);
		expect(age(-5)).toBe('0.0 s');
	});

	test('a moment of today is a time, another day has its date', () => {
		const noon = new Date(2026, 5, 1, 12, 0, 0).getTime();
		expect(moment(noon, noon + 60_000)).toBe('12:00:00');
		expect(moment(noon, noon + 86_400_000)).toBe('2026-06-01 12:00:00');
		expect(moment(undefined, noon)).toBe(NOTHING);
	});

	test('shares are per cent', () => expect([percent(0.905), percent(1, 0), percent(null)]).toEqual(['90.5 %', '100 %', NOTHING]));
});

test('an exact amount loses nothing but gains commas', () => {
	const decimal = fc.stringMatching(/^-?(0|[1-9]\d{0,17})(\.\d{1,18})?$/);
	fc.assert(
		fc.property(decimal, (text) => {
			const shown = amount(text);
			expect(shown.replaceAll(',', '').replace('−', '-')).toBe(text);
			expect(shown).toMatch(/^−?\d{1,3}(,\d{3})*(\.\d+)?$/);
		}),
	);
	expect(amount('not a number')).toBe('not a number');
	expect(amount(null)).toBe(NOTHING);
});
