/**
 * Market data at full demand for ten minutes, on each market of both venues: nothing is refused, everybody has an answer by
 * his deadline, and what was promised is used.
 */
import { expect, test } from 'vitest';
import { demandAt } from '../fixtures/market-demand.ts';
import { PLACES } from '../venues/contract/contract-world.ts';

const RUN_MS = 600_000;

test.each(PLACES.filter(({ orderEntry }) => orderEntry === 'rest'))('$venue $category', async (place) => {
	const { counter, tally } = await demandAt(place, RUN_MS);
	expect(counter.refusedCount).toBe(0);
	expect(counter.busiestSecond).toBeLessThanOrEqual(20);
	expect(tally.latestMs).toBeLessThanOrEqual(0);
	// Four fifths of a minute's calls are ours, unless the weights of futures at Binance allow fewer.
	const isWeighed = place.venue === 'binance' && place.category === 'linear';
	expect(counter.busiestMinute).toBeGreaterThan(isWeighed ? 300 : 900);
	expect(counter.busiestMinute).toBeLessThanOrEqual(960);
	expect(tally.askedCount).toBeGreaterThan(20_000);
	expect(tally.goodCount).toBeGreaterThan(isWeighed ? 3_000 : 8_000);
	expect([...tally.reasons].toSorted()).toEqual(['rate', 'timeout']);
});
