/**
 * What becomes of an order that rests when it is changed, once it was judged that it may be. In place, it keeps its turn
 * where it only gets smaller; anew, it leaves the book and comes in again like an order of its own. Both cancel a post-only
 * order that would trade, as it stood.
 */
import type { BookOrder } from './book.ts';
import type { OrderRecord } from './order.ts';
import type { OrderStore } from './order-store.ts';
import type { Settlement } from './settlement.ts';
import type { TradingSymbol } from './trading-symbol.ts';

interface AmendingParts {
	readonly store: OrderStore;
	readonly settlement: Settlement;
}

/** How an order is to stand after a change. */
export interface Standing {
	readonly limitTicks: number;
	readonly qtyLots: number;
	/** A new name; undefined keeps the old one. */
	readonly clientOrderId: string | undefined;
}

export function amendInPlace(
	{ store, settlement }: AmendingParts,
	record: OrderRecord,
	symbol: TradingSymbol,
	to: Standing,
): void {
	const leavesLots = to.qtyLots - record.filledLots;
	if (!isDoomed(record, symbol, to)) {
		restate({ store, settlement }, record, to);
		settlement.tell(record);
	}
	symbol.book.amend(record.orderId, to.limitTicks, leavesLots);
}

/** It prevents no self-trade from then on. */
export function enterAnew({ store, settlement }: AmendingParts, record: OrderRecord, symbol: TradingSymbol, to: Standing): void {
	symbol.book.cancel(record.orderId);
	if (isDoomed(record, symbol, to)) {
		settlement.withdraw(record, 'post-only-would-cross');
		return;
	}
	restate({ store, settlement }, record, to);
	record.selfTrade = 'none';
	symbol.book.place(bookOrder(record, to.limitTicks));
}

/** What the book is told of an order that comes in. */
export function bookOrder(record: OrderRecord, priceTicks: number): BookOrder {
	const { timeInForce } = record;
	return {
		orderId: record.orderId,
		accountNo: record.account.accountNo,
		side: record.side,
		priceTicks,
		qtyLots: record.leavesLots,
		timeInForce: timeInForce === 'post-only' ? 'gtc' : timeInForce,
		postOnly: timeInForce === 'post-only',
		reduceOnly: record.reduceOnly,
		selfTrade: record.selfTrade,
	};
}

function isDoomed(record: OrderRecord, { book }: TradingSymbol, { limitTicks }: Standing): boolean {
	return record.timeInForce === 'post-only' && book.wouldCross(record.side, limitTicks);
}

function restate(
	{ store, settlement }: AmendingParts,
	record: OrderRecord,
	{ limitTicks, qtyLots, clientOrderId }: Standing,
): void {
	if (clientOrderId !== undefined) store.rename(record, clientOrderId);
	settlement.reserve(record, -record.leavesLots);
	record.priceTicks = limitTicks;
	record.qtyLots = qtyLots;
	record.leavesLots = qtyLots - record.filledLots;
	settlement.reserve(record, record.leavesLots);
}
