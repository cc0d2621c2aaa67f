/** A timer for the command line, which may not reach below the app for a clock. */
import { systemClock } from '../network/system-clock.ts';
import type { Timer } from '../ports/clock.ts';

export function afterMs(delayMs: number, callback: () => void): Timer {
	return systemClock().after(delayMs, callback);
}
