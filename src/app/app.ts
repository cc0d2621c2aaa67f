/**
 * The engine joined to its venues: who is wired to whom, in one place. Everything that touches the world is handed in,
 * so the same App trades live, against the exchange in a box, and in virtual time. It is opened (instruments are read),
 * started (streams come up, then the engine), and stopped (gate shut, everything cancelled, and every venue asked
 * whether anything is left).
 */
import type { EngineEvent } from '../domain/event.ts';
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
import { isOwnOrderId, type OrderIdMark, type RunTag } from '../domain/order-id.ts';
import { monoMs } from '../domain/units.ts';
import { Engine } from '../engine/engine.ts';
import type { EngineParts } from '../engine/engine-parts.ts';
import type { EngineNote, EventSink, Journal, Recorder } from '../engine/ports.ts';
import { Runtime } from '../engine/runtime.ts';
import type { EngineSettings, WarmUpSettings } from '../engine/settings.ts';
import type { Transport } from '../network/transport.ts';
import type { Clock } from '../ports/clock.ts';
import type { Meter } from '../ports/meter.ts';
import type { Rng } from '../ports/rng.ts';
import type { Tracer } from '../ports/tracer.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { StreamNote } from '../venues/wire/stream-note.ts';
import type { GuardNews, Venue, VenueParts, VenueSetup } from '../venues/wire/venue.ts';
import { executionsSinceMs } from './executions-since.ts';
import { openVenues, type TradedSymbol } from './open-venues.ts';
import { Portfolio } from './portfolio.ts';
import { findSymbol, shownName, symbolId } from './symbol-names.ts';

export interface AppOptions {
	readonly venues: readonly VenueSetup[];
	/** What may be traded; nothing else is. */
	readonly symbols: readonly TradedSymbol[];
	readonly quoting: readonly Quoting[];
	readonly engine: EngineSettings;
	readonly runTag: RunTag;
	readonly lastOrderId?: OrderIdMark;
	/** What the journal knows of earlier runs. */
	readonly recovered?: EngineParts['recovered'];
	readonly warmUp?: WarmUpSettings;
	/** How often what we have is kept in the journal; never unless said. */
	readonly portfolioEveryMs?: number;
}

export interface Quoting {
	readonly strategy: Strategy;
	/** As `App.indexOf` understands them. */
	readonly symbols: readonly string[];
}

export interface AppPorts {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly transport: Transport;
	readonly meter: Meter;
	readonly tracer?: Tracer;
	readonly journal: (sink: EventSink) => Journal;
	readonly recorder?: Recorder;
	readonly onNote?: (note: EngineNote) => void;
	readonly onStreamNote?: (note: StreamNote, venue: string) => void;
	/** What a person should know of the end, one sentence each. */
	readonly onSay?: (sentence: string) => void;
}

export type AppOpened =
	| { readonly kind: 'open'; readonly app: App }
	/** One plain sentence each. */
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

/** Streams that are not up by then do not come up. */
const READY_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 5;
/** An orderly stop that has not proved itself by then ends with what is left. */
const STOP_WITHIN_MS = 20_000;
const ABANDON_WITHIN_MS = 2_000;
/** A last comparison that takes longer is done without. */
const COMPARE_WITHIN_MS = 3_000;

export async function openApp(options: AppOptions, ports: AppPorts): Promise<AppOpened> {
	const ears = earsOf();
	const { venues: setups, symbols, recovered } = options;
	const { orders = [], watchedInstrumentIds = [], grids = [] } = recovered?.state ?? {};
	const held = watchedInstrumentIds.map((instrumentId) => ({ orderId: 'what a decision opened', instrumentId, mayBeGone: true }));
	const wanted = { setups, symbols, left: [...orders, ...held], grids };
	const opened = await openVenues(wanted, ports.clock, ({ name }) => venueParts(name, { options, ports, ears }));
	if (opened.kind === 'refused') return opened;
	const { venues, instruments, former } = opened;
	try {
		const app = new App({ options, ports, venues, instruments, former });
		ears.open(app);
		return { kind: 'open', app };
	} catch (error) {
		for (const venue of venues) await venue[Symbol.asyncDispose]();
		throw error;
	}
}

