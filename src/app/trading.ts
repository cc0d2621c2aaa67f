/**
 * A session over real sockets: the app on the system's clock and network, its metrics on a port of their own, and the
 * settings followed while it runs. Where the exchange is, and under which key, is handed in.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { RunTag } from '../domain/order-id.ts';
import { type TimeMs, timeMs } from '../domain/units.ts';
import type { EngineNote } from '../engine/ports.ts';
import { systemClock } from '../network/system-clock.ts';
import { systemRng } from '../network/system-rng.ts';
import { systemTransport } from '../network/system-transport.ts';
import type { Clock } from '../ports/clock.ts';
import { systemDisk } from '../storage/system-disk.ts';
import { ladder } from '../strategy/index.ts';
import { type MetricsServer, openMetricsServer } from '../telemetry/metrics-server.ts';
import type { PrometheusMeter } from '../telemetry/prometheus-meter.ts';
import { openTraces, type TracesOpened } from '../telemetry/trace/traces.ts';
import type { StreamNote } from '../venues/wire/stream-note.ts';
import { type App, type AppOptions, openApp, type Quoting } from './app.ts';
import { BlackBox } from './black-box.ts';
import { type Config, knownOf } from './config/config.ts';
import { engineSettings } from './config/engine-settings.ts';
import type { LiveSettings } from './config/live-settings.ts';
import { marketDataSettings } from './config/market-data-settings.ts';
import { quotingSettings } from './config/quoting-settings.ts';
import { sentinelSettings } from './config/sentinel-settings.ts';
import { crashLoopOf, warmUpOf } from './config/storage-settings.ts';
import { configuredSymbols } from './config/traded-symbols.ts';
import { tradingSettings } from './config/trading-settings.ts';
import { needsBox, type VenueSettings } from './config/venue-settings.ts';
import type { Console } from './console/contract.ts';
import { Memory } from './console/memory.ts';
import { openConsole } from './console/open-console.ts';
import type { SettingsFile } from './console/settings-desk.ts';
import type { HealthView } from './console/views.ts';
import { blackBoxFolder, type DataOpened, type DataPlace, openDataFolder } from './data-folder.ts';
import { DEMO } from './demo.ts';
import { Desk, type DeskParts } from './desk.ts';
import { examineVenue } from './doctor.ts';
import { lookFirst, noteKeyEnd } from './first-look.ts';
import { healthOf } from './health.ts';
import { type Beginning, ownersOf } from './journaled.ts';
import type { Variables } from './keys.ts';
import { type FollowedKeystore, followKeys } from './keystore/follow-keys.ts';
import { Metering } from './metering/metering.ts';
import { openSignals } from './open-signals.ts';
import { openOutlets, together } from './outlets.ts';
import { keepOverlay, openSettings } from './overlay-file.ts';
import { collectingAfterFlushes, systemYoungGarbage } from './quiet-collection.ts';
import type { FollowedSettings } from './reload.ts';
import { linkOf, sentinelFolder } from './sentinel-link.ts';
import { followSignals } from './signal-follower.ts';
import { openTelling, type Telling } from './telling.ts';
import { Troubles } from './troubles.ts';
import type { ApiKey, VenueAccess } from './venue-access.ts';

/** With the names of the venues whose keys are out of it. */
export interface KeystoreOfSession extends FollowedKeystore {
	readonly names: ReadonlySet<string>;
}

export interface TradingOptions {
	readonly config: Config;
	/** The file that it comes from, where there is one. */
	readonly followed?: Pick<FollowedSettings, 'file' | 'sources' | 'start'> | undefined;
	/** All of the configuration, with their keys. */
	readonly venues: readonly VenueAccess[];
	/** Where some of the keys are out of, to take new ones from it. */
	readonly keystore?: KeystoreOfSession;
	/** Where the journal is and what it is called. */
	readonly data: DataPlace;
	readonly onNote: (note: EngineNote) => void;
	/** Of the environment: where the secrets of InfluxDB and Redis are. */
	readonly variables?: Variables;
	/** Every run of every workflow. */
	readonly onRan?: DeskParts['onRan'];
	/** Sentences for the person at the terminal. */
	readonly onTrouble: (sentence: string) => void;
}

