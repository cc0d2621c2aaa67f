/**
 * Watches what happens to us rather than what we ask for: fills that come too thick (PT14) hold their symbol, losses
 * (PT16) lower what the engine may do. Decides nothing else; the levels carry it out. What losses are counted from is
 * handed out to be written down, so that a restart forgives none.
 */
import type { Execution } from '../domain/execution.ts';
import type { EquityRecord } from '../domain/journal-record.ts';
import type { MonoMs, TimeMs } from '../domain/units.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { RiskLimits } from '../risk/limits.ts';
import { judgeLoss, type LossLimits, type LossVerdict } from '../risk/loss.ts';
import { FillGuard, RUNAWAY_CLEAN_MS } from '../risk/runaway.ts';
import type { MarketState } from './market-state.ts';

const DAY_MS = 86_400_000;
/** A peak that is higher by less than this share is not worth a line in the journal. */
const PEAK_STEP = 0.0005;

export class Guards {
	readonly #levels: RiskLevels;
	limits: RiskLimits;
	lossLimits: LossLimits;
	readonly #fills = new FillGuard();
	#day = -1;
	#dayStart = 0;
	#peak = 0;
	/** When it was judged last. */
	#now = 0;
	#toldPeak = Number.NaN;
	#toldDay = -1;

	constructor(parts: {
		readonly levels: RiskLevels;
		readonly limits: RiskLimits;
		readonly lossLimits: LossLimits;
		/** What an earlier run counted from. */
		readonly equity?: EquityRecord | undefined;
	}) {
		this.#levels = parts.levels;
		this.limits = parts.limits;
		this.lossLimits = parts.lossLimits;
		if (parts.equity === undefined) return;
		const { day, dayStart, peak } = parts.equity;
		this.#day = day;
		this.#dayStart = dayStart;
		this.#peak = peak;
		this.#now = peak;
		this.#toldDay = day;
		this.#toldPeak = peak;
	}

	applyFill({ side, qtyLots }: Execution, market: MarketState, nowMono: MonoMs): void {
		const { instrument, exposure } = market;
		const positionLotsMax = this.limits.positionNotionalMax / exposure.worthOfLot;
		const reason = this.#fills.apply({ instrument: instrument.index, side, qtyLots, monoMs: nowMono, positionLotsMax });
		if (reason === undefined) return;
		this.#levels.hold(instrument.index, 'runaway', { reason, liftsByItself: true, nowMono, cleanMs: RUNAWAY_CLEAN_MS });
	}

	/** A day is a day of UTC and begins with the first equity that is seen in it; so does the first day of all. */
	judgeEquity(equity: number, wallMs: TimeMs): LossVerdict {
		const day = Math.floor(wallMs / DAY_MS);
		if (day > this.#day) {
			if (this.#day < 0) this.#peak = equity;
			this.#day = day;
			this.#dayStart = equity;
		}
		if (equity > this.#peak) this.#peak = equity;
		this.#now = equity;
		return judgeLoss({ dayStart: this.#dayStart, peak: this.#peak, now: equity }, this.lossLimits);
	}

	/** What was lost since the start of the day and since the peak, as shares; undefined before anything was judged. */
	get losses(): { readonly sinceDayStart: number; readonly sincePeak: number } | undefined {
		if (this.#day < 0 || this.#dayStart <= 0 || this.#peak <= 0) return undefined;
		return { sinceDayStart: 1 - this.#now / this.#dayStart, sincePeak: 1 - this.#now / this.#peak };
	}

	/** Losses so far are known and accepted: they are counted anew, as after a restart. */
	forgive(): void {
		this.#day = -1;
		this.#toldDay = -1;
		this.#toldPeak = Number.NaN;
	}

	/** What has to be written down, where it has changed enough since the last time. */
	takeRecord(): EquityRecord | undefined {
		if (this.#day < 0) return undefined;
		const isHigher = this.#peak - this.#toldPeak > PEAK_STEP * Math.abs(this.#toldPeak);
		if (this.#day === this.#toldDay && !isHigher) return undefined;
		this.#toldDay = this.#day;
		this.#toldPeak = this.#peak;
		return { kind: 'equity', day: this.#day, dayStart: this.#dayStart, peak: this.#peak };
	}
}
