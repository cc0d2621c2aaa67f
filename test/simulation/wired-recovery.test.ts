/**
 * A start after a crash that left 512 orders at the venue, a few that never got there, and 10,000 in the journal; 100 ms
 * away, at the venue's own limits. What stands is known by the list of what is open, and by no single question.
 */
import { expect, test } from 'vitest';
import { JOURNALED, OPEN, recoverMany } from '../fixtures/wired-recovery.ts';

/** Of one that is nowhere: among the open ones, in the history and by its executions; and again as long as it is in doubt. */
const LOOK_UPS_A_LOST_ONE = 18;

test.each([1, 2])('seed %i: all is known in ten seconds, and what is nowhere in twenty', async (seed) => {
	const report = await recoverMany(seed);
	expect(report.openCount).toBe(OPEN);
	expect(report.journaledCount).toBeGreaterThan(JOURNALED);
	expect(report.lostCount).toBeGreaterThan(0);
	expect(report.knownAfterMs).toBeLessThanOrEqual(10_000);
	expect(report.provenAfterMs).toBeLessThanOrEqual(20_000);
	// The expiry fence: nobody may believe earlier that they never will be.
	expect(report.provenAfterMs).toBeGreaterThan(10_000);
	expect(report.lostStayed).toBe(true);
	expect(report.lookUpCalls).toBeLessThanOrEqual(report.lostCount * LOOK_UPS_A_LOST_ONE);
});
