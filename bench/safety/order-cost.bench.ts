/**
 * What safety costs an order in time of the main thread: the gate's checks, and the journal from the flush to the event
 * that lets it leave. It stands for the promise that nobody has to choose between safe and fast: at most 20 µs an order
 * at p50, nothing to a cancel, and a loop that is never held up. Real files in the temporary folder; beside them a
 * journal that keeps nothing, whose figure is what the measuring itself costs. Counted in processor time of the main
 * thread where the system tells it, since machines that measure are busy with other things.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Command } from '../../src/domain/command.ts';
import { instrumentIndex } from '../../src/domain/instrument.ts';
import type { EngineEffect, EventSink, Journal } from '../../src/engine/ports.ts';
import { ENGINE_SETTINGS } from '../../src/engine/settings.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { memoryJournal } from '../../src/simulation/memory-journal.ts';
import { JournalStore } from '../../src/storage/journal-store.ts';
import { systemDisk } from '../../src/storage/system-disk.ts';
import { LADDER_DEFAULTS, ladder } from '../../src/strategy/index.ts';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { type BenchCase, type Benchmark, type BenchOptions, type BenchResult, nowNs, Samples } from '../harness.ts';

const SYMBOLS = 10;
const LEVELS = 5;
const ORDERS = SYMBOLS * LEVELS * 2;
const MID_TICKS = 650_000;
const ROUNDS = { tiny: { warmup: 1, counted: 2 }, full: { warmup: 10, counted: 100 } };
/** The system counts a thread's time in steps of some milliseconds, so many flushes are one sample. */
const FLUSHES = { tiny: 1, full: 20 };
const LAG_RESOLUTION_MS = 1;

const STRATEGY = ladder({
	...LADDER_DEFAULTS,
	levels: { count: LEVELS, halfSpreadBps: 2, stepBps: 1 },
	inventory: { unit: 'notional', limit: 1e9, skewBps: 0, sizeSkew: 0 },
	edge: { minEdgeBps: -100, holdingHours: 0, fundingIntervalHours: 8 },
});

export default {
	name: 'safety/order-cost',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		const { warmup, counted } = tiny ? ROUNDS.tiny : ROUNDS.full;
		const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
		const opened = await JournalStore.open({ disk: systemDisk(), clock: systemClock(), folder: join(folder, 'journal') });
		if (opened.kind === 'refused') throw new Error(opened.sentence);
		const { store } = opened;
		try {
			const desk = new TimedDesk(counted * ORDERS);
			const flushes = tiny ? FLUSHES.tiny : FLUSHES.full;
			const real = new Runner((sink) => store.journalFor(sink, desk.owners), { counted, flushes });
			const memory = new Runner((sink) => memoryJournal({ clock: systemClock(), syncMs: 0, sink }), { counted, flushes });
			const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
			let checksum = 0;
			for (let round = -warmup; round < counted; round += 1) {
				if (round === 0) lag.enable();
				const { intents, cancels } = desk.next(round >= 0);
				checksum = (checksum * 31 + intents.length + cancels.length) % 1_000_003;
				const order = round % 2 === 0 ? [real, memory] : [memory, real];
				for (const runner of order) await runner.run({ intents, cancels }, round >= 0);
			}
			lag.disable();
			return tell({ desk, real, memory, lagMs: lag.percentile(99) / 1e6 - LAG_RESOLUTION_MS, checksum });
		} finally {
			await store[Symbol.asyncDispose]();
			rmSync(folder, { recursive: true });
		}
	},
} satisfies Benchmark;

function tell(told: {
	readonly desk: TimedDesk;
	readonly real: Runner;
	readonly memory: Runner;
	readonly lagMs: number;
	readonly checksum: number;
}): BenchResult {
	const { desk, real, memory, lagMs, checksum } = told;
	const cases: BenchCase[] = [];
	const push = (name: string, unit: string, samples: Samples): number => {
		const percentiles = samples.percentiles();
		cases.push({ name, unit, sampleCount: samples.count, ...percentiles, checksum });
		return percentiles.p50;
	};
	const gateUs = push('gate, each order', 'us/order', desk.gateUs);
	const realUs = push('journal on the disk, main thread', 'us/order', real.orderUs);
	const memoryUs = push('journal that keeps nothing, main thread', 'us/order', memory.orderUs);
	push('journal on the disk, inside the call', 'us/order', real.callUs);
	push('calls of the journal before the cancels of a flush leave', 'calls', desk.callsBeforeCancels);
	push('cancels, written down once they have left', 'us/cancel', real.noteUs);
	const addedUs = gateUs + realUs - memoryUs;
	const single = (name: string, unit: string, value: number): BenchCase => {
		const samples = new Samples(1);
		samples.record(value);
		return { name, unit, sampleCount: 1, ...samples.percentiles() };
	};
	cases.push(single('gate and journal together, at the medians', 'us/order', addedUs));
	cases.push(single('loop delay at p99 meanwhile', 'ms', Math.max(0, lagMs)));
	return { cases, ratios: { orderCostOf20Us: 20 / addedUs } };
}

