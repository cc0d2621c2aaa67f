/**
 * What the exchange shows of itself: orders, executions, money, positions, prices. All of it is copies that never
 * change. Prices are whole ticks, quantities whole lots, money whole atoms (see `money.ts`), instants milliseconds.
 */
import type { BookCancelReason, OrderSide, SelfTradePolicy } from './book.ts';

export type OrderTimeInForce = 'gtc' | 'ioc' | 'fok' | 'post-only';

export type OrderStatus = 'new' | 'partially-filled' | 'filled' | 'cancelled';
/** Why somebody outside the book takes an order out. */
export type RequestedCancelReason = 'user' | 'admin' | 'disconnect' | 'liquidation';
export type CancelReason = BookCancelReason | RequestedCancelReason | 'reduce-only' | 'no-liquidity';

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
	/** Who placed it: the account, or the exchange to close a position that the account can no longer carry. */
	readonly createdBy: 'account' | 'liquidation';
	/** The amount that a market buy was told to spend; 0 for all orders that name a quantity. */
	readonly quoteAtoms: bigint;
	/** Total, as amended or trimmed. Of an order for an amount: the lots that the amount paid for as the book stood. */
	readonly qtyLots: number;
	readonly filledLots: number;
	/** What can still fill: 0 once the order is closed. */
	readonly leavesLots: number;
	/** Sum of price times quantity of all fills, in the quote coin. Average price = this over `filledLots`. */
	readonly filledValueAtoms: bigint;
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

export interface TradeExecution extends ExecutionCommon {
	readonly kind: 'trade';
	/** `liquidation`: the order was the exchange's own, to close this account's position. Its makers see a trade. */
	readonly reason: 'trade' | 'liquidation';
	readonly orderId: string;
	readonly clientOrderId: string;
	readonly orderType: 'limit' | 'market';
	readonly orderPriceTicks: number;
	readonly orderQtyLots: number;
	/** What the order had left after this fill. */
	readonly leavesLots: number;
	readonly maker: boolean;
	/** Shared with the public trade and the counterparty's execution; what the house takes over has neither. */
	readonly tradeId: string;
	/** How much of this fill closed a position (linear only). */
	readonly closedLots: number;
	/** Profit or loss that this fill realised, fee not included (linear only). */
	readonly realisedAtoms: bigint;
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
	/** Initial margin of linear positions and orders that settle in this coin. */
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
	/** Entry price = this over the quantity. */
	readonly costAtomsSigned: bigint;
	readonly realisedAtoms: bigint;
	readonly unrealisedAtoms: bigint;
	readonly fundingPaidAtoms: bigint;
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

export type SymbolStatus = 'trading' | 'cancel-only' | 'halted';

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
}
