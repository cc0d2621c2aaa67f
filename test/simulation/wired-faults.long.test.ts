/**
 * Every fault that the wire, the network and the venue can have, each in the whole stack in virtual time, with two
 * seeds: the exchange in a box, our adapter and the engine, and a judge who believes nobody (test/fixtures/judge.ts).
 */
import { describe, expect, test } from 'vitest';
import { WIRED_CASES } from '../fixtures/wired-cases.ts';
import { runCase } from '../fixtures/wired-run.ts';

const SEEDS = [1, 2];

describe.each(WIRED_CASES)('$title', (wiredCase) => {
	test.each(SEEDS)('seed %i', async (seed) => {
		const { struck, latched } = await runCase(seed, wiredCase);
		for (const [name, count] of Object.entries(struck)) expect(count, `${name} strikes`).toBeGreaterThan(0);
		if (wiredCase.latches === true) expect(latched, 'the account is latched').toBeDefined();
		else expect(latched).toBeUndefined();
	});
});
