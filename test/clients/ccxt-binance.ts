/** `ccxt` as it comes from its authors, pointed at the Binance of a box: only its table of URLs is ours. */
import ccxt from 'ccxt';
import type { BinanceBox, Keys } from './binance.ts';
import { Inbox } from './wait.ts';

export type Spot = InstanceType<typeof ccxt.pro.binance>;
export type Futures = InstanceType<typeof ccxt.pro.binanceusdm>;

interface Options {
	readonly keys?: Keys;
	readonly enableRateLimit?: boolean;
}

export async function openSpot(box: BinanceBox, options: Options = {}): Promise<Spot> {
	const fetchMarkets = { types: ['spot'] };
	return pointed(box, new ccxt.pro.binance({ ...settings(box, options), options: { defaultType: 'spot', fetchMarkets } }));
}

export async function openFutures(box: BinanceBox, options: Options = {}): Promise<Futures> {
	return pointed(box, new ccxt.pro.binanceusdm(settings(box, options)));
}

function settings({ account }: BinanceBox, { keys = account, enableRateLimit = true }: Options): object {
	return { apiKey: keys.apiKey, secret: keys.apiSecret, enableRateLimit };
}

/** It tells spot from futures by what their addresses look like, so the spot streams need `/stream` in theirs. */
async function pointed<Client extends Spot>(box: BinanceBox, client: Client): Promise<Client> {
	const api = replaced(client.urls.api, (url) =>
		url.replace(/^https:\/\/[^/]+/, box.rest).replace(/^wss:\/\/[^/]+/, box.sockets),
	) as Record<string, unknown> & { ws: Record<string, unknown> & { 'ws-api': object } };
	api.ws['spot'] = `${box.sockets}/stream-spot/ws`;
	api.ws['future'] = `${box.sockets}/ws`;
	api.ws['ws-api'] = { ...api.ws['ws-api'], spot: box.urls.spot.wsApi, future: box.urls.futures.wsApi };
	client.urls.api = api;
	await client.loadHttpProxyAgent(); // it wants this before any ws:// without TLS
	box.closeLater(() => client.close());
	return client;
}

function replaced(value: unknown, replace: (url: string) => string): unknown {
	if (typeof value === 'string') return replace(value);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner, replace)]));
}

/** Everything that a watching loop yields, until the client is closed. */
export function collect<T>(watch: () => Promise<readonly T[]>): Inbox<T> {
	const inbox = new Inbox<T>();
	const follow = async (): Promise<void> => {
		for (;;) for (const item of await watch()) inbox.push(item);
	};
	follow().catch((error: unknown) => {
		if (!(error instanceof ccxt.ExchangeClosedByUser)) inbox.fail(error);
	});
	return inbox;
}

export function bookText({ bids, asks }: { readonly bids: readonly unknown[]; readonly asks: readonly unknown[] }): string {
	return JSON.stringify([bids, asks]);
}

/** The types of the client allow for orders without an id, which the venue never sends. */
export function named({ id }: { readonly id?: string | undefined }): string {
	if (id === undefined) throw new Error('an order without an id');
	return id;
}
