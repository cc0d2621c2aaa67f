/**
 * The exchange in a box, our adapter and the engine in one process and in virtual time, joined by nothing but the venue's
 * own protocol over a virtual network. What `simulation/world.ts` does without a wire, with everything that the wire
 * brings. A run is a function of its seed.
 */
import type { Instrument } from '../domain/instrument.ts';
import type { EngineNote, Recorder } from '../engine/ports.ts';
import type { EngineSettings } from '../engine/settings.ts';
import type { Exchange } from '../exchange/core/exchange.ts';
import type { OrderView } from '../exchange/core/views.ts';
import type { Facade } from '../exchange/facade.ts';
import { ActiveFaults } from '../exchange/faults/active-faults.ts';
import { BINANCE_DIALECT } from '../exchange/faults/binance-dialect.ts';
import { BYBIT_DIALECT } from '../exchange/faults/bybit-dialect.ts';
import type { FaultContext } from '../exchange/faults/context.ts';
import { createFaultDesk } from '../exchange/faults/desk.ts';
import { FaultyFacade } from '../exchange/faults/faulty-facade.ts';
import { FaultyLine } from '../exchange/faults/faulty-line.ts';
import { Happenings } from '../exchange/faults/happenings.ts';
import type { FaultPlan } from '../exchange/faults/plan.ts';
import { MARKET_STEP_MS } from '../exchange/market/market.ts';
import type { Transport } from '../network/transport.ts';
import type { Timer } from '../ports/clock.ts';
import { NO_METER } from '../ports/meter.ts';
import type { Rng } from '../ports/rng.ts';
import type { OwnOrders } from '../sentinel/sentinel.ts';
import { runUntilSettled, runWithJobs } from '../simulation/promise-jobs.ts';
import type { VirtualClock } from '../simulation/virtual-clock.ts';
import { VirtualDisk } from '../simulation/virtual-disk.ts';
import { VirtualNetwork } from '../simulation/virtual-network.ts';
import type { HostSpec } from '../simulation/virtual-network-host.ts';
import type { Link } from '../simulation/virtual-network-link.ts';
import type { BookDepth } from '../venues/bybit/codec/frames.ts';
import type { WantedSymbol } from '../venues/wire/instruments.ts';
import type { App, AppOptions, Quoting } from './app.ts';
import { isOwnPlace } from './box-binance.ts';
import type { SimulatedMarket } from './box-choices.ts';
import { createBoxVenue } from './box-venue.ts';
import type { OwnOrdersPorts } from './venue-access.ts';
import { type LifeParts, WiredLife } from './wired-life.ts';
import {
	accountOf,
	exchangeKeyOf,
	listedAt,
	openOwnOrders,
	placedSymbols,
	setupsOf,
	venuesOf,
	WIRED_ORIGINS,
	type WiredTrades,
} from './wired-places.ts';

export interface WiredOptions {
	readonly clock: VirtualClock;
	readonly rng: Rng;
	readonly market: SimulatedMarket;
	/** How often the market moves; `MARKET_STEP_MS` unless said. */
	readonly marketStepMs?: number;
	/** Of the books that are subscribed; 200 unless said. */
	readonly bookDepth?: BookDepth;
	/** Where the symbols are traded; on Bybit unless said, and on the others as whatever is traded there. */
	readonly trades?: WiredTrades;
	readonly symbols: readonly WantedSymbol[];
	readonly quoting: readonly Quoting[];
	readonly engine: EngineSettings;
	readonly link: Link;
	readonly orderEntry: 'ws' | 'rest';
	/** Of Binance's own watch over us; without it there is none. */
	readonly countdownMs?: number;
	/** Infinity lifts the venue's limits. */
	readonly limitFactor: number;
	/** From handing something to the journal to its being safe. */
	readonly journalMs: number;
	/** `disk` unless said: it survives crashes. The one in memory keeps nothing and costs nothing. */
	readonly journal?: 'disk' | 'memory';
	/** How long the segments of that journal may become, and how often that is looked at. */
	readonly journalSegments?: LifeParts['segments'];
	/** What our account starts with, by coin. */
	readonly balances: Readonly<Record<string, string>>;
	/** Instead of what the symbols charge everybody. */
	readonly fees?: { readonly maker: string; readonly taker: string };
	readonly faults?: FaultPlan;
	/** On the world's disk, where engine and sentinel meet; without it nobody waits for a sentinel. */
	readonly sentinelFolder?: string;
	readonly recorder?: Recorder;
	/** How a person sees this world again; stands in what is kept of a kill. */
	readonly replayCommand?: string;
	readonly onNote?: (note: EngineNote) => void;
	/** Stands between the app and the network, such as one who writes down what passes; asked anew for each life. */
	readonly wrap?: (transport: Transport) => Transport;
	/** A life has opened its app, and nothing has happened in it yet. */
	readonly onLife?: (life: WiredLife, world: WiredWorld) => void;
}

