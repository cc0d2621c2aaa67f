import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryView } from '../../../src/api/types.ts';
import { DEPTH_COLUMNS_MAX, lastOf, mergeHistory, newsSince, SAMPLES_MAX } from './history.ts';

/** The history of an engine that knows these seconds: every column says the second it is of. */
function historyOf(seconds: readonly number[], { symbol = 'BTC', step = 1 } = {}): HistoryView {
	const column = (): number[] => [...seconds];
	return {
		symbol,
		atMs: seconds.map((second) => second * 1_000),
		mid: column(),
		fair: column(),
		reservation: column(),
		ownBid: column(),
		ownAsk: column(),
		position: column(),
		positionMax: column(),
		profit: column(),
		spread: column(),
		inventory: column(),
		fees: column(),
		funding: column(),
		fills: seconds.map((second) => ({ atMs: second * 1_000, side: 'buy' as const, price: second, qty: 1 })),
		depth: { atMs: seconds.map((second) => second * 1_000), low: column(), step, qty: seconds.map((second) => [second]) },
	};
}

/** As the engine answers: all that came after. */
function since(all: readonly number[], sinceMs: number): HistoryView {
	return historyOf(all.filter((second) => second * 1_000 > sinceMs));
}

describe('a history on the page', () => {
	it('asks for all first, and then for what came since its last second', () => {
		expect(newsSince(undefined)).toBe(0);
		expect(newsSince(historyOf([]))).toBe(0);
		expect(newsSince(historyOf([10, 11, 12]))).toBe(12_000);
	});

	it('is at each moment what the engine has, however often it asks', () => {
		const looks = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 });
		fc.assert(
			fc.property(looks, (steps) => {
				let known: HistoryView | undefined;
				let now = 0;
				for (const step of steps) {
					now += step;
					const all = Array.from({ length: now }, (_, index) => index + 1);
					const sinceMs = newsSince(known);
					known = mergeHistory(known, since(all, sinceMs), sinceMs);
					expect(known).toEqual(historyOf(all));
				}
			}),
		);
	});

	it('takes in a fill that became known after its second, and none twice', () => {
		const past = historyOf([1, 2, 3, 4]);
		const news = historyOf([3, 4, 5]);
		const late = { atMs: 3_500, side: 'sell' as const, price: 9, qty: 2 };
		const merged = mergeHistory(past, { ...news, fills: [...news.fills, late].toSorted((a, b) => a.atMs - b.atMs) }, 2_000);
		expect(merged.fills.map(({ atMs }) => atMs)).toEqual([1_000, 2_000, 3_000, 3_500, 4_000, 5_000]);
	});

	it('takes in a fill that is heard of long after it happened', () => {
		const past = historyOf([1, 2, 3, 20]);
		const late = { atMs: 2_500, side: 'sell' as const, price: 9, qty: 2 };
		const merged = mergeHistory(past, { ...historyOf([20, 21]), fills: [late] }, 15_000);
		expect(merged.fills.map(({ atMs }) => atMs)).toEqual([1_000, 2_000, 2_500, 3_000, 20_000]);
	});

	it('keeps an hour and no more', () => {
		const past = historyOf(Array.from({ length: SAMPLES_MAX }, (_, index) => index + 1));
		const merged = mergeHistory(past, historyOf([SAMPLES_MAX + 1]), SAMPLES_MAX * 1_000);
		expect(merged.atMs).toHaveLength(SAMPLES_MAX);
		expect(merged.mid.at(-1)).toBe(SAMPLES_MAX + 1);
		expect(merged.depth.qty).toHaveLength(DEPTH_COLUMNS_MAX);
		expect(merged.depth.low).toHaveLength(DEPTH_COLUMNS_MAX);
		expect(merged.depth.low.at(-1)).toBe(SAMPLES_MAX + 1);
	});

	it('begins anew for another symbol, and its depth for rows of another height', () => {
		const past = historyOf([1, 2, 3]);
		expect(mergeHistory(past, historyOf([4], { symbol: 'ETH' }), 3_000).atMs).toEqual([4_000]);
		const merged = mergeHistory(past, historyOf([4], { step: 5 }), 3_000);
		expect(merged.atMs).toEqual([1_000, 2_000, 3_000, 4_000]);
		expect(merged.depth).toMatchObject({ step: 5, atMs: [4_000] });
	});

	it('knows the last value that is one', () => {
		expect(lastOf([1, 2, null])).toBe(2);
		expect(lastOf([null])).toBeNull();
	});
});
