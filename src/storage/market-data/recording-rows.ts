/**
 * The records inside a block of market data: rows of doubles, little-endian, one behind the other. Doubles hold every tick,
 * lot and microsecond exactly, and are read without parsing (docs/decisions/0016-recordings.md has the figures).
 *
 *   kind, instrument, arrived at (us), venue's time (ms), then
 *     1 snapshot, 2 delta   sequence, count of levels, then for each: ticks (asks negated), lots
 *     3 book lost           reason, as its place in LOST_REASONS
 *     4 top                 sequence, bid ticks, bid lots, ask ticks, ask lots
 *     5 trade               ticks, lots, 1 where the taker bought and -1 where he sold
 *     6 mark                ticks, funding rate, time of the next funding (ms)
 */
import type { DistrustReason } from '../../domain/book.ts';

export const ROW = { snapshot: 1, delta: 2, lost: 3, top: 4, trade: 5, mark: 6 } as const;
export const HEAD_WORDS = 4;
export const BOOK_WORDS = HEAD_WORDS + 2;
/** Rows of the other kinds have a length of their own each. */
export const ROW_WORDS: Readonly<Record<number, number>> = {
	[ROW.lost]: HEAD_WORDS + 1,
	[ROW.top]: HEAD_WORDS + 5,
	[ROW.trade]: HEAD_WORDS + 3,
	[ROW.mark]: HEAD_WORDS + 3,
};

/** Their places are part of the format: add at the end only. */
export const LOST_REASONS: readonly DistrustReason[] = [
	'gap',
	'crossed',
	'stale',
	'disconnected',
	'checksum',
	'unreadable',
] as const satisfies readonly DistrustReason[];
