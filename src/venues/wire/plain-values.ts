/**
 * Checks of single values that JSON.parse made, for plain decoders: each answers with the value or with the reason why
 * there is none. Nothing in here is in a hurry.
 */
import { countSteps, type Grid } from '../../domain/grid.ts';

export type BadValue =
	| 'missing' // or of the wrong type
	| 'not-a-decimal'
	| 'negative'
	| 'zero'
	| 'off-grid' // perhaps the venue changed a filter: load the instrument again
	| 'number-too-large' // 2^53 or more cannot be told apart from its neighbours
	| 'not-whole';

/** As JSON.parse makes it: own members only, whatever their names. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON number that is whole, not negative and exact. Where ids are kept whole, those beyond a double come as bigints. */
export function wholeNumber(value: unknown): number | BadValue {
	if (typeof value === 'bigint') return value < 0n ? 'negative' : 'number-too-large';
	if (typeof value !== 'number') return 'missing';
	if (value < 0) return 'negative';
	if (Number.isSafeInteger(value)) return value;
	return value > Number.MAX_SAFE_INTEGER ? 'number-too-large' : 'not-whole';
}

/** A decimal string in whole steps, zero included. */
export function stepsFromZero(value: unknown, grid: Grid): number | BadValue {
	if (typeof value !== 'string') return 'missing';
	const counted = countSteps(grid, value);
	if (counted.kind === 'ok') return counted.count;
	return counted.reason === 'too-large' ? 'number-too-large' : counted.reason;
}

export function stepsAboveZero(value: unknown, grid: Grid): number | BadValue {
	const steps = stepsFromZero(value, grid);
	return steps === 0 ? 'zero' : steps;
}
