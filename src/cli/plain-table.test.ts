import { expect, test } from 'vitest';
import { figure, plainText, priceText, rounded, tableText } from './plain-table.ts';

test('columns are as wide as what stands in them, figures to the right', () => {
	const text = tableText(
		['symbol', 'qty', 'why'],
		[
			['BTCUSDT', '1', 'long'],
			['X', '12.5', ''],
		],
		new Set([1]),
	);
	expect(text).toBe('symbol    qty  why\nBTCUSDT     1  long\nX        12.5\n');
});

test.each([
	['a cursor that moves', 'a\u001b[2Jb', 'a [2Jb'],
	['another line', 'a\r\nb', 'a b'],
	['text that runs the other way', 'a\u202eb', 'a b'],
])('nothing reaches the terminal that it would obey: %s', (_what, given, shown) => {
	expect(plainText(given)).toBe(shown);
	expect(tableText(['h'], [[given]])).toBe(`h\n${shown}\n`);
});

test('figures are as long as anybody reads them', () => {
	expect([figure(null, 2), figure(1.005, 1), priceText(null), priceText(2.199643204264871), priceText(65_002.4)]).toEqual([
		...['-', '1.0', '-', '2.1996432', '65002.4'],
	]);
	expect(rounded('-0.456789')).toBe('-0.46');
});
