/** A timer and the time for the command line, which may not reach below the app for a clock. */
import { type TimeMs, timeMs } from '../domain/units.ts';
import { systemClock } from '../network/system-clock.ts';
import type { Timer } from '../ports/clock.ts';

export function afterMs(delayMs: number, callback: () => void): Timer {
	return systemClock().after(delayMs, callback);
}

export function wallNowMs(): TimeMs {
	return timeMs(Math.floor(systemClock().wallMs()));
}
