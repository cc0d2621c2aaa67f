/** Hears what each flush took. */
import type { Clock } from '../../ports/clock.ts';
import type { Timing } from '../../ports/meter.ts';

/** Far above any tick; what takes longer is cut short. */
const FLUSH_WITHIN_MS = 30_000;

export class FlushWatch implements Timing {
	readonly #clock: Clock;
	#heard: (ms: number) => void = () => {};

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	record(ms: number): void {
		this.#heard(ms);
	}

	/** Of the flush that this begins; not a number where it says that there is none, or none comes to its end in time. */
	async watch(begin: () => boolean): Promise<number> {
		const { promise, resolve } = Promise.withResolvers<number>();
		this.#heard = resolve;
		if (!begin()) return Number.NaN;
		const timer = this.#clock.after(FLUSH_WITHIN_MS, () => resolve(Number.NaN));
		const ms = await promise;
		timer.cancel();
		return ms;
	}
}
