/**
 * Money, exactly: whole atoms of 1e-8 of a coin, as bigint. Rates are whole 1e-8 too. Where a division leaves a rest,
 * the rounding goes against the account and for the house, never the other way, and what one side loses by it the
 * other side gets: nothing is created or lost.
 */
import { decimal, formatScaled, rescale } from './decimal.ts';

export const ATOM_DECIMALS = 8;
const RATE_DECIMALS = 8;
export const RATE_ONE = 10n ** BigInt(RATE_DECIMALS);

/** Reads an amount written by us, such as '1000.5'. */
export function atoms(text: string): bigint {
	const value = rescale(decimal(text), ATOM_DECIMALS);
	if (value === null) throw new RangeError(`${text} has more than ${ATOM_DECIMALS} decimals`);
	return value;
}

/** With all eight decimals; below zero with a minus sign. */
export function formatAtoms(amount: bigint): string {
	return formatScaled(amount, ATOM_DECIMALS);
}

/** Reads a rate written by us, such as '0.00055' or '-0.0001', into whole 1e-8. */
export function rateE8(text: string): number {
	const negative = text.startsWith('-');
	const units = rescale(decimal(negative ? text.slice(1) : text), RATE_DECIMALS);
	if (units === null) throw new RangeError(`rate ${text} has more than ${RATE_DECIMALS} decimals`);
	const rate = Number(units);
	return negative && rate !== 0 ? -rate : rate;
}

/** The quotient rounded up (towards positive infinity), for a divisor above zero. */
export function ceilDiv(dividend: bigint, divisor: bigint): bigint {
	const quotient = dividend / divisor;
	// Multiplying back costs less than a second division, and this is asked for with every order.
	return quotient * divisor < dividend ? quotient + 1n : quotient;
}

/** The quotient rounded down (towards negative infinity), for a divisor above zero. */
export function floorDiv(dividend: bigint, divisor: bigint): bigint {
	const quotient = dividend / divisor;
	return dividend % divisor < 0n ? quotient - 1n : quotient;
}

/** What an account pays at a rate: a charge is rounded up, a rebate (below zero) towards nothing. */
export function chargeAtoms(valueAtoms: bigint, rateInE8: number): bigint {
	return rateInE8 === 0 ? 0n : ceilDiv(valueAtoms * BigInt(rateInE8), RATE_ONE);
}

/** `value * (1 + rate)` for whole prices, rounded down. */
export function addRateFloor(value: number, rateInE8: number): number {
	return Number(floorDiv(BigInt(value) * (RATE_ONE + BigInt(rateInE8)), RATE_ONE));
}

/** `value * (1 - rate)` for whole prices, rounded up. */
export function subtractRateCeil(value: number, rateInE8: number): number {
	return Number(ceilDiv(BigInt(value) * (RATE_ONE - BigInt(rateInE8)), RATE_ONE));
}
