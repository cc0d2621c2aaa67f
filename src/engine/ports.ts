/**
 * What the engine needs of the world, in the engine's own words. Each port has a real and a simulated implementation;
 * none of them answers from inside a call: answers come back as events through the runtime's inbox.
 */
import type { Batch, Command } from '../domain/command.ts';
import type { EngineEvent } from '../domain/event.ts';
import type { Execution } from '../domain/execution.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import type { OrderId } from '../domain/order-id.ts';
import type { OrderState } from '../domain/order-life.ts';
import type { VenueCapabilities } from '../domain/venue.ts';

export type EventSink = (event: EngineEvent) => void;

/** An order whose fate is open. The venue's own id is asked by where it is known. */
export interface LookUp {
	readonly orderId: OrderId;
	readonly instrument: Instrument;
	readonly venueOrderId: string | undefined;
}

/** Sends calls to one venue. Every batch comes back as exactly one `answer` event, `unknown` where nothing was heard. */
export interface VenueGateway {
	readonly capabilities: VenueCapabilities;
	send(batch: Batch): void;
	/** What the venue knows of these orders comes back as reports and executions, and then one `lookedUp` event for each. */
	lookUp(asked: readonly LookUp[]): void;
	/** Executions that nobody was told of, reports of all that is open, and then one `census` event. */
	takeCensus(): void;
}

/** Brings one venue's books, trades, reports, executions and balances in as events, until it is disposed. */
export interface VenueStreams extends AsyncDisposable {
	subscribe(instruments: readonly Instrument[], sink: EventSink): void;
}

/** Keeps intents where a crash cannot take them. A commit comes back as a `journaled` event with its flush id. */
export interface Journal {
	/** What is told besides is safe together with the intents or not at all, and stands before them. */
	commit(flushId: number, intents: readonly Command[], besides?: readonly JournalRecord[]): void;
	/** Cancels are written down too, but nobody waits for it (I11). */
	note(cancels: readonly Command[]): void;
	/** What else a later run has to know. */
	keep(records: readonly JournalRecord[]): void;
}

/** Hears every input and every output of the engine in order; what a replay and a trace hash are made from. */
export interface Recorder {
	input(event: EngineEvent): void;
	output(effect: EngineEffect): void;
}

export type EngineNote =
	| { readonly kind: 'strategyFailed'; readonly instrument: string; readonly error: unknown }
	| { readonly kind: 'paused'; readonly reason: string }
	| { readonly kind: 'resumed' }
	| { readonly kind: 'gateShut'; readonly reason: string }
	/** A position was closed because somebody asked for it; what is left is somebody else's, or less than the venue takes. */
	| { readonly kind: 'flattened'; readonly instrument: string; readonly leftLots: number }
	/** The gate does not let the next slice pass; it is tried again. */
	| { readonly kind: 'flattenRefused'; readonly instrument: string; readonly reason: string }
	/** An order that a decision led to, its entry or an exit, is in another state than before. */
	| {
			readonly kind: 'decisionOrder';
			readonly decisionId: string;
			readonly orderId: OrderId;
			readonly state: OrderState;
			readonly filledLots: number;
	  }
	/** What a decision opened is to be closed, and the gate does not let that pass; it is tried again. */
	| { readonly kind: 'exitRefused'; readonly decisionId: string; readonly reason: string }
	/** What a decision of an earlier run opened is in a symbol that nobody follows any more. */
	| { readonly kind: 'unwatched'; readonly decisionId: string; readonly instrument: string }
	/** A slot asks for what the venue refuses, and waits between its tries from now on (F36). */
	| { readonly kind: 'refusedAgain'; readonly instrument: string; readonly reason: string }
	/** One symbol is not quoted for a while (KL1). */
	| { readonly kind: 'held'; readonly instrument: string; readonly reason: string }
	/** The venue shows another leverage than before, and it is enough for what we do (F62). */
	| { readonly kind: 'leverageChanged'; readonly instrument: string; readonly before: number; readonly leverage: number }
	/** Not enough to stop anything yet (PT21). */
	| { readonly kind: 'clockOff'; readonly venue: string; readonly offsetMs: number }
	/** So many open orders in our symbols are not ours; they are left alone (F76). */
	| { readonly kind: 'foreignOrders'; readonly venue: string; readonly count: number }
	/** Booked just now, for the first and only time. */
	| { readonly kind: 'filled'; readonly execution: Execution }
	/** Older than all executions we remember: it may be news or a repeat, so the position has to be compared. */
	| { readonly kind: 'tooOldToBook'; readonly executionId: string };

/** What a step asks of the world, in order. */
export type EngineEffect =
	| { readonly kind: 'send'; readonly batch: Batch }
	| {
			readonly kind: 'commit';
			readonly flushId: number;
			readonly intents: readonly Command[];
			/** Of the decisions behind these intents; left out where there are none. */
			readonly besides?: readonly JournalRecord[];
	  }
	| { readonly kind: 'noteCancels'; readonly cancels: readonly Command[] }
	| { readonly kind: 'keep'; readonly records: readonly JournalRecord[] }
	| { readonly kind: 'lookUp'; readonly venue: string; readonly asked: readonly LookUp[] }
	| { readonly kind: 'census'; readonly venue: string }
	| { readonly kind: 'wake'; readonly key: string; readonly delayMs: number }
	/** The same in a turn of its own, as soon as the network and the disk have been listened to. */
	| { readonly kind: 'turn'; readonly key: string }
	| { readonly kind: 'note'; readonly note: EngineNote };
