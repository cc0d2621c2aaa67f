/** What the made-up engine says has the form of what a real one says, so that pages are not built on sand. */
import { describe, expect, test } from 'vitest';
import { QUERIES } from '../../src/app/console/contract.ts';
import { fakeView, UnknownSymbol } from './fake-views.ts';
import { FakeWorld } from './fake-world.ts';

const STEP_MS = 100;

function worldOf(symbolCount: number, steps: number): FakeWorld {
	const world = new FakeWorld(symbolCount, 1_750_000_000_000);
	for (let step = 0; step < steps; step++) world.step(STEP_MS);
	return world;
}

const world = worldOf(5, 900);
const PARAMS: Record<string, Record<string, unknown>> = {
	symbol: { symbol: 'BTCUSDT' },
	history: { symbol: 'ETHUSDT', depth: 'true' },
};

describe('a made-up engine', () => {
	test.each(Object.keys(QUERIES))('answers %s as the contract says', (name) => {
		const schema = QUERIES[name as keyof typeof QUERIES].answer;
		const answer = fakeView(world, [], name, PARAMS[name] ?? {});
		const parsed = schema.safeParse(answer);
		expect(parsed.error?.issues ?? []).toEqual([]);
	});

	test('knows no more than the contract', () => expect(fakeView(world, [], 'nothing', {})).toBeUndefined());

	test('has columns of one length, and depth for each', () => {
		const history = fakeView(world, [], 'history', PARAMS['history'] ?? {}) as Record<string, unknown[]>;
		const columns = [
			'mid',
			'fair',
			'reservation',
			'ownBid',
			'ownAsk',
			'position',
			'profit',
			'spread',
			'inventory',
			'fees',
			'funding',
		];
		for (const column of columns) expect(history[column], column).toHaveLength(history['atMs']?.length ?? -1);
	});

	test('earns what its parts earn', () => {
		for (const each of world.symbols) {
			const parts = each.spreadEarned + each.inventoryEarned + each.feesPaid + each.fundingPaid;
			expect(each.profit).toBeCloseTo(parts, 9);
			expect(each.fillCount).toBeGreaterThan(0);
		}
	});

	test('is the same each time, also with fifty symbols', () => {
		const [first, second] = [worldOf(50, 50), worldOf(50, 50)];
		expect(fakeView(first, [], 'symbols', {})).toEqual(fakeView(second, [], 'symbols', {}));
	});

	test('says that it does not know a symbol', () => {
		expect(() => fakeView(world, [], 'symbol', { symbol: 'NOPE' })).toThrow(UnknownSymbol);
	});
});
