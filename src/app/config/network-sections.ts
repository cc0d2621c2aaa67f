/**
 * The sections `exchange`, `network`, `async_features` and `binance`: connections, patience and pace. Names and units are
 * those that people bring along: `base_reconnect_delay` is in seconds, `base_backoff_ms` in milliseconds.
 */
import * as z from 'zod';
import { refuseAbove, seconds, wholeNumber, yesNo } from './kinds.ts';

const HOUR_MS = 3_600_000;
const HOUR_SEC = 3_600;
const CONNECTIONS_MAX = 10_000;

export const exchangeSection = z
	.strictObject({
		max_retries: wholeNumber(0, 20).describe('of reads that fail; a create is never sent again').prefault(3),
		base_backoff_ms: wholeNumber(1, HOUR_MS).describe('before the first retry of a read; doubles with each one').prefault(1_000),
		max_backoff_ms: wholeNumber(1, HOUR_MS).describe('no wait is longer, chance included').prefault(30_000),
		cancel_base_backoff_ms: wholeNumber(1, HOUR_MS).describe('the same for cancels that name their scope').prefault(50),
		cancel_max_backoff_ms: wholeNumber(1, HOUR_MS).describe('the same for cancels that name their scope').prefault(500),
		max_reconnect_attempts: wholeNumber(1, 1_000)
			.describe('failures in a row after which a stream is called degraded and tried at the slowest pace only')
			.prefault(10),
		base_reconnect_delay: seconds(0.01, HOUR_SEC)
			.describe('seconds before a lost stream is opened again; doubles with each failure')
			.prefault(1),
		max_reconnect_delay: seconds(0.01, HOUR_SEC).describe('seconds; the slowest pace').prefault(60),
		heartbeat_interval: seconds(1, 300)
			.describe("seconds between heartbeats of public streams; the venue's own pace where that is shorter")
			.prefault(30),
	})
	.superRefine((section, context) => {
		refuseAbove(context, section, { key: 'base_backoff_ms', atMost: 'max_backoff_ms' });
		refuseAbove(context, section, { key: 'cancel_base_backoff_ms', atMost: 'cancel_max_backoff_ms' });
		refuseAbove(context, section, { key: 'base_reconnect_delay', atMost: 'max_reconnect_delay' });
	})
	.prefault({});

export const networkSection = z
	.strictObject({
		connector_limit: wholeNumber(1, CONNECTIONS_MAX).describe('HTTP connections, all hosts together').prefault(200),
		connector_limit_per_host: wholeNumber(1, CONNECTIONS_MAX).describe('of one pool to one host').prefault(50),
		timeout_total: seconds(0.1, HOUR_SEC).describe('seconds for a call, its wait for a connection included').prefault(30),
		timeout_connect: seconds(0.1, HOUR_SEC).describe('seconds to open a connection').prefault(10),
		keepalive_timeout: seconds(0.1, HOUR_SEC).describe('seconds after which an idle connection is closed').prefault(60),
		order_timeout_ms: wholeNumber(10, 60_000)
			.describe('for an order call; what is not answered by then is unknown, and looked up')
			.prefault(1_000),
		failure_threshold: wholeNumber(1, 1_000)
			.describe('failures in a row after which the breaker of an endpoint group opens')
			.prefault(5),
		recovery_timeout: seconds(0.1, HOUR_SEC)
			.describe('seconds until an open breaker lets one call try; five at most where reads tell what became of orders')
			.prefault(60),
		rate_limit_requests_per_minute: wholeNumber(1, 1_000_000).describe('reads of all kinds').prefault(1_200),
		rate_limit_orders_per_second: wholeNumber(1, 100_000)
			.describe('order calls of the library clients; the engine has budgets of its own, see risk.rate_budget_share')
			.prefault(10),
		rate_limit_market_data_per_second: wholeNumber(1, 100_000).describe('reads of market data').prefault(20),
		batch_size: wholeNumber(1, 1_000).describe('reads that are gathered before they are sent').prefault(20),
		batch_timeout: seconds(0, 60).describe('seconds that a read waits for company').prefault(0.5),
		max_concurrent_batches: wholeNumber(1, 1_000).describe('gathered batches in flight').prefault(5),
	})
	.prefault({});

export const asyncFeaturesSection = z
	.strictObject({
		enable_connection_pooling: yesNo()
			.describe('false: a connection is closed as soon as it is idle, so most calls pay for a handshake')
			.prefault(true),
		enable_request_batching: yesNo()
			.describe('false: each read is sent alone and at once; equal reads in flight are still shared')
			.prefault(true),
		enable_rate_limiting: yesNo()
			.describe('false: no budget of ours for orders; what a venue refuses is still heeded')
			.prefault(true),
		batch_size: wholeNumber(1, 1_000).describe('symbols that a read over many symbols takes at a time').prefault(10),
		max_concurrent_requests: wholeNumber(1, CONNECTIONS_MAX).describe('reads in flight').prefault(50),
	})
	.prefault({});

export const binanceSection = z
	.strictObject({
		rate_limit_requests_per_minute: wholeNumber(1, 1_000_000).describe('weight a minute').prefault(1_200),
		rate_limit_orders_per_second: wholeNumber(1, 100_000).describe('orders a second').prefault(10),
		enable_websockets: yesNo().describe('false: prices and orders by REST only').prefault(true),
		batch_size: wholeNumber(1, 100).describe("orders in a call; cut down to the venue's own limit, which is five").prefault(5),
	})
	.prefault({});
