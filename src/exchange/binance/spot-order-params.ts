/**
 * Reads what an order is to be out of the parameters of a spot request, in the order in which the venue complains: words
 * first, then what a type needs and must not have, then the numbers against the filters that the exchange cannot judge.
 */
import { parseDecimal, rescale } from '../core/decimal.ts';
import type { Listing } from '../core/listing.ts';
import { ATOM_DECIMALS } from '../core/money.ts';
import type { OrderName, PlaceRequest } from '../core/requests.ts';
import type { OrderTimeInForce } from '../core/views.ts';
import { ownOrderId } from './ids.ts';
import type { Params } from './params.ts';
import {
	bad,
	illegal,
	invalidParameter,
	missing,
	notNeeded,
	oneIdNeeded,
	Refusal,
	SIDE_WRONG,
	TIME_IN_FORCE_WRONG,
	TOO_PRECISE,
	TYPE_WRONG,
} from './refusal.ts';
import type { Caller } from './rest-route.ts';
import { FAR_PRICE_E2, MAX_NOTIONAL_ATOMS, MAX_PRICE_ATOMS } from './spot-filters.ts';
import { filterFailure } from './spot-refusals.ts';
import type { ResponseType } from './spot-views.ts';
import type { BinanceSymbol } from './venue.ts';
import { policyOf, STP_MODES, sideOf, WIRE_SIDES } from './words.ts';

export interface SpotScene extends Caller {
	readonly symbol: BinanceSymbol;
	readonly listing: Listing;
}

export interface ReadOrder {
	readonly request: PlaceRequest;
	readonly form: ResponseType;
}

const CLIENT_ID_RANGE = String.raw`^[\.A-Z\:/a-z0-9_-]{1,36}$`;
const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
const TYPES = ['LIMIT', 'MARKET', 'LIMIT_MAKER'] as const;
type SpotType = (typeof TYPES)[number];
/** What the venue has besides; orders that wait for a price are not in this box. */
const STOP_TYPES: ReadonlyMap<string, string> = new Map([
	['STOP_LOSS', 'Stop loss orders are not supported for this symbol.'],
	['STOP_LOSS_LIMIT', 'Stop loss limit orders are not supported for this symbol.'],
	['TAKE_PROFIT', 'Take profit orders are not supported for this symbol.'],
	['TAKE_PROFIT_LIMIT', 'Take profit limit orders are not supported for this symbol.'],
]);
/** What only those take, or orders that show a part of themselves. */
const UNSUPPORTED = ['stopPrice', 'trailingDelta', 'icebergQty', 'pegPriceType'] as const;
const TIMES_IN_FORCE = { GTC: 'gtc', IOC: 'ioc', FOK: 'fok' } as const satisfies Record<string, OrderTimeInForce>;
const TIME_WORDS = ['GTC', 'IOC', 'FOK'] as const;
const FORMS = ['ACK', 'RESULT', 'FULL'] as const;
const FORM_WRONG = bad(-1136, 'Invalid newOrderRespType.');

export function sceneOf(caller: Caller, given: Params): SpotScene | Refusal {
	const symbol = given.symbol(caller.venue, 'spot');
	return symbol instanceof Refusal ? symbol : { ...caller, symbol, listing: caller.venue.listing(symbol) };
}

export function readOrder(scene: SpotScene, given: Params): ReadOrder | Refusal {
	const side = given.word('side', WIRE_SIDES, SIDE_WRONG) ?? missing('side');
	if (side instanceof Refusal) return side;
	const type = readType(given);
	if (type instanceof Refusal) return type;
	const form = given.word('newOrderRespType', FORMS, FORM_WRONG) ?? (type === 'LIMIT_MAKER' ? 'ACK' : 'FULL');
	if (form instanceof Refusal) return form;
	const mode = given.word('selfTradePreventionMode', STP_MODES, invalidParameter('selfTradePreventionMode'));
	if (mode instanceof Refusal) return mode;
	const clientOrderId = readClientId(given, 'newClientOrderId');
	if (clientOrderId instanceof Refusal) return clientOrderId;
	const unsupported = UNSUPPORTED.find((name) => given.raw(name) !== undefined);
	if (unsupported !== undefined) return notNeeded(unsupported);
	const common = {
		accountId: scene.accountId,
		symbol: scene.symbol.exchangeKey,
		side: sideOf(side),
		selfTrade: policyOf(mode ?? 'EXPIRE_MAKER'),
		clientOrderId: clientOrderId ?? scene.venue.nextClientId(),
	};
	const request = type === 'MARKET' ? readMarket(scene, given, common) : readLimit(scene, given, { ...common, type });
	return request instanceof Refusal ? request : { request, form };
}

/** Undefined where none was given. */
export function readClientId(given: Params, name: string): string | undefined | Refusal {
	const clientId = given.text(name);
	if (clientId === undefined || clientId instanceof Refusal) return clientId;
	return CLIENT_ID.test(clientId) ? clientId : illegal(name, CLIENT_ID_RANGE);
}

/** Which order is meant. With both ids the order's own wins, and must go by that client id. */
export interface NamedOrder {
	readonly name: OrderName;
	readonly mustBeCalled: string | null;
}

export function readOrderName(
	given: Params,
	names: { readonly orderId: string; readonly clientId: string } = { orderId: 'orderId', clientId: 'origClientOrderId' },
): NamedOrder | Refusal {
	const shownId = given.id(names.orderId);
	if (shownId instanceof Refusal) return shownId;
	const clientId = given.raw(names.clientId);
	if (shownId !== undefined) {
		return { name: { orderId: ownOrderId('spot', shownId) ?? '' }, mustBeCalled: clientId ?? null };
	}
	return clientId === undefined
		? oneIdNeeded(names.clientId, names.orderId)
		: { name: { clientOrderId: clientId }, mustBeCalled: null };
}

