/**
 * Garbage is collected in the quiet after a flush, so that the collector seldom runs in the middle of the next one: a
 * large tick leaves megabytes of objects that lived for milliseconds, and clearing them away takes as long as deciding it.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../ports/clock.ts';
import type { Meter } from '../ports/meter.ts';

export interface YoungGarbage {
	/** What was made lately, be it in use or not. */
	readonly bytes: number;
	/** Stops everything for a millisecond or two; what lives on is touched once, what is old not at all. */
	collect(): void;
}

/** After the last answer of a flush come the news of its orders. */
const QUIET_AFTER_MS = 20;
/** Less than that does not fill up during the next tick. */
const BYTES_MIN = 1_000_000;

/** Measures as before, and collects after flushes. */
export function collectingAfterFlushes(meter: Meter, clock: Clock, garbage: YoungGarbage | undefined): Meter {
	if (garbage === undefined) return meter;
	let isDue = false;
	const collect = (): void => {
		isDue = false;
		if (garbage.bytes >= BYTES_MIN) garbage.collect();
	};
	return {
		flush: {
			record: (ms) => {
				meter.flush.record(ms);
				if (isDue) return;
				isDue = true;
				clock.after(QUIET_AFTER_MS, collect);
			},
		},
		request: (verb, api) => meter.request(verb, api),
		stage: (stage) => meter.stage(stage),
		restErrors: (exchange) => meter.restErrors(exchange),
		reconnects: (exchange) => meter.reconnects(exchange),
	};
}

/** Of this process; undefined where its JavaScript engine has no such thing. */
export function systemYoungGarbage(): YoungGarbage | undefined {
	setFlagsFromString('--expose-gc');
	const collector = runInNewContext('globalThis.gc') as ((options: { readonly type: 'minor' }) => void) | undefined;
	setFlagsFromString('--no-expose-gc');
	if (collector === undefined) return undefined;
	return {
		get bytes() {
			return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_used_size ?? 0;
		},
		collect: () => collector({ type: 'minor' }),
	};
}
