import { describe, expect, it } from 'vitest';
import type { SymbolView } from '../../../src/api/types.ts';
import { barScale, ladderRows, ladderSentence } from './ladder.ts';

type Level = SymbolView['bids'][number];

function level(price: number, qty: number, own = 0, ahead: number | null = null): Level {
	return { price, qty, own, ahead };
}

const BOOK = {
	bids: [level(101, 5, 1, 3), level(100, 7)],
	asks: [level(103, 2), level(104, 9, 2, 0)],
	targets: [
		{ side: 'buy' as const, level: 0, price: 101, qty: 1 },
		{ side: 'buy' as const, level: 1, price: 100, qty: 1 },
	],
};

describe('the rows of the ladder', () => {
	it('have the highest price first, with what stands, what is ours and what is before it', () => {
		const rows = ladderRows(BOOK, { low: 100, step: 1, rows: 5 });
		expect(rows.map(({ price, side, qty, own, ahead }) => [price, side, qty, own, ahead])).toEqual([
			[104, 'ask', 9, 2, 0],
			[103, 'ask', 2, 0, null],
			[102, undefined, 0, 0, null],
			[101, 'bid', 5, 1, 3],
			[100, 'bid', 7, 0, null],
		]);
	});

	it('show a wish only where nothing of ours stands yet', () => {
		const rows = ladderRows(BOOK, { low: 100, step: 1, rows: 5 });
		expect(rows.filter(({ wished }) => wished).map(({ price }) => price)).toEqual([100]);
	});

	it('add up where a row is several ticks high', () => {
		const rows = ladderRows(BOOK, { low: 100, step: 2, rows: 3 });
		expect(rows.map(({ price, qty, own }) => [price, qty, own])).toEqual([
			[104, 9, 2],
			[102, 2, 0],
			[100, 12, 1],
		]);
	});

	it('leave out what is not in sight', () => {
		const rows = ladderRows(BOOK, { low: 102, step: 1, rows: 2 });
		expect(rows.map(({ qty }) => qty)).toEqual([2, 0]);
	});

	it('have bars measured by nearly the largest, and by something where nothing stands', () => {
		const rows = ladderRows(
			{ bids: Array.from({ length: 50 }, (_, i) => level(i, i === 9 ? 1_000 : 2)), asks: [], targets: [] },
			{
				low: 0,
				step: 1,
				rows: 50,
			},
		);
		expect(barScale(rows)).toBe(2);
		expect(barScale([])).toBe(1);
	});
});

describe('the ladder in words', () => {
	const row = { name: 'BTCUSDT', bid: 101, ask: 103 } as SymbolView['row'];
	const text = (price: number): string => price.toFixed(1);

	it('names the best prices and ours', () => {
		expect(ladderSentence({ ...BOOK, row } as SymbolView, text)).toBe(
			'BTCUSDT: best bid 101.0, best ask 103.0; our bid of 1 at 101.0, 3 before us; our ask of 2 at 104.0, 0 before us.',
		);
	});

	it('says when there is no book, and when nothing is ours', () => {
		expect(ladderSentence({ ...BOOK, row: { ...row, bid: null } } as SymbolView, text)).toBe('BTCUSDT: no book.');
		expect(ladderSentence({ ...BOOK, bids: [], asks: [], row } as unknown as SymbolView, text)).toContain('nothing in sight');
	});
});