/** What venues tell before there is an engine waits for it. */
interface Ears {
	readonly hear: EventSink;
	/** Once it is. */
	readonly app: App | undefined;
	open(app: App): void;
}

/** Apart from the opening, whose options bear all that was recovered: the venues hold on to these for as long as they live. */
function earsOf(): Ears {
	const early: EngineEvent[] = [];
	let opened: App | undefined;
	return {
		hear: (event) => {
			if (opened === undefined) early.push(event);
			else opened.hear(event);
		},
		get app() {
			return opened;
		},
		open: (app) => {
			opened = app;
			for (const event of early.splice(0)) app.hear(event);
		},
	};
}

interface Opening {
	readonly options: AppOptions;
	readonly ports: AppPorts;
	readonly ears: Ears;
}

function venueParts(name: string, { options: { recovered }, ports, ears }: Opening): VenueParts {
	const { clock, transport, meter, onStreamNote } = ports;
	return {
		transport,
		clock,
		rng: ports.rng.fork(name),
		meter,
		sink: ears.hear,
		bookOf: (instrument) => ears.app?.engine.market(instrument)?.book,
		mayPlace: () => ears.app?.engine.levels.level !== 'kill',
		guardChanged: (news) => ears.app?.heedGuard(name, news),
		...(onStreamNote === undefined ? {} : { watch: (note) => onStreamNote(note, name) }),
		executionsSinceMs: recovered === undefined ? undefined : executionsSinceMs(recovered.state, clock.wallMs()),
	};
}

interface AppParts {
	readonly options: AppOptions;
	readonly ports: AppPorts;
	readonly venues: readonly Venue[];
	readonly instruments: readonly Instrument[];
	/** As they were in other grids. */
	readonly former: readonly Instrument[];
}

export class App implements AsyncDisposable {
	readonly engine: Engine;
	readonly runtime: Runtime;
	readonly portfolio: Portfolio;
	readonly instruments: readonly Instrument[];
	readonly venues: readonly Venue[];
	readonly #ports: AppPorts;
	readonly #journal: Journal;
	readonly #portfolioEveryMs: number | undefined;
	readonly #former: readonly Instrument[];
	/** Orders of these are ours. */
	readonly #runTags: ReadonlySet<RunTag>;
	readonly #quoted: ReadonlySet<string>;
	/** Those whose last comparison is waited for. */
	readonly #comparing = new Set<string>();
	/** Those who wait until nothing is on its way. */
	readonly #waiting = new Set<() => void>();
	/** Venues that would not cancel for us, though they should, each with why. */
	readonly #unguarded = new Map<string, string>();
	isEnded = false;

