/** A minute of flips and more for each, over both roads, with and without something that goes wrong meanwhile. */
import { describe, expect, test } from 'vitest';
import type { Fault } from '../fixtures/wired-faults.ts';
import { flipUnderLoad } from '../fixtures/wired-rollback.ts';

const FLIPS = 60;
const SEEDS = [1, 2, 3];

interface Case {
	readonly name: string;
	readonly faults: readonly Fault[];
	/** A call whose reply is lost on a socket is never seen to end. */
	readonly losesReplies?: boolean;
	readonly orderEntry: readonly ('ws' | 'rest')[];
}

const CASES: readonly Case[] = [
	{ name: 'nothing goes wrong', faults: [], orderEntry: ['ws', 'rest'] },
	{
		name: 'replies are lost',
		faults: [{ name: 'drop-reply', parameters: { operation: 'order.', probability: 0.05 } }],
		losesReplies: true,
		orderEntry: ['ws', 'rest'],
	},
	{
		name: 'requests are late',
		faults: [{ name: 'delay-request', parameters: { probability: 0.1, delayMs: 300, tailMs: 200 } }],
		orderEntry: ['ws', 'rest'],
	},
	{
		name: 'some of a batch fail',
		faults: [{ name: 'partial-batch', parameters: { form: 'scattered', probability: 0.3 } }],
		orderEntry: ['ws', 'rest'],
	},
	{
		name: 'the order socket is cut in the middle of frames',
		faults: [{ name: 'cut-socket', parameters: { channel: 'ws-trade', bytes: 2_000, probability: 0.01 } }],
		losesReplies: true,
		orderEntry: ['ws'],
	},
];
const RUNS = CASES.flatMap((each) =>
	each.orderEntry.flatMap((entry) =>
		SEEDS.map((seed) => ({ ...each, entry, seed, title: `${each.name}, ${entry}, seed ${seed}` })),
	),
);

describe('batching turned off and on every second for a minute, while calls are out (T3)', () => {
	test.each(RUNS)('$title', async ({ seed, entry, faults, losesReplies = false }) => {
		const { on, off, comparedCount, tradeCount, struck } = await flipUnderLoad(seed, {
			flips: FLIPS,
			options: { orderEntry: entry },
			faults,
		});
		expect(off.batches).toBe(0);
		if (!losesReplies) expect(off.outMax).toBe(1);
		expect(off.lone).toBeGreaterThan(40);
		expect(on.batches).toBeGreaterThan(60);
		expect(comparedCount).toBeGreaterThan(300);
		expect(tradeCount).toBeGreaterThan(50);
		expect(struck).toEqual(faults.map(({ name }) => name));
	});
});