interface Flush {
	readonly intents: readonly Command[];
	readonly cancels: readonly Command[];
}

/** An engine that quotes everything anew in each round; what its gate takes is measured inside. */
class TimedDesk {
	readonly gateUs: Samples;
	readonly callsBeforeCancels: Samples;
	readonly owners: readonly string[];
	readonly #desk: Desk;
	#round = 0;
	#counts = false;

	constructor(orders: number) {
		this.gateUs = new Samples(orders);
		this.callsBeforeCancels = new Samples(orders);
		const instruments = Array.from({ length: SYMBOLS }, (_, index) =>
			makeTestInstrument({ index: instrumentIndex(index), symbol: `SYM${index}USDT` }),
		);
		this.owners = instruments.map(({ symbol }) => `ladder ${symbol}`);
		const policy = { ...ENGINE_SETTINGS.policy, amendPriceThresholdBps: 0 };
		this.#desk = new Desk({ instruments, strategy: STRATEGY, settings: { policy } });
		const { gate } = this.#desk.engine;
		const approve = gate.approvePlace.bind(gate);
		gate.approvePlace = (proposal, scene) => {
			const startNs = nowNs();
			const approval = approve(proposal, scene);
			if (this.#counts) this.gateUs.record((nowNs() - startNs) / 1e3);
			return approval;
		};
		this.next(false);
	}

	next(counts: boolean): Flush {
		const desk = this.#desk;
		this.#counts = counts;
		this.#round += 1;
		const mid = MID_TICKS + (this.#round % 2) * 7;
		desk.history.length = 0;
		desk.nowMs += 1_000;
		for (const instrument of desk.instruments) desk.book(instrument, mid - 1, mid + 1);
		const effects = desk.tick(0);
		const intents = effects.flatMap((effect) => (effect.kind === 'commit' ? effect.intents : []));
		const cancels = effects.flatMap((effect) => (effect.kind === 'noteCancels' ? effect.cancels : []));
		if (counts && (intents.length !== ORDERS || cancels.length !== ORDERS)) {
			throw new Error(`${intents.length} intents and ${cancels.length} cancels, expected ${ORDERS} of each`);
		}
		if (counts) this.callsBeforeCancels.record(journalCallsBeforeCancels(effects));
		desk.settle();
		return { intents, cancels };
	}
}

/** What is asked of the journal before a cancel leaves, it has to wait for. */
function journalCallsBeforeCancels(effects: readonly EngineEffect[]): number {
	const firstSent = effects.findIndex((effect) => effect.kind === 'send' && effect.batch.verb === 'cancel');
	return effects.slice(0, Math.max(0, firstSent)).filter(({ kind }) => kind === 'commit' || kind === 'noteCancels').length;
}

/** One journal, and what it takes of the main thread. */
class Runner {
	readonly orderUs: Samples;
	readonly callUs: Samples;
	readonly noteUs: Samples;
	readonly #journal: Journal;
	readonly #flushes: number;
	#heard = (): void => {};

	constructor(open: (sink: EventSink) => Journal, { counted, flushes }: { readonly counted: number; readonly flushes: number }) {
		this.orderUs = new Samples(counted);
		this.callUs = new Samples(counted * flushes);
		this.noteUs = new Samples(counted);
		this.#flushes = flushes;
		this.#journal = open(() => this.#heard());
	}

	async run({ intents, cancels }: Flush, counts: boolean): Promise<void> {
		const beforeNs = mainThreadNs();
		for (let flush = 0; flush < this.#flushes; flush += 1) {
			const calledUs = await this.#flush(intents);
			if (counts) this.callUs.record(calledUs / intents.length);
		}
		const tookNs = mainThreadNs() - beforeNs;
		const noteNs = nowNs();
		this.#journal.note(cancels);
		const notedNs = nowNs();
		await new Promise((resolve) => setTimeout(resolve, 1));
		if (!counts) return;
		this.orderUs.record(tookNs / 1e3 / (intents.length * this.#flushes));
		this.noteUs.record((notedNs - noteNs) / 1e3 / cancels.length);
	}

	/** Answers with the time that the call itself took. */
	async #flush(intents: readonly Command[]): Promise<number> {
		const safe = new Promise<void>((resolve) => {
			this.#heard = resolve;
		});
		const startNs = nowNs();
		this.#journal.commit(1, intents);
		const calledNs = nowNs();
		await safe;
		// What a journal does as soon as it may counts too.
		await new Promise((resolve) => setImmediate(resolve));
		return (calledNs - startNs) / 1e3;
	}
}

/** Linux counts what the main thread has used of a processor; elsewhere all threads count together. */
function mainThreadNs(): number {
	try {
		return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]);
	} catch {
		const { user, system } = process.cpuUsage();
		return (user + system) * 1e3;
	}
}
