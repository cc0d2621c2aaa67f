/**
 * Repeats what is safe to repeat: reads, and cancels that name their scope. Never more than a few times, with a pause
 * that doubles and has chance in it so that many clients do not come back in step; where the venue says when, its word
 * holds. What is refused for good, a wrong key or a ban, is not asked again.
 */

import { type Backoff, backoffDelayMs } from '../../network/backoff.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Rng } from '../../ports/rng.ts';
import type { RestAnswer } from './rest-answer.ts';
import type { VenueClock } from './venue-clock.ts';

export interface PatienceOptions {
	/** Repetitions, the first attempt not counted. */
	readonly retriesMax: number;
	readonly backoff: Backoff;
}

export const READ_PATIENCE = patience(1_000, 30_000);
/** Cancels are urgent, and their limits are generous. */
export const CANCEL_PATIENCE = patience(50, 500);
/** For those who would rather hear a failure than wait long for it. */
export const BRIEF_PATIENCE: PatienceOptions = { ...patience(200, 1_000), retriesMax: 2 };
export const NO_PATIENCE: PatienceOptions = { ...READ_PATIENCE, retriesMax: 0 };

function patience(baseMs: number, maxMs: number): PatienceOptions {
	return { retriesMax: 3, backoff: { kind: 'exponential', baseMs, maxMs, jitter: 'added' } };
}

type Heard = (answer: RestAnswer) => void;

export class Patience {
	readonly #clock: Clock;
	readonly #rng: Rng;
	readonly #venueClock: VenueClock;

	constructor(clock: Clock, rng: Rng, venueClock: VenueClock) {
		this.#clock = clock;
		this.#rng = rng;
		this.#venueClock = venueClock;
	}

	ask(options: PatienceOptions, attempt: (answered: Heard) => void, heard: Heard): void {
		const tryOnce = (retriesDone: number): void =>
			attempt((answer) => {
				if (retriesDone >= options.retriesMax || !isWorthRepeating(answer)) return heard(answer);
				this.#clock.after(this.#delayMs(options, retriesDone, answer), () => tryOnce(retriesDone + 1));
			});
		tryOnce(0);
	}

	#delayMs({ backoff }: PatienceOptions, retriesDone: number, answer: RestAnswer): number {
		const delayMs = backoffDelayMs(backoff, retriesDone, this.#rng);
		const resetAtMs = answer.kind === 'refused' && answer.verdict.class === 'rate-limited' ? answer.limits?.resetAtMs : undefined;
		if (resetAtMs === undefined) return delayMs;
		// A reset further away than we ever wait is no reset but a wrong clock; one in the past still deserves a moment.
		const untilResetMs = Math.max(0, resetAtMs - this.#venueClock.venueNowMs());
		return Math.min(untilResetMs + backoff.baseMs * this.#rng.next(), backoff.maxMs);
	}
}

function isWorthRepeating(answer: RestAnswer): boolean {
	switch (answer.kind) {
		case 'ok':
			return false;
		case 'lost':
			return answer.reason !== 'aborted' && answer.reason !== 'tls' && answer.reason !== 'resting';
		case 'unreadable':
			return true;
		case 'refused': {
			const { class: failure } = answer.verdict;
			return !answer.isBan && (failure === 'transient' || failure === 'rate-limited' || failure === 'ambiguous');
		}
	}
}
