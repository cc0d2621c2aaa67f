/** The pace of market data over the end of a minute, and what becomes of who has none; ten minutes are in the longer suite. */
import { describe, expect, test } from 'vitest';
import { marketDataOf } from '../../src/app/market-data.ts';
import type { EngineEvent } from '../../src/domain/event.ts';
import { demand, demandAt } from '../fixtures/market-demand.ts';
import { BUSY, openSession, WIRED_SYMBOLS } from '../fixtures/wired.ts';
import { PLACES } from '../venues/contract/contract-world.ts';

describe.each(PLACES.filter(({ orderEntry }) => orderEntry === 'rest'))('$venue $category', (place) => {
	test('at full demand nothing is refused, and nobody is answered late', async () => {
		const { counter, tally } = await demandAt(place, 45_000);
		expect(counter.refusedCount).toBe(0);
		expect(tally.latestMs).toBeLessThanOrEqual(0);
		expect(tally.goodCount).toBeGreaterThan(250);
	});

	test('without a pace of ours the box refuses', async () => {
		const { counter } = await demandAt(place, 5_000, { isLimiting: false });
		expect(counter.refusedCount).toBeGreaterThan(0);
	});
});

test('beside an engine that quotes on both venues all it may: no order, no book and no answer suffers from it', async () => {
	const refusals: EngineEvent[] = [];
	const lost: EngineEvent[] = [];
	const statuses: number[] = [];
	const session = await openSession(5, {
		trades: 'mixed',
		symbols: WIRED_SYMBOLS,
		engine: BUSY,
		listens: {
			input: (event) => {
				if (event.kind === 'rate' && event.isRefusal) refusals.push(event);
				if (event.kind === 'bookLost') lost.push(event);
			},
			output: () => {},
		},
		listener: ({ status }) => {
			if (status === 429 || status === 418 || status === 403) statuses.push(status);
		},
		isHashed: false,
	});
	const { clock, world } = session;
	const errors: unknown[] = [];
	await using data = marketDataOf(world.app, {
		...{ clock, listenerFailed: (error) => errors.push(error) },
		settings: { priceTtlMs: 1, bookTtlMs: 1, barsTtlMs: 1 },
	});
	let toldCount = 0;
	for (const symbol of world.app.symbols) {
		data.subscribe(symbol, { kind: 'price' }, (news) => {
			if (news.kind === 'ok') toldCount += 1;
		});
	}
	const tally = demand(data, { clock, symbols: world.app.symbols, runMs: 70_000 });
	await session.run(75_000);
	expect({ refusals, lost, statuses, errors }).toEqual({ refusals: [], lost: [], statuses: [], errors: [] });
	expect(tally.latestMs).toBeLessThanOrEqual(0);
	expect(tally.goodCount).toBeGreaterThan(800);
	expect(toldCount).toBeGreaterThan(100);
	expect(world.openAtVenue().length).toBeGreaterThan(0);
});
