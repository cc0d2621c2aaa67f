/**
 * Money: an exact amount of one currency, as a whole number of 10^-18 parts. A tick times a lot is always a whole
 * number of such parts (instruments where it is not are refused), so notionals, fees and PnL add up to the last digit.
 * The currency stands beside the amount wherever one is kept; amounts of two currencies are never added.
 */
import { parseDecimal } from './decimal.ts';
import { printScaled } from './grid.ts';

declare const money: unique symbol;
export type Money = bigint & { readonly [money]: 'Money' };

export const MONEY_SCALE = 18;
const PARTS_PER_ONE = 10n ** BigInt(MONEY_SCALE);
/** Parts in the last digit of a text with so many behind its point. */
const PARTS_BY_SCALE = Array.from({ length: MONEY_SCALE + 1 }, (_, scale) => 10n ** BigInt(MONEY_SCALE - scale));

export const NO_MONEY = 0n as Money;

export function moneyOf(parts: bigint): Money {
	return parts as Money;
}

/** Text with more than 18 digits behind the point is refused unless the rest are zeros. */
export function parseMoney(text: string): Money | undefined {
	const parsed = parseDecimal(text);
	if (parsed === undefined) return undefined;
	const parts = PARTS_BY_SCALE[parsed.scale];
	if (parts !== undefined) return (parsed.units * parts) as Money;
	const excess = 10n ** BigInt(parsed.scale - MONEY_SCALE);
	return parsed.units % excess === 0n ? ((parsed.units / excess) as Money) : undefined;
}

/** Plain decimal text without trailing zeros. */
export function printMoney(amount: Money): string {
	const text = printScaled(amount, MONEY_SCALE);
	return text.replace(/\.?0+$/, '');
}

/** For models, limits and screens only. */
export function moneyToNumber(amount: Money): number {
	const whole = amount / PARTS_PER_ONE;
	return Number(whole) + Number(amount - whole * PARTS_PER_ONE) / 1e18;
}
