/**
 * Who takes part in the call benchmark. Each sends the same orders to the same server and says how many were accepted;
 * ours through the whole gateway with its checks, the bare ones with as little as does the same job, other people's
 * clients as their documents say, without their rate limiters.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { Pool } from 'undici';
import { WebSocket } from 'ws';
import type { PlaceCommand } from '../../../src/domain/command.ts';
import type { EngineEvent } from '../../../src/domain/event.ts';
import type { OrderId } from '../../../src/domain/order-id.ts';
import { lots, ticks } from '../../../src/domain/units.ts';
import { RECONNECT_POLICY } from '../../../src/network/reconnect.ts';
import { systemClock } from '../../../src/network/system-clock.ts';
import { systemRng } from '../../../src/network/system-rng.ts';
import { systemTransport } from '../../../src/network/system-transport.ts';
import { NO_METER } from '../../../src/ports/meter.ts';
import { bybitCapabilities } from '../../../src/venues/bybit/capabilities.ts';
import { BybitGateway, GATEWAY_OPTIONS } from '../../../src/venues/bybit/gateway.ts';
import { BybitRest } from '../../../src/venues/bybit/rest.ts';
import { Credentials } from '../../../src/venues/bybit/sign.ts';
import { TradeSocket } from '../../../src/venues/bybit/trade-socket.ts';
import { VenueClock } from '../../../src/venues/wire/venue-clock.ts';
import { BTCUSDT } from '../../../test/fixtures/instruments.ts';
import { importPeer } from '../../peers.ts';
import { ORDER_IDS, SYMBOL } from './calls-answers.ts';

export interface Contestant extends AsyncDisposable {
	/** All orders in one call, or the first alone; how many were accepted. */
	placeBatch(): Promise<number>;
	placeOne(): Promise<number>;
}

const KEY = 'KEY';
const SECRET = 'SECRET';
const PRICE = '64990.0';
const QTY = '0.010';

// ---- ours ----

export async function ours(port: number, orderEntry: 'ws' | 'rest'): Promise<Contestant> {
	const clock = systemClock();
	const rng = systemRng();
	const transport = systemTransport({ clock, isAllowed: () => true });
	let told: ((accepted: number) => void) | undefined;
	let isUp: (() => void) | undefined;
	const sink = (event: EngineEvent): void => {
		if (event.kind === 'answer') told?.(event.items.filter(({ outcome }) => outcome.kind === 'accepted').length);
		else if (event.kind === 'stream') isUp?.();
	};
	const venueClock = new VenueClock({ venue: 'bybit', clock, sink });
	const credentials = new Credentials(KEY, SECRET);
	const rest = new BybitRest({
		...{ transport, clock, rng, venueClock, credentials },
		venue: 'bybit',
		meter: NO_METER,
		origin: `http://127.0.0.1:${port}`,
	});
	const { recvWindowMs } = rest;
	const basics = { transport, clock, rng, policy: RECONNECT_POLICY };
	const url = `ws://127.0.0.1:${port}/v5/trade`;
	const socket = new TradeSocket({
		...basics,
		venue: 'bybit',
		url,
		credentials,
		venueClock,
		recvWindowMs,
		timeoutMs: 1_000,
		sink,
	});
	if (orderEntry === 'ws') {
		await new Promise<void>((resolve) => {
			isUp = resolve;
			socket.start();
		});
		isUp = undefined;
	}
	const gateway = new BybitGateway({
		capabilities: bybitCapabilities('bybit', 'box'),
		rest,
		socket,
		venueClock,
		clock,
		sink,
		lookUp: () => {},
		takeCensus: () => {},
		meter: NO_METER,
		filtersRefused: () => {},
		options: { ...GATEWAY_OPTIONS, orderEntry },
	});
	const all = ORDER_IDS.map(placeCommand);
	const send = (commands: readonly PlaceCommand[]): Promise<number> =>
		new Promise((resolve) => {
			told = resolve;
			gateway.send({ batchId: 1, venue: 'bybit', category: 'linear', verb: 'place', commands, symbolOnly: undefined });
		});
	return {
		placeBatch: () => send(all),
		placeOne: () => send(all.slice(0, 1)),
		[Symbol.asyncDispose]: async () => {
			socket.stop();
			await transport[Symbol.asyncDispose]();
		},
	};
}

function placeCommand(orderId: string): PlaceCommand {
	return {
		kind: 'place',
		instrument: BTCUSDT,
		quoter: 0,
		slot: 0,
		side: 'buy',
		orderType: 'limit',
		timeInForce: 'postOnly',
		reduceOnly: false,
		priceTicks: ticks(649_900),
		qtyLots: lots(10),
		orderId: orderId as OrderId,
	} as PlaceCommand;
}

