/**
 * How spot shows orders and fills. Every price, quantity and amount has eight decimals, whatever its grid. The answers to
 * placing, cancelling, amending and asking name different members for the same order; clients read each by its own.
 */
import { formatScaled } from '../core/decimal.ts';
import type { Listing } from '../core/listing.ts';
import { formatAtoms } from '../core/money.ts';
import type { OrderView, TradeExecution } from '../core/views.ts';
import { shownOrderId, shownTradeId } from './ids.ts';
import type { Json } from './numbers.ts';
import type { BinanceSymbol } from './venue.ts';
import { modeOf, statusOf, type WireStatus, wireSide } from './words.ts';

const SPOT_DECIMALS = 8;
const NO_LIST = -1;
const ZERO = '0.00000000';

export type ResponseType = 'ACK' | 'RESULT' | 'FULL';

/** An order with what it takes to print it. */
export interface ShownOrder {
	readonly symbol: BinanceSymbol;
	readonly listing: Listing;
	readonly order: OrderView;
}

export function spotPrice({ price }: Listing, ticks: number): string {
	return formatScaled(BigInt(ticks) * price.step.digits * 10n ** BigInt(SPOT_DECIMALS - price.step.scale), SPOT_DECIMALS);
}

export function spotQty(listing: Listing, lots: number): string {
	return formatAtoms(listing.baseAtoms(lots));
}

export function spotOrderType({ type, timeInForce }: OrderView): 'MARKET' | 'LIMIT' | 'LIMIT_MAKER' {
	if (type === 'market') return 'MARKET';
	return timeInForce === 'post-only' ? 'LIMIT_MAKER' : 'LIMIT';
}

/** Market and post-only orders have none of their own and show the usual one. */
export function spotTimeInForce({ type, timeInForce }: OrderView): 'GTC' | 'IOC' | 'FOK' {
	if (type === 'market') return 'GTC';
	return timeInForce === 'ioc' ? 'IOC' : timeInForce === 'fok' ? 'FOK' : 'GTC';
}

/** An order for an amount is shown with the lots it really came to. */
export function shownQty({ listing, order }: ShownOrder): string {
	const isDone = order.status === 'filled' || order.status === 'cancelled';
	return spotQty(listing, order.quoteAtoms > 0n && isDone ? order.filledLots : order.qtyLots);
}

export function spotStatus(order: OrderView): WireStatus {
	return statusOf(order);
}

/** Why an order expired, for those that did; undefined for all others. */
export function expiryReason({ cancelReason }: OrderView): string | undefined {
	switch (cancelReason) {
		case 'ioc-remainder':
			return 'UNFILLED_IOC_QUANTITY_EXPIRED';
		case 'fok-not-fillable':
			return 'UNFILLED_FOK_ORDER_EXPIRED';
		case 'no-liquidity':
			return 'INSUFFICIENT_LIQUIDITY';
		case 'admin':
			return 'EXCHANGE_CANCELED';
		default:
			return undefined;
	}
}

/** The answer to placing, as short or long as it was asked for. */
export function placedObject(shown: ShownOrder, form: ResponseType, fills: readonly TradeExecution[]): Json {
	const { order } = shown;
	const ack = {
		symbol: shown.symbol.symbol,
		orderId: shownOrderId('spot', order.orderId),
		orderListId: NO_LIST,
		clientOrderId: order.clientOrderId,
		transactTime: order.updatedAtMs,
	};
	if (form === 'ACK') return ack;
	return {
		...ack,
		...resultFields(shown),
		workingTime: order.createdAtMs,
		...(form === 'FULL' ? { fills: fills.map((fill) => fillObject(shown.listing, fill)) } : {}),
		selfTradePreventionMode: modeOf(order.selfTrade),
		...expiryField(order),
	};
}

/** The answer to cancelling: the order's own client id stands apart from the cancel's. */
export function cancelledObject(shown: ShownOrder, cancelClientId: string): Json {
	const { order } = shown;
	return {
		symbol: shown.symbol.symbol,
		origClientOrderId: order.clientOrderId,
		orderId: shownOrderId('spot', order.orderId),
		orderListId: NO_LIST,
		clientOrderId: cancelClientId,
		transactTime: order.updatedAtMs,
		...resultFields(shown),
		selfTradePreventionMode: modeOf(order.selfTrade),
	};
}

