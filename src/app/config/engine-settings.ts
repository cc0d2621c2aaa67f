/** From the sections about ticks, orders and limits to what the engine is opened with. */
import { type EngineSettings, RECONCILE_SETTINGS } from '../../engine/settings.ts';
import { LOOP_LAG_MS_MAX, RISK_LIMITS } from '../../risk/limits.ts';
import type { Config } from './sections.ts';

type Needed = Pick<Config, 'mode' | 'async_batch' | 'strategy' | 'risk' | 'async_features' | 'reconcile'>;

export function engineSettings({
	mode,
	async_batch: batch,
	strategy,
	risk,
	async_features: features,
	reconcile,
}: Needed): EngineSettings {
	return {
		tick: {
			tickIntervalMs: batch.tick_interval_ms,
			minimumGapMs: batch.minimum_gap_ms,
			tickDeadlineMs: batch.tick_deadline_ms,
			maxParallelSymbols: batch.max_parallel_symbols,
			isManual: false,
		},
		bus: {
			parallel: batch.enabled,
			coalesceCancel: batch.coalesce_cancel,
			coalescePlace: batch.coalesce_place,
			coalesceAmend: batch.coalesce_amend,
			maxBatchSize: batch.max_batch_size,
		},
		policy: {
			minTimeInBookMs: strategy.min_time_in_book_ms,
			amendPriceThresholdBps: strategy.amend_price_threshold_bps,
			amendSizeThreshold: strategy.amend_size_threshold,
			keepToleranceTicks: strategy.keep_tolerance_ticks,
		},
		limits: {
			...(risk.symbols_allowed === undefined ? {} : { symbolsAllowed: risk.symbols_allowed }),
			...(risk.flatten_after_kill ? { flattensAfterKill: true } : {}),
			orderNotionalMax: risk.order_notional_max,
			positionNotionalMax: risk.position_notional_max,
			grossNotionalMax: risk.gross_notional_max,
			netNotionalMax: risk.net_notional_max,
			openOrdersPerSymbolMax: risk.open_orders_per_symbol_max,
			openOrdersMax: risk.open_orders_max,
			instrumentAgeMsMax: risk.instrument_age_ms_max,
			bookAgeMsMax: risk.book_age_ms_max,
			quoteCollar: risk.quote_collar,
			exitCollar: risk.exit_collar,
			markCollar: risk.mark_collar,
			slotActionsPerSecMax: risk.slot_actions_per_sec_max,
			slotActionsPerMinMax: risk.slot_actions_per_min_max,
			twinWindowMs: risk.twin_window_ms,
			freeMarginFactor: risk.free_margin_factor,
			leverageMax: risk.leverage_max,
			clockOffsetMsMax: risk.clock_offset_ms_max,
			journalDelayMsMax: risk.journal_delay_ms_max,
			loopLagMsMax: risk.loop_lag_ms_max ?? (mode === 'sim' ? RISK_LIMITS.loopLagMsMax : LOOP_LAG_MS_MAX),
		},
		lossLimits: {
			dayLossReduceOnly: risk.day_loss_reduce_only,
			dayLossKill: risk.day_loss_kill,
			drawdownReduceOnly: risk.drawdown_reduce_only,
		},
		budget: {
			isEnabled: features.enable_rate_limiting,
			share: risk.rate_budget_share,
			guardMs: risk.rate_budget_guard_ms,
		},
		reconcile: {
			intervalMs: reconcile.reconcile_interval_s * 1_000,
			hurriedIntervalMs: Math.min(reconcile.reconcile_interval_s * 1_000, RECONCILE_SETTINGS.hurriedIntervalMs),
			hardDesyncRatio: reconcile.hard_desync_ratio,
		},
	};
}
