/**
 * What stands when limits become stricter was allowed under the old ones, and the gate only judges what is new. Here is
 * named what has to go: an order that is too large or too far away by itself; all of a symbol, or of the account, where
 * together they are too much. What is still wanted comes back through the gate, nearest to the touch first. Orders that
 * only reduce a position stay: they are the way out.
 */
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import type { AccountExposure, Exposure } from './exposure.ts';
import type { RiskLimits } from './limits.ts';

export interface Holding {
	readonly exposure: Exposure;
	readonly openOrders: readonly Order[];
	/** Undefined where the book tells none; its quotes are pulled for that anyway. */
	readonly midTicks: number | undefined;
}

export interface Under {
	/** Counted a moment ago. */
	readonly account: AccountExposure;
	/** Undefined until the venue has said. */
	readonly equity: number | undefined;
	readonly limits: RiskLimits;
}

export interface Surplus {
	readonly orders: readonly Order[];
	/** Symbols of which all has to go. */
	readonly wholeSymbols: readonly InstrumentIndex[];
}

export function surplusOf(holdings: readonly Holding[], under: Under): Surplus {
	const isAccountOver = isTooMuch(holdings, under);
	const orders: Order[] = [];
	const wholeSymbols: InstrumentIndex[] = [];
	for (const holding of holdings) {
		const adding = holding.openOrders.filter(({ reduceOnly }) => !reduceOnly);
		const isAllOver = adding.length > 0 && (isAccountOver || isSymbolOver(holding.exposure, under.limits));
		orders.push(...(isAllOver ? adding : adding.filter((order) => isOrderOver(order, holding, under.limits))));
		if (isAllOver) wholeSymbols.push(holding.exposure.instrument.index);
	}
	return { orders, wholeSymbols };
}

function isTooMuch(holdings: readonly Holding[], { account, equity, limits }: Under): boolean {
	const orderCount = holdings.reduce((sum, { exposure }) => sum + exposure.orderCount, 0);
	return (
		account.gross > limits.grossNotionalMax ||
		account.netLong > limits.netNotionalMax ||
		-account.netShort > limits.netNotionalMax ||
		orderCount > limits.openOrdersMax ||
		(isLeveraged(holdings) && equity !== undefined && account.gross > limits.leverageMax * equity)
	);
}

/** On spot nothing is borrowed. */
function isLeveraged(holdings: readonly Holding[]): boolean {
	return holdings.some(({ exposure }) => exposure.instrument.category !== 'spot');
}

function isSymbolOver(exposure: Exposure, limits: RiskLimits): boolean {
	return (
		exposure.worstLots * exposure.worthOfLot > limits.positionNotionalMax || exposure.orderCount > limits.openOrdersPerSymbolMax
	);
}

/** The larger and the farther version counts while an amend is open. */
function isOrderOver(order: Order, { midTicks, exposure }: Holding, limits: RiskLimits): boolean {
	const qtyLots = Math.max(order.qtyLots, order.pendingQtyLots);
	const priceTicks = Math.max(order.priceTicks, order.pendingPriceTicks);
	if (qtyLots * priceTicks * order.instrument.tickLotNumber * exposure.quoteRate > limits.orderNotionalMax) return true;
	if (midTicks === undefined) return false;
	const collar = order.timeInForce === 'postOnly' ? limits.quoteCollar : limits.exitCollar;
	const away = Math.max(Math.abs(order.priceTicks - midTicks), Math.abs(order.pendingPriceTicks - midTicks));
	return away > collar * midTicks;
}
