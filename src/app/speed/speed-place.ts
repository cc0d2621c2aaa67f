/** What the speed demonstration measures with: reads of its own at an exchange in a box, and apps that trade there. */
import { RUN_TAGS, runTagOf } from '../../domain/order-id.ts';
import { ENGINE_SETTINGS } from '../../engine/settings.ts';
import { systemClock } from '../../network/system-clock.ts';
import { systemRng } from '../../network/system-rng.ts';
import { systemTransport } from '../../network/system-transport.ts';
import type { Transport } from '../../network/transport.ts';
import { TRANSPORT_LIMITS } from '../../network/transport-limits.ts';
import { NO_METER } from '../../ports/meter.ts';
import { memoryJournal } from '../../simulation/memory-journal.ts';
import { BybitReads } from '../../venues/bybit/reads.ts';
import { BybitRest } from '../../venues/bybit/rest.ts';
import { makeCredentials } from '../../venues/bybit/sign.ts';
import { isAllowedUrl } from '../../venues/bybit/urls.ts';
import { type PatienceOptions, READ_PATIENCE } from '../../venues/wire/patience.ts';
import { VenueClock } from '../../venues/wire/venue-clock.ts';
import { type App, openApp } from '../app.ts';
import type { BoxListening } from '../box.ts';
import { bybitOf, type LibraryVenue } from '../library-venues.ts';
import { LoopDesk, type LoopDeskOptions } from '../loop-desk.ts';
import { marketDataOf } from '../market-data.ts';
import { memorySignals } from '../memory-signals.ts';

export type Place = Pick<BoxListening, 'bybit' | 'accounts'>;

export interface ReadPlace extends AsyncDisposable {
	readonly reads: BybitReads;
	/** Sent since it was opened. */
	readonly callCount: number;
}

export interface ReadPlaceOptions {
	readonly isPooling?: boolean;
	readonly retriesMax?: number;
	readonly timeoutMs?: number;
}

/** The shortest time that a transport can be told to keep an idle connection. */
const UNPOOLED_MS = 1;
const NEVER_OPENS = { failureThreshold: 1_000_000, recoveryMs: 1 };

/** A connection for everything that is asked at once. */
const WIDE = {
	...TRANSPORT_LIMITS,
	...{ plans: {}, plan: { connections: 200, waitingMax: 10_000 }, connectionsPerHostMax: 200, connectionsMax: 400 },
};

