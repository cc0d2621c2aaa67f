/**
 * The engine as a library, for loops of somebody's own: from keys and symbols to an app that stands in the market.
 * Everything behind it is what `evenkeel run` runs: the same gate, planner, batches and adapter. docs/library.md shows
 * it in use.
 */
import { RUN_TAGS, runTagOf } from '../domain/order-id.ts';
import type { EngineNote } from '../engine/ports.ts';
import { ENGINE_SETTINGS, type EngineSettings } from '../engine/settings.ts';
import { systemClock } from '../network/system-clock.ts';
import { systemRng } from '../network/system-rng.ts';
import { systemTransport } from '../network/system-transport.ts';
import type { Clock } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import { LOOP_LAG_MS_MAX } from '../risk/limits.ts';
import { memoryJournal } from '../simulation/memory-journal.ts';
import { PrometheusMeter } from '../telemetry/prometheus-meter.ts';
import type { SignalStore } from '../trading/signal-store.ts';
import { type App, openApp } from './app.ts';
import { Fills } from './fills.ts';
import {
	type BinanceVenueOptions,
	type BybitVenueOptions,
	binanceOf,
	bybitOf,
	cannotStart,
	type LibraryVenue,
} from './library-venues.ts';
import { LoopApp } from './loop-app.ts';
import { marketDataOf } from './market-data.ts';
import { memorySignals } from './memory-signals.ts';
import { OwnStages } from './own-stages.ts';
import { collectingAfterFlushes, systemYoungGarbage } from './quiet-collection.ts';
import { followSignals } from './signal-follower.ts';
import { symbolId } from './symbol-names.ts';
import { Wishes } from './wishes.ts';

interface EngineOptions {
	/** Hears of signals for symbols that there are not, one sentence each. */
	readonly onSignalTrouble?: (sentence: string) => void;
	/** What differs from `ENGINE_SETTINGS`, such as `{ limits: { positionNotionalMax: 5_000 } }`. */
	readonly engine?: { readonly [Part in keyof EngineSettings]?: Partial<EngineSettings[Part]> };
}

/** Bybit alone. */
export interface BybitAppOptions extends BybitVenueOptions, EngineOptions {}

/** One of them or both, in one engine. */
export interface VenuesAppOptions extends EngineOptions {
	readonly venues: { readonly bybit?: BybitVenueOptions; readonly binance?: BinanceVenueOptions };
}

export type CreateAppOptions = BybitAppOptions | VenuesAppOptions;

/** Streams are up and books whole when this resolves. Throws an AppError `cannot-start` that says what is wrong. */
export async function createApp(options: CreateAppOptions): Promise<LoopApp> {
	const venues = venuesOf(options);
	const clock = systemClock();
	const rng = systemRng();
	const transport = systemTransport({ clock, isAllowed: (url) => venues.some((venue) => venue.isAllowedUrl(url)) });
	await using opening = new AsyncDisposableStack();
	opening.use(transport);
	const wishes = new Wishes();
	const fills = new Fills();
	const meter = new PrometheusMeter();
	const noteEars = new Set<(note: EngineNote) => void>();
	const symbols = venues.flatMap((venue) => venue.symbols);
	const opened = await openApp(
		{
			venues: venues.map(({ setup }) => setup),
			symbols,
			quoting: [{ strategy: wishes, symbols: symbols.map(({ venue, category, symbol }) => symbolId(venue, category, symbol)) }],
			engine: settingsOf(options, venues),
			runTag: runTagOf(rng.below(RUN_TAGS)),
		},
		{
			clock,
			rng,
			transport,
			meter: collectingAfterFlushes(meter, clock, systemYoungGarbage()),
			// Keeps nothing: after a crash the venue is the only one who knows.
			journal: (sink) => memoryJournal({ clock, syncMs: 0, sink }),
			onNote: (note) => {
				if (note.kind === 'filled') fills.hear(note.execution);
				for (const hear of noteEars) hear(note);
			},
		},
	);
	if (opened.kind === 'refused') throw cannotStart(opened.sentences);
	opening.use(opened.app);
	const troubles = await opened.app.start();
	if (troubles.length > 0) throw cannotStart(troubles);
	const marketData = opening.use(marketDataOf(opened.app, { clock, listenerFailed: (error) => fills.keepFailure(error) }));
	const { app } = opened;
	meter.watch(app.engine);
	const signals = await signalsOf(app, { clock, rng: rng.fork('signals'), onSay: options.onSignalTrouble });
	opening.use(signals);
	const stages = new OwnStages(clock, meter);
	return new LoopApp({ ...{ app, clock, wishes, fills, stages, marketData, signals, noteEars }, closing: opening.move() });
}

/** In memory: they end with the app, and the engine hears of each. */
async function signalsOf(
	app: App,
	parts: { readonly clock: Clock; readonly rng: Rng; readonly onSay: ((sentence: string) => void) | undefined },
): Promise<SignalStore> {
	const store = await memorySignals({ clock: parts.clock, rng: parts.rng });
	followSignals({
		...{ signals: store, instruments: app.instruments, now: () => app.runtime.now(), tell: (event) => app.hear(event) },
		onSay: (sentence) => parts.onSay?.(sentence),
	});
	return store;
}

function venuesOf(options: CreateAppOptions): readonly LibraryVenue[] {
	if (!('venues' in options)) return [bybitOf(options)];
	const { bybit, binance, ...others } = options.venues;
	const [other] = Object.keys(others);
	if (other !== undefined) throw cannotStart([`there is no venue '${other}': expected bybit, binance or both under venues`]);
	const venues = [...(bybit === undefined ? [] : [bybitOf(bybit)]), ...(binance === undefined ? [] : [binanceOf(binance)])];
	if (venues.length === 0) throw cannotStart(['no venue is named: name bybit, binance or both under venues']);
	return venues;
}

function settingsOf({ engine = {} }: EngineOptions, venues: readonly LibraryVenue[]): EngineSettings {
	const { tick, bus, policy, limits, lossLimits, budget, reconcile } = ENGINE_SETTINGS;
	return {
		tick: { ...tick, ...engine.tick, isManual: true },
		bus: { ...bus, ...engine.bus },
		policy: { ...policy, ...engine.policy },
		// A box is on the same machine, and nothing is at stake there.
		limits: { ...limits, ...(venues.every(({ isBox }) => isBox) ? {} : { loopLagMsMax: LOOP_LAG_MS_MAX }), ...engine.limits },
		lossLimits: { ...lossLimits, ...engine.lossLimits },
		budget: { ...budget, ...engine.budget },
		reconcile: { ...reconcile, ...engine.reconcile },
	};
}
