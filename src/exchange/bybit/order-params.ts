/**
 * Reads what a client wrote into an order or an amendment, and refuses as the venue does what is missing, misspelled
 * or off the grid. What the venue offers and this exchange does not (conditional orders, attached stops, hedge mode)
 * is refused too, never silently dropped.
 */
import type { OrderSide, SelfTradePolicy } from '../core/book.ts';
import { type Grid, parseDecimal, rescale } from '../core/decimal.ts';
import type { Listing } from '../core/listing.ts';
import { ATOM_DECIMALS, atoms } from '../core/money.ts';
import type { PlaceRequest } from '../core/requests.ts';
import type { OrderTimeInForce, OrderView } from '../core/views.ts';
import { POSITION_IDX_WRONG, params, Refusal, refusalFor } from './codes.ts';
import { ownOrderId } from './ids.ts';
import { MAX_AMOUNT } from './instruments.ts';
import type { AnyCategory, Params } from './params.ts';
import type { BybitKey, BybitSymbol, BybitVenue } from './venue.ts';

const ORDER_LINK_ID = /^[A-Za-z0-9_-]{1,36}$/;
const MAX_AMOUNT_ATOMS = atoms(MAX_AMOUNT);
const ZERO = /^0+(?:\.0*)?$/;

/** Members that ask for what is not offered here, unless they say "none". */
const NOT_OFFERED = [
	'triggerPrice',
	'takeProfit',
	'stopLoss',
	'tpLimitPrice',
	'slLimitPrice',
	'slippageTolerance',
	'bboSideType',
	'bboLevel',
	'orderIv',
] as const;

const CONDITIONAL_FILTERS: readonly unknown[] = ['StopOrder', 'tpslOrder', 'OcoOrder', 'BidirectionalTpslOrder'];

const SIDES: ReadonlyMap<unknown, OrderSide> = new Map([
	['Buy', 'buy'],
	['Sell', 'sell'],
]);
const TIMES_IN_FORCE: ReadonlyMap<unknown, OrderTimeInForce> = new Map([
	['GTC', 'gtc'],
	['IOC', 'ioc'],
	['FOK', 'fok'],
	['PostOnly', 'post-only'],
]);
const SELF_TRADE: ReadonlyMap<unknown, SelfTradePolicy> = new Map([
	['None', 'none'],
	['CancelMaker', 'cancel-maker'],
	['CancelTaker', 'cancel-taker'],
	['CancelBoth', 'cancel-both'],
]);

export interface OrderScene {
	readonly venue: BybitVenue;
	readonly key: BybitKey;
	readonly symbol: BybitSymbol;
	readonly nowMs: number;
}

export function readOrder({ venue, key, symbol }: OrderScene, given: Params): PlaceRequest | Refusal {
	const spot = symbol.category === 'spot';
	const side = SIDES.get(given.raw('side'));
	if (side === undefined) return spot ? new Refusal(170117, 'Invalid side.') : params('Side invalid');
	const orderType = given.raw('orderType');
	if (orderType !== 'Limit' && orderType !== 'Market') {
		return spot ? new Refusal(170116, 'Invalid orderType.') : params('OrderType invalid');
	}
	const market = orderType === 'Market';
	const notOffered = checkOffered(given, symbol);
	if (notOffered !== null) return notOffered;
	const clientOrderId = readLinkId(given);
	if (clientOrderId instanceof Refusal) return clientOrderId;
	const selfTrade = SELF_TRADE.get(given.raw('smpType') ?? 'None');
	if (selfTrade === undefined) return params('smpType invalid');
	const reduceOnly = given.flag('reduceOnly');
	if (reduceOnly instanceof Refusal) return reduceOnly;
	const closeOnTrigger = given.flag('closeOnTrigger');
	if (closeOnTrigger instanceof Refusal) return closeOnTrigger;
	const named = clientOrderId === undefined ? {} : { clientOrderId };
	if (spot && market && isInQuote(given, side)) {
		const quoteAtoms = readAmount(given.raw('qty'));
		if (quoteAtoms instanceof Refusal) return quoteAtoms;
		return { accountId: key.accountId, symbol: symbol.exchangeKey, side, type: 'market', quoteAtoms, selfTrade, ...named };
	}
	const qtyLots =
		!spot && reduceOnly && closeOnTrigger && isZero(given.raw('qty'))
			? heldLots(venue, key, symbol)
			: readQty(venue, symbol, given);
	if (qtyLots instanceof Refusal) return qtyLots;
	const common = {
		accountId: key.accountId,
		symbol: symbol.exchangeKey,
		side,
		qtyLots,
		reduceOnly: !spot && (reduceOnly || closeOnTrigger),
		selfTrade,
		...named,
	};
	if (market) return { ...common, type: 'market' };
	const timeInForce = readTimeInForce(given, spot);
	if (timeInForce instanceof Refusal) return timeInForce;
	const priceTicks = readPrice({ venue, key, symbol }, given, side);
	if (priceTicks instanceof Refusal) return priceTicks;
	return { ...common, type: 'limit', timeInForce, priceTicks };
}

