/**
 * From when on executions are asked for (F20). One whole list proves little: it may lack what the venue had not listed by
 * then, and it may be empty though there is something to show (F32). So whatever happened is asked for again by every
 * reading of the next minutes, and given up only when readings over all that time have had the chance to show it.
 *
 *   start ······ base ─ a minute ─► since ═══ asked for ═══ now
 *                 the newest whole reading that is older than SETTLED_MS; without one, the start
 */
import { type TimeMs, timeMs } from '../../domain/units.ts';

/** Fills may be listed late and out of order. */
export const LOOK_BACK_MS = 60_000;
/** So long a venue may show too little before something is lost for good. */
export const SETTLED_MS = 180_000;
/** Of readings that follow each other faster the first will do. */
const APART_MS = 10_000;

/** By both clocks, since neither will do alone: ours stands still while the machine sleeps, the venue's may be taken wrong. */
export interface LookMoment {
	readonly atMono: number;
	/** As it was known then. */
	readonly venueAtMs: number;
}

export class LookBack {
	readonly #startMs: number;
	/** When whole readings began, the oldest first: at most one of them is settled. */
	readonly #began: LookMoment[] = [];

	constructor(startMs: number) {
		this.#startMs = startMs;
	}

	/** Everything that the venue had to show since then was read. */
	readWhole(began: LookMoment): void {
		const newest = this.#began.at(-1);
		if (newest === undefined || began.atMono - newest.atMono >= APART_MS) this.#began.push(began);
	}

	/**
	 * Of the two times that the base may have, the earlier one (F58): counted back from now it would be too late by as long
	 * as the machine slept, and as it was known then it may be of a clock that was taken wrong. What is settled goes by our
	 * clock alone: nobody reads in their sleep.
	 */
	sinceMs({ atMono, venueAtMs }: LookMoment): TimeMs {
		const began = this.#began;
		while (began[1] !== undefined && atMono - began[1].atMono >= SETTLED_MS) began.shift();
		const [base] = began;
		if (base === undefined || atMono - base.atMono < SETTLED_MS) return timeMs(Math.floor(this.#startMs));
		const baseMs = Math.min(venueAtMs - (atMono - base.atMono), base.venueAtMs);
		return timeMs(Math.floor(Math.max(this.#startMs, baseMs - LOOK_BACK_MS)));
	}
}
