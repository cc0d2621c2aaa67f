/**
 * Looks at a venue before anything is traded there. `evenkeel doctor` shows all that was found, and a session begins with
 * the same look, so that both say the same sentences. Nothing is changed at the venue.
 */
import { systemClock } from '../network/system-clock.ts';
import { systemRng } from '../network/system-rng.ts';
import { systemTransport } from '../network/system-transport.ts';
import type { Transport } from '../network/transport.ts';
import type { Clock } from '../ports/clock.ts';
import { NO_METER } from '../ports/meter.ts';
import type { Rng } from '../ports/rng.ts';
import type { Finding, WithdrawalRight } from '../venues/bybit/doctor.ts';
import { isAllowedUrl } from '../venues/bybit/urls.ts';
import { Bybit } from '../venues/bybit/venue.ts';
import { type BybitSettings, needsBox } from './config/bybit-settings.ts';
import type { Config } from './config/config.ts';
import { type VenueAccess, venueOptions } from './venue-options.ts';

export type { Finding } from '../venues/bybit/doctor.ts';

export interface Examination {
	readonly config: Pick<Config, 'risk'>;
	readonly settings: BybitSettings;
	readonly access: VenueAccess;
	/** Whether trading follows, for which a key that can withdraw is refused. */
	readonly isForTrading: boolean;
}

export interface ExaminationPorts {
	readonly transport: Transport;
	readonly clock: Clock;
	readonly rng: Rng;
}

/** By connections of its own, closed at the end. */
export async function lookAtVenue(examination: Examination): Promise<readonly Finding[]> {
	const { settings, access } = examination;
	const clock = systemClock();
	const { environment } = access.urls;
	await using transport = systemTransport({
		clock,
		isAllowed: (url) => isAllowedUrl(environment, url),
		limits: settings.network.transport,
	});
	return await examineVenue(examination, { transport, clock, rng: systemRng() });
}

export async function examineVenue(examination: Examination, ports: ExaminationPorts): Promise<readonly Finding[]> {
	const { config, settings, access } = examination;
	const { category, symbols } = settings;
	// Nobody trades with this one: what it tells is heard by nobody.
	await using bybit = new Bybit(venueOptions(settings, access), {
		...ports,
		meter: NO_METER,
		sink: () => {},
		bookOf: () => undefined,
	});
	return await bybit.examine({
		wanted: symbols.map((symbol) => ({ category, symbol })),
		withdrawal: withdrawalOf(examination),
		leverageMax: config.risk.leverage_max,
	});
}

function withdrawalOf({ settings, isForTrading }: Examination): WithdrawalRight {
	if (settings.acceptsWithdrawalRight) return 'accepted';
	return isForTrading ? 'refused' : 'told';
}

/** The sentence with the place in the settings that it is about, for whoever sees it alone. */
export function placedSentence({ check, sentence }: Finding, settings: BybitSettings): string {
	const isOfKey = check === 'key' && !needsBox(settings);
	return `venues.${settings.name}${isOfKey ? ` (key of ${settings.apiKeyEnv})` : ''}: ${sentence}`;
}
