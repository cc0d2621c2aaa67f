/**
 * What a program hands to `createApp` about its venues, turned into what they are opened with. Programs without types can
 * write anything here, and a key must never reach a place that it was not meant for: what does not fit is a sentence.
 */
import { RECONNECT_POLICY } from '../network/reconnect.ts';
import { GATEWAY_OPTIONS as BINANCE_GATEWAY } from '../venues/binance/gateway.ts';
import { makeCredentials as makeBinanceCredentials } from '../venues/binance/sign.ts';
import {
	type BoxAddresses as BinanceBox,
	type BinanceUrls,
	environmentUrls as binanceEnvironment,
	boxUrls as binanceInBox,
	isAllowedUrl as isAllowedAtBinance,
} from '../venues/binance/urls.ts';
import { BINANCE, binanceVenue } from '../venues/binance/venue.ts';
import { GATEWAY_OPTIONS as BYBIT_GATEWAY } from '../venues/bybit/gateway.ts';
import { RECV_WINDOW_MS } from '../venues/bybit/rest.ts';
import { makeCredentials as makeBybitCredentials } from '../venues/bybit/sign.ts';
import {
	type BoxAddresses as BybitBox,
	type BybitUrls,
	environmentUrls as bybitEnvironment,
	boxUrls as bybitInBox,
	isAllowedUrl as isAllowedAtBybit,
} from '../venues/bybit/urls.ts';
import { BYBIT, bybitVenue } from '../venues/bybit/venue.ts';
import type { VenueSetup } from '../venues/wire/venue.ts';
import { AppError } from './app-error.ts';
import type { TradedSymbol } from './open-venues.ts';

export interface VenueOptions<Box> {
	/** One of the exchange's own test environments, or an exchange in a box that listens somewhere on this machine. */
	readonly exchange: 'testnet' | 'demo' | Box;
	readonly apiKey: string;
	/** Of a key pair of your own: the private key in PEM. */
	readonly apiSecret: string;
	/** `linear` unless given; of symbols that do not say it themselves, as in `spot:BTCUSDT`. */
	readonly category?: 'linear' | 'spot';
	/** As the venue writes them: `BTCUSDT`. */
	readonly symbols: readonly string[];
	/** How orders travel; `ws` unless given, with `rest` behind it. */
	readonly orderEntry?: 'ws' | 'rest';
}

/** Market data needs no key, and no place is too serious for it. */
export interface MarketVenueOptions<Box> extends Pick<VenueOptions<Box>, 'category' | 'symbols'> {
	readonly exchange: 'mainnet' | VenueOptions<Box>['exchange'];
}

export type BybitMarketOptions = MarketVenueOptions<BybitBox>;
export type BinanceMarketOptions = MarketVenueOptions<BinanceBox>;
export type BybitVenueOptions = VenueOptions<BybitBox>;
export type BinanceVenueOptions = VenueOptions<BinanceBox>;

export interface LibraryVenue {
	readonly setup: VenueSetup;
	readonly symbols: readonly (TradedSymbol & { readonly venue: string })[];
	/** Nothing is at stake there. */
	readonly isBox: boolean;
	isAllowedUrl(url: string): boolean;
}

const BOOK_DEPTH = 50;
const COMMON = { recvWindowMs: RECV_WINDOW_MS, reconnect: RECONNECT_POLICY, warmConnections: 0 } as const;

export function bybitOf(options: BybitVenueOptions): LibraryVenue {
	const { exchange, orderEntry = 'ws' } = options;
	const made = makeBybitCredentials(keyOf(options));
	if (made.kind === 'refused') throw cannotStart([made.sentence]);
	const { urls, ...place } = bybitAt(isEnvironment(exchange) ? bybitEnvironment(exchange) : bybitBox(exchange));
	const orderCalls = { ...BYBIT_GATEWAY, orderEntry };
	const setup = bybitVenue({ ...COMMON, urls, credentials: made.credentials, bookDepth: BOOK_DEPTH, orderCalls });
	return { setup, symbols: symbolsOf(BYBIT, options), ...place };
}

export function bybitMarketOf(options: BybitMarketOptions): LibraryVenue {
	const { exchange } = options;
	const isNamed = exchange === 'mainnet' || isEnvironment(exchange);
	const { urls, ...place } = bybitAt(isNamed ? bybitEnvironment(exchange) : bybitBox(exchange));
	const setup = bybitVenue({ ...COMMON, urls, credentials: undefined, bookDepth: BOOK_DEPTH, orderCalls: BYBIT_GATEWAY });
	return { setup, symbols: symbolsOf(BYBIT, options), ...place };
}

function bybitBox(exchange: Exclude<BybitMarketOptions['exchange'], string>): BybitUrls {
	return bybitInBox(addressesOf(exchange, BYBIT_ADDRESSES, BYBIT));
}

