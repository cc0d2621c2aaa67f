/**
 * Where Bybit lives, by environment. Keys belong to exactly one environment, and so do hosts: whatever else a setting or
 * a redirect says, no byte leaves for a host that is not listed for the environment asked for (F85). The box, our own
 * exchange on this machine, is an environment of its own and has loopback addresses only.
 */
export const ENVIRONMENTS = ['mainnet', 'testnet', 'demo', 'box'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

export interface BybitUrls {
	readonly environment: Environment;
	/** Scheme, host and port. */
	readonly rest: string;
	readonly publicSpot: string;
	readonly publicLinear: string;
	readonly publicInverse: string;
	readonly private: string;
	/** The demo environment takes orders over REST only. */
	readonly trade: string | undefined;
}

export type UrlsFound =
	| { readonly kind: 'found'; readonly urls: BybitUrls }
	| { readonly kind: 'refused'; readonly sentence: string };

interface Hosts {
	readonly rest: string;
	readonly publicStream: string;
	readonly privateStream: string;
	readonly hasTrade: boolean;
	/** Regional and second hosts of the same environment, which a person may choose instead. */
	readonly others: readonly string[];
}

const HOSTS: Record<Exclude<Environment, 'box'>, Hosts> = {
	mainnet: {
		rest: 'api.bybit.com',
		publicStream: 'stream.bybit.com',
		privateStream: 'stream.bybit.com',
		hasTrade: true,
		others: [
			'api.bytick.com',
			'api.bybit.nl',
			'api.bybit.tr',
			'api.bybit.kz',
			'api.bybitgeorgia.ge',
			'api.bybit.ae',
			'api.bybit.eu',
			'api.bybit.id',
			'api.manepa.jp',
			'stream.bybit.tr',
			'stream.bybit.kz',
			'stream.bybit.id',
			'stream.bybitgeorgia.ge',
			'stream.manepa.jp',
		],
	},
	testnet: {
		rest: 'api-testnet.bybit.com',
		publicStream: 'stream-testnet.bybit.com',
		privateStream: 'stream-testnet.bybit.com',
		hasTrade: true,
		others: ['api-testnet.manepa.jp'],
	},
	demo: {
		rest: 'api-demo.bybit.com',
		// It has no market data of its own: its prices are those of the main network.
		publicStream: 'stream.bybit.com',
		privateStream: 'stream-demo.bybit.com',
		hasTrade: false,
		others: [],
	},
};

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

export function environmentUrls(environment: Exclude<Environment, 'box'>): BybitUrls {
	const { rest, publicStream, privateStream, hasTrade } = HOSTS[environment];
	return {
		environment,
		rest: `https://${rest}`,
		publicSpot: `wss://${publicStream}/v5/public/spot`,
		publicLinear: `wss://${publicStream}/v5/public/linear`,
		publicInverse: `wss://${publicStream}/v5/public/inverse`,
		private: `wss://${privateStream}/v5/private`,
		trade: hasTrade ? `wss://${privateStream}/v5/trade` : undefined,
	};
}

/** What the exchange in a box prints when it listens. */
export interface BoxAddresses {
	readonly rest: string;
	readonly public: { readonly spot: string; readonly linear: string; readonly inverse: string };
	readonly private: string;
	readonly trade: string;
}

export function boxUrls(box: BoxAddresses): BybitUrls {
	return {
		environment: 'box',
		rest: box.rest,
		publicSpot: box.public.spot,
		publicLinear: box.public.linear,
		publicInverse: box.public.inverse,
		private: box.private,
		trade: box.trade,
	};
}

/** All streams of a box live beside its REST API, so that one address is enough. */
export function boxUrlsBeside(rest: string): BybitUrls {
	const { origin } = new URL(rest);
	const streams = `${origin.replace(/^http/, 'ws')}/v5`;
	return {
		environment: 'box',
		rest: origin,
		publicSpot: `${streams}/public/spot`,
		publicLinear: `${streams}/public/linear`,
		publicInverse: `${streams}/public/inverse`,
		private: `${streams}/private`,
		trade: `${streams}/trade`,
	};
}

/** URLs that a person wrote into the settings, over those of the environment; each must be a host of that environment. */
export function overriddenUrls(base: BybitUrls, wanted: Partial<Omit<BybitUrls, 'environment'>>): UrlsFound {
	for (const [name, url] of Object.entries(wanted)) {
		if (url === undefined || isAllowedUrl(base.environment, url)) continue;
		return {
			kind: 'refused',
			sentence: `${name} is ${hostShown(url)}, which is no host of Bybit's ${base.environment} environment: keys would go to a stranger; expected one of ${allowedHosts(base.environment).join(', ')}`,
		};
	}
	const { rest } = wanted;
	return { kind: 'found', urls: { ...base, ...wanted, ...(rest === undefined ? {} : { rest: new URL(rest).origin }) } };
}

/** Whether a connection to this URL may be opened at all. Outside of the box only encrypted ones may. */
export function isAllowedUrl(environment: Environment, url: string): boolean {
	const parsed = URL.parse(url);
	if (parsed === null || parsed.username !== '' || parsed.password !== '') return false;
	const { protocol, hostname, port } = parsed;
	if (environment === 'box') return ['http:', 'https:', 'ws:', 'wss:'].includes(protocol) && LOOPBACK.has(hostname);
	return (protocol === 'https:' || protocol === 'wss:') && port === '' && allowedHosts(environment).includes(hostname);
}

function allowedHosts(environment: Environment): readonly string[] {
	if (environment === 'box') return [...LOOPBACK];
	const { rest, publicStream, privateStream, others } = HOSTS[environment];
	return [...new Set([rest, publicStream, privateStream, ...others])];
}

/** Never the whole URL: it may hold what somebody pasted by mistake. */
function hostShown(url: string): string {
	return URL.parse(url)?.host ?? 'no URL';
}
