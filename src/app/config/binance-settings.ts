/** From an entry under `venues` to what the Binance adapter is opened with, its two sets of addresses included. */
import {
	type BinanceUrls,
	type BoxAddresses,
	boxUrls,
	boxUrlsBeside,
	environmentUrls,
	overriddenUrls,
	type UrlsFound,
} from '../../venues/binance/urls.ts';
import { type AccountSettings, accountSettings } from './account-settings.ts';
import type { Config } from './sections.ts';
import type { Venue } from './venue-section.ts';

export interface BinanceSettings extends AccountSettings {
	readonly kind: 'binance';
	/** The one address that both markets of a box share. */
	readonly boxRest: string | undefined;
	/** Undefined where the venue is not to cancel by itself. */
	readonly countdownMs: number | undefined;
	readonly urlOverrides: Partial<Omit<BinanceUrls, 'environment'>>;
}

export function binanceSettings(config: Config, name: string, venue: Venue): BinanceSettings {
	const countdownMs = venue.countdown_ms === 0 ? undefined : venue.countdown_ms;
	const place = { boxRest: venue.urls?.rest, urlOverrides: overridesOf(venue.urls) };
	return { kind: 'binance', ...accountSettings(config, name, venue), ...place, countdownMs };
}

/** `box` is what an exchange in a box that we have started says when it listens; others have addresses in the settings. */
export function binanceUrls(
	{ environment, boxRest, urlOverrides }: Pick<BinanceSettings, 'environment' | 'boxRest' | 'urlOverrides'>,
	box?: BoxAddresses,
): UrlsFound {
	if (environment !== 'box') return overriddenUrls(environmentUrls(environment), urlOverrides);
	if (box !== undefined) return overriddenUrls(boxUrls(box), urlOverrides);
	const rest = boxRest ?? urlOverrides.spotRest ?? urlOverrides.futuresRest;
	if (rest !== undefined) return overriddenUrls(boxUrlsBeside(rest), urlOverrides);
	return {
		kind: 'refused',
		sentence: 'urls lacks rest: of an exchange in a box that runs already it is the one address that is needed',
	};
}

function overridesOf(urls: Venue['urls'] = {}): BinanceSettings['urlOverrides'] {
	const { spot_rest, spot_stream, spot_ws_api, futures_rest, futures_public, futures_market, futures_private, futures_ws_api } =
		urls;
	return {
		...(spot_rest === undefined ? {} : { spotRest: spot_rest }),
		...(spot_stream === undefined ? {} : { spotStream: spot_stream }),
		...(spot_ws_api === undefined ? {} : { spotWsApi: spot_ws_api }),
		...(futures_rest === undefined ? {} : { futuresRest: futures_rest }),
		...(futures_public === undefined ? {} : { futuresPublic: futures_public }),
		...(futures_market === undefined ? {} : { futuresMarket: futures_market }),
		...(futures_private === undefined ? {} : { futuresPrivate: futures_private }),
		...(futures_ws_api === undefined ? {} : { futuresWsApi: futures_ws_api }),
	};
}
