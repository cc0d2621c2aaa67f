/**
 * Numbers as the venue prints them: decimal strings, money and ratios without idle zeros, prices and quantities with
 * the decimals of their grid (`Grid.format`). Exact, except where a division has no end; that is cut, not rounded.
 */
import { formatScaled } from '../core/decimal.ts';
import { ATOM_DECIMALS } from '../core/money.ts';

/** Such as `259.96`, `-0.5` or `0`. */
export function money(atoms: bigint): string {
	return atoms === 0n ? '0' : trimmed(formatScaled(atoms, ATOM_DECIMALS), 0);
}

/** A rate kept in whole 1e-8. */
export function rate(rateE8: number): string {
	return money(BigInt(rateE8));
}

/** `dividend / divisor`, cut to `decimalsMax`, with at least `decimalsMin`. */
export function quotient(dividend: bigint, divisor: bigint, decimalsMin: number, decimalsMax: number): string {
	if (divisor === 0n) return '0';
	return trimmed(formatScaled((dividend * 10n ** BigInt(decimalsMax)) / divisor, decimalsMax), decimalsMin);
}

function trimmed(text: string, decimalsMin: number): string {
	const dot = text.indexOf('.');
	if (dot === -1) return text;
	let end = text.length;
	const shortest = dot + 1 + decimalsMin;
	while (end > shortest && text[end - 1] === '0') end -= 1;
	if (text[end - 1] === '.') end -= 1;
	return text.slice(0, end);
}
