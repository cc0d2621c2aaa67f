/**
 * The parameters of futures orders: from names and texts to what the exchange is asked. Each is read strictly; what this
 * venue does not take on this endpoint is refused with its code, never dropped in silence.
 */
import type { OrderSide } from '../core/book.ts';
import type { Grid } from '../core/decimal.ts';
import type { Listing } from '../core/listing.ts';
import type { OrderName, PlaceLimit, PlaceMarket } from '../core/requests.ts';
import type { OrderTimeInForce } from '../core/views.ts';
import type { FuturesDesk } from './futures-desk.ts';
import { type Terms, USUAL_TERMS } from './futures-order-terms.ts';
import { isPriceMatch, matchedTicks } from './futures-price-match.ts';
import {
	CLIENT_ID_WRONG,
	CLOSE_POSITION_WRONG,
	GOOD_TILL_WRONG,
	NO_SUCH_ORDER,
	POSITION_SIDE_MISMATCH,
	POSITION_SIDE_WRONG,
	PRICE_MATCH_NOT_HERE,
	PRICE_MATCH_WRONG,
	PRICE_OFF_TICK,
	PRICE_TOO_HIGH,
	PRICE_ZERO,
	QUANTITY_OFF_STEP,
	QUANTITY_TOO_LARGE,
	QUANTITY_ZERO,
	RESPONSE_TYPE_WRONG,
	SELF_TRADE_MODE_WRONG,
	USE_ALGO,
} from './futures-refusals.ts';
import { ownOrderId } from './ids.ts';
import type { Params } from './params.ts';
import {
	missing,
	notNeeded,
	ONE_ID_NEEDED,
	Refusal,
	SIDE_WRONG,
	TIME_IN_FORCE_WRONG,
	TOO_PRECISE,
	TYPE_WRONG,
} from './refusal.ts';
import type { Caller } from './rest-route.ts';
import type { BinanceSymbol } from './venue.ts';
import { policyOf, STP_MODES, sideOf, WIRE_SIDES } from './words.ts';

export interface FuturesCaller extends Caller {
	readonly desk: FuturesDesk;
}

/** A caller and the symbol it names. */
export interface OrderScene extends FuturesCaller {
	readonly symbol: BinanceSymbol;
}

export interface ReadOrder {
	readonly request: (PlaceLimit | PlaceMarket) & { readonly clientOrderId: string };
	readonly terms: Terms;
	/** The answer shows what became of the order, not only that it came in. */
	readonly wantsResult: boolean;
}

const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
const ALGO_TYPES = ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'];
const TIMES_IN_FORCE: Readonly<Record<string, OrderTimeInForce>> = {
	GTC: 'gtc',
	IOC: 'ioc',
	FOK: 'fok',
	GTX: 'post-only',
	GTD: 'gtc',
};
const SELF_TRADE_PRESET = 'EXPIRE_MAKER';
/** Of orders that wait for a price, which have an endpoint of their own. */
const ALGO_PARAMETERS = ['stopPrice', 'activationPrice', 'callbackRate'];
const SECOND_MS = 1_000;
const GOOD_TILL_LEAST_MS = 600_000;
const GOOD_TILL_MOST_MS = 253_402_300_799_000;

export function readOrder(scene: OrderScene, given: Params): ReadOrder | Refusal {
	const side = readSide(given);
	if (side instanceof Refusal) return side;
	const type = given.mustText('type');
	if (type instanceof Refusal) return type;
	if (ALGO_TYPES.includes(type)) return USE_ALGO;
	if (type !== 'LIMIT' && type !== 'MARKET') return TYPE_WRONG;
	const unfit = checkUnfit(given);
	if (unfit !== null) return unfit;
	const common = readCommon(scene, given);
	if (common instanceof Refusal) return common;
	const responseType = given.word('newOrderRespType', ['ACK', 'RESULT'], RESPONSE_TYPE_WRONG);
	if (responseType instanceof Refusal) return responseType;
	const wantsResult = responseType === 'RESULT';
	const read = type === 'LIMIT' ? readLimit(scene, given, side) : readMarket(scene, given);
	if (read instanceof Refusal) return read;
	const { terms, ...own } = read;
	return { request: { ...common, ...own, side }, terms, wantsResult };
}

export function readSide(given: Params): OrderSide | Refusal {
	const side = given.word('side', WIRE_SIDES, SIDE_WRONG) ?? missing('side');
	return side instanceof Refusal ? side : sideOf(side);
}

/** If both ids are given, the venue's wins. */
export function readOrderName(given: Params): OrderName | Refusal {
	const shown = given.id('orderId');
	if (shown instanceof Refusal) return shown;
	if (shown !== undefined) {
		const orderId = ownOrderId('futures', shown);
		return orderId === undefined ? NO_SUCH_ORDER : { orderId };
	}
	const clientOrderId = given.raw('origClientOrderId');
	return clientOrderId === undefined ? ONE_ID_NEEDED : { clientOrderId };
}

export function readLots(listing: Listing, given: Params): number | Refusal {
	const text = given.decimal('quantity');
	if (text instanceof Refusal) return text;
	if (text === undefined) return missing('quantity');
	const lots = onGrid(listing.qty, text, { offGrid: QUANTITY_OFF_STEP, tooLarge: QUANTITY_TOO_LARGE });
	return lots === 0 ? QUANTITY_ZERO : lots;
}

