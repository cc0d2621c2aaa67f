/**
 * A grid is a step such as 0.10 or 0.001 and the exact passage between decimal text and whole counts of that step.
 * Prices sit on a grid of ticks, quantities on a grid of lots. Nothing here touches floating point fractions: text
 * is read digit by digit, and whatever does not fit is refused with a reason, never rounded unless asked to.
 */
import { parseDecimal } from './decimal.ts';

export interface Grid {
	/** The step as its venue spells it, trailing zeros cut. */
	readonly step: string;
	/** step = stepUnits / 10^scale, with the smallest scale that makes stepUnits whole. */
	readonly stepUnits: number;
	readonly scale: number;
}

export type GridRefusal =
	| 'not-a-decimal' // not plain digits with at most one point: exponents, signs other than '-', blanks, NaN
	| 'negative'
	| 'off-grid' // not a whole multiple of the step
	| 'too-large'; // the count would pass 2^53 - 1

export type OnGrid = { readonly kind: 'ok'; readonly count: number } | { readonly kind: 'refused'; readonly reason: GridRefusal };

export type Rounding = 'exact' | 'down' | 'up';

/** At most 18 digits behind the point, so that money can hold a tick times a lot. */
export const SCALE_MAX = 18;

export function gridOf(step: string): Grid | undefined {
	const parsed = parseDecimal(step);
	if (parsed === undefined || parsed.units <= 0n) return undefined;
	let { units, scale } = parsed;
	while (scale > 0 && units % 10n === 0n) {
		units /= 10n;
		scale -= 1;
	}
	if (scale > SCALE_MAX || units > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
	return { step: printScaled(units, scale), stepUnits: Number(units), scale };
}

/** How many steps `text` is, exactly or rounded in a named direction. */
export function countSteps(grid: Grid, text: string, rounding: Rounding = 'exact'): OnGrid {
	const quick = countStepsQuickly(grid, text);
	if (quick >= 0) return { kind: 'ok', count: quick };
	const parsed = parseDecimal(text);
	if (parsed === undefined) return refused('not-a-decimal');
	if (parsed.units < 0n) return refused('negative');
	const scale = Math.max(parsed.scale, grid.scale);
	const value = parsed.units * 10n ** BigInt(scale - parsed.scale);
	const step = BigInt(grid.stepUnits) * 10n ** BigInt(scale - grid.scale);
	const rest = value % step;
	if (rest !== 0n && rounding === 'exact') return refused('off-grid');
	const count = value / step + (rest !== 0n && rounding === 'up' ? 1n : 0n);
	return count > BigInt(Number.MAX_SAFE_INTEGER) ? refused('too-large') : { kind: 'ok', count: Number(count) };
}

/** The count of steps as plain decimal text, with exactly the digits behind the point that the step has. */
export function printSteps(grid: Grid, count: number): string {
	const units = count * grid.stepUnits;
	return printScaled(Number.isSafeInteger(units) ? units : BigInt(count) * BigInt(grid.stepUnits), grid.scale);
}

/** For models and screens only: the float nearest to the count of steps. */
export function stepsToNumber(grid: Grid, count: number): number {
	return (count * grid.stepUnits) / 10 ** grid.scale;
}

export function printScaled(units: bigint | number, scale: number): string {
	const negative = units < 0;
	const digits = (negative ? -units : units).toString().padStart(scale + 1, '0');
	const cut = digits.length - scale;
	const text = scale === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
	return negative ? `-${text}` : text;
}

/**
 * The common case without bigints: plain digits, no more of them behind the point than the grid has, all within 2^53.
 * Answers -1 wherever the careful way must decide, be it to round, to refuse or only to look closer.
 */
function countStepsQuickly(grid: Grid, text: string): number {
	let units = 0;
	let fractionDigits = -1;
	const length = text.length;
	if (length === 0 || length > 17) return -1;
	for (let i = 0; i < length; i += 1) {
		const code = text.charCodeAt(i);
		if (code >= 48 && code <= 57) {
			units = units * 10 + (code - 48);
			if (fractionDigits >= 0) fractionDigits += 1;
		} else if (code === 46 && fractionDigits < 0 && i > 0 && i < length - 1) {
			fractionDigits = 0;
		} else {
			return -1;
		}
	}
	const missing = grid.scale - Math.max(fractionDigits, 0);
	if (missing < 0) return -1;
	const scaled = units * 10 ** missing;
	if (scaled > Number.MAX_SAFE_INTEGER || scaled % grid.stepUnits !== 0) return -1;
	return scaled / grid.stepUnits;
}

function refused(reason: GridRefusal): OnGrid {
	return { kind: 'refused', reason };
}
