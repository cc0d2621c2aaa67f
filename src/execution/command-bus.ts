/**
 * HOT: gathers the approved commands of a tick and packs them into the fewest calls (C1 to C5). Within a flush a
 * later command about the same order replaces or cancels out an earlier one. A command leaves the bus exactly once:
 * after `flush` the bus is empty and forgets it. Budget: bench/execution/tick.
 */
import type { AmendCommand, Batch, CancelCommand, Command, PlaceCommand, Verb } from '../domain/command.ts';
import { VERBS } from '../domain/command.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { OrderId } from '../domain/order-id.ts';
import type { Lane, Lanes } from './lanes.ts';

export interface BusOptions {
	/** Off: one command a call, symbol after symbol; the way back from batching. */
	readonly parallel: boolean;
	readonly coalesceCancel: boolean;
	readonly coalescePlace: boolean;
	readonly coalesceAmend: boolean;
	/** Never more commands in a call than this, whatever the venue would take. */
	readonly maxBatchSize: number;
}

export const BUS_OPTIONS: BusOptions = {
	parallel: true,
	coalesceCancel: true,
	coalescePlace: true,
	coalesceAmend: true,
	maxBatchSize: 20,
};

export interface CoalesceCount {
	/** Put on the bus. */
	commands: number;
	/** Left it, after merging. */
	sent: number;
	calls: number;
}

export interface BusStats {
	total_commands: number;
	coalesce_stats: Record<Verb, CoalesceCount>;
}

/** What became of a command that was put on the bus. */
export type Enqueued =
	| { readonly kind: 'queued' }
	/** Said already: an equal cancel waits, or the order is being cancelled anyway. */
	| { readonly kind: 'merged' }
	/** A newer amend takes the place of this older one. */
	| { readonly kind: 'replaced'; readonly dropped: AmendCommand }
	/** The order was never sent: neither it nor its cancel leaves. */
	| { readonly kind: 'annihilated'; readonly dropped: PlaceCommand };

const QUEUED: Enqueued = { kind: 'queued' };
const MERGED: Enqueued = { kind: 'merged' };

export class CommandBus {
	options: BusOptions;
	readonly stats: BusStats = {
		total_commands: 0,
		coalesce_stats: {
			cancel: { commands: 0, sent: 0, calls: 0 },
			amend: { commands: 0, sent: 0, calls: 0 },
			place: { commands: 0, sent: 0, calls: 0 },
		},
	};
	readonly #lanes: Lanes;
	readonly #queued = new Map<OrderId, Command>();
	#nextBatchId = 1;

	constructor(lanes: Lanes, options: BusOptions) {
		this.#lanes = lanes;
		this.options = options;
	}

	get size(): number {
		return this.#queued.size;
	}

	place(command: PlaceCommand): void {
		this.#count('place');
		this.#queued.set(command.orderId, command);
	}

	amend(command: AmendCommand): Enqueued {
		this.#count('amend');
		const earlier = this.#queued.get(command.orderId);
		if (earlier?.kind === 'cancel') return MERGED;
		if (earlier?.kind === 'place') {
			this.#queued.set(command.orderId, { ...earlier, priceTicks: command.priceTicks, qtyLots: command.qtyLots });
			return MERGED;
		}
		this.#queued.set(command.orderId, command);
		return earlier === undefined ? QUEUED : { kind: 'replaced', dropped: earlier };
	}

	cancel(command: CancelCommand): Enqueued {
		this.#count('cancel');
		const earlier = this.#queued.get(command.orderId);
		if (earlier?.kind === 'cancel') return MERGED;
		if (earlier?.kind === 'place') {
			this.#queued.delete(command.orderId);
			return { kind: 'annihilated', dropped: earlier };
		}
		// Taken out and put in again, so that it stands where a cancel of its own would stand.
		this.#queued.delete(command.orderId);
		this.#queued.set(command.orderId, command);
		return earlier === undefined ? QUEUED : { kind: 'replaced', dropped: earlier };
	}

