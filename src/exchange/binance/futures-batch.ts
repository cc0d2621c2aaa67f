/**
 * Several orders in one request. Its items stand or fall alone and are answered in their order, each by its order or by
 * its code. Orders to place and to modify may be of several symbols, those to cancel are of one.
 */

import type { FuturesCaller, OrderScene } from './futures-order-params.ts';
import { cancelOrder, modifyOrder, placeOrder } from './futures-orders.ts';
import { BATCH_SIZE_WRONG, TOO_MANY_CANCELS } from './futures-refusals.ts';
import { type Json, parseAsWritten } from './numbers.ts';
import { Params } from './params.ts';
import { invalidParameter, missing, Refusal, refusalBody } from './refusal.ts';

const ORDERS_MAX = 5;
const CANCELS_MAX = 10;

type Deed = (scene: OrderScene, given: Params) => Json | Refusal;

export function placeBatch(caller: FuturesCaller, given: Params): Json | Refusal {
	return batch(caller, given, placeOrder);
}

export function modifyBatch(caller: FuturesCaller, given: Params): Json | Refusal {
	return batch(caller, given, modifyOrder);
}

/** Names in any spelling of small and large letters, and ids as numbers or as texts: clients send all of these. */
export function cancelBatch(caller: FuturesCaller, given: Params): Json | Refusal {
	const symbol = given.symbol(caller.venue, 'futures');
	if (symbol instanceof Refusal) return symbol;
	const orderIds = readIds(given, 'orderIdList');
	if (orderIds instanceof Refusal) return orderIds;
	const clientIds = readIds(given, 'origClientOrderIdList');
	if (clientIds instanceof Refusal) return clientIds;
	const name = orderIds === undefined ? 'origClientOrderId' : 'orderId';
	const ids = orderIds ?? clientIds;
	if (ids === undefined) return missing('orderIdList');
	if (ids.length === 0) return invalidParameter('orderIdList');
	if (ids.length > CANCELS_MAX) return TOO_MANY_CANCELS;
	const scene = { ...caller, symbol };
	return ids.map((id) => itemAnswer(cancelOrder(scene, new Params(new Map([[name, id]])))));
}

function batch(caller: FuturesCaller, given: Params, deed: Deed): Json | Refusal {
	const items = readItems(given);
	if (items instanceof Refusal) return items;
	return items.map((item) => itemAnswer(runItem(caller, item, deed)));
}

function readItems(given: Params): readonly unknown[] | Refusal {
	const text = given.mustText('batchOrders');
	if (text instanceof Refusal) return text;
	const items = parseAsWritten(text);
	if (!Array.isArray(items)) return invalidParameter('batchOrders');
	return items.length === 0 || items.length > ORDERS_MAX ? BATCH_SIZE_WRONG : items;
}

function runItem(caller: FuturesCaller, item: unknown, deed: Deed): Json | Refusal {
	const given = Params.ofJson(item);
	if (given === undefined) return invalidParameter('batchOrders');
	const symbol = given.symbol(caller.venue, 'futures');
	return symbol instanceof Refusal ? symbol : deed({ ...caller, symbol }, given);
}

function readIds(given: Params, name: string): readonly string[] | undefined | Refusal {
	const text = given.rawAnyCase(name);
	if (text === undefined) return undefined;
	const ids = parseAsWritten(text);
	const isList = Array.isArray(ids) && ids.every((id): id is string => typeof id === 'string');
	return isList ? ids : invalidParameter(name);
}

function itemAnswer(result: Json | Refusal): Json {
	return result instanceof Refusal ? refusalBody(result) : result;
}
