/**
 * How much may be lost before the engine holds back (PT16): measured on equity, from the start of the day and from the
 * peak. Says a level and why; whoever asks raises it, and only a person lowers it again.
 */
import type { KillLevel } from './level.ts';

/** Shares: 0.02 is two percent. A loss that reaches a limit has passed it. */
export interface LossLimits {
	readonly dayLossReduceOnly: number;
	readonly dayLossKill: number;
	readonly drawdownReduceOnly: number;
}

export const LOSS_LIMITS: LossLimits = { dayLossReduceOnly: 0.02, dayLossKill: 0.05, drawdownReduceOnly: 0.03 };

/** All in one currency. The peak is the highest equity since the limits were last lifted. */
export interface Equity {
	readonly dayStart: number;
	readonly peak: number;
	readonly now: number;
}

export type LossVerdict =
	| { readonly level: 'run' }
	| { readonly level: Extract<KillLevel, 'reduceOnly' | 'kill'>; readonly reason: string };

/** Less equity never gives a lower level. Equity that is not known gives no leave to take more risk. */
export function judgeLoss(equity: Equity, limits: LossLimits): LossVerdict {
	const { dayStart, peak, now } = equity;
	if (!Number.isFinite(dayStart) || !Number.isFinite(peak) || !Number.isFinite(now)) {
		return {
			level: 'reduceOnly',
			reason: `equity is not known: ${now}, after ${dayStart} at the start of the day and a peak of ${peak}`,
		};
	}
	if (reaches(dayStart, now, limits.dayLossKill)) return { level: 'kill', reason: dayLoss(dayStart, now, limits.dayLossKill) };
	if (reaches(dayStart, now, limits.dayLossReduceOnly)) {
		return { level: 'reduceOnly', reason: dayLoss(dayStart, now, limits.dayLossReduceOnly) };
	}
	if (reaches(peak, now, limits.drawdownReduceOnly)) {
		return { level: 'reduceOnly', reason: `equity is ${now}, ${loss(peak, now, limits.drawdownReduceOnly)} below its peak` };
	}
	return { level: 'run' };
}

/** Of nothing there is no share: an account that starts without equity may lose nothing at all. */
function reaches(from: number, now: number, share: number): boolean {
	if (from <= 0) return now < from;
	return !(from - now < share * from);
}

function dayLoss(dayStart: number, now: number, limit: number): string {
	return `equity is ${now}, ${loss(dayStart, now, limit)} below the start of the day`;
}

function loss(from: number, now: number, limit: number): string {
	const amount = from > 0 ? percent((from - now) / from) : `${from - now}`;
	return `${amount} (limit ${percent(limit)})`;
}

function percent(share: number): string {
	return `${(share * 100).toFixed(2)} %`;
}
