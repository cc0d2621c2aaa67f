/** From `venues.<name>` to what holds for an account at any exchange. Names the variables that hold the key; others read them. */
import type { Environment } from '../../venues/bybit/urls.ts';
import type { WantedSymbol } from '../../venues/wire/instruments.ts';
import type { OrderCallOptions } from '../../venues/wire/order-calls.ts';
import { type NetworkSettings, networkSettings } from './network-settings.ts';
import type { Config } from './sections.ts';
import { engineVenue } from './traded-symbols.ts';
import { symbolsOf, type Venue } from './venue-section.ts';

export interface AccountSettings {
	/** As the configuration calls it. */
	readonly name: string;
	/** As the engine calls its venue. */
	readonly venue: string;
	readonly environment: Environment;
	readonly symbols: readonly WantedSymbol[];
	readonly recvWindowMs: number;
	readonly apiKeyEnv: string;
	readonly apiSecretEnv: string;
	/** Its name in the keystore, where the variables hold none. */
	readonly keyName: string;
	/** The variables with a key of the sentinel's own. */
	readonly sentinelKeyEnvs: { readonly apiKeyEnv: string; readonly apiSecretEnv: string } | undefined;
	/** The name of such a key in the keystore, where the variables hold none. */
	readonly sentinelKeyName: string | undefined;
	/** Trade although the key could withdraw. */
	readonly acceptsWithdrawalRight: boolean;
	readonly orderCalls: Pick<OrderCallOptions, 'orderEntry' | 'orderTimeoutMs'>;
	readonly network: NetworkSettings;
}

export function accountSettings(config: Config, name: string, venue: Venue): AccountSettings {
	const network = networkSettings(config);
	const variable = `EVENKEEL_${name.toUpperCase()}_API`;
	return {
		name,
		venue: engineVenue(name, config),
		environment: venue.environment,
		symbols: symbolsOf(venue),
		recvWindowMs: venue.recv_window_ms,
		apiKeyEnv: venue.api_key_env ?? `${variable}_KEY`,
		apiSecretEnv: venue.api_secret_env ?? `${variable}_SECRET`,
		keyName: venue.key ?? name,
		sentinelKeyEnvs: sentinelEnvsOf(venue),
		sentinelKeyName: venue.sentinel_key,
		acceptsWithdrawalRight: venue.accept_withdrawal_right,
		orderCalls: { orderEntry: venue.order_entry, orderTimeoutMs: network.orderTimeoutMs },
		network,
	};
}

function sentinelEnvsOf({ sentinel_api_key_env: apiKeyEnv, sentinel_api_secret_env: apiSecretEnv }: Venue) {
	return apiKeyEnv === undefined || apiSecretEnv === undefined ? undefined : { apiKeyEnv, apiSecretEnv };
}
