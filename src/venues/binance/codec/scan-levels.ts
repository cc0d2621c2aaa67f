/**
 * HOT: one side of a book frame, for scan-book.ts and depth-snapshot.ts; scan-public.ts states budget, fence and twin.
 * The usual number (a step of one unit, up to nine digits) is read in place; the reader reads all others. The code for
 * price and size stands here twice: as one loop for both in turn it took a quarter more time, as a function twice as much,
 * and reading four bytes at once with a DataView gained nothing.
 */
import { type BookDelta, type BookSide, DELTA_LEVELS_MAX } from '../../../domain/book-delta.ts';
import type { Grid } from '../../../domain/grid.ts';
import type { Lots, Ticks } from '../../../domain/units.ts';
import { type ByteReader, UNREAD } from '../../wire/byte-reader.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
/** So many digits always fit a signed 32-bit integer. */
const DIGITS_OF_INT32 = 9;
/** More digits than that: the number is the reader's. */
const TOO_MANY = 99;

/**
 * `[["64999.90000000","1.25000000"],…]`; false for anything else. Spot writes eight digits behind each point, whatever the
 * grid is: those behind the last one of the grid may only be zeros, and do not count.
 */
export function scanLevels(
	reader: ByteReader,
	bytes: Uint8Array,
	side: BookSide,
	{ priceGrid, qtyGrid }: { readonly priceGrid: Grid; readonly qtyGrid: Grid },
	delta: BookDelta,
): boolean {
	let at = reader.at;
	if (bytes[at] !== OPEN_LIST) return false;
	if (bytes[++at] === CLOSE_LIST) {
		reader.at = at + 1;
		return true;
	}
	const priceScale = priceGrid.stepUnits === 1 ? priceGrid.scale : TOO_MANY;
	const sizeScale = qtyGrid.stepUnits === 1 ? qtyGrid.scale : TOO_MANY;
	for (;;) {
		if (bytes[at] !== OPEN_LIST || bytes[at + 1] !== QUOTE) return false;
		const priceStart = at + 2;
		at = priceStart;
		let ticks = 0;
		let code = bytes[at] as number;
		while (code >= ZERO && code <= NINE) {
			ticks = (Math.imul(ticks, 10) + code - ZERO) | 0;
			code = bytes[++at] as number;
		}
		let digits = at > priceStart ? at - priceStart : TOO_MANY;
		if (code === POINT) {
			const end = at + 1 + priceScale;
			code = bytes[++at] as number;
			if (code < ZERO || code > NINE) return false;
			while (at < end && code >= ZERO && code <= NINE) {
				ticks = (Math.imul(ticks, 10) + code - ZERO) | 0;
				code = bytes[++at] as number;
			}
			digits += at < end ? TOO_MANY : priceScale;
			while (code === ZERO) code = bytes[++at] as number;
		} else if (priceScale > 0) digits = TOO_MANY;
		if (code === QUOTE && digits <= DIGITS_OF_INT32) at++;
		else {
			reader.at = priceStart;
			ticks = reader.steps(bytes, priceGrid);
			at = reader.at;
		}
		if (ticks <= 0 || bytes[at] !== COMMA || bytes[at + 1] !== QUOTE) return false;
		const sizeStart = at + 2;
		at = sizeStart;
		let lots = 0;
		code = bytes[at] as number;
		while (code >= ZERO && code <= NINE) {
			lots = (Math.imul(lots, 10) + code - ZERO) | 0;
			code = bytes[++at] as number;
		}
		digits = at > sizeStart ? at - sizeStart : TOO_MANY;
		if (code === POINT) {
			const end = at + 1 + sizeScale;
			code = bytes[++at] as number;
			if (code < ZERO || code > NINE) return false;
			while (at < end && code >= ZERO && code <= NINE) {
				lots = (Math.imul(lots, 10) + code - ZERO) | 0;
				code = bytes[++at] as number;
			}
			digits += at < end ? TOO_MANY : sizeScale;
			while (code === ZERO) code = bytes[++at] as number;
		} else if (sizeScale > 0) digits = TOO_MANY;
		if (code === QUOTE && digits <= DIGITS_OF_INT32) at++;
		else {
			reader.at = sizeStart;
			lots = reader.steps(bytes, qtyGrid);
			at = reader.at;
		}
		if (lots === UNREAD || bytes[at] !== CLOSE_LIST || delta.count >= DELTA_LEVELS_MAX) return false;
		delta.push(side, ticks as Ticks, lots as Lots);
		const next = bytes[at + 1];
		at += 2;
		if (next === COMMA) continue;
		reader.at = at;
		return next === CLOSE_LIST;
	}
}