/** The price that is named, or the one of the book that is asked for instead. */
export function readPrice(
	{ venue, symbol }: OrderScene,
	given: Params,
	side: OrderSide,
): { readonly priceTicks: number; readonly priceMatch: string } | Refusal {
	const match = given.raw('priceMatch') ?? USUAL_TERMS.priceMatch;
	if (match !== USUAL_TERMS.priceMatch) {
		if (!isPriceMatch(match) || given.has('price')) return PRICE_MATCH_WRONG;
		const priceTicks = matchedTicks(venue.exchange, symbol.exchangeKey, side, match);
		return priceTicks instanceof Refusal ? priceTicks : { priceTicks, priceMatch: match };
	}
	const text = given.decimal('price');
	if (text instanceof Refusal) return text;
	if (text === undefined) return missing('price');
	const { price } = venue.listing(symbol);
	const priceTicks = onGrid(price, text, { offGrid: PRICE_OFF_TICK, tooLarge: PRICE_TOO_HIGH });
	if (priceTicks instanceof Refusal) return priceTicks;
	return priceTicks === 0 ? PRICE_ZERO : { priceTicks, priceMatch: match };
}

function readLimit(
	scene: OrderScene,
	given: Params,
	side: OrderSide,
): (Pick<PlaceLimit, 'type' | 'timeInForce' | 'qtyLots' | 'priceTicks'> & { readonly terms: Terms }) | Refusal {
	const word = given.mustText('timeInForce');
	if (word instanceof Refusal) return word;
	const timeInForce = TIMES_IN_FORCE[word];
	if (timeInForce === undefined) return TIME_IN_FORCE_WRONG;
	const goodTillMs = readGoodTill(given, word === 'GTD', scene.nowMs);
	if (goodTillMs instanceof Refusal) return goodTillMs;
	const qtyLots = readLots(scene.venue.listing(scene.symbol), given);
	if (qtyLots instanceof Refusal) return qtyLots;
	const priced = readPrice(scene, given, side);
	if (priced instanceof Refusal) return priced;
	const { priceTicks, priceMatch } = priced;
	const isUsual = goodTillMs === 0 && priceMatch === USUAL_TERMS.priceMatch;
	const terms = isUsual ? USUAL_TERMS : { ...USUAL_TERMS, goodTillMs, priceMatch };
	return { type: 'limit', timeInForce, qtyLots, priceTicks, terms };
}

function readMarket(
	{ venue, symbol }: OrderScene,
	given: Params,
): (Pick<PlaceMarket, 'type' | 'qtyLots'> & { readonly terms: Terms }) | Refusal {
	for (const name of ['price', 'timeInForce', 'goodTillDate']) if (given.has(name)) return notNeeded(name);
	if (given.has('priceMatch')) return PRICE_MATCH_NOT_HERE;
	const qtyLots = readLots(venue.listing(symbol), given);
	return qtyLots instanceof Refusal ? qtyLots : { type: 'market', qtyLots, terms: USUAL_TERMS };
}

function readCommon(
	{ venue, accountId, symbol }: OrderScene,
	given: Params,
): (Pick<PlaceMarket, 'accountId' | 'symbol' | 'reduceOnly' | 'selfTrade'> & { readonly clientOrderId: string }) | Refusal {
	const reduceOnly = given.flag('reduceOnly');
	if (reduceOnly instanceof Refusal) return reduceOnly;
	const mode = given.word('selfTradePreventionMode', STP_MODES, SELF_TRADE_MODE_WRONG) ?? SELF_TRADE_PRESET;
	if (mode instanceof Refusal) return mode;
	const clientOrderId = given.raw('newClientOrderId') ?? venue.nextClientId();
	if (!CLIENT_ID.test(clientOrderId)) return CLIENT_ID_WRONG;
	return { accountId, symbol: symbol.exchangeKey, clientOrderId, reduceOnly: reduceOnly ?? false, selfTrade: policyOf(mode) };
}

/** One position a symbol is all there is here. */
function checkUnfit(given: Params): Refusal | null {
	const positionSide = given.raw('positionSide') ?? 'BOTH';
	if (positionSide === 'LONG' || positionSide === 'SHORT') return POSITION_SIDE_MISMATCH;
	if (positionSide !== 'BOTH') return POSITION_SIDE_WRONG;
	const closePosition = given.flag('closePosition');
	if (closePosition instanceof Refusal) return closePosition;
	if (closePosition === true) return CLOSE_POSITION_WRONG;
	const unfit = ALGO_PARAMETERS.find((name) => given.raw(name) !== undefined);
	return unfit === undefined ? null : notNeeded(unfit);
}

/** To the second. 0: until it is cancelled. */
function readGoodTill(given: Params, isGoodTillDate: boolean, nowMs: number): number | Refusal {
	const atMs = given.whole('goodTillDate');
	if (atMs instanceof Refusal) return atMs;
	if (!isGoodTillDate) return atMs === undefined || atMs === 0 ? 0 : notNeeded('goodTillDate');
	if (atMs === undefined) return missing('goodTillDate');
	const wholeMs = Math.floor(atMs / SECOND_MS) * SECOND_MS;
	return wholeMs <= nowMs + GOOD_TILL_LEAST_MS || wholeMs >= GOOD_TILL_MOST_MS ? GOOD_TILL_WRONG : wholeMs;
}

/** More decimals than the grid has is another fault than a number between two steps. */
function onGrid(grid: Grid, text: string, wrong: { readonly offGrid: Refusal; readonly tooLarge: Refusal }): number | Refusal {
	const parsed = grid.parse(text);
	if (parsed.kind === 'count') return parsed.count;
	if (parsed.reason === 'above-safe-integer') return wrong.tooLarge;
	const fraction = (text.split('.')[1] ?? '').replace(/0+$/, '');
	return fraction.length > grid.step.scale ? TOO_PRECISE : wrong.offGrid;
}
