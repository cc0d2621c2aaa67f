/**
 * A journal opened for a run: what earlier runs wrote is read and folded, and the new run is written down before
 * anything can happen in it, with a latch where the gate has to stay shut (BOOT2, BOOT3). The same for a real session and
 * in a simulated world; only disk, clock and chance differ.
 */
import type { JournalRecord, RunRecord } from '../domain/journal-record.ts';
import { RUN_TAGS, type RunTag, runTagOf } from '../domain/order-id.ts';
import { type Recovered, Recovery } from '../engine/recovery.ts';
import type { Rng } from '../ports/rng.ts';
import { type JournalRead, latchOfDamage } from '../storage/journal-segment.ts';
import { JournalStore, type StoreParts } from '../storage/journal-store.ts';
import type { Quoting } from './app.ts';
import { type CrashLoop, judgeBoot, NO_CRASH_LOOP } from './boot.ts';

export interface JournaledParts extends StoreParts {
	readonly rng: Rng;
	readonly run: Pick<RunRecord, 'mode' | 'build' | 'settings'>;
	/** No number of crashes is too many unless said. */
	readonly crashLoop?: CrashLoop;
	/** How a person takes a latch back, for the remark about it. */
	readonly rearmCommand?: string;
}

/** What a run begins with. It may be long, so nobody keeps it who has begun. */
export interface Beginning {
	/** Of the runs before this one, and the latch that this one begins behind. */
	readonly recovered: Recovered;
	readonly runTag: RunTag;
	/** What a person should know of how the last run ended, one sentence each. */
	readonly remarks: readonly string[];
}

export interface Journaled {
	readonly store: JournalStore;
	/** Everything that was read: far more than what came of it, and of use to nobody but a judge. */
	readonly read: JournalRead;
	readonly beginning: Beginning;
	/** The same as `beginning.recovered` with the beginning of this run, for whoever goes on folding. */
	readonly recovery: Recovery;
}

export type JournaledOpened =
	| { readonly kind: 'open'; readonly journaled: Journaled }
	| { readonly kind: 'refused'; readonly sentence: string };

/** From so many records on, a start begins a new segment, so that reading a journal takes no longer from start to start. */
const RECORDS_CARRIED_MAX = 2_000;

/** Throws a `DiskError` where the disk refuses. */
export async function openJournaled(parts: JournaledParts): Promise<JournaledOpened> {
	const opened = await JournalStore.open(parts);
	if (opened.kind === 'refused') return opened;
	const { store, read } = opened;
	await using opening = new AsyncDisposableStack();
	opening.use(store);
	const { recovery, trouble } = folded(read.records);
	// It goes into the new segment, which is all that the next start reads; in the old one the trouble is found again.
	if (trouble !== undefined) recovery.apply(latchOfDamage(trouble, parts.clock.wallMs()));
	const before = recovery.result();
	if (trouble !== undefined || read.records.length > RECORDS_CARRIED_MAX) await store.rotate(() => recovery.records());
	const runTag = drawTag(parts.rng, before.runTags);
	const run: RunRecord = { kind: 'run', runTag, atMs: Math.floor(parts.clock.wallMs()), ...parts.run };
	const { newLatch, remarks } = judgeBoot({
		recovered: before,
		tornBytes: read.tornBytes,
		run,
		crashLoop: parts.crashLoop ?? NO_CRASH_LOOP,
		rearmCommand: parts.rearmCommand ?? 'evenkeel rearm',
	});
	if (!(await store.commit(newLatch === undefined ? [run] : [newLatch, run]))) {
		return {
			kind: 'refused',
			sentence: `the journal in ${parts.folder} takes nothing: ${store.error?.message ?? 'no reason given'}`,
		};
	}
	opening.move();
	if (newLatch !== undefined) recovery.apply(newLatch);
	const recovered = recovery.result();
	recovery.apply(run);
	return { kind: 'open', journaled: { store, read, recovery, beginning: { recovered, runTag, remarks } } };
}

/** Records that make no sense together are damage too; each that makes sense counts, whatever stands before it. */
export function folded(records: readonly JournalRecord[]): { readonly recovery: Recovery; readonly trouble: string | undefined } {
	const recovery = new Recovery();
	let trouble: string | undefined;
	for (const record of records) {
		try {
			recovery.apply(record);
		} catch (error) {
			trouble ??= error instanceof Error ? error.message : String(error);
		}
	}
	return { recovery, trouble };
}

/** How the journal names whoever wants an order, by number of the quoter. */
export function ownersOf(quoting: readonly Quoting[]): readonly string[] {
	return quoting.flatMap(({ strategy, symbols }) => symbols.map((symbol) => `${strategy.name} ${symbol}`));
}

/** Never one of before: its orders would be taken for ours of this run. */
function drawTag(rng: Rng, taken: readonly RunTag[]): RunTag {
	for (;;) {
		const tag = runTagOf(rng.below(RUN_TAGS));
		if (!taken.includes(tag)) return tag;
	}
}
