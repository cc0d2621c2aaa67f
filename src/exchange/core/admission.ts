/**
 * May this order go in, or be changed so? Pure judgement: it reads the symbol, the account and the filters, changes
 * nothing, and answers with a reason or with the order as it would stand (a reduce-only order comes out trimmed).
 */
import type { Account } from './account.ts';
import { checkFunds, reservationAtoms } from './funds.ts';
import type { Listing } from './listing.ts';
import type { OrderRecord } from './order.ts';
import type { OrderStore } from './order-store.ts';
import type { AmendRequest, PlaceMarketFor, PlaceRequest, RefusalReason } from './requests.ts';
import { lotsForAmount } from './spending.ts';
import type { TradingSymbol } from './trading-symbol.ts';

/** Longer than any venue allows. */
const CLIENT_ID_LENGTH_MAX = 64;

/** `limitTicks` is the worst price it may trade at; a market order gets the edge of the price band. */
export type Admission =
	| { readonly kind: 'admitted'; readonly limitTicks: number; readonly qtyLots: number }
	| { readonly kind: 'refused'; readonly reason: RefusalReason };

export function admitPlace(
	request: PlaceRequest,
	{ symbol, account, store }: { symbol: TradingSymbol; account: Account; store: OrderStore },
): Admission {
	const { listing, markTicks } = symbol;
	const { side, type } = request;
	const reduceOnly = request.reduceOnly ?? false;
	const statusRefusal = checkStatus(request, symbol);
	if (statusRefusal !== null) return no(statusRefusal);
	if (account.isHedged(symbol)) return no('position-mode-mismatch');
	const idRefusal = checkClientId(request.clientOrderId, { account, listing, store });
	if (idRefusal !== null) return no(idRefusal);
	if (request.quoteAtoms !== undefined) return admitSpending(request, symbol, account);
	const sizeRefusal = listing.checkQty(type, request.qtyLots);
	if (sizeRefusal !== null) return no(sizeRefusal);
	const limitTicks =
		type === 'limit' ? listing.standingTicks(side, request.priceTicks, markTicks) : listing.limitTicks(side, markTicks);
	const priceRefusal = type === 'limit' ? listing.checkPrice(side, limitTicks, markTicks) : null;
	if (priceRefusal !== null) return no(priceRefusal);
	const qtyLots = reduceOnly ? Math.min(request.qtyLots, closableLots(symbol, account, side)) : request.qtyLots;
	if (qtyLots === 0) return no('reduce-only-not-reducing');
	const judgedTicks = type === 'limit' ? limitTicks : referenceTicks(symbol, side);
	const tooSmall = reduceOnly || judgedTicks === 0 ? null : listing.checkNotional(judgedTicks, qtyLots);
	if (tooSmall !== null) return no(tooSmall);
	if (mayRest(request) && store.openCount(account, listing.symbol) >= listing.maxOpenOrders) return no('too-many-open-orders');
	const moreAtoms = reservationAtoms(symbol, side, limitTicks, qtyLots, type === 'market');
	const fundsRefusal = checkFunds({ account, symbol, side, reduceOnly, moreAtoms });
	return fundsRefusal === null ? { kind: 'admitted', limitTicks, qtyLots } : no(fundsRefusal);
}

/** Of a buy the whole amount must be there, whatever the book would take of it; of a sell the coins that go for it. */
function admitSpending(request: PlaceMarketFor, symbol: TradingSymbol, account: Account): Admission {
	const { listing, markTicks } = symbol;
	const { quoteAtoms, side, selfTrade = 'none' } = request;
	if (listing.kind !== 'spot' || quoteAtoms <= 0n) return no('invalid-amount');
	if (request.reduceOnly ?? false) return no('reduce-only-not-reducing');
	const tooSmall = listing.checkValue(quoteAtoms);
	if (tooSmall !== null) return no(tooSmall);
	const limitTicks = listing.limitTicks(side, markTicks);
	const payableLots = lotsForAmount(symbol, { accountNo: account.accountNo, side, selfTrade, limitTicks, quoteAtoms });
	const qtyLots = listing.wholeLots(payableLots);
	const sizeRefusal = qtyLots === 0 ? 'below-min-quantity' : listing.checkQty('market', qtyLots);
	if (sizeRefusal !== null) return no(sizeRefusal);
	const moreAtoms = side === 'buy' ? quoteAtoms : listing.baseAtoms(qtyLots);
	const fundsRefusal = checkFunds({ account, symbol, side, reduceOnly: false, moreAtoms });
	return fundsRefusal === null ? { kind: 'admitted', limitTicks, qtyLots } : no(fundsRefusal);
}

