/**
 * Every fault that the wire, the network and the venue can have, each in the whole stack in virtual time, at Bybit and at
 * one place of Binance: the exchange in a box, our adapters and the engine, and a judge who believes nobody
 * (test/fixtures/judge.ts).
 */
import { expect, test } from 'vitest';
import { WIRED_CASES } from '../fixtures/wired-cases.ts';
import { BINANCE_CASES } from '../fixtures/wired-cases-binance.ts';
import { runCase } from '../fixtures/wired-run.ts';

const SEED = 2;

test.each([...WIRED_CASES, ...BINANCE_CASES])('$title', async (wiredCase) => {
	const { struck, latched } = await runCase(SEED, wiredCase);
	for (const [name, count] of Object.entries(struck)) expect(count, `${name} strikes`).toBeGreaterThan(0);
	if (wiredCase.latches === true) expect(latched, 'the account is latched').toBeDefined();
	else expect(latched).toBeUndefined();
});
