/** The console of a session over real sockets: what it shows of the engine, and of everything around it. */
import type { Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import { StageMinutes } from '../../telemetry/stage-minutes.ts';
import { stagesOf } from '../../telemetry/stages.ts';
import type { App } from '../app.ts';
import { healthOf } from '../health.ts';
import type { Metering } from '../metering/metering.ts';
import type { Outlets } from '../outlets.ts';
import type { Telling } from '../telling.ts';
import type { VenueAccess } from '../venue-access.ts';
import type { SignalsInForce } from './desk-views.ts';
import { EngineConsole } from './engine-console.ts';
import type { Memory } from './memory.ts';
import type { SentinelFacts } from './risk.ts';
import { SettingsDesk, type SettingsDeskParts } from './settings-desk.ts';
import type { RunFacts } from './watched.ts';

export interface ConsoleAround {
	readonly app: App;
	readonly clock: Clock;
	readonly run: RunFacts;
	readonly venues: readonly VenueAccess[];
	readonly transport: Pick<Transport, 'pools'>;
	readonly outlets: Pick<Outlets, 'figures'>;
	readonly telling: Pick<Telling, 'alarm'>;
	readonly metering: Pick<Metering, 'process' | 'meter'>;
	readonly signals: SignalsInForce;
	readonly sentinel: () => SentinelFacts;
	readonly settings: Omit<SettingsDeskParts, 'app'>;
}

/** Looks from here on, until it is disposed. */
export function openConsole(memory: Memory, around: ConsoleAround): EngineConsole {
	const { app, clock, run, transport, outlets, telling, metering, signals, sentinel } = around;
	const { alarm } = telling;
	const minutes = new StageMinutes(metering.meter);
	const console = new EngineConsole({
		...{ app, clock, memory, figures: memory.figures, run, signals, sentinel, alarm },
		venues: around.venues.map(({ settings: { venue, kind, environment }, origins }) => ({
			name: venue,
			kind,
			environment,
			origins,
		})),
		restErrors: (venue) => metering.meter.restErrorCount(venue),
		pools: () => transport.pools(),
		process: () => metering.process.figures,
		lostBesides: () => outlets.figures.influxdb?.lostCount ?? 0,
		alerts: () => alarm.counts(),
		settings: new SettingsDesk({ ...around.settings, app }),
		say: around.settings.say,
		times: {
			stages: () => stagesOf(metering.meter),
			minutes: () => minutes.rows,
			look: (nowMs) => minutes.look(nowMs),
		},
		health: () => healthOf(app),
	});
	console.start();
	return console;
}
