/**
 * Rows of the audit record that one can cause as often as he likes without a role for anything. Of those that are alike,
 * one a second is written, with the number of the others: they push out nothing that was done.
 */
import type { Clock, Timer } from '../ports/clock.ts';
import type { Audit, AuditRow } from './audit.ts';

interface Alike {
	readonly row: AuditRow;
	moreCount: number;
	timer: Timer;
}

const WINDOW_MS = 1_000;

export class AuditTally {
	readonly #audit: Audit;
	readonly #clock: Clock;
	readonly #open = new Map<string, Alike>();

	constructor({ audit, clock }: { readonly audit: Audit; readonly clock: Clock }) {
		this.#audit = audit;
		this.#clock = clock;
	}

	/** Resolves when it is on disk, or counted. `key`: what makes rows alike. */
	async write(row: AuditRow, key: string): Promise<void> {
		const alike = this.#open.get(key);
		if (alike !== undefined) {
			alike.moreCount++;
			return;
		}
		this.#open.set(key, { row, moreCount: 0, timer: this.#wait(key) });
		await this.#audit.write(row);
	}

	/** What was counted is written. */
	async [Symbol.asyncDispose](): Promise<void> {
		const all = [...this.#open.values()];
		this.#open.clear();
		for (const alike of all) {
			alike.timer.cancel();
			if (alike.moreCount > 0) await this.#writeCount(alike);
		}
	}

	#wait(key: string): Timer {
		return this.#clock.after(WINDOW_MS, () => void this.#endWindow(key));
	}

	async #endWindow(key: string): Promise<void> {
		const alike = this.#open.get(key);
		if (alike === undefined) return;
		if (alike.moreCount === 0) {
			this.#open.delete(key);
			return;
		}
		// The row with the count is the one of the next second.
		alike.timer = this.#wait(key);
		await this.#writeCount(alike);
	}

	async #writeCount(alike: Alike): Promise<void> {
		const { row, moreCount } = alike;
		alike.moreCount = 0;
		await this.#audit.write({ ...row, atMs: this.#clock.wallMs(), result: `${row.result} (${moreCount} more like this)` });
	}
}
