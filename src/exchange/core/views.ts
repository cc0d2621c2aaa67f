/**
 * What the exchange shows of itself: orders, executions, money, positions, prices. All of it is copies that never
 * change. Prices are whole ticks, quantities whole lots, money whole atoms (see `money.ts`), instants milliseconds.
 */
import type { BookCancelReason, OrderSide, SelfTradePolicy } from './book.ts';

export type OrderTimeInForce = 'gtc' | 'ioc' | 'fok' | 'post-only';

/**
 * Who placed an order: the account, or the exchange to close a position: of an account that can no longer carry it, to
 * relieve another one (adl), or because the symbol ends (settlement).
 */
export type OrderCreator = 'account' | 'liquidation' | 'adl' | 'settlement';

export type OrderStatus = 'new' | 'partially-filled' | 'filled' | 'cancelled';
/** Why somebody outside the book takes an order out. */
export type RequestedCancelReason = 'user' | 'admin' | 'disconnect' | 'liquidation';
export type CancelReason = BookCancelReason | RequestedCancelReason | 'reduce-only' | 'no-liquidity' | 'rejected';

export interface CoinAmount {
	readonly coin: string;
	readonly atoms: bigint;
}

export interface OrderView {
	/** The venue's own id: a decimal count, unique in the exchange. */
	readonly orderId: string;
	/** '' when none was given. */
	readonly clientOrderId: string;
	readonly accountId: string;
	readonly symbol: string;
	readonly side: OrderSide;
	readonly type: 'limit' | 'market';
	/** 0 for a market order. */
	readonly priceTicks: number;
	readonly timeInForce: OrderTimeInForce;
	readonly reduceOnly: boolean;
	readonly selfTrade: SelfTradePolicy;
	readonly createdBy: OrderCreator;
	/** The amount that a market order was told to spend or to get; 0 for all orders that name a quantity. */
	readonly quoteAtoms: bigint;
	/** Total, as amended or trimmed. Of an order for an amount: the lots that the amount came to as the book stood. */
	readonly qtyLots: number;
	readonly filledLots: number;
	/** What can still fill: 0 once the order is closed. */
	readonly leavesLots: number;
	/** Sum of the values of all fills, of an inverse contract in its settle coin, else in the quote coin. */
	readonly filledValueAtoms: bigint;
	/** What its fills made by closing, less fees and funding of what they closed (contracts only). */
	readonly closedPnlAtoms: bigint;
	/** Fees paid so far (below zero: received), one entry a coin. */
	readonly fees: readonly CoinAmount[];
	readonly status: OrderStatus;
	/** Set if and only if the status is 'cancelled'. */
	readonly cancelReason: CancelReason | null;
	/** The other order of a prevented self-trade, else ''. */
	readonly selfTradeOrderId: string;
	/** The symbol's last price when the order came in, 0 before the first trade. */
	readonly lastPriceTicksAtPlace: number;
	readonly createdAtMs: number;
	readonly updatedAtMs: number;
	/** Counts the changes of this order, from 1: a higher one is the newer state. */
	readonly revision: number;
}

interface ExecutionCommon {
	readonly execId: string;
	readonly accountId: string;
	readonly symbol: string;
	readonly side: OrderSide;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly valueAtoms: bigint;
	/** Above zero: paid. Below zero: received. */
	readonly feeAtoms: bigint;
	readonly feeCoin: string;
	/** In 1e-8. For funding, the funding rate. */
	readonly feeRateE8: number;
	readonly atMs: number;
	/** 0 if no mark price is known. */
	readonly markTicks: number;
}

export type TradeReason = 'trade' | Exclude<OrderCreator, 'account'>;

/** What of a fill closed a position, with the share that falls to it of what the position has cost since it was opened. */
export interface Closing {
	/** Values without sign. */
	readonly entryAtoms: bigint;
	readonly exitAtoms: bigint;
	readonly openFeeAtoms: bigint;
	readonly closeFeeAtoms: bigint;
	/** The profit less both fees and less the funding that the closed part has paid. */
	readonly pnlAtoms: bigint;
}

