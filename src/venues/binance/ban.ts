/** How long this address may not ask at all (F53). One for spot and futures together: who goes on is banned for longer. */
import type { SessionParts } from '../../network/session.ts';
import type { Clock } from '../../ports/clock.ts';
import { BAN_STATUS } from './errors.ts';

/** The venue's shortest, where it does not say how long this one is. */
export const BAN_MS_MIN = 120_000;

export class Ban {
	readonly #clock: Clock;
	#untilMono = Number.NEGATIVE_INFINITY;
	/** For sessions: nobody connects during it, and whoever is turned away for it makes it known. */
	readonly atDoors: Required<Pick<SessionParts, 'holdMs' | 'turnedAway'>> = {
		holdMs: () => this.leftMs(),
		turnedAway: (status) => {
			if (status === BAN_STATUS) this.begin(BAN_MS_MIN);
		},
	};

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** 0 outside of a ban. */
	leftMs(): number {
		return Math.max(0, this.#untilMono - this.#clock.monotonicMs());
	}

	begin(durationMs: number): void {
		this.#untilMono = Math.max(this.#untilMono, this.#clock.monotonicMs() + durationMs);
	}
}
