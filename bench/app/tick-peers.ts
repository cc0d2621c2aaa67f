/**
 * Other people's clients at the same work, as their documents say and without their rate limiters. Neither makes batches
 * by itself: `bybit-api` gets batches over many symbols that are made by hand, `ccxt` one batch a symbol and verb, as its
 * calls are shaped.
 */
import { importPeer } from '../peers.ts';
import type { BenchBox } from './tick-box.ts';
import type { Taken } from './tick-ours.ts';
import { BATCH_MAX, inBatches, type Kind, type Standing, WorkSheet, type WorkSymbol } from './tick-work.ts';

export interface PeerClient extends AsyncDisposable {
	tick(kind: Kind): Promise<Taken>;
}

/** Each call answers with how many of its orders were accepted. */
type Calls = readonly (() => Promise<number>)[];

function clientOf(sheet: WorkSheet, callsOf: (kind: Kind, step: ReturnType<WorkSheet['next']>) => Calls): PeerClient['tick'] {
	return async (kind) => {
		const step = sheet.next(kind);
		const startMs = performance.now();
		const calls = callsOf(kind, step);
		const accepted = (await Promise.all(calls.map((call) => call()))).reduce((sum, count) => sum + count, 0);
		return { ms: performance.now() - startMs, calls: calls.length, accepted };
	};
}

// ---- bybit-api ----

type Row = Readonly<Record<string, string | number>>;

interface BatchTaken {
	readonly retExtInfo: { readonly list: readonly { readonly code: number }[] };
}

interface RestClient {
	batchSubmitOrders(category: 'linear', orders: readonly Row[]): Promise<BatchTaken>;
	batchAmendOrders(category: 'linear', orders: readonly Row[]): Promise<BatchTaken>;
	batchCancelOrders(category: 'linear', orders: readonly Row[]): Promise<BatchTaken>;
	submitOrder(order: Row): Promise<{ readonly retCode: number }>;
	cancelOrder(order: Row): Promise<{ readonly retCode: number }>;
	amendOrder(order: Row): Promise<{ readonly retCode: number }>;
}

interface SocketClient {
	batchSubmitOrders(category: 'linear', orders: readonly Row[]): Promise<BatchTaken>;
	batchAmendOrder(category: 'linear', orders: readonly Row[]): Promise<BatchTaken>;
	batchCancelOrder(category: 'linear', orders: readonly Row[]): Promise<BatchTaken>;
	getWSClient(): { closeAll(force: boolean): void };
}

interface BybitApi {
	readonly RestClientV5: new (options: object) => RestClient;
	readonly WebsocketAPIClient: new (options: object, logger: object) => SocketClient;
}

const QUIET = { trace: () => {}, info: () => {}, error: () => {} };

export async function bybitApiRest(box: BenchBox, work: readonly WorkSymbol[]): Promise<PeerClient> {
	const client = await restClient(box);
	const tick = batchTick(new WorkSheet(work, 'api-rest-'), {
		place: (rows) => client.batchSubmitOrders('linear', rows),
		amend: (rows) => client.batchAmendOrders('linear', rows),
		cancel: (rows) => client.batchCancelOrders('linear', rows),
	});
	return { tick, [Symbol.asyncDispose]: async () => {} };
}

/** What people write first: a call for each order, all at once. */
export async function bybitApiSingles(box: BenchBox, work: readonly WorkSymbol[]): Promise<PeerClient> {
	const client = await restClient(box);
	const taken = async (answer: Promise<{ readonly retCode: number }>): Promise<number> => ((await answer).retCode === 0 ? 1 : 0);
	const inLinear = (row: Row): Row => ({ category: 'linear', ...row });
	const tick = clientOf(new WorkSheet(work, 'api-one-'), (kind, { gone, come }) =>
		kind === 'requote'
			? come.map((order) => () => taken(client.amendOrder(inLinear(amendRow(order)))))
			: [
					...gone.map((order) => () => taken(client.cancelOrder(inLinear(cancelRow(order))))),
					...come.map((order) => () => taken(client.submitOrder(inLinear(placeRow(order))))),
				],
	);
	return { tick, [Symbol.asyncDispose]: async () => {} };
}

export async function bybitApiSocket(box: BenchBox, work: readonly WorkSymbol[]): Promise<PeerClient> {
	const { WebsocketAPIClient } = await importPeer<BybitApi>('bybit-api');
	const { apiKey: key, apiSecret: secret } = box.account('others');
	const options = { wsUrl: box.listening.bybit.trade, key, secret, attachEventListeners: false };
	const client = new WebsocketAPIClient(options, QUIET);
	const tick = batchTick(new WorkSheet(work, 'api-ws-'), {
		place: (rows) => client.batchSubmitOrders('linear', rows),
		amend: (rows) => client.batchAmendOrder('linear', rows),
		cancel: (rows) => client.batchCancelOrder('linear', rows),
	});
	return { tick, [Symbol.asyncDispose]: async () => client.getWSClient().closeAll(true) };
}

async function restClient(box: BenchBox): Promise<RestClient> {
	const { RestClientV5 } = await importPeer<BybitApi>('bybit-api');
	const { apiKey: key, apiSecret: secret } = box.account('others');
	return new RestClientV5({ baseUrl: box.listening.bybit.rest, key, secret });
}

