/**
 * Watches what happens to us rather than what we ask for: fills that come too thick (PT14) hold their symbol, losses
 * (PT16) lower what the engine may do. Decides nothing else; the levels carry it out.
 */
import type { Execution } from '../domain/execution.ts';
import type { MonoMs, TimeMs } from '../domain/units.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { RiskLimits } from '../risk/limits.ts';
import { judgeLoss, type LossLimits, type LossVerdict } from '../risk/loss.ts';
import { FillGuard, RUNAWAY_CLEAN_MS } from '../risk/runaway.ts';
import type { MarketState } from './market-state.ts';

const DAY_MS = 86_400_000;

export class Guards {
	readonly #levels: RiskLevels;
	limits: RiskLimits;
	lossLimits: LossLimits;
	readonly #fills = new FillGuard();
	#day = -1;
	#dayStart = 0;
	#peak = 0;

	constructor(parts: { readonly levels: RiskLevels; readonly limits: RiskLimits; readonly lossLimits: LossLimits }) {
		this.#levels = parts.levels;
		this.limits = parts.limits;
		this.lossLimits = parts.lossLimits;
	}

	applyFill({ side, qtyLots }: Execution, market: MarketState, nowMono: MonoMs): void {
		const { instrument, exposure } = market;
		const positionLotsMax = this.limits.positionNotionalMax / exposure.worthOfLot;
		const reason = this.#fills.apply({ instrument: instrument.index, side, qtyLots, monoMs: nowMono, positionLotsMax });
		if (reason === undefined) return;
		this.#levels.hold(instrument.index, 'runaway', { reason, liftsByItself: true, nowMono, cleanMs: RUNAWAY_CLEAN_MS });
	}

	/** A day is a day of UTC; the first equity ever heard begins one. */
	judgeEquity(equity: number, wallMs: TimeMs): LossVerdict {
		const day = Math.floor(wallMs / DAY_MS);
		if (day > this.#day) {
			if (this.#day < 0) this.#peak = equity;
			this.#day = day;
			this.#dayStart = equity;
		}
		if (equity > this.#peak) this.#peak = equity;
		return judgeLoss({ dayStart: this.#dayStart, peak: this.#peak, now: equity }, this.lossLimits);
	}
}
