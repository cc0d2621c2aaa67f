/** The real clock. The only place in `src/` that asks the system for the time or sets a timer. */
import type { Clock, Timer } from '../ports/clock.ts';

export function systemClock(): Clock {
	return {
		wallMs: () => Date.now(),
		monotonicMs: () => performance.now(),
		after: (delayMs: number, callback: () => void): Timer => {
			const handle = setTimeout(callback, Math.max(0, delayMs));
			return { cancel: () => clearTimeout(handle) };
		},
	};
}
