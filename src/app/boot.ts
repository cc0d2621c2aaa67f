/**
 * What a start makes of what the journal knows (BOOT2, BOOT3): whether the gate stays shut and why, and what a person is
 * told of the last run. Pure.
 */
import type { LatchRecord, RunRecord } from '../domain/journal-record.ts';
import type { Recovered } from '../engine/recovery.ts';

export interface CrashLoop {
	readonly crashesMax: number;
	readonly windowMs: number;
}

export const NO_CRASH_LOOP: CrashLoop = { crashesMax: Number.POSITIVE_INFINITY, windowMs: 0 };

export interface BootFacts {
	readonly recovered: Recovered;
	/** Bytes of a last write that did not get to its end. */
	readonly tornBytes: number;
	/** This run. */
	readonly run: RunRecord;
	readonly crashLoop: CrashLoop;
	/** How to go on behind a latch. */
	readonly rearmCommand: string;
}

export interface Boot {
	/** To be written down before anything else happens. */
	readonly newLatch: LatchRecord | undefined;
	/** What a person should know, one sentence each. */
	readonly remarks: readonly string[];
}

export function judgeBoot(facts: BootFacts): Boot {
	const newLatch = newLatchOf(facts);
	const latch = newLatch ?? facts.recovered.latch;
	const remarks = [tornRemark(facts), lastRunRemark(facts), differenceRemark(facts), latchRemark(latch, facts)];
	return { newLatch, remarks: remarks.filter((remark) => remark !== undefined) };
}

function newLatchOf({ recovered, run, crashLoop }: BootFacts): LatchRecord | undefined {
	if (recovered.latch?.level === 'kill') return undefined;
	const crashes = recovered.crashesAtMs.filter((atMs = run.atMs) => run.atMs - atMs < crashLoop.windowMs);
	if (crashes.length < crashLoop.crashesMax) return undefined;
	const reason = `${crashes.length} runs ended without a good-bye within ${spanText(crashLoop.windowMs)}`;
	return { kind: 'latch', level: 'kill', reason, atMs: run.atMs };
}

function tornRemark({ tornBytes }: BootFacts): string | undefined {
	if (tornBytes === 0) return undefined;
	return `the last write of the journal did not get to its end: its ${tornBytes} bytes were cut off, and nothing that they told of had been sent`;
}

function lastRunRemark({ recovered }: BootFacts): string | undefined {
	const { lastRun, orders, crashesAtMs } = recovered;
	if (lastRun === undefined) return undefined;
	const left = orders.length === 0 ? '' : `: ${ordersText(orders.length)} looked up and cancelled first`;
	const hasCrashed = crashesAtMs.length > 0 && crashesAtMs.at(-1) === undefined;
	if (hasCrashed) return `the last run, of ${timeText(lastRun.atMs)}, ended without a good-bye${left}`;
	return orders.length === 0 ? undefined : `the last run left something behind${left}`;
}

/** F75. What was found is cancelled anyway; nobody takes over orders that another program or other settings wanted. */
function differenceRemark({ recovered: { lastRun, orders }, run }: BootFacts): string | undefined {
	if (lastRun === undefined || orders.length === 0) return undefined;
	const others = [
		...(lastRun.build === run.build ? [] : [`another build (${lastRun.build}, now ${run.build})`]),
		...(lastRun.settings === run.settings ? [] : [`other settings (${lastRun.settings}, now ${run.settings})`]),
	];
	return others.length === 0 ? undefined : `the last run was of ${others.join(' and ')}`;
}

function latchRemark(latch: LatchRecord | undefined, { rearmCommand }: BootFacts): string | undefined {
	if (latch === undefined) return undefined;
	const what =
		latch.level === 'kill'
			? 'all orders are cancelled and nothing new is placed'
			: 'only orders that reduce a position are placed';
	return `since ${timeText(latch.atMs)} ${what}, because ${latch.reason}; when that is understood, stop this and run: ${rearmCommand}`;
}

export function timeText(atMs: number): string {
	return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function ordersText(count: number): string {
	return count === 1 ? '1 order of before is' : `${count} orders of before are`;
}

function spanText(ms: number): string {
	return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`;
}