	constructor({ options, ports, venues, instruments, former }: AppParts) {
		const { clock, meter } = ports;
		this.venues = venues;
		this.instruments = instruments;
		this.#former = former;
		this.#ports = ports;
		this.#runTags = new Set([...(options.recovered?.state.runTags ?? []), options.runTag]);
		this.#quoted = new Set(
			options.symbols.map(({ venue = venues[0]?.name ?? '', category, symbol }) => symbolId(venue, category, symbol)),
		);
		this.engine = new Engine({
			settings: options.engine,
			venues: venues.map(({ capabilities }) => capabilities),
			instruments,
			quoting: options.quoting.map(({ strategy, symbols }) => ({
				strategy,
				instruments: symbols.map((symbol) => this.indexOf(symbol)),
			})),
			runTag: options.runTag,
			lastOrderId: options.lastOrderId,
			recovered: options.recovered,
			startedAtMono: monoMs(clock.monotonicMs()),
			...(options.warmUp === undefined ? {} : { warmUp: options.warmUp }),
			meter,
			...(ports.tracer === undefined ? {} : { tracer: ports.tracer }),
		});
		this.portfolio = new Portfolio({ clock, engine: this.engine, instruments });
		this.#portfolioEveryMs = options.portfolioEveryMs;
		this.#journal = ports.journal((event) => this.hear(event));
		this.runtime = new Runtime(this.engine, {
			clock,
			gateways: venues.map(({ gateway }) => gateway),
			journal: this.#journal,
			meter,
			...(ports.recorder === undefined ? {} : { recorder: ports.recorder }),
			...(ports.onNote === undefined ? {} : { onNote: ports.onNote }),
		});
	}

	/** Of this run and those before it, this one last. */
	get runTags(): readonly RunTag[] {
		return [...this.#runTags];
	}

	hear(event: EngineEvent): void {
		this.runtime.push(event);
		this.portfolio.hear(event);
		if (event.kind === 'census') this.#comparing.delete(event.venue);
		if (this.#waiting.size > 0 && this.engine.isQuiescent) this.#release();
	}

	/** What the venue would not cancel for us is not quoted. Only contracts are watched over in this way. */
	heedGuard(venue: string, { isArmed, detail }: GuardNews): void {
		if (this.isEnded || this.#unguarded.has(venue) !== isArmed) return;
		if (isArmed) this.#unguarded.delete(venue);
		else this.#unguarded.set(venue, detail);
		const reason = unguardedText(venue, detail);
		for (const instrument of this.instruments) {
			if (instrument.venue !== venue || instrument.category === 'spot') continue;
			const scope = { kind: 'instrument', instrument: instrument.index } as const;
			this.runtime.control(
				isArmed ? { kind: 'resume', scope, cause: 'guard' } : { kind: 'pause', scope, reason, cause: 'guard' },
			);
		}
	}

	/** Resolves with the last answer to what is on its way, or when that takes longer than this. */
	async answered(withinMs: number): Promise<void> {
		if (this.engine.isQuiescent) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#waiting.add(resolve);
		// Calls that are dropped unsent have no answer: their end is seen by looking.
		void this.#until(() => this.engine.isQuiescent || this.isEnded || !this.#waiting.has(resolve), withinMs).then(() =>
			resolve(),
		);
		await promise;
		this.#waiting.delete(resolve);
	}

	#release(): void {
		for (const resolve of this.#waiting) resolve();
		this.#waiting.clear();
	}

	/** By its name, with as much of its id in front as tells it from others. */
	indexOf(name: string): InstrumentIndex {
		const meant = findSymbol(name, this.instruments);
		if (meant.kind === 'found') return meant.found.index;
		if (meant.kind === 'several') throw new RangeError(`${name} is several symbols of this app: say ${meant.ids.join(' or ')}`);
		throw new RangeError(`${name} is not among the symbols of this app: ${this.symbols.join(', ')}`);
	}

	/** The shortest name of each instrument that means nothing else. */
	get symbols(): readonly string[] {
		return this.instruments.map((instrument) => shownName(instrument, this.instruments));
	}

	/** All streams of all venues are up. */
	get isReady(): boolean {
		return this.venues.every(({ isReady }) => isReady);
	}

	/** Streams first, then the engine. Sentences where they do not come up. */
	async start(): Promise<readonly string[]> {
		for (const venue of this.venues) venue.subscribe(at(venue, this.instruments), at(venue, this.#former));
		if (!(await this.#until(() => this.isReady && this.#areBooksSound, READY_WITHIN_MS))) return [this.#whyNotReady()];
		this.runtime.start();
		if (this.#portfolioEveryMs !== undefined) {
			this.portfolio.keepEvery(this.#portfolioEveryMs, (record) => this.#journal.keep([record]));
		}
		return [];
	}

	/**
	 * Shuts the gate, waits until nothing of ours is left, compares a last time, and answers with the orders that the
	 * venue still has, and those that could not be proven gone (STOP1 to STOP5).
	 */
	async stop(reason: string): Promise<readonly string[]> {
		const deadlineMono = this.#ports.clock.monotonicMs() + STOP_WITHIN_MS;
		this.runtime.control({ kind: 'shutGate', reason, lasts: 'thisRun' });
		await this.#until(() => this.isFlat, STOP_WITHIN_MS);
		await this.#compare();
		await this.#until(() => this.isFlat, Math.max(0, deadlineMono - this.#ports.clock.monotonicMs()));
		// A list may lack what is on its way: what was never proven gone counts as well.
		const left = [...new Set([...(await this.openAtVenue()), ...this.engine.openOrders().map(({ orderId }) => orderId)])];
		if (left.length === 0) await this.#standDown();
		await this[Symbol.asyncDispose]();
		return left;
	}

	async #standDown(): Promise<void> {
		for (const venue of this.venues) {
			const sentence = await venue.standDown?.();
			if (sentence !== undefined) this.#ports.onSay?.(sentence);
		}
	}

	/** The end when something is broken inside: cancels for as long as it may take, and proves nothing (F73). */
	async abandon(reason: string): Promise<void> {
		this.runtime.control({ kind: 'shutGate', reason, lasts: 'thisRun' });
		await this.#until(() => this.isFlat, ABANDON_WITHIN_MS);
		await this[Symbol.asyncDispose]();
	}

	/** With whatever the venues tell that went by unheard: the last fills belong into the books. */
	async #compare(): Promise<void> {
		const ready = this.venues.filter(({ isReady }) => isReady);
		for (const { name } of ready) this.#comparing.add(name);
		for (const { gateway } of ready) gateway.takeCensus();
		await this.#until(() => this.#comparing.size === 0, COMPARE_WITHIN_MS);
		this.#comparing.clear();
	}

	/** Nothing of ours is at any venue or on its way, as far as we know. */
	get isFlat(): boolean {
		return this.engine.orders.openCount === 0 && this.engine.isQuiescent;
	}

	/** Our open orders, as the venues themselves list them; what cannot be read counts as one that may be there. */
	async openAtVenue(): Promise<readonly string[]> {
		const lists = await Promise.all(this.venues.map((venue) => venue.openOrderIds(at(venue, this.instruments))));
		return lists.flatMap(({ ids, unread }) => [
			...unread.map((sentence) => `? (${sentence})`),
			...ids.filter((id) => isOwnOrderId(id, this.#runTags)),
		]);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.isEnded) return;
		this.isEnded = true;
		this.portfolio[Symbol.dispose]();
		this.runtime.stop();
		await Promise.all(this.venues.map((venue) => venue[Symbol.asyncDispose]()));
	}

	/** False where it did not come about in time. */
	#until(condition: () => boolean, withinMs: number): Promise<boolean> {
		const { clock } = this.#ports;
		const deadlineMono = clock.monotonicMs() + withinMs;
		return new Promise((resolve) => {
			const look = (): void => {
				if (condition()) resolve(true);
				else if (clock.monotonicMs() >= deadlineMono) resolve(false);
				else clock.after(LOOK_EVERY_MS, look);
			};
			look();
		});
	}

	get #areBooksSound(): boolean {
		return this.#bookless.length === 0;
	}

	/** Of what is only followed because something was left there, nobody needs a book. */
	get #bookless(): readonly Instrument[] {
		return this.instruments.filter(({ index, id }) => this.#quoted.has(id) && this.engine.market(index)?.isBookSound !== true);
	}

	#whyNotReady(): string {
		const within = `within ${READY_WITHIN_MS / 1_000} s`;
		const [unguarded] = this.#unguarded;
		if (unguarded !== undefined) return unguardedText(...unguarded);
		const down = this.venues.filter(({ isReady }) => !isReady).map(({ name }) => name);
		const whose = this.venues.length === 1 ? 'the venue' : down.join(' and ');
		if (down.length > 0) return `the streams of ${whose} did not come up ${within}`;
		const names = this.#bookless.map((instrument) => shownName(instrument, this.instruments));
		return `no whole two-sided book came ${within} for ${names.join(', ')}`;
	}
}

function unguardedText(venue: string, detail: string): string {
	return `${venue} would not cancel our orders if we fell silent: ${detail}`;
}

function at({ name }: Venue, instruments: readonly Instrument[]): readonly Instrument[] {
	return instruments.filter(({ venue }) => venue === name);
}
