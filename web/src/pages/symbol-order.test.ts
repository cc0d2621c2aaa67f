import { describe, expect, it } from 'vitest';
import type { SymbolRow } from '../../../src/api/types.ts';
import { shownSymbols } from './symbol-order.ts';

function row(name: string, { worth = 0, profit = 0, quotes = [true, true] }): SymbolRow {
	const [buy = true, sell = true] = quotes;
	const parts = { id: `bybit:linear:${name}`, name, venue: 'bybit', positionWorth: worth, profit };
	return { ...parts, buy: { isQuoting: buy, why: '' }, sell: { isQuoting: sell, why: '' } } as unknown as SymbolRow;
}

const ROWS = [
	row('SOL', { worth: -50, profit: 3 }),
	row('BTC', { worth: 20, profit: -7, quotes: [true, false] }),
	row('ETH', { worth: 5, profit: 1, quotes: [false, false] }),
];

const names = (...args: Parameters<typeof shownSymbols>): string[] => shownSymbols(...args).map(({ name }) => name);

describe('the list of symbols', () => {
	it.each([
		{ order: 'name', expected: ['BTC', 'ETH', 'SOL'] },
		{ order: 'silent', expected: ['ETH', 'BTC', 'SOL'] },
		{ order: 'held', expected: ['SOL', 'BTC', 'ETH'] },
		{ order: 'loss', expected: ['BTC', 'ETH', 'SOL'] },
	] as const)('can be ordered by $order', ({ order, expected }) => {
		expect(names(ROWS, '', order)).toEqual(expected);
	});

	it('shows what has all the words, whatever their case', () => {
		expect(names(ROWS, 'bt', 'name')).toEqual(['BTC']);
		expect(names(ROWS, 'LINEAR e', 'name')).toEqual(['BTC', 'ETH', 'SOL']);
		expect(names(ROWS, 'eth bybit', 'name')).toEqual(['ETH']);
		expect(names(ROWS, 'doge', 'name')).toEqual([]);
	});
});
