/**
 * Takes a latch back: what a kill, a loss limit or a crash loop has shut opens again at the next start, once a person has
 * looked. Never while an engine runs.
 */
import type { LatchRecord } from '../domain/journal-record.ts';
import { systemClock } from '../network/system-clock.ts';
import { DiskError } from '../ports/disk.ts';
import { takeLock } from '../storage/host-lock.ts';
import { latchOfDamage } from '../storage/journal-segment.ts';
import { JournalStore } from '../storage/journal-store.ts';
import { systemDisk } from '../storage/system-disk.ts';
import { timeText } from './boot.ts';
import { journalFolder, lockPath } from './data-folder.ts';
import { folded } from './journaled.ts';

export type RearmOpened =
	| { readonly kind: 'latched'; readonly rearm: Rearm }
	/** Nothing is shut. */
	| { readonly kind: 'open' }
	| { readonly kind: 'refused'; readonly sentence: string };

/** To be typed, so that nobody does it by mistake. */
export const REARM_PHRASE = 'I know why it stopped';

export async function openRearm(folder: string): Promise<RearmOpened> {
	try {
		return await opened(folder);
	} catch (error) {
		if (!(error instanceof DiskError)) throw error;
		return { kind: 'refused', sentence: `the folder ${folder} cannot be used: ${error.message}` };
	}
}

async function opened(folder: string): Promise<RearmOpened> {
	const [disk, clock] = [systemDisk(), systemClock()];
	if ((await disk.list(journalFolder(folder))).length === 0) {
		return { kind: 'refused', sentence: `there is no journal in ${folder}; name the data folder with --data` };
	}
	await using opening = new AsyncDisposableStack();
	const taken = takeLock(lockPath(folder), `evenkeel rearm, since ${timeText(clock.wallMs())}`);
	if (taken.kind === 'busy') {
		return {
			kind: 'refused',
			sentence: `the folder ${folder} is used by ${taken.by === '' ? 'an engine' : taken.by}; stop that one first`,
		};
	}
	opening.use(taken.lock);
	const journal = await JournalStore.open({ disk, clock, folder: journalFolder(folder) });
	if (journal.kind === 'refused') return journal;
	const { store, read } = journal;
	opening.use(store);
	const { recovery, trouble } = folded(read.records);
	const damage = read.damage ?? trouble;
	if (damage !== undefined) {
		// The latch itself stands in the new segment already, or is made by the next start, which finds the same trouble.
		const { reason } = latchOfDamage(damage, clock.wallMs());
		return { kind: 'refused', sentence: `${reason}; start the engine once, which cancels what is left, and re-arm then` };
	}
	const { latch } = recovery.result();
	return latch === undefined ? { kind: 'open' } : { kind: 'latched', rearm: new Rearm(store, latch, opening.move()) };
}

export class Rearm implements AsyncDisposable {
	readonly latch: LatchRecord;
	readonly #store: JournalStore;
	readonly #closing: AsyncDisposableStack;

	constructor(store: JournalStore, latch: LatchRecord, closing: AsyncDisposableStack) {
		this.latch = latch;
		this.#store = store;
		this.#closing = closing;
	}

	/** False where the disk did not take it; nothing has changed then. */
	async rearm(by: string): Promise<boolean> {
		return await this.#store.commit([{ kind: 'rearm', by, atMs: Math.floor(systemClock().wallMs()) }]);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#closing.disposeAsync();
	}
}
