/** The exchange core's own views, told in the engine's words. Ticks and lots are the same counts on both sides. */
import type { BalanceEvent, ExecutionEvent, FundingEvent, MarkEvent, TradeEvent } from '../domain/event.ts';
import type { OrderReport, ReportedStatus } from '../domain/execution.ts';
import type { Instrument } from '../domain/instrument.ts';
import { MONEY_SCALE, type Money, moneyOf } from '../domain/money.ts';
import { lots, type MonoMs, type TimeMs, ticks, timeMs } from '../domain/units.ts';
import { ATOM_DECIMALS } from '../exchange/core/money.ts';
import type {
	BalanceView,
	FundingExecution,
	OrderStatus,
	OrderView,
	PublicTrade,
	TickerView,
	TradeExecution,
} from '../exchange/core/views.ts';

interface At {
	readonly wallMs: TimeMs;
	readonly monoMs: MonoMs;
}

const STATUS: Readonly<Record<OrderStatus, ReportedStatus>> = {
	new: 'working',
	'partially-filled': 'working',
	filled: 'filled',
	cancelled: 'cancelled',
};

export function orderReport(order: OrderView, instrument: Instrument): OrderReport {
	return {
		instrument,
		clientOrderId: order.clientOrderId,
		venueOrderId: order.orderId,
		side: order.side,
		status: STATUS[order.status],
		priceTicks: ticks(order.priceTicks),
		qtyLots: lots(order.qtyLots),
		filledLots: lots(order.filledLots),
		reason: order.cancelReason ?? undefined,
		updatedAtMs: timeMs(order.updatedAtMs),
		source: 'stream',
	};
}

export function executionEvent(execution: TradeExecution, instrument: Instrument, at: At): ExecutionEvent {
	return {
		kind: 'execution',
		execution: {
			executionId: execution.execId,
			instrument,
			clientOrderId: execution.clientOrderId,
			venueOrderId: execution.orderId,
			side: execution.side,
			priceTicks: ticks(execution.priceTicks),
			qtyLots: lots(execution.qtyLots),
			fee: money(execution.feeAtoms),
			feeCurrency: execution.feeCoin,
			isMaker: execution.maker,
			tradedAtMs: timeMs(execution.atMs),
		},
		...at,
	};
}

/** The exchange counts what a position paid; we count what we received. */
export function fundingEvent(execution: FundingExecution, instrument: Instrument, at: At): FundingEvent {
	return {
		kind: 'funding',
		fundingId: execution.execId,
		instrument: instrument.index,
		amount: money(-execution.feeAtoms),
		currency: execution.feeCoin,
		fundedAtMs: timeMs(execution.atMs),
		...at,
	};
}

export function tradeEvent(trade: PublicTrade, instrument: Instrument, at: At): TradeEvent {
	return {
		kind: 'trade',
		instrument: instrument.index,
		priceTicks: ticks(trade.priceTicks),
		qtyLots: lots(trade.qtyLots),
		takerSide: trade.takerSide,
		...at,
	};
}

export function markEvent(ticker: TickerView, instrument: Instrument, at: At): MarkEvent {
	return {
		kind: 'mark',
		instrument: instrument.index,
		markTicks: ticker.markTicks,
		fundingRate: ticker.fundingRateE8 / 1e8,
		nextFundingAtMs: timeMs(ticker.nextFundingAtMs),
		...at,
	};
}

export function balanceEvent(balance: BalanceView, venue: string, at: At): BalanceEvent {
	return {
		kind: 'balance',
		venue,
		currency: balance.coin,
		free: money(balance.availableAtoms),
		total: money(balance.equityAtoms),
		...at,
	};
}

function money(atoms: bigint): Money {
	return moneyOf(atoms * 10n ** BigInt(MONEY_SCALE - ATOM_DECIMALS));
}
