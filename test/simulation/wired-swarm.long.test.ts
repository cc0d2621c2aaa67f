/** Random mixtures of faults against the whole stack in virtual time; a failure names its seed and the faults it needs. */
import { afterAll, expect, test } from 'vitest';
import type { FaultName } from '../../src/exchange/faults/catalogue.ts';
import { drawMixture, runMixture, SWARM_NAMES, sayMixture, shrink } from '../fixtures/wired-swarm.ts';

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);
/** A shrink runs the session many times. */
const TIMEOUT_MS = 300_000;

const struck = new Map<FaultName, number>();

test.each(SEEDS)('seed %i', { timeout: TIMEOUT_MS }, async (seed) => {
	const mixture = drawMixture(seed);
	let counts: Readonly<Partial<Record<FaultName, number>>>;
	try {
		counts = await runMixture(mixture);
	} catch (error) {
		throw new Error(`${error instanceof Error ? error.message : String(error)}\n${sayMixture(await shrink(mixture))}`, {
			cause: error,
		});
	}
	for (const [name, count] of Object.entries(counts) as [FaultName, number][]) struck.set(name, (struck.get(name) ?? 0) + count);
});

afterAll(() => {
	const never = SWARM_NAMES.filter((name) => (struck.get(name) ?? 0) === 0);
	expect(never, 'faults that never struck in all seeds').toEqual([]);
});
