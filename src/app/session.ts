/**
 * One session from start to a proven end: run for a time, for a number of ticks or until told to stop; then shut the
 * gate, cancel everything, and ask the exchange whether anything of ours is left. On the real clock against an exchange
 * that listens somewhere, or in virtual time with one of its own; the protocol in between is the same.
 */
import type { EngineNote } from '../engine/ports.ts';
import { systemSeed } from '../network/system-seed.ts';
import type { Clock } from '../ports/clock.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { TraceHash } from '../simulation/trace-hash.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { Closing } from './closing.ts';
import type { Config } from './config/config.ts';
import type { DataPlace } from './data-folder.ts';
import { decisionLine } from './decision-line.ts';
import { DEMO } from './demo.ts';
import type { Variables } from './keys.ts';
import { type FollowedSettings, followSettings } from './reload.ts';
import { inventoryOf, profitOf, type SessionReport, type SessionStatus, statusOf, type Traded } from './report.ts';
import { gatherReport, type RunReport } from './run-report.ts';
import { type KeystoreOfSession, openTrading, type Trading } from './trading.ts';
import type { VenueAccess } from './venue-access.ts';
import { WiredWorld } from './wired-world.ts';

export interface SessionOptions {
	/** Drawn anew unless given. */
	readonly seed?: number;
	/** Time runs as fast as the processor allows, and the run is a function of its seed. */
	readonly virtual: boolean;
	readonly forMs?: number;
	readonly ticks?: number;
	readonly config: Config;
	/** Instead of quoting, what is held in these symbols is closed, and that is its end; in all where none is named. */
	readonly closes?: readonly string[];
	/** The file that the settings come from, on the real clock. */
	readonly followed?: FollowedSettings;
	/** Where to trade and under which key, once it is known which seed the session has. */
	readonly exchange: (seed: number) => Promise<ExchangeFound>;
	readonly onNote?: (note: EngineNote) => void;
	/** Of the environment: where the secrets of InfluxDB and Redis are. */
	readonly variables?: Variables;
	/** What workflows decided, on one line each; what came to nothing is not told. */
	readonly onDecision?: (line: string) => void;
	/** Where the journal is; in virtual time there is none on any disk. */
	readonly data: DataPlace;
	/** What goes wrong on the way to the venue and with the disk, in sentences. */
	readonly onTrouble?: (sentence: string) => void;
	/** Resolves when something is broken inside, which nobody can go on from (F73). */
	readonly broken?: Promise<void>;
	/** Resolves when somebody wants the session to end. */
	readonly stopAsked: Promise<void>;
	readonly onStart?: (started: SessionStarted) => void;
	/** What stands beside the running engine for those who look at it and steer it; ends after it has stopped. */
	readonly faces?: Faces;
	/** Told at the end, as it was when the session was about to stop. */
	readonly onLast?: (report: RunReport) => void;
	/** Called now and then on the real clock while the session runs. */
	readonly onStatus?: (status: SessionStatus) => void;
}

/** Nobody waits for them to open. Must not reject. */
export type Faces = (trading: Pick<Trading, 'console' | 'clock'>) => Promise<AsyncDisposable | undefined>;

export type ExchangeFound =
	/** All venues of the configuration, with their keys. */
	| { readonly kind: 'found'; readonly venues: readonly VenueAccess[]; readonly keystore?: KeystoreOfSession }
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

export interface SessionStarted {
	readonly seed: number;
	readonly symbols: readonly string[];
	/** A latch of before holds: it only cancels. */
	readonly isShut: boolean;
	readonly metricsUrl: string | undefined;
	/** What a person should know of the venue, one sentence each. */
	readonly warnings: readonly string[];
}

export type SessionEnded =
	| { readonly kind: 'ended'; readonly report: SessionReport; readonly left: readonly string[] }
	/** Something was broken inside: what could be cancelled in a moment was. */
	| { readonly kind: 'broken' }
	/** It never began; one plain sentence each. */
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

/** A virtual session begins here, so that ids and times do not depend on the day. */
const VIRTUAL_START_MS = Date.UTC(2026, 0, 1);
const PROGRESS_EVERY_MS = 500;
/** How often a session on the real clock looks whether it has run its ticks. */
const LOOK_EVERY_MS = 5;

type Seeded = SessionOptions & { readonly seed: number };

export async function runSession(options: SessionOptions): Promise<SessionEnded> {
	const seeded = { ...options, seed: options.seed ?? systemSeed() };
	return options.virtual ? await runVirtual(seeded) : await runReal(seeded);
}

async function runVirtual(options: Seeded): Promise<SessionEnded> {
	const clock = new VirtualClock(VIRTUAL_START_MS);
	const trace = new TraceHash();
	const symbols = DEMO.listings.map(({ symbol }) => ({ category: 'linear' as const, symbol }));
	const world = await WiredWorld.open({
		clock,
		rng: seededRng(options.seed),
		market: 'synthetic',
		symbols,
		quoting: [{ strategy: DEMO.strategy, symbols: symbols.map(({ symbol }) => symbol) }],
		engine: DEMO.settings,
		link: { requestMs: DEMO.delays.requestMs, replyMs: DEMO.delays.responseMs },
		orderEntry: 'ws',
		limitFactor: DEMO.limitFactor,
		journalMs: DEMO.journalMs,
		balances: { USDT: DEMO.capital },
		fees: DEMO.fees,
		recorder: trace,
		...(options.onNote === undefined ? {} : { onNote: options.onNote }),
	});
	const { forMs = Number.POSITIVE_INFINITY, ticks = Number.POSITIVE_INFINITY } = options;
	const startMono = clock.monotonicMs();
	await world.runWhile(() => clock.monotonicMs() - startMono < forMs && world.app.engine.getStats().ticks < ticks);
	const durationMs = clock.monotonicMs() - startMono;
	const wallMs = clock.wallMs();
	await world.stop();
	const left = world.openAtVenue().map(({ clientOrderId }) => clientOrderId);
	const report = reportOf(world.app, { wallMs, durationMs, left, options });
	return { kind: 'ended', report: { ...report, traceHash: trace.digest() }, left };
}

