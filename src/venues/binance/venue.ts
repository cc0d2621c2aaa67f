/**
 * Binance as the engine knows a venue: both of its markets under one name, put together by hand. It is opened first, so
 * that the instruments can be read; then the engine is made of them; then `subscribe` brings up the streams of the markets
 * that they are of. Who opens it disposes of it.
 */
import type { EngineEvent } from '../../domain/event.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { VenueCapabilities } from '../../domain/venue.ts';
import type { BreakerFigures } from '../../network/breaker.ts';
import type { ReconnectPolicy } from '../../network/reconnect.ts';
import type { Finding } from '../wire/finding.ts';
import type { InstrumentsLoaded, WantedSymbol } from '../wire/instruments.ts';
import { BRIEF_PATIENCE } from '../wire/patience.ts';
import { isObject } from '../wire/plain-values.ts';
import type { ExamineOptions, OpenOrderIds, Venue, VenueParts, VenueSetup } from '../wire/venue.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { binanceCapabilities } from './capabilities.ts';
import type { Market } from './codec/frames.ts';
import { DeadMan } from './dead-man.ts';
import { examine, marketsOf } from './doctor.ts';
import { streamFindings } from './doctor-streams.ts';
import { BinanceGateway } from './gateway.ts';
import { BinanceInstruments } from './instruments.ts';
import { type KeyHeard, openListenKey } from './listen-key.ts';
import { BinanceLookUps } from './look-up.ts';
import { BinanceMarketReader } from './market-reader.ts';
import { type OpenMarkets, openMarkets } from './markets.ts';
import type { MarketOrders, OrderCallOptions } from './order-calls.ts';
import { BinanceReads } from './reads.ts';
import { ORDER_POOL, type ReadOptions } from './rest.ts';
import type { Credentials } from './sign.ts';
import { BinanceStreams } from './streams.ts';
import { TradeSocket } from './trade-socket.ts';
import type { BinanceUrls } from './urls.ts';
import { BinanceUserStreams } from './user-streams.ts';

/** What events and instruments call it, unless it is given another name. */
export const BINANCE = 'binance';

/** Somebody looks at the screen. */
const EXAMINE_TIMEOUT_MS = 5_000;
const MARKETS = ['spot', 'linear'] as const satisfies readonly Market[];

export interface BinanceOptions {
	readonly name?: string;
	readonly urls: BinanceUrls;
	/** Without them there is market data only. */
	readonly credentials: Credentials | undefined;
	readonly recvWindowMs: number;
	readonly orderCalls: OrderCallOptions;
	readonly reconnect: ReconnectPolicy;
	/** The usual unless said, as the next one. */
	readonly reads?: ReadOptions;
	/** Between heartbeats of public streams; the venue's own pace where that is shorter. */
	readonly heartbeatMs?: number;
	/** Connections that are opened ahead of need, to each market whose orders go over REST: batches of futures always do. */
	readonly warmConnections: number;
	/** After so much silence of ours futures cancel everything by themselves; without it they do not. */
	readonly countdownMs?: number | undefined;
}

export function binanceVenue(options: BinanceOptions): VenueSetup {
	return { name: options.name ?? BINANCE, open: (parts) => new Binance(options, parts) };
}

export class Binance implements Venue {
	readonly name: string;
	readonly capabilities: VenueCapabilities;
	readonly venueClock: VenueClock;
	readonly gateway: BinanceGateway;
	readonly streams: BinanceStreams;
	readonly market: BinanceMarketReader;
	readonly #options: BinanceOptions;
	readonly #parts: VenueParts;
	readonly #markets: OpenMarkets;
	readonly #instruments: BinanceInstruments;
	readonly #tradeSockets: Readonly<Partial<Record<Market, TradeSocket>>>;
	readonly #lookUps: BinanceLookUps;
	readonly #deadMan: DeadMan | undefined;
	/** Those that are traded, once that is known. */
	#used: readonly Market[] = [];
	#isClockStarted = false;

