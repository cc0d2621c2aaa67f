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
import { type Finding, hasProblem } from '../venues/bybit/doctor.ts';
import { type BybitUrls, isAllowedUrl } from '../venues/bybit/urls.ts';
import { BYBIT } from '../venues/bybit/venue.ts';
import { type App, openApp, type Quoting } from './app.ts';
import { type BybitSettings, bybitSettings, needsBox } from './config/bybit-settings.ts';
import type { Config } from './config/config.ts';
import { engineSettings } from './config/engine-settings.ts';
import { quotingSettings } from './config/quoting-settings.ts';
import { venuesOf } from './config/venue-section.ts';
import { DEMO } from './demo.ts';
import { type Examination, type ExaminationPorts, examineVenue, placedSentence } from './doctor.ts';
import { collectingAfterFlushes, systemYoungGarbage } from './quiet-collection.ts';
import { Troubles } from './troubles.ts';
import { venueOptions } from './venue-options.ts';

export interface TradingOptions {
	readonly config: Config;
	readonly urls: BybitUrls;
	readonly apiKey: string;
	readonly apiSecret: string;
	readonly onNote: (note: EngineNote) => void;
	/** Sentences for the person at the terminal. */
	readonly onTrouble: (sentence: string) => void;
}

export interface Trading extends AsyncDisposable {
	readonly app: App;
	readonly clock: Clock;
	/** Where the figures are; undefined where no port was free. */
	readonly metricsUrl: string | undefined;
	/** What a person should know, one sentence each. */
	readonly warnings: readonly string[];
}

export type TradingOpened =
	| { readonly kind: 'open'; readonly trading: Trading }
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

export async function openTrading(options: TradingOptions): Promise<TradingOpened> {
	const { config, urls } = options;
	const found = theVenue(config);
	if (found.kind === 'refused') return { kind: 'refused', sentences: [found.sentence] };
	if (config.mode !== 'sim' && config.strategies.length === 0) return { kind: 'refused', sentences: [nothingToQuote(config)] };
	const { settings } = found;
	const clock = systemClock();
	const rng = systemRng();
	const meter = new PrometheusMeter();
	const troubles = new Troubles({ clock, say: options.onTrouble });
	const transport = systemTransport({
		clock,
		isAllowed: (url) => isAllowedUrl(urls.environment, url),
		limits: settings.network.transport,
		onExhausted: (exhaustion) => troubles.hearExhaustion(exhaustion),
	});
	const access = { urls, key: { apiKey: options.apiKey, apiSecret: options.apiSecret } };
	const looked = await lookFirst({ config, settings, access }, { transport, clock, rng: rng.fork('doctor') });
	if (looked.kind === 'refused') {
		await transport[Symbol.asyncDispose]();
		return looked;
	}
	const reconnects = meter.reconnects(BYBIT);
	/** Sockets that were open once: what opens again has come back. */
	const opened = new Set<string>();
	const made = await openApp(
		{
			venue: venueOptions(settings, access),
			symbols: settings.symbols.map((symbol) => ({ category: settings.category, symbol })),
			quoting: quotingOf(config, settings),
			engine: engineSettings(config),
			runTag: runTagOf(rng.below(RUN_TAGS)),
		},
		{
			clock,
			rng,
			transport,
			meter: collectingAfterFlushes(meter, clock, systemYoungGarbage()),
			// Keeps nothing yet: after a crash the venue is the only one who knows.
			journal: (sink) => memoryJournal({ clock, syncMs: 0, sink }),
			onNote: options.onNote,
			onStreamNote: (note) => {
				if (note.kind === 'session' && note.state === 'open') {
					if (opened.has(note.socket)) reconnects.add(1);
					opened.add(note.socket);
				}
				troubles.hearStream(note);
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
			warnings: looked.warnings,
			metricsUrl: metrics === undefined ? undefined : `http://${metrics.host}:${metrics.port}/metrics`,
			[Symbol.asyncDispose]: async () => {
				await app[Symbol.asyncDispose]();
				await transport[Symbol.asyncDispose]();
				await metrics?.[Symbol.asyncDispose]();
			},
		},
	};
}

type Looked =
	| { readonly kind: 'fine'; readonly warnings: readonly string[] }
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

/** What a doctor calls a problem is a reason not to begin: no order leaves before this is over. */
async function lookFirst(examination: Omit<Examination, 'isForTrading'>, ports: ExaminationPorts): Promise<Looked> {
	const { settings } = examination;
	const findings = await examineVenue({ ...examination, isForTrading: true }, ports);
	const sentencesOf = (level: Finding['level']): readonly string[] =>
		findings.filter((each) => each.level === level).map((each) => placedSentence(each, settings));
	if (hasProblem(findings)) return { kind: 'refused', sentences: sentencesOf('problem') };
	// A box that was started for this session is of our own making, and nobody needs to be warned of it.
	return { kind: 'fine', warnings: needsBox(settings) ? [] : sentencesOf('warning') };
}

/** One venue a process, for now. */
export function theVenue(config: Config): ReturnType<typeof bybitSettings> {
	const names = Object.keys(venuesOf(config));
	const [name] = names;
	if (name === undefined) return { kind: 'refused', sentence: 'the configuration names no venue' };
	if (names.length === 1) return bybitSettings(config, name);
	return {
		kind: 'refused',
		sentence: `there are ${names.length} venues (${names.join(', ')}), and one process trades on one for now; take the others out`,
	};
}

/** What the demonstration quotes is for its own exchange alone. */
function nothingToQuote({ mode }: Config): string {
	return `there is nothing to quote: write down under strategies what is wanted, since mode is ${mode}`;
}

/** A simulation that wants nothing of its own quotes what the demonstration does. */
function quotingOf(config: Config, { symbols }: BybitSettings): readonly Quoting[] {
	const wanted = quotingSettings(config);
	if (wanted.length === 0) return [{ strategy: DEMO.strategy, symbols }];
	return wanted.map((each) => ({ strategy: ladder(each.params), symbols: each.symbols }));
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