	/** Everything that waits, as calls: all cancels first, then amends, then places; sequentially, symbol by symbol. */
	flush(): Batch[] {
		if (this.#queued.size === 0) return [];
		const batches: Batch[] = [];
		const commands = [...this.#queued.values()];
		this.#queued.clear();
		if (this.options.parallel) this.#packTogether(commands, batches);
		else this.#packOneByOne(commands, batches);
		return this.#counted(batches);
	}

	/** Only calls that no later command of this tick could join; the rest goes on waiting, in its order. */
	flushFull(): Batch[] {
		if (this.#queued.size === 0 || !this.options.parallel) return [];
		const batches: Batch[] = [];
		const queued = [...this.#queued.values()];
		this.#packTogether(queued, batches);
		const full: Batch[] = [];
		const left = new Set<Command>();
		for (const batch of batches) {
			const lane = this.#lanes.find(batch.venue, batch.category);
			if (lane !== undefined && batch.commands.length >= this.#limit(lane, batch.verb)) full.push(batch);
			else for (const command of batch.commands) left.add(command);
		}
		// Few are left: putting them in again is cheaper than taking each of the others out.
		this.#queued.clear();
		if (left.size > 0) for (const command of queued) if (left.has(command)) this.#queued.set(command.orderId, command);
		return this.#counted(full);
	}

	#counted(batches: Batch[]): Batch[] {
		for (const batch of batches) {
			const count = this.stats.coalesce_stats[batch.verb];
			count.calls += 1;
			count.sent += batch.commands.length;
		}
		return batches;
	}

	#packTogether(commands: readonly Command[], batches: Batch[]): void {
		for (const verb of VERBS) {
			for (const lane of this.#lanes.all) {
				const limit = this.#limit(lane, verb);
				const mixes = limit > 1 && lane.capability.verbs[verb].mixesSymbols;
				// Open batches by symbol where symbols cannot share a call, else one for the lane.
				const open = new Map<Instrument | undefined, Command[]>();
				for (const command of commands) {
					if (command.kind !== verb || this.#lanes.of(command.instrument.index) !== lane) continue;
					const key = mixes ? undefined : command.instrument;
					let batch = open.get(key);
					if (batch === undefined) {
						batch = [];
						open.set(key, batch);
						batches.push(this.#batch(lane, verb, batch, key));
					}
					batch.push(command);
					if (batch.length >= limit) open.delete(key);
				}
			}
		}
	}

	#packOneByOne(commands: readonly Command[], batches: Batch[]): void {
		const bySymbol = new Map<Instrument, Command[]>();
		for (const command of commands) {
			const list = bySymbol.get(command.instrument);
			if (list === undefined) bySymbol.set(command.instrument, [command]);
			else list.push(command);
		}
		for (const [instrument, list] of bySymbol) {
			const lane = this.#lanes.of(instrument.index);
			for (const verb of VERBS) {
				for (const command of list) if (command.kind === verb) batches.push(this.#batch(lane, verb, [command], instrument));
			}
		}
	}

	#limit(lane: Lane, verb: Verb): number {
		const { coalesceCancel, coalesceAmend, coalescePlace, maxBatchSize } = this.options;
		const coalesces = verb === 'cancel' ? coalesceCancel : verb === 'amend' ? coalesceAmend : coalescePlace;
		return coalesces ? Math.min(maxBatchSize, lane.capability.verbs[verb].batchMax) : 1;
	}

	#batch(lane: Lane, verb: Verb, commands: readonly Command[], symbolOnly: Instrument | undefined): Batch {
		const batchId = this.#nextBatchId;
		this.#nextBatchId += 1;
		return { batchId, venue: lane.venue, category: lane.category, verb, commands, symbolOnly };
	}

	#count(verb: Verb): void {
		this.stats.total_commands += 1;
		this.stats.coalesce_stats[verb].commands += 1;
	}
}
