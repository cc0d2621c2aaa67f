/**
 * Orders and fills as futures shows them, on REST and on streams: the words for what the exchange calls otherwise, and the
 * objects that answers have in common. Prices and quantities have the decimals of their grid.
 */
import { formatScaled } from '../core/decimal.ts';
import type { Listing } from '../core/listing.ts';
import { ATOM_DECIMALS } from '../core/money.ts';
import type { CancelReason, OrderView, PositionView, TradeExecution } from '../core/views.ts';
import type { FuturesDesk } from './futures-desk.ts';
import type { Terms } from './futures-order-terms.ts';
import { shownOrderId, shownTradeId } from './ids.ts';
import type { BinanceSymbol, BinanceVenue } from './venue.ts';
import { modeOf, statusOf, wireSide } from './words.ts';

const AVERAGE_DECIMALS = 8;
const MARKET = 'futures';

export type JsonObject = Readonly<Record<string, unknown>>;

const TIME_IN_FORCE = { gtc: 'GTC', ioc: 'IOC', fok: 'FOK', 'post-only': 'GTX' } as const;

/** The number that says why an order expired. */
const EXPIRIES: Record<CancelReason, string> = {
	user: '0',
	disconnect: '0',
	admin: '0',
	rejected: '0',
	'self-trade': '1',
	'ioc-remainder': '2',
	'reduce-only': '4',
	liquidation: '5',
	'no-liquidity': '9',
	'fok-not-fillable': '10',
	'post-only-would-cross': '11',
};

/** Why an order expired, as the number that streams show; 0 where it did not. */
export function futuresExpiry({ type, cancelReason }: Pick<OrderView, 'type' | 'cancelReason'>): string {
	if (cancelReason === null) return '0';
	return type === 'market' && cancelReason === 'ioc-remainder' ? '9' : EXPIRIES[cancelReason];
}

/** A market order is shown as good till cancelled. */
export function futuresTimeInForce({ type, timeInForce }: Pick<OrderView, 'type' | 'timeInForce'>, terms: Terms): string {
	if (terms.goodTillMs > 0) return 'GTD';
	return type === 'market' ? 'GTC' : TIME_IN_FORCE[timeInForce];
}

export function futuresType({ type }: Pick<OrderView, 'type'>): 'LIMIT' | 'MARKET' {
	return type === 'limit' ? 'LIMIT' : 'MARKET';
}

/** Orders that no client placed have ids by which clients know them. */
export function futuresClientId(order: Pick<OrderView, 'orderId' | 'clientOrderId' | 'createdBy'>): string {
	if (order.clientOrderId !== '') return order.clientOrderId;
	const shown = shownOrderId(MARKET, order.orderId);
	switch (order.createdBy) {
		case 'account':
			return `web_${shown}`;
		case 'liquidation':
			return `autoclose-${shown}`;
		case 'adl':
			return 'adl_autoclose';
		case 'settlement':
			return `settlement_autoclose-${shown}`;
	}
}

/** Always of one position a symbol, unless somebody has put the account into hedge mode. */
export function futuresPositionSide(
	venue: BinanceVenue,
	{ accountId, symbol, qtyLotsSigned }: Pick<PositionView, 'accountId' | 'symbol' | 'qtyLotsSigned'>,
): string {
	if (!venue.exchange.operator.accounts.isHedged(accountId, symbol)) return 'BOTH';
	return qtyLotsSigned < 0 ? 'SHORT' : 'LONG';
}

/** What so many lots are worth each, with no fewer decimals than the grid and no more than eight; 0 where there are none. */
export function averagePrice(listing: Listing, valueAtoms: bigint, lots: number): string {
	const least = listing.price.step.scale;
	if (lots === 0) return formatScaled(0n, least);
	const text = quotient(valueAtoms, listing.baseAtoms(lots), AVERAGE_DECIMALS);
	let end = text.length;
	while (text[end - 1] === '0' && text.length - end < AVERAGE_DECIMALS - least) end -= 1;
	return text.slice(0, text[end - 1] === '.' ? end - 1 : end);
}

/** Cut, not rounded. */
export function quotient(dividend: bigint, divisor: bigint, decimals: number): string {
	return formatScaled((dividend * 10n ** BigInt(decimals)) / divisor, decimals);
}

/** Money with its eight decimals, `0` where there is none. */
export function futuresMoney(atoms: bigint): string {
	return atoms === 0n ? '0' : formatScaled(atoms, ATOM_DECIMALS);
}

/** What answers of place, modify and cancel say of an order. */
export function orderAnswer(venue: BinanceVenue, desk: FuturesDesk, symbol: BinanceSymbol, order: OrderView): JsonObject {
	const { qty } = venue.listing(symbol);
	return { ...orderCommon(venue, desk, symbol, order), cumQty: qty.format(order.filledLots) };
}

/** What queries and lists say of it. */
export function orderRow(venue: BinanceVenue, desk: FuturesDesk, symbol: BinanceSymbol, order: OrderView): JsonObject {
	return { ...orderCommon(venue, desk, symbol, order), time: order.createdAtMs };
}

function orderCommon(venue: BinanceVenue, desk: FuturesDesk, symbol: BinanceSymbol, order: OrderView): JsonObject {
	const listing = venue.listing(symbol);
	const { price, qty } = listing;
	const terms = desk.terms.of(order);
	return {
		orderId: shownOrderId(MARKET, order.orderId),
		symbol: symbol.symbol,
		status: statusOf(order),
		clientOrderId: futuresClientId(order),
		price: price.format(order.priceTicks),
		avgPrice: averagePrice(listing, order.filledValueAtoms, order.filledLots),
		origQty: qty.format(order.qtyLots),
		executedQty: qty.format(order.filledLots),
		cumQuote: futuresMoney(order.filledValueAtoms),
		timeInForce: futuresTimeInForce(order, terms),
		type: futuresType(order),
		reduceOnly: order.reduceOnly,
		closePosition: false,
		side: wireSide(order.side),
		positionSide: 'BOTH',
		stopPrice: price.format(0),
		workingType: 'CONTRACT_PRICE',
		priceProtect: false,
		origType: futuresType(order),
		priceMatch: terms.priceMatch,
		selfTradePreventionMode: modeOf(order.selfTrade),
		goodTillDate: terms.goodTillMs,
		updateTime: order.updatedAtMs,
	};
}

/** A fill, as `userTrades` lists it. */
export function userTradeRow(venue: BinanceVenue, symbol: BinanceSymbol, fill: TradeExecution): JsonObject {
	const { price, qty, settleCoin } = venue.listing(symbol);
	return {
		symbol: symbol.symbol,
		id: fillId(fill),
		orderId: shownOrderId(MARKET, fill.orderId),
		side: wireSide(fill.side),
		price: price.format(fill.priceTicks),
		qty: qty.format(fill.qtyLots),
		realizedPnl: futuresMoney(fill.realisedAtoms),
		marginAsset: settleCoin,
		quoteQty: futuresMoney(fill.valueAtoms),
		commission: futuresMoney(fill.feeAtoms),
		commissionAsset: fill.feeCoin,
		time: fill.atMs,
		positionSide: 'BOTH',
		buyer: fill.side === 'buy',
		maker: fill.maker,
	};
}

/** What the house takes over has no public trade: its number is that of the fill, out of the way of all others. */
export function fillId(fill: TradeExecution): bigint {
	return fill.tradeId === '' ? HOUSE_FILL_BASE + BigInt(fill.execId) : shownTradeId(MARKET, fill.tradeId);
}

const HOUSE_FILL_BASE = 9_000_000_000_000n;