export interface Trading extends AsyncDisposable {
	readonly app: App;
	readonly clock: Clock;
	/** What is in force, of the file and of what was laid over it. */
	readonly live: LiveSettings;
	/** What may be looked at and done from outside. */
	readonly console: Console;
	/** To be started when the engine runs. */
	readonly desk: Desk;
	/** Where the figures are; undefined where no port was free. */
	readonly metricsUrl: string | undefined;
	/** What a person should know, one sentence each. */
	readonly warnings: readonly string[];
	/** The orderly end: answers with the orders that could not be proven gone, once the journal knows of them. */
	stop(reason: string): Promise<readonly string[]>;
	/** The end when something is broken inside. */
	abandon(reason: string): Promise<void>;
}

export type TradingOpened =
	| { readonly kind: 'open'; readonly trading: Trading }
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

export async function openTrading(asked: TradingOptions): Promise<TradingOpened> {
	const around: { desk?: Desk; telling?: Telling } = {};
	const onTrouble = (sentence: string): void => {
		around.telling?.hearSentence(sentence);
		asked.onTrouble(sentence);
	};
	const options = { ...asked, onTrouble };
	const { config, venues } = options;
	const [first] = venues;
	if (first === undefined) return { kind: 'refused', sentences: ['the configuration names no venue'] };
	if (config.mode !== 'sim' && wantsNothing(config)) return { kind: 'refused', sentences: [nothingToDo(config)] };
	const own = venues.find(({ settings }) => needsBox(settings));
	if (own !== undefined && sentinelSettings(config).isNeeded) {
		return { kind: 'refused', sentences: [nothingToWatch(own.settings)] };
	}
	const clock = systemClock();
	const rng = systemRng();
	await using opening = new AsyncDisposableStack();
	const metering = opening.use(new Metering(clock));
	const { meter } = metering;
	const troubles = new Troubles({ clock, say: options.onTrouble });
	// Nobody else knows of a box that was started for this session.
	const known = venues.filter(({ settings }) => !needsBox(settings));
	const kept = await openDataFolder({
		place: options.data,
		disk: systemDisk(),
		clock,
		rng,
		mode: config.mode,
		settings: settingsHash(config),
		accounts: known.flatMap(({ tradedAt, key }) => (key === undefined ? [] : tradedAt.map((at) => ({ at, apiKey: key.apiKey })))),
		origins: known.flatMap(({ origins }) => origins),
		crashLoop: crashLoopOf(config),
		onSay: options.onTrouble,
	});
	if (kept.kind === 'refused') return kept;
	const { data, beginning } = kept;
	opening.use(data);
	const inForce = await openSettings(systemDisk(), options.data.folder, options.followed?.start.known ?? knownOf(config));
	if (inForce.kind === 'refused') return await neverBegun(kept, { kind: 'refused', sentences: [inForce.sentence] });
	const { live } = inForce;
	const transport = systemTransport({
		clock,
		isAllowed: (url) => venues.some((venue) => venue.isAllowedUrl(url)),
		limits: first.settings.network.transport,
		onExhausted: (exhaustion) => {
			troubles.hearExhaustion(exhaustion);
			metering.hearExhaustion(exhaustion);
		},
	});
	opening.use(transport);
	const looked = await lookFirst(options, { transport, clock, rng: rng.fork('doctor') });
	if (looked.kind === 'refused') return await neverBegun(kept, looked);
	const { folder: dataFolder, signalsFolder = dataFolder } = options.data;
	const signals = await openSignals({ folder: signalsFolder, clock, rng, onSay: options.onTrouble });
	if (signals.kind === 'refused') return await neverBegun(kept, { kind: 'refused', sentences: [signals.sentence] });
	opening.use(signals.store);
	const told = await openOutlets({
		...{ config, clock, rng, folder: dataFolder, variables: options.variables ?? {}, onSay: options.onTrouble },
		environment: first.settings.environment,
		origins: venues.flatMap(({ origins }) => origins),
	});
	if (told.kind === 'refused') return await neverBegun(kept, { kind: 'refused', sentences: [told.sentence] });
	const outlets = opening.use(told.outlets);
	const heard = await openTelling({
		...{ config, clock, rng, folder: dataFolder, variables: options.variables ?? {}, disk: systemDisk() },
		...{ runTag: beginning.runTag, build: options.data.build, onSay: options.onTrouble },
		instance: `evenkeel ${config.mode} ${basename(signalsFolder)}`,
		secrets: venues.flatMap(({ key }) => secretsOf(key)),
	});
	if (heard.kind === 'refused') return await neverBegun(kept, heard);
	const telling = opening.use(heard.telling);
	around.telling = telling;
	const traced = await tracesOf(options, { runTag: beginning.runTag, clock });
	if (traced.kind === 'refused') return await neverBegun(kept, { kind: 'refused', sentences: [traced.sentence] });
	opening.use(traced.traces);
	const blackBox = blackBoxOf(options, { runTag: beginning.runTag, clock });
	opening.use(blackBox);
	const memory = new Memory(clock);
	const begun = { ...beginning, atMs: timeMs(Math.floor(clock.wallMs())) };
	const made = await openApp(appOptions({ ...options, config: live.running.config }, begun), {
		clock,
		rng,
		transport,
		meter: collectingAfterFlushes(meter, clock, systemYoungGarbage()),
		...(traced.traces === undefined ? {} : { tracer: traced.traces.tracer }),
		journal: (sink) => data.journal(sink, ownersOf(quotingOf(config))),
		onNote: (note) => {
			troubles.hearNote(note);
			around.desk?.hear(note);
			outlets.hearNote(note);
			telling.hearNote(note);
			options.onNote(note);
		},
		onSay: options.onTrouble,
		recorder: together([blackBox, outlets, metering.events, ...telling.recorders, memory], options.onTrouble),
		onStreamNote: reconnectsCounted(meter, (note, venue) => {
			troubles.hearStream(note, venues.length === 1 ? undefined : venue);
			telling.hearStream(note, venue);
		}),
	});
	if (made.kind === 'refused') return await neverBegun(kept, made);
	const { app } = made;
	opening.use(app);
	blackBox.watch(app);
	outlets.watch(app);
	telling.watch(app, {
		keyEndsAtMs: looked.keyEndsAtMs,
		lostPoints: () => outlets.figures.influxdb?.lostCount ?? 0,
	});
	opening.use(
		followSignals({
			signals: signals.store,
			instruments: app.instruments,
			now: () => app.runtime.now(),
			tell: (event) => app.hear(event),
			onSay: options.onTrouble,
		}),
	);
	if (options.keystore !== undefined) {
		const { keystore, names, read } = options.keystore;
		opening.use(
			followKeys({
				...{ keystore, read, clock, rng: rng.fork('tries of a key'), accounts: looked.accounts },
				venues: venues.filter(({ settings }) => names.has(settings.name)),
				look: (access) => examineVenue({ config, access, isForTrading: true }, { transport, clock, rng: rng.fork('new key') }),
				say: options.onTrouble,
				taken: (venue, key, findings) => {
					telling.hide(secretsOf(key));
					noteKeyEnd(looked.keyEndsAtMs, venue, findings);
				},
			}),
		);
	}
	const desk = new Desk({
		...{ app, clock, signals: signals.store, onRan: options.onRan, onTrouble: options.onTrouble },
		settings: tradingSettings(config),
		marketData: marketDataSettings(config),
		cacheOf: (name, ttlMs) => outlets.cache({ name, ttlMs }),
	});
	around.desk = opening.use(desk);
	// From its beginning on nothing is quoted unless a sentinel watches.
	const folder = sentinelFolder(options.data.folder);
	const { isNeeded, timeoutMs } = sentinelSettings(config);
	const { accounts } = looked;
	const link = isNeeded ? linkOf(app, { clock, disk: systemDisk(), folder, timeoutMs, accounts }) : undefined;
	opening.defer(async () => await link?.end(false));
	await link?.begin();
	const run = { mode: config.mode, version: options.data.build };
	metering.watch(app, { transport, outlets, run, worked: memory.figures, alarm: telling.alarm });
	const console = openConsole(memory, {
		...{ app, clock, venues, transport, outlets, telling, metering, signals: signals.store },
		run: {
			...{ ...run, id: beginning.runTag, startedAtMs: begun.atMs, settings: () => settingsHash(live.running.config) },
			instance: basename(signalsFolder),
		},
		settings: {
			live,
			keep: (overlay) => keepOverlay(systemDisk(), options.data.folder, overlay),
			say: options.onTrouble,
			file: fileOf(options.followed),
		},
		sentinel: () => ({ isNeeded, isWatching: link?.isWatching ?? false }),
	});
	opening.use(console);
	const metrics = await metricsOf(config, meter, () => healthOf(app));
	if (metrics !== undefined) opening.use(metrics);
	const closing = opening.move();
	return {
		kind: 'open',
		trading: {
			app,
			clock,
			console,
			live,
			desk,
			warnings: [...beginning.remarks, ...inForce.remarks, ...looked.warnings],
			metricsUrl: metrics === undefined ? undefined : `http://${metrics.host}:${metrics.port}/metrics`,
			stop: async (reason) => {
				const left = await stopBoth({ app, desk, onTrouble: options.onTrouble }, reason);
				if (!(await data.end(left))) options.onTrouble(NO_GOODBYE);
				await link?.end(left.length === 0);
				telling.hearEnd(left);
				return left;
			},
			abandon: async (reason) => {
				telling.hearBug(reason);
				blackBox.write(reason);
				await app.abandon(reason);
			},
			[Symbol.asyncDispose]: () => closing.disposeAsync(),
		},
	};
}

