/**
 * One session from start to a proven end: run for a time, for a number of ticks or until told to stop; then shut the
 * gate, cancel everything, and ask the exchange whether anything of ours is left. On the real clock and in virtual time
 * alike.
 */
import type { EngineNote } from '../engine/ports.ts';
import { systemClock } from '../network/system-clock.ts';
import { systemSeed } from '../network/system-seed.ts';
import type { Clock } from '../ports/clock.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { TraceHash } from '../simulation/trace-hash.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { World } from '../simulation/world.ts';
import { DEMO } from './demo.ts';
import { inventoryOf, profitOf, type SessionReport, type SessionStatus, statusOf } from './report.ts';

export interface SessionOptions {
	/** Drawn anew unless given. */
	readonly seed?: number;
	/** Time runs as fast as the processor allows, and the run is a function of its seed. */
	readonly virtual: boolean;
	readonly forMs?: number;
	readonly ticks?: number;
	readonly onNote?: (note: EngineNote) => void;
	/** Resolves when somebody wants the session to end. */
	readonly stopAsked: Promise<void>;
	readonly onStart?: (seed: number) => void;
	/** Called now and then on the real clock while the session runs. */
	readonly onStatus?: (status: SessionStatus) => void;
}

/** A virtual session begins here, so that ids and times do not depend on the day. */
const VIRTUAL_START_MS = Date.UTC(2026, 0, 1);
const PROGRESS_EVERY_MS = 500;
/** How often a session on the real clock looks whether it has run its ticks, and whether it is flat. */
const LOOK_EVERY_MS = 5;
/** An orderly stop that has not proved itself by then ends with what is left on the list. */
const STOP_WITHIN_MS = 20_000;

export async function runSession(options: SessionOptions): Promise<SessionReport> {
	const seed = options.seed ?? systemSeed();
	options.onStart?.(seed);
	return options.virtual ? runVirtual({ ...options, seed }) : runReal({ ...options, seed });
}

type Seeded = SessionOptions & { readonly seed: number };

async function runVirtual(options: Seeded): Promise<SessionReport> {
	const clock = new VirtualClock(VIRTUAL_START_MS);
	const trace = new TraceHash();
	const world = new World({ ...DEMO, clock, rng: seededRng(options.seed), recorder: trace, ...notes(options) });
	world.start();
	const { forMs = Number.POSITIVE_INFINITY, ticks = Number.POSITIVE_INFINITY } = options;
	const startMono = clock.monotonicMs();
	clock.runWhile(() => clock.monotonicMs() - startMono < forMs && world.engine.getStats().ticks < ticks);
	const durationMs = clock.monotonicMs() - startMono;
	world.runtime.control({ kind: 'shutGate', reason: 'the session ends' });
	const untilMs = clock.monotonicMs() + STOP_WITHIN_MS;
	clock.runWhile(() => !world.isFlat && clock.monotonicMs() < untilMs);
	await world.stop();
	return { ...reportOf(world, clock, options, durationMs), traceHash: trace.digest() };
}

async function runReal(options: Seeded): Promise<SessionReport> {
	const clock = systemClock();
	const world = new World({ ...DEMO, clock, rng: seededRng(options.seed), ...notes(options) });
	world.start();
	const startMono = clock.monotonicMs();
	const progress = every(clock, PROGRESS_EVERY_MS, () => options.onStatus?.(statusOf(world, clock.wallMs())));
	let isAsked = false;
	// Both roads end here; whoever is asked to stop must not leave the other one watching, or the process would never end.
	void options.stopAsked.then(() => {
		isAsked = true;
	});
	await until(
		clock,
		hasEnded(clock, world, options, () => isAsked),
	);
	const durationMs = clock.monotonicMs() - startMono;
	progress.cancel();
	world.runtime.control({ kind: 'shutGate', reason: 'the session ends' });
	const untilMs = clock.monotonicMs() + STOP_WITHIN_MS;
	await until(clock, () => world.isFlat || clock.monotonicMs() >= untilMs);
	await world.stop();
	return reportOf(world, clock, options, durationMs);
}

function hasEnded(clock: Clock, world: World, { forMs, ticks }: SessionOptions, isAsked: () => boolean): () => boolean {
	const untilMono = forMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() + forMs;
	const ticksMax = ticks ?? Number.POSITIVE_INFINITY;
	return () => isAsked() || clock.monotonicMs() >= untilMono || world.engine.getStats().ticks >= ticksMax;
}

function until(clock: Clock, condition: () => boolean): Promise<void> {
	return new Promise((resolve) => {
		const look = (): void => {
			if (condition()) resolve();
			else clock.after(LOOK_EVERY_MS, look);
		};
		look();
	});
}

function every(clock: Clock, everyMs: number, callback: () => void): { cancel(): void } {
	let timer = clock.after(everyMs, fire);
	function fire(): void {
		callback();
		timer = clock.after(everyMs, fire);
	}
	return { cancel: () => timer.cancel() };
}

function notes({ onNote }: SessionOptions): { onNote?: (note: EngineNote) => void } {
	return onNote === undefined ? {} : { onNote };
}

function reportOf(world: World, clock: Clock, options: Seeded, durationMs: number): SessionReport {
	const stats = world.engine.getStats();
	const { cancel, amend, place } = stats.coalesce_stats;
	return {
		seed: options.seed,
		virtual: options.virtual,
		durationMs: Math.round(durationMs),
		ticks: stats.ticks,
		tickMs: { p50: round(stats.p50_tick_ms), p95: round(stats.p95_tick_ms), p99: round(stats.p99_tick_ms) },
		overruns: stats.overruns,
		commands: { before: stats.total_commands, after: cancel.sent + amend.sent + place.sent },
		calls: stats.calls,
		fills: world.engine.fillCount,
		inventory: inventoryOf(world),
		pnl: profitOf(world, clock.wallMs()),
		openOrdersAtExit: world.openAtVenue().length,
	};
}

function round(ms: number): number {
	return Math.round(ms * 1000) / 1000;
}
