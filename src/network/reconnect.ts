/**
 * When a lost connection is tried again: full jitter, so that many clients of one venue do not come back in step, a
 * slow pace once it has failed too often in a row, and a cap of our own far below the venue's, whatever flaps (F49).
 */
import type { Rng } from '../ports/rng.ts';

export interface ReconnectPolicy {
	readonly baseDelayMs: number;
	readonly maxDelayMs: number;
	/** Failures in a row after which it goes on at `maxDelayMs` only, and says so. */
	readonly attemptsMax: number;
	readonly connectsPer5MinMax: number;
}

export const RECONNECT_POLICY: ReconnectPolicy = {
	baseDelayMs: 1_000,
	maxDelayMs: 60_000,
	attemptsMax: 10,
	connectsPer5MinMax: 30,
};

const WINDOW_MS = 300_000;

/** Uniform below the bound, which doubles with each failure. */
export function fullJitterMs(rng: Rng, bounds: { readonly baseDelayMs: number; readonly maxDelayMs: number }, failures: number) {
	const doublings = Math.min(Math.max(failures - 1, 0), 30);
	return rng.next() * Math.min(bounds.maxDelayMs, bounds.baseDelayMs * 2 ** doublings);
}

export class Reconnects {
	readonly #policy: ReconnectPolicy;
	readonly #rng: Rng;
	/** Oldest first; never more than the cap, since nobody connects without asking. */
	readonly #connectedAtMono: number[] = [];
	#failures = 0;

	constructor(policy: ReconnectPolicy, rng: Rng) {
		this.#policy = policy;
		this.#rng = rng;
	}

	get isDegraded(): boolean {
		return this.#failures >= this.#policy.attemptsMax;
	}

	noteConnect(nowMono: number): void {
		this.#connectedAtMono.push(nowMono);
	}

	noteFailure(): void {
		this.#failures += 1;
	}

	noteSuccess(): void {
		this.#failures = 0;
	}

	delayMs(nowMono: number): number {
		const pause = this.isDegraded ? this.#policy.maxDelayMs : fullJitterMs(this.#rng, this.#policy, this.#failures);
		return Math.max(pause, this.capDelayMs(nowMono));
	}

	/** How long until one more connect stays within the cap; 0 when it does now. */
	capDelayMs(nowMono: number): number {
		const times = this.#connectedAtMono;
		while (times[0] !== undefined && nowMono - times[0] >= WINDOW_MS) times.shift();
		const [oldest] = times;
		return oldest === undefined || times.length < this.#policy.connectsPer5MinMax ? 0 : oldest + WINDOW_MS - nowMono;
	}
}
