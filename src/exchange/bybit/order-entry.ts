/**
 * The signed operations of order entry, for REST and for the trade socket. Each answer only says that the request was
 * taken in; what becomes of the order is told by the streams. An operation refused leaves no trace in the exchange, and
 * the items of a batch stand or fall alone.
 */
import type { OrderSide } from '../core/book.ts';
import type { RefusalReason } from '../core/requests.ts';
import { mayTrade, NOT_PERMITTED } from './auth.ts';
import { CODE_OK, type Deed, outsideSpotBand, params, Refusal, refusalFor, TOO_MANY_VISITS } from './codes.ts';
import { shownOrderId } from './ids.ts';
import type { Answer, OrderOperation, RunOperation } from './operations.ts';
import { type OrderScene, readChange, readOrder, readOrderFilter, readOrderName } from './order-params.ts';
import { type AnyCategory, checkSelection, findSymbol, Params, selectSymbols } from './params.ts';
import type { BybitKey, BybitSymbol, BybitVenue } from './venue.ts';

interface Caller {
	readonly venue: BybitVenue;
	readonly key: BybitKey;
	readonly nowMs: number;
}

interface OrderIds {
	readonly orderId: string;
	readonly orderLinkId: string;
}

type SingleOperation = (scene: OrderScene, given: Params) => OrderIds | Refusal;

const ITEMS_MAX = { spot: 10, linear: 20, inverse: 20, option: 20 } as const;
/** Orders that one cancel-all takes out at most. */
const CANCELS_MAX = 500;

export const runOperation: RunOperation = (venue, operation, { key, body, nowMs }) =>
	runUpTo(Number.POSITIVE_INFINITY, { venue, key, nowMs }, operation, body);

/** The same with a batch cut off by its rate limit: items beyond the first `itemsMax` answer that they came too fast. */
export function runUpTo(itemsMax: number, caller: Caller, operation: OrderOperation, body: unknown): Answer {
	const given = Params.ofJson(body);
	if (given === undefined) return refusedAnswer(params('the body must be a JSON object'));
	const category = given.category();
	if (category instanceof Refusal) return refusedAnswer(category);
	if (!mayTrade(caller.key, category)) return refusedAnswer(NOT_PERMITTED);
	switch (operation) {
		case 'order.create':
			return single(placeOne, caller, category, given);
		case 'order.amend':
			return single(amendOne, caller, category, given);
		case 'order.cancel':
			return single(cancelOne, caller, category, given);
		case 'order.cancel-all':
			return cancelAll(caller, category, given);
		case 'order.create-batch':
			return caller.venue.inBatch(() => batch({ run: placeOne, creates: true }, caller, { category, given, itemsMax }));
		case 'order.amend-batch':
			return caller.venue.inBatch(() => batch({ run: amendOne, creates: false }, caller, { category, given, itemsMax }));
		case 'order.cancel-batch':
			return caller.venue.inBatch(() => batch({ run: cancelOne, creates: false }, caller, { category, given, itemsMax }));
	}
}

/** How many orders a request asks for: what it costs of its rate limit. Options count by the request. */
export function countItems(operation: OrderOperation, body: unknown): number {
	if (!operation.endsWith('-batch')) return 1;
	const given = Params.ofJson(body);
	const items = given?.raw('request');
	const category = given?.category();
	if (!Array.isArray(items) || typeof category !== 'string' || category === 'option') return 1;
	return Math.min(Math.max(1, items.length), ITEMS_MAX[category]);
}

export function refusedAnswer({ retCode, retMsg }: Refusal): Answer {
	return { retCode, retMsg, result: {}, retExtInfo: {} };
}

function ok(result: unknown, retExtInfo: unknown = {}): Answer {
	return { retCode: CODE_OK, retMsg: 'OK', result, retExtInfo };
}

// ---- one order ----

function single(run: SingleOperation, caller: Caller, category: AnyCategory, given: Params): Answer {
	const symbol = findSymbol(caller.venue, category, given);
	if (symbol instanceof Refusal) return refusedAnswer(symbol);
	const result = run({ ...caller, symbol }, given);
	return result instanceof Refusal ? refusedAnswer(result) : ok(result);
}

function placeOne(scene: OrderScene, given: Params): OrderIds | Refusal {
	const request = readOrder(scene, given);
	if (request instanceof Refusal) return request;
	const placed = scene.venue.exchange.place(request, scene.nowMs);
	if (placed.kind === 'accepted') return idsOf(scene.symbol, placed.order);
	return refusalAt(scene, placed.reason, request.side, request.side === 'buy' ? 'create-buy' : 'create-sell');
}

function amendOne(scene: OrderScene, given: Params): OrderIds | Refusal {
	const { venue, key, symbol, nowMs } = scene;
	const order = readOrderName(given);
	if (order instanceof Refusal) return order;
	const standing = venue.exchange.order(key.accountId, order);
	const change = readChange(scene, given, standing);
	if (change instanceof Refusal) return change;
	const amended = venue.exchange.amend({ accountId: key.accountId, symbol: symbol.exchangeKey, order, ...change }, nowMs);
	if (amended.kind === 'accepted') return idsOf(symbol, amended.order);
	const side = standing?.side ?? 'buy';
	return refusalAt(scene, amended.reason, side, side === 'sell' ? 'amend-sell' : 'amend-buy');
}