export const WIRED_ACCOUNT = 'evenkeel';
const BOOK_DEPTH = 200;
/** The market lives this long before anybody looks at it. */
const WARM_UP_STEPS = 50;

export class WiredWorld {
	readonly exchange: Exchange;
	readonly network: VirtualNetwork;
	readonly faults: ReturnType<typeof createFaultDesk>;
	readonly disk: VirtualDisk;
	readonly #options: WiredOptions;
	readonly #inside: Inside;
	readonly #clock: VirtualClock;
	#marketTimer: Timer | undefined;
	#life: WiredLife;
	lifeCount = 0;

	private constructor(options: WiredOptions) {
		this.#options = options;
		const inside = insideOf(options);
		this.#inside = inside;
		this.#clock = options.clock;
		this.exchange = inside.venue.exchange;
		this.network = inside.network;
		this.faults = inside.faults;
		this.disk = inside.disk;
		this.#life = this.#newLife();
	}

	/** Opened and started: streams up, books whole, nothing quoted yet. */
	static async open(options: WiredOptions): Promise<WiredWorld> {
		const world = new WiredWorld(options);
		const troubles = await runUntilSettled(
			options.clock,
			world.#begin(() => world.#scheduleMarket()),
		);
		if (troubles.length > 0) throw new Error(troubles.join('; '));
		if (options.faults !== undefined) world.faults.apply(options.faults);
		return world;
	}

	/** The one that lives, or that lived last. */
	get life(): WiredLife {
		return this.#life;
	}

	/** Of the present life. */
	get app(): App {
		const { app } = this.#life;
		if (app === undefined) throw new Error('no app is open: its life has only begun, or never came so far');
		return app;
	}