interface BatchVerbs {
	place(rows: readonly Row[]): Promise<BatchTaken>;
	amend(rows: readonly Row[]): Promise<BatchTaken>;
	cancel(rows: readonly Row[]): Promise<BatchTaken>;
}

function batchTick(sheet: WorkSheet, verbs: BatchVerbs): PeerClient['tick'] {
	const calls = (orders: readonly Standing[], rowOf: (order: Standing) => Row, call: BatchVerbs['place']): Calls =>
		inBatches(orders, BATCH_MAX).map((batch) => async () => {
			const { retExtInfo } = await call(batch.map(rowOf));
			return retExtInfo.list.filter(({ code }) => code === 0).length;
		});
	return clientOf(sheet, (kind, { gone, come }) =>
		kind === 'requote'
			? calls(come, amendRow, verbs.amend)
			: [...calls(gone, cancelRow, verbs.cancel), ...calls(come, placeRow, verbs.place)],
	);
}

function placeRow({ symbol: { symbol }, id: orderLinkId, quote: { side, price, qty } }: Standing): Row {
	const order = { side: side === 'buy' ? 'Buy' : 'Sell', orderType: 'Limit', timeInForce: 'PostOnly', positionIdx: 0 };
	return { symbol, ...order, orderLinkId, qty, price };
}

function amendRow({ symbol: { symbol }, id: orderLinkId, quote: { price, qty } }: Standing): Row {
	return { symbol, orderLinkId, qty, price };
}

function cancelRow({ symbol: { symbol }, id: orderLinkId }: Standing): Row {
	return { symbol, orderLinkId };
}

// ---- ccxt ----

interface CcxtOrder {
	readonly id?: string;
}

interface CcxtBybit {
	readonly urls: { api: object };
	setMarkets(markets: readonly object[]): void;
	createOrders(orders: readonly object[]): Promise<readonly CcxtOrder[]>;
	editOrders(orders: readonly object[]): Promise<readonly CcxtOrder[]>;
	cancelOrders(ids: readonly string[], symbol: string, params: object): Promise<readonly CcxtOrder[]>;
	close(): Promise<unknown>;
}

interface Ccxt {
	readonly default: { readonly bybit: new (options: object) => CcxtBybit };
}

/** Knows its markets and the kind of account beforehand, so that it asks for neither. */
export async function ccxt(box: BenchBox, work: readonly WorkSymbol[]): Promise<PeerClient> {
	const { bybit } = (await importPeer<Ccxt>('ccxt')).default;
	const { apiKey, apiSecret: secret } = box.account('others');
	const options = { enableUnifiedMargin: false, enableUnifiedAccount: true };
	const client = new bybit({ apiKey, secret, enableRateLimit: false, options });
	const { rest } = box.listening.bybit;
	client.urls.api = { public: rest, private: rest };
	client.setMarkets(work.map(marketOf));
	const countOf = (orders: readonly CcxtOrder[]): number => orders.filter(({ id }) => id !== undefined && id !== '').length;
	const bySymbol = (orders: readonly Standing[]) => work.map((each) => orders.filter(({ symbol }) => symbol === each));
	const tick = clientOf(new WorkSheet(work, 'ccxt-'), (kind, { gone, come }) => {
		if (kind === 'requote') {
			return bySymbol(come).map((orders) => async () => countOf(await client.editOrders(orders.map(ccxtOrder))));
		}
		const cancels = bySymbol(gone).filter((orders) => orders.length > 0);
		return [
			...cancels.map((orders) => async () => {
				const clientOrderIds = orders.map(({ id }) => id);
				return countOf(await client.cancelOrders([], swapOf(orders[0]?.symbol.symbol ?? ''), { clientOrderIds }));
			}),
			...bySymbol(come).map((orders) => async () => countOf(await client.createOrders(orders.map(ccxtOrder)))),
		];
	});
	return { tick, [Symbol.asyncDispose]: async () => void (await client.close()) };
}

function ccxtOrder({ symbol: { symbol }, id, quote: { side, price, qty } }: Standing): object {
	const params = { clientOrderId: id, orderLinkId: id, postOnly: true, positionIdx: 0 };
	return { symbol: swapOf(symbol), type: 'limit', side, amount: Number(qty), price: Number(price), params };
}

const QUOTE = 'USDT';

function swapOf(symbol: string): string {
	return `${symbol.slice(0, -QUOTE.length)}/${QUOTE}:${QUOTE}`;
}

function marketOf({ symbol: id, tickSize, lotSize }: WorkSymbol): object {
	const base = id.slice(0, -QUOTE.length);
	return {
		...{ id, symbol: swapOf(id), base, quote: QUOTE, settle: QUOTE, baseId: base, quoteId: QUOTE, settleId: QUOTE },
		...{ type: 'swap', spot: false, margin: false, swap: true, future: false, option: false, active: true, contract: true },
		...{ linear: true, inverse: false, taker: 0.00055, maker: 0.0002, contractSize: 1, expiry: undefined, strike: undefined },
		precision: { amount: Number(lotSize), price: Number(tickSize) },
		limits: { leverage: { min: 1, max: 50 }, amount: { min: 0.01, max: 1e5 }, price: { min: 0.001, max: 1e6 }, cost: {} },
		info: {},
	};
}
