/**
 * Binance's real limits switched on, market by market and with both venues at once: nothing is refused for being one too
 * many, however much the quotes want; without a budget it is.
 */
import { describe, expect, test } from 'vitest';
import type { RateEvent } from '../../src/domain/event.ts';
import { BUSY, openSession, WIRED_SYMBOLS } from '../fixtures/wired.ts';

/** Over the end of a minute, and of several of the shorter windows. */
const RUN_MS = 75_000;

async function refusalsOf(trades: 'binance-futures' | 'binance-spot' | 'mixed', isEnabled: boolean) {
	const rates: RateEvent[] = [];
	const session = await openSession(5, {
		trades,
		symbols: WIRED_SYMBOLS,
		engine: { ...BUSY, budget: { ...BUSY.budget, isEnabled } },
		listens: {
			input: (event) => {
				if (event.kind === 'rate') rates.push(event);
			},
			output: () => {},
		},
		isHashed: false,
	});
	await session.run(RUN_MS);
	const binance = rates.filter(({ venue }) => venue === 'binance');
	return {
		refusals: rates.filter(({ isRefusal }) => isRefusal).length,
		/** How much of each window of orders was used at most, by market. */
		used: new Map(
			[...Map.groupBy(binance, ({ category, rule }) => `${category} ${rule}`)].map(([window, seen]) => [
				window,
				Math.max(...seen.map(({ limit, remaining }) => (limit === 0 ? 0 : (limit - remaining) / limit))),
			]),
		),
	};
}

describe.each([
	['binance-futures', 'linear orders 10000'],
	['binance-spot', 'spot orders 10000'],
] as const)('%s', (trades, window) => {
	test('a session that wants more than it may is refused nothing, and uses what is ours', async () => {
		const { refusals, used } = await refusalsOf(trades, true);
		expect(refusals).toBe(0);
		expect(used.get(window)).toBeGreaterThan(0.5);
		expect(Math.max(...used.values())).toBeLessThan(0.9);
	});

	test('without a budget it is', async () => {
		const { refusals } = await refusalsOf(trades, false);
		expect(refusals).toBeGreaterThan(0);
	});
});

test('both venues at once: each has a budget of its own, and neither refuses anything', async () => {
	const { refusals } = await refusalsOf('mixed', true);
	expect(refusals).toBe(0);
});
