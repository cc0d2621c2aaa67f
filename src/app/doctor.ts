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
import type { Finding, WithdrawalRight } from '../venues/wire/finding.ts';
import type { Config } from './config/config.ts';
import { needsBox, type VenueSettings } from './config/venue-settings.ts';
import type { VenueAccess } from './venue-access.ts';

export type { Finding } from '../venues/wire/finding.ts';

export interface Examination {
	readonly config: Pick<Config, 'risk'>;
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
	const { access } = examination;
	const clock = systemClock();
	await using transport = systemTransport({
		clock,
		isAllowed: (url) => access.isAllowedUrl(url),
		limits: access.settings.network.transport,
	});
	return await examineVenue(examination, { transport, clock, rng: systemRng() });
}

export async function examineVenue(examination: Examination, ports: ExaminationPorts): Promise<readonly Finding[]> {
	const { config, access } = examination;
	// Nobody trades with this one: what it tells is heard by nobody.
	await using venue = access.setup.open({
		...ports,
		meter: NO_METER,
		sink: () => {},
		bookOf: () => undefined,
	});
	return await venue.examine({
		wanted: access.settings.symbols,
		withdrawal: withdrawalOf(examination),
		leverageMax: config.risk.leverage_max,
	});
}

function withdrawalOf({ access, isForTrading }: Examination): WithdrawalRight {
	if (access.settings.acceptsWithdrawalRight) return 'accepted';
	return isForTrading ? 'refused' : 'told';
}

/** The sentence with the place in the settings that it is about, for whoever sees it alone. */
export function placedSentence({ check, sentence }: Finding, settings: VenueSettings): string {
	const isOfKey = check === 'key' && !needsBox(settings);
	return `venues.${settings.name}${isOfKey ? ` (key of ${settings.apiKeyEnv})` : ''}: ${sentence}`;
}
