/** From the entries under `venues` to what each venue is opened with, whichever exchange it is of. */
import { type BinanceSettings, binanceSettings } from './binance-settings.ts';
import { type BybitSettings, bybitSettings } from './bybit-settings.ts';
import type { Config } from './sections.ts';
import { kindOf, type Venue, venuesOf } from './venue-section.ts';

export type VenueSettings = BybitSettings | BinanceSettings;

/** In the order in which they are written down. */
export function venueSettings(config: Config): readonly VenueSettings[] {
	return Object.entries<Venue>(venuesOf(config)).map(([name, venue]) => settingsOf(config, name, venue));
}

function settingsOf(config: Config, name: string, venue: Venue): VenueSettings {
	switch (kindOf(name, venue)) {
		case 'bybit':
			return bybitSettings(config, name, venue);
		case 'binance':
			return binanceSettings(config, name, venue);
	}
}

/** Of a box that nobody says where it is, there is none yet: it is for us to start one. */
export function needsBox(settings: VenueSettings): boolean {
	if (settings.environment !== 'box' || Object.keys(settings.urlOverrides).length > 0) return false;
	return settings.kind === 'bybit' || settings.boxRest === undefined;
}