/** Within the answer to an amend; some members have names of their own there. */
export function amendedObject(shown: ShownOrder, clientIdBefore: string): Json {
	const { listing, order } = shown;
	return {
		symbol: shown.symbol.symbol,
		orderId: shownOrderId('spot', order.orderId),
		orderListId: NO_LIST,
		origClientOrderId: clientIdBefore,
		clientOrderId: order.clientOrderId,
		price: spotPrice(listing, order.priceTicks),
		qty: spotQty(listing, order.qtyLots),
		executedQty: spotQty(listing, order.filledLots),
		preventedQty: ZERO,
		quoteOrderQty: formatAtoms(order.quoteAtoms),
		cumulativeQuoteQty: formatAtoms(order.filledValueAtoms),
		status: statusOf(order),
		...kindFields(order),
		workingTime: order.createdAtMs,
		selfTradePreventionMode: modeOf(order.selfTrade),
	};
}

/** The answer to asking about an order. */
export function orderObject(shown: ShownOrder): Json {
	const { listing, order } = shown;
	return {
		symbol: shown.symbol.symbol,
		orderId: shownOrderId('spot', order.orderId),
		orderListId: NO_LIST,
		clientOrderId: order.clientOrderId,
		price: spotPrice(listing, order.priceTicks),
		origQty: shownQty(shown),
		executedQty: spotQty(listing, order.filledLots),
		cummulativeQuoteQty: formatAtoms(order.filledValueAtoms),
		status: statusOf(order),
		...kindFields(order),
		stopPrice: ZERO,
		icebergQty: ZERO,
		time: order.createdAtMs,
		updateTime: order.updatedAtMs,
		isWorking: true,
		workingTime: order.createdAtMs,
		origQuoteOrderQty: formatAtoms(order.quoteAtoms),
		selfTradePreventionMode: modeOf(order.selfTrade),
		...expiryField(order),
	};
}

export function myTradeObject(symbol: BinanceSymbol, listing: Listing, fill: TradeExecution): Json {
	return {
		symbol: symbol.symbol,
		id: shownTradeId('spot', fill.tradeId),
		orderId: shownOrderId('spot', fill.orderId),
		orderListId: NO_LIST,
		price: spotPrice(listing, fill.priceTicks),
		qty: spotQty(listing, fill.qtyLots),
		quoteQty: formatAtoms(fill.valueAtoms),
		commission: formatAtoms(fill.feeAtoms),
		commissionAsset: fill.feeCoin,
		time: fill.atMs,
		isBuyer: fill.side === 'buy',
		isMaker: fill.maker,
		isBestMatch: true,
	};
}

function resultFields(shown: ShownOrder): Readonly<Record<string, Json>> {
	const { listing, order } = shown;
	return {
		price: spotPrice(listing, order.priceTicks),
		origQty: shownQty(shown),
		executedQty: spotQty(listing, order.filledLots),
		origQuoteOrderQty: formatAtoms(order.quoteAtoms),
		cummulativeQuoteQty: formatAtoms(order.filledValueAtoms),
		status: statusOf(order),
		...kindFields(order),
	};
}

function kindFields(order: OrderView): Readonly<Record<string, Json>> {
	return { timeInForce: spotTimeInForce(order), type: spotOrderType(order), side: wireSide(order.side) };
}

function expiryField(order: OrderView): Readonly<Record<string, Json>> {
	const reason = expiryReason(order);
	return reason === undefined ? {} : { expiryReason: reason };
}

function fillObject(listing: Listing, fill: TradeExecution): Json {
	return {
		price: spotPrice(listing, fill.priceTicks),
		qty: spotQty(listing, fill.qtyLots),
		commission: formatAtoms(fill.feeAtoms),
		commissionAsset: fill.feeCoin,
		tradeId: shownTradeId('spot', fill.tradeId),
	};
}