async function runReal(options: Seeded): Promise<SessionEnded> {
	// Somebody may think better of it before it has begun.
	const stop = { isAsked: false, isBroken: false };
	void options.stopAsked.then(() => {
		stop.isAsked = true;
	});
	void options.broken?.then(() => {
		stop.isAsked = true;
		stop.isBroken = true;
	});
	const exchange = await options.exchange(options.seed);
	if (exchange.kind === 'refused') return exchange;
	const opened = await openTrading({
		config: options.config,
		venues: exchange.venues,
		...(exchange.keystore === undefined ? {} : { keystore: exchange.keystore }),
		data: options.data,
		followed: options.followed,
		...(options.variables === undefined ? {} : { variables: options.variables }),
		onNote: (note) => options.onNote?.(note),
		onTrouble: (sentence) => options.onTrouble?.(sentence),
		onRan: (workflow, results) => {
			for (const result of results) {
				const line = decisionLine(workflow, result);
				if (line !== undefined) options.onDecision?.(line);
			}
		},
	});
	if (opened.kind === 'refused') return opened;
	await using trading = opened.trading;
	const { app, desk, clock, metricsUrl, warnings } = trading;
	const closing = options.closes === undefined ? undefined : new Closing(app, options.closes);
	closing?.hold();
	const troubles = stop.isAsked ? [] : await app.start();
	if (troubles.length > 0) {
		await trading.stop('the session did not begin');
		return { kind: 'refused', sentences: troubles };
	}
	if (!stop.isAsked) {
		if (closing === undefined) desk.start();
		const isShut = app.engine.levels.level === 'kill';
		options.onStart?.({ seed: options.seed, symbols: app.symbols, isShut, metricsUrl, warnings });
	}
	const faces = stop.isAsked ? undefined : options.faces?.(trading);
	await using beside = new AsyncDisposableStack();
	beside.defer(async () => await (await faces)?.[Symbol.asyncDispose]());
	using following =
		options.followed === undefined
			? undefined
			: followSettings({ runtime: app.runtime, clock, settings: trading.live }, options.followed);
	const startMono = clock.monotonicMs();
	const progress = every(clock, PROGRESS_EVERY_MS, () => options.onStatus?.(statusOf(app, clock.wallMs())));
	await ended(clock, app, { ...options, stop, closing });
	const durationMs = clock.monotonicMs() - startMono;
	progress.cancel();
	following?.[Symbol.dispose]();
	if (stop.isBroken) {
		await trading.abandon('something is broken inside');
		return { kind: 'broken' };
	}
	// Begun before: it tells of the engine at work, and holds nothing up.
	const last = options.onLast === undefined ? undefined : gatherLast(trading.console);
	const left = await trading.stop('the session ends');
	const told = await last;
	if (told !== undefined) options.onLast?.(told);
	return { kind: 'ended', report: reportOf(app, { wallMs: clock.wallMs(), durationMs, left, options }), left };
}

/** A report that cannot be made is none. */
async function gatherLast(console: Trading['console']): Promise<RunReport | undefined> {
	try {
		return await gatherReport({
			...{ overview: console.read('overview', {}), symbols: console.read('symbols', {}) },
			...{ latency: console.read('latency', {}), markouts: console.read('markouts', {}) },
			history: console.read('history', { sinceMs: 0, depth: false }),
		});
	} catch {
		return undefined;
	}
}

/** Resolves when the session has run long enough, or somebody wants it to end. */
async function ended(
	clock: Clock,
	{ engine }: Traded,
	{
		forMs,
		ticks,
		stop,
		closing,
	}: Seeded & { readonly stop: { readonly isAsked: boolean }; readonly closing: Closing | undefined },
): Promise<void> {
	const untilMono = forMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() + forMs;
	const ticksMax = ticks ?? Number.POSITIVE_INFINITY;
	await new Promise<void>((resolve) => {
		const look = (): void => {
			const isOver = stop.isAsked || closing?.isOver() === true;
			if (isOver || clock.monotonicMs() >= untilMono || engine.getStats().ticks >= ticksMax) resolve();
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

function reportOf(
	traded: Traded,
	at: { readonly wallMs: number; readonly durationMs: number; readonly left: readonly string[]; readonly options: Seeded },
): SessionReport {
	const stats = traded.engine.getStats();
	const { cancel, amend, place } = stats.coalesce_stats;
	return {
		seed: at.options.seed,
		virtual: at.options.virtual,
		durationMs: Math.round(at.durationMs),
		ticks: stats.ticks,
		tickMs: { p50: round(stats.p50_tick_ms), p95: round(stats.p95_tick_ms), p99: round(stats.p99_tick_ms) },
		overruns: stats.overruns,
		commands: { before: stats.total_commands, after: cancel.sent + amend.sent + place.sent },
		calls: stats.calls,
		fills: traded.engine.fillCount,
		inventory: inventoryOf(traded),
		pnl: profitOf(traded, at.wallMs),
		openOrdersAtExit: at.left.length,
	};
}

function round(ms: number): number {
	return Math.round(ms * 1000) / 1000;
}
