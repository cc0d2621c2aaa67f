/**
 * From `venues.<name>` to what the Bybit adapter is opened with. Names the variables that hold the key; whoever opens the
 * adapter reads them. Of the box the addresses are known only when it listens, so the URLs are found in a second step.
 */

import type { BookDepth } from '../../venues/bybit/codec/frames.ts';
import { GATEWAY_OPTIONS } from '../../venues/bybit/gateway.ts';
import type { OrderCallOptions } from '../../venues/bybit/order-calls.ts';
import {
	type BoxAddresses,
	type BybitUrls,
	boxUrls,
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
			urlOverrides: overridesOf(venue.urls),
			orderCalls: { ...GATEWAY_OPTIONS, orderEntry: venue.order_entry, orderTimeoutMs: network.orderTimeoutMs },
			network,
		},
	};
}

/** `box` is what the exchange in a box says when it listens; other environments need none. */
export function bybitUrls({ environment, urlOverrides }: BybitSettings, box?: BoxAddresses): UrlsFound {
	if (environment !== 'box') return overriddenUrls(environmentUrls(environment), urlOverrides);
	if (box === undefined) return { kind: 'refused', sentence: 'the exchange in a box does not listen' };
	return overriddenUrls(boxUrls(box), urlOverrides);
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
