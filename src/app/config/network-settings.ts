/** From the sections about connections, patience and pace to what the parts of the network layer are opened with. */
import { RECONNECT_POLICY, type ReconnectPolicy } from '../../network/reconnect.ts';
import { TRANSPORT_LIMITS, type TransportLimits } from '../../network/transport-limits.ts';
import type { ReadOptions } from '../../venues/bybit/rest.ts';
import type { Config } from './sections.ts';

export interface NetworkSettings {
	readonly transport: TransportLimits;
	readonly reconnect: ReconnectPolicy;
	/** Of public streams; where a venue's own pace is shorter, that holds. */
	readonly heartbeatMs: number;
	readonly reads: ReadOptions;
	readonly orderTimeoutMs: number;
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
		reads: {
			patience: {
				retriesMax: exchange.max_retries,
				backoff: {
					kind: 'exponential',
					baseMs: exchange.base_backoff_ms,
					maxMs: exchange.max_backoff_ms,
					jitter: 'added',
				},
			},
			breaker: { failureThreshold: network.failure_threshold, recoveryMs: network.recovery_timeout * 1_000 },
		},
		orderTimeoutMs: network.order_timeout_ms,
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