// ---- as little as does the same job ----

/** undici's pool: builds, signs, sends, parses. */
export function bareHttp(port: number): Contestant {
	const key = createSecretKey(SECRET, 'utf8');
	return pooled(port, () => signedBatch(key), countTaken);
}

/** A pooled request of the same bytes, and nothing else: neither built nor signed nor read. */
export function rawHttp(port: number): Contestant {
	const prepared = signedBatch(createSecretKey(SECRET, 'utf8'));
	return pooled(
		port,
		() => prepared,
		() => ORDER_IDS.length,
	);
}

interface Prepared {
	readonly headers: string[];
	readonly body: string;
}

function signedBatch(key: KeyObject): Prepared {
	const body = JSON.stringify({ category: 'linear', request: ORDER_IDS.map(plainOrder) });
	const stamp = String(Date.now());
	const signature = createHmac('sha256', key).update(`${stamp}${KEY}5000${body}`).digest('hex');
	const headers = [
		...['x-bapi-api-key', KEY, 'x-bapi-timestamp', stamp, 'x-bapi-recv-window', '5000', 'x-bapi-sign', signature],
		...['content-type', 'application/json'],
	];
	return { headers, body };
}

function pooled(port: number, make: () => Prepared, read: (chunks: readonly Buffer[]) => number): Contestant {
	const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1 });
	return {
		placeBatch: () =>
			new Promise((resolve, reject) => {
				const chunks: Buffer[] = [];
				pool.dispatch(
					{ method: 'POST', path: '/v5/order/create-batch', ...make() },
					{
						onRequestStart: () => {},
						onResponseStart: () => {},
						onResponseData: (_controller, chunk) => void chunks.push(chunk),
						onResponseEnd: () => resolve(read(chunks)),
						onResponseError: (_controller, error) => reject(error),
					},
				);
			}),
		placeOne: nothing,
		[Symbol.asyncDispose]: () => pool.destroy(),
	};
}

/** A message there and one back, of the size of an order and its answer; neither is built nor read. */
export async function bareEcho(port: number): Promise<Contestant> {
	const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`, { perMessageDeflate: false });
	await new Promise((resolve) => socket.once('open', resolve));
	const message = JSON.stringify({
		reqId: '1',
		header: { 'X-BAPI-TIMESTAMP': '1', 'X-BAPI-RECV-WINDOW': '5000' },
		args: [plainOrder('')],
	});
	let heard: ((accepted: number) => void) | undefined;
	socket.on('message', () => heard?.(1));
	return {
		placeBatch: nothing,
		placeOne: () =>
			new Promise((resolve) => {
				heard = resolve;
				socket.send(message);
			}),
		[Symbol.asyncDispose]: async () => socket.terminate(),
	};
}

function plainOrder(orderLinkId: string) {
	return {
		symbol: SYMBOL,
		side: 'Buy' as const,
		orderType: 'Limit' as const,
		qty: QTY,
		price: PRICE,
		timeInForce: 'PostOnly' as const,
		orderLinkId,
		positionIdx: 0 as const,
		reduceOnly: false,
		smpType: 'CancelMaker' as const,
	};
}

function countTaken(chunks: readonly Buffer[]): number {
	const { retExtInfo } = JSON.parse(Buffer.concat(chunks).toString()) as {
		readonly retExtInfo: { readonly list: readonly { readonly code: number }[] };
	};
	return retExtInfo.list.filter(({ code }) => code === 0).length;
}

// ---- other people's ----

type PlainOrder = ReturnType<typeof plainOrder>;

interface BatchTaken {
	readonly retExtInfo: { readonly list: readonly { readonly code: number }[] };
}

interface BybitApi {
	readonly RestClientV5: new (
		options: object,
	) => {
		batchSubmitOrders(category: 'linear', orders: readonly PlainOrder[]): Promise<BatchTaken>;
	};
	readonly WebsocketAPIClient: new (
		options: object,
		logger: object,
	) => {
		submitNewOrder(order: PlainOrder & { readonly category: 'linear' }): Promise<{ readonly retCode: number }>;
		batchSubmitOrders(category: 'linear', orders: readonly PlainOrder[]): Promise<BatchTaken>;
		getWSClient(): { closeAll(force: boolean): void };
	};
}

const quiet = { trace: () => {}, info: () => {}, error: () => {} };

export async function bybitApiRest(port: number): Promise<Contestant> {
	const { RestClientV5 } = await importPeer<BybitApi>('bybit-api');
	const client = new RestClientV5({ baseUrl: `http://127.0.0.1:${port}`, key: KEY, secret: SECRET });
	return {
		placeBatch: async () => taken(await client.batchSubmitOrders('linear', ORDER_IDS.map(plainOrder))),
		placeOne: nothing,
		[Symbol.asyncDispose]: async () => {},
	};
}

