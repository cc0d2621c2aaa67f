/**
 * What nobody else adds up, counted as the engine takes and decides it: how orders ended, what the venue refused, what
 * comparisons found. Hears everything, so what is heard most often (books) costs one comparison; changes nothing.
 */
import { VERBS } from '../../domain/command.ts';
import type { CensusEvent, EngineEvent, StreamEvent } from '../../domain/event.ts';
import type { Execution } from '../../domain/execution.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { JournalRecord, ReconciledRecord } from '../../domain/journal-record.ts';
import { FAILURE_CLASSES, type ItemOutcome } from '../../domain/outcome.ts';
import type { EngineEffect, EngineNote, Recorder } from '../../engine/ports.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Meter, Timing } from '../../ports/meter.ts';
import type { Tell } from '../../telemetry/figures-catalogue.ts';
import { Tallies } from './tallies.ts';

export class EventCounts implements Recorder {
	readonly #clock: Clock;
	readonly #reconcile: Timing;
	readonly #tallies = new Tallies();
	/** By `venue stream`. */
	readonly #streams = new Map<string, Pick<StreamEvent, 'venue' | 'stream' | 'up'>>();
	readonly #foreign = new Map<string, number>();
	/** When each venue was last compared with; when we began where it was not. */
	readonly #comparedAtMono = new Map<string, number>();
	#venueOf: readonly string[] = [];

	constructor(parts: { readonly clock: Clock; readonly meter: Meter }) {
		this.#clock = parts.clock;
		this.#reconcile = parts.meter.stage('reconcile');
		for (const state of ['filled', 'cancelled', 'rejected', 'expired'] as const) this.#tallies.add('ordersEnded', { state }, 0);
		for (const verb of VERBS) {
			this.#tallies.add('unanswered', { verb }, 0);
			for (const reason of FAILURE_CLASSES) this.#tallies.add('rejects', { verb, reason }, 0);
		}
		for (const key of ['pauses', 'loopStalls', 'journalFailures'] as const) this.#tallies.add(key, {}, 0);
	}

	/** What is traded, once that is known. */
	watch(instruments: readonly Instrument[]): void {
		this.#venueOf = instruments.map(({ venue }) => venue);
		for (const { id: symbol } of instruments) {
			this.#tallies.add('strategyFailures', { symbol }, 0);
			this.#tallies.add('fillVolume', { symbol }, 0);
			for (const side of ['buy', 'sell'] as const) this.#tallies.add('fills', { symbol, side, liquidity: 'maker' }, 0);
		}
		for (const exchange of new Set(this.#venueOf)) {
			for (const key of ['booksLost', 'rateRefusals', 'comparisonFixes'] as const) this.#tallies.add(key, { exchange }, 0);
			for (const result of ['clean', 'repaired', 'inconclusive', 'desync'] as const) {
				this.#tallies.add('comparisons', { exchange, result }, 0);
			}
			this.#foreign.set(exchange, 0);
			this.#comparedAtMono.set(exchange, this.#clock.monotonicMs());
		}
	}

	input(event: EngineEvent): void {
		switch (event.kind) {
			case 'book':
				return;
			case 'answer':
				for (const item of event.items) this.#hearOutcome(item);
				return;
			case 'bookLost':
				this.#tallies.add('booksLost', { exchange: this.#venueOf[event.instrument] ?? '' });
				return;
			case 'stream':
				this.#streams.set(`${event.venue} ${event.stream}`, event);
				return;
			case 'rate':
				if (event.isRefusal) this.#tallies.add('rateRefusals', { exchange: event.venue });
				return;
			case 'census':
				this.#hearCensus(event);
				return;
			case 'journaled':
				if (!event.ok) this.#tallies.add('journalFailures', {});
				return;
			case 'slept':
			case 'lagged':
				this.#tallies.add('loopStalls', {});
				return;
			default:
				return;
		}
	}

	output(effect: EngineEffect): void {
		if (effect.kind === 'note') this.#hearNote(effect.note);
		else if (effect.kind === 'keep') for (const record of effect.records) this.#hearRecord(record);
	}

	readonly tell = (tell: Tell): void => {
		this.#tallies.tell(tell);
		for (const { venue, stream, up } of this.#streams.values()) tell('streamUp', { exchange: venue, stream }, up ? 1 : 0);
		for (const [exchange, count] of this.#foreign) tell('foreignOrders', { exchange }, count);
		const nowMono = this.#clock.monotonicMs();
		for (const [exchange, atMono] of this.#comparedAtMono) tell('comparisonAge', { exchange }, (nowMono - atMono) / 1_000);
	};

	#hearOutcome({ verb, outcome }: ItemOutcome): void {
		if (outcome.kind === 'rejected') this.#tallies.add('rejects', { verb, reason: outcome.class });
		else if (outcome.kind === 'unknown') this.#tallies.add('unanswered', { verb });
	}

	#hearCensus({ beganAtMono, monoMs, found }: CensusEvent): void {
		if (found !== undefined) this.#reconcile.record(monoMs - beganAtMono);
	}

	#hearRecord(record: JournalRecord): void {
		if (record.kind === 'over') this.#tallies.add('ordersEnded', { state: record.state });
		else if (record.kind === 'reconciled') this.#hearVerdict(record);
	}

	#hearVerdict({ venue: exchange, verdict: result, ordersFixed, orphansClosed }: ReconciledRecord): void {
		this.#tallies.add('comparisons', { exchange, result });
		this.#tallies.add('comparisonFixes', { exchange }, ordersFixed + orphansClosed);
		this.#comparedAtMono.set(exchange, this.#clock.monotonicMs());
	}

	#hearNote(note: EngineNote): void {
		if (note.kind === 'filled') this.#hearFill(note.execution);
		else if (note.kind === 'paused') this.#tallies.add('pauses', {});
		else if (note.kind === 'strategyFailed') this.#tallies.add('strategyFailures', { symbol: note.instrument });
		else if (note.kind === 'foreignOrders') this.#foreign.set(note.venue, note.count);
	}

	#hearFill({ instrument, side, isMaker, priceTicks, qtyLots }: Execution): void {
		this.#tallies.add('fills', { symbol: instrument.id, side, liquidity: isMaker ? 'maker' : 'taker' });
		this.#tallies.add('fillVolume', { symbol: instrument.id }, priceTicks * qtyLots * instrument.tickLotNumber);
	}
}
