/**
 * The engine joined to a venue: who is wired to whom, in one place. Everything that touches the world is handed in, so
 * the same App trades live, against the exchange in a box, and in virtual time. It is opened (instruments are read),
 * started (streams come up, then the engine), and stopped (gate shut, everything cancelled, and the venue asked whether
 * anything is left).
 */
import type { EngineEvent } from '../domain/event.ts';
import { type Category, type Instrument, type InstrumentIndex, instrumentIndex, makeInstrument } from '../domain/instrument.ts';
import { isOwnOrderId, type OrderIdMark, type RunTag } from '../domain/order-id.ts';
import { monoMs, timeMs } from '../domain/units.ts';
import { Engine } from '../engine/engine.ts';
import type { EngineParts } from '../engine/engine-parts.ts';
import type { EngineNote, EventSink, Journal, Recorder } from '../engine/ports.ts';
import type { LeftOrder } from '../engine/recovery.ts';
import { Runtime } from '../engine/runtime.ts';
import type { EngineSettings, WarmUpSettings } from '../engine/settings.ts';
import type { Transport } from '../network/transport.ts';
import type { Clock } from '../ports/clock.ts';
import type { Meter } from '../ports/meter.ts';
import type { Rng } from '../ports/rng.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { WantedSymbol } from '../venues/bybit/instruments.ts';
import type { StreamWatch } from '../venues/bybit/stream-note.ts';
import { BYBIT, Bybit, type BybitOptions } from '../venues/bybit/venue.ts';
import { executionsSinceMs } from './executions-since.ts';

export interface AppOptions {
	readonly venue: BybitOptions;
	/** What may be traded; nothing else is. */
	readonly symbols: readonly WantedSymbol[];
	readonly quoting: readonly Quoting[];
	readonly engine: EngineSettings;
	readonly runTag: RunTag;
	readonly lastOrderId?: OrderIdMark;
	/** What the journal knows of earlier runs. */
	readonly recovered?: EngineParts['recovered'];
	readonly warmUp?: WarmUpSettings;
}

export interface Quoting {
	readonly strategy: Strategy;
	readonly symbols: readonly string[];
}

export interface AppPorts {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly transport: Transport;
	readonly meter: Meter;
	readonly journal: (sink: EventSink) => Journal;
	readonly recorder?: Recorder;
	readonly onNote?: (note: EngineNote) => void;
	readonly onStreamNote?: StreamWatch;
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
	const { clock } = ports;
	const left = options.recovered?.state.orders ?? [];
	const troubles = [...whyNotSymbols(options.symbols), ...whyNotLeft(left)];
	if (troubles.length > 0) return { kind: 'refused', sentences: troubles };
	const early: EngineEvent[] = [];
	const made: { app?: App } = {};
	const sinceMs = options.recovered === undefined ? undefined : executionsSinceMs(options.recovered.state, clock.wallMs());
	const bybit = new Bybit(
		{ ...options.venue, executionsSinceMs: sinceMs },
		{
			transport: ports.transport,
			clock,
			rng: ports.rng.fork('bybit'),
			meter: ports.meter,
			sink: (event) => {
				if (made.app === undefined) early.push(event);
				else made.app.hear(event);
			},
			bookOf: (instrument) => made.app?.engine.market(instrument)?.book,
			mayPlace: () => made.app?.engine.levels.level !== 'kill',
			...(ports.onStreamNote === undefined ? {} : { watch: ports.onStreamNote }),
		},
	);
	const loaded = await bybit.load(options.symbols, symbolsOf(left, options.symbols));
	const instruments = loaded.kind === 'refused' ? loaded.sentences : instrumentsOf(loaded.specs, clock);
	if (!areInstruments(instruments)) {
		await bybit[Symbol.asyncDispose]();
		return { kind: 'refused', sentences: instruments };
	}
	try {
		const app = new App({ options, ports, bybit, instruments });
		made.app = app;
		for (const event of early) app.hear(event);
		return { kind: 'open', app };
	} catch (error) {
		await bybit[Symbol.asyncDispose]();
		throw error;
	}
}

