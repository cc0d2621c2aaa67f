/** From the sections about pace, company and patience to how market data is asked for. */
import type { MarketDataSettings } from '../../trading/market-data-settings.ts';
import type { Config } from './sections.ts';

export function marketDataSettings({
	network,
	async_features: features,
	trading,
}: Pick<Config, 'network' | 'async_features' | 'trading'>): Partial<MarketDataSettings> {
	return {
		isBatching: features.enable_request_batching,
		batchSize: network.batch_size,
		batchTimeoutMs: network.batch_timeout * 1_000,
		concurrentBatchesMax: network.max_concurrent_batches,
		concurrentRequestsMax: features.max_concurrent_requests,
		isLimiting: features.enable_rate_limiting,
		requestsPerMinute: network.rate_limit_requests_per_minute,
		marketDataPerSecond: network.rate_limit_market_data_per_second,
		withinMs: trading.deadline * 1_000,
		priceTtlMs: trading.price_ttl * 1_000,
		bookTtlMs: trading.price_ttl * 1_000,
	};
}
