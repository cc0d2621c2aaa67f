/** What the adapter of a venue is opened with, be it to look at the venue or to trade there. */
import { Credentials } from '../venues/bybit/sign.ts';
import type { BybitUrls } from '../venues/bybit/urls.ts';
import type { BybitOptions } from '../venues/bybit/venue.ts';
import type { BybitSettings } from './config/bybit-settings.ts';

/** Where a venue is, and under which key. */
export interface VenueAccess {
	readonly urls: BybitUrls;
	/** Without one there is only what is public. */
	readonly key: { readonly apiKey: string; readonly apiSecret: string } | undefined;
}

/** Enough for a flush of some dozen batches; more are opened when they are needed. */
const WARM_CONNECTIONS = 8;

export function venueOptions(settings: BybitSettings, { urls, key }: VenueAccess): BybitOptions {
	const { orderCalls, bookDepth, recvWindowMs, network } = settings;
	return {
		urls,
		credentials: key === undefined ? undefined : new Credentials(key.apiKey, key.apiSecret),
		bookDepth,
		recvWindowMs,
		orderCalls,
		reconnect: network.reconnect,
		reads: network.reads,
		heartbeatMs: network.heartbeatMs,
		warmConnections: orderCalls.orderEntry === 'rest' ? WARM_CONNECTIONS : 0,
	};
}
