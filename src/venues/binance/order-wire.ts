/**
 * HOT: commands in the words of each market, the same for REST and for the WS API. Prices and quantities are whole ticks and
 * lots printed exactly (I13); ids are ours and need no escaping. Budget: bench/app/tick.
 */
import { assert } from '../../domain/assert.ts';
import type { AmendCommand, Command, PlaceCommand, Verb } from '../../domain/command.ts';
import { printPrice, printQty } from '../../domain/instrument.ts';
import type { TimeInForce } from '../../domain/order.ts';
import { parseOrderId } from '../../domain/order-id.ts';
import type { Side } from '../../domain/side.ts';
import type { Asking, CallForm } from '../wire/order-routes.ts';
import type { Market } from './codec/frames.ts';
import type { RestCall } from './rest.ts';

export interface OrderRequest {
	readonly httpMethod: RestCall['method'];
	readonly path: string;
	/** On the WS API; batches have none. */
	readonly apiMethod: string | undefined;
	readonly params: Readonly<Record<string, string>>;
	/** Of a call that succeeds: what fails weighs a little, and the answer tells. */
	readonly weight: number;
}

type Endpoint = Omit<OrderRequest, 'params'>;

const FUTURES_PATHS: Record<CallForm, string> = { single: '/fapi/v1/order', batch: '/fapi/v1/batchOrders' };

/** Spot has no batches, and changes an order in too few ways to be of use (capabilities.ts). */
const SPOT: Partial<Record<Verb, Endpoint>> = {
	place: { httpMethod: 'POST', path: '/api/v3/order', apiMethod: 'order.place', weight: 0 },
	cancel: { httpMethod: 'DELETE', path: '/api/v3/order', apiMethod: 'order.cancel', weight: 0 },
};

const FUTURES: Record<Verb, Record<CallForm, Endpoint>> = {
	place: {
		single: { httpMethod: 'POST', path: FUTURES_PATHS.single, apiMethod: 'order.place', weight: 0 },
		batch: { httpMethod: 'POST', path: FUTURES_PATHS.batch, apiMethod: undefined, weight: 5 },
	},
	amend: {
		single: { httpMethod: 'PUT', path: FUTURES_PATHS.single, apiMethod: 'order.modify', weight: 0 },
		batch: { httpMethod: 'PUT', path: FUTURES_PATHS.batch, apiMethod: undefined, weight: 5 },
	},
	cancel: {
		single: { httpMethod: 'DELETE', path: FUTURES_PATHS.single, apiMethod: 'order.cancel', weight: 1 },
		batch: { httpMethod: 'DELETE', path: FUTURES_PATHS.batch, apiMethod: undefined, weight: 1 },
	},
};

const TIMES_IN_FORCE: Record<Market, Readonly<Record<TimeInForce, string>>> = {
	// Spot has an order type for what futures have a time in force for.
	spot: { gtc: 'GTC', postOnly: '', ioc: 'IOC', fok: 'FOK' },
	linear: { gtc: 'GTC', postOnly: 'GTX', ioc: 'IOC', fok: 'FOK' },
};
/** Of two orders of ours that meet, the resting one goes (F34). Always said: the markets' own default is told in two ways. */
const SELF_TRADE = 'EXPIRE_MAKER';
/** What becomes of the order, the stream of the account tells. */
const SHORT_ANSWER = 'ACK';

const CLIENT_ID = /^[A-Za-z0-9_-]{1,36}$/;

export function encode(market: Market, { verb, commands }: Asking, form: CallForm): OrderRequest {
	const endpoint = market === 'spot' ? SPOT[verb] : FUTURES[verb][form];
	assert(endpoint !== undefined, `${market} orders are placed and cancelled, never changed`);
	return { ...endpoint, params: form === 'batch' ? batchParams(verb, commands) : singleParams(market, commands) };
}

function singleParams(market: Market, [command]: readonly Command[]): Readonly<Record<string, string>> {
	assert(command !== undefined, 'a single call carries one command');
	return fieldsOf(market, command);
}

/** Of futures, all of one verb; cancels are of one symbol. */
function batchParams(verb: Verb, commands: readonly Command[]): Readonly<Record<string, string>> {
	if (verb !== 'cancel') return { batchOrders: JSON.stringify(commands.map((command) => fieldsOf('linear', command))) };
	const symbol = commands[0]?.instrument.symbol ?? '';
	const ids: string[] = [];
	for (const { instrument, orderId } of commands) {
		assert(instrument.symbol === symbol, 'cancels that travel together are of one symbol');
		ids.push(checkedId(orderId));
	}
	return { symbol, origClientOrderIdList: JSON.stringify(ids) };
}

function fieldsOf(market: Market, command: Command): Readonly<Record<string, string>> {
	const { symbol } = command.instrument;
	const orderId = checkedId(command.orderId);
	switch (command.kind) {
		case 'place':
			return market === 'spot' ? spotPlace(command) : futuresPlace(command);
		case 'amend':
			return { symbol, side: wireSide(sideOf(command)), ...sizeOf(command), origClientOrderId: orderId };
		case 'cancel':
			return { symbol, origClientOrderId: orderId };
	}
}

function spotPlace(command: PlaceCommand): Readonly<Record<string, string>> {
	const isPostOnly = command.orderType === 'limit' && command.timeInForce === 'postOnly';
	return { ...headOf(command), type: isPostOnly ? 'LIMIT_MAKER' : typeOf(command), ...sizeAndTime('spot', command) };
}

function futuresPlace(command: PlaceCommand): Readonly<Record<string, string>> {
	const fields = { ...headOf(command), type: typeOf(command), ...sizeAndTime('linear', command) };
	return command.reduceOnly ? { ...fields, reduceOnly: 'true' } : fields;
}

function headOf({ instrument, side, orderId }: PlaceCommand): Readonly<Record<string, string>> {
	return {
		symbol: instrument.symbol,
		side: wireSide(side),
		newClientOrderId: orderId,
		newOrderRespType: SHORT_ANSWER,
		selfTradePreventionMode: SELF_TRADE,
	};
}

function typeOf({ orderType }: PlaceCommand): string {
	return orderType === 'market' ? 'MARKET' : 'LIMIT';
}

/** A market order has neither a price nor a time, and a post-only order on spot no time: the venue refuses them there. */
function sizeAndTime(market: Market, command: PlaceCommand): Readonly<Record<string, string>> {
	const { orderType, timeInForce, instrument, qtyLots } = command;
	if (orderType === 'market') return { quantity: printQty(instrument, qtyLots) };
	const time = TIMES_IN_FORCE[market][timeInForce];
	return time === '' ? sizeOf(command) : { timeInForce: time, ...sizeOf(command) };
}

/** Of a change both too, although one may be what it was: futures want it so. */
function sizeOf({ instrument, qtyLots, priceTicks }: PlaceCommand | AmendCommand): { quantity: string; price: string } {
	return { quantity: printQty(instrument, qtyLots), price: printPrice(instrument, priceTicks) };
}

function wireSide(side: Side): string {
	return side === 'buy' ? 'BUY' : 'SELL';
}

/** Futures want the side of what is changed, and all orders of ours bear it in their id. */
function sideOf({ orderId }: AmendCommand): Side {
	const side = parseOrderId(orderId)?.side;
	assert(side !== undefined, 'an order of ours bears its side in its id');
	return side;
}

function checkedId(orderId: string): string {
	// Not by `assert`, whose message would be made for each order.
	if (!CLIENT_ID.test(orderId)) throw new Error(`invariant broken: an order id is 1 to 36 of A-Z a-z 0-9 _ -, found ${orderId}`);
	return orderId;
}
