/**
 * HOT: runs for every level. How large the ladder's quotes are and how full its inventory is; arithmetic on numbers
 * only. Budget: bench/execution/tick. Fence: nothing is kept or allocated but by `curveWeights`, which runs once a ladder.
 * Twin: none, both ladders stand on these and ladder-sizes.test.ts checks them against exact arithmetic.
 */
import type { AmountUnit, SizeCurve } from './ladder-params.ts';
import type { SignalView } from './strategy.ts';

export function curveWeights(curve: SizeCurve, levelCount: number): Float64Array {
	const weights = new Float64Array(levelCount).fill(1);
	if (curve.kind === 'linear') for (let level = 0; level < levelCount; level++) weights[level] = 1 + curve.slope * level;
	if (curve.kind === 'geometric') for (let level = 0; level < levelCount; level++) weights[level] = curve.ratio ** level;
	return weights;
}

/**
 * 0.3 / 0.1 is 2.9999999999999996, and the operator who asked for 0.3 means three lots. This is more than the four
 * roundings behind such a quotient can lose, and far less than the part of a lot that exact arithmetic can leave.
 */
const JUST_ABOVE_ONE = 1 + 2 ** -50;

/** Whole lots that an amount pays for, rounded down. `lotValue` is the worth of one lot, in the quote currency. */
export function lotsOfAmount(unit: AmountUnit, amount: number, lotValue: number): number {
	if (unit === 'lots') return Math.floor(amount);
	return Math.floor((amount / lotValue) * JUST_ABOVE_ONE);
}

/** The position as a share of its limit, from -1 to 1; it stays there beyond the limit. */
export function inventoryFill(positionLotsSigned: number, limitLots: number): number {
	if (limitLots > 0) return Math.max(-1, Math.min(1, positionLotsSigned / limitLots));
	return Math.sign(positionLotsSigned);
}

/** What a side keeps of its size when fills of it carry the position on in the direction that `fill` is positive for. */
export function growingShare(sizeSkew: number, fill: number): number {
	return fill > 0 ? 1 - sizeSkew * fill : 1;
}

/** Value times confidence, from -1 (sell) to 1 (buy). What is no number says nothing. */
export function signalStrength(signal: SignalView): number {
	const strength = signal.value * signal.confidence;
	if (!Number.isFinite(strength)) return 0;
	return Math.max(-1, Math.min(1, strength));
}
