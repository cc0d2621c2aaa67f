/**
 * A venue for tests: bitcoin and ether on spot and on futures, four keys (two of one person, by secret and by Ed25519),
 * money on both markets, and calls signed the way clients sign them.
 */
import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { Exchange } from '../core/exchange.ts';
import type { ListingSpec } from '../core/listing.ts';
import { atoms } from '../core/money.ts';
import type { HttpReply, HttpRequest } from '../facade.ts';
import { USUAL_RIGHTS } from '../key-rights.ts';
import { createRest } from './rest.ts';
import type { RouteTable } from './rest-route.ts';
import { SPOT_ROUTES } from './spot-routes.ts';
import { accountAt, BINANCE_OPTIONS, type BinanceKey, type BinanceMarket, type BinanceOptions, BinanceVenue } from './venue.ts';

export const NOW_MS = 1_771_000_000_123;

/** Any will do, as long as it is the same in every run. */
const ED25519_PRIVATE: KeyObject = createPrivateKey(
	'-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n',
);

/** A client: the key the venue knows, and how it signs. */
export interface Client {
	readonly key: BinanceKey;
	sign(payload: string): string;
}

export const ANN = hmacClient('ANN', 'SECRET', 'ann');
export const BOB = hmacClient('BOB', 'HIDDEN', 'bob');
/** The same person as `ANN`, with a key that may log on. */
export const ANN_ED25519: Client = {
	key: { ...ANN.key, apiKey: 'ANN-ED25519', proof: { kind: 'public', publicKey: createPublicKey(ED25519_PRIVATE) } },
	sign: (payload) => sign(null, Buffer.from(payload), ED25519_PRIVATE).toString('base64'),
};

export function hmacClient(apiKey: string, apiSecret: string, name: string): Client {
	return {
		key: {
			apiKey,
			proof: { kind: 'hmac', apiSecret },
			accounts: { spot: accountAt('spot', name), futures: accountAt('futures', name) },
			rights: USUAL_RIGHTS,
		},
		sign: (payload) => createHmac('sha256', apiSecret).update(payload).digest('hex'),
	};
}

const COMMON = {
	quoteCoin: 'USDT',
	postOnlyCross: 'refuse',
	clientIdsUsed: 'while-open',
	maxOpenOrders: 200,
} as const;

export const SPOT_BTC: ListingSpec = {
	...COMMON,
	symbol: 'binance-spot:BTCUSDT',
	kind: 'spot',
	baseCoin: 'BTC',
	tickSize: '0.01',
	lotSize: '0.00001',
	minQty: '0.00001',
	maxQty: '9000',
	maxMarketQty: '100',
	minNotional: '5',
	priceBand: '0.8',
	makerFeeRate: '0.001',
	takerFeeRate: '0.001',
};

const SPOT_ETH: ListingSpec = {
	...SPOT_BTC,
	symbol: 'binance-spot:ETHUSDT',
	baseCoin: 'ETH',
	lotSize: '0.0001',
	minQty: '0.0001',
};

export const FUTURES_BTC: ListingSpec = {
	...COMMON,
	symbol: 'binance-futures:BTCUSDT',
	kind: 'linear',
	baseCoin: 'BTC',
	tickSize: '0.10',
	lotSize: '0.001',
	minQty: '0.001',
	maxQty: '1000',
	maxMarketQty: '120',
	minNotional: '50',
	priceBand: '0.05',
	makerFeeRate: '0.0002',
	takerFeeRate: '0.0005',
	maxLeverage: 100,
	fundingIntervalMs: 28_800_000,
};

const FUTURES_ETH: ListingSpec = {
	...FUTURES_BTC,
	symbol: 'binance-futures:ETHUSDT',
	baseCoin: 'ETH',
	tickSize: '0.01',
	minNotional: '20',
};