/**
 * The gate is shut at once, whatever the desk still waits for: what it wants from here on is not wanted any more. Neither
 * waits for the other's end, or fails with it.
 */
export async function stopBoth(
	{
		app,
		desk,
		onTrouble,
	}: Pick<TradingOptions, 'onTrouble'> & { readonly app: Pick<App, 'stop'>; readonly desk: AsyncDisposable },
	reason: string,
): Promise<readonly string[]> {
	const stopping = app.stop(reason);
	const [stopped, ended] = await Promise.allSettled([stopping, desk[Symbol.asyncDispose]()]);
	if (ended.status === 'rejected') onTrouble(`the trading desk did not end in order: ${String(ended.reason)}`);
	if (stopped.status === 'rejected') throw stopped.reason;
	return stopped.value;
}

/** The journal takes nothing, or takes it back. */
const NO_GOODBYE =
	'the good-bye of this run could not be written down: the next start will take it for a crash, and look everything up';

function blackBoxOf(
	{ config, data: place, onTrouble }: TradingOptions,
	{ runTag, clock }: { readonly runTag: RunTag; readonly clock: Clock },
): BlackBox {
	return new BlackBox({
		disk: systemDisk(),
		clock,
		folder: blackBoxFolder(place.folder),
		run: { runTag, mode: config.mode, build: place.build, settings: settingsHash(config) },
		command: place.rearmCommand,
		onSay: onTrouble,
	});
}