export async function bybitApiSocket(port: number): Promise<Contestant> {
	const { WebsocketAPIClient } = await importPeer<BybitApi>('bybit-api');
	const options = { wsUrl: `ws://127.0.0.1:${port}/v5/trade`, key: KEY, secret: SECRET, attachEventListeners: false };
	const client = new WebsocketAPIClient(options, quiet);
	return {
		placeBatch: async () => taken(await client.batchSubmitOrders('linear', ORDER_IDS.map(plainOrder))),
		placeOne: async () => {
			const { retCode } = await client.submitNewOrder({ category: 'linear', ...plainOrder(ORDER_IDS[0] ?? '') });
			return retCode === 0 ? 1 : 0;
		},
		[Symbol.asyncDispose]: async () => client.getWSClient().closeAll(true),
	};
}

function taken({ retExtInfo }: BatchTaken): number {
	return retExtInfo.list.filter(({ code }) => code === 0).length;
}

interface CcxtOrder {
	readonly id?: string;
}

type CcxtArguments = readonly [symbol: string, type: 'limit', side: 'buy', amount: number, price: number, params: object];

interface CcxtBybit {
	readonly urls: { api: object };
	setMarkets(markets: readonly object[]): void;
	loadHttpProxyAgent(): Promise<unknown>;
	createOrders(orders: readonly object[]): Promise<readonly CcxtOrder[]>;
	createOrderWs(...order: CcxtArguments): Promise<CcxtOrder>;
	close(): Promise<unknown>;
}

interface Ccxt {
	readonly default: { readonly pro: { readonly bybit: new (options: object) => CcxtBybit } };
}

const SWAP = 'BTC/USDT:USDT';

/** Knows its market and the kind of account beforehand, so that it asks for neither. */
export async function ccxt(port: number): Promise<Contestant> {
	const { pro } = (await importPeer<Ccxt>('ccxt')).default;
	const options = { enableUnifiedMargin: false, enableUnifiedAccount: true };
	const client = new pro.bybit({ apiKey: KEY, secret: SECRET, enableRateLimit: false, options });
	const rest = `http://127.0.0.1:${port}`;
	const trade = `ws://127.0.0.1:${port}/v5/trade`;
	client.urls.api = { public: rest, private: rest, ws: { private: { contract: trade, trade }, public: {} } };
	await client.loadHttpProxyAgent();
	client.setMarkets([CCXT_MARKET]);
	const paramsOf = (orderLinkId: string) => ({
		clientOrderId: orderLinkId,
		postOnly: true,
		positionIdx: 0,
		smpType: 'CancelMaker',
	});
	const orders = ORDER_IDS.map((id) => ({
		symbol: SWAP,
		type: 'limit',
		side: 'buy',
		amount: 0.01,
		price: 64_990,
		params: paramsOf(id),
	}));
	const first = [SWAP, 'limit', 'buy', 0.01, 64_990, paramsOf(ORDER_IDS[0] ?? '')] as const;
	return {
		placeBatch: async () => (await client.createOrders(orders)).filter(({ id }) => id !== undefined && id !== '').length,
		placeOne: async () => ((await client.createOrderWs(...first)).id === undefined ? 0 : 1),
		[Symbol.asyncDispose]: async () => void (await client.close()),
	};
}

const CCXT_MARKET = {
	...{ id: SYMBOL, symbol: SWAP, base: 'BTC', quote: 'USDT', settle: 'USDT', baseId: 'BTC', quoteId: 'USDT', settleId: 'USDT' },
	...{ type: 'swap', spot: false, margin: false, swap: true, future: false, option: false, active: true, contract: true },
	...{ linear: true, inverse: false, taker: 0.00055, maker: 0.0002, contractSize: 1, expiry: undefined, strike: undefined },
	precision: { amount: 0.001, price: 0.1 },
	limits: { leverage: { min: 1, max: 100 }, amount: { min: 0.001, max: 1000 }, price: { min: 0.1, max: 2e6 }, cost: {} },
	info: {},
};

async function nothing(): Promise<number> {
	return 0;
}
