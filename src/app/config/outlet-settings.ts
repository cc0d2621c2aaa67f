/** From the sections about time series and Redis to the values that are used. */
import type { InfluxApi } from '../../storage/influx/influx-target.ts';
import type { Config } from './sections.ts';

export interface InfluxSettings {
	readonly url: string;
	readonly api: InfluxApi;
	readonly database: string;
	readonly org: string;
	readonly username: string | undefined;
	readonly tokenEnv: string | undefined;
	/** 1: each point alone. */
	readonly batchSize: number;
	readonly flushMs: number;
	readonly everyMs: number;
	readonly spillBytesMax: number;
}

export interface RedisSettings {
	readonly url: string;
	readonly passwordEnv: string | undefined;
	readonly prefix: string;
	readonly everyMs: number;
}

/** Undefined where nobody wants it. */
export function influxSettings({ influxdb }: Pick<Config, 'influxdb'>): InfluxSettings | undefined {
	if (influxdb.url === undefined) return undefined;
	return {
		url: influxdb.url,
		api: influxdb.api,
		database: influxdb.database,
		org: influxdb.org,
		username: influxdb.username,
		tokenEnv: influxdb.token_env,
		batchSize: influxdb.enable_batching ? influxdb.batch_size : 1,
		flushMs: influxdb.flush_interval * 1_000,
		everyMs: influxdb.prices_interval * 1_000,
		spillBytesMax: influxdb.spill_max_mb * 1_000_000,
	};
}

export function redisSettings({ redis }: Pick<Config, 'redis'>): RedisSettings | undefined {
	if (redis.url === undefined) return undefined;
	return {
		url: redis.url,
		passwordEnv: redis.password_env,
		prefix: redis.key_prefix,
		everyMs: redis.state_interval * 1_000,
	};
}
