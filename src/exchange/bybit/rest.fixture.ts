/** A venue for tests: BTC as a perpetual, inverse too, and as a spot pair under one name, ETH as a perpetual, and signed requests. */
import { createHmac } from 'node:crypto';
import { INVERSE, PERP, SPOT } from '../core/exchange.fixture.ts';
import { Exchange } from '../core/exchange.ts';
import { atoms } from '../core/money.ts';
import type { HttpReply, HttpRequest } from '../facade.ts';
import { USUAL_RIGHTS } from '../key-rights.ts';
import { createBybitRest } from './rest.ts';
import { Tapes } from './tape.ts';
import { BYBIT_OPTIONS, type BybitKey, type BybitOptions, BybitVenue } from './venue.ts';

export const NOW_MS = 1_771_000_000_123;
export const KEY: BybitKey = { apiKey: 'KEY', apiSecret: 'SECRET', accountId: 'ann', rights: USUAL_RIGHTS };
export const MAKER: BybitKey = { apiKey: 'MAKER', apiSecret: 'HIDDEN', accountId: 'bob', rights: USUAL_RIGHTS };

/** What tests read of a row, whatever it is a row of; the rest they compare as a whole. */
export interface Row {
	readonly orderId: string;
	readonly orderLinkId: string;
	readonly symbol: string;
	readonly side: string;
	readonly price: string;
	readonly leverage: string;
	readonly coin: readonly Row[];
	readonly code: number;
}

export interface Result {
	readonly list: readonly Row[];
	readonly nextPageCursor: string;
	readonly category: string;
	readonly orderId: string;
	readonly orderLinkId: string;
	readonly b: readonly (readonly string[])[];
}

export interface Reply {
	readonly status: number;
	readonly headers: HttpReply['headers'];
	readonly retCode: number;
	readonly retMsg: string;
	readonly result: Result;
	readonly retExtInfo: { readonly list?: readonly Row[] };
	readonly time: number;
}

export interface Desktop {
	readonly venue: BybitVenue;
	readonly exchange: Exchange;
	readonly handle: (request: HttpRequest, nowMs: number) => HttpReply;
	get(path: string, query?: string, more?: CallOptions): Reply;
	post(path: string, body: unknown, more?: CallOptions): Reply;
}

interface CallOptions {
	readonly key?: BybitKey;
	readonly nowMs?: number;
}

export function openVenue(options: Partial<BybitOptions> = { limitFactor: Number.POSITIVE_INFINITY }): Desktop {
	const exchange = new Exchange({
		listings: [
			{ ...PERP, tickSize: '0.10', maxQty: '100.000', maxMarketQty: '50.000' },
			{ ...PERP, symbol: 'ETHUSDT', baseCoin: 'ETH', tickSize: '0.01', lotSize: '0.01', minQty: '0.01' },
			{ ...SPOT, symbol: 'BTCUSDT.spot', baseCoin: 'BTC', priceBand: '0.1', minNotional: '5', maxOpenOrders: 500 },
			INVERSE,
		],
	});
	for (const { accountId } of [KEY, MAKER]) {
		exchange.openAccount(accountId);
		exchange.deposit(accountId, 'USDT', atoms('500000'), NOW_MS);
		exchange.deposit(accountId, 'BTC', atoms('10'), NOW_MS);
	}
	for (const symbol of ['BTCUSDT', 'BTCUSDT.spot', 'BTCUSD']) {
		const ticks = exchange.listing(symbol)?.price.count('65000') ?? 0;
		exchange.setMarkPrice(symbol, ticks, NOW_MS);
	}
	exchange.setMarkPrice('ETHUSDT', 330_000, NOW_MS);
	const venue = new BybitVenue({
		exchange,
		symbols: [
			{ category: 'linear', symbol: 'BTCUSDT', exchangeKey: 'BTCUSDT' },
			{ category: 'linear', symbol: 'ETHUSDT', exchangeKey: 'ETHUSDT' },
			{ category: 'spot', symbol: 'BTCUSDT', exchangeKey: 'BTCUSDT.spot' },
			{ category: 'inverse', symbol: 'BTCUSD', exchangeKey: 'BTCUSD' },
		],
		options: { ...BYBIT_OPTIONS, ...options },
	});
	venue.addKey(KEY);
	venue.addKey(MAKER);
	const handle = createBybitRest(venue, new Tapes(venue));
	const call = (request: HttpRequest, nowMs: number): Reply => readReply(handle(request, nowMs));
	return {
		venue,
		exchange,
		handle,
		get: (path, query = '', { key = KEY, nowMs = NOW_MS } = {}) => call(signed('GET', path, query, { key, nowMs }), nowMs),
		post: (path, body, { key = KEY, nowMs = NOW_MS } = {}) =>
			call(signed('POST', path, JSON.stringify(body), { key, nowMs }), nowMs),
	};
}

export function signed(
	method: 'GET' | 'POST',
	path: string,
	text: string,
	{ key = KEY, nowMs = NOW_MS, window = '5000' }: { key?: BybitKey; nowMs?: number; window?: string } = {},
): HttpRequest {
	const payload = `${nowMs}${key.apiKey}${window}${text}`;
	return {
		method,
		path,
		query: method === 'GET' ? text : '',
		body: method === 'POST' ? text : '',
		remote: '127.0.0.1',
		headers: {
			'x-bapi-api-key': key.apiKey,
			'x-bapi-timestamp': String(nowMs),
			'x-bapi-recv-window': window,
			'x-bapi-sign': createHmac('sha256', key.apiSecret).update(payload).digest('hex'),
		},
	};
}

export function readReply({ status, headers, body }: HttpReply): Reply {
	return { status, headers, ...(JSON.parse(body) as Omit<Reply, 'status' | 'headers'>) };
}

export const LIMIT_ORDER = {
	category: 'linear',
	symbol: 'BTCUSDT',
	side: 'Buy',
	orderType: 'Limit',
	qty: '0.010',
	price: '64990.00',
	timeInForce: 'PostOnly',
};
