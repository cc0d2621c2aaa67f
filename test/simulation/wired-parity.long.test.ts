/** Ten seeds of what `wired-parity.test.ts` shows. */
import { expect, test } from 'vitest';
import { overTheWire, type ParityOptions, straightOnTheCore } from '../fixtures/parity-worlds.ts';

const SEEDS = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
const WAYS: readonly ParityOptions[] = [{ orderEntry: 'ws' }, { orderEntry: 'rest' }, { parallel: false }];
const RUNS = SEEDS.flatMap((seed) =>
	WAYS.map((options) => ({ seed, options, title: `${seed} ${Object.values(options).join(' ')}` })),
);

test.each(RUNS)('with and without a wire the same commands leave at the same moments: $title', async ({ seed, options }) => {
	const wired = await overTheWire(seed, options);
	const wireless = await straightOnTheCore(seed, options);
	expect(wired.trace).toEqual(wireless.trace);
	expect(wired.trace.length, 'a trace that is short proves little').toBeGreaterThan(100);
	expect(wired.fillCount).toBeGreaterThan(30);
});
