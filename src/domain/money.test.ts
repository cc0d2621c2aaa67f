import { Big } from 'big.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOT_DECIMALS } from '../../test/fixtures/numbers.ts';
import { type Money, moneyOf, moneyToNumber, NO_MONEY, parseMoney, printMoney } from './money.ts';

const anyMoney = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(moneyOf);

function must(text: string): Money {
	const amount = parseMoney(text);
	if (amount === undefined) throw new Error(`${text} must be money`);
	return amount;
}

describe('money', () => {
	test.each([
		['0', 0n, '0'],
		['-0.00', 0n, '0'],
		['100', 100n * 10n ** 18n, '100'],
		['-12.50', -125n * 10n ** 17n, '-12.5'],
		['0.000000000000000001', 1n, '0.000000000000000001'],
		['0.0000000000000000010000', 1n, '0.000000000000000001'],
	])('%s is read exactly and printed without needless zeros', (text, parts, printed) => {
		expect(parseMoney(text)).toBe(parts);
		expect(printMoney(must(text))).toBe(printed);
	});

	test.each(['0.0000000000000000001', '1.0000000000000000005', ...NOT_DECIMALS])('%j is refused', (text) => {
		expect(parseMoney(text)).toBeUndefined();
	});

	test('tenths add up', () => {
		expect(must('0.1') + must('0.2')).toBe(must('0.3'));
	});

	test('every amount reads back from its own text, which an independent library understands alike', () => {
		fc.assert(
			fc.property(anyMoney, (amount) => {
				const text = printMoney(amount);
				expect(parseMoney(text)).toBe(amount);
				expect(text).toBe(new Big(amount.toString()).times('0.000000000000000001').toFixed());
			}),
			{ numRuns: 5_000 },
		);
	});

	test('sums are those of an independent library', () => {
		fc.assert(
			fc.property(fc.array(anyMoney, { maxLength: 30 }), (amounts) => {
				const sum = amounts.reduce((total, amount) => moneyOf(total + amount), NO_MONEY);
				const oracle = amounts.reduce((total, amount) => total.plus(printMoney(amount)), new Big(0));
				expect(printMoney(sum)).toBe(oracle.toFixed());
			}),
		);
	});

	test('the float for models is within a rounding or two of the amount', () => {
		fc.assert(
			fc.property(anyMoney, (amount) => {
				const nearest = Number(printMoney(amount));
				expect(Math.abs(moneyToNumber(amount) - nearest)).toBeLessThanOrEqual(Math.abs(nearest) * 2 * Number.EPSILON);
			}),
			{ numRuns: 5_000 },
		);
	});
});