export interface TradeExecution extends ExecutionCommon {
	readonly kind: 'trade';
	/** Other than `trade`: the order was the exchange's own, to close this account's position. Its makers see a trade. */
	readonly reason: TradeReason;
	readonly orderId: string;
	readonly clientOrderId: string;
	readonly orderType: 'limit' | 'market';
	/** Of a forced close, where it leaves the account nothing; else 0 for a market order. */
	readonly orderPriceTicks: number;
	readonly orderQtyLots: number;
	/** Of an order for an amount, that amount; else 0. */
	readonly orderQuoteAtoms: bigint;
	/** What the order had left after this fill. */
	readonly leavesLots: number;
	readonly maker: boolean;
	/** Shared with the public trade and the counterparty's execution; what the house takes over has neither. */
	readonly tradeId: string;
	/** How much of this fill closed a position (contracts only). */
	readonly closedLots: number;
	/** Profit or loss that this fill realised, fee not included (contracts only). */
	readonly realisedAtoms: bigint;
	/** Null if it closed nothing. */
	readonly closing: Closing | null;
}

/** A funding payment: `feeAtoms` is what the position paid; price is the mark, quantity the position. */
export interface FundingExecution extends ExecutionCommon {
	readonly kind: 'funding';
}

export type Execution = TradeExecution | FundingExecution;

export interface BalanceView {
	readonly accountId: string;
	readonly coin: string;
	readonly walletAtoms: bigint;
	/** Held by resting spot orders. */
	readonly lockedAtoms: bigint;
	/** Initial margin of positions and orders in contracts that settle in this coin. */
	readonly marginAtoms: bigint;
	readonly unrealisedAtoms: bigint;
	/** Never below what a new order may use; may itself be below zero after losses. */
	readonly availableAtoms: bigint;
	readonly equityAtoms: bigint;
}

export interface PositionView {
	readonly accountId: string;
	readonly symbol: string;
	readonly qtyLotsSigned: number;
	/** What it counted when it was opened: below zero for shorts, and for longs in an inverse contract. */
	readonly costAtomsSigned: bigint;
	readonly realisedAtoms: bigint;
	readonly unrealisedAtoms: bigint;
	readonly fundingPaidAtoms: bigint;
	readonly feesPaidAtoms: bigint;
	/** Realised profit less fees and funding, since the position was last opened. */
	readonly sessionAtoms: bigint;
	/** The last fill or funding payment; '' before the first. */
	readonly lastExecId: string;
	readonly marginAtoms: bigint;
	/** What must be left of the account's equity for this position; below the sum of these it is liquidated. */
	readonly maintenanceAtoms: bigint;
	readonly leverageHundredths: number;
	readonly markTicks: number;
	/** 0 if there never was one. */
	readonly openedAtMs: number;
	readonly updatedAtMs: number;
}

/** What the house took over from accounts that had nothing left, and still holds. */
export interface HousePosition {
	readonly symbol: string;
	readonly qtyLotsSigned: number;
	readonly costAtomsSigned: bigint;
}

/** What is taken in: all; post-only orders; reducing orders; cancels; nothing; nothing any more, for the symbol is gone. */
export const SYMBOL_STATUSES = ['trading', 'post-only', 'reduce-only', 'cancel-only', 'halted', 'closed'] as const;
export type SymbolStatus = (typeof SYMBOL_STATUSES)[number];

export interface PublicTrade {
	readonly tradeId: string;
	readonly symbol: string;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly takerSide: OrderSide;
	readonly atMs: number;
}

/** Prices are 0 while unknown. */
export interface TickerView {
	readonly symbol: string;
	readonly status: SymbolStatus;
	readonly lastTicks: number;
	readonly markTicks: number;
	readonly fundingRateE8: number;
	/** 0 where there is no funding. */
	readonly nextFundingAtMs: number;
	/** When the symbol is to end, 0 while nothing was announced. */
	readonly deliveryAtMs: number;
}
