/**
 * A session over real sockets: the app on the system's clock and network, its metrics on a port of their own, and the
 * settings followed while it runs. Where the exchange is, and under which key, is handed in.
 */
import { RUN_TAGS, runTagOf } from '../domain/order-id.ts';
import type { EngineNote } from '../engine/ports.ts';
import { systemClock } from '../network/system-clock.ts';
import { systemRng } from '../network/system-rng.ts';
import { systemTransport } from '../network/system-transport.ts';
import type { Clock } from '../ports/clock.ts';
import { memoryJournal } from '../simulation/memory-journal.ts';
import { ladder } from '../strategy/index.ts';
import { type MetricsServer, openMetricsServer } from '../telemetry/metrics-server.ts';
import { PrometheusMeter } from '../telemetry/prometheus-meter.ts';
import { Credentials } from '../venues/bybit/sign.ts';
import type { StreamNote } from '../venues/bybit/stream-note.ts';
import { type BybitUrls, isAllowedUrl } from '../venues/bybit/urls.ts';
import { BYBIT } from '../venues/bybit/venue.ts';
import { type App, openApp, type Quoting } from './app.ts';
import { type BybitSettings, bybitSettings } from './config/bybit-settings.ts';
import type { Config } from './config/config.ts';
import { engineSettings } from './config/engine-settings.ts';
import { quotingSettings } from './config/quoting-settings.ts';
import { venuesOf } from './config/venue-section.ts';
import { DEMO } from './demo.ts';

export interface TradingOptions {
	readonly config: Config;
	readonly urls: BybitUrls;
	readonly apiKey: string;
	readonly apiSecret: string;
	readonly onNote: (note: EngineNote) => void;
	readonly onStreamNote: (note: StreamNote) => void;
}

export interface Trading extends AsyncDisposable {
	readonly app: App;
	readonly clock: Clock;
	/** Where the figures are; undefined where no port was free. */
	readonly metricsUrl: string | undefined;
}

export type TradingOpened =
	| { readonly kind: 'open'; readonly trading: Trading }
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

export async function openTrading(options: TradingOptions): Promise<TradingOpened> {
	const { config, urls } = options;
	const found = theVenue(config);
	if (found.kind === 'refused') return { kind: 'refused', sentences: [found.sentence] };
	const { settings } = found;
	const clock = systemClock();
	const rng = systemRng();
	const meter = new PrometheusMeter();
	const transport = systemTransport({
		clock,
		isAllowed: (url) => isAllowedUrl(urls.environment, url),
		limits: settings.network.transport,
	});
	const reconnects = meter.reconnects(BYBIT);
	/** Sockets that were open once: what opens again has come back. */
	const opened = new Set<string>();
	const made = await openApp(
		{
			venue: {
				urls,
				credentials: new Credentials(options.apiKey, options.apiSecret),
				bookDepth: settings.bookDepth,
				recvWindowMs: settings.recvWindowMs,
				orderCalls: settings.orderCalls,
				reconnect: settings.network.reconnect,
				warmConnections: settings.orderCalls.orderEntry === 'rest' ? WARM_CONNECTIONS : 0,
			},
			symbols: settings.symbols.map((symbol) => ({ category: settings.category, symbol })),
			quoting: quotingOf(config, settings),
			engine: engineOf(config),
			runTag: runTagOf(rng.below(RUN_TAGS)),
		},
		{
			clock,
			rng,
			transport,
			meter,
			// Keeps nothing yet: after a crash the venue is the only one who knows.
			journal: (sink) => memoryJournal({ clock, syncMs: 0, sink }),
			onNote: options.onNote,
			onStreamNote: (note) => {
				if (note.kind === 'session' && note.state === 'open') {
					if (opened.has(note.socket)) reconnects.add(1);
					opened.add(note.socket);
				}
				options.onStreamNote(note);
			},
		},
	);
	if (made.kind === 'refused') {
		await transport[Symbol.asyncDispose]();
		return made;
	}
	const { app } = made;
	meter.watch(app.engine);
	const metrics = await metricsOf(config, meter);
	return {
		kind: 'open',
		trading: {
			app,
			clock,
			metricsUrl: metrics === undefined ? undefined : `http://${metrics.host}:${metrics.port}/metrics`,
			[Symbol.asyncDispose]: async () => {
				await app[Symbol.asyncDispose]();
				await transport[Symbol.asyncDispose]();
				await metrics?.[Symbol.asyncDispose]();
			},
		},
	};
}

/** Enough for a flush of some dozen batches; more are opened when they are needed. */
const WARM_CONNECTIONS = 8;

/** One venue a process, for now. */
function theVenue(config: Config): ReturnType<typeof bybitSettings> {
	const names = Object.keys(venuesOf(config));
	const [name] = names;
	if (name === undefined) return { kind: 'refused', sentence: 'the configuration names no venue' };
	if (names.length === 1) return bybitSettings(config, name);
	return {
		kind: 'refused',
		sentence: `there are ${names.length} venues (${names.join(', ')}), and one process trades on one for now; take the others out`,
	};
}

function quotingOf(config: Config, { symbols }: BybitSettings): readonly Quoting[] {
	const wanted = quotingSettings(config);
	if (wanted.length === 0) return [{ strategy: DEMO.strategy, symbols }];
	return wanted.map((each) => ({ strategy: ladder(each.params), symbols: each.symbols }));
}

/** The demonstration has limits of its own; whoever writes a configuration has his. */
function engineOf(config: Config) {
	const settings = engineSettings(config);
	return config.strategies.length === 0 ? { ...settings, policy: DEMO.settings.policy } : settings;
}

/** The configured port, or any that is free: two sessions on one machine are no mistake. */
async function metricsOf({ telemetry }: Config, meter: PrometheusMeter): Promise<MetricsServer | undefined> {
	const metrics = { contentType: meter.contentType, text: () => meter.text() };
	for (const port of [telemetry.metrics_port, 0]) {
		const opened = await openMetricsServer({ metrics, host: telemetry.metrics_host, port, onBug: () => {} });
		if (opened.kind === 'open') return opened.server;
	}
	return undefined;
}
