/**
 * All sections of the configuration, and what must agree between them. A new section is a schema in a file of its own
 * and one line here.
 */
import * as z from 'zod';
import { boxSection } from './box-section.ts';
import { asyncBatchSection, riskSection, strategySection } from './engine-sections.ts';
import { apiSection, fleetSection, influxdbSection, reconcileSection, redisSection, telemetrySection } from './later-sections.ts';
import { asyncFeaturesSection, binanceSection, exchangeSection, networkSection } from './network-sections.ts';
import { sentinelSection } from './sentinel-section.ts';
import { crashLoopSection, storageSection, warmUpSection } from './storage-section.ts';
import { type StrategyEntry, strategiesSection } from './strategies-section.ts';
import { ENVIRONMENT_OF, type Mode, modeSetting, type Venue, venuesOf, venuesSection } from './venue-section.ts';

export const SECTIONS = z
	.strictObject({
		mode: modeSetting,
		venues: venuesSection,
		strategies: strategiesSection,
		strategy: strategySection,
		async_batch: asyncBatchSection,
		risk: riskSection,
		exchange: exchangeSection,
		network: networkSection,
		async_features: asyncFeaturesSection,
		storage: storageSection,
		crash_loop: crashLoopSection,
		warm_up: warmUpSection,
		reconcile: reconcileSection,
		sentinel: sentinelSection,
		telemetry: telemetrySection,
		api: apiSection,
		influxdb: influxdbSection,
		redis: redisSection,
		binance: binanceSection,
		fleet: fleetSection,
		box: boxSection,
	})
	.superRefine((config, context) => {
		const refuse: Refuse = (path, message, found) => {
			context.addIssue({ code: 'custom', path, message, ...(found === undefined ? {} : { params: { found } }) });
		};
		checkVenues(config, refuse);
		for (const [index, entry] of config.strategies.entries()) checkStrategy(entry, ['strategies', index], config, refuse);
	});

export type Config = z.output<typeof SECTIONS>;

/** What was found is said where it may be a default, and so stands nowhere. */
type Refuse = (path: (string | number)[], message: string, found?: string) => void;
type Trading = Pick<Config, 'mode' | 'venues'>;

function checkVenues({ mode, venues }: Trading, refuse: Refuse): void {
	const wanted = ENVIRONMENT_OF[mode];
	if (mode !== 'sim' && Object.keys(venues).length === 0) {
		refuse(['venues'], `at least one venue, since mode is ${mode}`, 'none');
	}
	for (const [name, { environment }] of Object.entries(venues)) {
		if (environment === wanted) continue;
		refuse(['venues', name, 'environment'], `${wanted}, since mode is ${mode}`, `'${environment}'`);
	}
}

function checkStrategy(entry: StrategyEntry, path: (string | number)[], trading: Trading, refuse: Refuse): void {
	const venue = venueOfStrategy(entry, trading);
	if (venue.kind === 'none') {
		refuse([...path, 'venue'], venue.expected, entry.venue === undefined ? 'none' : undefined);
		return;
	}
	for (const [index, symbol] of (entry.symbols ?? []).entries()) {
		if (venue.venue.symbols.includes(symbol)) continue;
		refuse([...path, 'symbols', index], `one of ${venue.venue.symbols.join(', ')}`);
	}
}

export type VenueFound =
	| { readonly kind: 'found'; readonly name: string; readonly venue: Venue }
	| { readonly kind: 'none'; readonly expected: string };

/** The one that it names, or the only one there is. */
export function venueOfStrategy(entry: StrategyEntry, trading: { readonly mode: Mode } & Trading): VenueFound {
	const venues = Object.entries(venuesOf(trading));
	const found = entry.venue === undefined && venues.length === 1 ? venues[0] : venues.find(([name]) => name === entry.venue);
	if (found !== undefined) return { kind: 'found', name: found[0], venue: found[1] };
	const names = venues.map(([name]) => name);
	return { kind: 'none', expected: names.length === 0 ? 'a venue under venues' : `one of ${names.join(', ')}` };
}
