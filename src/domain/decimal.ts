/**
 * Plain decimal text as an exact number: `units / 10^scale`. Exchanges send and want plain digits; exponents, blanks,
 * `+`, `NaN` and a lone point are refused, since guessing at a number is how money gets lost.
 */
export interface Decimal {
	readonly units: bigint;
	readonly scale: number;
}

/** Longer text than any amount in this trade; refused before a bigint is made of it. */
const LENGTH_MAX = 64;

const PLAIN = /^-?\d+(?:\.\d+)?$/;

export function parseDecimal(text: string): Decimal | undefined {
	if (text.length > LENGTH_MAX || !PLAIN.test(text)) return undefined;
	const point = text.indexOf('.');
	if (point < 0) return { units: BigInt(text), scale: 0 };
	return { units: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}
