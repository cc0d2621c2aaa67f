/**
 * A venue as an app knows it, whichever exchange it is: what can be asked of it before there is an engine, and what the
 * engine is joined to. It is opened first, so that the instruments can be read; then the engine is made of them; then
 * `subscribe` brings its streams up. Who opens it disposes of it.
 */
import type { BookView } from '../../domain/book.ts';
import type { Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import type { MarketReader } from '../../domain/market-read.ts';
import type { TimeMs } from '../../domain/units.ts';
import type { VenueCapabilities } from '../../domain/venue.ts';
import type { EventSink, VenueGateway } from '../../engine/ports.ts';
import type { BreakerFigures } from '../../network/breaker.ts';
import type { Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Meter } from '../../ports/meter.ts';
import type { Rng } from '../../ports/rng.ts';
import type { Finding, WithdrawalRight } from './finding.ts';
import type { InstrumentsLoaded, WantedSymbol } from './instruments.ts';
import type { StreamWatch } from './stream-note.ts';

export interface Venue extends AsyncDisposable {
	/** What events and instruments call it; one a process. */
	readonly name: string;
	readonly capabilities: VenueCapabilities;
	readonly gateway: VenueGateway;
	/** Prices, books and bars for whoever asks; nothing that is quoted from. */
	readonly market: MarketReader;
	/** All streams that there are to be are up, those for orders included. */
	readonly isReady: boolean;
	/** Of its reads, by endpoint, where any was asked yet. */
	readonly breakers?: readonly BreakerFigures[];
	/** Measures the venue's clock and reads what these symbols are; in the order asked for, those that are only followed last. */
	load(wanted: readonly WantedSymbol[], followed?: readonly WantedSymbol[]): Promise<InstrumentsLoaded>;
	/**
	 * The instruments are those of it that were loaded; `former` is what some of them were in other grids, the oldest first.
	 * From here on everything that it tells is heard.
	 */
	subscribe(instruments: readonly Instrument[], former?: readonly Instrument[]): void;
	/** Asked of the venue itself, wherever orders in these instruments of it can stand. */
	openOrderIds(instruments: readonly Instrument[]): Promise<OpenOrderIds>;
	/** What it watches over us by ends, once nothing is left: a sentence where it may still strike. */
	standDown?(): Promise<string | undefined>;
	/** What stands in the way of quoting, and what to know before; changes nothing. */
	examine(options: ExamineOptions): Promise<readonly Finding[]>;
}

/** Client ids of everybody's open orders; a sentence for each list that could not be read. */
export interface OpenOrderIds {
	readonly ids: readonly string[];
	readonly unread: readonly string[];
}

export interface ExamineOptions {
	readonly wanted: readonly WantedSymbol[];
	readonly withdrawal: WithdrawalRight;
	/** Our own limit. */
	readonly leverageMax: number;
}

/** What a venue is opened with, whichever it is; `rng` is its own. */
export interface VenueParts {
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
	/** Hears whether the venue would cancel our orders if we fell silent, where it has such a watch. */
	readonly guardChanged?: (news: GuardNews) => void;
	/** The account's executions are asked for from then on; from the start of the streams unless said. */
	readonly executionsSinceMs?: TimeMs | undefined;
}

export interface GuardNews {
	readonly isArmed: boolean;
	/** Why not. */
	readonly detail: string;
}

/** A venue that is known by all but what it is opened with: where it is, under which key, and how it is used. */
export interface VenueSetup {
	readonly name: string;
	open(parts: VenueParts): Venue;
}
