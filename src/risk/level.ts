/**
 * How much the engine may do now, for the account and for each symbol, with the reason in words (K2, KL0 to KL4). The
 * account's level counts first, then a hold on a symbol. A hold with a cause that can pass lifts by itself once the
 * cause has been absent for `HOLD_CLEAN_MS`; everything else is lifted by whoever set it, and a shut gate never is.
 */
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { MonoMs } from '../domain/units.ts';

export type KillLevel = 'run' | 'pauseQuoting' | 'reduceOnly' | 'kill';

/** KL1: a symbol trades again when it has been clean for this long. */
export const HOLD_CLEAN_MS = 10_000;

export interface HoldOptions {
	readonly reason: string;
	readonly liftsByItself: boolean;
	readonly nowMono: MonoMs;
	/** How long its cause must be absent before it lifts; `HOLD_CLEAN_MS` unless said. */
	readonly cleanMs?: number;
}

interface Hold {
	reason: string;
	liftsByItself: boolean;
	seenAtMono: MonoMs;
	cleanMs: number;
}

export class RiskLevels {
	/** Grows with each change, so that whoever acts on it need not compare. */
	version = 0;
	#level: KillLevel = 'run';
	#reason: string | undefined;
	readonly #holds: (Map<string, Hold> | undefined)[] = [];

	get level(): KillLevel {
		return this.#level;
	}

	get isPaused(): boolean {
		return this.#level !== 'run';
	}

	get reason(): string | undefined {
		return this.#reason;
	}

	/** Never lowers the level; the first reason of a level stays. */
	raise(level: KillLevel, reason: string): void {
		if (RANK[level] <= RANK[this.#level]) return;
		this.#level = level;
		this.#reason = reason;
		this.version += 1;
	}

	/** Back to running from a pause; a reduce-only or killed account needs more than a word (see the rearm command). */
	resume(): boolean {
		if (this.#level !== 'pauseQuoting') return false;
		this.#level = 'run';
		this.#reason = undefined;
		this.version += 1;
		return true;
	}

	/** Said again while the cause lasts: the time to lift counts from the last word, and a hold only ever gets stricter. */
	hold(instrument: InstrumentIndex, cause: string, options: HoldOptions): void {
		const { reason, liftsByItself, nowMono, cleanMs = HOLD_CLEAN_MS } = options;
		let holds = this.#holds[instrument];
		if (holds === undefined) {
			holds = new Map();
			this.#holds[instrument] = holds;
		}
		const known = holds.get(cause);
		if (known !== undefined) {
			known.seenAtMono = nowMono;
			known.cleanMs = Math.max(known.cleanMs, cleanMs);
			if (liftsByItself || !known.liftsByItself) return;
			known.liftsByItself = false;
			known.reason = reason;
			this.version += 1;
			return;
		}
		holds.set(cause, { reason, liftsByItself, seenAtMono: nowMono, cleanMs });
		this.version += 1;
	}

	/** Lifts one cause, or with none given all that a person may lift. */
	release(instrument: InstrumentIndex, cause?: string): void {
		const holds = this.#holds[instrument];
		if (holds === undefined || holds.size === 0) return;
		if (cause === undefined) holds.clear();
		else if (!holds.delete(cause)) return;
		this.version += 1;
	}

	/** Why this symbol is held, or undefined when it may quote. */
	holdReason(instrument: InstrumentIndex, nowMono: MonoMs): string | undefined {
		const holds = this.#holds[instrument];
		if (holds === undefined || holds.size === 0) return undefined;
		for (const [cause, hold] of holds) {
			if (!hold.liftsByItself || nowMono - hold.seenAtMono < hold.cleanMs) return hold.reason;
			holds.delete(cause);
			this.version += 1;
		}
		return undefined;
	}
}

const RANK: Readonly<Record<KillLevel, number>> = { run: 0, pauseQuoting: 1, reduceOnly: 2, kill: 3 };
