/**
 * What the engine does not keep and a person wants to see again: the last orders that are over, the last comparisons, and
 * how calls were filled. Listens to what the engine takes and decides, changes nothing in it, and is
 * bounded: what is older than the last so many stands in the journal.
 */
import type { CensusEvent, EngineEvent } from '../../domain/event.ts';
import type { Execution } from '../../domain/execution.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { OverRecord } from '../../domain/journal-record.ts';
import type { Order } from '../../domain/order.ts';
import type { OrderId } from '../../domain/order-id.ts';
import { monoMs } from '../../domain/units.ts';
import type { EngineEffect, Recorder } from '../../engine/ports.ts';
import type { Clock } from '../../ports/clock.ts';
import { Comparisons } from './comparisons.ts';
import { Figures } from './figures.ts';
import { LastOnes } from './last-ones.ts';
import type { WatchedApp } from './watched-app.ts';

const CLOSED_ORDERS_KEPT = 1_000;
/** Orders of the trading desk that are known as such. */
const DESK_ORDERS_MAX = 1_000;

export interface ClosedSeen {
	readonly order: Order;
	readonly atMs: number;
	readonly reason: string;
}

export interface StreamSeen {
	isUp: boolean;
	/** At any time before. */
	wasUp: boolean;
	downSinceMs: number | undefined;
	/** How often it came back. */
	returns: number;
}

export interface CallsSeen {
	readonly venue: string;
	readonly verb: string;
	calls: number;
	commands: number;
	max: number;
}

export class Memory implements Recorder, Disposable {
	readonly closed = new LastOnes<ClosedSeen>(CLOSED_ORDERS_KEPT);
	readonly comparisons = new Comparisons();
	/** By `venue verb`: there are as many as there are venues and verbs. */
	readonly calls = new Map<string, CallsSeen>();
	/** By `venue stream`. */
	readonly streams = new Map<string, StreamSeen>();
	readonly clockOffsetsMs = new Map<string, number>();
	readonly #clock: Clock;
	readonly #fillCounts: number[] = [];
	readonly #deskOrders = new Set<OrderId>();
	readonly figures: Figures;
	#app: WatchedApp | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.figures = new Figures(clock);
	}

	/** Whose engine it is. */
	watch(app: WatchedApp): void {
		this.#app = app;
		this.figures.watch(app);
	}

	[Symbol.dispose](): void {
		this.figures[Symbol.dispose]();
	}

	fillCount({ index }: Instrument): number {
		return this.#fillCounts[index] ?? 0;
	}

	/** Decided by a workflow, as far back as we remember. */
	isOfDesk(orderId: OrderId): boolean {
		return this.#deskOrders.has(orderId);
	}

	input(event: EngineEvent): void {
		if (event.kind === 'trade') this.figures.applyTrade(event.instrument, event.priceTicks, event.qtyLots);
		else if (event.kind === 'census') this.#hearCensus(event);
		else if (event.kind === 'venueClock') this.clockOffsetsMs.set(event.venue, event.offsetMs);
		else if (event.kind === 'stream') this.#hearStream(event);
	}

	output(effect: EngineEffect): void {
		switch (effect.kind) {
			case 'send':
				this.#hearCall(effect.batch.venue, effect.batch.verb, effect.batch.commands.length);
				return;
			case 'lookUp':
				this.comparisons.hearLookUp(effect.venue, effect.asked);
				return;
			case 'keep':
				for (const record of effect.records) {
					if (record.kind === 'over') this.#hearOver(record);
					else if (record.kind === 'reconciled') this.comparisons.hearVerdict(record, this.#clock.monotonicMs());
				}
				return;
			case 'note':
				if (effect.note.kind === 'filled') this.#hearFill(effect.note.execution);
				else if (effect.note.kind === 'decisionOrder') this.#hearDeskOrder(effect.note.orderId);
				return;
			case 'commit':
			case 'noteCancels':
			case 'census':
			case 'wake':
			case 'turn':
				return;
		}
	}

	#hearFill(execution: Execution): void {
		const { index } = execution.instrument;
		this.#fillCounts[index] = (this.#fillCounts[index] ?? 0) + 1;
		this.figures.applyFill(execution, monoMs(this.#clock.monotonicMs()));
	}

	#hearOver({ orderId, reason }: OverRecord): void {
		const order = this.#app?.engine.orders.get(orderId as OrderId);
		if (order !== undefined) this.closed.add({ order, atMs: this.#clock.wallMs(), reason });
	}

	#hearDeskOrder(orderId: OrderId): void {
		if (this.#deskOrders.has(orderId)) return;
		if (this.#deskOrders.size >= DESK_ORDERS_MAX)
			for (const oldest of this.#deskOrders) {
				this.#deskOrders.delete(oldest);
				break;
			}
		this.#deskOrders.add(orderId);
	}

	#hearCall(venue: string, verb: string, count: number): void {
		const key = `${venue} ${verb}`;
		let seen = this.calls.get(key);
		if (seen === undefined) {
			seen = { venue, verb, calls: 0, commands: 0, max: 0 };
			this.calls.set(key, seen);
		}
		seen.calls += 1;
		seen.commands += count;
		seen.max = Math.max(seen.max, count);
	}

	#hearStream({ venue, stream, up, wallMs }: Extract<EngineEvent, { kind: 'stream' }>): void {
		const key = `${venue} ${stream}`;
		const seen = this.streams.get(key) ?? { isUp: false, wasUp: false, downSinceMs: wallMs, returns: 0 };
		if (up && !seen.isUp && seen.wasUp) seen.returns += 1;
		if (up) seen.downSinceMs = undefined;
		else if (seen.isUp) seen.downSinceMs = wallMs;
		seen.isUp = up;
		seen.wasUp ||= up;
		this.streams.set(key, seen);
	}

	#hearCensus(event: CensusEvent): void {
		if (this.#app !== undefined) this.comparisons.hearCensus(event, this.#app);
	}
}
