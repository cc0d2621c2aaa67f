/** A scale by powers of ten. Pure. */

export interface PowerScale {
	/** Powers of ten, from at most the smallest value to at least the largest. */
	readonly ticks: readonly number[];
	/** Where a value lies; none, zero and less lie at the beginning. */
	readonly at: (value: number | null) => number;
}

/** Nothing finer is of interest: a microsecond, where the values are milliseconds. */
const SMALLEST_POWER = -3;

export function powerScale(
	values: readonly (number | null)[],
	{ from, to }: { readonly from: number; readonly to: number },
): PowerScale {
	const known = values.flatMap((value) => (value !== null && value > 0 ? [value] : []));
	const low = Math.max(SMALLEST_POWER, Math.floor(Math.log10(Math.min(...known, 1))));
	const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...known, 10 ** low))));
	const at = (value: number | null): number => {
		const power = value === null || value <= 0 ? low : Math.log10(value);
		return from + (Math.min(high, Math.max(low, power)) - low) * ((to - from) / (high - low));
	};
	return { ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)), at };
}