export function openVenue(options: Partial<BinanceOptions> = { limitFactor: Number.POSITIVE_INFINITY }): BinanceVenue {
	const listings = [SPOT_BTC, SPOT_ETH, FUTURES_BTC, FUTURES_ETH];
	const exchange = new Exchange({ listings });
	for (const accountId of [ANN, BOB].flatMap(({ key }) => Object.values(key.accounts))) {
		exchange.openAccount(accountId);
		exchange.deposit(accountId, 'USDT', atoms('500000'), NOW_MS);
		exchange.deposit(accountId, 'BTC', atoms('10'), NOW_MS);
		exchange.deposit(accountId, 'ETH', atoms('100'), NOW_MS);
	}
	const venue = new BinanceVenue({
		exchange,
		symbols: listings.map(({ symbol }) => symbolOf(symbol)),
		options: { ...BINANCE_OPTIONS, ...options },
	});
	for (const { symbol, baseCoin, tickSize } of listings) {
		const price = baseCoin === 'BTC' ? 65_000 : 3_300;
		exchange.setMarkPrice(symbol, Math.round(price / Number(tickSize)), NOW_MS);
	}
	for (const { key } of [ANN, BOB, ANN_ED25519]) venue.addKey(key);
	return venue;
}

function symbolOf(exchangeKey: string): { market: BinanceMarket; symbol: string; exchangeKey: string } {
	const [venue = '', symbol = ''] = exchangeKey.split(':');
	return { market: venue === 'binance-spot' ? 'spot' : 'futures', symbol, exchangeKey };
}

// ---- REST ----

export type Values = Readonly<Record<string, string | number>>;

/** Any answer: what a test reads of it, it knows. */
export interface Reply<Body = Row> {
	readonly status: number;
	readonly headers: HttpReply['headers'];
	readonly body: Body;
	/** As it came, for ids that a double cannot hold. */
	readonly text: string;
}

export interface Row extends Readonly<Record<string, unknown>> {}

export interface CallOptions {
	readonly client?: Client;
	readonly nowMs?: number;
	readonly remote?: string;
}

export interface RestDesk {
	readonly venue: BinanceVenue;
	readonly handle: (request: HttpRequest, nowMs: number) => HttpReply;
	/** Without a key. */
	get<Body = Row>(path: string, values?: Values, options?: CallOptions): Reply<Body>;
	/** Signed, all in the query. */
	call<Body = Row>(method: string, path: string, values?: Values, options?: CallOptions): Reply<Body>;
}

export function openRest(
	options?: Partial<BinanceOptions>,
	routesOf: (venue: BinanceVenue) => Readonly<Record<BinanceMarket, RouteTable>> = () => ({
		spot: SPOT_ROUTES,
		futures: new Map(),
	}),
): RestDesk {
	const venue = openVenue(options);
	const handle = createRest(venue, routesOf(venue));
	return {
		venue,
		handle,
		get: (path, values = {}, { nowMs = NOW_MS, remote = '127.0.0.1' } = {}) =>
			readReply(handle({ method: 'GET', path, query: encoded(values), body: '', headers: {}, remote }, nowMs)),
		call: (method, path, values = {}, more = {}) => readReply(handle(signed(method, path, values, more), more.nowMs ?? NOW_MS)),
	};
}

export function signed(
	method: string,
	path: string,
	values: Values,
	{ client = ANN, nowMs = NOW_MS, remote = '127.0.0.1' }: CallOptions = {},
): HttpRequest {
	const payload = encoded({ timestamp: nowMs, ...values });
	const query = `${payload}&signature=${encodeURIComponent(client.sign(payload))}`;
	return { method, path, query, body: '', headers: { 'x-mbx-apikey': client.key.apiKey }, remote };
}

export function encoded(values: Values): string {
	return Object.entries(values)
		.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
		.join('&');
}

export function readReply<Body>({ status, headers, body }: HttpReply): Reply<Body> {
	return { status, headers, body: JSON.parse(body) as Body, text: body };
}

export const SPOT_ORDER: Values = {
	symbol: 'BTCUSDT',
	side: 'BUY',
	type: 'LIMIT',
	timeInForce: 'GTC',
	quantity: '0.01',
	price: '64990.00',
};
