/** What ticks came to: counts and percentiles, of those that went through. */
import { Percentiles } from '../../engine/percentiles.ts';
import type { RequestApi } from '../../ports/meter.ts';

export interface Spread {
	readonly p50: number;
	readonly p95: number;
	readonly p99: number;
}

export interface TickSpeed {
	readonly ticks: number;
	readonly commandsPerTick: number;
	readonly callsPerTick: number;
	readonly bareMs: Spread;
	readonly tickMs: Spread;
	/** Of the bare round trip's middle. */
	readonly tickInRoundTrips: Spread;
	/** Until a commit was safe on the disk. */
	readonly journalMs: Spread;
	readonly cpuMsPerTick: Spread;
	/** Ticks that did not go through as they should, as on a machine that was busy with other things; not counted. */
	readonly cutShort: number;
	/** The kinds of calls that carried orders. */
	readonly sentOver: readonly RequestApi[];
}

/** That many in a row, and there is nothing to be measured here. */
const CUT_SHORT_MAX = 10;

interface Tick {
	readonly roundTripMs: number;
	readonly ms: number;
	readonly calls: number;
	readonly commands: number;
	readonly cpuMs: number;
	readonly commits: readonly number[];
	/** False while it warms up. */
	readonly counts: boolean;
}

/** What was measured, tick by tick. */
export class TickTally {
	ticks = 0;
	readonly #roundTrip = new Percentiles();
	readonly #tick = new Percentiles();
	readonly #journal = new Percentiles();
	readonly #cpu = new Percentiles();
	#commits: number[] = [];
	#calls = 0;
	#commands = 0;
	#cutShort = 0;
	#cutShortInARow = 0;

	beginTick(): readonly number[] {
		this.#commits = [];
		return this.#commits;
	}

	hearCommit(ms: number): void {
		this.#commits.push(ms);
	}

	keep({ roundTripMs, ms, calls, commands, cpuMs, commits, counts }: Tick): void {
		this.#cutShortInARow = 0;
		if (!counts) return;
		this.ticks += 1;
		this.#calls += calls;
		this.#commands += commands;
		this.#roundTrip.record(roundTripMs);
		this.#tick.record(ms);
		this.#cpu.record(cpuMs);
		for (const each of commits) this.#journal.record(each);
	}

	drop(): void {
		this.#cutShort += 1;
		this.#cutShortInARow += 1;
		if (this.#cutShortInARow < CUT_SHORT_MAX) return;
		throw new Error(
			`${CUT_SHORT_MAX} ticks in a row did not go through: so many orders are too much for this machine now; try fewer symbols or levels`,
		);
	}

	told(sentOver: readonly RequestApi[]): TickSpeed {
		if (this.ticks === 0) throw new Error('nothing was measured: it was called off before the first tick that counts');
		const tick = spreadOf(this.#tick);
		const roundTrip = spreadOf(this.#roundTrip);
		return {
			ticks: this.ticks,
			commandsPerTick: this.#commands / this.ticks,
			callsPerTick: this.#calls / this.ticks,
			bareMs: roundTrip,
			tickMs: tick,
			tickInRoundTrips: { p50: tick.p50 / roundTrip.p50, p95: tick.p95 / roundTrip.p50, p99: tick.p99 / roundTrip.p50 },
			journalMs: spreadOf(this.#journal),
			cpuMsPerTick: spreadOf(this.#cpu),
			cutShort: this.#cutShort,
			sentOver,
		};
	}
}

function spreadOf(percentiles: Percentiles): Spread {
	return { p50: percentiles.at(0.5), p95: percentiles.at(0.95), p99: percentiles.at(0.99) };
}
