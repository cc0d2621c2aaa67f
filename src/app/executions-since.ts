/**
 * From when on a start asks for executions (BOOT8): from a while before the last one that is booked, since the crash that
 * ended the last run may have taken some from the end of the journal. Pure.
 */
import { type TimeMs, timeMs } from '../domain/units.ts';
import type { Recovered } from '../engine/recovery.ts';

/** What happened at nearly the same time may have been told in another order. */
const LOOK_BACK_MS = 10 * 60_000;
/** No venue tells in one go what is older than a week; what is missed then shows as a position that differs. */
const REACH_MS = 7 * 86_400_000 - 3_600_000;

/** Undefined before the first run: nothing can have been missed. */
export function executionsSinceMs({ ledger, firstRun }: Recovered, nowMs: number): TimeMs | undefined {
	const newest = ledger.accounts.flatMap(({ executions }) => executions.timesMs.at(-1) ?? []);
	const fromMs = newest.length > 0 ? Math.max(...newest) : firstRun?.atMs;
	return fromMs === undefined ? undefined : timeMs(Math.floor(Math.max(fromMs - LOOK_BACK_MS, nowMs - REACH_MS)));
}
