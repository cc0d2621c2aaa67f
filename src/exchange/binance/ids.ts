/**
 * Ids as this venue writes them: whole numbers, of futures orders beyond what a double holds exactly. The exchange counts
 * orders, fills and trades; both ways are a sum, so the same run has the same ids and nothing needs to be remembered.
 */
import type { BinanceMarket } from './symbol.ts';

const ORDER_BASE: Record<BinanceMarket, bigint> = { spot: 4_100_200_000n, futures: 8_389_766_100_200_300_000n };
const TRADE_BASE: Record<BinanceMarket, bigint> = { spot: 880_000n, futures: 550_000n };
const UPDATE_BASE: Record<BinanceMarket, number> = { spot: 70_120_400_000, futures: 9_100_200_000 };
const EXECUTION_BASE = 9_100_000n;
/** Ids of futures books leave gaps, since the venue counts the changes of all its symbols together. */
const FUTURES_UPDATE_STEP = 3;

const WHOLE = /^\d{1,19}$/;

export function shownOrderId(market: BinanceMarket, orderId: string): bigint {
	return ORDER_BASE[market] + BigInt(orderId);
}

/** The exchange's own id behind a shown one; undefined for what this market never gave out. */
export function ownOrderId(market: BinanceMarket, shown: string): string | undefined {
	if (!WHOLE.test(shown)) return undefined;
	const count = BigInt(shown) - ORDER_BASE[market];
	return count > 0n ? count.toString() : undefined;
}

/** Of a public trade, and of both fills in it. */
export function shownTradeId(market: BinanceMarket, tradeId: string): bigint {
	return TRADE_BASE[market] + BigInt(tradeId);
}

/** The first of the exchange's own trades that is shown with this id or a later one. */
export function ownTradeCount(market: BinanceMarket, shown: string): bigint {
	return BigInt(shown) - TRADE_BASE[market];
}

/** `I` of spot's execution reports: one for each change of an order. */
export function shownExecutionId(eventSeq: number): bigint {
	return EXECUTION_BASE + BigInt(eventSeq);
}

/** The update id of a book whose last level change has this number. Spot counts one by one, futures leaves gaps. */
export function shownUpdateId(market: BinanceMarket, bookSeq: number): number {
	return UPDATE_BASE[market] + (market === 'spot' ? bookSeq : bookSeq * FUTURES_UPDATE_STEP);
}

/** `U` of an update whose first level change has this number. On futures it is not one more than the last `u`. */
export function shownFirstUpdateId(market: BinanceMarket, bookSeq: number): number {
	return shownUpdateId(market, bookSeq) - (market === 'spot' ? 0 : 1);
}