	/** What another program reaches our orders by, by venue, under another key of our accounts. */
	openOwnOrders(ports: OwnOrdersPorts): ReadonlyMap<string, OwnOrders & Disposable> {
		return openOwnOrders(this.#inside.symbols, this.#inside.sentinelKey, ports);
	}

	/** Of all venues that are traded on. */
	get origins(): readonly string[] {
		return venuesOf(this.#inside.symbols).map((venue) => WIRED_ORIGINS[venue]);
	}

	/** How the exchange itself calls an instrument, and which of its accounts is ours there. */
	truthOf(instrument: Instrument): { readonly symbol: string; readonly account: string } {
		return { symbol: exchangeKeyOf(instrument), account: accountOf(instrument, WIRED_ACCOUNT) };
	}

	/** Levels a side of the books that are subscribed: the venue's may be deeper. */
	get bookDepth(): BookDepth {
		return this.#options.bookDepth ?? BOOK_DEPTH;
	}

	/** For whoever judges what may show up nowhere (I19). */
	get secrets(): readonly string[] {
		const { sentinelKey, venue } = this.#inside;
		return [sentinelKey, ...venue.accounts].map(({ apiSecret }) => apiSecret);
	}

	get isAlive(): boolean {
		return this.#life.isAlive;
	}

	crash(kind: 'process' | 'power'): void {
		this.#life.crash(kind);
	}

	/**
	 * A new life from what the disk has. Does not move time: it is up, or has died again, some time later. Answers with
	 * sentences where it did not come up.
	 */
	restart(): Promise<readonly string[]> {
		if (this.#life.isAlive) throw new Error('one life at a time');
		this.#life = this.#newLife();
		return this.#begin();
	}

	/** Lets virtual time pass. */
	async run(durationMs: number): Promise<void> {
		const untilMono = this.#clock.monotonicMs() + durationMs;
		await this.runWhile(() => this.#clock.monotonicMs() < untilMono);
	}

	async runWhile(condition: () => boolean): Promise<boolean> {
		return await runWithJobs(this.#clock, condition);
	}

	/** What the exchange itself says of our orders, whatever the engine believes. */
	openAtVenue(): readonly OrderView[] {
		return this.accounts.flatMap((account) => this.exchange.openOrders(account));
	}

	/** Ours, as the exchange itself knows them: one a wallet. */
	get accounts(): readonly string[] {
		return this.#inside.accounts;
	}

	/** Nobody but us moves the books any more. */
	holdMarket(): void {
		this.#marketTimer?.cancel();
	}

	/** One step of it, for whoever holds it and moves it by hand. */
	stepMarket(): void {
		const { venue, happenings, binance } = this.#inside;
		const nowMs = this.#clock.wallMs();
		venue.step(nowMs);
		happenings.tick(nowMs);
		// Its watch over us runs down, whether anybody is connected or not.
		binance?.facade.tick(nowMs);
	}

	/** The orders that the venue still has at the end. */
	async stop(): Promise<readonly string[]> {
		const left = await runUntilSettled(this.#clock, this.#life.stop());
		this.#marketTimer?.cancel();
		return left;
	}

	#newLife(): WiredLife {
		const { clock, rng, wrap, journal = 'disk', journalMs, sentinelFolder, recorder, onNote } = this.#options;
		this.lifeCount += 1;
		return new WiredLife({
			clock,
			// The first life draws what a world without crashes always drew.
			rng: this.lifeCount === 1 ? rng : rng.fork(`life ${this.lifeCount}`),
			disk: this.disk,
			transport: this.network.transport({ isAllowed: () => true }),
			wrap,
			app: appOptionsOf(this.#options, this.#inside),
			ports: {
				meter: NO_METER,
				...(recorder === undefined ? {} : { recorder }),
				...(onNote === undefined ? {} : { onNote }),
			},
			replayCommand: this.#options.replayCommand,
			memoryJournalMs: journal === 'memory' ? journalMs : undefined,
			segments: this.#options.journalSegments,
			sentinelFolder,
		});
	}

	async #begin(onOpen: () => void = () => {}): Promise<readonly string[]> {
		const life = this.#life;
		return await life.begin(() => {
			onOpen();
			this.#options.onLife?.(life, this);
		});
	}

	#scheduleMarket(): void {
		const { marketStepMs = MARKET_STEP_MS } = this.#options;
		this.#marketTimer = this.#clock.after(marketStepMs, () => {
			this.stepMarket();
			this.#scheduleMarket();
		});
	}
}

type Inside = ReturnType<typeof insideOf>;

function insideOf(options: WiredOptions) {
	const { clock, rng, market, limitFactor, balances, fees, marketStepMs = MARKET_STEP_MS } = options;
	const symbols = placedSymbols(options.trades ?? 'bybit', options.symbols);
	const listed = listedAt(symbols);
	const active = new ActiveFaults({ rng: rng.fork('faults'), clock });
	const startMs = clock.wallMs();
	const venue = createBoxVenue({
		rng: rng.fork('venue'),
		market,
		...listed.bybit,
		...(listed.binance === undefined ? {} : { binanceMarkets: listed.binance.markets, binanceSymbols: listed.binance.symbols }),
		nowMs: startMs - WARM_UP_STEPS * marketStepMs,
		limitFactor,
		accounts: [{ name: WIRED_ACCOUNT, balances, ...(fees === undefined ? {} : { fees }) }],
		faults: { faults: active, clock },
	});
	for (let step = WARM_UP_STEPS; step > 0; step -= 1) venue.step(startMs - step * marketStepMs);
	const hostOf = (inside: Facade, dialect: FaultContext['dialect']): HostSpec => {
		const context = { faults: active, clock, dialect };
		const facade = new FaultyFacade(inside, context);
		return { facade, link: options.link, requestLine: new FaultyLine(facade, context) };
	};
	const hosts = new Map([[WIRED_ORIGINS.bybit as string, hostOf(venue.facade, BYBIT_DIALECT)]]);
	const binance = venue.binance === undefined ? undefined : hostOf(venue.binance, BINANCE_DIALECT);
	if (binance !== undefined) hosts.set(WIRED_ORIGINS.binance, binance);
	const network = new VirtualNetwork({ clock, rng: rng.fork('network'), hosts });
	const happenings = new Happenings({
		faults: active,
		clock,
		venue: { exchange: venue.exchange, accounts: () => venue.holders(), trades: isOwnPlace },
	});
	const disk = new VirtualDisk({
		clock,
		rng: rng.fork('disk'),
		behaviour: { syncMs: () => options.journalMs, failure: () => undefined },
	});
	const sentinelKey = venue.addKey(WIRED_ACCOUNT, 'sentinel');
	// Whoever judges asks for them with every event.
	const accounts = [...new Set(symbols.map(({ venue: at = '', category }) => accountOf({ venue: at, category }, WIRED_ACCOUNT)))];
	return { symbols, accounts, venue, binance, sentinelKey, network, faults: createFaultDesk(active), happenings, disk };
}

function appOptionsOf(
	options: WiredOptions,
	{ symbols, venue }: Inside,
): Omit<AppOptions, 'runTag' | 'recovered' | 'lastOrderId'> {
	const [key] = venue.accounts;
	if (key === undefined) throw new Error('invariant broken: the world has an account');
	const { orderEntry, bookDepth = BOOK_DEPTH, countdownMs, quoting, engine } = options;
	return { venues: setupsOf(symbols, { key, orderEntry, bookDepth, countdownMs }), symbols, quoting, engine };
}
