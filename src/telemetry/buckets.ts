/**
 * HOT: durations counted by size, for a histogram that is read now and then and written all the time. Exact at its
 * bounds, unlike a histogram that rounds. Budget: bench/telemetry/meter. Fence: the counts are read in this folder only.
 */
import type { Timing } from '../ports/meter.ts';

/**
 * Upper ends in milliseconds, inclusive. One list for everything, so that series can be added up: fine around 40 ms,
 * where an exchange answers, and with a bound at each figure that somebody is held to (200 and 250 ms for a tick).
 */
export const BOUNDS_MS = [
	...[0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 40, 42.5, 45, 50, 60, 80],
	...[100, 150, 200, 250, 500, 1_000, 2_500, 5_000],
] as const;

const BOUNDS = Float64Array.from(BOUNDS_MS);

export class Buckets implements Timing {
	/** How many lie above the bound before and not above this one; the last count is of those above all bounds. */
	readonly counts = new Float64Array(BOUNDS.length + 1);
	sumMs = 0;

	record(ms: number): void {
		if (!(ms >= 0)) return;
		let at = 0;
		while (at < BOUNDS.length && ms > (BOUNDS[at] as number)) at += 1;
		this.counts[at] = (this.counts[at] as number) + 1;
		this.sumMs += ms;
	}

	/** What has come to it since it was like this. */
	since(before: Buckets): Buckets {
		const later = new Buckets();
		for (let at = 0; at < later.counts.length; at += 1) later.counts[at] = (this.counts[at] ?? 0) - (before.counts[at] ?? 0);
		later.sumMs = this.sumMs - before.sumMs;
		return later;
	}

	/** All records of several as if they had gone to one. */
	static join(all: Iterable<Buckets>): Buckets {
		const joined = new Buckets();
		for (const { counts, sumMs } of all) {
			for (let at = 0; at < counts.length; at += 1) joined.counts[at] = (joined.counts[at] ?? 0) + (counts[at] ?? 0);
			joined.sumMs += sumMs;
		}
		return joined;
	}
}
