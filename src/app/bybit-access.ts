/** Bybit as it can be reached: what its adapter is opened with, be it to look at it or to trade there. */
import { GATEWAY_OPTIONS } from '../venues/bybit/gateway.ts';
import { BybitOwnOrders } from '../venues/bybit/own-orders.ts';
import { Credentials, makeCredentials } from '../venues/bybit/sign.ts';
import { type BybitUrls, isAllowedUrl } from '../venues/bybit/urls.ts';
import { type BybitOptions, bybitVenue } from '../venues/bybit/venue.ts';
import type { BybitSettings } from './config/bybit-settings.ts';
import type { ApiKey, VenueAccess } from './venue-access.ts';

interface BybitPlace {
	readonly urls: BybitUrls;
	readonly key: ApiKey | undefined;
}

/** Enough for a flush of some dozen batches; more are opened when they are needed. */
const WARM_CONNECTIONS = 8;

export function bybitAccess(settings: BybitSettings, { urls, key }: BybitPlace): VenueAccess {
	const { origin } = new URL(urls.rest);
	const credentials = credentialsOf(key);
	return {
		settings,
		key,
		origins: [origin],
		tradedAt: [origin],
		setup: bybitVenue({ ...bybitOptions(settings, { urls, key }), credentials }),
		withKey: (other) => bybitAccess(settings, { urls, key: other }),
		renewKey: (other) => {
			const made = makeCredentials(other);
			if (made.kind === 'refused') return made.sentence;
			credentials?.become(made.credentials);
			return undefined;
		},
		isAllowedUrl: (url) => isAllowedUrl(urls.environment, url),
		openOwnOrders: ({ patience, ...ports }) => {
			if (credentials === undefined) throw new Error('invariant broken: a sentinel has a key');
			return new BybitOwnOrders({ urls, credentials, recvWindowMs: settings.recvWindowMs, patience }, ports);
		},
	};
}

export function bybitOptions(settings: BybitSettings, { urls, key }: BybitPlace): BybitOptions {
	const { venue, orderCalls, bookDepth, recvWindowMs, network } = settings;
	return {
		name: venue,
		urls,
		credentials: credentialsOf(key),
		bookDepth,
		recvWindowMs,
		orderCalls: { ...GATEWAY_OPTIONS, ...orderCalls },
		reconnect: network.reconnect,
		reads: network.reads,
		heartbeatMs: network.heartbeatMs,
		warmConnections: orderCalls.orderEntry === 'rest' ? WARM_CONNECTIONS : 0,
	};
}

function credentialsOf(key: ApiKey | undefined): Credentials | undefined {
	return key === undefined ? undefined : new Credentials(key.apiKey, key.apiSecret);
}