/** What no venue need be asked about. */
function whyNotSymbols(symbols: readonly WantedSymbol[]): readonly string[] {
	if (symbols.length === 0) return ['no symbol is named: name at least one, such as BTCUSDT'];
	const names = symbols.map(({ symbol }) => symbol);
	const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
	const inverse = symbols.filter(({ category }) => category === 'inverse');
	return [
		...[...twice].map((name) => `${name} is named twice among the symbols: name it once`),
		...inverse.map(({ symbol }) => `${symbol} is to be traded as an inverse contract, and only spot and linear can be`),
	];
}

/** An order that nobody can look up any more must not be forgotten over it. */
function whyNotLeft(left: readonly LeftOrder[]): readonly string[] {
	const others = left.filter(({ instrumentId }) => !instrumentId.startsWith(`${BYBIT}:`));
	return others.map(({ orderId, instrumentId }) => `${orderId} may be open as ${instrumentId}, which is not traded here`);
}

/** What earlier runs have left is followed until it is gone, whether it is quoted now or not. */
function symbolsOf(left: readonly LeftOrder[], wanted: readonly WantedSymbol[]): readonly WantedSymbol[] {
	const ids = new Set(wanted.map(({ category, symbol }) => `${BYBIT}:${category}:${symbol}`));
	const others = left.filter(({ instrumentId }) => !ids.has(instrumentId)).map(({ instrumentId }) => instrumentId);
	return [...new Set(others)].map((id) => {
		const [, category, symbol = ''] = id.split(':');
		return { category: category as Category, symbol };
	});
}

type Specs = Extract<Awaited<ReturnType<Bybit['load']>>, { kind: 'loaded' }>['specs'];

function instrumentsOf(specs: Specs, clock: Clock): readonly Instrument[] | readonly string[] {
	const made = specs.map((spec, index) => ({
		spec,
		made: makeInstrument(spec, { index: instrumentIndex(index), version: 1, refreshedAtMs: timeMs(clock.wallMs()) }),
	}));
	const sentences = made.flatMap(({ spec, made: one }) =>
		one.kind === 'made' ? [] : [`${spec.symbol} cannot be traded: its ${one.field} is ${one.found}, expected ${one.expected}`],
	);
	return sentences.length > 0 ? sentences : made.flatMap(({ made: one }) => (one.kind === 'made' ? [one.instrument] : []));
}

function areInstruments(given: readonly Instrument[] | readonly string[]): given is readonly Instrument[] {
	return given.every((each) => typeof each !== 'string');
}

interface AppParts {
	readonly options: AppOptions;
	readonly ports: AppPorts;
	readonly bybit: Bybit;
	readonly instruments: readonly Instrument[];
}

export class App implements AsyncDisposable {
	readonly engine: Engine;
	readonly runtime: Runtime;
	readonly instruments: readonly Instrument[];
	readonly bybit: Bybit;
	readonly #ports: AppPorts;
	/** Orders of these are ours. */
	readonly #runTags: ReadonlySet<RunTag>;
	readonly #quoted: ReadonlySet<string>;
	#heardCensus: (() => void) | undefined;
	/** Those who wait until nothing is on its way. */
	readonly #waiting = new Set<() => void>();
	isEnded = false;

