/** From the section `sentinel`, and what the network sections say of cancels, to what the watchdog is opened with. */
import { CANCEL_PATIENCE, type PatienceOptions } from '../../venues/wire/patience.ts';
import type { Config } from './sections.ts';

export interface SentinelSettings {
	/** Whether the engine quotes only while a sentinel watches. */
	readonly isNeeded: boolean;
	readonly timeoutMs: number;
	/** Names of the variables with a key of its own. */
	readonly keyEnvs: { readonly apiKeyEnv: string; readonly apiSecretEnv: string } | undefined;
	readonly cancelPatience: PatienceOptions;
}

/** A simulation needs none: the exchange that it starts ends with it, and its orders with that. */
export function sentinelSettings({ mode, sentinel, exchange }: Pick<Config, 'mode' | 'sentinel' | 'exchange'>): SentinelSettings {
	const { api_key_env: apiKeyEnv, api_secret_env: apiSecretEnv } = sentinel;
	const { cancel_base_backoff_ms: baseMs, cancel_max_backoff_ms: maxMs } = exchange;
	return {
		isNeeded: sentinel.enabled ?? mode !== 'sim',
		timeoutMs: sentinel.heartbeat_timeout * 1_000,
		keyEnvs: apiKeyEnv === undefined || apiSecretEnv === undefined ? undefined : { apiKeyEnv, apiSecretEnv },
		cancelPatience: { ...CANCEL_PATIENCE, backoff: { kind: 'exponential', baseMs, maxMs, jitter: 'added' } },
	};
}
