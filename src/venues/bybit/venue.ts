/**
 * Bybit as the engine knows a venue: everything that talks to it, put together by hand. It is opened first, so that the
 * instruments can be read; then the engine is made of them; then `subscribe` brings its streams up. Who opens it
 * disposes of it.
 */
import type { BookView } from '../../domain/book.ts';
import type { EngineEvent } from '../../domain/event.ts';
import type { Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import type { TimeMs } from '../../domain/units.ts';
import type { VenueCapabilities } from '../../domain/venue.ts';
import type { EventSink } from '../../engine/ports.ts';
import type { ReconnectPolicy } from '../../network/reconnect.ts';
import type { Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Meter } from '../../ports/meter.ts';
import type { Rng } from '../../ports/rng.ts';
import { bybitCapabilities } from './capabilities.ts';
import type { BookDepth } from './codec/frames.ts';
import { type DoctorParts, examine, type Finding } from './doctor.ts';
import { streamFindings } from './doctor-streams.ts';
import { BybitGateway } from './gateway.ts';
import { BybitInstruments, type InstrumentsLoaded, type WantedSymbol } from './instruments.ts';
import { LookUps } from './look-up.ts';
import type { OrderCallOptions } from './order-calls.ts';
import { readOf } from './pages.ts';
import { BybitReads } from './reads.ts';
import { BybitRest, ORDER_POOL, type ReadOptions } from './rest.ts';
import { BRIEF_PATIENCE } from './rest-patience.ts';
import type { Credentials } from './sign.ts';
import type { StreamWatch } from './stream-note.ts';
import { BybitStreams } from './streams.ts';
import { TradeSocket } from './trade-socket.ts';
import type { BybitUrls } from './urls.ts';
import { VenueClock } from './venue-clock.ts';

/** Somebody looks at the screen. */
const EXAMINE_TIMEOUT_MS = 5_000;

/** What events and instruments call it. */
export const BYBIT = 'bybit';

export interface BybitOptions {
	readonly urls: BybitUrls;
	/** Without them there is market data only. */
	readonly credentials: Credentials | undefined;
	readonly bookDepth: BookDepth;
	readonly recvWindowMs: number;
	readonly orderCalls: OrderCallOptions;
	readonly reconnect: ReconnectPolicy;
	/** The usual unless said, as the next one. */
	readonly reads?: ReadOptions;
	/** The account's executions are asked for from then on; from the start of the streams unless said. */
	readonly executionsSinceMs?: TimeMs | undefined;
	/** Between heartbeats of public streams; the venue's own pace where that is shorter. */
	readonly heartbeatMs?: number;
	/** Connections for orders over REST that are opened ahead of need. */
	readonly warmConnections: number;
}

export interface BybitParts {
	readonly transport: Transport;
	readonly clock: Clock;
	readonly rng: Rng;
	readonly meter: Meter;
	/** Hears everything from the first question on; nothing is told from inside a call. */
	readonly sink: EventSink;
	/** The engine's own books, which the streams check themselves against. */
	readonly bookOf: (instrument: InstrumentIndex) => BookView | undefined;
	/** No create or amend is sent a second time, or takes another way, while this says no (I10). */
	readonly mayPlace?: () => boolean;
	readonly watch?: StreamWatch;
}

export type DoctorOptions = Pick<DoctorParts, 'wanted' | 'withdrawal' | 'leverageMax'>;

export class Bybit implements AsyncDisposable {
	readonly capabilities: VenueCapabilities;
	readonly venueClock: VenueClock;
	readonly reads: BybitReads;
	readonly gateway: BybitGateway;
	readonly streams: BybitStreams;
	readonly #options: BybitOptions;
	readonly #parts: BybitParts;
	readonly #rest: BybitRest;
	readonly #instruments: BybitInstruments;
	readonly #tradeSocket: TradeSocket | undefined;
	readonly #lookUps: LookUps;
	#isClockStarted = false;

	constructor(options: BybitOptions, parts: BybitParts) {
		const { urls, credentials, recvWindowMs, orderCalls, reconnect, bookDepth } = options;
		const { transport, clock, rng, meter, bookOf, watch } = parts;
		this.#options = options;
		this.#parts = parts;
		const sink = (event: EngineEvent): void => this.#tell(event);
		this.capabilities = bybitCapabilities(BYBIT, urls.environment);
		this.venueClock = new VenueClock({ venue: BYBIT, clock, sink });
		const { venueClock } = this;
		const venueNowMs = (): number => venueClock.venueNowMs();
		this.#rest = new BybitRest({
			transport,
			clock,
			rng: rng.fork('rest'),
			venueClock,
			meter,
			venue: BYBIT,
			origin: urls.rest,
			credentials,
			recvWindowMs,
			...(options.reads === undefined ? {} : { reads: options.reads }),
		});
		this.reads = new BybitReads(this.#rest);
		const hasFees = credentials !== undefined;
		this.#instruments = new BybitInstruments({ venue: BYBIT, reads: this.reads, clock, venueNowMs, hasFees, sink });
		const sessions = { transport, clock, rng: rng.fork('sessions'), policy: reconnect };
		this.streams = new BybitStreams({
			...sessions,
			urls,
			credentials,
			rest: this.#rest,
			venueClock,
			depth: bookDepth,
			...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
			...(options.executionsSinceMs === undefined ? {} : { executionsSinceMs: options.executionsSinceMs }),
			bookOf,
			watch: (note) => {
				// What does not fit the grid may be on another one by now (F59).
				if (note.kind === 'badFrame' && note.reason === 'off-grid') this.#instruments.refreshSoon();
				watch?.(note);
			},
		});
		this.#lookUps = new LookUps({ clock, read: readOf(this.#rest), table: this.streams.table, sink, venueNowMs });
		this.#tradeSocket =
			credentials === undefined || urls.trade === undefined || orderCalls.orderEntry === 'rest'
				? undefined
				: new TradeSocket({
						...sessions,
						rng: rng.fork('trade'),
						venue: BYBIT,
						url: urls.trade,
						credentials,
						venueClock,
						recvWindowMs,
						timeoutMs: orderCalls.orderTimeoutMs,
						sink,
					});
		this.gateway = new BybitGateway({
			capabilities: this.capabilities,
			sink,
			lookUp: (asked) => this.#lookUps.ask(asked),
			takeCensus: () => this.streams.takeCensus(),
			rest: this.#rest,
			socket: this.#tradeSocket,
			venueClock,
			clock,
			meter,
			filtersRefused: () => this.#instruments.refreshSoon(),
			mayPlace: () => parts.mayPlace?.() ?? true,
			options: orderCalls,
		});
	}

	/** Measures the venue's clock and reads what these symbols are; in the order asked for, those that are only followed last. */
	async load(wanted: readonly WantedSymbol[], followed: readonly WantedSymbol[] = []): Promise<InstrumentsLoaded> {
		this.#startClock();
		await new Promise<void>((resolve) => this.venueClock.remeasure(() => resolve()));
		return await this.#instruments.load(wanted, followed);
	}

	/** The instruments are those that were loaded. From here on everything that the venue tells is heard. */
	subscribe(instruments: readonly Instrument[]): void {
		this.#instruments.follow(instruments);
		this.streams.subscribe(instruments, (event) => this.#tell(event));
		this.#tradeSocket?.start();
		const { urls, warmConnections } = this.#options;
		if (warmConnections > 0) this.#parts.transport.warm(urls.rest, ORDER_POOL, warmConnections);
	}

	/** All streams that there are to be are up, that for orders included. */
	get isReady(): boolean {
		return this.streams.isComplete && (this.#tradeSocket?.isUp ?? true);
	}

	/** What stands in the way of quoting, and what to know before; changes nothing. */
	async examine(options: DoctorOptions): Promise<readonly Finding[]> {
		this.#startClock();
		const { capabilities, venueClock } = this;
		const { transport, clock } = this.#parts;
		const { urls, credentials, orderCalls } = this.#options;
		const venueNowMs = (): number => venueClock.venueNowMs();
		const reads = new BybitReads(this.#rest, BRIEF_PATIENCE, EXAMINE_TIMEOUT_MS);
		return await examine({
			...options,
			environment: urls.environment,
			host: new URL(urls.rest).host,
			reads,
			venueClock,
			capabilities,
			load: (wanted, { hasFees }) =>
				new BybitInstruments({ venue: BYBIT, reads, clock, venueNowMs, hasFees, sink: () => {} }).load(wanted),
			streams: ({ categories, hasKey }) => {
				const { orderEntry } = orderCalls;
				const key = hasKey ? credentials : undefined;
				return streamFindings({ transport, clock, urls, credentials: key, venueNowMs, orderEntry }, categories);
			},
			hasKey: credentials !== undefined,
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.venueClock.stop();
		this.#instruments.stop();
		this.#lookUps.stop();
		this.#tradeSocket?.stop();
		await this.streams[Symbol.asyncDispose]();
	}

	/** An instrument that has changed concerns the streams too: prices on the wire are counted on its grid. */
	#tell(event: EngineEvent): void {
		if (event.kind === 'instrument') this.streams.update(event.instrument);
		this.#parts.sink(event);
	}

	#startClock(): void {
		if (this.#isClockStarted) return;
		this.#isClockStarted = true;
		this.venueClock.start((heard) => this.#rest.askVenueTime(heard));
	}
}
