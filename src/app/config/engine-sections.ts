/** The sections `strategy`, `async_batch` and `risk`: how the engine ticks, moves its orders, and what it never exceeds. */
import * as z from 'zod';
import { TICK_OPTIONS } from '../../engine/settings.ts';
import { BUS_OPTIONS } from '../../execution/command-bus.ts';
import { AMEND_POLICY } from '../../execution/planner.ts';
import { BUDGET_OPTIONS } from '../../execution/rate-budget.ts';
import { RISK_LIMITS } from '../../risk/limits.ts';
import { LOSS_LIMITS } from '../../risk/loss.ts';
import { numberAbove, numberFrom, refuseAbove, wholeNumber, yesNo } from './kinds.ts';
import { plainSymbol } from './venue-section.ts';

const MINUTE_MS = 60_000;
const SYMBOLS_MAX = 1_000;
const DAY_MS = 86_400_000;
const MONEY_MAX = 1e12;
const COUNT_MAX = 10_000;

export const strategySection = z
	.strictObject({
		min_time_in_book_ms: wholeNumber(0, DAY_MS)
			.describe('an order younger than this in the book is replaced, not amended')
			.prefault(AMEND_POLICY.minTimeInBookMs),
		amend_price_threshold_bps: numberFrom(0, 10_000)
			.describe('an amend moves the price by at most this; 100 is one percent')
			.prefault(AMEND_POLICY.amendPriceThresholdBps),
		amend_size_threshold: numberFrom(0, 1)
			.describe('an amend changes the open quantity by at most this share')
			.prefault(AMEND_POLICY.amendSizeThreshold),
		cancel_settle_ms: wholeNumber(0, MINUTE_MS)
			.describe('a create that had to wait for a cancel is looked at again this long after its confirmation')
			.prefault(100),
		keep_tolerance_ticks: wholeNumber(0, 1_000)
			.describe('quotes this near to the wish are left alone')
			.prefault(AMEND_POLICY.keepToleranceTicks),
	})
	.prefault({});

export const asyncBatchSection = z
	.strictObject({
		enabled: yesNo()
			.describe('false is the way back: one call an order, symbols one after the other')
			.prefault(BUS_OPTIONS.parallel),
		max_parallel_symbols: wholeNumber(1, 1_000)
			.describe('symbols with a request of their own in flight; shared batches are not bound by it')
			.prefault(TICK_OPTIONS.maxParallelSymbols),
		coalesce_cancel: yesNo().describe('cancels of a tick share calls').prefault(BUS_OPTIONS.coalesceCancel),
		coalesce_place: yesNo().describe('creates of a tick share calls').prefault(BUS_OPTIONS.coalescePlace),
		coalesce_amend: yesNo().describe('amends of a tick share calls').prefault(BUS_OPTIONS.coalesceAmend),
		max_batch_size: wholeNumber(1, 100)
			.describe("commands in a call; cut down to the venue's own limit")
			.prefault(BUS_OPTIONS.maxBatchSize),
		tick_deadline_ms: wholeNumber(1, MINUTE_MS)
			.describe('what has not left by then is dropped as stale')
			.prefault(TICK_OPTIONS.tickDeadlineMs),
		tick_interval_ms: wholeNumber(1, MINUTE_MS)
			.describe('a tick over all symbols at least this often')
			.prefault(TICK_OPTIONS.tickIntervalMs),
		minimum_gap_ms: wholeNumber(0, MINUTE_MS)
			.describe('between ticks that a change of a book asks for')
			.prefault(TICK_OPTIONS.minimumGapMs),
	})
	.superRefine((section, context) => refuseAbove(context, section, { key: 'minimum_gap_ms', atMost: 'tick_interval_ms' }))
	.prefault({});

