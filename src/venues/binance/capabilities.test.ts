/** What is declared has to be what the box keeps, which was written from the documents by other hands. */
import { expect, test } from 'vitest';
import { binanceCapabilities } from './capabilities.ts';
import { LIMIT_RULES } from './weights.ts';

const { categories, rateRules } = binanceCapabilities('binance');

test('spot takes one order a call and changes none', () => {
	const { spot } = categories;
	expect(Object.values(spot?.verbs ?? {}).map(({ batchMax }) => batchMax)).toEqual([1, 1, 1]);
	expect(spot).toMatchObject({ canAmend: false, amendsPrice: false, amendsQty: false });
});

test('futures take batches, and cancels of one symbol each', () => {
	expect(categories.linear?.verbs).toEqual({
		place: { batchMax: 5, mixesSymbols: true },
		amend: { batchMax: 5, mixesSymbols: true },
		cancel: { batchMax: 10, mixesSymbols: false },
	});
	expect(categories.linear).toMatchObject({ canAmend: true, amendsPrice: true, amendsQty: true });
	expect(categories.inverse).toBeUndefined();
});

test.each(['spot', 'linear'] as const)('the rules of %s are its limits: orders for what is new, weight for cancels', (market) => {
	const mine = rateRules.filter((rule) => rule.categories.includes(market));
	const named = (rules: readonly { readonly limit: number; readonly windowMs: number }[]) =>
		rules.map(({ limit, windowMs }) => ({ limit, windowMs }));
	const told = (kind: 'orders' | 'weight') => named(LIMIT_RULES[market].filter((rule) => rule.kind === kind));
	const of = (kind: string) => mine.filter(({ name = '' }) => name.startsWith(kind));
	expect(named(of('orders'))).toEqual(told('orders'));
	expect(named(of('weight'))).toEqual(told('weight'));
	for (const { verbs } of of('orders')) expect(verbs).not.toContain('cancel');
	for (const { verbs } of of('weight')) expect(verbs).toContain('cancel');
	expect(new Set(mine.map(({ name }) => name)).size).toBe(mine.length);
	for (const { venue, isFixed } of mine) expect([venue, isFixed]).toEqual(['binance', true]);
});

test('batches of futures are counted as the venue counts them', () => {
	const counted = rateRules.map(({ name, batchCounts }) => [name, batchCounts]);
	expect(counted.slice(3)).toEqual([
		['orders 10000', { place: 5, amend: 5 }],
		['orders 60000', { place: 1, amend: 1 }],
		['weight 60000', { place: 5, amend: 5, cancel: 1 }],
	]);
});
