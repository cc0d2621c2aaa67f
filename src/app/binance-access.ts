/** Binance as it can be reached: what its adapter is opened with, be it to look at it or to trade there. */
import { TRANSPORT_LIMITS } from '../network/transport-limits.ts';
import { GATEWAY_OPTIONS } from '../venues/binance/gateway.ts';
import { BinanceOwnOrders } from '../venues/binance/own-orders.ts';
import { type Credentials, makeCredentials } from '../venues/binance/sign.ts';
import { type BinanceUrls, isAllowedUrl } from '../venues/binance/urls.ts';
import { type BinanceOptions, binanceVenue } from '../venues/binance/venue.ts';
import type { BinanceSettings } from './config/binance-settings.ts';
import type { ApiKey, VenueAccess } from './venue-access.ts';

interface BinancePlace {
	readonly urls: BinanceUrls;
	readonly key: ApiKey | undefined;
}

/** A socket that signs each frame, and one that logs on once, are set up in different ways. */
const OTHER_KIND = 'from an Ed25519 key to another kind, or back, takes a restart';

/** To each market whose orders go over REST; calls carry fewer of them than Bybit's, so there are more, all at once. */
const WARM_CONNECTIONS = TRANSPORT_LIMITS.connectionsPerHostMax;

export function binanceAccess(settings: BinanceSettings, { urls, key }: BinancePlace): VenueAccess {
	const isTraded = (category: string): boolean => settings.symbols.some((each) => each.category === category);
	const credentials = credentialsOf(key);
	const [spot, futures] = [new URL(urls.spotRest).origin, new URL(urls.futuresRest).origin];
	return {
		settings,
		key,
		origins: [...new Set([spot, futures])],
		// A box has both markets at one address.
		tradedAt: [...(isTraded('spot') ? [`${spot}/api`] : []), ...(isTraded('linear') ? [`${futures}/fapi`] : [])],
		setup: binanceVenue({ ...binanceOptions(settings, { urls, key }), credentials }),
		withKey: (other) => binanceAccess(settings, { urls, key: other }),
		renewKey: (other) => {
			const made = makeCredentials(other);
			if (made.kind === 'refused') return made.sentence;
			if (credentials !== undefined && credentials.canLogOn !== made.credentials.canLogOn) return OTHER_KIND;
			credentials?.become(made.credentials);
			return undefined;
		},
		isAllowedUrl: (url) => isAllowedUrl(urls.environment, url),
		openOwnOrders: ({ patience, ...ports }) => {
			if (credentials === undefined) throw new Error('invariant broken: a sentinel has a key');
			const { venue: name, recvWindowMs } = settings;
			return new BinanceOwnOrders({ name, urls, credentials, recvWindowMs, patience }, ports);
		},
	};
}

export function binanceOptions(settings: BinanceSettings, { urls, key }: BinancePlace): BinanceOptions {
	const { venue, orderCalls, recvWindowMs, network, countdownMs } = settings;
	return {
		name: venue,
		urls,
		credentials: credentialsOf(key),
		recvWindowMs,
		orderCalls: { ...GATEWAY_OPTIONS, ...orderCalls },
		reconnect: network.reconnect,
		reads: network.reads,
		heartbeatMs: network.heartbeatMs,
		warmConnections: WARM_CONNECTIONS,
		countdownMs,
	};
}

/** A key that can be none was refused before. */
function credentialsOf(key: ApiKey | undefined): Credentials | undefined {
	if (key === undefined) return undefined;
	const made = makeCredentials(key);
	if (made.kind === 'refused') throw new Error(made.sentence);
	return made.credentials;
}