export function admitAmend(
	request: AmendRequest,
	record: OrderRecord,
	{ symbol, store }: { symbol: TradingSymbol; store: OrderStore },
): Admission {
	const { listing, markTicks } = symbol;
	const { account, side, reduceOnly } = record;
	const statusRefusal = checkStatus(record, symbol);
	if (statusRefusal !== null) return no(statusRefusal);
	const isRenamed = request.clientOrderId !== record.clientOrderId;
	const idRefusal = isRenamed ? checkClientId(request.clientOrderId, { account, listing, store }) : null;
	if (idRefusal !== null) return no(idRefusal);
	const wishedTicks = request.priceTicks ?? record.priceTicks;
	const limitTicks = wishedTicks === record.priceTicks ? wishedTicks : listing.standingTicks(side, wishedTicks, markTicks);
	const wishedLots = request.qtyLots ?? record.qtyLots;
	const sizeRefusal = listing.checkQty('limit', wishedLots);
	if (sizeRefusal !== null) return no(sizeRefusal);
	if (wishedLots <= record.filledLots) return no('amend-below-filled');
	const priceRefusal = limitTicks === record.priceTicks ? null : listing.checkPrice(side, limitTicks, markTicks);
	if (priceRefusal !== null) return no(priceRefusal);
	const qtyLots = reduceOnly ? Math.min(wishedLots, record.filledLots + closableLots(symbol, account, side)) : wishedLots;
	if (limitTicks === record.priceTicks && qtyLots === record.qtyLots) return no('amend-unchanged');
	const tooSmall = reduceOnly ? null : listing.checkNotional(limitTicks, qtyLots);
	if (tooSmall !== null) return no(tooSmall);
	const heldAtoms = reservationAtoms(symbol, side, record.priceTicks, record.leavesLots, false);
	const wantedAtoms = reservationAtoms(symbol, side, limitTicks, qtyLots - record.filledLots, false);
	const fundsRefusal = checkFunds({ account, symbol, side, reduceOnly, moreAtoms: wantedAtoms - heldAtoms });
	return fundsRefusal === null ? { kind: 'admitted', limitTicks, qtyLots } : no(fundsRefusal);
}

function checkStatus(order: PlaceRequest | OrderRecord, { status }: TradingSymbol): RefusalReason | null {
	switch (status) {
		case 'trading':
			return null;
		case 'post-only':
			return order.type === 'limit' && order.timeInForce === 'post-only' ? null : 'symbol-post-only';
		case 'reduce-only':
			return order.reduceOnly === true ? null : 'symbol-reduce-only';
		case 'cancel-only':
		case 'halted':
			return 'symbol-not-trading';
		case 'closed':
			return 'symbol-closed';
	}
}

function mayRest(request: PlaceRequest): boolean {
	return request.type === 'limit' && (request.timeInForce === 'gtc' || request.timeInForce === 'post-only');
}

function checkClientId(
	clientOrderId: string | undefined,
	{ account, listing, store }: { account: Account; listing: Listing; store: OrderStore },
): RefusalReason | null {
	if (clientOrderId === undefined) return null;
	if (clientOrderId.length === 0 || clientOrderId.length > CLIENT_ID_LENGTH_MAX) return 'malformed-client-id';
	return store.isUsed(account, clientOrderId, listing.spec.clientIdsUsed ?? 'for-ever') ? 'duplicate-client-id' : null;
}

function closableLots(symbol: TradingSymbol, account: Account, side: 'buy' | 'sell'): number {
	return symbol.listing.kind !== 'spot' ? account.position(symbol).closableLots(side) : 0;
}

/** The price a market order is judged by, or 0 where nothing is known. */
function referenceTicks(symbol: TradingSymbol, side: 'buy' | 'sell'): number {
	return symbol.book.bestTicks(side === 'buy' ? 'ask' : 'bid') || symbol.markTicks || symbol.lastTicks;
}

function no(reason: RefusalReason): Admission {
	return { kind: 'refused', reason };
}
