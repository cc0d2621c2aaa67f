/**
 * The numbered places of one quoter: one per side and level, and one per side for takes. Strategies speak of sides and
 * levels, everything after them of slots.
 */
import type { Side } from './side.ts';

/** Levels a side may have. */
export const LEVELS_MAX = 32;
const TAKE_FIRST = LEVELS_MAX * 2;
export const SLOT_COUNT = TAKE_FIRST + 2;

export function quoteSlot(side: Side, level: number): number {
	return side === 'buy' ? level : LEVELS_MAX + level;
}

export function takeSlot(side: Side): number {
	return side === 'buy' ? TAKE_FIRST : TAKE_FIRST + 1;
}
