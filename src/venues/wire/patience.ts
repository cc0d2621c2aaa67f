/**
 * Repeats what is safe to repeat: reads, and cancels that name their scope. Never more than a few times, with a pause
 * that doubles and has chance in it so that many clients do not come back in step; where the venue says when, its word
 * holds. Each venue judges its own answers.
 */

import { type Backoff, backoffDelayMs } from '../../network/backoff.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Rng } from '../../ports/rng.ts';

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

/** Undefined: it is not worth asking again. `waitMs`: the venue said when. */
export type AgainJudge<Answer> = (answer: Answer) => { readonly waitMs: number | undefined } | undefined;

export interface PatienceParts<Answer> {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly again: AgainJudge<Answer>;
}

export class Patience<Answer> {
	readonly #parts: PatienceParts<Answer>;

	constructor(parts: PatienceParts<Answer>) {
		this.#parts = parts;
	}

	ask(options: PatienceOptions, attempt: (answered: (answer: Answer) => void) => void, heard: (answer: Answer) => void): void {
		const { clock, again } = this.#parts;
		const tryOnce = (retriesDone: number): void =>
			attempt((answer) => {
				const judged = retriesDone >= options.retriesMax ? undefined : again(answer);
				if (judged === undefined) return heard(answer);
				clock.after(this.#delayMs(options, retriesDone, judged.waitMs), () => tryOnce(retriesDone + 1));
			});
		tryOnce(0);
	}

	#delayMs({ backoff }: PatienceOptions, retriesDone: number, waitMs: number | undefined): number {
		const { rng } = this.#parts;
		const delayMs = backoffDelayMs(backoff, retriesDone, rng);
		if (waitMs === undefined) return delayMs;
		// A moment further away than we ever wait is none but a wrong clock; one in the past still deserves a pause.
		return Math.min(Math.max(0, waitMs) + backoff.baseMs * rng.next(), backoff.maxMs);
	}
}
