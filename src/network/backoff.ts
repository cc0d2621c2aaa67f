/** How long to wait before trying again. Pure: chance is handed in. */
import type { Rng } from '../ports/rng.ts';

export interface Backoff {
	/** What the delay does from try to try: doubles, grows by the base, or stays. */
	readonly kind: 'exponential' | 'linear' | 'fixed';
	readonly baseMs: number;
	/** No delay is longer, jitter included. */
	readonly maxMs: number;
	/**
	 * So that many who failed together do not come back together. `added`: up to a base more. `full`: anything between
	 * nothing and the delay, which spreads a crowd best.
	 */
	readonly jitter: 'none' | 'added' | 'full';
}

/** Before retry number `retriesMade + 1`. */
export function backoffDelayMs(backoff: Backoff, retriesMade: number, rng: Rng): number {
	const { baseMs, maxMs, jitter } = backoff;
	const plainMs = Math.min(maxMs, baseMs * growth(backoff.kind, retriesMade));
	switch (jitter) {
		case 'none':
			return plainMs;
		case 'added':
			return Math.min(maxMs, plainMs + baseMs * rng.next());
		case 'full':
			return plainMs * rng.next();
		default:
			return jitter satisfies never;
	}
}

function growth(kind: Backoff['kind'], retriesMade: number): number {
	switch (kind) {
		case 'exponential':
			return 2 ** retriesMade;
		case 'linear':
			return retriesMade + 1;
		case 'fixed':
			return 1;
		default:
			return kind satisfies never;
	}
}
