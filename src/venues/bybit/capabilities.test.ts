import { describe, expect, test } from 'vitest';
import { VERBS } from '../../domain/command.ts';
import { bybitCapabilities } from './capabilities.ts';

describe('what Bybit can do', () => {
	test.each([
		['mainnet', { spot: 10, linear: 20, inverse: 20 }],
		['testnet', { spot: 10, linear: 20, inverse: 20 }],
		['box', { spot: 10, linear: 20, inverse: 20 }],
		['demo', { spot: 1, linear: 20, inverse: 1 }],
	] as const)('%s takes so many orders in a call', (environment, expected) => {
		const { categories } = bybitCapabilities('bybit', environment);
		for (const [category, batchMax] of Object.entries(expected)) {
			const capability = categories[category as keyof typeof expected];
			for (const verb of VERBS) expect(capability?.verbs[verb]).toEqual({ batchMax, mixesSymbols: true });
			expect(capability).toMatchObject({ canAmend: true, amendsPrice: true, amendsQty: true });
		}
	});

	test.each([
		['linear', 'place', 10],
		['linear', 'amend', 10],
		['linear', 'cancel', 10],
		['inverse', 'place', 10],
		['spot', 'place', 20],
		['spot', 'amend', 10],
		['spot', 'cancel', 20],
	] as const)('%s %s: one rule, %i a second', (category, verb, limit) => {
		const { rateRules } = bybitCapabilities('bybit', 'mainnet');
		const rules = rateRules.filter((rule) => rule.categories.includes(category) && rule.verbs.includes(verb));
		expect(rules).toMatchObject([{ venue: 'bybit', limit, windowMs: 1_000 }]);
	});

	test('linear and inverse draw on one bucket, and no verb on that of another', () => {
		const { rateRules } = bybitCapabilities('bybit', 'mainnet');
		for (const { categories, verbs } of rateRules) {
			expect(verbs).toHaveLength(1);
			expect(categories.includes('linear')).toBe(categories.includes('inverse'));
		}
	});
});
