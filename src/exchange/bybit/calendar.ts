/**
 * Where a candle begins and ends, in UTC: whole multiples for minutes, hours and days, weeks from Monday, months by the
 * calendar. Plain arithmetic, since nothing here may ask what day it is.
 */
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
/** The first Monday after the epoch, which was a Thursday. */
const FIRST_MONDAY_DAYS = 4;

const MINUTES: ReadonlySet<string> = new Set(['1', '3', '5', '15', '30', '60', '120', '240', '360', '720']);

export interface Span {
	readonly startMs: number;
	/** The first instant of the next candle. */
	readonly nextMs: number;
}

export function isCandleInterval(text: string): boolean {
	return MINUTES.has(text) || text === 'D' || text === 'W' || text === 'M';
}

/** For intervals that `isCandleInterval` knows. */
export function candleSpan(interval: string, atMs: number): Span {
	if (interval === 'M') return monthSpan(atMs);
	if (interval === 'W') return evenSpan(WEEK_DAYS * DAY_MS, atMs, FIRST_MONDAY_DAYS * DAY_MS);
	return evenSpan(interval === 'D' ? DAY_MS : Number(interval) * MINUTE_MS, atMs, 0);
}

function evenSpan(lengthMs: number, atMs: number, offsetMs: number): Span {
	const startMs = Math.floor((atMs - offsetMs) / lengthMs) * lengthMs + offsetMs;
	return { startMs, nextMs: startMs + lengthMs };
}

function monthSpan(atMs: number): Span {
	let startDay = 0;
	for (let year = 1970; ; year += 1) {
		for (const days of monthDays(year)) {
			const nextMs = (startDay + days) * DAY_MS;
			if (atMs < nextMs) return { startMs: startDay * DAY_MS, nextMs };
			startDay += days;
		}
	}
}

function monthDays(year: number): readonly number[] {
	const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
	return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
}
