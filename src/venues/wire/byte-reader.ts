/**
 * HOT: reads numbers and fixed words from the bytes of a frame, without a string or a float in between.
 * Budget: 15 ns a number of 7 digits (codec.bench.ts of each venue). Fence: `at` is where reading stands; a method
 * that cannot read what it expects says so and leaves `at` anywhere, since whoever asked gives up on the frame.
 * Twin: parsePrice and parseQty of the domain, held equal by a property.
 *
 * Reads past the end give `undefined`, which equals no byte and is in no range, so every comparison below then fails.
 */

import type { Grid } from '../../domain/grid.ts';

const QUOTE = 0x22;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
/** So many digits always fit a signed 32-bit integer, whose arithmetic is the fast one. */
const DIGITS_OF_INT32 = 9;
/** So many are always below 2^53. */
const DIGITS_SAFE = 15;
/** All of them exact, as doubles go: 10^22 is the last power of ten that is. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** What a number reads as when it is better left to the plain twin. */
export const UNREAD = -1;

export class ByteReader {
	at = 0;

	/**
	 * A decimal in quotes as whole steps of a grid; `at` stands behind its opening quote and goes behind the closing one.
	 * UNREAD for whatever is not plain digits with at most one point, has more than 15 of them, or is off the grid.
	 * Digits behind the last one of the grid may only be zeros, so what is read is whole already and nothing is divided.
	 */
	steps(bytes: Uint8Array, grid: Grid): number {
		const start = this.at;
		let at = start;
		let units = 0;
		let pointCount = 0;
		let missing = grid.scale;
		let code = bytes[at] as number;
		while (code >= ZERO && code <= NINE) {
			units = (Math.imul(units, 10) + code - ZERO) | 0;
			code = bytes[++at] as number;
		}
		if (at === start) return UNREAD;
		if (code === POINT) {
			const point = at;
			const last = point + missing;
			code = bytes[++at] as number;
			while (code >= ZERO && code <= NINE && at <= last) {
				units = (Math.imul(units, 10) + code - ZERO) | 0;
				code = bytes[++at] as number;
			}
			missing = last + 1 - at;
			while (code === ZERO) code = bytes[++at] as number;
			if (at === point + 1) return UNREAD;
			pointCount = 1;
		}
		if (code !== QUOTE) return UNREAD;
		const end = at;
		this.at = end + 1;
		const digitCount = end - start - pointCount;
		if (digitCount > DIGITS_OF_INT32) return digitCount > DIGITS_SAFE ? UNREAD : longSteps(bytes, start, end, grid);
		return missing === 0 && grid.stepUnits === 1 ? units : onGrid(units, missing, grid.stepUnits);
	}

	/** A whole number without quotes, at most 15 digits; `at` stands on its first digit and goes behind the last. */
	whole(bytes: Uint8Array): number {
		const start = this.at;
		let at = start;
		let low = 0;
		let code = bytes[at] as number;
		while (code >= ZERO && code <= NINE && at - start < DIGITS_OF_INT32) {
			low = (Math.imul(low, 10) + code - ZERO) | 0;
			code = bytes[++at] as number;
		}
		if (at === start || (bytes[start] === ZERO && at - start > 1)) return UNREAD;
		let value = low;
		if (code >= ZERO && code <= NINE) {
			const split = at;
			low = 0;
			while (code >= ZERO && code <= NINE && at - start <= DIGITS_SAFE) {
				low = (Math.imul(low, 10) + code - ZERO) | 0;
				code = bytes[++at] as number;
			}
			if (at - start > DIGITS_SAFE) return UNREAD;
			value = value * (POWERS_OF_TEN[at - split] as number) + low;
		}
		this.at = at;
		return value;
	}

	/** Whether the word stands here; if so, `at` goes behind it. */
	take(bytes: Uint8Array, word: Uint8Array): boolean {
		const start = this.at;
		const length = word.length;
		for (let i = 0; i < length; i++) if (bytes[start + i] !== word[i]) return false;
		this.at = start + length;
		return true;
	}

	/** From behind an opening quote to behind the closing one; false for escapes and anything but printable ASCII. */
	skipText(bytes: Uint8Array): boolean {
		let at = this.at;
		let code = bytes[at] as number;
		while (code >= 0x20 && code < 0x7f && code !== QUOTE && code !== BACKSLASH) code = bytes[++at] as number;
		this.at = at + 1;
		return code === QUOTE;
	}
}

/** `units` with this many digits still to come, in steps. All numbers on the way are safe integers, so this is exact. */
function onGrid(units: number, missing: number, stepUnits: number): number {
	const scaled = units * (POWERS_OF_TEN[missing] as number);
	if (scaled > Number.MAX_SAFE_INTEGER) return UNREAD;
	// The remainder operator on doubles is a call; a rounded quotient that multiplies back exactly proves the same.
	const steps = scaled / stepUnits;
	return steps === Math.floor(steps) && steps * stepUnits === scaled ? steps : UNREAD;
}

/** The same for 10 to 15 digits, which 32 bits do not hold. */
function longSteps(bytes: Uint8Array, start: number, end: number, grid: Grid): number {
	let units = 0;
	let point = -1;
	let missing = grid.scale;
	for (let at = start; at < end; at++) {
		const code = bytes[at] as number;
		if (code === POINT) point = at;
		else if (point < 0) units = units * 10 + (code - ZERO);
		else if (missing > 0) {
			units = units * 10 + (code - ZERO);
			missing--;
		}
	}
	return onGrid(units, missing, grid.stepUnits);
}