/** On spot the refusal of a price names the price that would do. */
function refusalAt({ venue, symbol }: OrderScene, reason: RefusalReason, side: OrderSide, deed: Deed): Refusal {
	if (reason !== 'price-outside-band' || symbol.category !== 'spot') return refusalFor(symbol.category, reason, deed);
	const listing = venue.listing(symbol);
	const edgeTicks = listing.limitTicks(side, venue.exchange.ticker(symbol.exchangeKey)?.markTicks ?? 0);
	return outsideSpotBand(side, `${listing.price.format(edgeTicks)}${listing.spec.quoteCoin}`);
}

function cancelOne({ venue, key, symbol, nowMs }: OrderScene, given: Params): OrderIds | Refusal {
	const order = readOrderName(given);
	if (order instanceof Refusal) return order;
	const filter = readOrderFilter(given, symbol.category);
	if (filter instanceof Refusal) return filter;
	if (filter === 'conditional') return refusalFor(symbol.category, 'order-not-found', 'cancel');
	const cancelled = venue.exchange.cancel({ accountId: key.accountId, symbol: symbol.exchangeKey, order }, nowMs);
	if (cancelled.kind === 'accepted') return idsOf(symbol, cancelled.order);
	return refusalFor(symbol.category, cancelled.reason, 'cancel');
}

// ---- many orders ----

function cancelAll({ venue, key, nowMs }: Caller, category: AnyCategory, given: Params): Answer {
	const missing = category === 'linear' || category === 'inverse' ? checkSelection(given) : null;
	if (missing !== null) return refusedAnswer(missing);
	const symbols = selectSymbols(venue, category, given);
	if (symbols instanceof Refusal) return refusedAnswer(symbols);
	const filter = readOrderFilter(given, category);
	if (filter instanceof Refusal) return refusedAnswer(filter);
	const list: OrderIds[] = [];
	if (filter === 'conditional') return ok({ list, success: '1' });
	for (const symbol of symbols) {
		for (const { orderId } of venue.exchange.openOrders(key.accountId, symbol.exchangeKey)) {
			if (list.length >= CANCELS_MAX) break;
			const request = { accountId: key.accountId, symbol: symbol.exchangeKey, order: { orderId } };
			const cancelled = venue.exchange.cancel(request, nowMs);
			if (cancelled.kind === 'accepted') list.push(idsOf(symbol, cancelled.order));
		}
	}
	return ok({ list, success: '1' });
}

function batch(
	operation: { readonly run: SingleOperation; readonly creates: boolean },
	caller: Caller,
	{ category, given, itemsMax }: { readonly category: AnyCategory; readonly given: Params; readonly itemsMax: number },
): Answer {
	const items: unknown = given.raw('request');
	if (!Array.isArray(items) || items.length === 0) return refusedAnswer(params('request must be a list of orders'));
	const most = ITEMS_MAX[category];
	if (items.length > most) return refusedAnswer(params(`at most ${most} orders in a request`));
	const list: unknown[] = [];
	const codes: unknown[] = [];
	for (const [index, item] of items.entries()) {
		const result = index < itemsMax ? runItem(operation.run, caller, category, item) : TOO_MANY_VISITS;
		const failed = result instanceof Refusal;
		codes.push(failed ? { code: result.retCode, msg: result.retMsg } : { code: CODE_OK, msg: 'OK' });
		const ids = failed ? idsSent(item, operation.creates) : result;
		const createAt = operation.creates ? { createAt: failed ? '' : String(caller.nowMs) } : {};
		list.push({ category, symbol: textOf(item, 'symbol'), ...ids, ...createAt });
	}
	return ok({ list }, { list: codes });
}

function runItem(run: SingleOperation, caller: Caller, category: AnyCategory, item: unknown): OrderIds | Refusal {
	const given = Params.ofJson(item);
	if (given === undefined) return params('an order must be a JSON object');
	const symbol = findSymbol(caller.venue, category, given);
	return symbol instanceof Refusal ? symbol : run({ ...caller, symbol }, given);
}

/** A failed item names only what the client named: a new order has no id yet. */
function idsSent(item: unknown, creates: boolean): OrderIds {
	const orderId = creates ? '' : textOf(item, 'orderId');
	return { orderId, orderLinkId: orderId === '' ? textOf(item, 'orderLinkId') : '' };
}

function textOf(item: unknown, name: string): string {
	const value = Params.ofJson(item)?.raw(name);
	return typeof value === 'string' ? value : '';
}

function idsOf(symbol: BybitSymbol, order: { readonly orderId: string; readonly clientOrderId: string }): OrderIds {
	return { orderId: shownOrderId(symbol, order.orderId), orderLinkId: order.clientOrderId };
}