function bybitAt(urls: BybitUrls) {
	const isAllowedUrl = (url: string): boolean => isAllowedAtBybit(urls.environment, url);
	refuseElsewhere(urls, isAllowedUrl);
	return { urls, isBox: urls.environment === 'box', isAllowedUrl };
}

export function binanceOf(options: BinanceVenueOptions): LibraryVenue {
	const { exchange, orderEntry = 'ws' } = options;
	const made = makeBinanceCredentials(keyOf(options));
	if (made.kind === 'refused') throw cannotStart([made.sentence]);
	const { urls, ...place } = binanceAt(isEnvironment(exchange) ? binanceEnvironment(exchange) : binanceBox(exchange));
	const orderCalls = { ...BINANCE_GATEWAY, orderEntry };
	const setup = binanceVenue({ ...COMMON, urls, credentials: made.credentials, orderCalls });
	return { setup, symbols: symbolsOf(BINANCE, options), ...place };
}

export function binanceMarketOf(options: BinanceMarketOptions): LibraryVenue {
	const { exchange } = options;
	const isNamed = exchange === 'mainnet' || isEnvironment(exchange);
	const { urls, ...place } = binanceAt(isNamed ? binanceEnvironment(exchange) : binanceBox(exchange));
	const setup = binanceVenue({ ...COMMON, urls, credentials: undefined, orderCalls: BINANCE_GATEWAY });
	return { setup, symbols: symbolsOf(BINANCE, options), ...place };
}

function binanceBox(exchange: Exclude<BinanceMarketOptions['exchange'], string>): BinanceUrls {
	return binanceInBox(addressesOf(exchange, BINANCE_ADDRESSES, BINANCE));
}

function binanceAt(urls: BinanceUrls) {
	const isAllowedUrl = (url: string): boolean => isAllowedAtBinance(urls.environment, url);
	refuseElsewhere(urls, isAllowedUrl);
	return { urls, isBox: urls.environment === 'box', isAllowedUrl };
}

const BYBIT_ADDRESSES = ['rest', 'public', 'private', 'trade'] as const;
const BINANCE_ADDRESSES = ['spot', 'futures'] as const;

function isEnvironment<Box>(exchange: VenueOptions<Box>['exchange']): exchange is 'testnet' | 'demo' {
	return exchange === 'testnet' || exchange === 'demo';
}

function addressesOf<Box extends object>(
	exchange: Box | string | undefined,
	names: readonly (keyof Box & string)[],
	kind: string,
): Box {
	if (typeof exchange !== 'object') throw cannotStart([noSuchExchange(exchange)]);
	for (const name of names) {
		if (exchange[name] !== undefined) continue;
		throw cannotStart([`the exchange has no address ${name}; give what the box prints as ${kind}`]);
	}
	return exchange;
}

function refuseElsewhere(urls: { readonly environment: string }, isAllowed: (url: string) => boolean): void {
	for (const [name, url] of Object.entries<string | undefined>({ ...urls })) {
		if (name === 'environment' || (url !== undefined && isAllowed(url))) continue;
		throw cannotStart([`${name} of the exchange is no loopback address, and an exchange in a box has no others`]);
	}
}

/** Programs hand on what their environment has, and that may be nothing. */
function keyOf({ apiKey, apiSecret }: { readonly apiKey: unknown; readonly apiSecret: unknown }) {
	return { apiKey: typeof apiKey === 'string' ? apiKey : '', apiSecret: typeof apiSecret === 'string' ? apiSecret : '' };
}

function symbolsOf(
	venue: string,
	{ category = 'linear', symbols }: Pick<BybitVenueOptions, 'category'> & { readonly symbols: unknown },
): LibraryVenue['symbols'] {
	if (!Array.isArray(symbols)) throw cannotStart([`the symbols of ${venue} are no list: name at least one, such as ['BTCUSDT']`]);
	return symbols.map(String).map((name) => {
		const [said, symbol] = name.split(':');
		if (symbol === undefined || (said !== 'spot' && said !== 'linear')) return { venue, category, symbol: name };
		return { venue, category: said, symbol };
	});
}

function noSuchExchange(name: string | undefined): string {
	if (name === 'mainnet') {
		return "the exchange is 'mainnet', which a library cannot trade on yet: real money needs a journal that survives a crash, and a library keeps none so far; use 'testnet', 'demo' or an exchange in a box";
	}
	const found = name === undefined ? 'not given' : `'${name}'`;
	return `the exchange is ${found}, expected 'testnet', 'demo' or the addresses of an exchange in a box`;
}

export function cannotStart(sentences: readonly string[]): AppError {
	return new AppError('cannot-start', sentences.join('\n'));
}
