/** The real clock. The only place in `src/` that asks the system for the time or sets a timer. */
import type { Clock, Timer } from '../ports/clock.ts';

export function systemClock(): Clock {
	return {
		wallMs: () => Date.now(),
		monotonicMs: () => performance.now(),
		after: (delayMs: number, callback: () => void): Timer => {
			// A timer of the system takes a millisecond at least.
			if (delayMs <= 0) {
				const turn = setImmediate(callback);
				return { cancel: () => clearImmediate(turn) };
			}
			const handle = setTimeout(callback, delayMs);
			return { cancel: () => clearTimeout(handle) };
		},
	};
}
