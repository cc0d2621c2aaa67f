/** The faults that an order path meets every day, each in the whole stack in virtual time; all of them in the long suite. */
import { expect, test } from 'vitest';
import { WIRED_CASES } from '../fixtures/wired-cases.ts';
import { BINANCE_CASES } from '../fixtures/wired-cases-binance.ts';
import { runCase } from '../fixtures/wired-run.ts';

test.each([...WIRED_CASES, ...BINANCE_CASES].filter(({ isQuick }) => isQuick === true))('$title', async (wiredCase) => {
	const { struck, latched } = await runCase(1, wiredCase);
	for (const [name, count] of Object.entries(struck)) expect(count, `${name} strikes`).toBeGreaterThan(0);
	expect(latched).toBeUndefined();
});
