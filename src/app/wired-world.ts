/**
 * The exchange in a box, our adapter and the engine in one process and in virtual time, joined by nothing but the venue's
 * own protocol over a virtual network. What `simulation/world.ts` does without a wire, with everything that the wire
 * brings. A run is a function of its seed.
 */
import { RUN_TAGS, runTagOf } from '../domain/order-id.ts';
import type { EngineNote, Recorder } from '../engine/ports.ts';
import type { EngineSettings } from '../engine/settings.ts';
import type { Exchange } from '../exchange/core/exchange.ts';
import type { OrderView } from '../exchange/core/views.ts';
import type { Facade } from '../exchange/facade.ts';
import { ActiveFaults } from '../exchange/faults/active-faults.ts';
import { BYBIT_DIALECT } from '../exchange/faults/bybit-dialect.ts';
import { createFaultDesk } from '../exchange/faults/desk.ts';
import { FaultyFacade } from '../exchange/faults/faulty-facade.ts';
import { FaultyLine } from '../exchange/faults/faulty-line.ts';
import { Happenings } from '../exchange/faults/happenings.ts';
import type { FaultPlan } from '../exchange/faults/plan.ts';
import { MARKET_STEP_MS } from '../exchange/market/market.ts';
import { RECONNECT_POLICY } from '../network/reconnect.ts';
import type { Transport } from '../network/transport.ts';
import type { Timer } from '../ports/clock.ts';
import { NO_METER } from '../ports/meter.ts';
import type { Rng } from '../ports/rng.ts';
import { memoryJournal } from '../simulation/memory-journal.ts';
import { runUntilSettled, runWithJobs } from '../simulation/promise-jobs.ts';
import type { VirtualClock } from '../simulation/virtual-clock.ts';
import { VirtualNetwork, type VirtualTransport } from '../simulation/virtual-network.ts';
import type { Link } from '../simulation/virtual-network-link.ts';
import type { BookDepth } from '../venues/bybit/codec/frames.ts';
import { GATEWAY_OPTIONS } from '../venues/bybit/gateway.ts';
import type { WantedSymbol } from '../venues/bybit/instruments.ts';
import { RECV_WINDOW_MS } from '../venues/bybit/rest.ts';
import { Credentials } from '../venues/bybit/sign.ts';
import { boxUrls } from '../venues/bybit/urls.ts';
import { type App, openApp, type Quoting } from './app.ts';
import type { SimulatedMarket } from './box-choices.ts';
import { type BoxVenue, createBoxVenue } from './box-venue.ts';

export interface WiredOptions {
	readonly clock: VirtualClock;
	readonly rng: Rng;
	readonly market: SimulatedMarket;
	/** How often the market moves; `MARKET_STEP_MS` unless said. */
	readonly marketStepMs?: number;
	/** Of the books that are subscribed; 200 unless said. */
	readonly bookDepth?: BookDepth;
	readonly symbols: readonly WantedSymbol[];
	readonly quoting: readonly Quoting[];
	readonly engine: EngineSettings;
	readonly link: Link;
	readonly orderEntry: 'ws' | 'rest';
	/** Infinity lifts the venue's limits. */
	readonly limitFactor: number;
	readonly journalMs: number;
	/** What our account starts with, by coin. */
	readonly balances: Readonly<Record<string, string>>;
	/** Instead of what the symbols charge everybody. */
	readonly fees?: { readonly maker: string; readonly taker: string };
	readonly faults?: FaultPlan;
	readonly recorder?: Recorder;
	readonly onNote?: (note: EngineNote) => void;
	/** Stands between the app and the network, such as one who writes down what passes. */
	readonly wrap?: (transport: Transport) => Transport;
}

export const WIRED_ACCOUNT = 'evenkeel';
const ORIGIN = 'http://127.0.0.1:4710';
const STREAMS = 'ws://127.0.0.1:4710/v5';
/** The market lives this long before anybody looks at it. */
const WARM_UP_STEPS = 50;

export class WiredWorld {
	readonly exchange: Exchange;
	readonly network: VirtualNetwork;
	readonly faults: ReturnType<typeof createFaultDesk>;
	readonly app: App;
	readonly #clock: VirtualClock;
	readonly #venue: BoxVenue;
	readonly #transport: VirtualTransport;
	readonly #happenings: Happenings;
	readonly #marketStepMs: number;
	#marketTimer: Timer | undefined;

	private constructor(parts: { inside: Inside; app: App; clock: VirtualClock; marketStepMs: number }) {
		const { venue, network, transport, faults, happenings } = parts.inside;
		this.#clock = parts.clock;
		this.#marketStepMs = parts.marketStepMs;
		this.#venue = venue;
		this.#transport = transport;
		this.#happenings = happenings;
		this.exchange = venue.exchange;
		this.network = network;
		this.faults = faults;
		this.app = parts.app;
	}

