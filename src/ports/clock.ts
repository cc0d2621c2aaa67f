/**
 * Time, as a thing that is handed in. Wall time names instants (it may jump); monotonic time measures durations
 * (it never goes back). Nothing else in `src/` may ask the system for the time or set a timer.
 */
export interface Timer {
	/** Safe to call at any moment, any number of times. */
	cancel(): void;
}

export interface Clock {
	/** Milliseconds since 1970, whole. May jump in either direction. */
	wallMs(): number;
	/** Milliseconds from an arbitrary start, fractional, never decreasing. */
	monotonicMs(): number;
	/** Calls back once, never before `delayMs` of monotonic time has gone by, and never from inside this call. */
	after(delayMs: number, callback: () => void): Timer;
}
