/**
 * How many lots a spot market order for an amount of money takes: counted order by order as the book will match them, so
 * that a quantity can go into the book, a buy never spends more than the amount and a sell never gets more.
 */
import { MAX_ORDER_LOTS, type OrderSide, type SelfTradePolicy } from './book.ts';
import type { TradingSymbol } from './trading-symbol.ts';

export interface Spending {
	readonly accountNo: number;
	readonly side: OrderSide;
	readonly selfTrade: SelfTradePolicy;
	readonly limitTicks: number;
	readonly quoteAtoms: bigint;
}

/**
 * When the book ends first, the lots that the rest is worth at the last price are counted too: the book has none of
 * them, and what it then cancels tells that the amount was not spent.
 */
export function lotsForAmount(symbol: TradingSymbol, { accountNo, side, selfTrade, limitTicks, quoteAtoms }: Spending): number {
	const { listing, book } = symbol;
	let leftAtoms = quoteAtoms;
	let qtyLots = 0;
	let knownTicks = symbol.lastTicks || symbol.markTicks;
	for (const maker of book.orders(side === 'buy' ? 'ask' : 'bid')) {
		const isOwn = maker.accountNo === accountNo && selfTrade !== 'none';
		if (side === 'buy' ? maker.priceTicks > limitTicks : maker.priceTicks < limitTicks) break;
		if (isOwn && selfTrade === 'cancel-maker') continue;
		knownTicks = maker.priceTicks;
		// The book withdraws the order when it comes here.
		if (isOwn) break;
		const payableLots = leftAtoms / listing.valueAtoms(knownTicks, 1);
		if (payableLots < BigInt(maker.leavesLots)) return qtyLots + Number(payableLots);
		qtyLots += maker.leavesLots;
		leftAtoms -= listing.valueAtoms(knownTicks, maker.leavesLots);
	}
	if (knownTicks === 0) return listing.minLots;
	const missingLots = leftAtoms / listing.valueAtoms(knownTicks, 1);
	return Number(missingLots < BigInt(MAX_ORDER_LOTS) ? missingLots : MAX_ORDER_LOTS) + qtyLots;
}