/** In lots of the listing. */
export function readQty({ listing }: SpotScene, given: Params, name: string): number | undefined | Refusal {
	return readCount(given, name, (text) => listing.qty.parse(text), 'LOT_SIZE');
}

function readType(given: Params): SpotType | Refusal {
	const type = given.raw('type');
	if (type === undefined) return missing('type');
	const stop = STOP_TYPES.get(type);
	return stop === undefined ? (TYPES.find((each) => each === type) ?? TYPE_WRONG) : bad(-2010, stop);
}

interface Common {
	readonly accountId: string;
	readonly symbol: string;
	readonly side: 'buy' | 'sell';
	readonly selfTrade: ReturnType<typeof policyOf>;
	readonly clientOrderId: string;
}

function readMarket(scene: SpotScene, given: Params, common: Common): PlaceRequest | Refusal {
	for (const name of ['price', 'timeInForce']) if (given.raw(name) !== undefined) return notNeeded(name);
	const qtyLots = readQty(scene, given, 'quantity');
	if (qtyLots instanceof Refusal) return qtyLots;
	const amount = given.decimal('quoteOrderQty');
	if (amount instanceof Refusal) return amount;
	if (qtyLots !== undefined) {
		if (amount !== undefined) return notNeeded('quoteOrderQty');
		return qtyLots > scene.listing.maxMarketLots ? filterFailure('MARKET_LOT_SIZE') : { ...common, type: 'market', qtyLots };
	}
	if (amount === undefined) return missing('quantity');
	const decimal = parseDecimal(amount);
	const quoteAtoms = decimal === null ? null : rescale(decimal, ATOM_DECIMALS);
	return quoteAtoms === null ? TOO_PRECISE : { ...common, type: 'market', quoteAtoms };
}

function readLimit(
	scene: SpotScene,
	given: Params,
	{ type, ...common }: Common & { readonly type: 'LIMIT' | 'LIMIT_MAKER' },
): PlaceRequest | Refusal {
	const timeInForce = readTimeInForce(given, type);
	if (timeInForce instanceof Refusal) return timeInForce;
	if (given.raw('quoteOrderQty') !== undefined) return notNeeded('quoteOrderQty');
	const qtyLots = readQty(scene, given, 'quantity') ?? missing('quantity');
	if (qtyLots instanceof Refusal) return qtyLots;
	const priceTicks = readCount(given, 'price', (text) => scene.listing.price.parse(text), 'PRICE_FILTER') ?? missing('price');
	if (priceTicks instanceof Refusal) return priceTicks;
	const wrong = checkLimit(scene, { side: common.side, priceTicks, qtyLots });
	return wrong ?? { ...common, type: 'limit', timeInForce, priceTicks, qtyLots };
}

function readTimeInForce(given: Params, type: 'LIMIT' | 'LIMIT_MAKER'): OrderTimeInForce | Refusal {
	const word = given.word('timeInForce', TIME_WORDS, TIME_IN_FORCE_WRONG);
	if (word instanceof Refusal) return word;
	if (type === 'LIMIT_MAKER') return word === undefined ? 'post-only' : notNeeded('timeInForce');
	return word === undefined ? missing('timeInForce') : TIMES_IN_FORCE[word];
}

/** The bounds that the exchange does not have: of the value from above, and of a price that is far too good. */
function checkLimit(
	{ venue, symbol, listing }: SpotScene,
	{ side, priceTicks, qtyLots }: { readonly side: 'buy' | 'sell'; readonly priceTicks: number; readonly qtyLots: number },
): Refusal | null {
	if (priceTicks < 1 || listing.price.step.digits * BigInt(priceTicks) * atomsPer(listing) > MAX_PRICE_ATOMS)
		return filterFailure('PRICE_FILTER');
	if (listing.valueAtoms(priceTicks, qtyLots) > MAX_NOTIONAL_ATOMS) return filterFailure('NOTIONAL');
	const ticker = venue.exchange.ticker(symbol.exchangeKey);
	const aroundTicks = ticker === undefined ? 0 : ticker.markTicks || ticker.lastTicks;
	if (aroundTicks === 0) return null;
	const isFar =
		side === 'buy' ? priceTicks * 100 < aroundTicks * FAR_PRICE_E2.buy : priceTicks * 100 > aroundTicks * FAR_PRICE_E2.sell;
	return isFar ? filterFailure('PERCENT_PRICE_BY_SIDE') : null;
}

/** One digit of a price. */
function atomsPer({ price }: Listing): bigint {
	return 10n ** BigInt(ATOM_DECIMALS - price.step.scale);
}

/** A decimal as a whole count of steps. Finer than any coin is another mistake than off the grid. */
function readCount(
	given: Params,
	name: string,
	parse: (text: string) => ReturnType<Listing['price']['parse']>,
	filter: string,
): number | undefined | Refusal {
	const text = given.decimal(name);
	if (text === undefined || text instanceof Refusal) return text;
	const parsed = parse(text);
	if (parsed.kind === 'count') return parsed.count;
	const decimal = parseDecimal(text);
	return decimal !== null && rescale(decimal, ATOM_DECIMALS) === null ? TOO_PRECISE : filterFailure(filter);
}
