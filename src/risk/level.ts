/**
 * How much the engine may do now, for the account and for each symbol, with the reason in words (K2, KL0 to KL4). The
 * account's level counts first, then a hold on a symbol. A pause of the account and a hold of a symbol have a cause
 * each, so that one cause that passes does not lift the others; those that can pass lift by themselves once the cause
 * has been absent for long enough, everything else is lifted by whoever set it, and a shut gate never is.
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

/** A level that only a person takes back. */
export interface Latch {
	readonly level: 'reduceOnly' | 'kill';
	readonly reason: string;
}

/** Why something stands still, for whoever looks from outside. */
export interface Standing {
	readonly cause: string;
	readonly reason: string;
	readonly liftsByItself: boolean;
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
	#level: Exclude<KillLevel, 'pauseQuoting'> = 'run';
	#reason: string | undefined;
	/** The highest level that only a person takes back, and whether it was told already. */
	#latch: Latch | undefined;
	#isLatchTold = true;
	readonly #pauses = new Map<string, Hold>();
	readonly #holds: (Map<string, Hold> | undefined)[] = [];

	get level(): KillLevel {
		return this.#level === 'run' && this.#pauses.size > 0 ? 'pauseQuoting' : this.#level;
	}

	get isPaused(): boolean {
		return this.#level !== 'run' || this.#pauses.size > 0;
	}

	/** The oldest of several. */
	get reason(): string | undefined {
		if (this.#level !== 'run') return this.#reason;
		for (const { reason } of this.#pauses.values()) return reason;
		return undefined;
	}

	/** What stays until a person takes it back; an orderly end is none. */
	get latch(): Latch | undefined {
		return this.#latch;
	}

	/** Of the account, by cause, the oldest first. */
	pauses(): readonly Standing[] {
		return Array.from(this.#pauses, standingOf);
	}

	/** Of one symbol, without those that have passed. */
	holdsOf(instrument: InstrumentIndex, nowMono: MonoMs): readonly Standing[] {
		const holds = this.#holds[instrument];
		if (holds === undefined || holds.size === 0) return [];
		return [...holds].filter(([, hold]) => !hasPassed(hold, nowMono)).map(standingOf);
	}

	/** Never lowers the level; the first reason of a level stays. Until a person takes it back, restarts included. */
	raise(level: Latch['level'], reason: string): void {
		if (RANK[level] > RANK[this.#latch?.level ?? 'run']) {
			this.#latch = { level, reason };
			this.#isLatchTold = false;
		}
		this.#lift(level, reason);
	}

	/** What a person has taken back: as if it had never been, but for pauses and holds. */
	rearm(): void {
		this.#latch = undefined;
		this.#isLatchTold = true;
		this.#level = 'run';
		this.#reason = undefined;
		this.version += 1;
	}

	/** As a kill, but only as long as this run lasts: an orderly stop is nothing that a person has to take back. */
	end(reason: string): void {
		this.#lift('kill', reason);
	}

	/** What has to be written down so that a restart knows of it, once. */
	takeLatch(): Latch | undefined {
		if (this.#isLatchTold) return undefined;
		this.#isLatchTold = true;
		return this.#latch;
	}

	#lift(level: Latch['level'], reason: string): void {
		if (RANK[level] <= RANK[this.#level]) return;
		this.#level = level;
		this.#reason = reason;
		this.version += 1;
	}

	/** KL2. Said again while the cause lasts, as `hold`. */
	pause(cause: string, options: HoldOptions): void {
		this.#apply(this.#pauses, cause, options);
	}

	/** What is wrong with the same cause has changed: another reason for people, and nothing else. */
	retell(cause: string, reason: string): void {
		const known = this.#pauses.get(cause);
		if (known !== undefined) known.reason = reason;
	}

	/** The same of a hold of one symbol. */
	retellHold(instrument: InstrumentIndex, cause: string, reason: string): void {
		const known = this.#holds[instrument]?.get(cause);
		if (known !== undefined) known.reason = reason;
	}

	/** Lifts one cause of a pause; a reduce-only or killed account needs more than a word (see the rearm command). */
	resume(cause: string): boolean {
		if (!this.#pauses.delete(cause)) return false;
		this.version += 1;
		return true;
	}

	/** Lets go of pauses whose cause has passed. */
	applyTime(nowMono: MonoMs): void {
		for (const [cause, pause] of this.#pauses) if (hasPassed(pause, nowMono)) this.resume(cause);
	}

	/** Said again while the cause lasts: the time to lift counts from the last word, and a hold only ever gets stricter. */
	hold(instrument: InstrumentIndex, cause: string, options: HoldOptions): void {
		let holds = this.#holds[instrument];
		if (holds === undefined) {
			holds = new Map();
			this.#holds[instrument] = holds;
		}
		this.#apply(holds, cause, options);
	}

	/** Lifts one cause, or with none given all that a person may lift: not what watches over us and does not stand. */
	release(instrument: InstrumentIndex, cause?: string): void {
		const holds = this.#holds[instrument];
		if (holds === undefined || holds.size === 0) return;
		const before = holds.size;
		if (cause !== undefined) holds.delete(cause);
		else for (const each of holds.keys()) if (!WATCHES.has(each)) holds.delete(each);
		if (holds.size < before) this.version += 1;
	}

	/** Why this symbol is held, or undefined when it may quote. */
	holdReason(instrument: InstrumentIndex, nowMono: MonoMs): string | undefined {
		const holds = this.#holds[instrument];
		if (holds === undefined || holds.size === 0) return undefined;
		for (const [cause, hold] of holds) {
			if (!hasPassed(hold, nowMono)) return hold.reason;
			holds.delete(cause);
			this.version += 1;
		}
		return undefined;
	}

	#apply(holds: Map<string, Hold>, cause: string, options: HoldOptions): void {
		const { reason, liftsByItself, nowMono, cleanMs = HOLD_CLEAN_MS } = options;
		const known = holds.get(cause);
		if (known === undefined) {
			holds.set(cause, { reason, liftsByItself, seenAtMono: nowMono, cleanMs });
			this.version += 1;
			return;
		}
		known.seenAtMono = nowMono;
		known.cleanMs = Math.max(known.cleanMs, cleanMs);
		if (liftsByItself || !known.liftsByItself) return;
		known.liftsByItself = false;
		known.reason = reason;
		this.version += 1;
	}
}

function standingOf([cause, { reason, liftsByItself }]: readonly [string, Hold]): Standing {
	return { cause, reason, liftsByItself };
}

function hasPassed({ liftsByItself, seenAtMono, cleanMs }: Hold, nowMono: MonoMs): boolean {
	return liftsByItself && nowMono - seenAtMono >= cleanMs;
}

/** Causes that only whoever set them lifts. */
const WATCHES: ReadonlySet<string> = new Set(['guard', 'sentinel']);

const RANK: Readonly<Record<'run' | 'reduceOnly' | 'kill', number>> = { run: 0, reduceOnly: 1, kill: 2 };