/** Reads as an account, with a switch for each thing that may be compared. */
export async function openReads(place: Place, options: ReadPlaceOptions = {}): Promise<ReadPlace> {
	const { isPooling = true, retriesMax = READ_PATIENCE.retriesMax, timeoutMs } = options;
	const clock = systemClock();
	const rng = systemRng();
	const limits = { ...WIDE, keepAliveMs: isPooling ? WIDE.keepAliveMs : UNPOOLED_MS };
	const counted = counting(systemTransport({ clock, limits, isAllowed: (url) => isAllowedUrl('box', url) }));
	const { transport } = counted;
	const [account] = place.accounts;
	const made = makeCredentials({ apiKey: account?.apiKey ?? '', apiSecret: account?.apiSecret ?? '' });
	const patience: PatienceOptions = { ...READ_PATIENCE, retriesMax, backoff: { ...READ_PATIENCE.backoff, baseMs: 50 } };
	const rest = new BybitRest({
		...{ transport, clock, rng, meter: NO_METER, venue: 'bybit', origin: place.bybit.rest },
		venueClock: new VenueClock({ clock, venue: 'bybit', sink: () => undefined }),
		credentials: made.kind === 'made' ? made.credentials : undefined,
		reads: { patience, breaker: NEVER_OPENS },
	});
	return {
		reads: new BybitReads(rest, undefined, timeoutMs),
		get callCount() {
			return counted.count;
		},
		[Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
	};
}

export interface Trader extends AsyncDisposable {
	readonly app: App;
	readonly desk: LoopDesk;
	/** Reads and order calls since it was opened. */
	readonly callCount: number;
}

const LIMITLESS = 1e12;
const MODELS = [{ kind: 'ema-cross', fast: 5, slow: 20, confirm: 1 }] as const;
/** Whatever the models say, they mean it. */
const THRESHOLDS = { buyAbove: 1e-9, sellBelow: -1e-9, confidenceMin: 0 };

/** One of the accounts with an engine and a desk. What it reads is not kept, so that each run reads it all. */
export async function openTrader(
	place: Place,
	{
		accountIndex,
		symbols,
		desk,
	}: { accountIndex: number; symbols: readonly string[]; desk: Pick<LoopDeskOptions, 'concurrency'> },
): Promise<Trader> {
	await using opening = new AsyncDisposableStack();
	const clock = systemClock();
	const rng = systemRng();
	const account = place.accounts[accountIndex];
	const venue: LibraryVenue = bybitOf({
		...{ exchange: place.bybit, apiKey: account?.apiKey ?? '', apiSecret: account?.apiSecret ?? '', symbols },
	});
	const counted = counting(systemTransport({ clock, limits: WIDE, isAllowed: (url) => venue.isAllowedUrl(url) }));
	opening.use(counted.transport);
	const heard: { desk?: LoopDesk } = {};
	const { limits, tick, budget } = ENGINE_SETTINGS;
	const notional = {
		orderNotionalMax: LIMITLESS,
		positionNotionalMax: LIMITLESS,
		grossNotionalMax: LIMITLESS,
		netNotionalMax: LIMITLESS,
	};
	const opened = await openApp(
		{
			...{ venues: [venue.setup], symbols: venue.symbols, quoting: [], runTag: runTagOf(rng.below(RUN_TAGS)) },
			engine: {
				...ENGINE_SETTINGS,
				tick: { ...tick, isManual: true },
				limits: { ...limits, ...notional },
				budget: { ...budget, isEnabled: false },
			},
		},
		{
			...{ clock, rng, transport: counted.transport, meter: NO_METER },
			journal: (sink) => memoryJournal({ clock, syncMs: 0, sink }),
			onNote: (note) => heard.desk?.desk.hear(note),
		},
	);
	if (opened.kind === 'refused') throw new Error(opened.sentences.join('; '));
	const { app } = opened;
	opening.use(app);
	const troubles = await app.start();
	if (troubles.length > 0) throw new Error(troubles.join('; '));
	const failed = (error: unknown): void => {
		throw error;
	};
	const settings = { isLimiting: false, priceTtlMs: 1, bookTtlMs: 1, barsTtlMs: 1, withinMs: 600_000 };
	const marketData = opening.use(marketDataOf(app, { clock, settings, listenerFailed: failed }));
	const signals = opening.use(await memorySignals({ clock, rng }));
	heard.desk = new LoopDesk(
		{ ...{ name: 'demo', models: MODELS, thresholds: THRESHOLDS, barCount: 60, withinMs: 600_000 }, ...desk },
		{ app, clock, marketData, signals },
	);
	// Neither side pays for the first handshakes, or for code that nothing has run before.
	await marketData.fetchOrderBooksBatch(symbols, { depth: 1 });
	await marketData.fetchKlinesBatch(symbols, { interval: '1m', count: 1 });
	const readsBefore = counted.count;
	const callsBefore = app.engine.getStats().calls;
	const closing = opening.move();
	return {
		...{ app, desk: heard.desk },
		get callCount() {
			return counted.count - readsBefore + app.engine.getStats().calls - callsBefore;
		},
		[Symbol.asyncDispose]: () => closing.disposeAsync(),
	};
}

function counting(inner: Transport) {
	const counted = { count: 0 };
	const transport: Transport = {
		request: (call, heard) => {
			counted.count += 1;
			return inner.request(call, heard);
		},
		connect: (target, handler) => inner.connect(target, handler),
		warm: (origin, pool, connections) => inner.warm(origin, pool, connections),
		pools: () => inner.pools(),
		[Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
	};
	return {
		transport,
		get count() {
			return counted.count;
		},
	};
}
