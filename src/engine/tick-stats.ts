/** How ticks went, in the names that dashboards and scripts know (T5). */
import type { BusStats } from '../execution/command-bus.ts';
import { type Meter, NO_METER, type Timing } from '../ports/meter.ts';
import { Percentiles } from './percentiles.ts';

export interface Stats extends BusStats {
	readonly p50_tick_ms: number;
	readonly p95_tick_ms: number;
	readonly p99_tick_ms: number;
	readonly ticks: number;
	/** Flushes whose last answer did not come within the tick's deadline. */
	readonly overruns: number;
	readonly calls: number;
	/** Commands that were approved but dropped unsent: stale at the deadline, or overtaken by a newer target. */
	readonly dropped: number;
}

export class TickStats {
	ticks = 0;
	overruns = 0;
	calls = 0;
	dropped = 0;
	readonly #flushMs = new Percentiles();
	readonly #flush: Timing;
	readonly #journal: Timing;

	constructor(meter: Meter = NO_METER) {
		this.#flush = meter.flush;
		this.#journal = meter.stage('journal');
	}

	recordFlush(ms: number): void {
		this.#flushMs.record(ms);
		this.#flush.record(ms);
	}

	recordCommit(ms: number): void {
		this.#journal.record(ms);
	}

	read(bus: BusStats): Stats {
		const { cancel, amend, place } = bus.coalesce_stats;
		return {
			p50_tick_ms: this.#flushMs.at(0.5),
			p95_tick_ms: this.#flushMs.at(0.95),
			p99_tick_ms: this.#flushMs.at(0.99),
			ticks: this.ticks,
			overruns: this.overruns,
			calls: this.calls,
			dropped: this.dropped,
			total_commands: bus.total_commands,
			coalesce_stats: { cancel: { ...cancel }, amend: { ...amend }, place: { ...place } },
		};
	}
}
