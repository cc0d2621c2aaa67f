/** From the sections about connections, patience and pace to what the parts of the network layer are opened with. */
import type { Backoff } from '../../network/backoff.ts';
import type { BreakerSettings } from '../../network/breaker.ts';
import { USUAL_WINDOWS } from '../../network/limiter.ts';
import type { WindowRule } from '../../network/limiter-window.ts';
import type { ReadBatcherOptions } from '../../network/read-batcher.ts';
import { RECONNECT_POLICY, type ReconnectPolicy } from '../../network/reconnect.ts';
import { TRANSPORT_LIMITS, type TransportLimits } from '../../network/transport-limits.ts';
import type { Config } from './sections.ts';

export interface Patience {
	readonly retriesMax: number;
	readonly backoff: Backoff;
}

export interface NetworkSettings {
	readonly transport: TransportLimits;
	readonly reconnect: ReconnectPolicy;
	/** Of public streams; where a venue's own pace is shorter, that holds. */
	readonly heartbeatMs: number;
	readonly reads: Patience;
	readonly cancels: Patience;
	readonly orderTimeoutMs: number;
	readonly breaker: Omit<BreakerSettings, 'isExpected'>;
	/** Undefined: each read goes alone and at once. */
	readonly readBatcher:
		| Required<Pick<ReadBatcherOptions<unknown>, 'batchSize' | 'batchTimeoutMs' | 'concurrentBatchesMax'>>
		| undefined;
	readonly readsInFlightMax: number;
	/** Undefined: no limiter of ours. */
	readonly rateWindows: Readonly<Record<keyof typeof USUAL_WINDOWS, WindowRule>> | undefined;
}

type Needed = Pick<Config, 'network' | 'exchange' | 'async_features'>;

export function networkSettings({ network, exchange, async_features: features }: Needed): NetworkSettings {
	return {
		transport: transportLimits(network, features.enable_connection_pooling),
		reconnect: {
			...RECONNECT_POLICY,
			baseDelayMs: exchange.base_reconnect_delay * 1_000,
			maxDelayMs: exchange.max_reconnect_delay * 1_000,
			attemptsMax: exchange.max_reconnect_attempts,
		},
		heartbeatMs: exchange.heartbeat_interval * 1_000,
		reads: patience(exchange.max_retries, exchange.base_backoff_ms, exchange.max_backoff_ms),
		cancels: patience(exchange.max_retries, exchange.cancel_base_backoff_ms, exchange.cancel_max_backoff_ms),
		orderTimeoutMs: network.order_timeout_ms,
		breaker: { failureThreshold: network.failure_threshold, recoveryMs: network.recovery_timeout * 1_000 },
		readBatcher: features.enable_request_batching
			? {
					batchSize: network.batch_size,
					batchTimeoutMs: network.batch_timeout * 1_000,
					concurrentBatchesMax: network.max_concurrent_batches,
				}
			: undefined,
		readsInFlightMax: features.max_concurrent_requests,
		rateWindows: features.enable_rate_limiting
			? {
					general: { ...USUAL_WINDOWS.general, limit: network.rate_limit_requests_per_minute },
					orders: { ...USUAL_WINDOWS.orders, limit: network.rate_limit_orders_per_second },
					marketData: { ...USUAL_WINDOWS.marketData, limit: network.rate_limit_market_data_per_second },
				}
			: undefined,
	};
}

/** The shortest time that a transport can be told to keep an idle connection. */
const UNPOOLED_MS = 1;

function transportLimits(network: Config['network'], isPooling: boolean): TransportLimits {
	const connections = network.connector_limit_per_host;
	const { orders, ...others } = TRANSPORT_LIMITS.plans;
	return {
		...TRANSPORT_LIMITS,
		connectionsMax: network.connector_limit,
		connectionsPerHostMax: connections,
		plans: { ...others, ...(orders === undefined ? {} : { orders: { ...orders, connections } }) },
		keepAliveMs: isPooling ? network.keepalive_timeout * 1_000 : UNPOOLED_MS,
		connectTimeoutMs: network.timeout_connect * 1_000,
		callTimeoutMsMax: network.timeout_total * 1_000,
	};
}

function patience(retriesMax: number, baseMs: number, maxMs: number): Patience {
	return { retriesMax, backoff: { kind: 'exponential', baseMs, maxMs, jitter: 'added' } };
}