	/** Opened and started: streams up, books whole, nothing quoted yet. */
	static async open(options: WiredOptions): Promise<WiredWorld> {
		const { clock, marketStepMs = MARKET_STEP_MS } = options;
		const inside = insideOf(options);
		const opened = await runUntilSettled(clock, openApp(appOptionsOf(options, inside), portsOf(options, inside)));
		if (opened.kind === 'refused') throw new Error(opened.sentences.join('; '));
		const world = new WiredWorld({ inside, app: opened.app, clock, marketStepMs });
		world.#scheduleMarket();
		const troubles = await runUntilSettled(clock, opened.app.start());
		if (troubles.length > 0) throw new Error(troubles.join('; '));
		if (options.faults !== undefined) inside.faults.apply(options.faults);
		return world;
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
		return this.exchange.openOrders(WIRED_ACCOUNT);
	}

	/** Nobody but us moves the books any more. */
	holdMarket(): void {
		this.#marketTimer?.cancel();
	}

	/** One step of it, for whoever holds it and moves it by hand. */
	stepMarket(): void {
		this.#venue.step(this.#clock.wallMs());
		this.#happenings.tick(this.#clock.wallMs());
	}

	/** The orders that the venue still has at the end. */
	async stop(): Promise<readonly string[]> {
		const left = await runUntilSettled(this.#clock, this.app.stop('the session ends'));
		this.#marketTimer?.cancel();
		await runUntilSettled(this.#clock, Promise.resolve(this.#transport[Symbol.asyncDispose]()));
		return left;
	}

	#scheduleMarket(): void {
		this.#marketTimer = this.#clock.after(this.#marketStepMs, () => {
			this.stepMarket();
			this.#scheduleMarket();
		});
	}
}

type Inside = ReturnType<typeof insideOf>;

function insideOf(options: WiredOptions) {
	const { clock, rng, market, limitFactor, balances, fees, marketStepMs = MARKET_STEP_MS } = options;
	const symbols = [...new Set(options.symbols.map(({ symbol }) => symbol))];
	const active = new ActiveFaults({ rng: rng.fork('faults'), clock });
	const startMs = clock.wallMs();
	const venue = createBoxVenue({
		rng: rng.fork('venue'),
		market,
		symbols,
		categories: options.symbols.map(({ category }) => category),
		nowMs: startMs - WARM_UP_STEPS * marketStepMs,
		limitFactor,
		accounts: [{ name: WIRED_ACCOUNT, balances, ...(fees === undefined ? {} : { fees }) }],
		faults: { faults: active, clock },
	});
	for (let step = WARM_UP_STEPS; step > 0; step -= 1) venue.step(startMs - step * marketStepMs);
	const context = { faults: active, clock, dialect: BYBIT_DIALECT };
	const facade: Facade = new FaultyFacade(venue.facade, context);
	const network = new VirtualNetwork({
		clock,
		rng: rng.fork('network'),
		hosts: new Map([[ORIGIN, { facade, link: options.link, requestLine: new FaultyLine(facade, context) }]]),
	});
	const happenings = new Happenings({
		faults: active,
		clock,
		venue: { exchange: venue.exchange, accounts: () => venue.accounts },
	});
	const transport = network.transport({ isAllowed: () => true });
	return { venue, network, faults: createFaultDesk(active), happenings, transport };
}

function appOptionsOf(options: WiredOptions, { venue }: Inside): Parameters<typeof openApp>[0] {
	const [account] = venue.accounts;
	if (account === undefined) throw new Error('invariant broken: the world has an account');
	return {
		venue: {
			urls: boxUrls({
				rest: ORIGIN,
				public: { spot: `${STREAMS}/public/spot`, linear: `${STREAMS}/public/linear`, inverse: `${STREAMS}/public/inverse` },
				private: `${STREAMS}/private`,
				trade: `${STREAMS}/trade`,
			}),
			credentials: new Credentials(account.apiKey, account.apiSecret),
			bookDepth: options.bookDepth ?? 200,
			recvWindowMs: RECV_WINDOW_MS,
			orderCalls: { ...GATEWAY_OPTIONS, orderEntry: options.orderEntry },
			reconnect: RECONNECT_POLICY,
			warmConnections: 0,
		},
		symbols: options.symbols,
		quoting: options.quoting,
		engine: options.engine,
		runTag: runTagOf(options.rng.fork('run').below(RUN_TAGS)),
	};
}

function portsOf(
	{ clock, rng, journalMs, recorder, onNote, wrap }: WiredOptions,
	{ transport }: Inside,
): Parameters<typeof openApp>[1] {
	return {
		clock,
		rng: rng.fork('app'),
		transport: wrap?.(transport) ?? transport,
		meter: NO_METER,
		journal: (sink) => memoryJournal({ clock, syncMs: journalMs, sink }),
		...(recorder === undefined ? {} : { recorder }),
		...(onNote === undefined ? {} : { onNote }),
	};
}