/** None unless the settings say where to. */
async function tracesOf(
	{ config: { telemetry, mode }, data: { build }, onTrouble }: TradingOptions,
	{ runTag, clock }: { readonly runTag: RunTag; readonly clock: Clock },
): Promise<TracesOpened | { readonly kind: 'none'; readonly traces: undefined }> {
	const { traces_url: url } = telemetry;
	if (url === undefined) return { kind: 'none', traces: undefined };
	const about = { 'service.version': build, 'service.instance.id': runTag, 'deployment.environment.name': mode };
	return await openTraces({ url, clock, about, onSay: onTrouble });
}

function fileOf(followed: TradingOptions['followed']): SettingsFile | undefined {
	if (followed === undefined) return undefined;
	const { file, sources } = followed;
	return { name: sources.name, text: () => file.text(), replace: (text) => file.replace(text) };
}

/** Nothing was sent, so nothing is left but what was left before. */
async function neverBegun<Refused>(
	{ data, beginning }: Extract<DataOpened, { kind: 'open' }>,
	refused: Refused,
): Promise<Refused> {
	await data.end(beginning.recovered.orders.map(({ orderId }) => orderId));
	return refused;
}

function appOptions(
	{ config, venues }: Pick<TradingOptions, 'config' | 'venues'>,
	{ runTag, recovered, atMs }: Pick<Beginning, 'runTag' | 'recovered'> & { readonly atMs: TimeMs },
): AppOptions {
	return {
		venues: venues.map(({ setup }) => setup),
		symbols: venues.flatMap(({ settings: { venue, symbols } }) => symbols.map((each) => ({ ...each, venue }))),
		quoting: quotingOf(config),
		engine: engineSettings(config),
		runTag,
		recovered: { state: recovered, atMs },
		...(recovered.lastOrderId === undefined ? {} : { lastOrderId: recovered.lastOrderId }),
		warmUp: warmUpOf(config),
		portfolioEveryMs: tradingSettings(config).snapshotEveryMs,
	};
}