	constructor({ options, ports, bybit, instruments }: AppParts) {
		const { clock, meter } = ports;
		this.bybit = bybit;
		this.instruments = instruments;
		this.#ports = ports;
		this.#runTags = new Set([...(options.recovered?.state.runTags ?? []), options.runTag]);
		this.#quoted = new Set(options.symbols.map(({ symbol }) => symbol));
		this.engine = new Engine({
			settings: options.engine,
			venues: [bybit.capabilities],
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
		});
		this.runtime = new Runtime(this.engine, {
			clock,
			gateways: [bybit.gateway],
			journal: ports.journal((event) => this.hear(event)),
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
		if (event.kind === 'census') this.#heardCensus?.();
		if (this.#waiting.size > 0 && this.engine.isQuiescent) this.#release();
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

	indexOf(symbol: string): InstrumentIndex {
		const found = this.instruments.find((each) => each.symbol === symbol);
		if (found !== undefined) return found.index;
		throw new RangeError(
			`${symbol} is not among the symbols of this app: ${this.instruments.map((each) => each.symbol).join(', ')}`,
		);
	}

	/** Streams first, then the engine. Sentences where they do not come up. */
	async start(): Promise<readonly string[]> {
		this.bybit.subscribe(this.instruments);
		if (!(await this.#until(() => this.bybit.isReady && this.#areBooksSound, READY_WITHIN_MS))) return [this.#whyNotReady()];
		this.runtime.start();
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
		await this[Symbol.asyncDispose]();
		return left;
	}

	/** The end when something is broken inside: cancels for as long as it may take, and proves nothing (F73). */
	async abandon(reason: string): Promise<void> {
		this.runtime.control({ kind: 'shutGate', reason, lasts: 'thisRun' });
		await this.#until(() => this.isFlat, ABANDON_WITHIN_MS);
		await this[Symbol.asyncDispose]();
	}

	/** With whatever the venue tells that went by unheard: the last fills belong into the books. */
	async #compare(): Promise<void> {
		if (!this.bybit.isReady) return;
		let isHeard = false;
		this.#heardCensus = () => {
			isHeard = true;
		};
		this.bybit.gateway.takeCensus();
		await this.#until(() => isHeard, COMPARE_WITHIN_MS);
		this.#heardCensus = undefined;
	}

	/** Nothing of ours is at the venue or on its way, as far as we know. */
	get isFlat(): boolean {
		return this.engine.orders.openCount === 0 && this.engine.isQuiescent;
	}

	/** Our open orders, as the venue itself lists them; what cannot be read counts as one that may be there. */
	async openAtVenue(): Promise<readonly string[]> {
		const left: string[] = [];
		for (const selection of selectionsOf(this.instruments)) {
			const read = await this.bybit.reads.openOrderRows(selection);
			if (read.kind === 'failed') left.push(`? (${read.sentence})`);
			else left.push(...read.value.map(clientIdOf).filter((id) => isOwnOrderId(id, this.#runTags)));
		}
		return left;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.isEnded) return;
		this.isEnded = true;
		this.runtime.stop();
		await this.bybit[Symbol.asyncDispose]();
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
		return this.instruments.filter(
			({ index, symbol }) => this.#quoted.has(symbol) && this.engine.market(index)?.isBookSound !== true,
		);
	}

	#whyNotReady(): string {
		if (!this.bybit.isReady) return `the streams of the venue did not come up within ${READY_WITHIN_MS / 1_000} s`;
		return `no whole two-sided book came within ${READY_WITHIN_MS / 1_000} s for ${this.#bookless.map(({ symbol }) => symbol).join(', ')}`;
	}
}

function clientIdOf(row: unknown): string {
	const id = typeof row === 'object' && row !== null && 'orderLinkId' in row ? row.orderLinkId : '';
	return typeof id === 'string' ? id : '';
}

/** One read for each coin that contracts settle in, one for spot. */
function selectionsOf(instruments: readonly Instrument[]): readonly { category: Category; settleCoin?: string }[] {
	const seen = new Map<string, { category: Category; settleCoin?: string }>();
	for (const { category, settleCurrency: settleCoin } of instruments) {
		const isSpot = category === 'spot';
		seen.set(isSpot ? category : `${category} ${settleCoin}`, isSpot ? { category } : { category, settleCoin });
	}
	return [...seen.values()];
}