/** The order meant by `orderId`, or else by `orderLinkId`; an id never given out names an order that does not exist. */
export function readOrderName(given: Params): { readonly orderId: string } | { readonly clientOrderId: string } | Refusal {
	const orderId = given.text('orderId');
	if (orderId instanceof Refusal) return orderId;
	if (orderId !== undefined) return { orderId: ownOrderId(orderId) ?? '' };
	const clientOrderId = given.text('orderLinkId');
	if (clientOrderId instanceof Refusal) return clientOrderId;
	return clientOrderId === undefined ? params('orderId or orderLinkId is required') : { clientOrderId };
}

/** The members of an amendment; at least one must be given. */
export function readChange(
	scene: Omit<OrderScene, 'nowMs'>,
	given: Params,
	order: OrderView | undefined,
): { readonly priceTicks?: number; readonly qtyLots?: number } | Refusal {
	const asked = NOT_OFFERED.find((name) => asksFor(given.raw(name)));
	if (asked !== undefined) return params(`${asked} is not supported`);
	const qtyLots = given.raw('qty') === undefined ? undefined : readQty(scene.venue, scene.symbol, given);
	if (qtyLots instanceof Refusal) return qtyLots;
	const priceTicks = given.raw('price') === undefined ? undefined : readPrice(scene, given, order?.side ?? 'buy');
	if (priceTicks instanceof Refusal) return priceTicks;
	if (qtyLots === undefined && priceTicks === undefined) return params('nothing to amend, give price or qty');
	return { ...(priceTicks === undefined ? {} : { priceTicks }), ...(qtyLots === undefined ? {} : { qtyLots }) };
}

/** What orders a request is about: plain ones unless it says otherwise, or of a kind that does not exist here. */
export function readOrderFilter(given: Params, category: AnyCategory): 'plain' | 'conditional' | Refusal {
	const filter = given.raw('orderFilter') ?? 'Order';
	if (filter === 'Order' || (filter === 'OpenOrder' && category !== 'spot')) return 'plain';
	if (CONDITIONAL_FILTERS.includes(filter)) return 'conditional';
	return category === 'spot' ? new Refusal(170202, 'Invalid orderFilter parameter.') : params('orderFilter invalid');
}

function checkOffered(given: Params, symbol: BybitSymbol): Refusal | null {
	const asked = NOT_OFFERED.find((name) => asksFor(given.raw(name)));
	if (asked !== undefined) return params(`${asked} is not supported`);
	const positionIdx = given.raw('positionIdx');
	if (positionIdx !== undefined && positionIdx !== 0 && positionIdx !== '0') return POSITION_IDX_WRONG;
	if (symbol.category !== 'spot') return null;
	const filter = readOrderFilter(given, symbol.category);
	if (filter instanceof Refusal) return filter;
	if (filter === 'conditional') return new Refusal(170227, 'This feature is not supported.');
	const isLeverage = given.raw('isLeverage');
	if (isLeverage === 1 || isLeverage === '1') return new Refusal(170344, 'Symbol is not supported on Margin Trading.');
	const unit = given.raw('marketUnit');
	if (unit !== undefined && unit !== 'baseCoin' && unit !== 'quoteCoin') return params('marketUnit invalid');
	return null;
}

