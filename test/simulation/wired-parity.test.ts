/**
 * The engine over the wire (adapter, codec, signatures, sockets, the box's own protocol) and straight on the exchange
 * core decides the same: what leaves the command bus is the same line for line, moment for moment.
 */
import { describe, expect, test } from 'vitest';
import { overTheWire, type ParityOptions, straightOnTheCore } from '../fixtures/parity-worlds.ts';

const RUNS: readonly (ParityOptions & { readonly title: string; readonly seed: number })[] = [
	{ title: 'over WS', seed: 1, orderEntry: 'ws' },
	{ title: 'over REST', seed: 2, orderEntry: 'rest' },
	{ title: 'one call at a time', seed: 3, parallel: false },
];

/** Ten seeds more are in `wired-parity.long.test.ts`. */
describe('with and without a wire, at fixed latency and without faults', () => {
	test.each(RUNS)('the same commands in the same order at the same moments: $title', async ({ seed, ...options }) => {
		const wired = await overTheWire(seed, options);
		const wireless = await straightOnTheCore(seed, options);
		expect(wired.trace).toEqual(wireless.trace);
		expect(wired.fillCount).toBe(wireless.fillCount);
		expect(wired.trace.length, 'a trace that is short proves little').toBeGreaterThan(100);
		expect(wired.fillCount).toBeGreaterThan(30);
	});
});
