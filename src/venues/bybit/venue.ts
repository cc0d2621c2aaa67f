/** Bybit as an app knows a venue: everything that talks to it, put together by hand. */
import type { EngineEvent } from '../../domain/event.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { VenueCapabilities } from '../../domain/venue.ts';
import type { BreakerFigures } from '../../network/breaker.ts';
import type { ReconnectPolicy } from '../../network/reconnect.ts';
import type { Finding } from '../wire/finding.ts';
import type { InstrumentsLoaded, WantedSymbol } from '../wire/instruments.ts';
import { BRIEF_PATIENCE } from '../wire/patience.ts';
import type { ExamineOptions, OpenOrderIds, Venue, VenueParts, VenueSetup } from '../wire/venue.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { bybitCapabilities } from './capabilities.ts';
import type { BookDepth } from './codec/frames.ts';
import { examine } from './doctor.ts';
import { streamFindings } from './doctor-streams.ts';
import { BybitGateway } from './gateway.ts';
import { BybitInstruments } from './instruments.ts';
import { LookUps } from './look-up.ts';
import { BybitMarketReader } from './market-reader.ts';
import type { OrderCallOptions } from './order-calls.ts';
import { readOf } from './pages.ts';
import { BybitReads, type Selection } from './reads.ts';
import { BybitRest, ORDER_POOL, type ReadOptions } from './rest.ts';
import type { Credentials } from './sign.ts';
import { BybitStreams } from './streams.ts';
import { TradeSocket } from './trade-socket.ts';
import type { BybitUrls } from './urls.ts';

/** Somebody looks at the screen. */
const EXAMINE_TIMEOUT_MS = 5_000;

/** What events and instruments call it, unless it is opened by another name. */
export const BYBIT = 'bybit';

export interface BybitOptions {
	/** Of this account of it, where there are several. */
	readonly name?: string;
	readonly urls: BybitUrls;
	/** Without them there is market data only. */
	readonly credentials: Credentials | undefined;
	readonly bookDepth: BookDepth;
	readonly recvWindowMs: number;
	readonly orderCalls: OrderCallOptions;
	readonly reconnect: ReconnectPolicy;
	/** The usual unless said, as the next one. */
	readonly reads?: ReadOptions;
	/** Between heartbeats of public streams; the venue's own pace where that is shorter. */
	readonly heartbeatMs?: number;
	/** Connections for orders over REST that are opened ahead of need. */
	readonly warmConnections: number;
}

export function bybitVenue(options: BybitOptions): VenueSetup {
	return { name: options.name ?? BYBIT, open: (parts) => new Bybit(options, parts) };
}

class Bybit implements Venue {
	readonly name: string;
	readonly capabilities: VenueCapabilities;
	readonly venueClock: VenueClock;
	readonly reads: BybitReads;
	readonly gateway: BybitGateway;
	readonly streams: BybitStreams;
	readonly market: BybitMarketReader;
	readonly #options: BybitOptions;
	readonly #parts: VenueParts;
	readonly #rest: BybitRest;
	readonly #instruments: BybitInstruments;
	readonly #tradeSocket: TradeSocket | undefined;
	readonly #lookUps: LookUps;
	#isClockStarted = false;

	constructor(options: BybitOptions, parts: VenueParts) {
		const { name = BYBIT, urls, credentials, recvWindowMs, orderCalls, reconnect, bookDepth } = options;
		const { transport, clock, rng, meter, bookOf, watch } = parts;
		this.name = name;
		this.#options = options;
		this.#parts = parts;
		const sink = (event: EngineEvent): void => this.#tell(event);
		this.capabilities = bybitCapabilities(name, urls.environment);
		this.venueClock = new VenueClock({ venue: name, clock, sink });
		const { venueClock } = this;
		const venueNowMs = (): number => venueClock.venueNowMs();
		this.#rest = new BybitRest({
			transport,
			clock,
			rng: rng.fork('rest'),
			venueClock,
			meter,
			venue: name,
			origin: urls.rest,
			credentials,
			recvWindowMs,
			...(options.reads === undefined ? {} : { reads: options.reads }),
		});
		this.reads = new BybitReads(this.#rest);
		const hasFees = credentials !== undefined;
		this.#instruments = new BybitInstruments({ venue: name, reads: this.reads, clock, venueNowMs, hasFees, sink });
		const sessions = { transport, clock, rng: rng.fork('sessions'), policy: reconnect };
		this.streams = new BybitStreams({
			...sessions,
			venue: name,
			urls,
			credentials,
			rest: this.#rest,
			venueClock,
			depth: bookDepth,
			...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
			...(parts.executionsSinceMs === undefined ? {} : { executionsSinceMs: parts.executionsSinceMs }),
			bookOf,
			watch: (note) => {
				// What does not fit the grid may be on another one by now (F59).
				if (note.kind === 'badFrame' && note.reason === 'off-grid') this.#instruments.refreshSoon();
				watch?.(note);
			},
		});
		this.market = new BybitMarketReader({ venue: name, rest: this.#rest, venueClock, streams: this.streams });
		this.#lookUps = new LookUps({ clock, read: readOf(this.#rest), table: this.streams.table, sink, venueNowMs });
		this.#tradeSocket =
			credentials === undefined || urls.trade === undefined || orderCalls.orderEntry === 'rest'
				? undefined
				: new TradeSocket({
						...sessions,
						rng: rng.fork('trade'),
						venue: name,
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
	subscribe(instruments: readonly Instrument[], former: readonly Instrument[] = []): void {
		this.#instruments.follow(instruments);
		for (const instrument of former) this.streams.table.set(instrument);
		this.streams.subscribe(instruments, (event) => this.#tell(event));
		this.#tradeSocket?.start();
		const { urls, warmConnections } = this.#options;
		if (warmConnections > 0) this.#parts.transport.warm(urls.rest, ORDER_POOL, warmConnections);
	}

	get breakers(): readonly BreakerFigures[] {
		return this.#rest.breakers;
	}

	/** All streams that there are to be are up, that for orders included. */
	get isReady(): boolean {
		return this.streams.isComplete && (this.#tradeSocket?.isUp ?? true);
	}

	async openOrderIds(instruments: readonly Instrument[]): Promise<OpenOrderIds> {
		const ids: string[] = [];
		const unread: string[] = [];
		for (const selection of selectionsOf(instruments)) {
			const read = await this.reads.openOrderRows(selection);
			if (read.kind === 'failed') unread.push(read.sentence);
			else ids.push(...read.value.map(clientIdOf));
		}
		return { ids, unread };
	}

	async examine(options: ExamineOptions): Promise<readonly Finding[]> {
		this.#startClock();
		const { name, capabilities, venueClock } = this;
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
				new BybitInstruments({ venue: name, reads, clock, venueNowMs, hasFees, sink: () => {} }).load(wanted),
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

function clientIdOf(row: unknown): string {
	const id = typeof row === 'object' && row !== null && 'orderLinkId' in row ? row.orderLinkId : '';
	return typeof id === 'string' ? id : '';
}

/** One read for each coin that contracts settle in, one for spot. */
function selectionsOf(instruments: readonly Instrument[]): readonly Selection[] {
	const seen = new Map<string, Selection>();
	for (const { category, settleCurrency: settleCoin } of instruments) {
		const isSpot = category === 'spot';
		seen.set(isSpot ? category : `${category} ${settleCoin}`, isSpot ? { category } : { category, settleCoin });
	}
	return [...seen.values()];
}