/** A market order on spot says what it takes or gives; unless told otherwise, a buy what it spends, a sell what it gives. */
function isInQuote(given: Params, side: OrderSide): boolean {
	return (given.raw('marketUnit') ?? (side === 'buy' ? 'quoteCoin' : 'baseCoin')) === 'quoteCoin';
}

function readAmount(value: unknown): bigint | Refusal {
	const amount = typeof value === 'string' ? parseDecimal(value) : null;
	if (amount === null) return new Refusal(170130, 'Data sent for parameter qty is not valid.');
	const amountAtoms = rescale(amount, ATOM_DECIMALS);
	if (amountAtoms === null) return new Refusal(170148, 'Market order amount decimal too long');
	return amountAtoms > MAX_AMOUNT_ATOMS ? new Refusal(170124, 'Order amount too large.') : amountAtoms;
}

function readTimeInForce(given: Params, spot: boolean): OrderTimeInForce | Refusal {
	const text = given.raw('timeInForce') ?? 'GTC';
	if (text === 'RPI')
		return spot ? new Refusal(170355, 'RPI order not permitted.') : new Refusal(110119, 'RPI order not permitted.');
	const known = TIMES_IN_FORCE.get(text);
	if (known !== undefined) return known;
	return spot ? new Refusal(170115, 'Invalid timeInForce.') : params('timeInForce invalid');
}

function readLinkId(given: Params): string | undefined | Refusal {
	const text = given.text('orderLinkId');
	if (text === undefined || text instanceof Refusal) return text;
	return ORDER_LINK_ID.test(text) ? text : params('OrderLinkId invalid');
}

function readQty(venue: BybitVenue, symbol: BybitSymbol, given: Params): number | Refusal {
	const count = countOf(venue.listing(symbol).qty, given.raw('qty'));
	if (typeof count === 'number') return count;
	if (symbol.category !== 'spot') return params('Qty invalid');
	return count === 'off-grid'
		? new Refusal(170137, 'Order quantity has too many decimals.')
		: new Refusal(170130, 'Data sent for parameter qty is not valid.');
}

/** In the price band, where the account's setting is to be moved into it. */
function readPrice({ venue, key, symbol }: Omit<OrderScene, 'nowMs'>, given: Params, side: OrderSide): number | Refusal {
	const spot = symbol.category === 'spot';
	const listing = venue.listing(symbol);
	const count = countOf(listing.price, given.raw('price'));
	if (typeof count !== 'number') {
		if (!spot) return params('Price invalid');
		return count === 'off-grid'
			? new Refusal(170134, 'Order price has too many decimals.')
			: new Refusal(170130, 'Data sent for parameter price is not valid.');
	}
	const { clampsFutures, clampsSpot } = venue.desk.settings(key.accountId);
	return count > 0 && (spot ? clampsSpot : clampsFutures) ? clamped(venue, symbol, listing, side, count) : count;
}

function clamped(venue: BybitVenue, symbol: BybitSymbol, listing: Listing, side: OrderSide, priceTicks: number): number {
	const edgeTicks = listing.limitTicks(side, venue.exchange.ticker(symbol.exchangeKey)?.markTicks ?? 0);
	return side === 'buy' ? Math.min(priceTicks, edgeTicks) : Math.max(priceTicks, edgeTicks);
}

function countOf(grid: Grid, value: unknown): number | 'off-grid' | 'malformed' {
	if (typeof value !== 'string') return 'malformed';
	const parsed = grid.parse(value);
	if (parsed.kind === 'count') return parsed.count;
	return parsed.reason === 'off-grid' ? 'off-grid' : 'malformed';
}

/** What closes the whole position. */
function heldLots(venue: BybitVenue, key: BybitKey, symbol: BybitSymbol): number | Refusal {
	const held = venue.exchange.positions(key.accountId).find((position) => position.symbol === symbol.exchangeKey);
	const lots = Math.abs(held?.qtyLotsSigned ?? 0);
	return lots === 0 ? refusalFor(symbol.category, 'reduce-only-not-reducing', 'other') : lots;
}

function isZero(value: unknown): boolean {
	return typeof value === 'string' && ZERO.test(value);
}

function asksFor(value: unknown): boolean {
	return value !== undefined && !isZero(value);
}