/** Of what is in force, to tell that it is not what it was. */
function settingsHash(config: Config): string {
	return createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 12);
}

type VenueWatch = (note: StreamNote, venue: string) => void;

function reconnectsCounted(meter: PrometheusMeter, watch: VenueWatch): VenueWatch {
	/** Sockets that were open once: what opens again has come back. */
	const opened = new Set<string>();
	return (note, venue) => {
		if (note.kind === 'session' && note.state === 'open') {
			const socket = `${venue} ${note.socket}`;
			if (opened.has(socket)) meter.reconnects(venue).add(1);
			opened.add(socket);
		}
		watch(note, venue);
	};
}

function secretsOf(key: ApiKey | undefined): readonly string[] {
	return key === undefined ? [] : [key.apiKey, key.apiSecret];
}

/** A session's own exchange ends with it, and is known to nobody else. */
function nothingToWatch({ name }: VenueSettings): string {
	return `sentinel.enabled asks for a sentinel, and no other process reaches the exchange in a box that a session starts: take it out, or name a box that runs already under venues.${name}.urls.rest`;
}

/** What the demonstration quotes is for its own exchange alone. */
function nothingToDo({ mode }: Config): string {
	return `there is nothing to do: write down under strategies what is to be quoted, or under trading.workflows what is to be traded, since mode is ${mode}`;
}

function wantsNothing({ strategies, trading }: Config): boolean {
	return strategies.length === 0 && trading.workflows.length === 0;
}

/** A simulation that wants nothing of its own quotes what the demonstration does. */
function quotingOf(config: Config): readonly Quoting[] {
	const wanted = quotingSettings(config);
	if (wantsNothing(config)) {
		return [{ strategy: DEMO.strategy, symbols: configuredSymbols(config).map(({ engineName }) => engineName) }];
	}
	return wanted.map((each) => ({ strategy: ladder(each.params), symbols: each.symbols }));
}

/** The configured port, or any that is free: two sessions on one machine are no mistake. */
async function metricsOf(
	{ telemetry }: Config,
	meter: PrometheusMeter,
	health: () => HealthView,
): Promise<MetricsServer | undefined> {
	const metrics = { contentType: meter.contentType, text: () => meter.text() };
	for (const port of [telemetry.metrics_port, 0]) {
		const opened = await openMetricsServer({ metrics, health, host: telemetry.metrics_host, port, onBug: () => {} });
		if (opened.kind === 'open') return opened.server;
	}
	return undefined;
}