	constructor(options: BinanceOptions, parts: VenueParts) {
		const { name = BINANCE, urls, credentials, recvWindowMs, orderCalls, reads } = options;
		const { transport, clock, rng, meter } = parts;
		this.name = name;
		this.#options = options;
		this.#parts = parts;
		const sink = (event: EngineEvent): void => this.#tell(event);
		this.capabilities = binanceCapabilities(name);
		this.venueClock = new VenueClock({ venue: name, clock, sink });
		const { venueClock } = this;
		const basics = { transport, clock, meter, venueClock, venue: name };
		this.#markets = openMarkets({ ...basics, rng: rng.fork('markets'), urls, credentials, recvWindowMs, reads });
		const { spot, linear } = this.#markets;
		const venueNowMs = (): number => venueClock.venueNowMs();
		const hasFees = credentials !== undefined;
		this.#instruments = new BinanceInstruments({ venue: name, markets: this.#markets, clock, venueNowMs, hasFees, sink });
		this.streams = this.#makeStreams();
		const rests = { spot: spot.rest, linear: linear.rest };
		this.market = new BinanceMarketReader({ venue: name, rests, venueClock, streams: this.streams });
		const { table } = this.streams;
		this.#lookUps = new BinanceLookUps({
			...{ clock, table, sink, venueNowMs },
			reads: { spot: spot.reads, linear: linear.reads },
		});
		this.#tradeSockets = credentials === undefined || orderCalls.orderEntry === 'rest' ? {} : this.#makeSockets(credentials);
		this.#deadMan = this.#makeDeadMan();
		const ordersOf = (market: Market): MarketOrders => {
			return { rest: this.#markets[market].rest, socket: this.#tradeSockets[market], venueClock };
		};
		this.gateway = new BinanceGateway({
			capabilities: this.capabilities,
			...{ clock, sink, meter },
			lookUp: (asked) => this.#lookUps.ask(asked),
			takeCensus: () => this.streams.takeCensus(),
			markets: { spot: ordersOf('spot'), linear: ordersOf('linear') },
			filtersRefused: () => this.#instruments.refreshSoon(),
			mayPlace: () => parts.mayPlace?.() ?? true,
			options: orderCalls,
		});
	}

	async load(wanted: readonly WantedSymbol[], followed: readonly WantedSymbol[] = []): Promise<InstrumentsLoaded> {
		this.#startClock([...wanted, ...followed]);
		await new Promise<void>((resolve) => this.venueClock.remeasure(() => resolve()));
		return await this.#instruments.load(wanted, followed);
	}

	subscribe(instruments: readonly Instrument[], former: readonly Instrument[] = []): void {
		this.#used = marketsOf(instruments);
		this.#instruments.follow(instruments);
		for (const instrument of former) this.streams.table.set(instrument);
		this.streams.subscribe(instruments, (event) => this.#tell(event));
		const { urls, warmConnections, orderCalls } = this.#options;
		for (const market of this.#used) {
			this.#tradeSockets[market]?.start();
			const origin = market === 'spot' ? urls.spotRest : urls.futuresRest;
			const isOverRest = market === 'linear' || orderCalls.orderEntry === 'rest';
			if (isOverRest && warmConnections > 0) this.#parts.transport.warm(origin, ORDER_POOL, warmConnections);
		}
		const symbols = instruments.filter(({ category }) => category === 'linear').map(({ symbol }) => symbol);
		void this.#deadMan?.arm(symbols);
	}

	get breakers(): readonly BreakerFigures[] {
		return MARKETS.flatMap((market) => this.#markets[market].rest.breakers);
	}

	get isReady(): boolean {
		const isGuarded = this.#deadMan === undefined || !this.#used.includes('linear') || this.#deadMan.isArmed;
		return isGuarded && this.streams.isComplete && this.#used.every((market) => this.#tradeSockets[market]?.isUp ?? true);
	}

	async standDown(): Promise<string | undefined> {
		return await this.#deadMan?.disarm();
	}

	/** Of all symbols of each market at once, which weighs as much as a dozen of them. */
	async openOrderIds(instruments: readonly Instrument[]): Promise<OpenOrderIds> {
		const ids: string[] = [];
		const unread: string[] = [];
		for (const market of marketsOf(instruments)) {
			const read = await this.#markets[market].reads.openOrderRows();
			if (read.kind === 'failed') unread.push(read.sentence);
			else ids.push(...read.value.map(clientIdOf));
		}
		return { ids, unread };
	}

	async examine(options: ExamineOptions): Promise<readonly Finding[]> {
		this.#startClock(options.wanted);
		const { name, capabilities, venueClock } = this;
		const { transport, clock } = this.#parts;
		const { urls, credentials, orderCalls, recvWindowMs } = this.#options;
		const venueNowMs = (): number => venueClock.venueNowMs();
		const readsOf = (market: Market) => new BinanceReads(this.#markets[market].rest, BRIEF_PATIENCE, EXAMINE_TIMEOUT_MS);
		const reads = { spot: readsOf('spot'), linear: readsOf('linear') };
		const markets = {
			spot: { reads: reads.spot, weights: this.#markets.spot.weights },
			linear: { reads: reads.linear, weights: this.#markets.linear.weights },
		};
		return await examine({
			...options,
			environment: urls.environment,
			hosts: { spot: new URL(urls.spotRest).host, linear: new URL(urls.futuresRest).host },
			reads,
			venueClock,
			capabilities,
			load: (wanted, { hasFees }) =>
				new BinanceInstruments({ venue: name, markets, clock, venueNowMs, hasFees, sink: () => {} }).load(wanted),
			streams: (of) => {
				const key = of.hasKey ? credentials : undefined;
				const listenKey = () =>
					new Promise<Parameters<KeyHeard>[0]>((resolve) => openListenKey(this.#markets.linear.rest, resolve));
				const { orderEntry } = orderCalls;
				return streamFindings(
					{ ...{ transport, clock, urls, venueNowMs, recvWindowMs, orderEntry, listenKey }, credentials: key },
					of.markets,
				);
			},
			countdownMs: this.#options.countdownMs,
			hasKey: credentials !== undefined,
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.venueClock.stop();
		this.#instruments.stop();
		this.#lookUps.stop();
		this.#deadMan?.stop();
		for (const market of MARKETS) this.#tradeSockets[market]?.stop();
		await this.streams[Symbol.asyncDispose]();
	}

	#makeStreams(): BinanceStreams {
		const { urls, credentials, reconnect, heartbeatMs } = this.#options;
		const { transport, clock, rng, bookOf, watch, executionsSinceMs } = this.#parts;
		const { name: venue, venueClock } = this;
		const rests = { spot: this.#markets.spot.rest, linear: this.#markets.linear.rest };
		const sessions = { transport, clock, policy: reconnect };
		const common = { ...sessions, venue, urls, rests };
		return new BinanceStreams({
			...common,
			rng: rng.fork('sessions'),
			...(heartbeatMs === undefined ? {} : { heartbeatMs }),
			bookOf,
			watch: (note) => {
				// What does not fit the grid may be on another one by now (F59).
				if (note.kind === 'badFrame' && note.reason === 'off-grid') this.#instruments.refreshSoon();
				watch?.(note);
			},
			...(credentials === undefined
				? {}
				: {
						openUser: (asked) =>
							new BinanceUserStreams({
								...asked,
								...common,
								rng: rng.fork('user'),
								credentials,
								venueClock,
								...(executionsSinceMs === undefined ? {} : { executionsSinceMs }),
							}),
					}),
		});
	}

	#makeSockets(credentials: Credentials): Readonly<Record<Market, TradeSocket>> {
		const { urls, reconnect: policy, recvWindowMs, orderCalls } = this.#options;
		const { transport, clock, rng } = this.#parts;
		const { name: venue, venueClock } = this;
		const { ban } = this.#markets;
		const socketOf = (market: Market, url: string): TradeSocket =>
			new TradeSocket({
				...{ transport, clock, policy, market, venue, url, credentials, venueClock, recvWindowMs, ban },
				rng: rng.fork(`trade ${market}`),
				timeoutMs: orderCalls.orderTimeoutMs,
				weights: this.#markets[market].weights,
				sink: (event) => this.#tell(event),
			});
		return { spot: socketOf('spot', urls.spotWsApi), linear: socketOf('linear', urls.futuresWsApi) };
	}

	#makeDeadMan(): DeadMan | undefined {
		const { credentials, countdownMs } = this.#options;
		const { clock, guardChanged } = this.#parts;
		if (credentials === undefined || countdownMs === undefined) return undefined;
		const { rest } = this.#markets.linear;
		return new DeadMan({
			...{ rest, clock, countdownMs },
			onNote: (note) => guardChanged?.({ isArmed: note.kind === 'armed', detail: note.kind === 'armed' ? '' : note.detail }),
		});
	}

	/** An instrument that has changed concerns the streams too: prices on the wire are counted on its grid. */
	#tell(event: EngineEvent): void {
		if (event.kind === 'instrument') this.streams.update(event.instrument);
		this.#parts.sink(event);
	}

	/** Both markets keep the same time; one that is used is asked for it. */
	#startClock(wanted: readonly WantedSymbol[]): void {
		if (this.#isClockStarted) return;
		this.#isClockStarted = true;
		const market = marketsOf(wanted).at(-1) ?? 'spot';
		this.venueClock.start((heard) => this.#markets[market].rest.askVenueTime(heard));
	}
}

function clientIdOf(row: unknown): string {
	const id = isObject(row) ? row['clientOrderId'] : undefined;
	return typeof id === 'string' ? id : '';
}
