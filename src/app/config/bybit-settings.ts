/**
 * From `venues.<name>` to what the Bybit adapter is opened with. Names the variables that hold the key; whoever opens the
 * adapter reads them. Of a box that
 * is started for the session the addresses are known only when it listens, so the URLs are found in a second step.
 */

import type { BookDepth } from '../../venues/bybit/codec/frames.ts';
import { GATEWAY_OPTIONS } from '../../venues/bybit/gateway.ts';
import type { OrderCallOptions } from '../../venues/bybit/order-calls.ts';
import {
	type BoxAddresses,
	type BybitUrls,
	boxUrls,
	boxUrlsBeside,
	type Environment,
	environmentUrls,
	overriddenUrls,
	type UrlsFound,
} from '../../venues/bybit/urls.ts';
import { type NetworkSettings, networkSettings } from './network-settings.ts';
import type { Config } from './sections.ts';
import { type Venue, venuesOf } from './venue-section.ts';

export interface BybitSettings {
	/** Of the account, as the configuration calls it. */
	readonly name: string;
	readonly environment: Environment;
	readonly category: Venue['category'];
	readonly symbols: readonly string[];
	readonly bookDepth: BookDepth;
	readonly recvWindowMs: number;
	readonly apiKeyEnv: string;
	readonly apiSecretEnv: string;
	/** Trade although the key could withdraw. */
	readonly acceptsWithdrawalRight: boolean;
	readonly urlOverrides: Partial<Omit<BybitUrls, 'environment'>>;
	readonly orderCalls: OrderCallOptions;
	readonly network: NetworkSettings;
}

export type BybitSettingsFound =
	| { readonly kind: 'found'; readonly settings: BybitSettings }
	| { readonly kind: 'refused'; readonly sentence: string };

export function bybitSettings(config: Config, name: string): BybitSettingsFound {
	const venues: Readonly<Record<string, Venue>> = venuesOf(config);
	const venue = Object.hasOwn(venues, name) ? venues[name] : undefined;
	if (venue === undefined) {
		return { kind: 'refused', sentence: `no venue is called ${name}; there are ${Object.keys(venues).join(', ')}` };
	}
	if (venue.kind !== 'bybit') {
		return { kind: 'refused', sentence: `venues.${name} is of ${venue.kind}, whose adapter comes later; bybit is there` };
	}
	const network = networkSettings(config);
	const variable = `EVENKEEL_${name.toUpperCase()}_API`;
	return {
		kind: 'found',
		settings: {
			name,
			environment: venue.environment,
			category: venue.category,
			symbols: venue.symbols,
			bookDepth: venue.book_depth,
			recvWindowMs: venue.recv_window_ms,
			apiKeyEnv: venue.api_key_env ?? `${variable}_KEY`,
			apiSecretEnv: venue.api_secret_env ?? `${variable}_SECRET`,
			acceptsWithdrawalRight: venue.accept_withdrawal_right,
			urlOverrides: overridesOf(venue.urls),
			orderCalls: { ...GATEWAY_OPTIONS, orderEntry: venue.order_entry, orderTimeoutMs: network.orderTimeoutMs },
			network,
		},
	};
}

/** Of a box that nobody says where it is, there is none yet: it is for us to start one. */
export function needsBox({ environment, urlOverrides }: BybitSettings): boolean {
	return environment === 'box' && Object.keys(urlOverrides).length === 0;
}

/** `box` is what an exchange in a box that we have started says when it listens; others have addresses in the settings. */
export function bybitUrls({ environment, urlOverrides }: BybitSettings, box?: BoxAddresses): UrlsFound {
	if (environment !== 'box') return overriddenUrls(environmentUrls(environment), urlOverrides);
	if (box !== undefined) return overriddenUrls(boxUrls(box), urlOverrides);
	const { rest } = urlOverrides;
	if (rest !== undefined) return overriddenUrls(boxUrlsBeside(rest), urlOverrides);
	return {
		kind: 'refused',
		sentence: 'urls lacks rest: of an exchange in a box that runs already it is the one address that is needed',
	};
}

function overridesOf(urls: Venue['urls']): BybitSettings['urlOverrides'] {
	const { rest, public_spot: spot, public_linear: linear, public_inverse: inverse, private: own, trade } = urls ?? {};
	return {
		...(rest === undefined ? {} : { rest }),
		...(spot === undefined ? {} : { publicSpot: spot }),
		...(linear === undefined ? {} : { publicLinear: linear }),
		...(inverse === undefined ? {} : { publicInverse: inverse }),
		...(own === undefined ? {} : { private: own }),
		...(trade === undefined ? {} : { trade }),
	};
}
