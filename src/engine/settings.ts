/** What can be set about the engine, with the defaults that the documents name. */
import { BUS_OPTIONS, type BusOptions } from '../execution/command-bus.ts';
import { AMEND_POLICY, type AmendPolicy } from '../execution/planner.ts';
import { BUDGET_OPTIONS, type BudgetOptions } from '../execution/rate-budget.ts';
import { RISK_LIMITS, type RiskLimits } from '../risk/limits.ts';
import { LOSS_LIMITS, type LossLimits } from '../risk/loss.ts';

export interface TickOptions {
	/** A tick over all symbols at least this often. */
	readonly tickIntervalMs: number;
	/** Ticks that a book change asks for are at least this far apart. */
	readonly minimumGapMs: number;
	readonly tickDeadlineMs: number;
	readonly maxParallelSymbols: number;
	/** Ticks run only when they are asked for, by a loop of somebody's own; housekeeping goes on by itself. */
	readonly isManual: boolean;
}

export const TICK_OPTIONS: TickOptions = {
	tickIntervalMs: 250,
	minimumGapMs: 20,
	tickDeadlineMs: 200,
	maxParallelSymbols: 10,
	isManual: false,
};

export interface ReconcileSettings {
	/** Between two comparisons with a venue. */
	readonly intervalMs: number;
	/** The same while too much was found to be wrong, or what an earlier run left is not known yet. */
	readonly hurriedIntervalMs: number;
	/** More than this share of the orders wrong, and quoting pauses. */
	readonly hardDesyncRatio: number;
}

export const RECONCILE_SETTINGS: ReconcileSettings = { intervalMs: 25_000, hurriedIntervalMs: 5_000, hardDesyncRatio: 0.1 };

/** How carefully an engine begins, once what earlier runs left is known (BOOT15). */
export interface WarmUpSettings {
	/** Without quotes. */
	readonly pauseMs: number;
	/** With smaller ones after that. */
	readonly smallMs: number;
	readonly smallShare: number;
}

export const NO_WARM_UP: WarmUpSettings = { pauseMs: 0, smallMs: 0, smallShare: 1 };

export interface EngineSettings {
	readonly tick: TickOptions;
	readonly bus: BusOptions;
	readonly policy: AmendPolicy;
	readonly limits: RiskLimits;
	readonly lossLimits: LossLimits;
	readonly budget: BudgetOptions;
	readonly reconcile: ReconcileSettings;
}

export const ENGINE_SETTINGS: EngineSettings = {
	tick: TICK_OPTIONS,
	bus: BUS_OPTIONS,
	policy: AMEND_POLICY,
	limits: RISK_LIMITS,
	lossLimits: LOSS_LIMITS,
	budget: BUDGET_OPTIONS,
	reconcile: RECONCILE_SETTINGS,
};
