/**
 * All sections of the configuration, and what must agree between them. A new section is a schema in a file of its own
 * and one line here.
 */
import * as z from 'zod';
import { findSymbol, shownName } from '../symbol-names.ts';
import { alertsSection } from './alerts-section.ts';
import { apiSection } from './api-section.ts';
import { boxSection } from './box-section.ts';
import { asyncBatchSection, riskSection, strategySection } from './engine-sections.ts';
import { fleetSection, reconcileSection, telemetrySection } from './later-sections.ts';
import { asyncFeaturesSection, binanceSection, exchangeSection, networkSection } from './network-sections.ts';
import { influxdbSection, redisSection } from './outlet-sections.ts';
import { sentinelSection } from './sentinel-section.ts';
import { crashLoopSection, storageSection, warmUpSection } from './storage-section.ts';
import { type StrategyEntry, strategiesSection } from './strategies-section.ts';
import { type ConfiguredSymbol, configuredSymbols } from './traded-symbols.ts';
import { tradingSection, type WorkflowEntry } from './trading-section.ts';
import { ENVIRONMENT_OF, modeSetting, venuesOf, venuesSection } from './venue-section.ts';

export const SECTIONS = z
	.strictObject({
		mode: modeSetting,
		venues: venuesSection,
		strategies: strategiesSection,
		trading: tradingSection,
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
		alerts: alertsSection,
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
		for (const [index, entry] of config.strategies.entries()) {
			refuseAll(symbolsOfStrategy(entry, config), ['strategies', index], refuse);
		}
		for (const list of ['workflows', 'signals'] as const) {
			for (const [index, entry] of config.trading[list].entries()) {
				refuseAll(symbolsOfDesk(entry, config), ['trading', list, index], refuse);
			}
		}
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

function refuseAll(found: NamedSymbols, path: (string | number)[], refuse: Refuse): void {
	if (found.kind === 'found') return;
	for (const { step, expected, isUnsaid } of found.problems) {
		refuse([...path, ...step], expected, isUnsaid === true ? 'none' : undefined);
	}
}

export type NamedSymbols =
	| { readonly kind: 'found'; readonly symbols: readonly ConfiguredSymbol[] }
	| {
			readonly kind: 'none';
			readonly problems: readonly {
				readonly step: readonly (string | number)[];
				readonly expected: string;
				readonly isUnsaid?: boolean;
			}[];
	  };

/** Those that it names; all of the venue that it names, or of the only one there is, where it names none. */
export function symbolsOfStrategy(entry: StrategyEntry, trading: Trading): NamedSymbols {
	const venues = Object.keys(venuesOf(trading));
	const isUnsaid = entry.venue === undefined;
	const isUnclear = isUnsaid ? entry.symbols === undefined && venues.length !== 1 : !venues.includes(entry.venue ?? '');
	if (isUnclear || venues.length === 0) {
		const expected = venues.length === 0 ? 'a venue under venues' : `one of ${venues.join(', ')}`;
		return { kind: 'none', problems: [{ step: ['venue'], expected, isUnsaid }] };
	}
	const among = configuredSymbols(trading).filter(({ account }) => isUnsaid || account === entry.venue);
	if (entry.symbols === undefined) return { kind: 'found', symbols: among };
	return symbolsNamed(entry.symbols, among);
}

/** Of all venues. */
export function symbolsOfDesk(entry: Pick<WorkflowEntry, 'symbols'>, trading: Trading): NamedSymbols {
	return symbolsNamed(entry.symbols, configuredSymbols(trading));
}

function symbolsNamed(named: readonly string[], among: readonly ConfiguredSymbol[]): NamedSymbols {
	const meant = named.map((name) => findSymbol(name, among));
	const problems = [...meant.entries()].flatMap(([index, each]) => {
		if (each.kind === 'found') return [];
		const names = each.kind === 'several' ? each.ids : among.map((one) => shownName(one, among));
		return [{ step: ['symbols', index], expected: `one of ${names.join(', ')}` }];
	});
	if (problems.length > 0) return { kind: 'none', problems };
	return { kind: 'found', symbols: meant.flatMap((each) => (each.kind === 'found' ? [each.found] : [])) };
}