export const riskSection = z
	.strictObject({
		symbols_allowed: z
			.array(plainSymbol)
			.max(SYMBOLS_MAX, `at most ${SYMBOLS_MAX} symbols`)
			.describe('what may be traded at all; without it every symbol that a strategy names')
			.optional(),
		order_notional_max: numberAbove(0, MONEY_MAX)
			.describe('worth of one order; this and the next three in the quote currency of the first symbol')
			.prefault(RISK_LIMITS.orderNotionalMax),
		position_notional_max: numberAbove(0, MONEY_MAX)
			.describe('worth of the worst-case position in one symbol')
			.prefault(RISK_LIMITS.positionNotionalMax),
		gross_notional_max: numberAbove(0, MONEY_MAX)
			.describe('worst case over all symbols, regardless of direction')
			.prefault(RISK_LIMITS.grossNotionalMax),
		net_notional_max: numberAbove(0, MONEY_MAX).describe('the same, netted').prefault(RISK_LIMITS.netNotionalMax),
		open_orders_per_symbol_max: wholeNumber(1, COUNT_MAX).describe('open orders').prefault(RISK_LIMITS.openOrdersPerSymbolMax),
		open_orders_max: wholeNumber(1, COUNT_MAX).describe('open orders of the account').prefault(RISK_LIMITS.openOrdersMax),
		instrument_age_ms_max: wholeNumber(1_000, DAY_MS)
			.describe('ticks, lots and bands older than this are not traded on')
			.prefault(RISK_LIMITS.instrumentAgeMsMax),
		book_age_ms_max: wholeNumber(10, MINUTE_MS)
			.describe(
				'a book without a sign of life for so long is not quoted, on Bybit 3500 at least, where a quiet book speaks every 3 s; a second later its quotes are pulled',
			)
			.prefault(RISK_LIMITS.bookAgeMsMax),
		quote_collar: numberAbove(0, 1).describe('how far from the mid a quote may be, as a share').prefault(RISK_LIMITS.quoteCollar),
		exit_collar: numberAbove(0, 1).describe('the same for orders that reduce a position').prefault(RISK_LIMITS.exitCollar),
		mark_collar: numberAbove(0, 1).describe('how far the mid may be from the mark price').prefault(RISK_LIMITS.markCollar),
		slot_actions_per_sec_max: wholeNumber(1, 1_000)
			.describe('commands about one level of one side')
			.prefault(RISK_LIMITS.slotActionsPerSecMax),
		slot_actions_per_min_max: wholeNumber(1, 60_000).describe('the same a minute').prefault(RISK_LIMITS.slotActionsPerMinMax),
		twin_window_ms: wholeNumber(0, MINUTE_MS)
			.describe('how long an equal order of another level is refused')
			.prefault(RISK_LIMITS.twinWindowMs),
		free_margin_factor: numberFrom(1, 100)
			.describe('free margin for each unit that an order costs')
			.prefault(RISK_LIMITS.freeMarginFactor),
		leverage_max: numberAbove(0, 125).describe('leverage').prefault(RISK_LIMITS.leverageMax),
		clock_offset_ms_max: wholeNumber(1, MINUTE_MS)
			.describe("our clock against the venue's; beyond it nothing is created")
			.prefault(RISK_LIMITS.clockOffsetMsMax),
		journal_delay_ms_max: wholeNumber(1, MINUTE_MS)
			.describe('since the last commit; beyond it nothing is created')
			.prefault(RISK_LIMITS.journalDelayMsMax),
		loop_lag_ms_max: wholeNumber(1, 2_000)
			.describe('how late our own process may come before all symbols are held; none: 200, and 2000 with mode sim')
			.optional(),
		day_loss_reduce_only: numberAbove(0, 1)
			.describe('share of equity lost since the start of the day, after which positions only shrink')
			.prefault(LOSS_LIMITS.dayLossReduceOnly),
		day_loss_kill: numberAbove(0, 1)
			.describe('and after which everything stops until a person re-arms')
			.prefault(LOSS_LIMITS.dayLossKill),
		drawdown_reduce_only: numberAbove(0, 1)
			.describe('share lost since the highest equity, after which positions only shrink')
			.prefault(LOSS_LIMITS.drawdownReduceOnly),
		flatten_after_kill: yesNo()
			.describe('once a kill has left no order of ours, positions are closed slice by slice without anybody asking')
			.prefault(false),
		rate_budget_share: numberAbove(0, 1)
			.describe("how much of a venue's rate limit is ours to spend")
			.prefault(BUDGET_OPTIONS.share),
		rate_budget_guard_ms: wholeNumber(0, 10_000)
			.describe("how much longer than the venue's our windows are, since requests do not all take equally long")
			.prefault(BUDGET_OPTIONS.guardMs),
	})
	.superRefine((section, context) => {
		refuseAbove(context, section, { key: 'day_loss_reduce_only', atMost: 'day_loss_kill' });
		refuseAbove(context, section, { key: 'open_orders_per_symbol_max', atMost: 'open_orders_max' });
	})
	.prefault({});

/** Of the limits, those that are stricter when the figure is greater; all others are when it is smaller. */
export const STRICTER_WHEN_GREATER: ReadonlySet<string> = new Set([
	'twin_window_ms',
	'free_margin_factor',
	'rate_budget_guard_ms',
]);

/** No default fits everybody, so with real money they must be written down. */
export const NEEDED_FOR_LIVE = [
	'symbols_allowed',
	'order_notional_max',
	'position_notional_max',
	'gross_notional_max',
	'net_notional_max',
	'open_orders_max',
] as const satisfies readonly (keyof z.output<typeof riskSection>)[];
