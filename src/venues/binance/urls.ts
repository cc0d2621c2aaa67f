/**
 * Where Binance lives, by environment. Spot and futures are two sets of hosts. Keys belong to exactly one environment,
 * and so do hosts: whatever else a setting or a redirect says, no byte leaves for a host that is not listed for the
 * environment and the market asked for (F85). The box, our own exchange on this machine, is an environment of its own and
 * has loopback addresses only.
 */
import type { Market } from './codec/frames.ts';

export const ENVIRONMENTS = ['mainnet', 'testnet', 'demo', 'box'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

export interface BinanceUrls {
	readonly environment: Environment;
	/** Scheme, host and port. */
	readonly spotRest: string;
	/** The paths of streams, `/ws` and `/stream`, come behind. */
	readonly spotStream: string;
	readonly spotWsApi: string;
	readonly futuresRest: string;
	/** Books and best prices; trades, marks and candles; the account. One that is asked on the wrong path stays silent. */
	readonly futuresPublic: string;
	readonly futuresMarket: string;
	readonly futuresPrivate: string;
	readonly futuresWsApi: string;
}

type UrlName = Exclude<keyof BinanceUrls, 'environment'>;

export type UrlsFound =
	| { readonly kind: 'found'; readonly urls: BinanceUrls }
	| { readonly kind: 'refused'; readonly sentence: string };

interface Hosts {
	readonly rest: string;
	readonly stream: string;
	readonly wsApi: string;
	/** Second hosts of the same environment, which a person may choose instead. */
	readonly others: readonly string[];
}

const FUTURES_TESTNET: Hosts = {
	rest: 'demo-fapi.binance.com',
	stream: 'demo-fstream.binance.com',
	wsApi: 'testnet.binancefuture.com',
	others: ['fstream.binancefuture.com', 'stream.binancefuture.com'],
};

const HOSTS: Record<Exclude<Environment, 'box'>, Record<Market, Hosts>> = {
	mainnet: {
		spot: {
			rest: 'api.binance.com',
			stream: 'stream.binance.com',
			wsApi: 'ws-api.binance.com',
			others: [
				'api-gcp.binance.com',
				'api1.binance.com',
				'api2.binance.com',
				'api3.binance.com',
				'api4.binance.com',
				'data-stream.binance.vision',
			],
		},
		linear: {
			rest: 'fapi.binance.com',
			stream: 'fstream.binance.com',
			wsApi: 'ws-fapi.binance.com',
			others: ['fstream-mm.binance.com', 'ws-fapi-mm.binance.com'],
		},
	},
	testnet: {
		spot: {
			rest: 'testnet.binance.vision',
			stream: 'stream.testnet.binance.vision',
			wsApi: 'ws-api.testnet.binance.vision',
			others: [],
		},
		linear: FUTURES_TESTNET,
	},
	demo: {
		spot: {
			rest: 'demo-api.binance.com',
			stream: 'demo-stream.binance.com',
			wsApi: 'demo-ws-api.binance.com',
			others: [],
		},
		// The futures market for play is one, under both names.
		linear: FUTURES_TESTNET,
	},
};

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
/** Spot's sockets answer there too. */
const SECOND_SOCKET_PORT = '9443';

export function environmentUrls(environment: Exclude<Environment, 'box'>): BinanceUrls {
	const { spot, linear } = HOSTS[environment];
	return urlsAt({
		environment,
		spotRest: `https://${spot.rest}`,
		spotStream: `wss://${spot.stream}`,
		spotSocket: `wss://${spot.wsApi}`,
		futuresRest: `https://${linear.rest}`,
		futuresStream: `wss://${linear.stream}`,
		futuresSocket: `wss://${linear.wsApi}`,
	});
}

/** What the exchange in a box prints when it listens. */
export interface BoxAddresses {
	readonly spot: { readonly rest: string; readonly stream: string; readonly wsApi: string };
	readonly futures: {
		readonly rest: string;
		readonly public: string;
		readonly market: string;
		readonly private: string;
		readonly wsApi: string;
	};
}

export function boxUrls({ spot, futures }: BoxAddresses): BinanceUrls {
	return {
		environment: 'box',
		spotRest: spot.rest,
		spotStream: spot.stream,
		spotWsApi: spot.wsApi,
		futuresRest: futures.rest,
		futuresPublic: futures.public,
		futuresMarket: futures.market,
		futuresPrivate: futures.private,
		futuresWsApi: futures.wsApi,
	};
}

/** Both markets of a box, and all of their sockets, live at one address. */
export function boxUrlsBeside(rest: string): BinanceUrls {
	const { origin } = new URL(rest);
	const sockets = origin.replace(/^http/, 'ws');
	return urlsAt({
		environment: 'box',
		spotRest: origin,
		spotStream: sockets,
		spotSocket: sockets,
		futuresRest: origin,
		futuresStream: sockets,
		futuresSocket: sockets,
	});
}

interface Places {
	readonly environment: Environment;
	readonly spotRest: string;
	readonly spotStream: string;
	readonly spotSocket: string;
	readonly futuresRest: string;
	readonly futuresStream: string;
	readonly futuresSocket: string;
}

function urlsAt(places: Places): BinanceUrls {
	const { environment, spotRest, spotStream, futuresRest, futuresStream } = places;
	return {
		environment,
		spotRest,
		spotStream,
		spotWsApi: `${places.spotSocket}/ws-api/v3`,
		futuresRest,
		futuresPublic: `${futuresStream}/public`,
		futuresMarket: `${futuresStream}/market`,
		futuresPrivate: `${futuresStream}/private`,
		futuresWsApi: `${places.futuresSocket}/ws-fapi/v1`,
	};
}

/** URLs that a person wrote into the settings, over those of the environment; each must be a host of its market there. */
export function overriddenUrls(base: BinanceUrls, wanted: Partial<Omit<BinanceUrls, 'environment'>>): UrlsFound {
	const { environment } = base;
	const urls: { -readonly [Name in UrlName]: string } & { environment: Environment } = { ...base };
	for (const [name, url] of Object.entries(wanted) as [UrlName, string | undefined][]) {
		if (url === undefined) continue;
		const market: Market = name.startsWith('spot') ? 'spot' : 'linear';
		if (!isUrlOf(environment, market, url)) {
			const expected = hostsOf(environment, market).join(', ');
			return {
				kind: 'refused',
				sentence: `${name} is ${hostShown(url)}, which is no such host of Binance's ${environment} environment: keys would go to a stranger; expected one of ${expected}`,
			};
		}
		urls[name] = name.endsWith('Rest') ? new URL(url).origin : url;
	}
	return { kind: 'found', urls };
}

/** Whether a connection to this URL may be opened at all. Outside of the box only encrypted ones may. */
export function isAllowedUrl(environment: Environment, url: string): boolean {
	return isUrlOf(environment, 'spot', url) || isUrlOf(environment, 'linear', url);
}

function isUrlOf(environment: Environment, market: Market, url: string): boolean {
	const parsed = URL.parse(url);
	if (parsed === null || parsed.username !== '' || parsed.password !== '') return false;
	const { protocol, hostname, port } = parsed;
	if (environment === 'box') return ['http:', 'https:', 'ws:', 'wss:'].includes(protocol) && LOOPBACK.has(hostname);
	const isPort = port === '' || (market === 'spot' && protocol === 'wss:' && port === SECOND_SOCKET_PORT);
	return (protocol === 'https:' || protocol === 'wss:') && isPort && hostsOf(environment, market).includes(hostname);
}

function hostsOf(environment: Environment, market: Market): readonly string[] {
	if (environment === 'box') return [...LOOPBACK];
	const { rest, stream, wsApi, others } = HOSTS[environment][market];
	return [...new Set([rest, stream, wsApi, ...others])];
}

/** Never the whole URL: it may hold what somebody pasted by mistake. */
function hostShown(url: string): string {
	return URL.parse(url)?.host ?? 'no URL';
}
