/**
 * The engine as a library, for loops of somebody's own: from keys and symbols to an app that stands in the market.
 * Everything behind it is what `evenkeel run` runs: the same gate, planner, batches and adapter. docs/library.md shows
 * it in use.
 */
import { RUN_TAGS, runTagOf } from '../domain/order-id.ts';
import { ENGINE_SETTINGS, type EngineSettings } from '../engine/settings.ts';
import { RECONNECT_POLICY } from '../network/reconnect.ts';
import { systemClock } from '../network/system-clock.ts';
import { systemRng } from '../network/system-rng.ts';
import { systemTransport } from '../network/system-transport.ts';
import { NO_METER } from '../ports/meter.ts';
import { LOOP_LAG_MS_MAX } from '../risk/limits.ts';
import { memoryJournal } from '../simulation/memory-journal.ts';
import { GATEWAY_OPTIONS } from '../venues/bybit/gateway.ts';
import { RECV_WINDOW_MS } from '../venues/bybit/rest.ts';
import { makeCredentials } from '../venues/bybit/sign.ts';
import { type BoxAddresses, type BybitUrls, boxUrls, environmentUrls, isAllowedUrl } from '../venues/bybit/urls.ts';
import { openApp } from './app.ts';
import { AppError } from './app-error.ts';
import { Fills } from './fills.ts';
import { LoopApp } from './loop-app.ts';
import { collectingAfterFlushes, systemYoungGarbage } from './quiet-collection.ts';
import { Wishes } from './wishes.ts';

export interface CreateAppOptions {
	/** One of Bybit's own test environments, or an exchange in a box that listens somewhere on this machine. */
	readonly exchange: 'testnet' | 'demo' | BoxAddresses;
	readonly apiKey: string;
	/** Of a key pair of your own: the private key in PEM. */
	readonly apiSecret: string;
	/** `linear` unless given. */
	readonly category?: 'linear' | 'spot';
	/** As the venue writes them: `BTCUSDT`. */
	readonly symbols: readonly string[];
	/** How orders travel; `ws` unless given, with `rest` behind it. */
	readonly orderEntry?: 'ws' | 'rest';
	/** What differs from `ENGINE_SETTINGS`, such as `{ limits: { positionNotionalMax: 5_000 } }`. */
	readonly engine?: { readonly [Part in keyof EngineSettings]?: Partial<EngineSettings[Part]> };
}

const BOOK_DEPTH = 50;

/** Streams are up and books whole when this resolves. Throws an AppError `cannot-start` that says what is wrong. */
export async function createApp(options: CreateAppOptions): Promise<LoopApp> {
	const { exchange, category = 'linear', symbols, orderEntry = 'ws' } = options;
	// Programs without types hand on what their environment has, and that may be nothing.
	const made = makeCredentials({ apiKey: String(options.apiKey ?? ''), apiSecret: String(options.apiSecret ?? '') });
	if (made.kind === 'refused') throw cannotStart([made.sentence]);
	const urls = urlsOf(exchange);
	const clock = systemClock();
	const rng = systemRng();
	const transport = systemTransport({ clock, isAllowed: (url) => isAllowedUrl(urls.environment, url) });
	await using opening = new AsyncDisposableStack();
	opening.use(transport);
	const wishes = new Wishes();
	const fills = new Fills();
	const opened = await openApp(
		{
			venue: {
				urls,
				credentials: made.credentials,
				bookDepth: BOOK_DEPTH,
				recvWindowMs: RECV_WINDOW_MS,
				orderCalls: { ...GATEWAY_OPTIONS, orderEntry },
				reconnect: RECONNECT_POLICY,
				warmConnections: 0,
			},
			symbols: symbols.map((symbol) => ({ category, symbol })),
			quoting: [{ strategy: wishes, symbols }],
			engine: settingsOf(options),
			runTag: runTagOf(rng.below(RUN_TAGS)),
		},
		{
			clock,
			rng,
			transport,
			meter: collectingAfterFlushes(NO_METER, clock, systemYoungGarbage()),
			// Keeps nothing: after a crash the venue is the only one who knows.
			journal: (sink) => memoryJournal({ clock, syncMs: 0, sink }),
			onNote: (note) => {
				if (note.kind === 'filled') fills.hear(note.execution);
			},
		},
	);
	if (opened.kind === 'refused') throw cannotStart(opened.sentences);
	opening.use(opened.app);
	const troubles = await opened.app.start();
	if (troubles.length > 0) throw cannotStart(troubles);
	return new LoopApp({ app: opened.app, clock, wishes, fills, closing: opening.move() });
}

/** Programs without types can write anything here, and a key must never reach a place that it was not meant for. */
function urlsOf(exchange: CreateAppOptions['exchange'] | undefined): BybitUrls {
	if (exchange === 'testnet' || exchange === 'demo') return environmentUrls(exchange);
	if (typeof exchange !== 'object') throw cannotStart([noSuchExchange(exchange)]);
	for (const name of ['rest', 'public', 'private', 'trade'] as const) {
		if (exchange[name] !== undefined) continue;
		throw cannotStart([`the exchange has no address ${name}; give what the box prints as bybit`]);
	}
	const { environment, ...urls } = boxUrls(exchange);
	for (const [name, url] of Object.entries(urls)) {
		if (url !== undefined && isAllowedUrl(environment, url)) continue;
		throw cannotStart([`${name} of the exchange is no loopback address, and an exchange in a box has no others`]);
	}
	return { environment, ...urls };
}

function noSuchExchange(name: string | undefined): string {
	if (name === 'mainnet') {
		return "the exchange is 'mainnet', which a library cannot trade on yet: real money needs a journal that survives a crash, and a library keeps none so far; use 'testnet', 'demo' or an exchange in a box";
	}
	const found = name === undefined ? 'not given' : `'${name}'`;
	return `the exchange is ${found}, expected 'testnet', 'demo' or the addresses of an exchange in a box`;
}

function settingsOf({ exchange, engine = {} }: CreateAppOptions): EngineSettings {
	const { tick, bus, policy, limits, lossLimits, budget, reconcile } = ENGINE_SETTINGS;
	return {
		tick: { ...tick, ...engine.tick, isManual: true },
		bus: { ...bus, ...engine.bus },
		policy: { ...policy, ...engine.policy },
		// A box is on the same machine, and nothing is at stake there.
		limits: { ...limits, ...(typeof exchange === 'string' ? { loopLagMsMax: LOOP_LAG_MS_MAX } : {}), ...engine.limits },
		lossLimits: { ...lossLimits, ...engine.lossLimits },
		budget: { ...budget, ...engine.budget },
		reconcile: { ...reconcile, ...engine.reconcile },
	};
}

function cannotStart(sentences: readonly string[]): AppError {
	return new AppError('cannot-start', sentences.join('\n'));
}
