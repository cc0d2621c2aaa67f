/**
 * The first minutes of a run (BOOT15): no quotes for a while once all is known of earlier runs, and small ones after
 * that. What went wrong with a start shows while little can come of it. Pure.
 */
import { quoteSlot } from '../domain/slot.ts';
import type { Targets } from '../domain/targets.ts';
import type { MonoMs } from '../domain/units.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { WarmUpSettings } from './settings.ts';

const WARM_UP = 'warm-up';

export class WarmUp {
	readonly #settings: WarmUpSettings;
	readonly #levels: RiskLevels;
	/** When all was known of earlier runs. */
	#knownAtMono: MonoMs | undefined;
	#isPaused = false;

	constructor(settings: WarmUpSettings, levels: RiskLevels, nowMono: MonoMs) {
		this.#settings = settings;
		this.#levels = levels;
		if (settings.pauseMs === 0) return;
		this.#isPaused = true;
		const reason = `the first ${settings.pauseMs / 1_000} s of a run are without quotes`;
		levels.pause(WARM_UP, { reason, liftsByItself: false, nowMono });
	}

	/** Once a tick. */
	applyTime(isRecovering: boolean, nowMono: MonoMs): void {
		if (!isRecovering) this.#knownAtMono ??= nowMono;
		if (!this.#isPaused || this.#knownAtMono === undefined) return;
		if (nowMono - this.#knownAtMono < this.#settings.pauseMs) return;
		this.#isPaused = false;
		this.#levels.resume(WARM_UP);
	}

	/** Makes what is wished for as small as it may be by now; never larger, and never finer than whole lots. */
	shrink(targets: Targets, nowMono: MonoMs): void {
		const { pauseMs, smallMs, smallShare } = this.#settings;
		if (smallMs === 0) return;
		if (this.#knownAtMono !== undefined && nowMono - this.#knownAtMono >= pauseMs + smallMs) return;
		for (const side of ['buy', 'sell'] as const) {
			const first = quoteSlot(side, 0);
			const levels = side === 'buy' ? targets.buyLevels : targets.sellLevels;
			for (let slot = first; slot < first + levels; slot += 1) {
				targets.qtyLots[slot] = Math.floor((targets.qtyLots[slot] ?? 0) * smallShare);
			}
		}
	}
}
