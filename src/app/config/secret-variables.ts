/** The variables of the environment that hold a secret, but for the keys of venues: whoever reads them takes them out. */
import type { Config } from './sections.ts';

export function secretVariables({ alerts, influxdb, redis }: Pick<Config, 'alerts' | 'influxdb' | 'redis'>): readonly string[] {
	const ofSinks = alerts.sinks.flatMap((sink) => [sink.url_env, sink.token_env]);
	return [...ofSinks, influxdb.token_env, redis.password_env].filter((name) => name !== undefined);
}
