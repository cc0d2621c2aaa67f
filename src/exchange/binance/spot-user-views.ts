/**
 * What an account on spot hears of its orders and money. An execution report has all the letters of an order at every
 * event; what happened is in `x`, what the order has become in `X`, and some letters stand only where they mean something.
 */
import type { Listing } from '../core/listing.ts';
import { formatAtoms } from '../core/money.ts';
import type { BalanceView, OrderView, TradeExecution } from '../core/views.ts';
import { shownExecutionId, shownOrderId, shownTradeId } from './ids.ts';
import type { Json } from './numbers.ts';
import {
	expiryReason,
	type ShownOrder,
	shownQty,
	spotOrderType,
	spotPrice,
	spotQty,
	spotStatus,
	spotTimeInForce,
} from './spot-views.ts';
import { modeOf, wireSide } from './words.ts';

const NONE = -1;
const ZERO = '0.00000000';

export type ExecutionType = 'NEW' | 'CANCELED' | 'REPLACED' | 'REJECTED' | 'TRADE' | 'EXPIRED' | 'TRADE_PREVENTION';

/** What happened to an order, beside what it is now. */
export interface Happening {
	readonly kind: ExecutionType;
	readonly eventSeq: number;
	readonly atMs: number;
	/** Of the cancel where one was asked for, else the order's own. */
	readonly clientOrderId: string;
	/** The order's own of before, where `clientOrderId` is another; else ''. */
	readonly originalClientOrderId: string;
	/** Set for trades. */
	readonly fill?: TradeExecution;
	/** The other order of a prevented trade, as far as it is known. */
	readonly counter?: OrderView | undefined;
}

/** What happened to an order of which this is the latest state; `isAmended`: nothing else explains the change. */
export function executionTypeOf(order: OrderView, isFill: boolean): ExecutionType {
	if (isFill) return 'TRADE';
	switch (spotStatus(order)) {
		case 'CANCELED':
			return 'CANCELED';
		case 'REJECTED':
			return 'REJECTED';
		case 'EXPIRED':
			return 'EXPIRED';
		case 'EXPIRED_IN_MATCH':
			return 'TRADE_PREVENTION';
		default:
			return order.revision === 1 ? 'NEW' : 'REPLACED';
	}
}

export function executionReport(shown: ShownOrder, happening: Happening): Json {
	const { listing, order } = shown;
	const { fill } = happening;
	const isOpen = order.status === 'new' || order.status === 'partially-filled';
	return {
		e: 'executionReport',
		E: happening.atMs,
		s: shown.symbol.symbol,
		c: happening.clientOrderId,
		S: wireSide(order.side),
		o: spotOrderType(order),
		f: spotTimeInForce(order),
		q: shownQty(shown),
		p: spotPrice(listing, order.priceTicks),
		P: ZERO,
		F: ZERO,
		g: NONE,
		C: happening.originalClientOrderId,
		x: happening.kind,
		X: spotStatus(order),
		r: happening.kind === 'REJECTED' ? 'WOULD_MATCH_IMMEDIATELY' : 'NONE',
		i: shownOrderId('spot', order.orderId),
		l: fill === undefined ? ZERO : spotQty(listing, fill.qtyLots),
		z: spotQty(listing, order.filledLots),
		L: fill === undefined ? ZERO : spotPrice(listing, fill.priceTicks),
		n: fill === undefined ? '0' : formatAtoms(fill.feeAtoms),
		N: fill === undefined ? null : fill.feeCoin,
		T: order.updatedAtMs,
		t: fill === undefined ? NONE : shownTradeId('spot', fill.tradeId),
		...(happening.kind === 'TRADE_PREVENTION' ? prevented(shown, happening) : {}),
		I: shownExecutionId(happening.eventSeq),
		w: isOpen,
		m: fill?.maker ?? false,
		M: false,
		O: order.createdAtMs,
		Z: formatAtoms(order.filledValueAtoms),
		Y: fill === undefined ? ZERO : formatAtoms(fill.valueAtoms),
		Q: formatAtoms(order.quoteAtoms),
		W: order.createdAtMs,
		V: modeOf(order.selfTrade),
		...expiry(order),
	};
}

/** The trade that would have been: at the price of the order that was there first. */
function prevented({ listing, order, symbol }: ShownOrder, { counter, eventSeq }: Happening): Readonly<Record<string, Json>> {
	const restLots = order.qtyLots - order.filledLots;
	const counterLots = counter === undefined ? restLots : counter.qtyLots - counter.filledLots;
	const lots = Math.min(restLots, counterLots);
	const isMaker = counter === undefined || BigInt(order.orderId) < BigInt(counter.orderId);
	const priceTicks = isMaker ? order.priceTicks : counter.priceTicks;
	return {
		v: eventSeq,
		A: spotQty(listing, restLots),
		B: spotQty(listing, restLots),
		u: NONE,
		U: order.selfTradeOrderId === '' ? NONE : shownOrderId('spot', order.selfTradeOrderId),
		Cs: symbol.symbol,
		pl: spotQty(listing, lots),
		pL: spotPrice(listing, priceTicks),
		pY: valueText(listing, priceTicks, lots),
	};
}

function valueText(listing: Listing, priceTicks: number, lots: number): string {
	return formatAtoms(listing.valueAtoms(priceTicks, lots));
}

function expiry(order: OrderView): Readonly<Record<string, Json>> {
	const reason = expiryReason(order);
	return reason === undefined ? {} : { eR: reason };
}

/** `balances`: the coins that may have changed. */
export function accountPosition(balances: readonly BalanceView[], atMs: number): Json {
	return {
		e: 'outboundAccountPosition',
		E: atMs,
		u: atMs,
		B: balances.map(({ coin, walletAtoms, lockedAtoms }) => ({
			a: coin,
			f: formatAtoms(walletAtoms - lockedAtoms),
			l: formatAtoms(lockedAtoms),
		})),
	};
}

/** Money that came or went without a trade. */
export function balanceUpdate(coin: string, deltaAtoms: bigint, atMs: number): Json {
	return { e: 'balanceUpdate', E: atMs, a: coin, d: formatAtoms(deltaAtoms), T: atMs };
}

export function streamTerminated(atMs: number): Json {
	return { e: 'eventStreamTerminated', E: atMs };
}
