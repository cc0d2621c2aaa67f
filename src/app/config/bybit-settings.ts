/**
 * From an entry under `venues` to what the Bybit adapter is opened with. Of a box that is started for the session the
 * addresses are known only when it listens, so the URLs are found in a second step.
 */
import type { BookDepth } from '../../venues/bybit/codec/frames.ts';
import {
	type BoxAddresses,
	type BybitUrls,
	boxUrls,
	boxUrlsBeside,
	environmentUrls,
	overriddenUrls,
	type UrlsFound,
} from '../../venues/bybit/urls.ts';
import { type AccountSettings, accountSettings } from './account-settings.ts';
import type { Config } from './sections.ts';
import type { Venue } from './venue-section.ts';

export interface BybitSettings extends AccountSettings {
	readonly kind: 'bybit';
	readonly bookDepth: BookDepth;
	readonly urlOverrides: Partial<Omit<BybitUrls, 'environment'>>;
}

export function bybitSettings(config: Config, name: string, venue: Venue): BybitSettings {
	const urlOverrides = overridesOf(venue.urls);
	return { kind: 'bybit', ...accountSettings(config, name, venue), bookDepth: venue.book_depth, urlOverrides };
}

/** `box` is what an exchange in a box that we have started says when it listens; others have addresses in the settings. */
export function bybitUrls(
	{ environment, urlOverrides }: Pick<BybitSettings, 'environment' | 'urlOverrides'>,
	box?: BoxAddresses,
): UrlsFound {
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
